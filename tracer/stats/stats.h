/*
 * stats.h - what actors did, in figures: of each actor, of each kind, of all
 *
 * Fed with every event before and after it is applied to the model. What is kept grows with the
 * actors, not with the trace.
 */
#ifndef TRACER_STATS_STATS_H
#define TRACER_STATS_STATS_H

#include "tracer/model/model.h"
#include "tracer/stats/histogram.h"

enum { TRC_WHAT_COUNT = TRC_WHAT_OUTSIDE + 1 };

/* Who was waited for, and how long. */
struct trc_awaited {
	uint64_t id;   /* the actor, or the number of the kind; 0: nobody inside, or all others */
	uint64_t time; /* nanoseconds */
	uint64_t count;
};

struct trc_figures {
	uint64_t id;   /* the actor; 0: a kind, or all together */
	uint32_t kind; /* number; 0: all together */
	uint64_t actors;
	uint64_t in, out; /* messages received and sent */
	uint64_t asks;    /* of those sent */
	uint64_t refused;
	struct trc_histogram in_mailbox; /* of messages received */
	struct trc_histogram handled;    /* from receiving to done, waits included */
	uint64_t handling;               /* nanoseconds in handlers, waits not counted */
	uint64_t waiting;
	uint64_t waiting_for[TRC_WHAT_COUNT]; /* by enum trc_what, of a wait's first target */
	struct trc_awaited *awaited;          /* in no order */
	size_t awaited_count, awaited_room;
	uint32_t deepest; /* mailbox */
	uint32_t capacity;
};

struct trc_stats_options {
	uint64_t from, to; /* what happened in [from, to] */
	const char *actor; /* only of actors with such a name (a glob); NULL: of all */
};

struct trc_stats;

struct trc_stats *trc_stats_new(const struct trc_model *model,
				const struct trc_stats_options *options);
void trc_stats_free(struct trc_stats *stats); /* NULL is fine */

void trc_stats_before(struct trc_stats *stats, const struct trc_event *event);
void trc_stats_after(struct trc_stats *stats, const struct trc_event *event);

/* The trace is over at this time: what goes on still is counted up to there. */
void trc_stats_end(struct trc_stats *stats, uint64_t time);

/* Whether the options ask for such an actor. */
bool trc_stats_wants(const struct trc_stats *stats, uint64_t actor);

/* Of each actor or each kind, the busiest first; to be freed, not its elements. */
struct trc_figures **trc_stats_actors(const struct trc_stats *stats, size_t *ret_count);
struct trc_figures **trc_stats_kinds(const struct trc_stats *stats, size_t *ret_count);
const struct trc_figures *trc_stats_all(const struct trc_stats *stats);

/* Nanoseconds of the trace that were looked at. */
uint64_t trc_stats_span(const struct trc_stats *stats);

/* Who was waited for the longest; NULL when nobody was. */
const struct trc_awaited *trc_figures_most_awaited(const struct trc_figures *figures);

#endif
