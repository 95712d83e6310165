#include "tracer/record/record.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "tracer/model/memory.h"
#include "tracer/record/launch.h"
#include "tracer/record/recorder.h"

enum {
	POLL_MIN_MS = 1,
	POLL_MAX_MS = 20,
	BATCH_EVENTS = 4000, /* polls are so far apart that a batch has about so many */
	RETRY_MS = 200,      /* while the file cannot be written */
	DISPLAY_MS = 500,
	LAST_DRAIN_MS = 3000,    /* at most, for writers that outlive the program */
	LAST_RETRIES_MS = 10000, /* at most, for a disk that is full at the end */
};

struct recording {
	const struct trc_record_options *options;
	uv_loop_t loop;
	uv_timer_t timer;
	struct trc_program program;
	struct trc_session *session;
	struct trc_store *store;
	struct trc_store_info info;
	struct trc_recorder *recorder;
	uint64_t delay;     /* ms to the next poll */
	bool failing;       /* the file cannot be written now */
	bool shows;         /* a line of progress on the terminal */
	uint64_t shown_at;  /* ms */
	uint64_t last_from; /* ms: when the program ended */
};

/* --- what people see -------------------------------------------------------------------------- */

static void clear_line(const struct recording *recording)
{
	if (recording->shows)
		fputs("\r\033[K", stderr);
}

static void on_alarm(const struct trc_finding *finding, void *context)
{
	char *text = trc_finding_text(finding);

	clear_line(context);
	fprintf(stderr, "actorscope: %s", text);
	fflush(stderr);
	free(text);
}

static void show_progress(struct recording *recording)
{
	uint64_t now = uv_now(&recording->loop);
	struct trc_recorder_totals totals;

	if (!recording->shows || now - recording->shown_at < DISPLAY_MS)
		return;
	recording->shown_at = now;
	trc_recorder_totals(recording->recorder, &totals);
	fprintf(stderr, "\r\033[Kactorscope: %" PRIu64 " events, %" PRIu64 " actors, %.0f s",
		totals.events, totals.actors, (double)trc_session_now(recording->session) / 1e9);
}

static void say_failing(struct recording *recording, const struct trc_error *error)
{
	if (recording->failing)
		return;
	recording->failing = true;
	clear_line(recording);
	fprintf(stderr,
		"actorscope: %s. The program runs on; events wait in memory as long as there is "
		"room, and are written when it works again.\n",
		error->text);
}

static void say_working(struct recording *recording)
{
	if (!recording->failing)
		return;
	recording->failing = false;
	clear_line(recording);
	fprintf(stderr, "actorscope: %s can be written again, the recording goes on\n",
		recording->options->output);
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void say_summary(const struct recording *recording)
{
	struct trc_recorder_totals totals;
	struct stat status;
	double size = 0;

	trc_recorder_totals(recording->recorder, &totals);
	if (totals.lost > 0 || totals.corrupt > 0 || totals.ringless > 0)
		fprintf(stderr,
			"actorscope: the trace has gaps: %" PRIu64 " event%s lost, %" PRIu64
			" word%s damaged, %u thread%s not recorded\n",
			totals.lost, plural(totals.lost), totals.corrupt, plural(totals.corrupt),
			totals.ringless, plural(totals.ringless));
	if (trc_recorder_rows_left(recording->recorder) > 0)
		fprintf(stderr,
			"actorscope: interrupted: tables like `message` lack %zu rows; "
			"actorscope's "
			"own tools need none of them\n",
			trc_recorder_rows_left(recording->recorder));
	if (recording->options->quiet)
		return;
	if (stat(recording->options->output, &status) == 0)
		size = (double)status.st_size;
	fprintf(stderr,
		"actorscope: %s: %" PRIu64 " events, %" PRIu64 " message%s, %" PRIu64
		" actor%s, %.1f %s%s\n",
		recording->options->output, totals.stored, totals.messages, plural(totals.messages),
		totals.actors, plural(totals.actors),
		size >= 1 << 20 ? size / (1 << 20) : size / 1024, size >= 1 << 20 ? "MiB" : "KiB",
		totals.complete ? ", nothing lost" : "");
}

/* --- the loop --------------------------------------------------------------------------------- */

static uint64_t next_delay(uint64_t delay, uint64_t events)
{
	uint64_t next = delay * BATCH_EVENTS / (events + 1);

	/* At most twice as long: a program that has just begun may go faster soon. */
	if (next > 2 * delay)
		next = 2 * delay;
	return next < POLL_MIN_MS ? POLL_MIN_MS : next > POLL_MAX_MS ? POLL_MAX_MS : next;
}

static void poll_rings(struct recording *recording)
{
	struct trc_error error;
	int result = trc_recorder_poll(recording->recorder, &error);

	if (result < 0) {
		say_failing(recording, &error);
		recording->delay = RETRY_MS;
		return;
	}
	say_working(recording);
	recording->delay = next_delay(recording->delay, (uint64_t)result);
}

static void on_timer(uv_timer_t *timer)
{
	struct recording *recording = timer->data;

	poll_rings(recording);
	show_progress(recording);
	uv_timer_start(timer, on_timer, recording->delay, 0);
}

static void on_program_end(struct trc_program *program)
{
	struct recording *recording = program->context;

	uv_close((uv_handle_t *)&recording->timer, NULL);
}

/* --- the end ---------------------------------------------------------------------------------- */

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

/* Tries `work` until it succeeds, for some seconds. */
static int insist(struct recording *recording, int (*work)(struct recording *, struct trc_error *))
{
	uint64_t end = now_ms() + LAST_RETRIES_MS;
	struct trc_error error;
	int result;

	while ((result = work(recording, &error)) < 0) {
		say_failing(recording, &error);
		if (now_ms() >= end)
			return result;
		uv_sleep(RETRY_MS);
	}
	say_working(recording);
	return result;
}

static int poll_once(struct recording *recording, struct trc_error *ret_error)
{
	return trc_recorder_poll(recording->recorder, ret_error);
}

static int write_rows(struct recording *recording, struct trc_error *ret_error)
{
	return trc_recorder_write_rows(recording->recorder, ret_error);
}

static int finish_file(struct recording *recording, struct trc_error *ret_error)
{
	return trc_store_finish(recording->store, &recording->info, ret_error);
}

/* The rows that are behind. A signal ends this early: the segments have everything. */
static int catch_up_rows(struct recording *recording)
{
	bool terminal = isatty(STDERR_FILENO) && !recording->options->quiet;
	int signals = trc_program_signal_count();
	size_t all = trc_recorder_rows_left(recording->recorder), left;
	int result = 0;

	while (result == 0 && (left = trc_recorder_rows_left(recording->recorder)) > 0 &&
	       trc_program_signal_count() == signals) {
		if (terminal)
			fprintf(stderr, "\r\033[Kactorscope: writing rows, %zu %%",
				(all - left) * 100 / all);
		result = insist(recording, write_rows);
	}
	if (terminal && all > 0)
		fputs("\r\033[K", stderr);
	return result;
}

/* Takes the last events and closes the file. 0, or -errno when not all could be written. */
static int finish(struct recording *recording)
{
	uint64_t end = now_ms() + LAST_DRAIN_MS;
	struct trc_recorder_totals totals;
	int result;

	while ((result = insist(recording, poll_once)) > 0 && now_ms() < end)
		;
	if (result < 0)
		return result;
	trc_recorder_last(recording->recorder);
	result = catch_up_rows(recording);
	if (result < 0)
		return result;
	trc_recorder_totals(recording->recorder, &totals);
	recording->info.complete = totals.complete;
	recording->info.lost = totals.lost;
	recording->info.exit_status = recording->program.wait_status;
	return insist(recording, finish_file);
}

/* Closes the store and removes the file. */
static void discard_file(struct recording *recording)
{
	trc_store_close(recording->store);
	recording->store = NULL;
	unlink(recording->options->output);
}

static int conclude(struct recording *recording)
{
	const char *program = recording->options->argv[0];
	struct trc_recorder_totals totals;
	uint32_t attached;

	clear_line(recording);
	recording->shows = false;
	attached = trc_session_attached(recording->session);
	if (attached == 0) {
		discard_file(recording);
		fprintf(stderr,
			"actorscope: %s ran (exit status %d), but is not built with actorscope's "
			"runtime; nothing was recorded\n",
			program, recording->program.status);
		return TRC_RECORD_NOTHING;
	}
	if (attached != (uint32_t)recording->program.process.pid && kill((pid_t)attached, 0) == 0)
		fprintf(stderr,
			"actorscope: %s has ended, but its process %" PRIu32
			" goes on; what it does from now on is not recorded. Keep it in the "
			"foreground to record it\n",
			program, attached);
	if (finish(recording) < 0) {
		trc_recorder_totals(recording->recorder, &totals);
		fprintf(stderr,
			"actorscope: %s could not be finished; it has %" PRIu64 " of %" PRIu64
			" events and is marked as not closed\n",
			recording->options->output, totals.stored, totals.events);
		return TRC_RECORD_NOTHING;
	}
	trc_store_close(recording->store);
	recording->store = NULL;
	say_summary(recording);
	return recording->program.status;
}

/* --- the beginning ---------------------------------------------------------------------------- */

/* The command as one line, arguments with spaces quoted. */
static char *command_line(char **argv)
{
	struct trc_text text = {0};

	for (size_t i = 0; argv[i]; i++) {
		bool plain = argv[i][0] && !strpbrk(argv[i], " \t\n\"'\\$`*?;&|<>()");

		trc_text_add(&text, plain ? "%s%s" : "%s'%s'", i > 0 ? " " : "", argv[i]);
	}
	return text.data;
}

static int open_session(struct recording *recording)
{
	const struct trc_record_options *options = recording->options;
	const struct trc_session_options session = {
		.payload_limit = options->payload_limit,
		.on_full = options->on_full,
	};
	struct trc_error error;
	int result = trc_session_create(&session, &recording->session);

	if (result < 0) {
		fprintf(stderr,
			"actorscope: cannot make a directory for shared memory in /dev/shm, TMPDIR "
			"or /tmp: %s\n",
			strerror(-result));
		return TRC_RECORD_USE;
	}
	recording->info = (struct trc_store_info){
		.program = command_line(options->argv),
		.tool_version = (char *)options->tool_version,
		.wall_start = trc_session_wall_start(recording->session),
		.payload_limit = trc_session_payload_limit(recording->session),
		.exit_status = -1,
	};
	if (trc_store_create(options->output, options->force, &recording->info, &recording->store,
			     &error) < 0) {
		fprintf(stderr, "actorscope: %s\n", error.text);
		return TRC_RECORD_USE;
	}
	return 0;
}

static int start_program(struct recording *recording)
{
	const char *name = recording->options->argv[0];
	int result;

	recording->program.on_end = on_program_end;
	recording->program.context = recording;
	result = trc_program_start(&recording->program, &recording->loop, recording->options->argv,
				   TRC_SESSION_ENV, trc_session_path(recording->session));
	if (result == 0)
		return 0;
	discard_file(recording);
	if (result == -ENOENT)
		fprintf(stderr, "actorscope: cannot start %s: there is no such program%s\n", name,
			strchr(name, '/') ? "" : " in PATH; write ./ before one in this directory");
	else
		fprintf(stderr, "actorscope: cannot start %s: %s\n", name, strerror(-result));
	return result == -ENOENT ? TRC_RECORD_NOT_FOUND : TRC_RECORD_NOT_EXECUTABLE;
}

static int run(struct recording *recording)
{
	int result = open_session(recording);

	if (result == 0)
		result = start_program(recording);
	if (result != 0) {
		uv_run(&recording->loop, UV_RUN_DEFAULT);
		return result;
	}
	trc_program_forward_signals(&recording->program);
	recording->recorder =
		trc_recorder_new(recording->session, recording->store, on_alarm, recording);
	recording->delay = POLL_MIN_MS;
	recording->timer.data = recording;
	uv_timer_init(&recording->loop, &recording->timer);
	uv_timer_start(&recording->timer, on_timer, recording->delay, 0);
	uv_run(&recording->loop, UV_RUN_DEFAULT);
	return conclude(recording);
}

int trc_record(const struct trc_record_options *options)
{
	struct recording recording = {.options = options};
	int result = uv_loop_init(&recording.loop);

	if (result < 0) {
		fprintf(stderr, "actorscope: cannot start: %s\n", uv_strerror(result));
		return TRC_RECORD_USE;
	}
	/* The progress line would run into what the program prints to the same terminal. */
	recording.shows = !options->quiet && isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	/* Both are told by errno as well: a closed terminal, a file that may not grow. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	result = run(&recording);
	uv_loop_close(&recording.loop);
	trc_recorder_free(recording.recorder);
	trc_store_close(recording.store);
	trc_session_close(recording.session);
	free(recording.info.program);
	return result;
}
