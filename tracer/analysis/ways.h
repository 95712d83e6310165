/*
 * ways.h - waits by who waits for whom, where and how; for tracer/analysis only
 *
 * Of each way only some waits are kept (causes.h): the first ones, and the last ones, which take
 * the places of each other.
 */
#ifndef TRACER_ANALYSIS_WAYS_H
#define TRACER_ANALYSIS_WAYS_H

#include "tracer/analysis/causes.h"

/* Adds the wait that `event` is, or asks for, to its way, which is made if there is none. `to`: who
 * is waited for; `what`: enum trc_what; `request`: the node that begins it. Its number. */
uint32_t trc__await_add(struct trc__causes *causes, const struct trc_event *event, uint64_t to,
			uint8_t what, uint32_t request);

#endif
