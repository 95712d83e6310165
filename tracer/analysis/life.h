/*
 * life.h - who will or may still do something; for tracer/analysis only
 *
 * The wait table is a system of and/or formulas. An actor is *live* when it will or may still do
 * something: it runs, it has a message to handle, its wait has a deadline, is for time or for the
 * outside, or is for something that a live actor can still bring about. Liveness is the least set
 * closed under these rules; everybody else is dead, and stays so whatever the live ones do.
 *
 * A target is brought about by one party: the present holder of the token (the owner of the mailbox
 * when the token lies in one), the owner of the full mailbox, the actor that is to end.
 *
 * An idle actor waits, too: for a message of anybody who has a handle to it. So it is live when
 * somebody can wake it: the outside (TRC_F_SOURCE), or somebody live with a handle. Handles in
 * queued messages count for the mailbox's owner; the outside's handles, and handles that we cannot
 * place, count as live, and so does one to whom messages were sent that filters have left out of
 * the trace: one of them may be in its mailbox. An idle actor without any handle is about to end,
 * and that is something, too.
 */
#ifndef TRACER_ANALYSIS_LIFE_H
#define TRACER_ANALYSIS_LIFE_H

#include "tracer/analysis/components.h"
#include "tracer/model/model.h"
#include "tracer/model/table.h"

#include <stdbool.h>

#define TRC__NOBODY TRC__NO_COMPONENT

struct trc__life_node {
	const struct trc_actor *actor;
	bool live;
	uint32_t need;       /* parties that have to come alive; 0 for live nodes */
	uint32_t accounted;  /* idle actors: handles to it whose holder we know */
	uint32_t dependents; /* first link of those who wait for it, or TRC__NOBODY */
};

struct trc__life_link {
	uint32_t dependent;
	uint32_t next;
};

struct trc__life {
	const struct trc_model *model;
	struct trc__life_node *nodes; /* all actors that have not ended, in order of spawn */
	size_t count;
	struct trc_table places; /* actor to 1 + place in nodes */
	struct trc__life_link *links;
	size_t link_count, link_room;
	uint32_t *stack; /* room for all nodes; empty, and anybody's to use, between calls */
	size_t depth;
};

/* O(actors + targets + handles). Free with trc__life_clear(). */
void trc__life_find(const struct trc_model *model, struct trc__life *ret_life);
void trc__life_clear(struct trc__life *life);

/* The actor's place in nodes, or TRC__NOBODY. */
uint32_t trc__life_place(const struct trc__life *life, uint64_t actor);

bool trc__is_dead(const struct trc__life *life, uint32_t place); /* false of TRC__NOBODY */
bool trc__is_waiting(const struct trc__life *life, uint32_t place);

/* Whether the world outside of the actors brings the target about, or it has been. */
bool trc__outside_meets(const struct trc_model *model, const struct trc_target *target);

#endif
