/*
 * A library that is loaded into a recorder to make its writes fail, or it die, at a chosen one.
 *
 *   FAULT=kill:N          kill -9 before the N-th call that changes a file
 *   FAULT=eio:N           that call fails with EIO
 *   FAULT=eio:N:forever   and so do all that follow; likewise enospc
 *
 * Counted are pwrite, fdatasync, fsync and ftruncate: all that SQLite changes a file with. The
 * programs that the recorder starts are left alone.
 */
/* Both names of a call, of which one would stand for the other. */
#undef _FILE_OFFSET_BITS

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum { NOTHING, KILL, FAIL } what;
static int error;
static unsigned long at;
static bool forever;
static atomic_ulong calls;

__attribute__((constructor)) static void prepare(void)
{
	const char *fault = getenv("FAULT");
	char name[16], rest[16] = "";

	if (!fault || sscanf(fault, "%15[^:]:%lu:%15s", name, &at, rest) < 2)
		return;
	what = strcmp(name, "kill") == 0 ? KILL : FAIL;
	error = strcmp(name, "enospc") == 0 ? ENOSPC : EIO;
	forever = strcmp(rest, "forever") == 0;
	unsetenv("FAULT");
	unsetenv("LD_PRELOAD");
}

/* Whether this call is to fail. */
static bool strikes(void)
{
	unsigned long call = atomic_fetch_add(&calls, 1) + 1;

	if (what == KILL && call == at)
		raise(SIGKILL);
	return what == FAIL && (call == at || (forever && call > at));
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define FAULTY(type, name, parameters, ...)     \
	type name parameters;                   \
	type name parameters                    \
	{                                       \
		if (strikes()) {                \
			errno = error;          \
			return -1;              \
		}                               \
		return NEXT(name)(__VA_ARGS__); \
	}

FAULTY(ssize_t, pwrite64, (int fd, const void *bytes, size_t size, off64_t offset), fd, bytes, size,
       offset)
FAULTY(ssize_t, pwrite, (int fd, const void *bytes, size_t size, off_t offset), fd, bytes, size,
       offset)
FAULTY(int, fdatasync, (int fd), fd)
FAULTY(int, fsync, (int fd), fd)
FAULTY(int, ftruncate64, (int fd, off64_t size), fd, size)
FAULTY(int, ftruncate, (int fd, off_t size), fd, size)
