/*
 * unknowns.h - what is in no trace, and yet may be part of a deadlock; for tracer/analysis only
 *
 * Threads that are no actors send to some and wait for whatever they like. An actor that waits for
 * the outside (act_blocking(), trc_trace_wait_outside()) may wait for a lock that another one has.
 * And a handler may take a lock without telling: it then looks as if it ran. To all of these the
 * analysis is generous: whoever could go on by them is called stuck by nobody. So what it finds is
 * right, but it may miss something; and this is to be said.
 */
#ifndef TRACER_ANALYSIS_UNKNOWNS_H
#define TRACER_ANALYSIS_UNKNOWNS_H

#include "tracer/analysis/check.h"
#include "tracer/model/table.h"

enum { TRC__RINGS = 1 << 16 };

/* Zeroed when empty. */
struct trc__unknowns {
	uint64_t outside[TRC__RINGS / 64]; /* rings in which somebody who is no actor sent */
	uint64_t inside[TRC__RINGS / 64];  /* likewise an actor */
	struct trc_table waited;           /* actors that waited for the outside */
	uint64_t waits;
	uint32_t site; /* of the last of these */
};

void trc__unknowns_event(struct trc__unknowns *unknowns, const struct trc_event *event);

/* Fills in findings->unknowns, by the model at the end. */
void trc__unknowns_tell(const struct trc__unknowns *unknowns, const struct trc_model *model,
			struct trc_findings *findings);

void trc__unknowns_clear(struct trc__unknowns *unknowns);

#endif
