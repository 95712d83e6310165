/*
 * The rows of a trace file, by statements that are prepared once: one takes many messages or waits
 * (given.h), or one of the others. All of them are put into the writer's open transaction.
 */
#include "tracer/store/given.h"
#include "tracer/store/store-private.h"

#include <stdlib.h>
#include <string.h>

enum statement {
	PUT_META,
	PUT_SEGMENT,
	PUT_KIND,
	PUT_TYPE,
	PUT_SITE,
	PUT_SPAWN,
	PUT_END,
	PUT_MESSAGES,
	PUT_WAITS,
	PUT_RING,
	PUT_CURSOR,
	GET_SEGMENTS,
	STATEMENT_COUNT,
};

static const char *const statements[STATEMENT_COUNT] = {
	[PUT_META] = "INSERT INTO meta VALUES(?1, ?2) "
		     "ON CONFLICT DO UPDATE SET value = excluded.value",
	[PUT_SEGMENT] = "INSERT INTO segment VALUES(NULL, ?1, ?2, ?3, ?4, ?5, ?6)",
	[PUT_KIND] = "INSERT OR REPLACE INTO kind VALUES(?1, ?2, ?3)",
	[PUT_TYPE] = "INSERT OR REPLACE INTO type VALUES(?1, ?2, ?3)",
	[PUT_SITE] = "INSERT OR REPLACE INTO site VALUES(?1, ?2, ?3, ?4)",
	/* An actor can end in another ring, and be seen there before its spawn. */
	[PUT_SPAWN] = "INSERT INTO actor_row(id, name, kind, parent, capacity, spawned_ns, flags, "
		      "site) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
		      "ON CONFLICT DO UPDATE SET name = excluded.name, kind = excluded.kind, "
		      "parent = excluded.parent, capacity = excluded.capacity, "
		      "spawned_ns = excluded.spawned_ns, flags = excluded.flags, "
		      "site = excluded.site",
	[PUT_END] = "INSERT INTO actor_row(id, ended_ns, end_reason) VALUES(?1, ?2, ?3) "
		    "ON CONFLICT DO UPDATE SET ended_ns = excluded.ended_ns, "
		    "end_reason = excluded.end_reason",
	/* Without the "WHERE", "ON" would belong to the "SELECT". A row that cannot be put makes
	 * the caller undo them all, so SQLite need not be ready to. */
	[PUT_MESSAGES] = "INSERT OR FAIL INTO message_row SELECT * FROM given WHERE 1 "
			 "ON CONFLICT DO UPDATE SET received_ns = excluded.received_ns, "
			 "done_ns = excluded.done_ns, replied_ns = excluded.replied_ns, "
			 "replier = excluded.replier, reply_type = excluded.reply_type, "
			 "reply_site = excluded.reply_site, fate = excluded.fate, "
			 "payload = coalesce(excluded.payload, payload), "
			 "reply_payload = coalesce(excluded.reply_payload, reply_payload)",
	[PUT_WAITS] =
		"INSERT OR FAIL INTO wait_row SELECT v1, v2, v3, v4, v5, v6, v7, v8, v9, v10, "
		"v11, v12, v13 FROM given WHERE 1 "
		"ON CONFLICT DO UPDATE SET end_ns = excluded.end_ns, wake = excluded.wake",
	[PUT_RING] = "INSERT OR REPLACE INTO ring VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[PUT_CURSOR] = "INSERT OR REPLACE INTO derived VALUES(?1, ?2, ?3)",
	[GET_SEGMENTS] = "SELECT batch, ring, count, first_ns, last_ns, data FROM segment "
			 "WHERE id >= ?1 ORDER BY id",
};

struct trc__rows {
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct trc__given given;
};

/* --- statements ------------------------------------------------------------------------------- */

/* Ends a statement's one step. Its values stay bound, so the next use binds all of them again. */
static int step(struct trc_store *store, sqlite3_stmt *statement, struct trc_error *ret_error)
{
	int code = sqlite3_step(statement);
	int result = code == SQLITE_DONE ? 0 : trc__fail_sql(store, ret_error, "write");

	sqlite3_reset(statement);
	return result;
}

/* Numbers are stored as SQLite's signed 64 bits; the highest bit becomes the sign. */
static void bind_u64(sqlite3_stmt *statement, int place, uint64_t value)
{
	sqlite3_bind_int64(statement, place, (sqlite3_int64)value);
}

/* 0 means "none" and becomes NULL. */
static void bind_some(sqlite3_stmt *statement, int place, uint64_t value)
{
	if (value != 0)
		bind_u64(statement, place, value);
	else
		sqlite3_bind_null(statement, place);
}

/* NULL stays NULL. */
static void bind_text(sqlite3_stmt *statement, int place, const char *text, size_t size)
{
	sqlite3_bind_text(statement, place, text, (int)size, SQLITE_STATIC);
}

static void bind_string(sqlite3_stmt *statement, int place, const char *text)
{
	bind_text(statement, place, text, text ? strlen(text) : 0);
}

int trc__put_meta_number(struct trc_store *store, const char *key, uint64_t value,
			 struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->rows->statements[PUT_META];

	bind_text(statement, 1, key, strlen(key));
	bind_u64(statement, 2, value);
	return step(store, statement, ret_error);
}

static int put_meta_text(struct trc_store *store, const char *key, const char *value,
			 struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->rows->statements[PUT_META];

	bind_text(statement, 1, key, strlen(key));
	bind_text(statement, 2, value ? value : "", value ? strlen(value) : 0);
	return step(store, statement, ret_error);
}

int trc__rows_prepare(struct trc_store *store, struct trc_error *ret_error)
{
	int result = 0;

	store->rows = calloc(1, sizeof(*store->rows));
	if (!store->rows)
		return trc__fail_memory(store, ret_error);
	if (trc__given_register(store->db, &store->rows->given) != SQLITE_OK)
		return trc__fail_sql(store, ret_error, "write");
	for (size_t i = 0; result == 0 && i < STATEMENT_COUNT; i++)
		result = trc__prepare(store, statements[i], &store->rows->statements[i], ret_error);
	return result;
}

void trc__rows_free(struct trc__rows *rows)
{
	if (!rows)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(rows->statements[i]);
	free(rows);
}

int trc_store_put_left_out(struct trc_store *store, const char *chosen, uint64_t left_out,
			   uint64_t bare, struct trc_error *ret_error)
{
	int result = put_meta_text(store, "chosen", chosen, ret_error);

	if (result == 0)
		result = trc__put_meta_number(store, "left_out", left_out, ret_error);
	return result == 0 ? trc__put_meta_number(store, "bare", bare, ret_error) : result;
}

int trc_store_add_clocks(struct trc_store *store, const char *steps, uint64_t times_back,
			 struct trc_error *ret_error)
{
	char *sql = sqlite3_mprintf("INSERT INTO meta SELECT 'clock_steps', %Q WHERE %d ON "
				    "CONFLICT DO UPDATE SET value = "
				    "value || excluded.value;"
				    "INSERT INTO meta SELECT 'times_back', %lld WHERE %d ON "
				    "CONFLICT DO UPDATE SET value = "
				    "value + excluded.value;",
				    steps ? steps : "", steps != NULL, (long long)times_back,
				    times_back > 0);
	int result = sql ? trc__execute(store, sql, ret_error) : trc__fail_memory(store, ret_error);

	sqlite3_free(sql);
	return result;
}

int trc__put_info(struct trc_store *store, const struct trc_store_info *info,
		  struct trc_error *ret_error)
{
	const struct {
		const char *key;
		uint64_t value;
	} numbers[] = {
		{"wall_start", info->wall_start},
		{"payload_limit", info->payload_limit},
		{"closed", info->closed},
		{"complete", info->complete},
		{"exit_status", (uint64_t)(int64_t)info->exit_status},
		{"lost", info->lost},
	};
	int result = 0;

	if (info->program)
		result = put_meta_text(store, "program", info->program, ret_error);
	if (result == 0 && info->cut)
		result = put_meta_text(store, "cut", info->cut, ret_error);
	if (result == 0 && info->filters)
		result = put_meta_text(store, "filters", info->filters, ret_error);
	if (result == 0 && info->chosen)
		result = trc_store_put_left_out(store, info->chosen, info->left_out, info->bare,
						ret_error);

	if (result == 0 && info->parent)
		result = trc__put_meta_number(store, "parent_pid", info->parent, ret_error);
	if (result == 0)
		result = put_meta_text(store, "tool_version", info->tool_version, ret_error);
	for (size_t i = 0; result == 0 && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		result = trc__put_meta_number(store, numbers[i].key, numbers[i].value, ret_error);
	return result;
}

int trc__put_segment(struct trc_store *store, const struct trc_segment_info *info,
		     const uint8_t *bytes, size_t size, struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->rows->statements[PUT_SEGMENT];

	bind_u64(statement, 1, info->batch);
	bind_u64(statement, 2, info->ring);
	bind_u64(statement, 3, info->count);
	bind_u64(statement, 4, info->first_time);
	bind_u64(statement, 5, info->last_time);
	sqlite3_bind_blob64(statement, 6, bytes, size, SQLITE_STATIC);
	return step(store, statement, ret_error);
}

/* --- rows ------------------------------------------------------------------------------------- */

/* The string at the start of `*text`, which it steps over. */
static const char *next_string(const char **text, size_t *size, size_t *ret_length)
{
	const char *string = *text;
	const char *end = *size > 0 ? memchr(string, 0, *size) : NULL;

	*ret_length = end ? (size_t)(end - string) : *size;
	*text += *ret_length + (end ? 1 : 0);
	*size -= *ret_length + (end ? 1 : 0);
	return string;
}

static void bind_next_string(sqlite3_stmt *statement, int place, const char **text, size_t *size)
{
	size_t length;
	const char *string = next_string(text, size, &length);

	bind_text(statement, place, string, length);
}

static int put_definition(struct trc_store *store, const struct trc_event *event,
			  struct trc_error *ret_error)
{
	const char *text = (const char *)event->payload;
	size_t size = event->payload_size;
	enum statement which = event->kind == TRC_DEF_KIND   ? PUT_KIND
			       : event->kind == TRC_DEF_TYPE ? PUT_TYPE
							     : PUT_SITE;
	sqlite3_stmt *statement = store->rows->statements[which];

	bind_u64(statement, 1, event->id);
	bind_next_string(statement, 2, &text, &size);
	if (which == PUT_TYPE)
		sqlite3_bind_blob(statement, 3, event->payload, (int)event->payload_size,
				  SQLITE_STATIC);
	else
		bind_u64(statement, 3, event->arg);
	if (which == PUT_SITE)
		bind_next_string(statement, 4, &text, &size);
	return step(store, statement, ret_error);
}

static int put_spawn(struct trc_store *store, const struct trc_event *event,
		     struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->rows->statements[PUT_SPAWN];

	bind_u64(statement, 1, event->id);
	bind_text(statement, 2, event->payload_size > 0 ? (const char *)event->payload : NULL,
		  event->payload_size);
	bind_u64(statement, 3, event->peer);
	bind_u64(statement, 4, event->actor);
	bind_u64(statement, 5, event->arg);
	bind_u64(statement, 6, event->time);
	bind_u64(statement, 7, event->flags);
	bind_some(statement, 8, event->site);
	return step(store, statement, ret_error);
}

int trc_store_put_event(struct trc_store *store, const struct trc_event *event,
			struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->rows->statements[PUT_END];

	if (event->kind == TRC_SPAWN)
		return put_spawn(store, event, ret_error);
	if (event->kind != TRC_END)
		return put_definition(store, event, ret_error);
	bind_u64(statement, 1, event->actor);
	bind_u64(statement, 2, event->time);
	bind_u64(statement, 3, event->type);
	return step(store, statement, ret_error);
}

/* --- many rows at once ------------------------------------------------------------------------ */

static struct trc__given_value number(uint64_t value)
{
	return (struct trc__given_value){.what = TRC__GIVEN_NUMBER, .number = value};
}

/* 0 means "none". */
static struct trc__given_value some(uint64_t value)
{
	return value ? number(value) : (struct trc__given_value){.what = TRC__GIVEN_NOTHING};
}

static struct trc__given_value text(const char *value)
{
	return (struct trc__given_value){.what = value ? TRC__GIVEN_TEXT : TRC__GIVEN_NOTHING,
					 .text = value};
}

struct messages {
	trc_store_next_message *next;
	void *context;
};

static bool next_message(void *context, struct trc__given_value values[TRC__GIVEN_COLUMNS])
{
	const struct messages *messages = context;
	struct trc_store_message message;
	unsigned fate;

	if (!messages->next(messages->context, &message))
		return false;
	fate = (message.discarded ? 1u : 0) | (message.dropped ? 2u : 0) |
	       (message.failed ? 4u : 0);
	values[0] = number(message.id);
	values[1] = number(message.type);
	values[2] = number(message.sender);
	values[3] = number(message.receiver);
	values[4] = some(message.cause);
	values[5] = some(message.token);
	values[6] = some(message.space_since);
	values[7] = number(message.sent);
	values[8] = some(message.received);
	values[9] = some(message.done);
	values[10] = some(message.site);
	values[11] = number(message.flags);
	values[12] = text(message.payload);
	values[13] = some(message.replied);
	values[14] = message.replied ? number(message.replier) : some(0);
	values[15] = some(message.reply_type);
	values[16] = some(message.reply_site);
	values[17] = text(message.reply_payload);
	values[18] = number(fate);
	return true;
}

int trc_store_put_messages(struct trc_store *store, trc_store_next_message *next, void *context,
			   struct trc_error *ret_error)
{
	struct messages messages = {next, context};

	store->rows->given.next = next_message;
	store->rows->given.context = &messages;
	return step(store, store->rows->statements[PUT_MESSAGES], ret_error);
}

struct waits {
	trc_store_next_wait *next;
	void *context;
};

static bool next_wait(void *context, struct trc__given_value values[TRC__GIVEN_COLUMNS])
{
	const struct waits *waits = context;
	struct trc_store_wait wait;

	if (!waits->next(waits->context, &wait))
		return false;
	values[0] = number(wait.id);
	values[1] = number(wait.actor);
	values[2] = number(wait.begin);
	values[3] = number(wait.target);
	values[4] = number(wait.what);
	values[5] = some(wait.object);
	values[6] = some(wait.peer);
	values[7] = number(!wait.any);
	values[8] = some(wait.deadline);
	values[9] = some(wait.end);
	values[10] = some(wait.wake);
	values[11] = some(wait.message);
	values[12] = some(wait.site);
	return true;
}

int trc_store_put_waits(struct trc_store *store, trc_store_next_wait *next, void *context,
			struct trc_error *ret_error)
{
	struct waits waits = {next, context};

	store->rows->given.next = next_wait;
	store->rows->given.context = &waits;
	return step(store, store->rows->statements[PUT_WAITS], ret_error);
}

/* --- accounts --------------------------------------------------------------------------------- */

int trc_store_put_ring(struct trc_store *store, const struct trc_store_ring *ring,
		       struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->rows->statements[PUT_RING];

	bind_u64(statement, 1, ring->number);
	bind_u64(statement, 2, ring->pid);
	bind_u64(statement, 3, ring->tid);
	bind_u64(statement, 4, ring->written);
	bind_u64(statement, 5, ring->stored);
	bind_u64(statement, 6, ring->lost);
	bind_u64(statement, 7, ring->corrupt);
	bind_u64(statement, 8, ring->closed);
	bind_u64(statement, 9, ring->position);
	return step(store, statement, ret_error);
}

int trc__put_cursor(struct trc_store *store, const char *name,
		    const struct trc_store_cursor *cursor, struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->rows->statements[PUT_CURSOR];

	bind_string(statement, 1, name);
	bind_u64(statement, 2, cursor->batch);
	bind_u64(statement, 3, cursor->events);
	return step(store, statement, ret_error);
}

/* --- segments, read again ----------------------------------------------------------------------
 */

/* Adds the row that `statement` stands on to the batch. 0, 1 when it is of the next batch, -errno.
 */
static int take_segment(struct trc_store *store, sqlite3_stmt *statement, struct trc_batch *batch,
			struct trc_error *ret_error)
{
	struct trc_segment_info info = {
		.batch = (uint64_t)sqlite3_column_int64(statement, 0),
		.ring = (uint32_t)sqlite3_column_int64(statement, 1),
		.count = (uint32_t)sqlite3_column_int64(statement, 2),
		.first_time = (uint64_t)sqlite3_column_int64(statement, 3),
		.last_time = (uint64_t)sqlite3_column_int64(statement, 4),
	};

	if (batch->count > 0 && info.batch != batch->number)
		return 1;
	batch->number = info.batch;
	if (trc__batch_add(batch, &info, sqlite3_column_blob(statement, 5),
			   (size_t)sqlite3_column_bytes(statement, 5)) < 0)
		return trc__fail_memory(store, ret_error);
	return 0;
}

int trc__get_batch(struct trc_store *store, uint64_t first, struct trc_batch *batch,
		   struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->rows->statements[GET_SEGMENTS];
	int code, result = 0;

	bind_u64(statement, 1, first);
	while (result == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW)
		result = take_segment(store, statement, batch, ret_error);
	if (result == 0 && code != SQLITE_DONE)
		result = trc__fail_sql(store, ret_error, "read");
	sqlite3_reset(statement);
	return result < 0 ? result : 0;
}
