#include "tracer/analysis/arithmetic.h"

void trc__arithmetic(struct trc_finding *finding)
{
	uint64_t needed = 0, peak = 0, least = UINT64_MAX, smallest = UINT64_MAX, count = 0;

	for (unsigned i = 0; i < finding->core_edge_count; i++) {
		const struct trc_edge *edge = &finding->edges[i];
		uint64_t depth = edge->depth < edge->capacity ? edge->depth : edge->capacity;

		if (edge->what != TRC_WHAT_SPACE)
			continue;
		count++;
		needed += edge->capacity + 1ull;
		peak += depth;
		least = depth < least ? depth : least;
		smallest = edge->capacity < smallest ? edge->capacity : smallest;
	}
	if (count == 0)
		return;
	finding->needed = needed;
	finding->peak = peak;
	/* Each of them must have been as deep, and all together one more for each. */
	if (peak / count >= 1 && peak / count - 1 < least)
		least = peak / count - 1;
	finding->fitting = least < smallest ? least : 0;
}
