#include "tracer/record/recording.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "tracer/event/filter.h"
#include "tracer/model/memory.h"

enum {
	POLL_MAX_MS = 20,
	BATCH_EVENTS = 4000, /* polls are so far apart that a batch has about so many */
	BUSY_EVENTS = 10000, /* more, and they follow each other at once */
	CLOCK_LOOK_MS = 200,
	CLOCK_STEP_NS = 100000000, /* less is what clocks are moved by to be right */
};

static uint64_t next_delay(uint64_t delay, uint64_t events)
{
	uint64_t next = (delay ? delay : TRC__POLL_MIN_MS) * BATCH_EVENTS / (events + 1);

	/* There is so much that the next batch is ready already. */
	if (events > BUSY_EVENTS)
		return 0;
	/* At most twice as long: a program that has just begun may go faster soon. */
	if (next > 2 * delay)
		next = 2 * delay;
	return next < TRC__POLL_MIN_MS ? TRC__POLL_MIN_MS : next > POLL_MAX_MS ? POLL_MAX_MS : next;
}

bool trc__recording_watch(struct trc__recording *recording)
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
	trc_say_held(&recording->say, trc_store_is_held(recording->store));
	return !totals.follower.broken;
}

/* From now on events are looked at by the alarm and counted, but no longer written. */
static void stop_storing(struct trc__recording *recording, const char *why)
{
	if (recording->full)
		return;
	recording->full = why;
	trc_recorder_only_watch(recording->recorder);
	trc_say_full(&recording->say, why);
}

void trc__recording_wait_for_room(struct trc__recording *recording)
{
	struct trc_recorder_totals totals;

	trc_recorder_totals(recording->recorder, &totals);
	if (totals.follower.cramped)
		stop_storing(recording, "flight-recorder");
}

static void poll_rings(struct trc__recording *recording)
{
	struct trc_error error;
	int result = trc_recorder_poll(recording->recorder, &error);

	if (result == -EAGAIN) {
		trc__recording_watch(recording);
		trc__recording_wait_for_room(recording);
		recording->delay = TRC__POLL_MIN_MS;
		return;
	}
	if (result < 0) {
		trc_say_failing(&recording->say, &error);
		recording->delay = TRC__RETRY_MS;
		return;
	}
	trc__recording_watch(recording);
	recording->delay = next_delay(recording->delay, (uint64_t)result);
}

/* A signal that came to a recorder which did not start the program is for the recorder. */
static void leave(struct trc__recording *recording)
{
	recording->leaves = true;
	trc_session_rest(recording->session, true);
	trc_program_unwatch(&recording->program);
	uv_close((uv_handle_t *)&recording->timer, NULL);
}

/* How large the file and its log are. */
static uint64_t size_of_file(const struct trc__recording *recording)
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
static void keep_to_size(struct trc__recording *recording)
{
	uint64_t max = recording->options->max_size;

	if (max > 0 && !recording->full && size_of_file(recording) >= max)
		stop_storing(recording, "max-size");
}

/* A batch is committed when the system has it, and safe when the disk has. */
static void sync_in_time(struct trc__recording *recording)
{
	uint64_t now = uv_now(&recording->loop), seconds = recording->options->sync;

	if (seconds == 0 || now - recording->synced_at < seconds * 1000)
		return;
	trc_store_sync(recording->store);
	recording->synced_at = now;
}

/* The times of events know nothing of it; whoever compares them with a log does. */
static void look_at_clock(struct trc__recording *recording)
{
	uint64_t now = uv_now(&recording->loop), time = trc_session_now(recording->session);
	struct timespec wall;
	int64_t step;

	if (now - recording->clock_at < CLOCK_LOOK_MS)
		return;
	recording->clock_at = now;
	clock_gettime(CLOCK_REALTIME, &wall);
	step = (int64_t)((uint64_t)wall.tv_sec * 1000000000 + (uint64_t)wall.tv_nsec -
			 trc_session_wall_start(recording->session) - time);
	if (llabs(step - recording->clock_step) < CLOCK_STEP_NS)
		return;
	trc_say_clock(&recording->say, step - recording->clock_step);
	recording->clock_step = step;
	trc_recorder_tell_clock(recording->recorder, time, step);
}

static void on_timer(uv_timer_t *timer)
{
	struct trc__recording *recording = timer->data;

	poll_rings(recording);
	keep_to_size(recording);
	sync_in_time(recording);
	look_at_clock(recording);
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
	struct trc__recording *recording = program->context;

	uv_close((uv_handle_t *)&recording->timer, NULL);
}

static void wait_for_children(struct trc__recording *recording, int signals)
{
	unsigned count = trc_children_wait(recording->children, signals);

	if (count > 0 && !recording->options->quiet)
		fprintf(stderr,
			"actorscope: %u process%s that it started %s in traces of %s own beside "
			"%s; 'actorscope merge' makes one of all\n",
			count, count == 1 ? "" : "es", count == 1 ? "is" : "are",
			count == 1 ? "its" : "their", recording->output);
}

static int run(struct trc__recording *recording)
{
	int result = trc__recording_begin(recording, on_program_end), signals;

	if (result != 0) {
		uv_run(&recording->loop, UV_RUN_DEFAULT);
		return result;
	}
	trc_program_forward_signals(&recording->program);
	recording->delay = TRC__POLL_MIN_MS;
	recording->synced_at = uv_now(&recording->loop);
	recording->timer.data = recording;
	uv_timer_init(&recording->loop, &recording->timer);
	if (!recording->program.ended)
		uv_timer_start(&recording->timer, on_timer, recording->delay, 0);
	uv_run(&recording->loop, UV_RUN_DEFAULT);
	signals = trc_program_signal_count(); /* those that come now are not the program's */
	result = trc__recording_end(recording);
	if (recording->children)
		wait_for_children(recording, signals);
	return result;
}

int trc_record(const struct trc_record_options *options)
{
	struct trc__recording recording = {.options = options};
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
