#include "tracer/event/session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tracer/event/filter.h"
#include "tracer/event/layout.h"

static const struct trc_session_options options = {
	.ring_bytes = 64 << 10, .payload_limit = 100, .on_full = TRC_ON_FULL_DROP};

static struct trc_session *create(void)
{
	struct trc_session *session;

	assert_int_equal(trc_session_create(&options, &session), 0);
	return session;
}

/* Runs `body` in a child that has never attached, and returns its exit status. */
static int in_child(int (*body)(struct trc_session *), struct trc_session *session)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(body(session));
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void its_directory_is_private_and_goes_away(void **state)
{
	struct trc_session *session = create();
	struct stat status;
	char *path = strdup(trc_session_path(session));

	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0700);
	trc_session_close(session);
	assert_int_equal(stat(path, &status), -1);
	assert_int_equal(errno, ENOENT);
	free(path);
}

static int attach_and_look(struct trc_session *session)
{
	struct trc_session *mine;

	setenv(TRC_SESSION_ENV, trc_session_path(session), 1);
	mine = trc_session_attach();
	if (!mine || mine != trc_session_attach())
		return 1;
	if (trc_session_payload_limit(mine) != 100)
		return 2;
	return trc_session_now(mine) < 3600 * UINT64_C(1000000000) ? 0 : 3;
}

static void a_program_attaches_by_its_environment(void **state)
{
	struct trc_session *session = create();

	assert_false(trc_session_attached(session));
	assert_int_equal(in_child(attach_and_look, session), 0);
	assert_true(trc_session_attached(session));
	trc_session_close(session);
}

static int attach_and_fork(struct trc_session *session)
{
	int status;
	pid_t child;

	if (attach_and_look(session) != 0)
		return 1;
	child = fork();
	if (child == 0)
		_exit(trc_session_attach() ? 1 : 0);
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : 2;
}

static void a_forked_child_is_not_attached(void **state)
{
	struct trc_session *session = create();

	assert_int_equal(in_child(attach_and_fork, session), 0);
	trc_session_close(session);
}

static int attach_quietly(struct trc_session *session)
{
	if (!freopen("/dev/null", "w", stderr))
		return 9;
	setenv(TRC_SESSION_ENV, trc_session_path(session), 1);
	return trc_session_attach() ? 1 : 0;
}

static int reads_filters(struct trc_session *unused)
{
	struct trc_session *session = trc_session_attach();
	const struct trc_filters *filters = session ? trc_session_filters(session) : NULL;

	if (!filters || trc_filters_count(filters) != 2)
		return 1;
	return strcmp(trc_filters_rule(filters, 1), "--only kind:room") == 0 ? 0 : 2;
}

static int goes_without_filters(struct trc_session *unused)
{
	struct trc_session *session = trc_session_attach();

	return session && !trc_session_filters(session) ? 0 : 1;
}

static void a_program_finds_its_filters(void **state)
{
	struct trc_session *session = create();
	char *rules;

	assert_null(trc_session_rules(session));
	assert_int_equal(trc_session_set_filters(session, "--skip type:A\n--only kind:room\n"), 0);
	rules = trc_session_rules(session);
	assert_string_equal(rules, "--skip type:A\n--only kind:room\n");
	free(rules);
	setenv(TRC_SESSION_ENV, trc_session_path(session), 1);
	assert_int_equal(in_child(reads_filters, session), 0);
	trc_session_close(session);

	session = create();
	assert_int_equal(trc_session_set_filters(session, "nonsense"), 0);
	setenv(TRC_SESSION_ENV, trc_session_path(session), 1);
	assert_int_equal(in_child(goes_without_filters, session), 0);
	trc_session_close(session);
	unsetenv(TRC_SESSION_ENV);
}

static void the_second_process_is_refused(void **state)
{
	struct trc_session *session = create();

	assert_int_equal(in_child(attach_and_look, session), 0);
	assert_int_equal(in_child(attach_quietly, session), 0);
	trc_session_close(session);
}

static int attach_without_variable(struct trc_session *session)
{
	unsetenv(TRC_SESSION_ENV);
	return trc_session_attach() ? 1 : 0;
}

static int attach_to_nothing(struct trc_session *session)
{
	if (!freopen("/dev/null", "w", stderr))
		return 9;
	setenv(TRC_SESSION_ENV, "/nonexistent/session", 1);
	return trc_session_attach() ? 1 : 0;
}

static void without_a_session_there_is_none(void **state)
{
	assert_int_equal(in_child(attach_without_variable, NULL), 0);
	assert_int_equal(in_child(attach_to_nothing, NULL), 0);
}

static void a_damaged_control_page_is_refused(void **state)
{
	static const size_t places[] = {
		offsetof(struct trc__control, magic),
		offsetof(struct trc__control, version),
		offsetof(struct trc__control, byte_order),
		offsetof(struct trc__control, header_bytes),
		offsetof(struct trc__control, ring_bytes),
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		struct trc_session *session = create();

		((uint8_t *)session->control)[places[i]] ^= 0x11;
		assert_int_equal(in_child(attach_quietly, session), 0);
		assert_false(trc_session_attached(session));
		trc_session_close(session);
	}
}

static void a_short_control_page_is_refused(void **state)
{
	struct trc_session *session = create();
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/control", trc_session_path(session));
	assert_int_equal(truncate(path, 8), 0);
	assert_int_equal(in_child(attach_quietly, session), 0);
	/* its own mapping would fault now, too */
	assert_int_equal(truncate(path, sizeof(struct trc__control)), 0);
	trc_session_close(session);
}

/* Other recorders of this user, those of other tests for example, look at all sessions now and
 * then, and hold the lock of what they look at for a moment. */
enum { LOOKS = 10000 };

static void a_moment(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static struct trc_session *adopt(const char *path)
{
	struct trc_session *session;
	uint32_t recorder;
	int result = trc_session_adopt(path, &session, &recorder);

	for (int i = 0; i < LOOKS && result == -EBUSY; i++) {
		a_moment();
		result = trc_session_adopt(path, &session, &recorder);
	}
	assert_int_equal(result, 0);
	return session;
}

/* Who makes a session sweeps. Whether the path comes to be there, or to be gone. */
static bool sweep_until(const char *path, bool there)
{
	for (int i = 0; i < LOOKS; i++) {
		trc_session_close(create());
		if ((access(path, F_OK) == 0) == there)
			return true;
		a_moment();
	}
	return false;
}

/* Starts a process that tells something, and stays until it is killed. `ret_told` has PATH_MAX
 * bytes. */
static pid_t start(bool (*tell)(int to, const char *path), const char *path, char *ret_told)
{
	ssize_t size;
	int ends[2];
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ends[0]);
		if (!tell(ends[1], path))
			_exit(1);
		for (;;)
			pause();
	}
	close(ends[1]);
	size = read(ends[0], ret_told, PATH_MAX - 1);
	close(ends[0]);
	assert_true(size > 0); /* or it has ended */
	ret_told[size] = '\0';
	return child;
}

static void end(pid_t child)
{
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static bool record(int to, const char *unused)
{
	struct trc_session *session;
	ssize_t size;

	if (trc_session_create(&options, &session) < 0)
		return false;
	size = (ssize_t)strlen(trc_session_path(session));
	return write(to, trc_session_path(session), (size_t)size) == size;
}

/* Tells where it leaves its session. */
static pid_t start_recorder(char *ret_path)
{
	return start(record, NULL, ret_path);
}

static bool be_recorded(int to, const char *path)
{
	setenv(TRC_SESSION_ENV, path, 1);
	return trc_session_attach() && trc_ring_of_thread(trc_session_attach()) &&
	       write(to, "r", 1) == 1;
}

static pid_t start_program(const char *path)
{
	char ready[PATH_MAX];

	return start(be_recorded, path, ready);
}

static void what_a_killed_recorder_left_is_swept(void **state)
{
	struct trc_session *living = create();
	char dead[PATH_MAX];

	end(start_recorder(dead));
	assert_true(sweep_until(dead, false));
	assert_int_equal(access(trc_session_path(living), F_OK), 0);
	trc_session_close(living);
}

static void a_session_whose_program_runs_is_kept_for_the_next_recorder(void **state)
{
	const struct timespec long_ago[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	char dead[PATH_MAX], found[PATH_MAX], output[PATH_MAX], marker[PATH_MAX + 8];
	struct trc_session *adopted, *other;
	uint32_t recorder = 0;
	pid_t killed = start_recorder(dead), child = start_program(dead);

	end(killed);
	trc_session_close(create()); /* and this does not sweep it */
	assert_int_equal(trc_session_find(child, found), 0);
	assert_string_equal(found, dead);
	adopted = adopt(found);
	assert_int_equal(trc_session_adopt(found, &other, &recorder), -EBUSY);
	assert_int_equal(recorder, getpid());
	assert_int_equal(trc_session_attached(adopted), child);
	assert_int_equal(trc_session_payload_limit(adopted), 100);

	assert_int_equal(trc_session_output(adopted, output), -ENOENT);
	assert_int_equal(trc_session_set_output(adopted, "/a/b c.db"), 0);
	trc_session_leave(adopted);
	adopted = adopt(found);
	assert_int_equal(trc_session_output(adopted, output), 0);
	assert_string_equal(output, "/a/b c.db");

	assert_true(trc_session_program_lives(adopted));
	end(child);
	assert_false(trc_session_program_lives(adopted));
	assert_int_equal(trc_session_find(child, found), -ENOENT);
	trc_session_leave(adopted);
	snprintf(marker, sizeof(marker), "%s/dead", dead);
	assert_true(sweep_until(marker, true)); /* nor this: what is in its rings may be wanted */
	trc_session_leave(adopt(dead));
	assert_int_equal(utimensat(AT_FDCWD, marker, long_ago, 0), 0);
	assert_true(sweep_until(dead, false)); /* but now it is */
	assert_int_equal(trc_session_adopt(dead, &adopted, &recorder), -ENOENT);
}

/* Its recorder has left, or was killed, before there was a ring: somebody may want to go on, and
 * must not find it in use only because somebody else looks at it. */
static void a_session_with_a_trace_is_kept_for_a_while(void **state)
{
	const struct timespec long_ago[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	struct trc_session *session = create(), *adopted;
	char path[PATH_MAX], name[PATH_MAX + 8];
	uint32_t recorder = 1;
	int fd;

	strcpy(path, trc_session_path(session));
	assert_int_equal(trc_session_set_output(session, "/a/t.db"), 0);
	trc_session_leave(session);
	snprintf(name, sizeof(name), "%s/dead", path);
	assert_true(sweep_until(name, true)); /* it was seen, and left where it is */

	snprintf(name, sizeof(name), "%s/control", path);
	fd = open(name, O_RDWR);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(trc_session_adopt(path, &adopted, &recorder), -EBUSY);
	assert_int_equal(recorder, 0); /* nobody records */
	close(fd);
	trc_session_leave(adopt(path));

	snprintf(name, sizeof(name), "%s/dead", path);
	assert_int_equal(utimensat(AT_FDCWD, name, long_ago, 0), 0);
	assert_true(sweep_until(path, false));
	assert_int_equal(trc_session_adopt(path, &adopted, &recorder), -ENOENT);
}

/* The number of a process is used again, some day. */
static void another_process_of_the_same_number_is_not_the_program(void **state)
{
	char found[PATH_MAX];
	struct trc_session *session = create();
	pid_t child = start_program(trc_session_path(session));

	assert_true(trc_session_program_lives(session));
	session->control->attached_start++;
	assert_false(trc_session_program_lives(session));
	assert_int_equal(trc_session_find(child, found), -ENOENT);
	end(child);
	trc_session_close(session);
}

static void sizes_that_cannot_be_are_refused(void **state)
{
	static const size_t sizes[] = {1, 4096, (64 << 10) + 8, 3 << 20, (size_t)2 << 30};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct trc_session *session;
		struct trc_session_options wrong = {.ring_bytes = sizes[i]};

		assert_int_equal(trc_session_create(&wrong, &session), -EINVAL);
	}
}

static void payloads_are_limited_to_what_fits_a_ring(void **state)
{
	struct trc_session_options large = options;
	struct trc_session *session;

	large.payload_limit = UINT32_MAX;
	assert_int_equal(trc_session_create(&large, &session), 0);
	assert_int_equal(trc_session_payload_limit(session), (64 << 10) / 8 - 56);
	trc_session_close(session);
	large.ring_bytes = 0;
	assert_int_equal(trc_session_create(&large, &session), 0);
	assert_int_equal(trc_session_payload_limit(session), TRC_PAYLOAD_MAX);
	trc_session_close(session);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_directory_is_private_and_goes_away),
		cmocka_unit_test(a_program_attaches_by_its_environment),
		cmocka_unit_test(a_forked_child_is_not_attached),
		cmocka_unit_test(a_program_finds_its_filters),
		cmocka_unit_test(the_second_process_is_refused),
		cmocka_unit_test(without_a_session_there_is_none),
		cmocka_unit_test(a_damaged_control_page_is_refused),
		cmocka_unit_test(a_short_control_page_is_refused),
		cmocka_unit_test(what_a_killed_recorder_left_is_swept),
		cmocka_unit_test(a_session_whose_program_runs_is_kept_for_the_next_recorder),
		cmocka_unit_test(a_session_with_a_trace_is_kept_for_a_while),
		cmocka_unit_test(another_process_of_the_same_number_is_not_the_program),
		cmocka_unit_test(sizes_that_cannot_be_are_refused),
		cmocka_unit_test(payloads_are_limited_to_what_fits_a_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
