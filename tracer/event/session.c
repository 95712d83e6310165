/*
 * One recording in shared memory, as the program sees it. session-host.c has the recorder's side.
 *
 * Everything constant in the control page is copied and checked once on attaching; only the
 * counters are read from shared memory afterwards.
 *
 * One process records into a session: numbers of actors, types and places are counted by the
 * program, and two programs would give the same numbers to different things. The first to attach
 * has it. When the recorder follows them, the others make a session each beside it, and leave its
 * path in a file of this one: whoever records this one has it recorded.
 */
#include "tracer/event/session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tracer/event/layout.h"

enum { ALLOWED_PAYLOAD = 1024 };

uint64_t trc__clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

struct trc_session *trc__session_alloc(const char *path)
{
	size_t size = strlen(path) + 1;
	struct trc_session *session = calloc(1, sizeof(*session) + size);

	if (!session)
		return NULL;
	memcpy(session->path, path, size);
	session->lock_fd = -1;
	pthread_mutex_init(&session->idle_lock, NULL);
	return session;
}

/* --- the program's side ----------------------------------------------------------------------- */

const char *trc__check_control(const struct trc__control *control)
{
	if (control->magic != TRC__CONTROL_MAGIC || control->byte_order != TRC__BYTE_ORDER)
		return "it is not a recording's directory";
	if (control->version != TRC__LAYOUT_VERSION)
		return "it was made by another version of actorscope";
	if (control->ring_bytes < TRC__RING_MIN_BYTES ||
	    control->ring_bytes > TRC__RING_MAX_BYTES ||
	    (control->ring_bytes & (control->ring_bytes - 1)) != 0 ||
	    control->header_bytes < sizeof(struct trc__ring_header) ||
	    control->header_bytes % (size_t)sysconf(_SC_PAGESIZE) != 0)
		return "its control page is damaged";
	return NULL;
}

/* Opens the control page of a session of this user. Returns the descriptor, or -1 and says why. */
static int open_control(const char *path, const char **ret_why)
{
	char file[PATH_MAX];
	struct stat status;
	int fd;

	if ((size_t)snprintf(file, sizeof(file), "%s/control", path) >= sizeof(file)) {
		*ret_why = "its name is too long";
		return -1;
	}
	fd = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		*ret_why = strerror(errno);
		return -1;
	}
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
	    status.st_size < (off_t)sizeof(struct trc__control)) {
		close(fd);
		*ret_why = "its control page is damaged";
		return -1;
	}
	if (status.st_uid != geteuid()) {
		close(fd);
		*ret_why = "it belongs to another user";
		return -1;
	}
	return fd;
}

struct trc_session *trc__session_open(const char *path, int *ret_fd, const char **ret_why)
{
	int fd = open_control(path, ret_why);
	struct trc_session *session;
	void *memory;

	if (fd < 0)
		return NULL;
	memory = mmap(NULL, sizeof(struct trc__control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	session = memory == MAP_FAILED ? NULL : trc__session_alloc(path);
	if (!session) {
		*ret_why = strerror(errno);
		if (memory != MAP_FAILED)
			munmap(memory, sizeof(struct trc__control));
		close(fd);
		return NULL;
	}
	session->control = memory;
	memcpy(&session->fixed, memory, sizeof(session->fixed));
	*ret_why = trc__check_control(&session->fixed);
	if (*ret_why) {
		trc_session_close(session);
		session = NULL;
	}
	if (session && ret_fd)
		*ret_fd = fd;
	else
		close(fd);
	return session;
}

uint64_t trc__process_start(pid_t pid)
{
	char path[64], text[1024], *field;
	unsigned long long start = 0;
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	size = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[size > 0 ? size : 0] = '\0';
	/* The second field is the program's name, which may have anything in it; the start time is
	 * the twentieth after that. */
	field = strrchr(text, ')');
	for (int i = 0; field && i < 20; i++)
		field = strchr(field + 1, ' ');
	if (field)
		sscanf(field, " %llu", &start);
	return start;
}

static struct trc_session *attached;

static void refuse(uint32_t other)
{
	if (other == (uint32_t)getpid())
		fprintf(stderr,
			"actorscope: process %ld is not recorded any more: it has become another "
			"program; record that one by itself\n",
			(long)getpid());
	else
		fprintf(stderr,
			"actorscope: process %ld is not recorded: the recording already has "
			"process %lu; record it by itself\n",
			(long)getpid(), (unsigned long)other);
}

static void take(struct trc_session *session)
{
	/* relaxed: who reads it too early takes the process for another one, at worst. */
	atomic_store_explicit(&session->control->attached_start, trc__process_start(getpid()),
			      memory_order_relaxed);
	trc__prepare_process();
	trc__session_load_filters(session);
	attached = session;
}

static void remove_unattended(void)
{
	if (!trc__forked_child)
		trc__session_remove(attached);
}

/* A session of the program's own, for a recorder that may come. */
static void allow(void)
{
	const struct trc_session_options options = {.payload_limit = ALLOWED_PAYLOAD};
	struct trc_session *session;
	int result = trc_session_create(&options, &session);

	if (result < 0) {
		fprintf(stderr,
			"actorscope: %s=allow, but there is no shared memory to be had: %s\n",
			TRC_ALLOW_ENV, strerror(-result));
		return;
	}
	trc_session_rest(session, true);
	atomic_store(&session->control->attached_pid, (uint32_t)getpid());
	take(session);
	trc__session_unlock(session);
	atexit(remove_unattended);
}

/* It may have ended when somebody comes to look. */
static void leave_command(const struct trc_session *session)
{
	char command[PATH_MAX];
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t size = fd < 0 ? 0 : read(fd, command, sizeof(command) - 1);

	if (fd >= 0)
		close(fd);
	if (size <= 0)
		return;
	/* Each argument ends with a NUL. */
	for (ssize_t i = 0; i + 1 < size; i++)
		if (command[i] == '\0')
			command[i] = ' ';
	command[size] = '\0';
	trc__session_put_text(session, "command", command);
}

/* Tells the session that has the recorder of one beside it. */
static int tell_of_child(struct trc_session *session, const struct trc_session *child)
{
	uint32_t number =
		atomic_fetch_add_explicit(&session->control->child_count, 1, memory_order_relaxed);
	char name[32], text[PATH_MAX + 32];

	snprintf(name, sizeof(name), "child-%u", number);
	snprintf(text, sizeof(text), "%ld %s", (long)getpid(), child->path);
	return trc__session_put_text(session, name, text);
}

/* A session beside one that another process has, with the same options. Whether there is one. */
static bool take_beside(struct trc_session *session)
{
	const struct trc_session_options options = {
		.ring_bytes = session->fixed.ring_bytes,
		.payload_limit = session->fixed.payload_limit,
		.on_full = (enum trc_on_full)session->fixed.on_full,
	};
	pid_t recorder = (pid_t)atomic_load(&session->control->recorder_pid);
	struct trc_session *own;
	char *rules;

	if (!atomic_load(&session->control->follows) || recorder == 0 || kill(recorder, 0) < 0 ||
	    trc_session_create(&options, &own) < 0)
		return false;
	rules = trc_session_rules(session);
	if (rules)
		trc_session_set_filters(own, rules);
	free(rules);
	/* Until it has one. */
	atomic_store(&own->control->recorder_pid, 0);
	atomic_store(&own->control->attached_pid, (uint32_t)getpid());
	atomic_store(&own->control->parent_pid, (uint32_t)getppid());
	leave_command(own);
	take(own);
	trc__session_unlock(own);
	if (tell_of_child(session, own) == 0)
		return true;
	attached = NULL;
	trc__session_remove(own);
	return false;
}

static void attach(void)
{
	const char *path = secure_getenv(TRC_SESSION_ENV);
	const char *allowed = secure_getenv(TRC_ALLOW_ENV);
	struct trc_session *session;
	const char *why = NULL;
	uint32_t nobody = 0;

	if (!path || !*path) {
		if (allowed && strcmp(allowed, "allow") == 0)
			allow();
		return;
	}
	session = trc__session_open(path, NULL, &why);
	if (!session) {
		fprintf(stderr,
			"actorscope: cannot record this program: %s=%s: %s; it runs unrecorded\n",
			TRC_SESSION_ENV, path, why);
		return;
	}
	if (!atomic_compare_exchange_strong(&session->control->attached_pid, &nobody,
					    (uint32_t)getpid())) {
		if (!take_beside(session))
			refuse(nobody);
		trc_session_close(session);
		return;
	}
	take(session);
}

struct trc_session *trc_session_attach(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, attach);
	return trc__forked_child ? NULL : attached;
}

uint64_t trc_session_now(const struct trc_session *session)
{
	return trc__clock(CLOCK_MONOTONIC) - session->fixed.start;
}

uint32_t trc_session_payload_limit(const struct trc_session *session)
{
	return session->fixed.payload_limit;
}

const uint32_t *trc_session_resting(const struct trc_session *session)
{
	return (const uint32_t *)&session->control->resting;
}

uint32_t trc_session_visited(struct trc_session *session)
{
	/* acquire: pairs with the release in trc_session_rest(); the rules are there. */
	uint32_t visits = atomic_load_explicit(&session->control->visits, memory_order_acquire);

	if (visits > 0 && !trc_session_filters(session))
		trc__session_load_filters(session);
	return visits;
}

struct trc_filters *trc_session_filters(const struct trc_session *session)
{
	return atomic_load_explicit(&session->filters, memory_order_acquire);
}

char *trc_session_rules(const struct trc_session *session)
{
	char path[PATH_MAX], *rules = NULL;
	struct stat status;
	ssize_t size = -1;
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/filters", session->path) >= sizeof(path))
		return NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size < TRC__RULES_BYTES)
		rules = malloc((size_t)status.st_size + 1);
	if (rules)
		size = read(fd, rules, (size_t)status.st_size);
	close(fd);
	if (size <= 0) {
		free(rules);
		return NULL;
	}
	rules[size] = '\0';
	return rules;
}

void trc__session_load_filters(struct trc_session *session)
{
	char why[TRC_FILTER_ERROR];
	char *rules;

	pthread_mutex_lock(&session->idle_lock);
	rules = trc_session_filters(session) ? NULL : trc_session_rules(session);
	if (rules) {
		struct trc_filters *filters = trc_filters_parse(rules, why);

		if (!filters)
			fprintf(stderr,
				"actorscope: all is recorded, not only what was asked "
				"for: the filter %s\n",
				why);
		/* release: pairs with the acquire in trc_session_filters(). */
		atomic_store_explicit(&session->filters, filters, memory_order_release);
		free(rules);
	}
	pthread_mutex_unlock(&session->idle_lock);
}

void trc_session_close(struct trc_session *session)
{
	if (!session)
		return;
	trc__ring_forget(session);
	trc_filters_free(atomic_load(&session->filters));
	if (session->control)
		munmap(session->control, sizeof(*session->control));
	trc__session_release(session);
	pthread_mutex_destroy(&session->idle_lock);
	free(session);
}
