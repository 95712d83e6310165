/*
 * What a file is, before SQLite reads it: by its name, its first page and its length.
 */
#include "tracer/store/schema.h"
#include "tracer/store/store-private.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { HEADER_BYTES = 100 };

/* What a file that is not SQLite's seems to be. */
static const char *seems(const uint8_t *header, size_t size)
{
	size_t text = 0;

	if (size >= 4 && memcmp(header, "\177ELF", 4) == 0)
		return "it is a program; record it with: actorscope record -o FILE -- PROGRAM";
	if (size >= 2 && header[0] == 0x1f && header[1] == 0x8b)
		return "it is compressed with gzip; unpack it first";
	if (size >= 4 && memcmp(header, "\x28\xb5\x2f\xfd", 4) == 0)
		return "it is compressed with zstd; unpack it first";
	if (size >= 6 && memcmp(header,
				"\xfd"
				"7zXZ",
				5) == 0)
		return "it is compressed with xz; unpack it first";
	while (text < size && (header[text] == '\t' || header[text] == '\n' ||
			       header[text] == '\r' || header[text] >= 0x20))
		text++;
	return text == size ? "it is text" : "it is no SQLite database";
}

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static int check_version(const char *path, uint32_t version, struct trc_error *ret_error)
{
	if (version >= TRC__SCHEMA_OLDEST && version <= TRC__SCHEMA_NEWEST)
		return 0;
	return trc__fail(
		ret_error, -EPROTO,
		"cannot read %s: its format is version %lu, this actorscope reads versions "
		"%d to %d; %s",
		path, (unsigned long)version, TRC__SCHEMA_OLDEST, TRC__SCHEMA_NEWEST,
		version > TRC__SCHEMA_NEWEST ? "use a newer actorscope" : "record it again");
}

/* Checks the first page by its bytes. `size` is the file's, `logged` whether a log goes with it. */
static int check_header(const char *path, const uint8_t *header, uint64_t size, bool logged,
			struct trc_error *ret_error)
{
	uint32_t page = (uint32_t)header[16] << 8 | header[17];
	uint64_t pages;

	if (size == 0)
		return trc__fail(ret_error, -EINVAL, "%s is not a trace: it is empty", path);
	if (size < 16 || memcmp(header, "SQLite format 3", 16) != 0)
		return trc__fail(ret_error, -EINVAL, "%s is not a trace: %s", path,
				 seems(header, size < HEADER_BYTES ? size : HEADER_BYTES));
	if (size < HEADER_BYTES)
		return trc__fail(ret_error, -EIO, "%s is truncated: it ends after %llu bytes", path,
				 (unsigned long long)size);
	if (big_endian(header + 68) != TRC__APPLICATION_ID)
		return trc__fail(ret_error, -EINVAL,
				 "%s is not a trace: it is an SQLite database of another program",
				 path);
	pages = (uint64_t)big_endian(header + 28) * (page == 1 ? 65536 : page);
	if (size < pages && !logged)
		return trc__fail(ret_error, -EIO,
				 "%s is truncated: %llu of its %llu bytes are there; copy it again "
				 "from where it came from",
				 path, (unsigned long long)size, (unsigned long long)pages);
	return check_version(path, big_endian(header + 60), ret_error);
}

/* Whether a write-ahead log with something in it stands beside the file. */
bool trc__has_log(const char *path)
{
	struct stat status;
	char log[PATH_MAX];

	return snprintf(log, sizeof(log), "%s-wal", path) < PATH_MAX && stat(log, &status) == 0 &&
	       status.st_size > 0;
}

int trc__check_file(struct trc_store *store, struct trc_error *ret_error)
{
	uint8_t header[HEADER_BYTES] = {0};
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;
	int code = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

	if (code == SQLITE_OK && file && file->pMethods) {
		code = file->pMethods->xFileSize(file, &size);
		if (code == SQLITE_OK)
			code = file->pMethods->xRead(file, header, sizeof(header), 0);
	}
	if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
		return trc__fail(ret_error, -EIO, "cannot read %s: %s", store->path,
				 sqlite3_errstr(code));
	store->version = big_endian(header + 60);
	return check_header(store->path, header, (uint64_t)size, trc__has_log(store->path),
			    ret_error);
}

/* Refuses what is not a plain file that may be read, in words. */
int trc__check_path(const char *path, struct trc_error *ret_error)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return trc__fail(ret_error, -errno, "cannot read %s: %s", path, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return trc__fail(ret_error, -EISDIR, "cannot read %s: it is a directory", path);
	if (!S_ISREG(status.st_mode))
		return trc__fail(ret_error, -EINVAL, "%s is not a trace: it is not a regular file",
				 path);
	return 0;
}
