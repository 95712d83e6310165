/*
 * edges.h - the arrows of findings; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_EDGES_H
#define TRACER_ANALYSIS_EDGES_H

#include "tracer/analysis/finding.h"

/* The arrow of one target of an actor's open wait. */
void trc__edge_of_wait(const struct trc_model *model, const struct trc_actor *actor,
		       const struct trc_target *target, struct trc_edge *ret_edge);

/* An idle actor needs a message of somebody who has a handle to it: the arrow to one of these. */
void trc__edge_of_idle(const struct trc_model *model, const struct trc_actor *actor,
		       uint64_t holder, struct trc_edge *ret_edge);

/* What an actor is handling, as text, to be freed. */
char *trc__doing(const struct trc_model *model, const struct trc_actor *actor);

void trc__edge_clear(struct trc_edge *edge);
void trc__edge_copy(const struct trc_edge *edge, struct trc_edge *ret_copy);

#endif
