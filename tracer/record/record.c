#include "tracer/record/record.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

#include "tracer/event/filter.h"
#include "tracer/model/memory.h"
#include "tracer/record/attach.h"
#include "tracer/record/children.h"
#include "tracer/record/launch.h"
#include "tracer/record/names.h"
#include "tracer/record/react.h"
#include "tracer/record/recorder.h"
#include "tracer/record/say.h"
#include "tracer/store/let-go.h"

enum {
	POLL_MIN_MS = 1,
	POLL_MAX_MS = 20,
	BATCH_EVENTS = 4000,     /* polls are so far apart that a batch has about so many */
	BUSY_EVENTS = 10000,     /* more, and they follow each other at once */
	RETRY_MS = 200,          /* while the file cannot be written */
	LAST_DRAIN_MS = 3000,    /* at most, for writers that outlive the program */
	LAST_RETRIES_MS = 10000, /* at most, for a disk that is full at the end */
	CATCH_UP_STEP_MS = 100,
	BEGIN_RETRY_MS = 10, /* while it is not known which program attaches */
	BEGIN_RETRIES = 200,
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
	uint64_t delay; /* ms to the next poll */
	struct trc_say say;
	struct trc_reaction reaction;  /* to deadlocks */
	const char *full;              /* nothing more is stored, and why (trc_store_info.cut) */
	struct trc_children *children; /* NULL: they are not followed */
	bool keeps;                    /* the newest events only */
	bool leaves;                   /* the program goes on without a recorder */
	char *output;                  /* the trace file */
	struct trc_filters *filters;   /* NULL: none */
	struct trc_names *names;       /* of what the filters could have meant */
};

/* --- the loop --------------------------------------------------------------------------------- */

static uint64_t next_delay(uint64_t delay, uint64_t events)
{
	uint64_t next = (delay ? delay : POLL_MIN_MS) * BATCH_EVENTS / (events + 1);

	/* There is so much that the next batch is ready already. */
	if (events > BUSY_EVENTS)
		return 0;
	/* At most twice as long: a program that has just begun may go faster soon. */
	if (next > 2 * delay)
		next = 2 * delay;
	return next < POLL_MIN_MS ? POLL_MIN_MS : next > POLL_MAX_MS ? POLL_MAX_MS : next;
}

/* Says when the follower has trouble with the file, or the store with its log. False when the
 * follower has given up. */
static bool watch_follower(struct recording *recording)
{
	struct trc_recorder_totals totals;
	struct trc_error error;

	trc_recorder_totals(recording->recorder, &totals);
	if (totals.follower.failing)
		trc_say_failing(&recording->say, &totals.follower.error);
	else if (trc_store_trouble(recording->store, &error) < 0)
		trc_say_failing(&recording->say, &error);
	else
		trc_say_working(&recording->say);
	return !totals.follower.broken;
}

/* From now on events are looked at by the alarm and counted, but no longer written. */
static void stop_storing(struct recording *recording, const char *why)
{
	if (recording->full)
		return;
	recording->full = why;
	trc_recorder_only_watch(recording->recorder);
	trc_say_full(&recording->say, why);
}

/* There is no room for more, until the follower has let go of something. */
static void wait_for_room(struct recording *recording)
{
	struct trc_recorder_totals totals;

	trc_recorder_totals(recording->recorder, &totals);
	if (totals.follower.cramped)
		stop_storing(recording, "flight-recorder");
	recording->delay = POLL_MIN_MS;
}

static void poll_rings(struct recording *recording)
{
	struct trc_error error;
	int result = trc_recorder_poll(recording->recorder, &error);

	if (result == -EAGAIN) {
		watch_follower(recording);
		wait_for_room(recording);
		return;
	}
	if (result < 0) {
		trc_say_failing(&recording->say, &error);
		recording->delay = RETRY_MS;
		return;
	}
	watch_follower(recording);
	recording->delay = next_delay(recording->delay, (uint64_t)result);
}

/* A signal that came to a recorder which did not start the program is for the recorder. */
static void leave(struct recording *recording)
{
	recording->leaves = true;
	trc_session_rest(recording->session, true);
	trc_program_unwatch(&recording->program);
	uv_close((uv_handle_t *)&recording->timer, NULL);
}

/* How large the file and its log are. */
static uint64_t size_of_file(const struct recording *recording)
{
	char *log = trc_format("%s-wal", recording->output);
	struct stat status;
	uint64_t size = 0;

	if (stat(recording->output, &status) == 0)
		size += (uint64_t)status.st_size;
	if (stat(log, &status) == 0)
		size += (uint64_t)status.st_size;
	free(log);
	return size;
}

/* When the file is as large as it may be, events are counted and no longer written. */
static void keep_to_size(struct recording *recording)
{
	uint64_t max = recording->options->max_size;

	if (max > 0 && !recording->full && size_of_file(recording) >= max)
		stop_storing(recording, "max-size");
}

static void on_timer(uv_timer_t *timer)
{
	struct recording *recording = timer->data;

	poll_rings(recording);
	keep_to_size(recording);
	if (recording->children)
		trc_children_look(recording->children);
	trc_react_signals(&recording->reaction, trc_program_signal_count());
	trc_say_progress(&recording->say, recording->recorder, uv_now(&recording->loop),
			 trc_session_now(recording->session));
	if (recording->options->attach && trc_program_signal_count() > 0)
		leave(recording);
	else
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
		if (result == -EAGAIN && now_ms() < end) {
			uv_sleep(POLL_MIN_MS);
			continue;
		}
		trc_say_failing(&recording->say, &error);
		if (now_ms() >= end)
			return result;
		uv_sleep(RETRY_MS);
	}
	trc_say_working(&recording->say);
	return result;
}

static int poll_once(struct recording *recording, struct trc_error *ret_error)
{
	return trc_recorder_poll(recording->recorder, ret_error);
}

static int check_accounts(struct recording *recording, struct trc_error *ret_error)
{
	return trc_store_agrees(recording->store, ret_error);
}

static int finish_file(struct recording *recording, struct trc_error *ret_error)
{
	return trc_store_finish(recording->store, &recording->info, ret_error);
}

/* What follows from the events, to its end. A signal ends this early: the segments have everything.
 */
static void catch_up(struct recording *recording)
{
	uint64_t give_up = now_ms() + LAST_RETRIES_MS;
	int signals = trc_program_signal_count();
	struct trc_recorder_totals totals;

	trc_recorder_last(recording->recorder);
	while (!trc_recorder_wait(recording->recorder, CATCH_UP_STEP_MS) &&
	       trc_program_signal_count() == signals && watch_follower(recording)) {
		if (!recording->say.failing)
			give_up = now_ms() + LAST_RETRIES_MS;
		else if (now_ms() >= give_up)
			break;
		trc_recorder_totals(recording->recorder, &totals);
		trc_say_catching_up(&recording->say, &totals.follower, now_ms());
	}
	trc_say_clear(&recording->say);
	trc_recorder_stop(recording->recorder);
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
	catch_up(recording);
	trc_recorder_totals(recording->recorder, &totals);
	result = totals.complete ? insist(recording, check_accounts) : 0;
	if (result < 0)
		return result;
	recording->info.complete = result;
	recording->info.lost = totals.lost;
	recording->info.cut = (char *)recording->full;
	recording->info.exit_status = recording->leaves ? -1 : recording->program.wait_status;
	return insist(recording, finish_file);
}

/* Closes the store and removes the file. */
static void discard_file(struct recording *recording)
{
	trc_recorder_free(recording->recorder);
	recording->recorder = NULL;
	trc_store_discard(recording->store);
	recording->store = NULL;
}

/* What is strange about a program that this recorder has started. Returns an exit status, or 0. */
static int look_at_program(struct recording *recording)
{
	const char *program = recording->options->argv[0];
	uint32_t attached = trc_session_attached(recording->session);

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
	return 0;
}

static int conclude(struct recording *recording)
{
	struct trc_recorder_totals totals;
	int result = 0;

	trc_say_clear(&recording->say);
	recording->say.shows = false;
	if (!recording->options->attach)
		result = look_at_program(recording);
	if (result != 0)
		return result;
	if (finish(recording) < 0) {
		trc_recorder_totals(recording->recorder, &totals);
		fprintf(stderr,
			"actorscope: %s could not be finished; it has %" PRIu64 " of %" PRIu64
			" events and is marked as not closed. If there is %s-wal, it belongs to "
			"it\n",
			recording->output, totals.stored, totals.events, recording->output);
		return TRC_RECORD_NOTHING;
	}
	trc_store_close(recording->store);
	recording->store = NULL;
	trc_say_summary(&recording->say, recording->recorder, recording->info.complete);
	trc_say_filters(&recording->say, recording->recorder, recording->filters, recording->names);
	if (recording->keeps)
		trc_say_let_go(&recording->say);
	if (recording->leaves && !recording->options->quiet)
		fprintf(stderr,
			"actorscope: process %" PRIu32
			" goes on unrecorded; --attach it again to go on with %s\n",
			trc_session_attached(recording->session), recording->output);
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

static void fill_info(struct recording *recording, char *program)
{
	recording->info = (struct trc_store_info){
		.parent = trc_session_parent(recording->session),
		.program = program,
		.tool_version = (char *)recording->options->tool_version,
		.wall_start = trc_session_wall_start(recording->session),
		.payload_limit = trc_session_payload_limit(recording->session),
		.filters = trc_session_rules(recording->session),
		.exit_status = -1,
	};
}

/* Of a session that has its rules. */
static void learn_filters(struct recording *recording)
{
	char why[TRC_FILTER_ERROR], *rules = trc_session_rules(recording->session);

	recording->filters = rules ? trc_filters_parse(rules, why) : NULL;
	recording->names = recording->filters ? trc_names_new() : NULL;
	free(rules);
}

static int set_filters(struct recording *recording)
{
	const char *rules = recording->options->filters;
	int result = rules ? trc_session_set_filters(recording->session, rules) : 0;

	if (result == 0)
		return 0;
	fprintf(stderr, "actorscope: cannot put the filters into shared memory: %s\n",
		strerror(-result));
	return TRC_RECORD_USE;
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
	result = set_filters(recording);
	if (result != 0)
		return result;
	fill_info(recording, command_line(options->argv));
	recording->output =
		trc_format("%s", options->output ? options->output : TRC_RECORD_DEFAULT_OUTPUT);
	if (trc_store_create(recording->output, options->force, &recording->info, &recording->store,
			     &error) < 0) {
		fprintf(stderr, "actorscope: %s\n", error.text);
		return TRC_RECORD_USE;
	}
	return 0;
}

/* The program's name, as it has left it itself or the system knows it. */
static char *name_of_program(const struct trc_session *session)
{
	uint32_t pid = trc_session_program(session);
	char path[64], name[256] = "", command[PATH_MAX];
	FILE *file;

	if (trc_session_command(session, command) == 0)
		return trc_format("%s", command);
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/comm", pid);
	file = fopen(path, "r");
	if (file) {
		if (fgets(name, sizeof(name), file))
			name[strcspn(name, "\n")] = '\0';
		fclose(file);
	}
	return name[0] ? trc_format("%s", name) : trc_format("process %" PRIu32, pid);
}

static int attach(struct recording *recording)
{
	char output[PATH_MAX];
	int result = trc_attach_session(recording->options->attach, &recording->session);

	if (result == 0 && recording->options->filters)
		result = trc_attach_filters(recording->session, recording->options->filters);
	if (result != 0)
		return result;
	fill_info(recording, name_of_program(recording->session));
	result = trc_attach_file(recording->session, recording->options, &recording->info, output,
				 &recording->store);
	if (result == 0)
		recording->output = trc_format("%s", output);
	return result;
}

static int watch_program(struct recording *recording)
{
	pid_t pid = (pid_t)trc_session_program(recording->session);

	/* The other recorder was killed in the moment in which it started the program, or just
	 * before. */
	for (int i = 0; pid == 0 && i < BEGIN_RETRIES; i++) {
		uv_sleep(BEGIN_RETRY_MS);
		pid = (pid_t)trc_session_program(recording->session);
	}
	if (pid == 0) {
		fprintf(stderr,
			"actorscope: there is nothing to go on with: the recorder of %s was killed "
			"before its program was started, or before that wrote anything\n",
			recording->output);
		return TRC_RECORD_NOTHING;
	}
	recording->program.on_end = on_program_end;
	recording->program.context = recording;
	if (trc_program_watch(&recording->program, &recording->loop, pid) == 0)
		return 0;
	/* It has ended already: what it left is stored. */
	recording->program.ended = true;
	recording->program.wait_status = -1;
	return 0;
}

static int start_program(struct recording *recording)
{
	const char *name = recording->options->argv[0];
	char output[PATH_MAX];
	int result;

	/* For whoever goes on with the session when this recorder is killed. */
	if (realpath(recording->output, output))
		trc_session_set_output(recording->session, output);
	recording->program.on_end = on_program_end;
	recording->program.context = recording;
	result = trc_program_start(&recording->program, &recording->loop, recording->options->argv,
				   TRC_SESSION_ENV, trc_session_path(recording->session));
	if (result == 0) {
		trc_session_set_program(recording->session, recording->program.process.pid);
		return 0;
	}
	discard_file(recording);
	if (result == -ENOENT)
		fprintf(stderr, "actorscope: cannot start %s: there is no such program%s\n", name,
			strchr(name, '/') ? "" : " in PATH; write ./ before one in this directory");
	else
		fprintf(stderr, "actorscope: cannot start %s: %s\n", name, strerror(-result));
	return result == -ENOENT ? TRC_RECORD_NOT_FOUND : TRC_RECORD_NOT_EXECUTABLE;
}

/* A file that was begun so is gone on with so. */
static int keep_newest(struct recording *recording)
{
	uint64_t bytes = recording->options->keep_to;
	struct trc_store_room room;
	struct trc_error error;

	if (bytes > 0 && trc_store_keep_to(recording->store, bytes, &error) < 0) {
		fprintf(stderr, "actorscope: %s\n", error.text);
		return TRC_RECORD_USE;
	}
	trc_store_room(recording->store, &room);
	recording->keeps = room.limit > 0;
	return 0;
}

static int start_recorder(struct recording *recording)
{
	struct trc_deriver_options options = {.no_rows = recording->options->no_rows,
					      .alarm = trc_react_alarm,
					      .context = &recording->reaction};
	struct trc_error error;

	if (keep_newest(recording) != 0)
		return TRC_RECORD_USE;
	options.no_rows |= recording->keeps;
	if (recording->options->follow)
		recording->children =
			trc_children_new(recording->session, recording->options, recording->output);

	trc_say_init(&recording->say, recording->output, recording->options->quiet);
	recording->reaction = (struct trc_reaction){.on_deadlock = recording->options->on_deadlock,
						    .command = recording->options->command,
						    .say = &recording->say,
						    .session = recording->session};
	recording->recorder =
		trc_recorder_new(recording->session, recording->store, &options, &error);
	if (recording->recorder) {
		learn_filters(recording);
		if (recording->filters)
			trc_recorder_filter(recording->recorder,
					    trc_filters_count(recording->filters),
					    recording->names);
		return 0;
	}
	fprintf(stderr, "actorscope: %s\n", error.text);
	return TRC_RECORD_USE;
}

/* Takes hold of a program that runs already. */
static int begin_attached(struct recording *recording)
{
	int result = attach(recording);

	if (result == 0)
		result = start_recorder(recording);
	if (result == 0)
		result = watch_program(recording);
	if (result != 0) {
		/* Another recorder may have better luck. */
		recording->leaves = true;
		return result;
	}
	trc_session_pause(recording->session, false);
	trc_session_rest(recording->session, false);
	return 0;
}

static int begin(struct recording *recording)
{
	int result = open_session(recording);

	if (result != 0)
		return result;
	result = start_recorder(recording);
	if (result == 0)
		return start_program(recording);
	discard_file(recording);
	return result;
}

static void wait_for_children(struct recording *recording)
{
	unsigned count = trc_children_wait(recording->children);

	if (count > 0 && !recording->options->quiet)
		fprintf(stderr,
			"actorscope: %u process%s that it started %s in traces of %s own beside "
			"%s; 'actorscope merge' makes one of all\n",
			count, count == 1 ? "" : "es", count == 1 ? "is" : "are",
			count == 1 ? "its" : "their", recording->output);
}

static int run(struct recording *recording)
{
	int result = recording->options->attach ? begin_attached(recording) : begin(recording);

	if (result != 0) {
		uv_run(&recording->loop, UV_RUN_DEFAULT);
		return result;
	}
	trc_program_forward_signals(&recording->program);
	recording->delay = POLL_MIN_MS;
	recording->timer.data = recording;
	uv_timer_init(&recording->loop, &recording->timer);
	if (!recording->program.ended)
		uv_timer_start(&recording->timer, on_timer, recording->delay, 0);
	uv_run(&recording->loop, UV_RUN_DEFAULT);
	result = conclude(recording);
	if (recording->children)
		wait_for_children(recording);
	return result;
}

int trc_record(const struct trc_record_options *options)
{
	struct recording recording = {.options = options};
	int result;

	/* Its own way to say that there is none is to abort. */
	uv_replace_allocator(trc_alloc, trc_resize, trc_zalloc, free);
	result = uv_loop_init(&recording.loop);
	if (result < 0) {
		fprintf(stderr, "actorscope: cannot start: %s\n", uv_strerror(result));
		return TRC_RECORD_USE;
	}
	/* Both are told by errno as well: a closed terminal, a file that may not grow. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	result = run(&recording);
	uv_loop_close(&recording.loop);
	trc_recorder_free(recording.recorder);
	trc_react_end(&recording.reaction);
	trc_children_free(recording.children);
	trc_store_close(recording.store);
	if (recording.leaves)
		trc_session_leave(recording.session);
	else
		trc_session_close(recording.session);
	free(recording.info.program);
	free(recording.info.filters);
	trc_filters_free(recording.filters);
	trc_names_free(recording.names);
	free(recording.output);
	return result;
}
