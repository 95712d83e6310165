/*
 * passes.c - where two actors stop doing the same
 *
 * Once two sequences differ, so do the digests of all that was done up to any later step: the last
 * mark that is equal is found by halving.
 */
#include "tracer/compare/compare-private.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

void trc__visit_for_digests(struct trc__reader *reader, const struct trc_event *event)
{
	struct trc__seat *seat = trc__reader_seat(reader, event->actor);
	struct trc__part *part;
	struct trc__step step;

	if (!seat)
		return;
	part = &seat->parts[reader->run];
	if (!trc__reader_step(reader, event, part, &step))
		return;
	part->digest = trc_mix(part->digest, step.digest);
	part->sum += step.digest;
	trc__milestones_add(&reader->comparison->digests[reader->run],
			    (size_t)(seat - reader->comparison->seated), part->count++,
			    part->digest);
}

void trc__visit_closely(struct trc__reader *reader, const struct trc_event *event)
{
	struct trc__seat *seat = trc__reader_seat(reader, event->actor);
	struct trc__part *part;
	struct trc__step step;
	uint64_t number;

	if (!seat || !seat->close)
		return;
	part = &seat->parts[reader->run];
	if (!trc__reader_step(reader, event, part, &step))
		return;
	number = part->count++;
	if (number >= seat->close_from &&
	    number - seat->close_from < reader->comparison->digests[0].distance)
		part->close[number - seat->close_from] = step.digest;
}

/* --- between them -------------------------------------------------------------------------------
 */

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Marks that are equal in both runs. */
static size_t equal_marks(const struct trc__row *a, const struct trc__row *b)
{
	size_t low = 0, high = (size_t)least(a->count, b->count);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (a->items[middle] == b->items[middle])
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool find_about(struct trc_comparison *comparison, size_t number)
{
	struct trc__seat *seat = &comparison->seated[number];
	const struct trc__part *a = &seat->parts[0], *b = &seat->parts[1];
	uint64_t distance = comparison->digests[0].distance;

	seat->equal = UINT64_MAX;
	seat->difference = TRC__NOBODY;
	if (!comparison->seats.paired[number] || (a->count == b->count && a->digest == b->digest))
		return false;
	seat->close_from = distance * equal_marks(&comparison->digests[0].rows[number],
						  &comparison->digests[1].rows[number]);
	seat->equal = seat->close_from;
	seat->close = distance > 1;
	for (int run = 0; seat->close && run < TRC_RUNS; run++)
		seat->parts[run].close = trc_zalloc((size_t)distance, sizeof(uint64_t));
	return seat->close;
}

bool trc__find_about(struct trc_comparison *comparison)
{
	bool close = false;

	trc__milestones_align(&comparison->digests[0], &comparison->digests[1]);
	for (size_t i = 0; i < comparison->seats.count; i++)
		close |= find_about(comparison, i);
	return close;
}

void trc__find_exactly(struct trc_comparison *comparison)
{
	uint64_t distance = comparison->digests[0].distance;

	for (size_t i = 0; i < comparison->seats.count; i++) {
		struct trc__seat *seat = &comparison->seated[i];
		const uint64_t *a = seat->parts[0].close, *b = seat->parts[1].close;
		uint64_t count, end;

		if (!seat->close)
			continue;
		count = least(seat->parts[0].count, seat->parts[1].count);
		end = least(distance, count - seat->close_from);
		while (seat->equal - seat->close_from < end &&
		       a[seat->equal - seat->close_from] == b[seat->equal - seat->close_from])
			seat->equal++;
	}
}
