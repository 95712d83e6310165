/*
 * rings.h - the rings of waiting that the arrows of a run could form; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_RINGS_H
#define TRACER_ANALYSIS_RINGS_H

#include "tracer/analysis/arrows.h"

/* All arrows from one actor to another, as one. */
struct trc__pair {
	uint32_t from, to;          /* numbers of nodes */
	struct trc__arrow **arrows; /* into the list; the most dangerous form first */
	size_t count;
	bool waits; /* can be part of a ring in which all wait */
};

struct trc__ring {
	unsigned length;
	const struct trc__pair **pairs; /* pairs[i] ends where pairs[i + 1] begins */
};

struct trc__rings {
	struct trc__arrow **list;
	struct trc__pair *pairs; /* sorted by from, to */
	size_t pair_count;
	uint64_t *actors; /* of the nodes */
	uint32_t node_count;
	uint32_t *first;           /* pairs of node n: first[n] .. first[n + 1] - 1 */
	struct trc__ring *waiting; /* every arrow waits; each ring once */
	size_t waiting_count, waiting_room;
	struct trc__ring *broken; /* at least one arrow never does */
	size_t broken_count, broken_room;
	bool cut; /* there are more: the search was given up */
};

/* Shortest rings through each pair. */
void trc__rings_find(const struct trc__arrows *arrows, struct trc__rings *ret_rings);
void trc__rings_clear(struct trc__rings *rings);

#endif
