/*
 * The rows are those that a recorder would have written, in a temporary database of the same schema
 * and with the same views. Which of them a question needs is known from SQLite's authorizer, that
 * hears of every table when a statement is prepared: names and definitions are collected when any
 * table is read, messages and waits only when theirs are. The authorizer also refuses all that is
 * not reading.
 */
#include "tracer/store/sql.h"

#include "tracer/store/event-table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum need { NEED_NAMES = 1, NEED_ROWS = 2 };

struct trc_sql {
	struct trc_store *rows;
	struct trc__event_source source;
	trc_sql_fill *fill;
	void *context;
	unsigned needs, has; /* enum need */
	bool trusted;        /* what runs now is our own */
};

/* Names are joined from the tables, not from the view `actor`: SQLite then looks each up by its
 * number, and leaves out the joins whose columns nobody asks for. */
#define ACTOR_NAME(actor, kind) \
	"coalesce(" actor ".name, coalesce(" kind ".name, 'actor') || '-' || " actor ".id)"

static const char event_view[] =
	"CREATE VIEW event AS SELECT\n"
	"  e.time_ns, e.kind,\n"
	"  coalesce(" ACTOR_NAME(
		"a",
		"ak") ", '?') AS actor,\n"
		      "  " ACTOR_NAME(
			      "p",
			      "pk") " AS peer,\n"
				    "  t.name AS type,\n"
				    "  e.payload, e.text,\n"
				    "  s.file, s.line, s.function,\n"
				    "  e.ring, e.seq, e.object,\n"
				    "  e.actor AS actor_id, e.peer AS peer_id, e.arg, e.flags\n"
				    "FROM event_row e\n"
				    "  LEFT JOIN actor_row a ON a.id = e.actor LEFT JOIN kind ak "
				    "ON ak.id = a.kind\n"
				    "  LEFT JOIN actor_row p ON p.id = e.peer LEFT JOIN kind pk ON "
				    "pk.id = p.kind\n"
				    "  LEFT JOIN type t ON t.id = e.type LEFT JOIN site s ON s.id "
				    "= e.site;\n";

/* --- what may be read ---------------------------------------------------------------------------
 */

static int on_read(struct trc_sql *sql, const char *table)
{
	if (strcmp(table, "segment") == 0 || strcmp(table, "ring") == 0)
		return SQLITE_DENY; /* empty here, which would mislead */
	if (strncmp(table, "sqlite_", 7) == 0)
		return SQLITE_OK;
	sql->needs |= NEED_NAMES;
	if (strcmp(table, "message_row") == 0 || strcmp(table, "wait_row") == 0)
		sql->needs |= NEED_ROWS;
	return SQLITE_OK;
}

static int authorize(void *context, int action, const char *first, const char *second,
		     const char *database, const char *view)
{
	struct trc_sql *sql = context;

	if (sql->trusted)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
		return first ? on_read(sql, first) : SQLITE_OK;
	case SQLITE_FUNCTION:
		return strcmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

/* --- filling ------------------------------------------------------------------------------------
 */

static bool is_name(const struct trc_event *event)
{
	return event->kind == TRC_DEF_KIND || event->kind == TRC_DEF_TYPE ||
	       event->kind == TRC_DEF_SITE || event->kind == TRC_SPAWN || event->kind == TRC_END;
}

/* A number that was defined before keeps its first meaning. */
static int keep_type(struct trc_sql *sql, const struct trc_event *event)
{
	struct trc__type_definition *type;

	if (event->kind != TRC_DEF_TYPE || event->id > UINT16_MAX)
		return 0;
	type = &sql->source.types[event->id];
	if (type->bytes || event->payload_size == 0)
		return 0;
	type->bytes = malloc(event->payload_size);
	if (!type->bytes)
		return -ENOMEM;
	memcpy(type->bytes, event->payload, event->payload_size);
	type->size = event->payload_size;
	return 0;
}

static int put_names_of(struct trc_sql *sql, const struct trc_segment *segment,
			struct trc_error *ret_error)
{
	int result = 0;

	for (size_t i = 0; i < segment->count && result == 0; i++) {
		const struct trc_event *event = &segment->events[i];

		if (!is_name(event))
			continue;
		if (keep_type(sql, event) < 0)
			return trc__fail_memory(sql->rows, ret_error);
		result = trc_store_put_event(sql->rows, event, ret_error);
	}
	return result;
}

static int put_all_names(struct trc_sql *sql, struct trc_error *ret_error)
{
	size_t count = trc_store_segment_count(sql->source.trace);
	int result = 0;

	for (size_t i = 0; i < count && result == 0; i++) {
		struct trc_segment segment;

		result = trc_store_segment_load(sql->source.trace, i, &segment, ret_error);
		if (result < 0)
			break;
		result = put_names_of(sql, &segment, ret_error);
		trc_segment_clear(&segment);
	}
	return result;
}

static int put_names(struct trc_sql *sql, struct trc_error *ret_error)
{
	int result = trc_store_begin_rows(sql->rows, ret_error);

	if (result < 0)
		return result;
	result = put_all_names(sql, ret_error);
	if (result < 0) {
		trc_store_undo(sql->rows);
		return result;
	}
	return trc_store_commit(sql->rows, ret_error);
}

static int fill(struct trc_sql *sql, struct trc_error *ret_error)
{
	unsigned missing = sql->needs & ~sql->has;
	int result = 0;

	sql->trusted = true;
	if (missing & NEED_NAMES)
		result = put_names(sql, ret_error);
	if (result == 0 && missing & NEED_ROWS)
		result = sql->fill(sql->rows, sql->context, ret_error);
	sql->trusted = false;
	if (result == 0)
		sql->has |= missing;
	return result;
}

/* --- opening ------------------------------------------------------------------------------------
 */

/* `seq` counts a ring's events over all its segments. */
static int number_segments(struct trc_sql *sql)
{
	struct trc_store *trace = sql->source.trace;
	size_t count = trc_store_segment_count(trace);
	uint64_t *next = calloc(UINT16_MAX + 1, sizeof *next);

	sql->source.first_seq = calloc(count + 1, sizeof *sql->source.first_seq);
	for (size_t i = 0; next && sql->source.first_seq && i < count; i++) {
		struct trc_segment_info info = trc_store_segment_info(trace, i);

		sql->source.first_seq[i] = next[info.ring & UINT16_MAX];
		next[info.ring & UINT16_MAX] += info.count;
	}
	free(next);
	return next && sql->source.first_seq ? 0 : -ENOMEM;
}

int trc_sql_open(struct trc_store *trace, trc_sql_fill *fill_rows, void *context,
		 struct trc_sql **ret_sql, struct trc_error *ret_error)
{
	struct trc_sql *sql = calloc(1, sizeof *sql);
	struct trc_store_info info;
	int result;

	if (!sql)
		return trc__fail_memory(trace, ret_error);
	sql->source.trace = trace;
	sql->fill = fill_rows;
	sql->context = context;
	trc_store_info(trace, &info);
	result = trc__store_scratch(&info, &sql->rows, ret_error);
	if (result == 0 && number_segments(sql) < 0)
		result = trc__fail_memory(trace, ret_error);
	if (result == 0 && trc__event_table_register(sql->rows->db, &sql->source) != SQLITE_OK)
		result = trc__fail_sql(sql->rows, ret_error, "read");
	if (result == 0)
		result = trc__execute(sql->rows, event_view, ret_error);
	/* A virtual table is made at its first use, which the authorizer would not allow. */
	if (result == 0)
		result = trc__execute(sql->rows, "SELECT 1 FROM event_row LIMIT 0", ret_error);
	if (result < 0) {
		trc_sql_close(sql);
		return result;
	}
	sqlite3_db_config(sql->rows->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_limit(sql->rows->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_set_authorizer(sql->rows->db, authorize, sql);
	*ret_sql = sql;
	return 0;
}

void trc_sql_close(struct trc_sql *sql)
{
	if (!sql)
		return;
	trc_store_close(sql->rows);
	for (size_t i = 0; i <= UINT16_MAX; i++)
		free(sql->source.types[i].bytes);
	free(sql->source.first_seq);
	free(sql);
}

/* --- running ------------------------------------------------------------------------------------
 */

static void take_value(sqlite3_stmt *statement, int place, struct trc_sql_value *ret_value)
{
	static const enum trc_sql_type types[] = {
		[SQLITE_INTEGER] = TRC_SQL_INTEGER, [SQLITE_FLOAT] = TRC_SQL_REAL,
		[SQLITE_TEXT] = TRC_SQL_TEXT,       [SQLITE_BLOB] = TRC_SQL_BLOB,
		[SQLITE_NULL] = TRC_SQL_NULL,
	};
	const char *text;

	ret_value->type = types[sqlite3_column_type(statement, place)];
	ret_value->integer = sqlite3_column_int64(statement, place);
	ret_value->real = sqlite3_column_double(statement, place);
	text = ret_value->type == TRC_SQL_BLOB
		       ? sqlite3_column_blob(statement, place)
		       : (const char *)sqlite3_column_text(statement, place);
	ret_value->size = (size_t)sqlite3_column_bytes(statement, place);
	ret_value->text = text ? text : "";
}

static int say_mistake(struct trc_sql *sql, struct trc_error *ret_error)
{
	if ((sqlite3_errcode(sql->rows->db) & 0xff) == SQLITE_AUTH)
		return trc__fail(ret_error, -EINVAL, "not allowed: a trace can only be read (%s)",
				 sqlite3_errmsg(sql->rows->db));
	return trc__fail(ret_error, -EINVAL, "%s", sqlite3_errmsg(sql->rows->db));
}

static int run_statement(struct trc_sql *sql, sqlite3_stmt *statement, trc_sql_visit *visit,
			 void *context, struct trc_error *ret_error)
{
	int count = sqlite3_column_count(statement), code = SQLITE_DONE;
	struct trc_sql_value *values = calloc((size_t)count + 1, sizeof *values);
	bool wanted;

	if (!values)
		return trc__fail_memory(sql->rows, ret_error);
	for (int i = 0; i < count; i++) {
		const char *name = sqlite3_column_name(statement, i);

		values[i] = (struct trc_sql_value){.type = TRC_SQL_TEXT, .text = name ? name : ""};
		values[i].size = strlen(values[i].text);
	}
	wanted = visit(true, values, (unsigned)count, context);
	while (wanted && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		for (int i = 0; i < count; i++)
			take_value(statement, i, &values[i]);
		wanted = visit(false, values, (unsigned)count, context);
	}
	free(values);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : say_mistake(sql, ret_error);
}

int trc_sql_run(struct trc_sql *sql, const char *text, trc_sql_visit *visit, void *context,
		struct trc_error *ret_error)
{
	int result = 0;

	while (*text && result == 0) {
		sqlite3_stmt *statement = NULL;

		sql->needs = 0;
		if (sqlite3_prepare_v2(sql->rows->db, text, -1, &statement, &text) != SQLITE_OK)
			return say_mistake(sql, ret_error);
		if (!statement)
			continue; /* a comment, or white space */
		if (sql->needs & ~sql->has)
			result = fill(sql, ret_error);
		if (result == 0)
			result = run_statement(sql, statement, visit, context, ret_error);
		sqlite3_finalize(statement);
	}
	return result;
}

int trc_sql_list_tables(struct trc_sql *sql, trc_sql_visit *visit, void *context,
			struct trc_error *ret_error)
{
	static const char list[] =
		"SELECT m.name AS \"table\", group_concat(c.name, ', ') AS columns\n"
		"FROM sqlite_schema m, pragma_table_info(m.name) c\n"
		"WHERE m.type = 'view' OR m.name = 'meta' GROUP BY m.name ORDER BY m.name";
	int result;

	sql->trusted = true;
	result = trc_sql_run(sql, list, visit, context, ret_error);
	sql->trusted = false;
	return result;
}

bool trc_sql_is_complete(const char *text)
{
	return sqlite3_complete(text);
}
