#include "tracer/store/store-private.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int trc__fail(struct trc_error *ret_error, int result, const char *format, ...)
{
	va_list arguments;

	if (ret_error) {
		va_start(arguments, format);
		vsnprintf(ret_error->text, sizeof(ret_error->text), format, arguments);
		va_end(arguments);
	}
	return result;
}

int trc__sql_errno(int code)
{
	switch (code & 0xff) {
	case SQLITE_FULL:
		return -ENOSPC;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return -EBUSY;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
		return -EACCES;
	case SQLITE_TOOBIG:
		return -EFBIG;
	default:
		return -EIO;
	}
}

int trc__fail_sql(const struct trc_store *store, struct trc_error *ret_error, const char *doing)
{
	int code = sqlite3_extended_errcode(store->db);
	const char *reason = sqlite3_errmsg(store->db), *advice = "";

	switch (code & 0xff) {
	case SQLITE_FULL:
		reason = "the disk is full";
		advice = "; make room on it";
		break;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		advice = "; the file is damaged";
		break;
	case SQLITE_INTERRUPT:
		advice = "; it took too long, the file is probably damaged";
		break;
	case SQLITE_BUSY:
		advice = "; another program holds the file";
		break;
	}
	return trc__fail(ret_error, trc__sql_errno(code), "cannot %s %s: %s%s", doing, store->path,
			 reason, advice);
}

int trc__fail_memory(const struct trc_store *store, struct trc_error *ret_error)
{
	return trc__fail(ret_error, -ENOMEM, "cannot %s %s: out of memory",
			 store->writer ? "write" : "read", store->path);
}

int trc__execute(struct trc_store *store, const char *sql, struct trc_error *ret_error)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return trc__fail_sql(store, ret_error, store->writer ? "write" : "read");
	return 0;
}

int trc__prepare(struct trc_store *store, const char *sql, sqlite3_stmt **ret_statement,
		 struct trc_error *ret_error)
{
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_statement,
			       NULL) != SQLITE_OK)
		return trc__fail_sql(store, ret_error, store->writer ? "write" : "read");
	return 0;
}

void trc_store_close(struct trc_store *store)
{
	if (!store)
		return;
	trc__writer_free(store->writer);
	trc__rows_free(store->rows);
	trc__reader_free(store->reader);
	trc__keeping_free(store->keeping);
	sqlite3_close_v2(store->db);
	free(store->path);
	free(store);
}
