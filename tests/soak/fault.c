/*
 * A library that is loaded into a process to make what it asks of the system fail, or it die, at a
 * chosen moment. The environment says how:
 *
 *   FAULT=kill:N             kill -9 before the N-th call that changes a file
 *   FAULT=eio:N[:forever]    that call fails with EIO, and so do all that follow; likewise enospc
 *   FAULT=short:N[:forever]  that call writes half of what it was to write
 *   FAULT=sync:N[:forever]   the N-th sync fails with EIO
 *   FAULT=oom:N[:forever]    the N-th allocation finds no memory
 *   FAULT=slow:MS            each call that changes a file takes so much longer
 *   FAULT=clock:SECONDS      the wall clock is set by so much a moment after it was first asked
 *   FAULT=log:FILE           all that changes files is written into FILE, for power.py
 *
 * Calls that change a file are pwrite, ftruncate, and syncs: all that SQLite does. The programs
 * that the process starts are left alone, but share its clock.
 */
/* Both names of a call, of which one would stand for the other. */
#undef _FILE_OFFSET_BITS

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static enum { NOTHING, KILL, FAIL, SHORT, SYNC, MEMORY, SLOW, CLOCK, LOG } what;
static int error = EIO;
static long number;
static bool forever;
static atomic_long calls;
static int log_fd = -1;

__attribute__((constructor)) static void prepare(void)
{
	static const struct {
		const char *name;
		int what;
	} names[] = {
		{"kill", KILL},  {"eio", FAIL},  {"enospc", FAIL}, {"short", SHORT}, {"sync", SYNC},
		{"oom", MEMORY}, {"slow", SLOW}, {"clock", CLOCK}, {"log", LOG},
	};
	const char *fault = getenv("FAULT"), *argument = fault ? strchr(fault, ':') : NULL;
	char *rest = NULL;
	int kind = NOTHING;

	if (!argument)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strncmp(fault, names[i].name, (size_t)(argument - fault)) == 0)
			kind = names[i].what;
	number = strtol(argument + 1, &rest, 10);
	forever = strcmp(rest, ":forever") == 0;
	if (strncmp(fault, "enospc", 6) == 0)
		error = ENOSPC;
	if (kind == LOG)
		log_fd = open(argument + 1, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (kind != CLOCK) {
		unsetenv("FAULT");
		unsetenv("LD_PRELOAD");
	}
	what = kind;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* Whether this call is the one. */
static bool strikes(void)
{
	long call = atomic_fetch_add(&calls, 1) + 1;

	return call == number || (forever && call > number);
}

/* Before a call that changes a file: whether it is to fail, with errno set. */
static bool fails(bool is_sync)
{
	const struct timespec delay = {number / 1000, number % 1000 * 1000000};

	if (what == SLOW)
		nanosleep(&delay, NULL);
	if (what == KILL && strikes())
		raise(SIGKILL);
	if ((what == FAIL || (what == SYNC && is_sync)) && strikes()) {
		errno = error;
		return true;
	}
	return false;
}

/* --- the log: "CALL NUMBER SIZE PATH\n" and what was written ------------------------------------
 */

static void note(char call, int fd, const char *name, long long at, const void *bytes, size_t size)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	char link[32], path[512] = "", line[600];
	ssize_t length;
	int before = errno;

	if (what != LOG)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = name ? snprintf(path, sizeof(path), "%s", name)
		      : readlink(link, path, sizeof(path) - 1);
	if (length > 0) {
		struct iovec parts[] = {{.iov_base = line}, {(void *)bytes, size}};

		path[length] = '\0';
		parts[0].iov_len = (size_t)snprintf(line, sizeof(line), "%c %lld %zu %s\n", call,
						    at, size, path);
		pthread_mutex_lock(&lock);
		if (writev(log_fd, parts, 2) < 0)
			abort();
		pthread_mutex_unlock(&lock);
	}
	errno = before;
}

#define WRITE(name, offset_type)                                                     \
	ssize_t name(int fd, const void *bytes, size_t size, offset_type offset);    \
	ssize_t name(int fd, const void *bytes, size_t size, offset_type offset)     \
	{                                                                            \
		ssize_t done;                                                        \
		if (fails(false))                                                    \
			return -1;                                                   \
		if (what == SHORT && size > 1 && strikes())                          \
			size /= 2;                                                   \
		done = NEXT(name)(fd, bytes, size, offset);                          \
		if (done > 0)                                                        \
			note('w', fd, NULL, (long long)offset, bytes, (size_t)done); \
		return done;                                                         \
	}

#define TRUNCATE(name, offset_type)                            \
	int name(int fd, offset_type size);                    \
	int name(int fd, offset_type size)                     \
	{                                                      \
		if (fails(false))                              \
			return -1;                             \
		note('t', fd, NULL, (long long)size, NULL, 0); \
		return NEXT(name)(fd, size);                   \
	}

#define SYNC(name)                                              \
	int name(int fd);                                       \
	int name(int fd)                                        \
	{                                                       \
		int result = fails(true) ? -1 : NEXT(name)(fd); \
		if (result == 0)                                \
			note('s', fd, NULL, 0, NULL, 0);        \
		return result;                                  \
	}

WRITE(pwrite64, off64_t)
WRITE(pwrite, off_t)
TRUNCATE(ftruncate64, off64_t)
TRUNCATE(ftruncate, off_t)
SYNC(fdatasync)
SYNC(fsync)

int unlink(const char *path)
{
	int result = NEXT(unlink)(path);

	if (result == 0)
		note('u', -1, path, 0, NULL, 0);
	return result;
}

/* --- memory ----------------------------------------------------------------------------------- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static bool is_out_of_memory(void)
{
	if (what != MEMORY || !strikes())
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return is_out_of_memory() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_out_of_memory() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return is_out_of_memory() ? NULL : __libc_realloc(old, size);
}

/* --- the wall clock --------------------------------------------------------------------------- */

static time_t step(void)
{
	return what == CLOCK && atomic_fetch_add(&calls, 1) > 0 ? (time_t)number : 0;
}

int clock_gettime(clockid_t clock, struct timespec *ret_time)
{
	int result = NEXT(clock_gettime)(clock, ret_time);

	if (result == 0 && clock == CLOCK_REALTIME)
		ret_time->tv_sec += step();
	return result;
}

int gettimeofday(struct timeval *restrict ret_time, void *restrict zone)
{
	int result = NEXT(gettimeofday)(ret_time, zone);

	if (result == 0)
		ret_time->tv_sec += step();
	return result;
}

time_t time(time_t *ret_time)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (ret_time)
		*ret_time = now.tv_sec;
	return now.tv_sec;
}
