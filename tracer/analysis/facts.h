/*
 * facts.h - the events that the nodes of causes.h stand for; for tracer/analysis only
 *
 * Millions of them are kept, and a few hundred told as evidence in the end. So they are packed,
 * each as what is different from the one before: some ten bytes instead of forty. Blocks of
 * TRC__FACTS_BLOCK can be unpacked by themselves, so that any fact is had after a few others.
 */
#ifndef TRACER_ANALYSIS_FACTS_H
#define TRACER_ANALYSIS_FACTS_H

#include "tracer/model/bytes.h"

enum { TRC__FACTS_BLOCK = 16 };

struct trc__fact {
	uint64_t time;
	uint64_t actor, object, peer; /* as event.actor, .id and .peer */
	uint32_t site;
	uint16_t type;
	uint8_t kind; /* enum trc_kind */
};

/* Start with zeros. Facts are numbered from 0. */
struct trc__facts {
	struct trc_bytes bytes;
	size_t *blocks; /* where in the bytes each begins */
	size_t block_room;
	uint32_t count;
	struct trc__fact last;
};

void trc__facts_add(struct trc__facts *facts, const struct trc__fact *fact);
void trc__facts_clear(struct trc__facts *facts);

/* `number` is below the count. */
struct trc__fact trc__facts_at(const struct trc__facts *facts, uint32_t number);

/* One after the other: begin with zeros and the facts. False: there are no more. */
struct trc__facts_reader {
	const struct trc__facts *facts;
	uint32_t next;
	struct trc_input input;
	struct trc__fact fact; /* number next - 1 */
};
bool trc__facts_next(struct trc__facts_reader *reader);

#endif
