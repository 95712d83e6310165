#include "tracer/record/recorder-private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

uint64_t *trc_recorder_chosen(const struct trc_recorder *recorder, unsigned rules)
{
	uint64_t all[TRC_RULES_MAX + 1];

	memcpy(all, recorder->chosen, sizeof all);
	for (size_t i = 0; i < recorder->ring_count; i++)
		if (recorder->rings[i].reader)
			trc_ring_reader_add_chosen(recorder->rings[i].reader, all);
	return trc_copy(all, rules * sizeof all[0]);
}

void trc__recorder_count_left_out(const struct trc_recorder *recorder, uint64_t *ret_left_out,
				  uint64_t *ret_bare)
{
	*ret_left_out = *ret_bare = 0;
	for (size_t i = 0; i < recorder->ring_count; i++) {
		*ret_left_out += recorder->rings[i].counts.left_out;
		*ret_bare += recorder->rings[i].counts.bare;
	}
}

/* What filters have left out so far. */
static int put_left_out(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	struct trc_text text = {0};
	uint64_t left_out, bare, *chosen;
	int result;

	if (recorder->rules == 0)
		return 0;
	trc__recorder_count_left_out(recorder, &left_out, &bare);
	chosen = trc_recorder_chosen(recorder, recorder->rules);
	for (unsigned i = 0; i < recorder->rules; i++)
		trc_text_add(&text, "%" PRIu64 "\n", chosen[i]);
	result = trc_store_put_left_out(recorder->store, text.data, left_out, bare, ret_error);
	free(chosen);
	free(text.data);
	return result;
}

void trc_recorder_tell_clock(struct trc_recorder *recorder, uint64_t time, int64_t step)
{
	trc_text_add(&recorder->clock_steps, "%" PRIu64 " %" PRId64 "\n", time, step);
}

bool trc__recorder_has_untold_clock(const struct trc_recorder *recorder)
{
	return recorder->clock_steps.length > 0 ||
	       recorder->times_back > recorder->times_back_stored;
}

static int put_clocks(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	const struct trc_text *steps = &recorder->clock_steps;

	if (!trc__recorder_has_untold_clock(recorder))
		return 0;
	return trc_store_add_clocks(recorder->store, steps->length > 0 ? steps->data : NULL,
				    recorder->times_back - recorder->times_back_stored, ret_error);
}

int trc__recorder_put_rings(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++) {
		const struct trc__recorded_ring *ring = &recorder->rings[i];
		struct trc_store_ring row = {
			.number = (uint32_t)i,
			.pid = ring->counts.pid,
			.tid = ring->counts.tid,
			.written = ring->counts.written - ring->unstored,
			.stored = ring->counts.read - ring->unstored,
			.lost = ring->counts.lost + ring->unstored,
			.corrupt = ring->counts.corrupt,
			.position = ring->counts.position,
			.closed = ring->counts.closed,
		};
		int result;

		if (ring->told || (!ring->reader && !ring->broken))
			continue;
		result = trc_store_put_ring(recorder->store, &row, ret_error);
		if (result < 0)
			return result;
	}
	return 0;
}

int trc__recorder_put_accounts(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	int result = trc__recorder_put_rings(recorder, ret_error);

	if (result == 0)
		result = put_left_out(recorder, ret_error);
	return result == 0 ? put_clocks(recorder, ret_error) : result;
}

void trc__recorder_accounts_are_put(struct trc_recorder *recorder)
{
	recorder->times_back_stored = recorder->times_back;
	recorder->clock_steps.length = 0;
}
