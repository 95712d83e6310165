#include "tracer/store/sql-source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Names are joined from the tables, not from the view `actor`: SQLite then looks each up by its
 * number, and leaves out the joins whose columns nobody asks for. */
static const char event_view[] =
	"CREATE VIEW event AS SELECT\n"
	"  e.time_ns, e.kind,\n"
	"  coalesce(a.name, coalesce(ak.name, 'actor') || '-' || a.id, '?') AS actor,\n"
	"  coalesce(p.name, coalesce(pk.name, 'actor') || '-' || p.id) AS peer,\n"
	"  t.name AS type,\n"
	"  e.payload, e.text,\n"
	"  s.file, s.line, s.function,\n"
	"  e.ring, e.seq, e.object,\n"
	"  e.actor AS actor_id, e.peer AS peer_id, e.arg, e.flags\n"
	"FROM event_row e\n"
	"  LEFT JOIN actor_row a ON a.id = e.actor LEFT JOIN kind ak ON ak.id = a.kind\n"
	"  LEFT JOIN actor_row p ON p.id = e.peer LEFT JOIN kind pk ON pk.id = p.kind\n"
	"  LEFT JOIN type t ON t.id = e.type LEFT JOIN site s ON s.id = e.site;\n";

unsigned trc__sql_needs_of(const char *table)
{
	if (strcmp(table, "message_row") == 0 || strcmp(table, "wait_row") == 0)
		return TRC__SQL_NAMES | TRC__SQL_ROWS;
	if (strcmp(table, "actor_row") == 0 || strcmp(table, "kind") == 0 ||
	    strcmp(table, "type") == 0 || strcmp(table, "site") == 0 ||
	    strcmp(table, "event_row") == 0)
		return TRC__SQL_NAMES;
	return 0;
}

/* --- collecting ---------------------------------------------------------------------------------
 */

static const uint8_t name_kinds[] = {TRC_DEF_KIND, TRC_DEF_TYPE, TRC_DEF_SITE, TRC_SPAWN, TRC_END};

static bool has_names(const struct trc__columns *columns, size_t count)
{
	for (size_t i = 0; i < sizeof name_kinds; i++)
		if (memchr(trc__columns_kinds(columns), name_kinds[i], count))
			return true;
	return false;
}

/* A number that was defined before keeps its first meaning. */
int trc__sql_keep_type(struct trc__sql_source *source, const struct trc_event *event)
{
	struct trc__type_definition *type;

	if (event->kind != TRC_DEF_TYPE || event->id > UINT16_MAX)
		return 0;
	type = &source->types[event->id];
	if (type->bytes || event->payload_size == 0)
		return 0;
	type->bytes = malloc(event->payload_size);
	if (!type->bytes)
		return -ENOMEM;
	memcpy(type->bytes, event->payload, event->payload_size);
	type->size = event->payload_size;
	return 0;
}

static int put_names_of(struct trc__sql_source *source, const struct trc__columns *columns,
			size_t count, struct trc_error *ret_error)
{
	const uint8_t *kinds = trc__columns_kinds(columns);
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++) {
		struct trc_event event;

		if (!memchr(name_kinds, kinds[i], sizeof name_kinds))
			continue;
		event = trc__columns_event(columns, i);
		if (trc__sql_keep_type(source, &event) < 0)
			return trc__fail_memory(source->rows, ret_error);
		result = trc_store_put_event(source->rows, &event, ret_error);
	}
	return result;
}

static int put_all_names(struct trc__sql_source *source, struct trc__columns *columns,
			 struct trc_error *ret_error)
{
	struct trc_store *trace = source->trace;
	int result = 0;

	for (size_t i = 0; i < trc_store_segment_count(trace) && result == 0; i++) {
		size_t count = trc_store_segment_info(trace, i).count;

		result = trc__store_columns_open(trace, i, columns, ret_error);
		if (result < 0 || !has_names(columns, count))
			continue;
		result = trc__columns_decode(columns, TRC__COLUMNS_ALL);
		if (result < 0)
			trc__fail_segment(trace, result, ret_error);
		else
			result = put_names_of(source, columns, count, ret_error);
	}
	return result;
}

static int put_names(struct trc__sql_source *source, struct trc_error *ret_error)
{
	struct trc__columns *columns = trc__columns_new();
	int result = columns ? trc_store_begin_rows(source->rows, ret_error)
			     : trc__fail_memory(source->trace, ret_error);

	if (result == 0) {
		result = put_all_names(source, columns, ret_error);
		if (result < 0)
			trc_store_undo(source->rows);
		else
			result = trc_store_commit(source->rows, ret_error);
	}
	trc__columns_free(columns);
	return result;
}

/* Of a trace that has let go of its beginning, nobody here knows how to read the names that it
 * begins with; who makes the rows does. */
static int put_all_rows(struct trc__sql_source *source, struct trc_error *ret_error)
{
	int result = source->fill(source->trace, source->rows, ret_error);

	if (result == 0 && trc__sql_take_types(source, "main") != SQLITE_OK)
		result = trc__fail_sql(source->rows, ret_error, "read");
	if (result == 0)
		source->has = TRC__SQL_NAMES | TRC__SQL_ROWS;
	return result;
}

int trc__sql_source_need(struct trc__sql_source *source, unsigned needs,
			 struct trc_error *ret_error)
{
	unsigned missing = needs & ~source->has;
	struct trc_store_info info;
	int result = 0;

	trc_store_info(source->trace, &info);
	if (missing && info.let_go > 0)
		return put_all_rows(source, ret_error);
	if (missing & TRC__SQL_NAMES)
		result = put_names(source, ret_error);
	if (result == 0 && missing & TRC__SQL_ROWS)
		result = source->fill(source->trace, source->rows, ret_error);
	if (result == 0)
		source->has |= missing;
	return result;
}

/* --- opening ------------------------------------------------------------------------------------
 */

/* What was let go has been counted, too. */
static void count_let_go(struct trc__sql_source *source, uint64_t *counts)
{
	struct trc_store_ring *rings;
	size_t count;

	if (trc_store_rings(source->trace, &rings, &count, NULL) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		counts[rings[i].number & UINT16_MAX] = rings[i].let_go;
	free(rings);
}

/* `seq` counts a ring's events over all its segments. */
static int number_segments(struct trc__sql_source *source)
{
	size_t count = trc_store_segment_count(source->trace);
	uint64_t *next = calloc(UINT16_MAX + 1, sizeof *next);

	if (next)
		count_let_go(source, next);
	source->first_seq = calloc(count + 1, sizeof *source->first_seq);
	for (size_t i = 0; next && source->first_seq && i < count; i++) {
		struct trc_segment_info info = trc_store_segment_info(source->trace, i);

		source->first_seq[i] = next[info.ring & UINT16_MAX];
		next[info.ring & UINT16_MAX] += info.count;
	}
	free(next);
	return next && source->first_seq ? 0 : -ENOMEM;
}

int trc__sql_source_open(struct trc_store *trace, trc_sql_fill *fill, bool use_rows,
			 struct trc__sql_source **ret_source, struct trc_error *ret_error)
{
	struct trc__sql_source *source = calloc(1, sizeof *source);
	struct trc_store_info info;
	int result;

	if (!source)
		return trc__fail_memory(trace, ret_error);
	source->trace = trace;
	source->fill = fill;
	source->types = calloc(UINT16_MAX + 1, sizeof *source->types);
	trc_store_info(trace, &info);
	result = trc__store_scratch(&info, &source->rows, ret_error);
	if (result == 0 && (!source->types || number_segments(source) < 0))
		result = trc__fail_memory(trace, ret_error);
	/* SQLite does not look for the tables of a view before it is used. */
	if (result == 0)
		result = trc__execute(source->rows, event_view, ret_error);
	if (result == 0 && use_rows && trc__sql_rows_are_usable(source))
		result = trc__sql_use_rows(source, ret_error);
	if (result < 0) {
		trc__sql_source_close(source);
		return result;
	}
	*ret_source = source;
	return 0;
}

void trc__sql_source_close(struct trc__sql_source *source)
{
	if (!source)
		return;
	trc_store_close(source->rows);
	for (size_t i = 0; source->types && i <= UINT16_MAX; i++)
		free(source->types[i].bytes);
	free(source->types);
	free(source->first_seq);
	free(source);
}
