/*
 * critical-path.h - where the time of an ask went; no widgets
 *
 * From the moment the asker set out to the moment the reply was sent, something held the answer up
 * at every instant: a full mailbox, the mailbox's queue, a handler at work, or something that the
 * handler itself waited for. The path names it, stretch by stretch, in order of time, without gaps.
 *
 * It is found from the end. Whoever replied was handling some message then; that message was sent
 * while another was handled; and so on back to the ask itself. When the wait inside a handler was
 * for the reply to another ask, the path of that one takes its place.
 */
#ifndef VIEWER_CRITICAL_PATH_H
#define VIEWER_CRITICAL_PATH_H

#include "tracer/query/trace.h"

enum trv_stretch_kind {
	TRV_STRETCH_SPACE,   /* the sender waited for space in `actor`'s mailbox */
	TRV_STRETCH_QUEUE,   /* in `actor`'s mailbox */
	TRV_STRETCH_HANDLER, /* `actor` was handling the message */
	TRV_STRETCH_WAIT,    /* `actor` waited, for `what` */
	TRV_STRETCH_HELD,    /* handled already, but `actor` still kept the reply token */
	TRV_STRETCHES
};

struct trv_stretch {
	enum trv_stretch_kind kind;
	uint64_t begin, end;
	uint64_t actor;
	uint64_t message; /* that was on its way or being handled */
	unsigned what;    /* enum trc_what, of a wait */
	unsigned depth;   /* asks inside the ask: 0, 1, ... */
};

enum { TRV_PATH_MAX = 256 };

struct trv_path {
	uint64_t begin, end;
	bool open;      /* there is no reply yet: it ends with the trace */
	bool coarse;    /* some handlers took too long for their waits to be told */
	bool shortened; /* there were more than TRV_PATH_MAX stretches */
	size_t count;
	struct trv_stretch items[TRV_PATH_MAX];
};

/* False when there is no such message or it is no ask. `now` is the trace's end. */
bool trv_path_find(const struct trc_trace *trace, uint64_t ask, uint64_t now,
		   struct trv_path *ret_path);

/* The sum of all stretches of a kind, in ns. */
uint64_t trv_path_sum(const struct trv_path *path, enum trv_stretch_kind kind);

#endif
