#include "tracer/record/launch.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tracer/model/memory.h"

extern char **environ;

static volatile sig_atomic_t forward_to; /* process, 0: none */
static volatile sig_atomic_t signal_count;

static void on_process_exit(uv_process_t *process, int64_t exit_status, int term_signal)
{
	struct trc_program *program = process->data;

	/* Its number may belong to another process soon. */
	forward_to = 0;
	program->ended = true;
	program->status = term_signal ? 128 + term_signal : (int)exit_status;
	program->wait_status = term_signal ? term_signal : (int)exit_status << 8;
	uv_close((uv_handle_t *)process, NULL);
	program->on_end(program);
}

/* The environment with `name` set; the strings are shared, all but that one. */
static char **environment_with(const char *name, const char *value, char **ret_own)
{
	size_t count = 0, kept = 0, length = strlen(name);
	char **environment;

	while (environ[count])
		count++;
	environment = trc_zalloc(count + 2, sizeof(char *));
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], name, length) != 0 || environ[i][length] != '=')
			environment[kept++] = environ[i];
	environment[kept] = *ret_own = trc_format("%s=%s", name, value);
	return environment;
}

int trc_program_start(struct trc_program *program, uv_loop_t *loop, char **argv, const char *name,
		      const char *value)
{
	char *own;
	char **environment = environment_with(name, value, &own);
	uv_stdio_container_t streams[3];
	uv_process_options_t options = {
		.exit_cb = on_process_exit,
		.file = argv[0],
		.args = argv,
		.env = environment,
		.stdio_count = 3,
		.stdio = streams,
	};
	int result;

	for (int i = 0; i < 3; i++) {
		streams[i].flags = UV_INHERIT_FD;
		streams[i].data.fd = i;
	}
	program->process.data = program;
	result = uv_spawn(loop, &program->process, &options);
	program->started = result == 0;
	if (result < 0)
		uv_close((uv_handle_t *)&program->process, NULL);
	free(environment);
	free(own);
	return result;
}

static void on_watched_end(uv_poll_t *watch, int status, int events)
{
	struct trc_program *program = watch->data;

	program->ended = true;
	program->wait_status = -1;
	trc_program_unwatch(program);
	program->on_end(program);
}

int trc_program_watch(struct trc_program *program, uv_loop_t *loop, pid_t pid)
{
	int result;

	program->watch_fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (program->watch_fd < 0)
		return -errno;
	program->watch.data = program;
	result = uv_poll_init(loop, &program->watch, program->watch_fd);
	if (result == 0)
		result = uv_poll_start(&program->watch, UV_READABLE, on_watched_end);
	if (result < 0)
		close(program->watch_fd);
	return result;
}

void trc_program_unwatch(struct trc_program *program)
{
	uv_poll_stop(&program->watch);
	uv_close((uv_handle_t *)&program->watch, NULL);
	close(program->watch_fd);
}

static void on_signal(int number, siginfo_t *info, void *context)
{
	int error = errno;
	pid_t program = (pid_t)forward_to;

	signal_count++;
	/* The kernel, for a terminal, has sent it to the whole foreground group. */
	if (program > 0 && info->si_code <= 0)
		kill(program, number);
	errno = error;
}

void trc_program_forward_signals(const struct trc_program *program)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};

	sigemptyset(&action.sa_mask);
	forward_to = program->started ? program->process.pid : 0;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		sigaction(numbers[i], &action, NULL);
}

int trc_program_signal_count(void)
{
	return signal_count;
}
