#include "viewer/csv.h"

/* Reads a cell at *text and moves on to the comma or line end after it. */
static char *take_cell(const char **text)
{
	GString *cell = g_string_new(NULL);
	const char *at = *text;
	char *valid;

	if (*at == '"') {
		for (at++; *at && (*at != '"' || at[1] == '"'); at++) {
			if (*at == '"')
				at++;
			g_string_append_c(cell, *at);
		}
		if (*at == '"')
			at++;
	}
	for (; *at && *at != ',' && *at != '\n' && *at != '\r'; at++)
		g_string_append_c(cell, *at);
	*text = at;
	valid = g_utf8_make_valid(cell->str, (gssize)cell->len);
	g_string_free(cell, TRUE);
	return valid;
}

GPtrArray *trv_csv_parse(const char *text, guint max_lines, gboolean *ret_more)
{
	GPtrArray *lines = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);

	while (*text && lines->len < max_lines) {
		GPtrArray *cells = g_ptr_array_new_with_free_func(g_free);

		for (;;) {
			g_ptr_array_add(cells, take_cell(&text));
			if (*text != ',')
				break;
			text++;
		}
		if (*text == '\r')
			text++;
		if (*text == '\n')
			text++;
		g_ptr_array_add(lines, cells);
	}
	*ret_more = *text != '\0';
	return lines;
}
