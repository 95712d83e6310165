/*
 * One recording in shared memory, as the recorder sees it.
 *
 * The recorder makes DIRECTORY/control whole under another name and renames it, so a program never
 * sees half of it. It holds a lock on that file as long as it lives. When it was killed, or left,
 * and the program still runs, the next recorder takes the lock and goes on: all that it needs is in
 * the directory and, for what was stored, in the trace file.
 */
#include "tracer/event/session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/event/layout.h"

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
		.start = trc__clock(CLOCK_MONOTONIC),
		.wall_start = trc__clock(CLOCK_REALTIME),
		.recorder_pid = (uint32_t)getpid(),
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

	if (trc__check_control(&control))
		return -EINVAL;
	result = trc__make_directory(path);
	if (result < 0)
		return result;
	session = trc__session_alloc(path);
	if (!session) {
		rmdir(path);
		return -ENOMEM;
	}
	session->owned = true;
	session->fixed = control;
	result = create_control(session, &control);
	if (result < 0) {
		trc_session_close(session);
		return result;
	}
	*ret_session = session;
	return 0;
}

/* --- another recorder's session --------------------------------------------------------------- */

int trc_session_adopt(const char *path, struct trc_session **ret_session, uint32_t *ret_recorder)
{
	struct trc_session *session;
	const char *why;
	int fd;

	errno = 0;
	session = trc__session_open(path, &fd, &why);
	if (!session)
		return errno == ENOENT ? -ENOENT : -EINVAL;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		*ret_recorder =
			atomic_load_explicit(&session->control->recorder_pid, memory_order_relaxed);
		close(fd);
		trc_session_close(session);
		return -EBUSY;
	}
	session->owned = true;
	session->lock_fd = fd;
	atomic_store_explicit(&session->control->recorder_pid, (uint32_t)getpid(),
			      memory_order_relaxed);
	*ret_session = session;
	return 0;
}

int trc__session_put_text(const struct trc_session *session, const char *name, const char *text)
{
	char made[PATH_MAX], path[PATH_MAX];
	size_t size = strlen(text);
	int fd;
	bool written;

	if (snprintf(made, sizeof(made), "%s/new-%s", session->path, name) >= PATH_MAX ||
	    snprintf(path, sizeof(path), "%s/%s", session->path, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	written = write(fd, text, size) == (ssize_t)size;
	close(fd);
	return written && rename(made, path) == 0 ? 0 : -EIO;
}

int trc_session_set_output(struct trc_session *session, const char *output)
{
	return trc__session_put_text(session, "output", output);
}

int trc_session_set_filters(struct trc_session *session, const char *rules)
{
	return strlen(rules) < TRC__RULES_BYTES ? trc__session_put_text(session, "filters", rules)
						: -E2BIG;
}

/* A text that was put; `ret_text` has PATH_MAX bytes. */
static int get_text(const struct trc_session *session, const char *name, char *ret_text)
{
	char path[PATH_MAX];
	ssize_t size;
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", session->path, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	size = read(fd, ret_text, PATH_MAX - 1);
	close(fd);
	if (size <= 0)
		return -ENOENT;
	ret_text[size] = '\0';
	return 0;
}

int trc_session_output(const struct trc_session *session, char *ret_output)
{
	return get_text(session, "output", ret_output);
}

/* --- sessions beside this one ----------------------------------------------------------------- */

void trc_session_follow(struct trc_session *session)
{
	atomic_store_explicit(&session->control->follows, 1, memory_order_relaxed);
}

unsigned trc_session_child_count(const struct trc_session *session)
{
	/* relaxed: the file of that number says all. */
	return atomic_load_explicit(&session->control->child_count, memory_order_relaxed);
}

int trc_session_child(const struct trc_session *session, unsigned number, pid_t *ret_pid,
		      char *ret_path)
{
	char name[32], text[PATH_MAX];
	int result, begin = 0;
	long pid;

	snprintf(name, sizeof(name), "child-%u", number);
	result = get_text(session, name, text);
	if (result < 0)
		return result;
	if (sscanf(text, "%ld %n", &pid, &begin) != 1 || begin == 0 || text[begin] != '/')
		return -EINVAL;
	*ret_pid = (pid_t)pid;
	strcpy(ret_path, text + begin);
	return 0;
}

int trc_session_command(const struct trc_session *session, char *ret_command)
{
	return get_text(session, "command", ret_command);
}

uint32_t trc_session_parent(const struct trc_session *session)
{
	return atomic_load_explicit(&session->control->parent_pid, memory_order_relaxed);
}

void trc_session_pause(struct trc_session *session, bool pause)
{
	atomic_store_explicit(&session->control->paused, pause, memory_order_relaxed);
}

void trc_session_rest(struct trc_session *session, bool rest)
{
	/* Who goes on for a recorder that was killed has missed nothing.
	 * release: pairs with the acquire in trc_session_visited(). */
	if (!rest && atomic_load(&session->control->resting))
		atomic_fetch_add_explicit(&session->control->visits, 1, memory_order_release);
	atomic_store_explicit(&session->control->resting, rest, memory_order_release);
}

void trc__session_unlock(struct trc_session *session)
{
	session->owned = false;
	/* The mapping would keep it. */
	flock(session->lock_fd, LOCK_UN);
	close(session->lock_fd);
	session->lock_fd = -1;
}

void trc_session_leave(struct trc_session *session)
{
	if (!session)
		return;
	/* relaxed: the lock says who records; this tells who waits for it that it is free soon. */
	atomic_store_explicit(&session->control->recorder_pid, 0, memory_order_relaxed);
	trc__session_unlock(session);
	trc_session_close(session);
}

void trc__session_remove(const struct trc_session *session)
{
	const char *why;
	int fd;
	struct trc_session *mine = trc__session_open(session->path, &fd, &why);

	if (!mine)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		trc__remove_directory(session->path);
	close(fd);
	trc_session_close(mine);
}

void trc__session_release(struct trc_session *session)
{
	if (session->owned)
		trc__remove_directory(session->path);
	if (session->lock_fd >= 0)
		close(session->lock_fd);
}

/* --- looking ---------------------------------------------------------------------------------- */

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

void trc_session_set_program(struct trc_session *session, pid_t pid)
{
	atomic_store_explicit(&session->control->program_pid, (uint32_t)pid, memory_order_relaxed);
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
