#include "viewer/filter-suggest.h"

#include <string.h>

static const char *const fields[] = {
	"from:", "to:", "actor:", "kind:", "type:", "wait>", "wait<", NULL};

enum { ACTORS_MAX = 20000 }; /* names looked at: this happens between two keys */

/* Where the word that ends at `cursor` begins; a minus before it stays outside. */
static size_t word_begin(const char *text, size_t cursor)
{
	bool quoted = false;
	size_t begin = 0;

	for (size_t i = 0; i < cursor; i++) {
		quoted ^= text[i] == '"';
		if (!quoted && g_ascii_isspace(text[i]))
			begin = i + 1;
	}
	return begin + (text[begin] == '-' && begin < cursor);
}

static bool starts_with(const char *name, const char *part)
{
	return g_ascii_strncasecmp(name, part, strlen(part)) == 0;
}

static bool has(const GPtrArray *list, const char *text)
{
	for (guint i = 0; i < list->len; i++) {
		if (g_str_equal(g_ptr_array_index(list, i), text))
			return true;
	}
	return false;
}

static void offer(GPtrArray *list, const char *field, const char *name, const char *part)
{
	g_autofree char *whole = NULL;

	if (list->len == TRV_SUGGESTIONS_MAX || !starts_with(name, part))
		return;
	whole = strchr(name, ' ') ? g_strdup_printf("%s\"%s\"", field, name)
				  : g_strdup_printf("%s%s", field, name);
	if (!has(list, whole))
		g_ptr_array_add(list, g_steal_pointer(&whole));
}

static void offer_names(GPtrArray *list, const char *field, const char *part,
			const struct trc_model *names)
{
	size_t count = MIN(trc_model_actor_count(names), ACTORS_MAX);
	bool kinds = g_str_equal(field, "kind:");

	for (size_t i = 0; i < count && list->len < TRV_SUGGESTIONS_MAX; i++) {
		const struct trc_actor *actor = trc_model_actor_at(names, i);

		offer(list, field, kinds ? trc_model_kind_name(names, actor->kind) : actor->name,
		      part);
	}
}

static void offer_types(GPtrArray *list, const char *field, const char *part,
			const struct trc_model *names)
{
	size_t size;

	for (unsigned type = 1; type <= UINT16_MAX && list->len < TRV_SUGGESTIONS_MAX; type++) {
		if (trc_model_type_definition(names, (uint16_t)type, &size))
			offer(list, field, trc_model_type_name(names, (uint16_t)type), part);
	}
}

GPtrArray *trv_filter_suggest(const char *text, size_t cursor, const struct trc_model *names)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(g_free);
	size_t begin = word_begin(text, cursor);
	g_autofree char *word = g_strndup(text + begin, cursor - begin);
	char *colon = strchr(word, ':');

	if (!colon) {
		for (size_t i = 0; fields[i]; i++) {
			if (starts_with(fields[i], word))
				g_ptr_array_add(list, g_strdup(fields[i]));
		}
		return list;
	}
	for (size_t i = 0; fields[i]; i++) {
		const char *part = word + strlen(fields[i]);

		if (!g_str_has_suffix(fields[i], ":") || !starts_with(word, fields[i]))
			continue;
		part += *part == '"';
		if (g_str_equal(fields[i], "type:"))
			offer_types(list, fields[i], part, names);
		else
			offer_names(list, fields[i], part, names);
	}
	return list;
}

char *trv_filter_complete(const char *text, size_t cursor, const char *suggestion,
			  size_t *ret_cursor)
{
	size_t begin = word_begin(text, cursor);
	char last = suggestion[0] ? suggestion[strlen(suggestion) - 1] : '\0';
	bool whole = last != ':' && last != '<' && last != '>';
	const char *rest = text + cursor;
	g_autofree char *before = g_strndup(text, begin);

	*ret_cursor = begin + strlen(suggestion) + whole;
	return g_strdup_printf("%s%s%s%s", before, suggestion, whole && *rest != ' ' ? " " : "",
			       rest);
}
