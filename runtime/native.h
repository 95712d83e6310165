/*
 * native.h - actors without a stack: C code that lives on a worker's libuv loop
 *
 * Sockets are such actors. To everybody else they look like any actor: they have a kind, a name, a
 * mailbox and handles, and they leave the same events (their SPAWN says TRC_F_SOURCE). Inside, a
 * native actor belongs to one worker for its whole life, and all its callbacks run on that worker's
 * thread, one at a time, interleaved with the callbacks of its uv handles.
 *
 * Each callback gets the actor's `self`. It is good from `start` until act_native_end(), on that
 * thread only: keep it in `data` and use it in uv callbacks, too. Every public call that does not
 * wait may be used with it: act_reply, act_reply_error, act_answer, act_fail, act_drop_token,
 * act_try_send, act_clone, act_drop, act_me, act_after, act_cancel_timer, act_log, act_now,
 * act_spawn, act_monitor, act_unmonitor, act_link, act_unlink, act_register, act_unregister,
 * act_whereis. Calls that wait return ACT_ECANCELLED.
 *
 *     act_native_spawn -> start -> handle* -> stop -> ... act_native_end() -> free
 */
#ifndef RUNTIME_NATIVE_H
#define RUNTIME_NATIVE_H

#include <act/act.h>

#include <uv.h>

struct act_native_kind {
	struct act_kind kind; /* name and mailbox only */

	/* Runs first. uv handles are made here (or later), on act_native_loop(self). */
	void (*start)(struct act_self *self, void *data);

	/* One message. Its token may be taken (act_token_of) and answered much later. The message
	 * is released when this returns: copy what a write still needs. */
	void (*handle)(struct act_self *self, void *data, struct act_message *message);

	/* Called once: the last handle is gone and the mailbox is empty, or somebody called
	 * act_stop(), or the system is stopping. No more messages come. Begin to close; call
	 * act_native_end() when all uv handles are closed (or at once when there are none). Tokens
	 * kept in `data` are to be answered or dropped by then. Not called after an
	 * act_native_end() of the actor's own. */
	void (*stop)(struct act_self *self, void *data);

	/* Runs last: gives `data` back. `self` is not good any more. */
	void (*free)(void *data);
};

enum act_native_place {
	ACT_NATIVE_HERE,  /* the worker that runs the caller */
	ACT_NATIVE_SPREAD /* one worker after the other */
};

/*
 * Makes a native actor; the caller holds the handle. `name` is copied, NULL: "kind-N". `data`
 * belongs to the actor from now on, whatever happens: also when there is no memory (all zeros are
 * returned) `kind->free` is called on it. `start` runs soon, on the worker's thread, never within
 * this call. When the system stops first, neither `start` nor `stop` run, only `free`.
 */
struct act_handle act_native_spawn(struct act_self *self, const struct act_native_kind *kind,
				   const char *name, void *data, enum act_native_place place,
				   struct act_site *site);

/* False in a system with a seed: what others do on a network would be different in each run. */
bool act_native_has_network(const struct act_self *self);

/* The loop and the data of a native actor. */
uv_loop_t *act_native_loop(struct act_self *self);
void *act_native_data(struct act_self *self);

/*
 * Sends without waiting, but never loses the message: when `to`'s mailbox is full, the message
 * queues for space behind everybody who came before, and is sent when its turn comes. `done` then
 * tells (0, or ACT_EGONE when `to` ended), on this actor's thread. That is the moment to go on
 * reading from the socket.
 *
 * Returns 0 (sent), ACT_NATIVE_LATER (`done` will be called, exactly once unless this actor ends
 * first), ACT_EGONE, or -ENOMEM. Only one message can be under way: not to be called between
 * ACT_NATIVE_LATER and `done`; it may be called again from within `done`.
 *
 *     act_native_send(self, owner, sent, TcpData, .data = {bytes, size})
 */
#define ACT_NATIVE_LATER 1
typedef void act_native_done(struct act_self *self, void *data, int error);
#define act_native_send(self, to, done, Type, ...) \
	act__native_send((self), (to), (done), &Type##_type, &(struct Type){__VA_ARGS__}, ACT_HERE)
int act__native_send(struct act_self *self, struct act_handle to, act_native_done *done,
		     const struct act_type *type, void *fields, struct act_site *site);

/*
 * Ends the actor, from any of its callbacks: messages still in its mailbox are discarded, a message
 * under way by act_native_send() is dropped, `free` is called soon. All uv handles must be closed.
 */
void act_native_end(struct act_self *self);

#endif
