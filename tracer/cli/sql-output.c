/*
 * A table's columns are as wide as the widest of its first rows; those are kept until there are
 * enough of them, later ones are printed at once.
 */
#include "tracer/cli/sql-output.h"

#include "tracer/cli/json.h"
#include "tracer/model/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_ROWS = 500, MAX_WIDTH = 60 };

struct trc_sql_output {
	enum trc_sql_form form;
	bool begun;     /* a statement was */
	uint64_t rows;  /* of the present statement */
	unsigned count; /* columns */
	char **names;
	unsigned *widths;
	bool *numbers; /* columns that had nothing else are set to the right */
	char **kept;   /* texts of the rows kept back, row by row */
	size_t kept_count, kept_room;
};

struct trc_sql_output *trc_sql_output_new(enum trc_sql_form form)
{
	struct trc_sql_output *output = trc_zalloc(1, sizeof *output);

	output->form = form;
	return output;
}

/* --- table --------------------------------------------------------------------------------------
 */

/* One line that a terminal shows as it is: control characters become dots, blobs hexadecimal. */
static char *shown(const struct trc_sql_value *value)
{
	struct trc_text text = {0};

	trc_text_add(&text, "%s", "");
	for (size_t i = 0; i < value->size; i++) {
		unsigned char byte = (unsigned char)value->text[i];

		if (value->type == TRC_SQL_BLOB)
			trc_text_add(&text, "%02x", byte);
		else
			trc_text_add(&text, "%c", byte < ' ' || byte == 0x7f ? '.' : byte);
	}
	return text.data;
}

static unsigned width_of(const char *text)
{
	unsigned width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void print_cell(const char *text, unsigned width, bool right, bool last)
{
	unsigned own = width_of(text);

	if (right)
		for (unsigned i = own; i < width; i++)
			putchar(' ');
	fputs(text, stdout);
	if (!right && !last)
		for (unsigned i = own; i < width; i++)
			putchar(' ');
	fputs(last ? "\n" : "  ", stdout);
}

static void print_row(const struct trc_sql_output *output, char **texts)
{
	for (unsigned i = 0; i < output->count; i++)
		print_cell(texts[i], output->widths[i], output->numbers[i], i + 1 == output->count);
}

static void print_kept(struct trc_sql_output *output)
{
	if (output->count == 0 || output->form != TRC_SQL_TABLE)
		return;
	print_row(output, output->names);
	for (unsigned i = 0; i < output->count; i++) {
		for (unsigned k = 0; k < output->widths[i]; k++)
			putchar('-');
		fputs(i + 1 == output->count ? "\n" : "  ", stdout);
	}
	for (size_t i = 0; i < output->kept_count; i += output->count)
		print_row(output, output->kept + i);
	for (size_t i = 0; i < output->kept_count; i++)
		free(output->kept[i]);
	output->kept_count = 0;
}

static void take_row(struct trc_sql_output *output, const struct trc_sql_value *values)
{
	if (output->rows == KEPT_ROWS)
		print_kept(output);
	for (unsigned i = 0; i < output->count; i++) {
		char *text = shown(&values[i]);
		unsigned width = width_of(text);

		output->kept = trc_grow(output->kept, &output->kept_room, output->kept_count + 1,
					sizeof *output->kept);
		output->kept[output->kept_count++] = text;
		if (output->rows < KEPT_ROWS && output->widths[i] < width)
			output->widths[i] = width < MAX_WIDTH ? width : MAX_WIDTH;
		if (output->rows < KEPT_ROWS &&
		    (values[i].type == TRC_SQL_TEXT || values[i].type == TRC_SQL_BLOB))
			output->numbers[i] = false;
	}
	if (output->rows < KEPT_ROWS)
		return;
	print_row(output, output->kept);
	for (unsigned i = 0; i < output->count; i++)
		free(output->kept[i]);
	output->kept_count = 0;
}

/* --- JSON and CSV -------------------------------------------------------------------------------
 */

static json_t *json_of(const struct trc_sql_value *value)
{
	json_t *json;
	char *text;

	switch (value->type) {
	case TRC_SQL_NULL:
		return json_null();
	case TRC_SQL_INTEGER:
		return json_integer(value->integer);
	case TRC_SQL_REAL:
		json = json_real(value->real); /* none for what is not finite */
		return json ? json : json_null();
	case TRC_SQL_TEXT:
		json = json_stringn(value->text, value->size);
		if (json)
			return json;
		return trc_json_text(value->text);
	case TRC_SQL_BLOB:
		break;
	}
	text = shown(value);
	json = trc_json_text(text);
	free(text);
	return json;
}

static void print_json(struct trc_sql_output *output, const struct trc_sql_value *values)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < output->count; i++)
		trc_json_set(object, output->names[i], json_of(&values[i]));
	fputs(output->rows ? ",\n" : "[\n", stdout);
	json_dumpf(object, stdout, JSON_COMPACT);
	json_decref(object);
}

static void print_csv(const struct trc_sql_value *values, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		bool quoted = values[i].type == TRC_SQL_TEXT;
		char *blob = values[i].type == TRC_SQL_BLOB ? shown(&values[i]) : NULL;

		fputs(quoted ? "\"" : "", stdout);
		for (size_t k = 0; !blob && k < values[i].size; k++) {
			if (values[i].text[k] == '"')
				putchar('"');
			putchar(values[i].text[k]);
		}
		fputs(blob ? blob : "", stdout);
		fputs(quoted ? "\"" : "", stdout);
		fputs(i + 1 == count ? "\r\n" : ",", stdout);
		free(blob);
	}
}

/* --- statements ---------------------------------------------------------------------------------
 */

static void end_statement(struct trc_sql_output *output)
{
	if (output->form == TRC_SQL_JSON && output->begun)
		fputs(output->rows ? "\n]\n" : "[]\n", stdout);
	if (output->form == TRC_SQL_TABLE && output->begun && output->rows <= KEPT_ROWS)
		print_kept(output);
	for (unsigned i = 0; i < output->count; i++)
		free(output->names[i]);
	free(output->names);
	free(output->widths);
	free(output->numbers);
	output->names = NULL;
	output->widths = NULL;
	output->numbers = NULL;
	output->count = 0;
	output->rows = 0;
}

static void begin_statement(struct trc_sql_output *output, const struct trc_sql_value *values,
			    unsigned count)
{
	end_statement(output);
	output->begun = true;
	output->count = count;
	output->names = trc_zalloc(count, sizeof *output->names);
	output->widths = trc_zalloc(count, sizeof *output->widths);
	output->numbers = trc_zalloc(count, sizeof *output->numbers);
	for (unsigned i = 0; i < count; i++) {
		output->names[i] = shown(&values[i]);
		output->widths[i] = width_of(output->names[i]);
		output->numbers[i] = true;
	}
	if (output->form == TRC_SQL_CSV)
		print_csv(values, count);
}

bool trc_sql_output_row(bool names, const struct trc_sql_value *values, unsigned count,
			void *context)
{
	struct trc_sql_output *output = context;

	if (names) {
		begin_statement(output, values, count);
		return true;
	}
	switch (output->form) {
	case TRC_SQL_TABLE:
		take_row(output, values);
		break;
	case TRC_SQL_JSON:
		print_json(output, values);
		break;
	case TRC_SQL_CSV:
		print_csv(values, count);
		break;
	}
	output->rows++;
	return !ferror(stdout);
}

void trc_sql_output_end(struct trc_sql_output *output)
{
	end_statement(output);
	free(output->kept);
	free(output);
}
