/*
 * seats.h - which actor of one run is which of the other; for tracer/compare only
 *
 * An actor's number is its own run's, so that actors of two runs are paired by their place in the
 * tree of who spawned whom. From the roots on, generation by generation, children of paired parents
 * are paired
 *
 *   - when kind and name are the same, in order of spawning;
 *   - of those left over, when they have such a kind and name, whoever the parent is;
 *   - of those left over, when the kind is the same, in order of spawning: the third connection is
 *     the third connection, though its name may be an address that is another one each time.
 *
 * Who is left over even then has no like.
 */
#ifndef TRACER_COMPARE_SEATS_H
#define TRACER_COMPARE_SEATS_H

#include "tracer/compare/compare.h"
#include "tracer/model/table.h"

struct trc__seats {
	uint64_t (*actors)[TRC_RUNS]; /* by seat; 0: has none */
	bool *paired;
	size_t count;
	struct trc_table of[TRC_RUNS]; /* 1 + seat, by actor */
	/* 1 + seat, by the digest of the actor's name (trc__name_digest), of those who are called
	 * otherwise in the other run: where the one name stands in a message, the other is the same
	 */
	struct trc_table renamed[TRC_RUNS];
};

/* Seats all actors of both; the models are those at the ends. */
void trc__seats_init(struct trc__seats *seats, const struct trc_model *const models[TRC_RUNS]);
void trc__seats_clear(struct trc__seats *seats);

/* 1 + the seat of an actor, 0: it has none. */
size_t trc__seat_of(const struct trc__seats *seats, enum trc_run run, uint64_t actor);

#endif
