/*
 * ring-fixture.h - a session with one ring, and both of its ends
 *
 * Failures fail the test.
 */
#ifndef TESTS_TRACER_EVENT_RING_FIXTURE_H
#define TESTS_TRACER_EVENT_RING_FIXTURE_H

#include <stdatomic.h>

#include "tracer/event/ring.h"

enum { RING_BYTES = 64 << 10 };

struct rf {
	struct trc_session *session;
	struct trc_ring *ring; /* of the calling thread */
	struct trc_ring_reader *reader;
	atomic_bool done;
};

struct rf rf_open(enum trc_on_full on_full);
void rf_close(struct rf *fixture);

struct trc_ring_counts rf_counts(const struct rf *fixture);

/* Writes a short event of this number and time. */
bool rf_write(struct trc_ring *ring, unsigned kind, uint64_t number);

#endif
