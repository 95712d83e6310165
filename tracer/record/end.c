#include "tracer/record/recording.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "tracer/model/memory.h"

enum {
	LAST_DRAIN_MS = 3000,    /* at most, for writers that outlive the program */
	LAST_RETRIES_MS = 10000, /* at most, for a disk that is full at the end */
	CATCH_UP_STEP_MS = 100,
};

static uint64_t now_ms(void)
{
	return uv_hrtime() / 1000000;
}

/* Tries `work` until it succeeds, for some seconds. */
static int insist(struct trc__recording *recording,
		  int (*work)(struct trc__recording *, struct trc_error *))
{
	uint64_t end = now_ms() + LAST_RETRIES_MS;
	struct trc_error error;
	int result;

	while ((result = work(recording, &error)) < 0) {
		if (result == -EAGAIN && now_ms() < end) {
			trc__recording_wait_for_room(recording);
			uv_sleep(TRC__POLL_MIN_MS);
			continue;
		}
		trc_say_failing(&recording->say, &error);
		if (now_ms() >= end)
			return result;
		uv_sleep(TRC__RETRY_MS);
	}
	trc_say_working(&recording->say);
	return result;
}

static int poll_once(struct trc__recording *recording, struct trc_error *ret_error)
{
	return trc_recorder_poll(recording->recorder, ret_error);
}

static int check_accounts(struct trc__recording *recording, struct trc_error *ret_error)
{
	return trc_store_agrees(recording->store, ret_error);
}

static int finish_file(struct trc__recording *recording, struct trc_error *ret_error)
{
	return trc_store_finish(recording->store, &recording->info, ret_error);
}

/* What follows from the events, to its end. A signal ends this early: the segments have everything.
 */
static void catch_up(struct trc__recording *recording)
{
	uint64_t give_up = now_ms() + LAST_RETRIES_MS;
	int signals = trc_program_signal_count();
	struct trc_recorder_totals totals;

	trc_recorder_last(recording->recorder);
	while (!trc_recorder_wait(recording->recorder, CATCH_UP_STEP_MS) &&
	       trc_program_signal_count() == signals && trc__recording_watch(recording)) {
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
static int finish(struct trc__recording *recording)
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

void trc__recording_discard(struct trc__recording *recording)
{
	trc_recorder_free(recording->recorder);
	recording->recorder = NULL;
	trc_store_discard(recording->store);
	recording->store = NULL;
}

/* What is strange about a program that this recorder has started. Returns an exit status, or 0. */
static int look_at_program(struct trc__recording *recording)
{
	const char *program = recording->options->argv[0];
	uint32_t attached = trc_session_attached(recording->session);

	if (attached == 0) {
		trc__recording_discard(recording);
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

int trc__recording_end(struct trc__recording *recording)
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
