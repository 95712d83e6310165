/*
 * pair.h - two connections that are each other's peer, with no socket between them
 *
 * What tcp.c and ws.c share to give programs such pairs: an end is a native actor that behaves as
 * one with a socket does, but for what only a network can do to it. Both ends live on one worker.
 *
 * Data on its way to an end waits there until the end has an owner whose mailbox has space. As in
 * a kernel's buffers there is room for some of it; whoever writes more waits until it fits in.
 */
#ifndef RUNTIME_NET_PAIR_H
#define RUNTIME_NET_PAIR_H

#include "runtime/native.h"

#include <stdint.h>

/* The data of the native actor. */
struct act__pair_end;

struct act__pair_kind {
	/* Its callbacks are ACT__PAIR_CALLBACKS; `handle` is its own. */
	struct act_native_kind native;

	/* Tell the owner what came, and that nothing will any more: act_native_send(). */
	int (*tell)(struct act_self *self, struct act_handle owner, act_native_done *done,
		    const char *data, size_t size);
	int (*tell_closed)(struct act_self *self, struct act_handle owner, act_native_done *done,
			   unsigned code, const char *reason);

	/* What the peer is told when an end is dropped, or its owner has gone. */
	unsigned going_away;
};

#define ACT__PAIR_CALLBACKS .start = act__pair_start, .stop = act__pair_stop, .free = act__pair_free

void act__pair_start(struct act_self *self, void *data);
void act__pair_stop(struct act_self *self, void *data);
void act__pair_free(void *data);

/* Makes both ends; the caller holds the handles. `name` as for act_spawn(). 0 or -ENOMEM. */
int act__pair_spawn(struct act_self *self, const struct act__pair_kind *kind, const char *name,
		    struct act_handle ret_ends[2]);

/* Gives the end an owner, who is given away. */
void act__pair_own(struct act__pair_end *end, struct act_handle owner);

/* Copies data for the owner of the other end. `token` is answered with Written once there is room
 * for it, and fails with ACT_ECLOSED when that will never be. */
void act__pair_write(struct act__pair_end *end, const char *data, size_t size,
		     struct act_token token);

/* Closes both ends. The other owner gets what is on its way before he learns of it; this one learns
 * of it at once, or with `quietly` not at all. */
void act__pair_close(struct act__pair_end *end, unsigned code, const char *reason, bool quietly);

#endif
