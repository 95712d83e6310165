/*
 * One cursor holds one unpacked segment. Segments whose times or ring cannot meet the question's
 * conditions are skipped without being unpacked; SQLite still checks the conditions for each row.
 */
#include "tracer/store/event-table.h"

#include "tracer/event/payload.h"

#include <stdlib.h>
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
};

static const char declaration[] =
	"CREATE TABLE event_row(ring INTEGER, seq INTEGER, time_ns INTEGER, kind TEXT, "
	"actor INTEGER, object INTEGER, peer INTEGER, arg INTEGER, type INTEGER, site INTEGER, "
	"flags INTEGER, text TEXT, payload TEXT)";

/* Conditions that skip segments; the bits of idxNum. Their values come in this order. */
enum condition { AFTER = 1, BEFORE = 2, OF_RING = 4 };

struct table {
	sqlite3_vtab base;
	struct trc__event_source *source;
};

struct cursor {
	sqlite3_vtab_cursor base;
	size_t segment; /* that is unpacked, or their count at the end */
	size_t place;
	struct trc_segment events;
	bool has_after, has_before, has_ring;
	int64_t after, before, ring;
};

static int connect(sqlite3 *db, void *context, int argc, const char *const *argv,
		   sqlite3_vtab **ret_table, char **ret_error)
{
	struct table *table;
	int code = sqlite3_declare_vtab(db, declaration);

	if (code != SQLITE_OK)
		return code;
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	table = sqlite3_malloc(sizeof *table);
	if (!table)
		return SQLITE_NOMEM;
	*table = (struct table){.source = context};
	*ret_table = &table->base;
	return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *base)
{
	sqlite3_free(base);
	return SQLITE_OK;
}

/* --- conditions -------------------------------------------------------------------------------
 */

static unsigned condition_of(const struct sqlite3_index_constraint *constraint)
{
	unsigned char op = constraint->op;

	if (!constraint->usable)
		return 0;
	if (constraint->iColumn == COLUMN_RING)
		return op == SQLITE_INDEX_CONSTRAINT_EQ ? OF_RING : 0;
	if (constraint->iColumn != COLUMN_TIME)
		return 0;
	if (op == SQLITE_INDEX_CONSTRAINT_GT || op == SQLITE_INDEX_CONSTRAINT_GE)
		return AFTER;
	if (op == SQLITE_INDEX_CONSTRAINT_LT || op == SQLITE_INDEX_CONSTRAINT_LE)
		return BEFORE;
	return 0;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	static const unsigned conditions[] = {AFTER, BEFORE, OF_RING};
	const struct table *table = (const struct table *)base;
	struct trc_store_info trace;
	int arguments = 0;

	trc_store_info(table->source->trace, &trace);
	info->estimatedRows = (sqlite3_int64)(trace.events / 2 + 1);
	for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
		for (int k = 0; k < info->nConstraint; k++) {
			if (condition_of(&info->aConstraint[k]) != conditions[i])
				continue;
			info->aConstraintUsage[k].argvIndex = ++arguments;
			info->idxNum |= (int)conditions[i];
			info->estimatedRows = info->estimatedRows / 4 + 1;
			break;
		}
	}
	info->estimatedCost = (double)info->estimatedRows;
	return SQLITE_OK;
}

/* A condition with a number that is not whole is widened; one that is no number skips nothing. */
static bool take_number(sqlite3_value *value, bool up, int64_t *ret_number)
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

/* --- cursors ----------------------------------------------------------------------------------
 */

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **ret_cursor)
{
	struct cursor *cursor = sqlite3_malloc(sizeof *cursor);

	if (!cursor)
		return SQLITE_NOMEM;
	*cursor = (struct cursor){0};
	*ret_cursor = &cursor->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	trc_segment_clear(&cursor->events);
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static struct trc__event_source *source_of(const struct cursor *cursor)
{
	return ((struct table *)cursor->base.pVtab)->source;
}

/* Times beyond 2^63 appear as negative numbers: such a segment is never skipped by time. */
static bool is_skipped(const struct cursor *cursor, const struct trc_segment_info *info)
{
	if (cursor->has_ring && cursor->ring != (int64_t)info->ring)
		return true;
	if (info->last_time > INT64_MAX)
		return false;
	return (cursor->has_after && (int64_t)info->last_time < cursor->after) ||
	       (cursor->has_before && (int64_t)info->first_time > cursor->before);
}

/* Unpacks the first segment at or after cursor->segment that has an event to show. */
static int load(struct cursor *cursor)
{
	struct trc_store *trace = source_of(cursor)->trace;
	size_t count = trc_store_segment_count(trace);
	struct trc_error error;

	trc_segment_clear(&cursor->events);
	cursor->events = (struct trc_segment){0};
	cursor->place = 0;
	for (; cursor->segment < count; cursor->segment++) {
		struct trc_segment_info info = trc_store_segment_info(trace, cursor->segment);

		if (is_skipped(cursor, &info))
			continue;
		if (trc_store_segment_load(trace, cursor->segment, &cursor->events, &error) < 0) {
			cursor->events = (struct trc_segment){0};
			sqlite3_free(cursor->base.pVtab->zErrMsg);
			cursor->base.pVtab->zErrMsg = sqlite3_mprintf("%s", error.text);
			return SQLITE_ERROR;
		}
		if (cursor->events.count > 0)
			return SQLITE_OK;
		trc_segment_clear(&cursor->events);
	}
	return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
		  sqlite3_value **argv)
{
	struct cursor *cursor = (struct cursor *)base;

	cursor->has_after = number & AFTER && take_number(*argv++, false, &cursor->after);
	cursor->has_before = number & BEFORE && take_number(*argv++, true, &cursor->before);
	cursor->has_ring = number & OF_RING &&
			   sqlite3_value_numeric_type(*argv) == SQLITE_INTEGER &&
			   take_number(*argv, false, &cursor->ring);
	cursor->segment = 0;
	return load(cursor);
}

static int next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	if (++cursor->place < cursor->events.count)
		return SQLITE_OK;
	cursor->segment++;
	return load(cursor);
}

static int at_end(sqlite3_vtab_cursor *base)
{
	const struct cursor *cursor = (const struct cursor *)base;

	return cursor->segment >= trc_store_segment_count(source_of(cursor)->trace);
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_id)
{
	const struct cursor *cursor = (const struct cursor *)base;

	*ret_id = (sqlite3_int64)(((uint64_t)cursor->segment << 32) + cursor->place);
	return SQLITE_OK;
}

/* --- columns ----------------------------------------------------------------------------------
 */

static bool has_message_type(const struct trc_event *event)
{
	return (event->kind == TRC_SEND || event->kind == TRC_REFUSED ||
		event->kind == TRC_REPLY) &&
	       event->type != 0;
}

static void put_some(sqlite3_context *context, uint64_t number)
{
	if (number != 0)
		sqlite3_result_int64(context, (sqlite3_int64)number);
}

/* What the small number in `type` means for kinds that are no message, or a note's or name's text.
 */
static void put_text(sqlite3_context *context, const struct trc_event *event)
{
	static const char *const wakes[] = {NULL, "met", "deadline", "cancelled"};
	static const char *const ends[] = {NULL, "stopped", "unreachable", "failed", "shutdown"};
	static const char *const refusals[] = {NULL, "full", "ended", "deadline", "cancelled"};
	const char *text = NULL;

	switch (event->kind) {
	case TRC_LOG:
	case TRC_SPAWN:
		sqlite3_result_text(context, (const char *)event->payload, (int)event->payload_size,
				    SQLITE_TRANSIENT);
		return;
	case TRC_WAIT:
		text = trc_what_name(event->type);
		break;
	case TRC_WAKE:
		text = event->type < 4 ? wakes[event->type] : NULL;
		break;
	case TRC_END:
		text = event->type < 5 ? ends[event->type] : NULL;
		break;
	case TRC_REFUSED:
		text = event->arg < 5 ? refusals[event->arg] : NULL;
		break;
	case TRC_REPLY:
		text = event->arg == TRC_OUTCOME_ERROR ? "error" : "ok";
		break;
	}
	sqlite3_result_text(context, text, -1, SQLITE_STATIC);
}

static void put_payload(sqlite3_context *context, const struct trc__event_source *source,
			const struct trc_event *event)
{
	const struct trc__type_definition *type = &source->types[event->type];
	bool cut = event->flags & TRC_F_CUT;
	size_t length;
	char *text;

	if (!has_message_type(event) || event->kind == TRC_REFUSED)
		return;
	length = trc_payload_json(type->bytes, type->size, event->payload, event->payload_size, cut,
				  NULL, 0);
	text = sqlite3_malloc64(length + 1);
	if (!text) {
		sqlite3_result_error_nomem(context);
		return;
	}
	trc_payload_json(type->bytes, type->size, event->payload, event->payload_size, cut, text,
			 length + 1);
	sqlite3_result_text64(context, text, length, sqlite3_free, SQLITE_UTF8);
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
	const struct cursor *cursor = (const struct cursor *)base;
	const struct trc__event_source *source = source_of(cursor);
	const struct trc_event *event = &cursor->events.events[cursor->place];

	switch ((enum column)number) {
	case COLUMN_RING:
		sqlite3_result_int64(context,
				     trc_store_segment_info(source->trace, cursor->segment).ring);
		break;
	case COLUMN_SEQ:
		sqlite3_result_int64(context, (sqlite3_int64)(source->first_seq[cursor->segment] +
							      cursor->place));
		break;
	case COLUMN_TIME:
		sqlite3_result_int64(context, (sqlite3_int64)event->time);
		break;
	case COLUMN_KIND:
		sqlite3_result_text(context, trc_kind_name(event->kind), -1, SQLITE_STATIC);
		break;
	case COLUMN_ACTOR:
		sqlite3_result_int64(context, (sqlite3_int64)event->actor);
		break;
	case COLUMN_OBJECT:
		put_some(context, event->id);
		break;
	case COLUMN_PEER:
		put_some(context, event->peer);
		break;
	case COLUMN_ARG:
		put_some(context, event->arg);
		break;
	case COLUMN_TYPE:
		put_some(context, has_message_type(event) ? event->type : 0);
		break;
	case COLUMN_SITE:
		put_some(context, event->site);
		break;
	case COLUMN_FLAGS:
		sqlite3_result_int64(context, event->flags);
		break;
	case COLUMN_TEXT:
		put_text(context, event);
		break;
	case COLUMN_PAYLOAD:
		put_payload(context, source, event);
		break;
	}
	return SQLITE_OK;
}

int trc__event_table_register(sqlite3 *db, struct trc__event_source *source)
{
	/* Without xCreate the table is simply there, under the module's name. */
	static const sqlite3_module module = {
		.xConnect = connect,
		.xBestIndex = best_index,
		.xDisconnect = disconnect,
		.xOpen = open_cursor,
		.xClose = close_cursor,
		.xFilter = filter,
		.xNext = next,
		.xEof = at_end,
		.xColumn = column,
		.xRowid = row_id,
	};

	return sqlite3_create_module_v2(db, "event_row", &module, source, NULL);
}
