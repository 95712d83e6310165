#include "tracer/record/react.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "tracer/model/memory.h"
#include "tracer/record/launch.h"

extern char **environ;

enum { VARIABLES = 6 };

static void stop_program(struct trc_reaction *reaction)
{
	pid_t program = (pid_t)trc_session_program(reaction->session);

	if (atomic_load(&reaction->stopped))
		return;
	reaction->stop_signals = trc_program_signal_count();
	if (kill(program, SIGSTOP) < 0) {
		fprintf(stderr, "actorscope: cannot stop process %d: %s\n", (int)program,
			strerror(errno));
		return;
	}
	atomic_store(&reaction->stopped, program);
	fprintf(stderr,
		"actorscope: process %d is stopped: gdb -p %d looks into it, kill -CONT %d or "
		"Ctrl-C here lets it go on\n",
		(int)program, (int)program, (int)program);
}

/* This process's environment and what the finding adds; to be freed, with the last VARIABLES. */
static char **make_environment(const struct trc_reaction *reaction,
			       const struct trc_finding *finding, size_t *ret_count)
{
	char *story = trc_finding_text(finding);
	size_t count = 0;
	char **variables;

	while (environ[count])
		count++;
	variables = trc_zalloc(count + VARIABLES + 1, sizeof *variables);
	memcpy(variables, environ, count * sizeof *variables);
	*ret_count = count;
	variables[count++] = trc_format("ACTORSCOPE_CODE=%s", trc_code_name(finding->code));
	variables[count++] = trc_format("ACTORSCOPE_TITLE=%s", finding->title);
	variables[count++] = trc_format("ACTORSCOPE_FINGERPRINT=%s", finding->fingerprint);
	variables[count++] = trc_format("ACTORSCOPE_STORY=%s", story);
	variables[count++] =
		trc_format("ACTORSCOPE_PID=%d", (int)trc_session_program(reaction->session));
	variables[count++] = trc_format("ACTORSCOPE_FILE=%s", reaction->say->output);
	free(story);
	return variables;
}

static void start_command(struct trc_reaction *reaction, const struct trc_finding *finding)
{
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)reaction->command, NULL};
	size_t first;
	char **variables = make_environment(reaction, finding, &first);
	pid_t child;
	int result = posix_spawn(&child, "/bin/sh", NULL, NULL, argv, variables);

	for (size_t i = first; i < first + VARIABLES; i++)
		free(variables[i]);
	free(variables);
	if (result != 0) {
		fprintf(stderr, "actorscope: cannot run '%s': %s\n", reaction->command,
			strerror(result));
		return;
	}
	reaction->children = trc_grow(reaction->children, &reaction->child_room,
				      reaction->child_count + 1, sizeof *reaction->children);
	reaction->children[reaction->child_count++] = child;
}

void trc_react_alarm(const struct trc_finding *finding, void *context)
{
	struct trc_reaction *reaction = context;

	trc_say_alarm(finding, reaction->say);
	if (reaction->on_deadlock == TRC_ON_DEADLOCK_STOP)
		stop_program(reaction);
	else if (reaction->on_deadlock == TRC_ON_DEADLOCK_EXEC)
		start_command(reaction, finding);
}

static void let_go_on(struct trc_reaction *reaction)
{
	kill(atomic_exchange(&reaction->stopped, 0), SIGCONT);
}

void trc_react_signals(struct trc_reaction *reaction, int signals)
{
	if (atomic_load(&reaction->stopped) && signals > reaction->stop_signals)
		let_go_on(reaction);
}

void trc_react_end(struct trc_reaction *reaction)
{
	if (atomic_load(&reaction->stopped))
		let_go_on(reaction);
	for (size_t i = 0; i < reaction->child_count; i++)
		while (waitpid(reaction->children[i], NULL, 0) < 0 && errno == EINTR)
			;
	free(reaction->children);
}
