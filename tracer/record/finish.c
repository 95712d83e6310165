/*
 * What a recorder has left undone, done afterwards.
 */
#include "tracer/record/record.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tracer/derive/follower.h"
#include "tracer/record/launch.h"
#include "tracer/record/say.h"

enum { STEP_MS = 100 };

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int fail(const struct trc_error *error)
{
	fprintf(stderr, "actorscope: %s\n", error->text);
	return TRC_RECORD_USE;
}

/* While there is a session, somebody records, or could store more. */
static bool is_over(const char *path)
{
	char output[PATH_MAX], session[PATH_MAX];

	if (!realpath(path, output) || trc_session_find_output(output, session) < 0)
		return true;
	fprintf(stderr,
		"actorscope: %s is still being recorded, or what its program did last is still in "
		"memory; 'actorscope record --attach=%s' goes on with it\n",
		path, path);
	return false;
}

/* Until all is done, nothing can be done, or a signal comes. */
static void derive(struct trc_follower *follower, struct trc_say *say,
		   struct trc_follower_state *ret_state)
{
	int signals = trc_program_signal_count();
	bool done;

	trc_follower_end(follower);
	do {
		done = trc_follower_wait(follower, STEP_MS);
		trc_follower_state(follower, ret_state);
		trc_say_catching_up(say, ret_state, now_ms());
	} while (!done && !ret_state->broken && !ret_state->failing &&
		 trc_program_signal_count() == signals);
	trc_say_clear(say);
	trc_follower_stop(follower);
	trc_follower_state(follower, ret_state);
}

static int finish(struct trc_store *store, struct trc_store_info *info, struct trc_say *say)
{
	const struct trc_deriver_options options = {.alarm = NULL};
	struct trc_follower_state state;
	struct trc_error error;
	struct trc_follower *follower = trc_follower_new(store, &options, &error);

	if (!follower)
		return fail(&error);
	derive(follower, say, &state);
	trc_follower_free(follower);
	if (state.failing || state.broken) {
		fail(&state.error);
		return TRC_RECORD_NOTHING;
	}
	/* A trace that was not closed ends here, with whatever its recorder could not store. */
	if (trc_store_finish(store, info, &error) < 0) {
		fail(&error);
		return TRC_RECORD_NOTHING;
	}
	trc_say_rows_behind(say, info->events - state.written.events);
	return 0;
}

int trc_record_finish(const char *path, bool quiet)
{
	struct trc_program none = {.ended = true};
	struct trc_store_info info;
	struct trc_store *store;
	struct trc_error error;
	struct trc_say say;
	int result;

	if (!is_over(path))
		return TRC_RECORD_USE;
	if (trc_store_open_rows(path, &info, &store, &error) < 0)
		return fail(&error);
	trc_program_forward_signals(&none);
	trc_say_init(&say, path, quiet);
	result = finish(store, &info, &say);
	trc_store_close(store);
	return result;
}
