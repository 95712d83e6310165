#include "tracer/compare/compare-private.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

enum {
	DIGEST_LIMIT = 4000000, /* 32 MB for each run */
	MOMENT_LIMIT = 400000,  /* 3 MB for each run, and 20 MB for both */
	TRAIL_LIMIT = 200000,   /* 3 MB for each run */
};

/* --- passes -------------------------------------------------------------------------------------
 */

static void rewind_parts(struct trc_comparison *comparison)
{
	for (size_t i = 0; i < comparison->seats.count; i++)
		for (int run = 0; run < TRC_RUNS; run++) {
			comparison->seated[i].parts[run].count = 0;
			comparison->seated[i].parts[run].target_count = 0;
		}
}

static void begin(struct trc_comparison *comparison, const struct trc_compare_options *options,
		  const struct trc_model *const models[TRC_RUNS])
{
	trc__seats_init(&comparison->seats, models);
	comparison->seated = trc_zalloc(comparison->seats.count + 1, sizeof *comparison->seated);
	for (int run = 0; run < TRC_RUNS; run++) {
		trc__milestones_init(&comparison->digests[run], comparison->seats.count,
				     options->digest_limit ? options->digest_limit : DIGEST_LIMIT);
		trc__milestones_init(&comparison->times[run], comparison->seats.count,
				     options->moment_limit ? options->moment_limit : MOMENT_LIMIT);
		trc__trail_init(&comparison->trails[run], comparison->seats.count,
				options->moment_limit ? options->moment_limit : TRAIL_LIMIT);
	}
}

/* What each actor did, before pass 3 counts again. */
static void list_actors(struct trc_comparison *comparison)
{
	struct trc_comparison_totals *totals = &comparison->totals;

	comparison->actors = trc_zalloc(comparison->seats.count + 1, sizeof *comparison->actors);
	for (size_t i = 0; i < comparison->seats.count; i++) {
		const struct trc__seat *seat = &comparison->seated[i];
		struct trc_compared_actor *actor = &comparison->actors[i];
		bool paired = comparison->seats.paired[i];

		for (int run = 0; run < TRC_RUNS; run++) {
			actor->actors[run] = comparison->seats.actors[i][run];
			actor->steps[run] = seat->parts[run].count;
			totals->steps[run] += seat->parts[run].count;
			totals->only[run] += !paired && actor->actors[run] != 0;
		}
		totals->paired += paired;
		actor->equal = !paired                     ? 0
			       : seat->equal == UINT64_MAX ? seat->parts[0].count
							   : seat->equal;
		totals->equal += actor->equal;
		actor->reordered = paired && seat->equal != UINT64_MAX &&
				   seat->parts[0].count == seat->parts[1].count &&
				   seat->parts[0].sum == seat->parts[1].sum;
	}
}

static void finish_actors(struct trc_comparison *comparison)
{
	for (size_t i = 0; i < comparison->seats.count; i++) {
		size_t difference = comparison->seated[i].difference;

		comparison->actors[i].difference =
			difference == TRC__NOBODY ? SIZE_MAX : difference;
	}
}

struct join {
	struct trc__milestones *times;
	size_t row;
};

static void join_pair(uint64_t time_a, uint64_t time_b, void *context)
{
	struct join *join = context;

	trc__milestones_append(&join->times[TRC_RUN_A], join->row, time_a);
	trc__milestones_append(&join->times[TRC_RUN_B], join->row, time_b);
}

/* Times also belong together where two actors do the same after they have parted. */
static void join_times(struct trc_comparison *comparison)
{
	trc__milestones_align(&comparison->times[0], &comparison->times[1]);
	for (size_t i = 0; i < comparison->seats.count; i++)
		trc__trail_match(&comparison->trails[0], &comparison->trails[1], i, join_pair,
				 &(struct join){comparison->times, i});
}

static int run_passes(struct trc_comparison *comparison, struct trc__pass *pass,
		      const struct trc_model *const models[TRC_RUNS],
		      struct trc_trace_error *ret_error)
{
	int result;

	pass->visit = trc__visit_for_digests;
	result = trc__pass_run(pass, ret_error);
	if (result < 0)
		return result;
	pass->number++;
	if (trc__find_about(comparison)) {
		rewind_parts(comparison);
		pass->count++;
		pass->visit = trc__visit_closely;
		result = trc__pass_run(pass, ret_error);
		if (result < 0)
			return result;
		pass->number++;
		trc__find_exactly(comparison);
	}
	list_actors(comparison);
	trc__list_differences(comparison, models);
	rewind_parts(comparison);
	pass->visit = trc__visit_for_effects;
	return trc__pass_run(pass, ret_error);
}

int trc_compare(struct trc_trace *a, struct trc_trace *b, const struct trc_compare_options *options,
		struct trc_comparison **ret_comparison, struct trc_trace_error *ret_error)
{
	const struct trc_model *const models[TRC_RUNS] = {trc_trace_model(a), trc_trace_model(b)};
	struct trc_trace *traces[TRC_RUNS] = {a, b};
	struct trc_comparison *comparison = trc_zalloc(1, sizeof *comparison);
	struct trc__pass pass = {
		.comparison = comparison, .traces = traces, .options = options, .count = 2};
	int result;

	for (int run = 0; run < TRC_RUNS; run++) {
		struct trc_trace_info info;

		trc_trace_info(traces[run], &info);
		comparison->totals.events[run] = info.events;
		comparison->totals.lost[run] = info.lost;
		comparison->totals.live[run] = info.live;
		pass.events += info.events;
	}
	begin(comparison, options, models);
	result = run_passes(comparison, &pass, models, ret_error);
	if (result < 0) {
		trc_comparison_free(comparison);
		return result;
	}
	join_times(comparison);
	trc__moments_init(&comparison->moments, comparison->times);
	trc__judge_differences(comparison, models);
	finish_actors(comparison);
	*ret_comparison = comparison;
	return 0;
}

void trc_comparison_free(struct trc_comparison *comparison)
{
	if (!comparison)
		return;
	for (size_t i = 0; i < comparison->count; i++) {
		for (int run = 0; run < TRC_RUNS; run++) {
			free(comparison->items[i].steps[run].step.text);
			free(comparison->items[i].steps[run].all);
			free(comparison->items[i].steps[run].brief);
		}
		if (comparison->differences) {
			free(comparison->differences[i].title);
			free(comparison->differences[i].reason);
		}
	}
	free(comparison->items);
	free(comparison->differences);
	free(comparison->actors);
	for (size_t i = 0; comparison->seated && i < comparison->seats.count; i++)
		for (int run = 0; run < TRC_RUNS; run++) {
			free(comparison->seated[i].parts[run].close);
			free(comparison->seated[i].parts[run].targets);
		}
	free(comparison->seated);
	for (int run = 0; run < TRC_RUNS; run++) {
		trc__milestones_clear(&comparison->digests[run]);
		trc__milestones_clear(&comparison->times[run]);
		trc__trail_clear(&comparison->trails[run]);
	}
	trc__moments_clear(&comparison->moments);
	trc__seats_clear(&comparison->seats);
	free(comparison);
}

/* --- looking at it ------------------------------------------------------------------------------
 */

size_t trc_comparison_count(const struct trc_comparison *comparison)
{
	return comparison->count;
}

const struct trc_difference *trc_comparison_difference(const struct trc_comparison *comparison,
						       size_t index)
{
	return &comparison->differences[index];
}

size_t trc_comparison_first_count(const struct trc_comparison *comparison)
{
	return comparison->first_count;
}

size_t trc_comparison_serious_count(const struct trc_comparison *comparison)
{
	return comparison->serious_count;
}

size_t trc_comparison_actor_count(const struct trc_comparison *comparison)
{
	return comparison->seats.count;
}

const struct trc_compared_actor *trc_comparison_actor(const struct trc_comparison *comparison,
						      size_t index)
{
	return &comparison->actors[index];
}

uint64_t trc_comparison_like(const struct trc_comparison *comparison, enum trc_run run,
			     uint64_t actor)
{
	size_t seat = trc__seat_of(&comparison->seats, run, actor);

	return seat ? comparison->seats.actors[seat - 1][!run] : 0;
}

struct trc_comparison_totals trc_comparison_totals(const struct trc_comparison *comparison)
{
	return comparison->totals;
}

uint64_t trc_comparison_time(const struct trc_comparison *comparison, enum trc_run run,
			     uint64_t time, uint64_t actor)
{
	size_t seat = trc__seat_of(&comparison->seats, run, actor);
	uint64_t other;

	if (seat && trc__moments_time_of(comparison->times, seat - 1, run, time, &other))
		return other;
	return trc__moments_time(&comparison->moments, run, time);
}

uint64_t trc_comparison_reach(const struct trc_comparison *comparison, enum trc_run run,
			      uint64_t time)
{
	return trc__moments_reach(&comparison->moments, run, time);
}
