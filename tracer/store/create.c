/*
 * A new trace file.
 *
 * It is made in SQLite's rollback mode, so that its first page says what it is from the beginning,
 * and then switched to a write-ahead log: readers never wait for the recorder, nor it for them. A
 * closed recording goes back to one plain file.
 */
#include "tracer/store/schema.h"
#include "tracer/store/store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

int trc__remove_files(const char *path)
{
	static const char *const endings[] = {"", "-wal", "-shm", "-journal"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		char *file = sqlite3_mprintf("%s%s", path, endings[i]);
		int result = !file ? -ENOMEM : unlink(file) < 0 ? -errno : 0;

		sqlite3_free(file);
		if (result < 0 && result != -ENOENT)
			return result;
	}
	return 0;
}

static int remove_old(const char *path, bool replace, struct trc_error *ret_error)
{
	struct stat status;
	int result;

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
	result = trc__remove_files(path);
	if (result < 0)
		return trc__fail(ret_error, result, "cannot replace %s: %s", path,
				 strerror(-result));
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

struct trc_store *trc__store_new(const char *path)
{
	struct trc_store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	store->path = strdup(path);
	store->writer = trc__writer_new();
	if (!store->path || !store->writer) {
		trc_store_close(store);
		return NULL;
	}
	return store;
}

int trc__open_writer(struct trc_store *store, struct trc_error *ret_error)
{
	if (sqlite3_open_v2(store->path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		return trc__fail_sql(store, ret_error, "write");
	sqlite3_busy_timeout(store->db, TRC__BUSY_TIMEOUT_MS);
	return 0;
}

static int make_schema(struct trc_store *store, const struct trc_store_info *info,
		       struct trc_error *ret_error)
{
	char identity[96];
	int result;

	snprintf(identity, sizeof(identity), "PRAGMA application_id=%d; PRAGMA user_version=%d;",
		 TRC__APPLICATION_ID, TRC__SCHEMA_VERSION);
	result = trc__execute(store, "BEGIN IMMEDIATE", ret_error);
	if (result == 0)
		result = trc__execute(store, identity, ret_error);
	if (result == 0)
		result = trc__execute(store, trc__schema, ret_error);
	if (result == 0)
		result = trc__rows_prepare(store, ret_error);
	if (result == 0)
		result = trc__put_info(store, info, ret_error);
	if (result == 0)
		result = trc__execute(store, "COMMIT", ret_error);
	return result == 0 ? trc__start_log(store, ret_error) : result;
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
	store = trc__store_new(path);
	if (!store) {
		result = trc__fail(ret_error, -ENOMEM, "cannot write %s: out of memory", path);
	} else {
		result = trc__open_writer(store, ret_error);
		if (result == 0)
			result = make_schema(store, info, ret_error);
	}
	if (result < 0) {
		trc_store_close(store);
		trc__remove_files(path);
		return result;
	}
	*ret_store = store;
	return 0;
}

void trc_store_discard(struct trc_store *store)
{
	char *path = strdup(store->path);

	trc_store_close(store);
	if (path)
		trc__remove_files(path);
	free(path);
}

int trc__store_scratch(const struct trc_store_info *info, struct trc_store **ret_store,
		       struct trc_error *ret_error)
{
	struct trc_store *store = trc__store_new("a temporary file");
	int result = 0;

	if (!store)
		return trc__fail(ret_error, -ENOMEM,
				 "cannot write a temporary file: out of memory");
	/* A database without a name is a file that is gone when it is closed. */
	if (sqlite3_open_v2("", &store->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
				    SQLITE_OPEN_URI,
			    NULL) != SQLITE_OK)
		result = trc__fail_sql(store, ret_error, "write");
	if (result == 0)
		result = trc__execute(store, trc__schema, ret_error);
	if (result == 0)
		result = trc__rows_prepare(store, ret_error);
	if (result == 0)
		result = trc__put_info(store, info, ret_error);
	if (result < 0) {
		trc_store_close(store);
		return result;
	}
	*ret_store = store;
	return 0;
}
