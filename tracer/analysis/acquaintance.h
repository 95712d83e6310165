/*
 * acquaintance.h - since when one actor could send to another; for tracer/analysis only
 *
 * Nobody sends to an actor before having a handle to it.
 */
#ifndef TRACER_ANALYSIS_ACQUAINTANCE_H
#define TRACER_ANALYSIS_ACQUAINTANCE_H

#include "tracer/model/table.h"

#include <stdbool.h>

/* Start with zeros. Nodes are those of causes.h. */
struct trc__acquaintance {
	struct trc_table known; /* struct trc__acquainted, by both */
	struct trc_table gifts; /* chains of struct gift: handles that travel in the message */
};

struct trc__acquainted {
	uint64_t holder, target;
	uint32_t node; /* since which it is so */
};

/* `holder` has a handle to `target` at `node`; the first time counts. Zeros are left out. */
void trc__acquaint(struct trc__acquaintance *all, uint64_t holder, uint64_t target, uint32_t node);

/* A handle to `target` travels in `message`. */
void trc__acquaint_later(struct trc__acquaintance *all, uint64_t message, uint64_t target);

/* What travels in `message` has come to `receiver` at `node`; 0: to nobody. */
void trc__acquaint_now(struct trc__acquaintance *all, uint64_t message, uint64_t receiver,
		       uint32_t node);

/* The node since which `holder` has had a handle to `target`, or 0. */
uint32_t trc__acquainted_since(const struct trc__acquaintance *all, uint64_t holder,
			       uint64_t target);

void trc__acquaintance_clear(struct trc__acquaintance *all);

#endif
