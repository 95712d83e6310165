/*
 * graph-moment.h - places for the edges of one instant; no widgets
 *
 * Places are made for the waits of a whole trace, so that nothing moves with the playhead. There
 * are not enough of them for a trace in which many hundreds wait at some time or other, and none
 * before the trace has been searched. Then the waits of the instant get places of their own, the
 * longest ones first, which are kept as long as no more could be shown by others.
 */
#ifndef VIEWER_GRAPH_MOMENT_H
#define VIEWER_GRAPH_MOMENT_H

#include "viewer/graph-layout.h"

/* The circles among links of which no two begin at one actor: those of a deadlock. */
struct trv_rings {
	struct trv_ring *items;
	size_t count;
	uint64_t *actors; /* of all of them */
};
void trv_rings_find(const struct trv_link *links, size_t count, struct trv_rings *ret_rings);
void trv_rings_clear(struct trv_rings *rings);

/* The layout that has places for most of `links`: `whole` when there is no better one, or
 * `*moment`, which is built anew from them when that is better than what it is. `core` are the
 * links among which there are rings. */
const struct trv_graph_layout *trv_graph_choose(const struct trv_graph_layout *whole,
						struct trv_graph_layout *moment,
						const struct trv_link *links, size_t count,
						const struct trv_link *core, size_t core_count);

#endif
