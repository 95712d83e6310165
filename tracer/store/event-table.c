/*
 * A cursor goes through the segments one by one and holds the present one's columns. Conditions on
 * time, ring, kind, actor, peer and object are looked at here, before SQLite sees a row: by time
 * and ring a segment is skipped unread, by kind it is skipped when only its kinds are decoded, and
 * of the rest only columns that somebody asked for are decoded. What is let through is checked
 * again by SQLite, so that a condition may let through too much, but never too little.
 */
#include "tracer/store/event-table.h"

#include "tracer/store/event-text.h"
#include "tracer/store/vtab.h"

#include <string.h>

/* In the order of the declaration below. */
enum column {
	COLUMN_RING,
	COLUMN_SEQ,
	COLUMN_TIME,
	COLUMN_KIND,
	COLUMN_ACTOR,
	COLUMN_OBJECT,
	COLUMN_PEER,
	COLUMN_ARG,
	COLUMN_TYPE,
	COLUMN_SITE,
	COLUMN_FLAGS,
	COLUMN_TEXT,
	COLUMN_PAYLOAD,
	COLUMN_COUNT,
};

static const char declaration[] =
	"CREATE TABLE event_row(ring INTEGER, seq INTEGER, time_ns INTEGER, kind TEXT, "
	"actor INTEGER, object INTEGER, peer INTEGER, arg INTEGER, type INTEGER, site INTEGER, "
	"flags INTEGER, text TEXT, payload TEXT)";

/* What a column is made of. Text and payload come from whole events. */
static const unsigned made_of[COLUMN_COUNT] = {
	[COLUMN_TIME] = TRC__COLUMN_BIT(TIME), [COLUMN_ACTOR] = TRC__COLUMN_BIT(ACTOR),
	[COLUMN_OBJECT] = TRC__COLUMN_BIT(ID), [COLUMN_PEER] = TRC__COLUMN_BIT(PEER),
	[COLUMN_ARG] = TRC__COLUMN_BIT(ARG),   [COLUMN_TYPE] = TRC__COLUMN_BIT(TYPE),
	[COLUMN_SITE] = TRC__COLUMN_BIT(SITE), [COLUMN_TEXT] = TRC__COLUMNS_ALL,
	[COLUMN_PAYLOAD] = TRC__COLUMNS_ALL,
};

/* Conditions that are looked at here, in the order of their values. idxNum has a bit for each, and
 * above them one for each column that is used. */
enum condition {
	AFTER,
	BEFORE,
	OF_RING,
	OF_KIND,
	OF_KINDS, /* any of several */
	OF_ACTOR,
	OF_PEER,
	OF_OBJECT,
	CONDITION_COUNT,
};

_Static_assert(CONDITION_COUNT + COLUMN_COUNT < 32, "both fit into idxNum");

enum { KINDS = 256 };

struct cursor {
	sqlite3_vtab_cursor base;
	struct trc__sql_source *source;
	struct trc__columns *columns;
	size_t segment; /* that is open, or their count at the end */
	size_t place, count;
	unsigned needs; /* columns of the segment */
	uint32_t ring;
	bool has[CONDITION_COUNT];
	int64_t values[CONDITION_COUNT];
	bool kinds[KINDS];
};

static int connect(sqlite3 *db, void *context, int argc, const char *const *argv,
		   sqlite3_vtab **ret_table, char **ret_error)
{
	return trc__vtab_connect(db, context, declaration, ret_table);
}

/* --- planning -----------------------------------------------------------------------------------
 */

/* CONDITION_COUNT: none that helps. */
static enum condition condition_of(sqlite3_index_info *info, int number)
{
	const struct sqlite3_index_constraint *constraint = &info->aConstraint[number];
	bool equal = constraint->op == SQLITE_INDEX_CONSTRAINT_EQ;

	if (!constraint->usable)
		return CONDITION_COUNT;
	switch (constraint->iColumn) {
	case COLUMN_TIME:
		if (constraint->op == SQLITE_INDEX_CONSTRAINT_GT ||
		    constraint->op == SQLITE_INDEX_CONSTRAINT_GE)
			return AFTER;
		return constraint->op == SQLITE_INDEX_CONSTRAINT_LT ||
				       constraint->op == SQLITE_INDEX_CONSTRAINT_LE
			       ? BEFORE
			       : CONDITION_COUNT;
	case COLUMN_KIND:
		if (!equal || strcmp(sqlite3_vtab_collation(info, number), "BINARY") != 0)
			return CONDITION_COUNT;
		return sqlite3_vtab_in(info, number, -1) ? OF_KINDS : OF_KIND;
	case COLUMN_RING:
		return equal ? OF_RING : CONDITION_COUNT;
	case COLUMN_ACTOR:
		return equal ? OF_ACTOR : CONDITION_COUNT;
	case COLUMN_PEER:
		return equal ? OF_PEER : CONDITION_COUNT;
	case COLUMN_OBJECT:
		return equal ? OF_OBJECT : CONDITION_COUNT;
	default:
		return CONDITION_COUNT;
	}
}

/* Of a kind of condition the first counts; values come in the order of the kinds. */
static double take_conditions(sqlite3_index_info *info)
{
	double left = 1; /* share of the rows */
	int arguments = 0;

	for (int condition = 0; condition < CONDITION_COUNT; condition++) {
		for (int i = 0; i < info->nConstraint; i++) {
			if ((int)condition_of(info, i) != condition)
				continue;
			if (condition == OF_KINDS)
				sqlite3_vtab_in(info, i, 1);
			info->aConstraintUsage[i].argvIndex = ++arguments;
			info->idxNum |= 1 << condition;
			left /= condition == OF_OBJECT ? 10000 : condition == OF_ACTOR ? 20 : 4;
			break;
		}
	}
	return left;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	const struct trc__vtab *table = (const struct trc__vtab *)base;
	struct trc_store_info trace = {0};
	double events, left = take_conditions(info);

	if (*table->source)
		trc_store_info((*table->source)->trace, &trace);
	events = (double)trace.events;
	info->estimatedRows = (sqlite3_int64)(events * left) + 1;
	/* Whatever the conditions, the trace is read; only rows are spared. */
	info->estimatedCost = events / 10 + (double)info->estimatedRows;
	info->idxNum |= (int)(info->colUsed & ((1u << COLUMN_COUNT) - 1)) << CONDITION_COUNT;
	return SQLITE_OK;
}

/* --- conditions ---------------------------------------------------------------------------------
 */

/* A time that is not whole is widened. False: a value that excludes nothing. */
static bool take_time(sqlite3_value *value, bool up, int64_t *ret_number)
{
	int type = sqlite3_value_numeric_type(value);
	double real;

	if (type == SQLITE_INTEGER) {
		*ret_number = sqlite3_value_int64(value);
		return true;
	}
	if (type != SQLITE_FLOAT)
		return false;
	real = sqlite3_value_double(value);
	if (!(real > -9e18 && real < 9e18))
		return false;
	*ret_number = (int64_t)real + (up ? 1 : -1);
	return true;
}

static bool take_number(sqlite3_value *value, int64_t *ret_number)
{
	*ret_number = sqlite3_value_int64(value);
	return sqlite3_value_numeric_type(value) == SQLITE_INTEGER;
}

static bool take_kind(struct cursor *cursor, sqlite3_value *value)
{
	unsigned kind;

	if (sqlite3_value_type(value) != SQLITE_TEXT)
		return false;
	kind = trc_kind_from_name((const char *)sqlite3_value_text(value));
	if (kind > 0)
		cursor->kinds[kind] = true;
	return true;
}

static bool take_kinds(struct cursor *cursor, sqlite3_value *values)
{
	sqlite3_value *value = NULL;
	int code;

	for (code = sqlite3_vtab_in_first(values, &value); code == SQLITE_OK && value;
	     code = sqlite3_vtab_in_next(values, &value))
		if (!take_kind(cursor, value))
			return false;
	return code == SQLITE_DONE || code == SQLITE_OK;
}

static void take_values(struct cursor *cursor, int conditions, sqlite3_value **argv)
{
	memset(cursor->has, 0, sizeof cursor->has);
	memset(cursor->kinds, 0, sizeof cursor->kinds);
	for (int condition = 0; condition < CONDITION_COUNT; condition++) {
		bool *has = &cursor->has[condition];
		int64_t *value = &cursor->values[condition];

		if (!(conditions & 1 << condition))
			continue;
		if (condition == OF_KIND)
			*has = take_kind(cursor, *argv);
		else if (condition == OF_KINDS)
			*has = take_kinds(cursor, *argv);
		else if (condition == AFTER || condition == BEFORE)
			*has = take_time(*argv, condition == BEFORE, value);
		else
			*has = take_number(*argv, value);
		argv++;
	}
	/* Both at once are rare, and SQLite checks the one that is left out. */
	if (cursor->has[OF_KIND] && cursor->has[OF_KINDS])
		cursor->has[OF_KIND] = cursor->has[OF_KINDS] = false;
}

/* Times beyond 2^63 appear as negative numbers: such a segment is never skipped by time. */
static bool is_skipped(const struct cursor *cursor, const struct trc_segment_info *info)
{
	if (cursor->has[OF_RING] && cursor->values[OF_RING] != (int64_t)info->ring)
		return true;
	if (info->last_time > INT64_MAX)
		return false;
	return (cursor->has[AFTER] && (int64_t)info->last_time < cursor->values[AFTER]) ||
	       (cursor->has[BEFORE] && (int64_t)info->first_time > cursor->values[BEFORE]);
}

static bool has_kind(const struct cursor *cursor)
{
	const uint8_t *kinds = trc__columns_kinds(cursor->columns);

	if (!cursor->has[OF_KIND] && !cursor->has[OF_KINDS])
		return true;
	for (size_t i = 0; i < cursor->count; i++)
		if (cursor->kinds[kinds[i]])
			return true;
	return false;
}

/* Whether a number of the event is the one that is asked for. */
static bool is_number(const struct cursor *cursor, enum condition condition,
		      enum trc__column column, size_t place)
{
	return !cursor->has[condition] ||
	       (int64_t)trc__columns_numbers(cursor->columns, column)[place] ==
		       cursor->values[condition];
}

static bool is_wanted(const struct cursor *cursor, size_t place)
{
	int64_t time;

	if ((cursor->has[OF_KIND] || cursor->has[OF_KINDS]) &&
	    !cursor->kinds[trc__columns_kinds(cursor->columns)[place]])
		return false;
	if (cursor->has[AFTER] || cursor->has[BEFORE]) {
		time = (int64_t)trc__columns_numbers(cursor->columns, TRC__COLUMN_TIME)[place];
		if ((cursor->has[AFTER] && time < cursor->values[AFTER]) ||
		    (cursor->has[BEFORE] && time > cursor->values[BEFORE]))
			return false;
	}
	return is_number(cursor, OF_ACTOR, TRC__COLUMN_ACTOR, place) &&
	       is_number(cursor, OF_PEER, TRC__COLUMN_PEER, place) &&
	       is_number(cursor, OF_OBJECT, TRC__COLUMN_ID, place);
}

/* --- cursors ------------------------------------------------------------------------------------
 */

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

/* Goes to the first wanted event at or after `place`; false: the segment has none. */
static bool seek(struct cursor *cursor, size_t place)
{
	while (place < cursor->count && !is_wanted(cursor, place))
		place++;
	cursor->place = place;
	return place < cursor->count;
}

/* Opens the first segment at or after cursor->segment that has an event to show. */
static int load(struct cursor *cursor)
{
	struct trc_store *trace = cursor->source->trace;
	struct trc_error error;

	for (; cursor->segment < trc_store_segment_count(trace); cursor->segment++) {
		struct trc_segment_info info = trc_store_segment_info(trace, cursor->segment);
		int result;

		if (is_skipped(cursor, &info))
			continue;
		if (trc__store_columns_open(trace, cursor->segment, cursor->columns, &error) < 0)
			return trc__vtab_say(&cursor->base, error.text);
		cursor->count = info.count;
		cursor->ring = info.ring;
		if (!has_kind(cursor))
			continue;
		result = trc__columns_decode(cursor->columns, cursor->needs);
		if (result < 0) {
			trc__fail_segment(trace, result, &error);
			return trc__vtab_say(&cursor->base, error.text);
		}
		if (seek(cursor, 0))
			break;
	}
	return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
		  sqlite3_value **argv)
{
	struct cursor *cursor = (struct cursor *)base;
	unsigned used = (unsigned)number >> CONDITION_COUNT;
	struct trc_error error;

	cursor->source = trc__vtab_source(base);
	if (!cursor->source)
		return SQLITE_ERROR;
	if (used & 1u << COLUMN_PAYLOAD &&
	    trc__sql_source_need(cursor->source, TRC__SQL_NAMES, &error) < 0)
		return trc__vtab_say(&cursor->base, error.text);
	take_values(cursor, number, argv);
	cursor->needs = 0;
	for (int column = 0; column < COLUMN_COUNT; column++)
		if (used & 1u << column)
			cursor->needs |= made_of[column];
	if (cursor->has[AFTER] || cursor->has[BEFORE])
		cursor->needs |= TRC__COLUMN_BIT(TIME);
	if (cursor->has[OF_ACTOR])
		cursor->needs |= TRC__COLUMN_BIT(ACTOR);
	if (cursor->has[OF_PEER])
		cursor->needs |= TRC__COLUMN_BIT(PEER);
	if (cursor->has[OF_OBJECT])
		cursor->needs |= TRC__COLUMN_BIT(ID);
	cursor->segment = 0;
	return load(cursor);
}

static int next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	if (seek(cursor, cursor->place + 1))
		return SQLITE_OK;
	cursor->segment++;
	return load(cursor);
}

static int at_end(sqlite3_vtab_cursor *base)
{
	const struct cursor *cursor = (const struct cursor *)base;

	return cursor->segment >= trc_store_segment_count(cursor->source->trace);
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_id)
{
	const struct cursor *cursor = (const struct cursor *)base;

	*ret_id = (sqlite3_int64)(((uint64_t)cursor->segment << 32) + cursor->place);
	return SQLITE_OK;
}

/* --- columns ------------------------------------------------------------------------------------
 */

static uint64_t number_of(const struct cursor *cursor, enum trc__column column)
{
	return trc__columns_numbers(cursor->columns, column)[cursor->place];
}

static void put_some(sqlite3_context *context, uint64_t number)
{
	if (number != 0)
		sqlite3_result_int64(context, (sqlite3_int64)number);
}

static void put_type(sqlite3_context *context, const struct cursor *cursor)
{
	uint8_t kind = trc__columns_kinds(cursor->columns)[cursor->place];

	if (kind == TRC_SEND || kind == TRC_REFUSED || kind == TRC_REPLY)
		put_some(context, number_of(cursor, TRC__COLUMN_TYPE));
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
	const struct cursor *cursor = (const struct cursor *)base;
	struct trc_event event;

	switch ((enum column)number) {
	case COLUMN_RING:
		sqlite3_result_int64(context, cursor->ring);
		break;
	case COLUMN_SEQ:
		sqlite3_result_int64(context,
				     (sqlite3_int64)(cursor->source->first_seq[cursor->segment] +
						     cursor->place));
		break;
	case COLUMN_TIME:
		sqlite3_result_int64(context, (sqlite3_int64)number_of(cursor, TRC__COLUMN_TIME));
		break;
	case COLUMN_KIND:
		sqlite3_result_text(
			context, trc_kind_name(trc__columns_kinds(cursor->columns)[cursor->place]),
			-1, SQLITE_STATIC);
		break;
	case COLUMN_ACTOR:
		sqlite3_result_int64(context, (sqlite3_int64)number_of(cursor, TRC__COLUMN_ACTOR));
		break;
	case COLUMN_OBJECT:
		put_some(context, number_of(cursor, TRC__COLUMN_ID));
		break;
	case COLUMN_PEER:
		/* a SPAWN has a kind there */
		if (trc__columns_kinds(cursor->columns)[cursor->place] != TRC_SPAWN)
			put_some(context, number_of(cursor, TRC__COLUMN_PEER));
		break;
	case COLUMN_ARG:
		put_some(context, number_of(cursor, TRC__COLUMN_ARG));
		break;
	case COLUMN_TYPE:
		put_type(context, cursor);
		break;
	case COLUMN_SITE:
		put_some(context, number_of(cursor, TRC__COLUMN_SITE));
		break;
	case COLUMN_FLAGS:
		sqlite3_result_int64(context, trc__columns_flags(cursor->columns)[cursor->place]);
		break;
	case COLUMN_TEXT:
	case COLUMN_PAYLOAD:
		event = trc__columns_event(cursor->columns, cursor->place);
		if (number == COLUMN_TEXT)
			trc__put_event_text(context, &event);
		else
			trc__put_event_payload(context, cursor->source, &event);
		break;
	case COLUMN_COUNT:
		break;
	}
	return SQLITE_OK;
}

int trc__event_table_register(sqlite3 *db, struct trc__sql_source *const *source)
{
	static const sqlite3_module module = {
		.xCreate = connect, /* the same as xConnect: the table is there without a CREATE,
				       too */
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

	return sqlite3_create_module_v2(db, "event_row", &module, (void *)source, NULL);
}
