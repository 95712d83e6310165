/*
 * SQLite counts rows by asking for each of them. This table has some ten rows for the thousands of
 * events of a segment, so that a sum over it is hardly more than unpacking; and where nobody asks
 * for kinds, a segment is one row and is not even read.
 */
#include "tracer/store/count-table.h"

#include "tracer/store/vtab.h"

#include <string.h>

enum column { COLUMN_KIND, COLUMN_EVENTS, COLUMN_RING, COLUMN_FIRST, COLUMN_LAST };

enum { KINDS = 256 };

static const char declaration[] = "CREATE TABLE event_count(kind TEXT, events INTEGER, "
				  "ring INTEGER, first_ns INTEGER, last_ns INTEGER)";

struct cursor {
	sqlite3_vtab_cursor base;
	struct trc_store *trace;
	struct trc__columns *columns;
	size_t segment; /* or their count at the end */
	struct trc_segment_info info;
	bool by_kind;
	unsigned kind; /* 0: all together */
	uint32_t counts[KINDS];
};

static int connect(sqlite3 *db, void *context, int argc, const char *const *argv,
		   sqlite3_vtab **ret_table, char **ret_error)
{
	return trc__vtab_connect(db, context, declaration, ret_table);
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	const struct trc__vtab *table = (const struct trc__vtab *)base;
	bool by_kind = info->colUsed & 1u << COLUMN_KIND;
	size_t segments = 0;

	if (*table->source)
		segments = trc_store_segment_count((*table->source)->trace);
	info->idxNum = by_kind;
	info->estimatedRows = (sqlite3_int64)(segments * (by_kind ? 10 : 1)) + 1;
	info->estimatedCost = (double)segments * (by_kind ? 1000 : 1) + 1;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **ret_cursor)
{
	struct cursor *cursor = sqlite3_malloc(sizeof *cursor);

	if (!cursor)
		return SQLITE_NOMEM;
	*cursor = (struct cursor){.columns = trc__columns_new()};
	if (!cursor->columns) {
		sqlite3_free(cursor);
		return SQLITE_NOMEM;
	}
	*ret_cursor = &cursor->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	trc__columns_free(cursor->columns);
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static int count_segment(struct cursor *cursor)
{
	const uint8_t *kinds;
	struct trc_error error;

	if (cursor->segment == trc_store_segment_count(cursor->trace))
		return SQLITE_OK;
	cursor->info = trc_store_segment_info(cursor->trace, cursor->segment);
	cursor->kind = 0;
	if (!cursor->by_kind)
		return SQLITE_OK;
	if (trc__store_columns_open(cursor->trace, cursor->segment, cursor->columns, &error) < 0)
		return trc__vtab_say(&cursor->base, error.text);
	memset(cursor->counts, 0, sizeof cursor->counts);
	kinds = trc__columns_kinds(cursor->columns);
	for (size_t i = 0; i < cursor->info.count; i++)
		cursor->counts[kinds[i]]++;
	while (cursor->counts[cursor->kind] == 0) /* it has at least one event */
		cursor->kind++;
	return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
		  sqlite3_value **argv)
{
	struct trc__sql_source *source = trc__vtab_source(base);
	struct cursor *cursor = (struct cursor *)base;

	if (!source)
		return SQLITE_ERROR;
	cursor->trace = source->trace;
	cursor->by_kind = number;
	cursor->segment = 0;
	return count_segment(cursor);
}

static int next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	while (cursor->by_kind && ++cursor->kind < KINDS)
		if (cursor->counts[cursor->kind] > 0)
			return SQLITE_OK;
	cursor->segment++;
	return count_segment(cursor);
}

static int at_end(sqlite3_vtab_cursor *base)
{
	const struct cursor *cursor = (const struct cursor *)base;

	return cursor->segment >= trc_store_segment_count(cursor->trace);
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_id)
{
	const struct cursor *cursor = (const struct cursor *)base;

	*ret_id = (sqlite3_int64)(((uint64_t)cursor->segment << 8) + cursor->kind);
	return SQLITE_OK;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
	const struct cursor *cursor = (const struct cursor *)base;
	const struct trc_segment_info *info = &cursor->info;

	switch ((enum column)number) {
	case COLUMN_KIND:
		sqlite3_result_text(context, trc_kind_name(cursor->kind), -1, SQLITE_STATIC);
		break;
	case COLUMN_EVENTS:
		sqlite3_result_int64(context,
				     cursor->by_kind ? cursor->counts[cursor->kind] : info->count);
		break;
	case COLUMN_RING:
		sqlite3_result_int64(context, info->ring);
		break;
	case COLUMN_FIRST:
		sqlite3_result_int64(context, (sqlite3_int64)info->first_time);
		break;
	case COLUMN_LAST:
		sqlite3_result_int64(context, (sqlite3_int64)info->last_time);
		break;
	}
	return SQLITE_OK;
}

int trc__count_table_register(sqlite3 *db, struct trc__sql_source *const *source)
{
	static const sqlite3_module module = {
		.xCreate = connect,
		.xConnect = connect,
		.xBestIndex = best_index,
		.xDisconnect = trc__vtab_disconnect,
		.xDestroy = trc__vtab_disconnect,
		.xOpen = open_cursor,
		.xClose = close_cursor,
		.xFilter = filter,
		.xNext = next,
		.xEof = at_end,
		.xColumn = column,
		.xRowid = row_id,
	};

	return sqlite3_create_module_v2(db, "event_count", &module, (void *)source, NULL);
}
