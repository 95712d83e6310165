#include "tracer/record/children.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <uv.h>

#include "tracer/model/memory.h"

extern char **environ;

enum {
	ARGUMENTS_MAX = 16,
	WAIT_MS = 10,
	WAITS_FOR_LATE = 100,
	SAY_AFTER_MS = 1000,
};

struct trc_children {
	struct trc_session *session;
	const struct trc_record_options *options;
	const struct trc_program *program;
	const char *output;
	unsigned seen;  /* numbers below have been looked at */
	unsigned count; /* that were recorded */
	unsigned *late; /* numbers that were taken, without a word yet who did */
	size_t late_count, late_room;
	pid_t *recorders;
	size_t running, room;
};

struct trc_children *trc_children_new(struct trc_session *session,
				      const struct trc_record_options *options,
				      const struct trc_program *program, const char *output)
{
	struct trc_children *children = trc_zalloc(1, sizeof(*children));

	children->session = session;
	children->options = options;
	children->program = program;
	children->output = output;
	/* A child is known from the moment it is made, long before it has come to its session: if
	 * its parent ends first, it becomes a child of this process. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	trc_session_follow(session);
	return children;
}

void trc_children_free(struct trc_children *children)
{
	if (!children)
		return;
	free(children->recorders);
	free(children->late);
	free(children);
}

/* --- starting a recorder ---------------------------------------------------------------------- */

/* NAME.PID.db for NAME.db. */
static char *output_of(const struct trc_children *children, pid_t pid)
{
	const char *output = children->output, *dot = strrchr(output, '.');
	int length = dot && strcmp(dot, ".db") == 0 ? (int)(dot - output) : (int)strlen(output);

	return trc_format("%.*s.%ld.db", length, output, (long)pid);
}

static const char *on_deadlock(const struct trc_record_options *options)
{
	return options->on_deadlock == TRC_ON_DEADLOCK_STOP ? "stop" : "report";
}

/* Its arguments, to be freed one by one. */
static void list_arguments(const struct trc_children *children, const char *path, pid_t pid,
			   char **ret_arguments)
{
	const struct trc_record_options *options = children->options;
	char **next = ret_arguments;

	*next++ = trc_strdup("actorscope");
	*next++ = trc_strdup("record");
	*next++ = trc_strdup("--quiet");
	*next++ = trc_format("--attach=%s", path);
	*next++ = trc_strdup("--output");
	*next++ = output_of(children, pid);
	if (options->on_deadlock == TRC_ON_DEADLOCK_EXEC)
		*next++ = trc_format("--on-deadlock=exec %s", options->command);
	else
		*next++ = trc_format("--on-deadlock=%s", on_deadlock(options));
	if (options->force)
		*next++ = trc_strdup("--force");
	if (options->no_rows)
		*next++ = trc_strdup("--rows=off");
	if (options->max_size > 0)
		*next++ = trc_format("--max-size=%" PRIu64, options->max_size);
	*next++ = trc_format("--sync=%" PRIu64, options->sync);
	if (options->keep_to > 0)
		*next++ = trc_format("--flight-recorder=%" PRIu64, options->keep_to);
	*next = NULL;
}

/* Signals of the terminal are for the program, whose end ends the recording. */
static int start_recorder(char **arguments, pid_t *ret_pid)
{
	posix_spawnattr_t attributes;
	int result;

	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&attributes, 0);
	result = posix_spawn(ret_pid, "/proc/self/exe", NULL, &attributes, arguments, environ);
	posix_spawnattr_destroy(&attributes);
	return -result;
}

static void record_child(struct trc_children *children, const char *path, pid_t pid)
{
	char *control = trc_format("%s/control", path), *arguments[ARGUMENTS_MAX];
	bool gone = access(control, F_OK) < 0; /* it never did anything */
	pid_t recorder;
	int result;

	free(control);
	if (gone)
		return;
	list_arguments(children, path, pid, arguments);
	result = start_recorder(arguments, &recorder);
	for (char **one = arguments; *one; one++)
		free(*one);
	if (result < 0) {
		fprintf(stderr, "actorscope: cannot start a recorder for process %ld: %s\n",
			(long)pid, strerror(-result));
		return;
	}
	children->recorders = trc_grow(children->recorders, &children->room, children->running + 1,
				       sizeof(*children->recorders));
	children->recorders[children->running++] = recorder;
	children->count++;
}

/* --- all of them ------------------------------------------------------------------------------ */

static void forget_recorder(struct trc_children *children, pid_t pid)
{
	for (size_t i = 0; i < children->running; i++)
		if (children->recorders[i] == pid)
			children->recorders[i--] = children->recorders[--children->running];
}

/* Whatever has ended, but for the program, of which the loop wants to hear. Returns whether others
 * than it are left. */
static bool reap(struct trc_children *children)
{
	const struct trc_program *program = children->program;
	siginfo_t ended = {0};

	while (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) == 0) {
		if (ended.si_pid == 0)
			return true;
		if (program->started && !program->ended && ended.si_pid == program->process.pid)
			return true;
		waitpid(ended.si_pid, NULL, 0);
		forget_recorder(children, ended.si_pid);
		ended.si_pid = 0;
	}
	return false;
}

static bool look_at(struct trc_children *children, unsigned number)
{
	char path[PATH_MAX];
	pid_t pid;

	if (trc_session_child(children->session, number, &pid, path) < 0)
		return false;
	record_child(children, path, pid);
	return true;
}

static void look_at_late(struct trc_children *children)
{
	size_t left = 0;

	for (size_t i = 0; i < children->late_count; i++)
		if (!look_at(children, children->late[i]))
			children->late[left++] = children->late[i];
	children->late_count = left;
}

void trc_children_look(struct trc_children *children)
{
	unsigned count = trc_session_child_count(children->session);

	reap(children);
	look_at_late(children);
	/* A child takes a number and then says who it is; others may come in between. */
	for (; children->seen < count; children->seen++) {
		if (look_at(children, children->seen))
			continue;
		children->late = trc_grow(children->late, &children->late_room,
					  children->late_count + 1, sizeof(*children->late));
		children->late[children->late_count++] = children->seen;
	}
}

static void leave_alone(const struct trc_children *children)
{
	for (size_t i = 0; i < children->running; i++)
		kill(children->recorders[i], SIGTERM);
}

/* Somebody who sees nothing happen should know why. */
static void say_who_is_left(const struct trc_children *children)
{
	if (children->running == 0 && !children->options->quiet)
		fprintf(stderr, "actorscope: the program has left processes behind that are not "
				"recorded so far; Ctrl-C ends the waiting for them\n");
}

unsigned trc_children_wait(struct trc_children *children, int signals)
{
	bool interrupted = false;
	unsigned tries = 0;

	while (true) {
		bool others = reap(children);

		/* After the reaping: whoever has ended has said before that it came. */
		trc_children_look(children);
		/* A late one may have been killed between its two acts. */
		if (children->running == 0 && (interrupted || !others) &&
		    (children->late_count == 0 || tries >= WAITS_FOR_LATE))
			return children->count;
		if (trc_program_signal_count() != signals) {
			leave_alone(children);
			interrupted = true;
		}
		signals = trc_program_signal_count();
		if (++tries == SAY_AFTER_MS / WAIT_MS)
			say_who_is_left(children);
		uv_sleep(WAIT_MS);
	}
}
