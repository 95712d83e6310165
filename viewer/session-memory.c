/*
 * session-memory.c - what is remembered of a trace between visits: lanes, marks, filters
 *
 * It is kept in a file of its own among the user's state, never in the trace, which may be
 * somebody else's and is only read. The file is named by a hash of the trace's path and of when its
 * recording began: a new recording at the same path starts afresh.
 */
#include "viewer/session-private.h"

#include <string.h>

enum { SAVE_MS = 500 };

/* --- where -------------------------------------------------------------------------------------
 */

static char *memory_file(TrvSession *session)
{
	g_autoptr(GFile) trace = g_file_new_for_path(session->path);
	g_autofree char *path = g_file_get_path(trace);
	g_autofree char *key =
		g_strdup_printf("%s\n%" G_GUINT64_FORMAT, path, session->info.wall_start);
	g_autofree char *hash = g_compute_checksum_for_string(G_CHECKSUM_SHA256, key, -1);
	g_autofree char *name = g_strdup_printf("%.32s.ini", hash);

	return g_build_filename(session->memory_folder, name, NULL);
}

void trv_session_remember_in(TrvSession *session, const char *folder)
{
	g_free(session->memory_folder);
	session->memory_folder = g_strdup(folder);
}

/* --- numbers -----------------------------------------------------------------------------------
 */

static void put_numbers(GKeyFile *file, const char *key, const GArray *numbers)
{
	GString *text = g_string_new(NULL);

	for (guint i = 0; i < numbers->len; i++)
		g_string_append_printf(text, "%" G_GUINT64_FORMAT ";",
				       g_array_index(numbers, uint64_t, i));
	if (numbers->len > 0)
		g_key_file_set_string(file, "lanes", key, text->str);
	g_string_free(text, TRUE);
}

static void get_numbers(GKeyFile *file, const char *key, GArray *numbers)
{
	g_auto(GStrv) words = g_key_file_get_string_list(file, "lanes", key, NULL, NULL);

	for (size_t i = 0; words && words[i]; i++) {
		guint64 number;

		if (g_ascii_string_to_unsigned(words[i], 10, 1, G_MAXUINT64, &number, NULL))
			g_array_append_val(numbers, number);
	}
}

static bool get_time(GKeyFile *file, const char *group, const char *key, int64_t *ret_time)
{
	g_autoptr(GError) error = NULL;
	gint64 time = g_key_file_get_int64(file, group, key, &error);

	if (error || time < 0)
		return false;
	*ret_time = time;
	return true;
}

/* --- saving ------------------------------------------------------------------------------------
 */

static void put_lanes(TrvSession *session, GKeyFile *file)
{
	g_key_file_set_string(file, "lanes", "group", trv_grouping_name(session->grouping));
	g_key_file_set_string(file, "lanes", "sort", trv_sorting_name(session->sorting));
	put_numbers(file, "pinned", session->pinned);
	put_numbers(file, "hidden", session->hidden);
	put_numbers(file, "folded", session->folded);
	if (session->sorting == TRV_SORT_HAND)
		put_numbers(file, "by-hand", session->by_hand);
}

static void put_marks(TrvSession *session, GKeyFile *file)
{
	if (session->markers.a_set)
		g_key_file_set_int64(file, "marks", "a", session->markers.a);
	if (session->markers.b_set)
		g_key_file_set_int64(file, "marks", "b", session->markers.b);
	for (size_t i = 0; i < session->bookmarks->len; i++) {
		const struct trv_bookmark *mark = trv_session_bookmark(session, i);
		g_autofree char *key = g_strdup_printf("%" G_GINT64_FORMAT, mark->time);

		g_key_file_set_string(file, "bookmarks", key, mark->note);
	}
}

bool trv__session_save(TrvSession *session)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autofree char *path = NULL;

	g_clear_handle_id(&session->saving, g_source_remove);
	if (!session->memory_folder || session->state != TRV_READY)
		return true;
	path = memory_file(session);
	g_key_file_set_string(file, "trace", "path", session->path);
	put_lanes(session, file);
	put_marks(session, file);
	if (session->filters->len > 0)
		g_key_file_set_string_list(file, "find", "filters",
					   (const char *const *)(void *)session->filters->pdata,
					   session->filters->len);
	return g_mkdir_with_parents(session->memory_folder, 0700) == 0 &&
	       g_key_file_save_to_file(file, path, NULL);
}

static gboolean on_time_to_save(gpointer data)
{
	TrvSession *session = data;

	session->saving = 0;
	if (!trv__session_save(session) && !session->memory_failed) {
		session->memory_failed = true;
		g_free(session->error);
		session->error = g_strdup_printf("Marks and lanes cannot be remembered: %s cannot "
						 "be written to",
						 session->memory_folder);
		trv__session_changed(session, TRV_CHANGED_TROUBLE);
	}
	return G_SOURCE_REMOVE;
}

void trv__session_save_soon(TrvSession *session)
{
	if (session->memory_folder && session->saving == 0 && !session->recalling)
		session->saving = g_timeout_add(SAVE_MS, on_time_to_save, session);
}

/* --- recalling ---------------------------------------------------------------------------------
 */

static void get_lanes(TrvSession *session, GKeyFile *file)
{
	g_autofree char *group = g_key_file_get_string(file, "lanes", "group", NULL);
	g_autofree char *sort = g_key_file_get_string(file, "lanes", "sort", NULL);
	int grouping = group ? trv_grouping_parse(group) : -1;
	int sorting = sort ? trv_sorting_parse(sort) : -1;

	if (grouping < 0 || sorting < 0)
		return;
	session->grouping = (enum trv_grouping)grouping;
	session->sorting = (enum trv_sorting)sorting;
	g_array_set_size(session->folded, 0);
	get_numbers(file, "pinned", session->pinned);
	get_numbers(file, "hidden", session->hidden);
	get_numbers(file, "folded", session->folded);
	get_numbers(file, "by-hand", session->by_hand);
	trv__session_arrange(session);
}

static void get_marks(TrvSession *session, GKeyFile *file)
{
	g_auto(GStrv) keys = g_key_file_get_keys(file, "bookmarks", NULL, NULL);

	session->markers.a_set = get_time(file, "marks", "a", &session->markers.a);
	session->markers.b_set = get_time(file, "marks", "b", &session->markers.b);
	for (size_t i = 0; keys && keys[i]; i++) {
		g_autofree char *note = g_key_file_get_string(file, "bookmarks", keys[i], NULL);
		gint64 time;

		if (note && g_ascii_string_to_signed(keys[i], 10, 0, G_MAXINT64, &time, NULL))
			trv_session_add_bookmark(session, time, note);
	}
}

void trv__session_recall(TrvSession *session)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_autofree char *path = NULL;
	g_auto(GStrv) filters = NULL;

	if (!session->memory_folder)
		return;
	path = memory_file(session);
	if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL))
		return; /* a first visit; or it was damaged, and nothing much is lost */
	session->recalling = true;
	get_lanes(session, file);
	get_marks(session, file);
	filters = g_key_file_get_string_list(file, "find", "filters", NULL, NULL);
	for (size_t i = 0; filters && filters[i]; i++)
		trv_session_keep_filter(session, filters[i]);
	session->recalling = false;
}

/* --- filters -----------------------------------------------------------------------------------
 */

enum { FILTERS_MAX = 20 };

const GPtrArray *trv_session_filters(TrvSession *session)
{
	return session->filters;
}

void trv_session_keep_filter(TrvSession *session, const char *text)
{
	for (guint i = 0; i < session->filters->len; i++) {
		if (g_str_equal(g_ptr_array_index(session->filters, i), text))
			g_ptr_array_remove_index(session->filters, i);
	}
	if (session->filters->len == FILTERS_MAX)
		g_ptr_array_remove_index(session->filters, 0);
	g_ptr_array_add(session->filters, g_strdup(text));
	trv__session_changed(session, TRV_CHANGED_MARKS);
}
