/*
 * One recording in shared memory.
 *
 * The recorder makes DIRECTORY/control whole under another name and renames it, so a program never
 * sees half of it. Everything constant in it is copied and checked once on attaching; only the
 * counters are read from shared memory afterwards.
 *
 * One process records into a session: numbers of actors, types and places are counted by the
 * program, and two programs would give the same numbers to different things. The first to attach
 * has it.
 */
#include "tracer/event/session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tracer/event/layout.h"

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static struct trc_session *session_alloc(const char *path)
{
	size_t size = strlen(path) + 1;
	struct trc_session *session = calloc(1, sizeof(*session) + size);

	if (!session)
		return NULL;
	memcpy(session->path, path, size);
	pthread_mutex_init(&session->idle_lock, NULL);
	return session;
}

/* --- the program's side ----------------------------------------------------------------------- */

static const char *check_control(const struct trc__control *control)
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

/* Maps the control page of `path`; on failure returns NULL and says why. */
static struct trc_session *open_session(const char *path, const char **ret_why)
{
	char file[PATH_MAX];
	struct trc_session *session;
	struct stat status;
	void *memory;
	int fd;

	if ((size_t)snprintf(file, sizeof(file), "%s/control", path) >= sizeof(file)) {
		*ret_why = "its name is too long";
		return NULL;
	}
	fd = open(file, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		*ret_why = strerror(errno);
		return NULL;
	}
	if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) ||
	    status.st_size < (off_t)sizeof(struct trc__control)) {
		close(fd);
		*ret_why = "its control page is damaged";
		return NULL;
	}
	memory = mmap(NULL, sizeof(struct trc__control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED) {
		*ret_why = strerror(errno);
		return NULL;
	}
	session = session_alloc(path);
	if (!session) {
		munmap(memory, sizeof(struct trc__control));
		*ret_why = strerror(ENOMEM);
		return NULL;
	}
	session->control = memory;
	memcpy(&session->fixed, memory, sizeof(session->fixed));
	*ret_why = check_control(&session->fixed);
	if (*ret_why) {
		trc_session_close(session);
		return NULL;
	}
	return session;
}

static struct trc_session *attached;

static void attach(void)
{
	const char *path = secure_getenv(TRC_SESSION_ENV);
	struct trc_session *session;
	const char *why = NULL;
	uint32_t nobody = 0;

	if (!path || !*path)
		return;
	session = open_session(path, &why);
	if (!session) {
		fprintf(stderr,
			"actorscope: cannot record this program: %s=%s: %s; it runs unrecorded\n",
			TRC_SESSION_ENV, path, why);
		return;
	}
	if (!atomic_compare_exchange_strong(&session->control->attached_pid, &nobody,
					    (uint32_t)getpid())) {
		fprintf(stderr,
			"actorscope: process %ld is not recorded: the recording already has "
			"process %lu; record it by itself\n",
			(long)getpid(), (unsigned long)nobody);
		trc_session_close(session);
		return;
	}
	trc__prepare_process();
	attached = session;
}

struct trc_session *trc_session_attach(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, attach);
	return trc__forked_child ? NULL : attached;
}

uint64_t trc_session_now(const struct trc_session *session)
{
	return clock_ns(CLOCK_MONOTONIC) - session->fixed.start;
}

uint32_t trc_session_payload_limit(const struct trc_session *session)
{
	return session->fixed.payload_limit;
}

/* --- the recorder's side ---------------------------------------------------------------------- */

static void remove_directory(const char *path)
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

/* Removes what killed recorders of this user have left in `place`. A recorder holds a lock on its
 * control page as long as it lives. */
static void sweep(const char *place)
{
	char prefix[64], path[PATH_MAX];
	DIR *directory = opendir(place);
	struct dirent *entry;

	if (!directory)
		return;
	snprintf(prefix, sizeof(prefix), "actorscope-%lu-", (unsigned long)geteuid());
	while ((entry = readdir(directory))) {
		int fd;

		if (strncmp(entry->d_name, prefix, strlen(prefix)) != 0 ||
		    snprintf(path, sizeof(path), "%s/%s/control", place, entry->d_name) >= PATH_MAX)
			continue;
		fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0)
			continue;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
			*strrchr(path, '/') = '\0';
			remove_directory(path);
		}
		close(fd);
	}
	closedir(directory);
}

/* Makes a directory of a new name. Returns 0 with its path in `ret_path`, or -errno. */
static int make_directory(char *ret_path)
{
	const char *places[] = {"/dev/shm", getenv("TMPDIR"), "/tmp"};
	int result = -ENOENT;

	for (size_t place = 0; place < sizeof(places) / sizeof(places[0]); place++) {
		uint64_t random;

		if (!places[place] || places[place][0] != '/')
			continue;
		sweep(places[place]);
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

static struct trc__control make_control(const struct trc_session_options *options)
{
	struct trc__control control = {
		.magic = TRC__CONTROL_MAGIC,
		.version = TRC__LAYOUT_VERSION,
		.byte_order = TRC__BYTE_ORDER,
		.header_bytes = (uint64_t)sysconf(_SC_PAGESIZE),
		.ring_bytes = options->ring_bytes ? options->ring_bytes : TRC__RING_DEFAULT_BYTES,
		.payload_limit = options->payload_limit,
		.on_full = options->on_full,
		.start = clock_ns(CLOCK_MONOTONIC),
		.wall_start = clock_ns(CLOCK_REALTIME),
	};
	/* A record must fit an eighth of its ring, or it is never written. */
	uint64_t most = control.ring_bytes / 8 - TRC_RECORD_LONG_WORDS * 8;

	if (most > TRC_PAYLOAD_MAX)
		most = TRC_PAYLOAD_MAX;
	if (control.payload_limit > most)
		control.payload_limit = (uint32_t)most;
	return control;
}

/* Writes the control page and maps it. */
static int create_control(struct trc_session *session, const struct trc__control *control)
{
	char made[PATH_MAX], final[PATH_MAX];
	void *memory;
	int fd, result;

	if (snprintf(made, sizeof(made), "%s/control.new", session->path) >= PATH_MAX ||
	    snprintf(final, sizeof(final), "%s/control", session->path) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(made, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	result = -posix_fallocate(fd, 0, sizeof(*control));
	if (result < 0) {
		close(fd);
		return result;
	}
	memory = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		result = -errno;
		close(fd);
		return result;
	}
	memcpy(memory, control, sizeof(*control));
	session->control = memory;
	session->lock_fd = fd;
	flock(fd, LOCK_EX | LOCK_NB);
	return rename(made, final) < 0 ? -errno : 0;
}

int trc_session_create(const struct trc_session_options *options, struct trc_session **ret_session)
{
	struct trc__control control = make_control(options);
	struct trc_session *session;
	char path[PATH_MAX];
	int result;

	if (check_control(&control))
		return -EINVAL;
	result = make_directory(path);
	if (result < 0)
		return result;
	session = session_alloc(path);
	if (!session) {
		rmdir(path);
		return -ENOMEM;
	}
	session->created = true;
	session->lock_fd = -1;
	session->fixed = control;
	result = create_control(session, &control);
	if (result < 0) {
		trc_session_close(session);
		return result;
	}
	*ret_session = session;
	return 0;
}

const char *trc_session_path(const struct trc_session *session)
{
	return session->path;
}

unsigned trc_session_ring_count(const struct trc_session *session)
{
	/* relaxed: the ring's own header says when it is whole. */
	uint32_t count = atomic_load_explicit(&session->control->ring_count, memory_order_relaxed);

	return count < TRC__RING_LIMIT ? count : TRC__RING_LIMIT;
}

unsigned trc_session_ringless_count(const struct trc_session *session)
{
	return atomic_load_explicit(&session->control->ringless, memory_order_relaxed);
}

uint32_t trc_session_attached(const struct trc_session *session)
{
	return atomic_load_explicit(&session->control->attached_pid, memory_order_relaxed);
}

void trc_session_heartbeat(struct trc_session *session)
{
	/* relaxed: it carries no data, writers only look whether it changes. */
	atomic_fetch_add_explicit(&session->control->heartbeat, 1, memory_order_relaxed);
}

uint64_t trc_session_wall_start(const struct trc_session *session)
{
	return session->fixed.wall_start;
}

void trc_session_close(struct trc_session *session)
{
	if (!session)
		return;
	trc__ring_forget(session);
	if (session->control)
		munmap(session->control, sizeof(*session->control));
	if (session->created) {
		remove_directory(session->path);
		if (session->lock_fd >= 0)
			close(session->lock_fd);
	}
	pthread_mutex_destroy(&session->idle_lock);
	free(session);
}
