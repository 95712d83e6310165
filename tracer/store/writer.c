/*
 * The recorder's end of a trace file.
 *
 * Events wait in memory, packed per ring, until the commit of their batch; only then are they
 * written, with everything else of the batch, in one transaction. When that fails (a full disk),
 * the transaction is undone and the packed events stay: the next commit writes them. So an event
 * that was added is never added again.
 *
 * The file is made in SQLite's rollback mode, so that its first page says what it is from the
 * beginning, and then switched to a write-ahead log: readers never wait for the recorder, nor it
 * for them. A closed recording goes back to one plain file.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/store/schema.h"
#include "tracer/store/store-private.h"

enum {
	BUSY_TIMEOUT_MS = 2000,
	CLOSE_TIMEOUT_MS = 250,
};

enum statement {
	PUT_META,
	PUT_SEGMENT,
	PUT_KIND,
	PUT_TYPE,
	PUT_SITE,
	PUT_SPAWN,
	PUT_END,
	PUT_MESSAGE,
	PUT_WAIT,
	PUT_RING,
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
	[PUT_MESSAGE] = "INSERT INTO message_row VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, "
			"?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) "
			"ON CONFLICT DO UPDATE SET received_ns = excluded.received_ns, "
			"done_ns = excluded.done_ns, replied_ns = excluded.replied_ns, "
			"replier = excluded.replier, reply_type = excluded.reply_type, "
			"reply_site = excluded.reply_site, fate = excluded.fate, "
			"payload = coalesce(excluded.payload, payload), "
			"reply_payload = coalesce(excluded.reply_payload, reply_payload)",
	[PUT_WAIT] = "INSERT INTO wait_row VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, "
		     "?12, ?13) ON CONFLICT DO UPDATE SET end_ns = excluded.end_ns, "
		     "wake = excluded.wake",
	[PUT_RING] = "INSERT OR REPLACE INTO ring VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
};

/* A segment, or the event of a definition or an actor, on its way to the next commit. */
struct pending {
	struct pending *next;
	bool is_segment;
	unsigned ring;
	size_t count;
	uint64_t first, last;
	uint8_t *bytes; /* of the segment */
	size_t size;
	struct trc_event event; /* its payload follows this struct */
};

struct trc__writer {
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct trc_segment_packer *packer;
	struct trc_segment_builder **builders; /* by ring; NULL: none yet */
	size_t builder_count;
	struct pending *pending;
	struct pending **pending_end;
	uint64_t batch; /* number of the next commit */
	uint64_t events;
	uint64_t messages;
	uint64_t first_time;
	uint64_t last_time;
};

static void free_pending(struct trc__writer *writer)
{
	struct pending *item, *next;

	for (item = writer->pending; item; item = next) {
		next = item->next;
		free(item->bytes);
		free(item);
	}
	writer->pending = NULL;
	writer->pending_end = &writer->pending;
}

void trc__writer_free(struct trc__writer *writer)
{
	if (!writer)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(writer->statements[i]);
	for (size_t i = 0; i < writer->builder_count; i++)
		trc_segment_builder_free(writer->builders[i]);
	free(writer->builders);
	free_pending(writer);
	trc_segment_packer_free(writer->packer);
	free(writer);
}

/* --- statements ------------------------------------------------------------------------------- */

/* Ends a statement's one step. */
static int step(struct trc_store *store, sqlite3_stmt *statement, struct trc_error *ret_error)
{
	int code = sqlite3_step(statement);
	int result = code == SQLITE_DONE ? 0 : trc__fail_sql(store, ret_error, "write");

	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return result;
}

static int execute(struct trc_store *store, const char *sql, struct trc_error *ret_error)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return trc__fail_sql(store, ret_error, "write");
	return 0;
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
}

static void bind_text(sqlite3_stmt *statement, int place, const char *text, size_t size)
{
	sqlite3_bind_text(statement, place, text, (int)size, SQLITE_STATIC);
}

static int put_meta_number(struct trc_store *store, const char *key, uint64_t value,
			   struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->writer->statements[PUT_META];

	bind_text(statement, 1, key, strlen(key));
	bind_u64(statement, 2, value);
	return step(store, statement, ret_error);
}

static int put_meta_text(struct trc_store *store, const char *key, const char *value,
			 struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->writer->statements[PUT_META];

	bind_text(statement, 1, key, strlen(key));
	bind_text(statement, 2, value ? value : "", value ? strlen(value) : 0);
	return step(store, statement, ret_error);
}

/* --- making a file ---------------------------------------------------------------------------- */

/* Whether the regular file `path` may be replaced by a new trace: empty, or a trace. */
static bool is_replaceable(const char *path)
{
	uint8_t header[72];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size;

	if (fd < 0)
		return false;
	size = read(fd, header, sizeof(header));
	close(fd);
	if (size == 0)
		return true;
	return size == sizeof(header) && memcmp(header, "SQLite format 3", 16) == 0 &&
	       memcmp(header + 68, "acts", 4) == 0;
}

static int remove_old(const char *path, bool replace, struct trc_error *ret_error)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
	struct stat status;

	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0
				       : trc__fail(ret_error, -errno, "cannot write %s: %s", path,
						   strerror(errno));
	if (!replace)
		return trc__fail(ret_error, -EEXIST,
				 "%s exists already; choose another name, or use --force to "
				 "replace it",
				 path);
	if (!S_ISREG(status.st_mode) || !is_replaceable(path))
		return trc__fail(ret_error, -EEXIST,
				 "%s exists and is not a trace, so it is not replaced; choose "
				 "another name, or remove it yourself",
				 path);
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char *file = sqlite3_mprintf("%s%s", path, endings[i]);

		if (!file)
			return trc__fail(ret_error, -ENOMEM, "cannot write %s: out of memory",
					 path);
		if (unlink(file) < 0 && errno != ENOENT) {
			int error = errno;

			sqlite3_free(file);
			return trc__fail(ret_error, -error, "cannot replace %s: %s", path,
					 strerror(error));
		}
		sqlite3_free(file);
	}
	return 0;
}

/* Makes an empty file that nobody had before. */
static int make_file(const char *path, struct trc_error *ret_error)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);

	if (fd < 0)
		return trc__fail(ret_error, -errno, "cannot write %s: %s; choose another place",
				 path, strerror(errno));
	close(fd);
	return 0;
}

static struct trc_store *store_new(const char *path)
{
	struct trc_store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->path = strdup(path);
	store->writer = calloc(1, sizeof(*store->writer));
	if (store->writer) {
		store->writer->batch = 1;
		store->writer->pending_end = &store->writer->pending;
		store->writer->packer = trc_segment_packer_new();
	}
	if (!store->path || !store->writer || !store->writer->packer) {
		trc_store_close(store);
		return NULL;
	}
	return store;
}

static int put_info(struct trc_store *store, const struct trc_store_info *info,
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
	int result = put_meta_text(store, "program", info->program, ret_error);

	if (result == 0)
		result = put_meta_text(store, "tool_version", info->tool_version, ret_error);
	for (size_t i = 0; result == 0 && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		result = put_meta_number(store, numbers[i].key, numbers[i].value, ret_error);
	return result;
}

static int make_schema(struct trc_store *store, const struct trc_store_info *info,
		       struct trc_error *ret_error)
{
	char identity[96];
	int result;

	snprintf(identity, sizeof(identity), "PRAGMA application_id=%d; PRAGMA user_version=%d;",
		 TRC__APPLICATION_ID, TRC__SCHEMA_VERSION);
	result = execute(store, "BEGIN IMMEDIATE", ret_error);
	if (result == 0)
		result = execute(store, identity, ret_error);
	if (result == 0)
		result = execute(store, trc__schema, ret_error);
	for (size_t i = 0; result == 0 && i < STATEMENT_COUNT; i++)
		result = trc__prepare(store, statements[i], &store->writer->statements[i],
				      ret_error);
	if (result == 0)
		result = put_info(store, info, ret_error);
	if (result == 0)
		result = execute(store, "COMMIT", ret_error);
	if (result == 0)
		result = execute(store,
				 "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
				 "PRAGMA wal_autocheckpoint=4000;",
				 ret_error);
	return result;
}

int trc_store_create(const char *path, bool replace, const struct trc_store_info *info,
		     struct trc_store **ret_store, struct trc_error *ret_error)
{
	struct trc_store *store;
	int result = remove_old(path, replace, ret_error);

	if (result == 0)
		result = make_file(path, ret_error);
	if (result < 0)
		return result;
	store = store_new(path);
	if (!store) {
		result = trc__fail(ret_error, -ENOMEM, "cannot write %s: out of memory", path);
	} else if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
				   NULL) != SQLITE_OK) {
		result = trc__fail_sql(store, ret_error, "write");
	} else {
		sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
		result = make_schema(store, info, ret_error);
	}
	if (result < 0) {
		trc_store_close(store);
		unlink(path);
		return result;
	}
	*ret_store = store;
	return 0;
}

/* --- adding events ---------------------------------------------------------------------------- */

static void append_pending(struct trc__writer *writer, struct pending *item)
{
	*writer->pending_end = item;
	writer->pending_end = &item->next;
}

static int out_of_memory(const struct trc_store *store, struct trc_error *ret_error)
{
	return trc__fail(ret_error, -ENOMEM, "cannot write %s: out of memory", store->path);
}

/* The builder of a ring, made on first use. */
static struct trc_segment_builder *builder_of(struct trc__writer *writer, unsigned ring)
{
	if (ring >= writer->builder_count) {
		size_t count = ring + 16;
		struct trc_segment_builder **builders =
			realloc(writer->builders, count * sizeof(struct trc_segment_builder *));

		if (!builders)
			return NULL;
		memset(builders + writer->builder_count, 0,
		       (count - writer->builder_count) * sizeof(struct trc_segment_builder *));
		writer->builders = builders;
		writer->builder_count = count;
	}
	if (!writer->builders[ring])
		writer->builders[ring] = trc_segment_builder_new();
	return writer->builders[ring];
}

static int pack_ring(struct trc__writer *writer, unsigned ring)
{
	struct trc_segment_builder *builder = writer->builders[ring];
	struct pending *item = calloc(1, sizeof(*item));
	int result;

	if (!item)
		return -ENOMEM;
	item->is_segment = true;
	item->ring = ring;
	item->count = trc_segment_builder_count(builder);
	item->first = trc_segment_builder_first(builder);
	item->last = trc_segment_builder_last(builder);
	result = trc_segment_builder_pack(builder, writer->packer, &item->bytes, &item->size);
	if (result < 0)
		free(item);
	else
		append_pending(writer, item);
	return result;
}

static bool has_row(unsigned kind)
{
	return kind == TRC_DEF_KIND || kind == TRC_DEF_TYPE || kind == TRC_DEF_SITE ||
	       kind == TRC_SPAWN || kind == TRC_END;
}

static int keep_event(struct trc__writer *writer, const struct trc_event *event)
{
	struct pending *item = calloc(1, sizeof(*item) + event->payload_size);

	if (!item)
		return -ENOMEM;
	item->event = *event;
	if (event->payload_size > 0)
		memcpy(item + 1, event->payload, event->payload_size);
	item->event.payload = (const uint8_t *)(item + 1);
	append_pending(writer, item);
	return 0;
}

int trc_store_add(struct trc_store *store, unsigned ring, const struct trc_event *event,
		  struct trc_error *ret_error)
{
	struct trc__writer *writer = store->writer;
	struct trc_segment_builder *builder = builder_of(writer, ring);

	if (!builder || trc_segment_builder_add(builder, event) < 0 ||
	    (has_row(event->kind) && keep_event(writer, event) < 0) ||
	    (trc_segment_builder_full(builder) && pack_ring(writer, ring) < 0))
		return out_of_memory(store, ret_error);
	if (writer->events == 0 || event->time < writer->first_time)
		writer->first_time = event->time;
	if (event->time > writer->last_time)
		writer->last_time = event->time;
	writer->events++;
	writer->messages += event->kind == TRC_SEND;
	return 0;
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
	sqlite3_stmt *statement = store->writer->statements[which];

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
	sqlite3_stmt *statement = store->writer->statements[PUT_SPAWN];

	bind_u64(statement, 1, event->id);
	if (event->payload_size > 0)
		bind_text(statement, 2, (const char *)event->payload, event->payload_size);
	bind_u64(statement, 3, event->peer);
	bind_u64(statement, 4, event->actor);
	bind_u64(statement, 5, event->arg);
	bind_u64(statement, 6, event->time);
	bind_u64(statement, 7, event->flags);
	bind_some(statement, 8, event->site);
	return step(store, statement, ret_error);
}

static int put_row(struct trc_store *store, const struct trc_event *event,
		   struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->writer->statements[PUT_END];

	if (event->kind == TRC_SPAWN)
		return put_spawn(store, event, ret_error);
	if (event->kind != TRC_END)
		return put_definition(store, event, ret_error);
	bind_u64(statement, 1, event->actor);
	bind_u64(statement, 2, event->time);
	bind_u64(statement, 3, event->type);
	return step(store, statement, ret_error);
}

int trc_store_put_message(struct trc_store *store, const struct trc_store_message *message,
			  struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->writer->statements[PUT_MESSAGE];

	bind_u64(statement, 1, message->id);
	bind_u64(statement, 2, message->type);
	bind_u64(statement, 3, message->sender);
	bind_u64(statement, 4, message->receiver);
	bind_some(statement, 5, message->cause);
	bind_some(statement, 6, message->token);
	bind_some(statement, 7, message->space_since);
	bind_u64(statement, 8, message->sent);
	bind_some(statement, 9, message->received);
	bind_some(statement, 10, message->done);
	bind_some(statement, 11, message->site);
	bind_u64(statement, 12, message->flags);
	if (message->payload)
		bind_text(statement, 13, message->payload, strlen(message->payload));
	bind_some(statement, 14, message->replied);
	if (message->replied != 0)
		bind_u64(statement, 15, message->replier);
	bind_some(statement, 16, message->reply_type);
	bind_some(statement, 17, message->reply_site);
	if (message->reply_payload)
		bind_text(statement, 18, message->reply_payload, strlen(message->reply_payload));
	bind_u64(statement, 19,
		 (message->discarded ? 1u : 0) | (message->dropped ? 2u : 0) |
			 (message->failed ? 4u : 0));
	return step(store, statement, ret_error);
}

int trc_store_put_wait(struct trc_store *store, const struct trc_store_wait *wait,
		       struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->writer->statements[PUT_WAIT];

	bind_u64(statement, 1, wait->id);
	bind_u64(statement, 2, wait->actor);
	bind_u64(statement, 3, wait->begin);
	bind_u64(statement, 4, wait->target);
	bind_u64(statement, 5, wait->what);
	bind_some(statement, 6, wait->object);
	bind_some(statement, 7, wait->peer);
	bind_u64(statement, 8, !wait->any);
	bind_some(statement, 9, wait->deadline);
	bind_some(statement, 10, wait->end);
	bind_some(statement, 11, wait->wake);
	bind_some(statement, 12, wait->message);
	bind_some(statement, 13, wait->site);
	return step(store, statement, ret_error);
}

int trc_store_put_ring(struct trc_store *store, const struct trc_store_ring *ring,
		       struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->writer->statements[PUT_RING];

	bind_u64(statement, 1, ring->number);
	bind_u64(statement, 2, ring->pid);
	bind_u64(statement, 3, ring->tid);
	bind_u64(statement, 4, ring->written);
	bind_u64(statement, 5, ring->stored);
	bind_u64(statement, 6, ring->lost);
	bind_u64(statement, 7, ring->corrupt);
	bind_u64(statement, 8, ring->closed);
	return step(store, statement, ret_error);
}

/* --- transactions ----------------------------------------------------------------------------- */

static void undo(struct trc_store *store)
{
	/* SQLite has undone some failures itself. */
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

int trc_store_begin(struct trc_store *store, struct trc_error *ret_error)
{
	undo(store);
	return execute(store, "BEGIN IMMEDIATE", ret_error);
}

static int put_segment(struct trc_store *store, const struct pending *item,
		       struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->writer->statements[PUT_SEGMENT];

	bind_u64(statement, 1, store->writer->batch);
	bind_u64(statement, 2, item->ring);
	bind_u64(statement, 3, item->count);
	bind_u64(statement, 4, item->first);
	bind_u64(statement, 5, item->last);
	sqlite3_bind_blob64(statement, 6, item->bytes, item->size, SQLITE_STATIC);
	return step(store, statement, ret_error);
}

static int put_counts(struct trc_store *store, struct trc_error *ret_error)
{
	const struct trc__writer *writer = store->writer;
	int result = put_meta_number(store, "events", writer->events, ret_error);

	if (result == 0)
		result = put_meta_number(store, "messages", writer->messages, ret_error);
	if (result == 0)
		result = put_meta_number(store, "first_ns", writer->first_time, ret_error);
	if (result == 0)
		result = put_meta_number(store, "last_ns", writer->last_time, ret_error);
	return result;
}

static int put_pending(struct trc_store *store, struct trc_error *ret_error)
{
	struct trc__writer *writer = store->writer;

	for (unsigned ring = 0; ring < writer->builder_count; ring++)
		if (writer->builders[ring] &&
		    trc_segment_builder_count(writer->builders[ring]) > 0 &&
		    pack_ring(writer, ring) < 0)
			return out_of_memory(store, ret_error);
	for (const struct pending *item = writer->pending; item; item = item->next) {
		int result = item->is_segment ? put_segment(store, item, ret_error)
					      : put_row(store, &item->event, ret_error);

		if (result < 0)
			return result;
	}
	return writer->pending ? put_counts(store, ret_error) : 0;
}

int trc_store_commit(struct trc_store *store, struct trc_error *ret_error)
{
	int result = put_pending(store, ret_error);

	if (result == 0)
		result = execute(store, "COMMIT", ret_error);
	if (result < 0) {
		undo(store);
		return result;
	}
	if (store->writer->pending)
		store->writer->batch++;
	free_pending(store->writer);
	return 0;
}

int trc_store_finish(struct trc_store *store, const struct trc_store_info *info,
		     struct trc_error *ret_error)
{
	struct trc_store_info closed = *info;
	int result = trc_store_begin(store, ret_error);

	closed.closed = true;
	if (result == 0)
		result = put_info(store, &closed, ret_error);
	if (result < 0) {
		undo(store);
		return result;
	}
	result = trc_store_commit(store, ret_error);
	if (result < 0)
		return result;
	/* One plain file again. A reader that has it open now keeps the log; then the file stays
	 * as it is, and is as good. */
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_reset(store->writer->statements[i]);
	sqlite3_busy_timeout(store->db, CLOSE_TIMEOUT_MS);
	sqlite3_exec(store->db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
	return 0;
}
