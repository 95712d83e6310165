/*
 * launch.h - the recorded program as a child process
 */
#ifndef TRACER_RECORD_LAUNCH_H
#define TRACER_RECORD_LAUNCH_H

#include <stdbool.h>

#include <uv.h>

struct trc_program {
	uv_process_t process;
	uv_poll_t watch; /* of a process that is not a child */
	int watch_fd;
	bool started;
	bool ended;
	int status;                                  /* exit status, or 128 + signal */
	int wait_status;                             /* as wait() gives it */
	void (*on_end)(struct trc_program *program); /* called on the loop */
	void *context;
};

/* Starts argv[0], looked up in PATH, with the variable `name`=`value` in its environment and this
 * process's standard streams. Returns 0 or -errno as exec gave it. `program` must outlive the
 * process; `on_end` and `context` are set before. */
int trc_program_start(struct trc_program *program, uv_loop_t *loop, char **argv, const char *name,
		      const char *value);

/* Watches a process that is not a child instead; its status is unknown (0, wait_status -1). Returns
 * 0 or -errno. */
int trc_program_watch(struct trc_program *program, uv_loop_t *loop, pid_t pid);
void trc_program_unwatch(struct trc_program *program);

/* From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT do not end this process; they are passed on to
 * the program, if it is a child, unless a terminal has sent them to both already. One program a
 * process. */
void trc_program_forward_signals(const struct trc_program *program);

/* How many of these signals have come so far. */
int trc_program_signal_count(void);

#endif
