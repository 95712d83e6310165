/*
 * store-private.h - what the writing and the reading half of tracer/store share
 */
#ifndef TRACER_STORE_STORE_PRIVATE_H
#define TRACER_STORE_STORE_PRIVATE_H

#include <stdatomic.h>

#include "tracer/store/segment.h"
#include "tracer/store/sqlite.h"
#include "tracer/store/store.h"

struct trc__writer;  /* writer.c */
struct trc__rows;    /* rows.c */
struct trc__reader;  /* reader.h */
struct trc__keeping; /* let-go.c */

enum { TRC__BUSY_TIMEOUT_MS = 2000 };

/* The write-ahead log of a store for writing, under the writer's lock. */
struct trc__log {
	int pages;          /* in it */
	int move_at;        /* so many pages; 0: there is no log */
	int most;           /* pages that are moved into the file together */
	unsigned unsynced;  /* commits that may be lost when power fails */
	bool listed;        /* its name is on the disk */
	bool doubtful;      /* a sync has failed since it was last written */
	bool damaged;       /* what was written could not be read back */
	atomic_bool held;   /* by readers, and is long */
	_Atomic int result; /* of the last time that it was moved into the file */
	struct trc_error error;
};

struct trc_store {
	sqlite3 *db;
	char *path;
	struct trc__writer *writer;   /* NULL in a store for reading */
	struct trc__rows *rows;       /* likewise */
	struct trc__keeping *keeping; /* to a size; NULL: to none */
	struct trc__reader *reader;   /* NULL in a store for writing */
	unsigned version;             /* of the file's format, in a store for reading */
	bool has_index;               /* tables of keyframes and summaries, likewise */
	bool has_let_go;              /* the table of what was let go, likewise */
	struct trc__log log;
};

/* Fills `ret_error` (NULL is fine) and returns `result`. */
__attribute__((format(printf, 3, 4))) int trc__fail(struct trc_error *ret_error, int result,
						    const char *format, ...);

/* What failed in SQLite, as a sentence about the store's file; returns -errno. */
int trc__fail_sql(const struct trc_store *store, struct trc_error *ret_error, const char *doing);

/* An SQLite result code as -errno. */
int trc__sql_errno(int code);

int trc__prepare(struct trc_store *store, const char *sql, sqlite3_stmt **ret_statement,
		 struct trc_error *ret_error);

int trc__fail_memory(const struct trc_store *store, struct trc_error *ret_error);

/* Runs SQL that has no result. */
int trc__execute(struct trc_store *store, const char *sql, struct trc_error *ret_error);

/* --- identify.c: what a file is --------------------------------------------------------------- */

/* Refuses what is not a plain file that may be read. */
int trc__check_path(const char *path, struct trc_error *ret_error);

/* Refuses an open file whose first page is not that of a whole trace of a version that can be read,
 * and notes the version. */
int trc__check_file(struct trc_store *store, struct trc_error *ret_error);

/* Whether a write-ahead log with something in it stands beside the file. */
bool trc__has_log(const char *path);

/* --- open.c ----------------------------------------------------------------------------------- */

/* The text that makes table `name`, as `db` has it, to be freed; NULL when there is none or on
 * failure. */
char *trc__table_text(sqlite3 *db, const char *name);

/* The path as an URI for reading only, to be freed with sqlite3_free(); NULL: out of memory. */
char *trc__read_only_uri(const char *path);

/* --- let-go.c --------------------------------------------------------------------------------- */

/* As trc_store_keep_to(), of a file that is known to have begun so, or begins now. */
int trc__keep_to(struct trc_store *store, uint64_t bytes, struct trc_error *ret_error);

/* After a commit, with the lock held: notes how full the file is. */
void trc__keeping_look(struct trc_store *store);
void trc__keeping_free(struct trc__keeping *keeping);

/* --- create.c --------------------------------------------------------------------------------- */

/* A store for writing that is not open yet. NULL: out of memory. */
struct trc_store *trc__store_new(const char *path);

/* Opens its connection to the file. -errno. */
int trc__open_writer(struct trc_store *store, struct trc_error *ret_error);

/* Removes a trace and what SQLite puts beside it. 0, also when there is none, or -errno. */
int trc__remove_files(const char *path);

/* A store for rows alone, in a temporary file that nobody else sees. */
int trc__store_scratch(const struct trc_store_info *info, struct trc_store **ret_store,
		       struct trc_error *ret_error);

/* --- log.c: the write-ahead log ----------------------------------------------------------------
 */

/* From now on readers never wait for the recorder, nor it for them. */
int trc__start_log(struct trc_store *store, struct trc_error *ret_error);

/* Syncs the log and moves its pages into the file, and syncs that. `mode` is SQLite's. 0, also when
 * a reader keeps it from moving all, or -errno. */
int trc__move_log(struct trc_store *store, int mode, struct trc_error *ret_error);

/* The same after a commit, when there is enough to move. trc_store_trouble() tells its failure. */
void trc__keep_log_short(struct trc_store *store);

/* From now on it is moved when it has so many pages, and does not get much longer. */
void trc__limit_log(struct trc_store *store, int pages);

/* Moves all of it, and waits a moment for readers: when none is in the way, it has 0 pages then. */
void trc__empty_log(struct trc_store *store);

/* -EIO when what was written into the log cannot be read back: then nothing may be added. */
int trc__check_log(const struct trc_store *store, struct trc_error *ret_error);

/* --- rows.c: what is put into the open transaction ----------------------------------------------
 */

int trc__rows_prepare(struct trc_store *store, struct trc_error *ret_error);
void trc__rows_free(struct trc__rows *rows);
int trc__put_info(struct trc_store *store, const struct trc_store_info *info,
		  struct trc_error *ret_error);
int trc__put_meta_number(struct trc_store *store, const char *key, uint64_t value,
			 struct trc_error *ret_error);
int trc__put_segment(struct trc_store *store, const struct trc_segment_info *info,
		     const uint8_t *bytes, size_t size, struct trc_error *ret_error);

/* Adds the segments from number `first` on that are of one batch. */
int trc__get_batch(struct trc_store *store, uint64_t first, struct trc_batch *batch,
		   struct trc_error *ret_error);

/* Adds a segment to a batch; a copy of its bytes. 0 or -ENOMEM. */
int trc__batch_add(struct trc_batch *batch, const struct trc_segment_info *info, const void *bytes,
		   size_t size);

int trc__put_cursor(struct trc_store *store, const char *name,
		    const struct trc_store_cursor *cursor, struct trc_error *ret_error);

/* --- */

struct trc__writer *trc__writer_new(void); /* NULL: out of memory */

/* The writer goes on where a file ends: with what `info` says of it, after batch `last`. */
void trc__writer_resume(struct trc__writer *writer, const struct trc_store_info *info,
			uint64_t last, const struct trc_store_cursor *rows);
void trc__writer_lock(struct trc__writer *writer);
void trc__writer_unlock(struct trc__writer *writer);
void trc__writer_free(struct trc__writer *writer);
void trc__reader_free(struct trc__reader *reader);

#endif
