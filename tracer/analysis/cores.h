/*
 * cores.h - the sets of nodes that keep themselves from going on; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_CORES_H
#define TRACER_ANALYSIS_CORES_H

#include "tracer/analysis/components.h"

#include <stdbool.h>

/* Nodes that can never go on. The arrows of node n go to to[first[n]] .. to[first[n + 1] - 1]: to
 * those it needs. It would go on if `any[n]`: one of these, otherwise: all of these were free. */
struct trc__needs {
	uint32_t count;
	const uint32_t *first, *to;
	const bool *any;
};

/*
 * A core is a set of nodes, each reachable from each by arrows within it, that would not go on even
 * if all the others were free; and the largest such. Numbers the cores from 0, and returns how many
 * there are. core[n] is the number of n's core, or TRC__NO_COMPONENT.
 */
uint32_t trc__cores(const struct trc__needs *needs, uint32_t *core);

#endif
