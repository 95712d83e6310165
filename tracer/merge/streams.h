/*
 * streams.h - the events of several traces, by time
 *
 * The events of one ring stay in their order; between rings the earlier goes first. Of each ring at
 * most one segment is in memory, and only while its time has come.
 */
#ifndef TRACER_MERGE_STREAMS_H
#define TRACER_MERGE_STREAMS_H

#include "tracer/store/store.h"

struct trc_streams;

struct trc_streams *trc_streams_new(void);
void trc_streams_free(struct trc_streams *streams);

/* Adds all rings of a trace (borrowed), whose times are moved by `shift`. Returns how many there
 * are. Their events are told with `trace`, and with rings numbered from `first_ring` on. */
unsigned trc_streams_add(struct trc_streams *streams, struct trc_store *trace, unsigned number,
			 uint64_t shift, unsigned first_ring);

/* The merged number of a ring of a trace; UINT_MAX: it has no events. */
unsigned trc_streams_ring(const struct trc_streams *streams, unsigned trace, uint32_t ring);

struct trc_streamed {
	struct trc_event event; /* its time is not moved; good until the next call */
	unsigned trace;
	unsigned ring;
};

/* 1: there is one; 0: that was all; -errno. */
int trc_streams_next(struct trc_streams *streams, struct trc_streamed *ret_next,
		     struct trc_error *ret_error);

#endif
