/*
 * ask-stream.h - the events that bench-recording and its peer write
 *
 * A thread's events are the SPAWNs of 64 callers and 8 callees, and then those of asks between
 * them, six each: SEND, WAIT, RECEIVE, REPLY, DONE, WAKE. RECEIVE, DONE and WAKE have no peer, arg
 * and site. Who asks whom looks random, as in a program with many users.
 */
#ifndef BENCH_ASK_STREAM_H
#define BENCH_ASK_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/event/event.h"

struct ask_stream {
	unsigned thread; /* from 0; at most 65534 */
	uint64_t number; /* of the next event */
	uint16_t aseqs[128];
};

enum { ASK_STREAM_ACTORS = 64 + 8 };

/* The next event but for its time and payload. Returns whether its kind is a short one. */
static inline bool ask_stream_next(struct ask_stream *stream, struct trc_event *ret_event)
{
	static const uint8_t kinds[] = {TRC_SEND,  TRC_WAIT, TRC_RECEIVE,
					TRC_REPLY, TRC_DONE, TRC_WAKE};
	uint64_t number = stream->number - ASK_STREAM_ACTORS;
	uint64_t ask = number / 6, place = number % 6;
	uint64_t caller = 1 + (ask * UINT64_C(0x9e3779b97f4a7c15) >> 58);
	uint64_t callee = 65 + (ask * UINT64_C(0xc2b2ae3d27d4eb4f) >> 61);
	bool is_message = place == 0 || place == 2 || place == 4;
	bool by_caller = place == 0 || place == 1 || place == 5;
	bool is_short = place == 2 || place >= 4;
	uint64_t actor = by_caller ? caller : callee;
	uint64_t others = (uint64_t)stream->thread * 128;
	struct trc_event event = {
		.kind = kinds[place],
		/* of a message; a WAIT is for a reply, a WAKE has got it */
		.type = (uint16_t)(place == 1 || place == 5 ? 1 : 1 + ask % 3),
		.actor = others + actor,
		.id = ((uint64_t)stream->thread + 1) << 48 | (2 * ask + (is_message ? 0 : 1)),
	};

	if (stream->number++ < ASK_STREAM_ACTORS) {
		*ret_event = (struct trc_event){
			.kind = TRC_SPAWN, .id = others + stream->number, .peer = 1, .arg = 100};
		return false;
	}
	event.aseq = stream->aseqs[actor] = trc_aseq_next(stream->aseqs[actor]);
	if (!is_short) {
		event.peer = others + (by_caller ? callee : caller);
		event.arg = place == 0 ? event.id + 1 : 0;
		event.site = (uint32_t)(1 + place);
	}
	*ret_event = event;
	return is_short;
}

#endif
