/*
 * Where sessions are: a directory each, in shared memory or where there is room, with a name that
 * begins alike for all of one user. Whoever makes one clears away what is left of those that nobody
 * needs any more.
 */
#include "tracer/event/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tracer/event/layout.h"

enum { PLACES = 3, KEEP_DEAD_SECONDS = 2 * 60 };

void trc__remove_directory(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
	rmdir(path);
}

/* Calls `visit` with each session directory of this user in `place`, until it returns true. */
static bool visit_sessions(const char *place, bool (*visit)(const char *path, void *context),
			   void *context)
{
	char prefix[64], path[PATH_MAX];
	DIR *directory = opendir(place);
	struct dirent *entry;
	bool found = false;

	if (!directory)
		return false;
	snprintf(prefix, sizeof(prefix), "actorscope-%lu-", (unsigned long)geteuid());
	while (!found && (entry = readdir(directory)))
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
		    snprintf(path, sizeof(path), "%s/%s", place, entry->d_name) < PATH_MAX)
			found = visit(path, context);
	closedir(directory);
	return found;
}

/* Where sessions are made; the second is NULL when TMPDIR says nothing useful. */
static void list_places(const char *ret_places[PLACES])
{
	const char *temporary = getenv("TMPDIR");

	ret_places[0] = "/dev/shm";
	ret_places[1] = temporary && temporary[0] == '/' ? temporary : NULL;
	ret_places[2] = "/tmp";
}

static uint32_t program_of(const struct trc__control *control)
{
	uint32_t pid = atomic_load_explicit(&control->attached_pid, memory_order_relaxed);

	return pid ? pid : atomic_load_explicit(&control->program_pid, memory_order_relaxed);
}

static bool program_lives(const struct trc__control *control)
{
	pid_t pid = (pid_t)program_of(control);
	uint64_t start = atomic_load_explicit(&control->attached_start, memory_order_relaxed);

	if (pid <= 0 || (kill(pid, 0) < 0 && errno == ESRCH))
		return false;
	return start == 0 || start == trc__process_start(pid);
}

/* Whether a session whose program and recorder are dead was seen so by an earlier sweep, long ago.
 * Notes that it was seen now, if not. */
static bool is_long_dead(const char *directory)
{
	char path[PATH_MAX];
	struct stat status;
	int fd;

	if (snprintf(path, sizeof(path), "%s/dead", directory) >= PATH_MAX)
		return true;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return true;
	if (fstat(fd, &status) < 0)
		status.st_mtime = 0;
	close(fd);
	return status.st_mtime + KEEP_DEAD_SECONDS < time(NULL);
}

/* It has no events, and no trace file has begun that somebody could want to go on with. */
static bool is_empty(const struct trc_session *session)
{
	char output[PATH_MAX];

	return trc_session_ring_count(session) == 0 && trc_session_output(session, output) < 0;
}

/* Removes a session that nobody needs any more: neither its recorder, which would hold a lock on
 * the control page, nor its program, which another recorder could go on with. What a program has
 * left in its rings is kept for a while: somebody may want it. */
static bool sweep(const char *path, void *context)
{
	struct trc_session *session;
	const char *why;
	int fd;

	session = trc__session_open(path, &fd, &why);
	if (!session)
		return false;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0 && !program_lives(session->control) &&
	    (is_empty(session) || is_long_dead(path)))
		trc__remove_directory(path);
	close(fd);
	trc_session_close(session);
	return false;
}

int trc__make_directory(char *ret_path)
{
	const char *places[PLACES];
	int result = -ENOENT;

	list_places(places);
	for (size_t place = 0; place < PLACES; place++) {
		uint64_t random;

		if (!places[place])
			continue;
		visit_sessions(places[place], sweep, NULL);
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			return -EIO;
		if (snprintf(ret_path, PATH_MAX, "%s/actorscope-%lu-%ld-%016llx", places[place],
			     (unsigned long)geteuid(), (long)getpid(),
			     (unsigned long long)random) >= PATH_MAX - 32)
			continue;
		if (mkdir(ret_path, 0700) == 0)
			return 0;
		result = -errno;
	}
	return result;
}

/* --- finding one ------------------------------------------------------------------------------ */

struct wanted {
	pid_t pid;
	const char *output;
	char *path;
};

static bool is_wanted(const char *path, void *context)
{
	const struct wanted *wanted = context;
	char output[PATH_MAX];
	const char *why;
	struct trc_session *session = trc__session_open(path, NULL, &why);
	bool found;

	if (!session)
		return false;
	if (wanted->output)
		found = trc_session_output(session, output) == 0 &&
			strcmp(output, wanted->output) == 0;
	else
		found = trc_session_attached(session) == (uint32_t)wanted->pid &&
			program_lives(session->control);
	trc_session_close(session);
	if (found)
		strcpy(wanted->path, path);
	return found;
}

static int find(struct wanted wanted)
{
	const char *places[PLACES];

	list_places(places);
	for (size_t i = 0; i < PLACES; i++)
		if (places[i] && visit_sessions(places[i], is_wanted, &wanted))
			return 0;
	return -ENOENT;
}

int trc_session_find(pid_t pid, char *ret_path)
{
	return find((struct wanted){.pid = pid, .path = ret_path});
}

int trc_session_find_output(const char *output, char *ret_path)
{
	return find((struct wanted){.output = output, .path = ret_path});
}

uint32_t trc_session_program(const struct trc_session *session)
{
	return program_of(session->control);
}

bool trc_session_program_lives(const struct trc_session *session)
{
	return program_lives(session->control);
}
