/*
 * listener.h - the native actor that accepts connections, shared by tcp.c and ws.c
 */
#ifndef RUNTIME_NET_LISTENER_H
#define RUNTIME_NET_LISTENER_H

#include "runtime/native.h"

struct act__listener;

struct act__listener_kind {
	struct act_native_kind native; /* ACT__LISTENER_CALLBACKS */

	/* A connection `fd` was accepted and is given away. Returns false when no more are wanted
	 * before act__listener_resume(). */
	bool (*accepted)(struct act__listener *listener, int fd, const char *peer);

	const char *busy; /* said to those for whom there are no resources; NULL: nothing */
};

struct act__listener {
	const struct act__listener_kind *kind;
	struct act_self *self;
	struct act_handle owner; /* who called listen */
	void *options;           /* of the kind, freed with the listener */
	uv_poll_t poll;
	uv_timer_t pause;
	int fd;
	int spare; /* given up for a moment to turn somebody away when descriptors run out */
	bool paused, closing;
	int open_handles; /* of uv */
};

void act__listener_start(struct act_self *self, void *data);
void act__listener_handle(struct act_self *self, void *data, struct act_message *message);
void act__listener_stop(struct act_self *self, void *data);
void act__listener_free(void *data);
#define ACT__LISTENER_CALLBACKS                                                                   \
	.start = act__listener_start, .handle = act__listener_handle, .stop = act__listener_stop, \
	.free = act__listener_free

/*
 * Binds, listens, and spawns the actor; `options` is given away. `address` must be numeric. On 0,
 * the caller holds *ret_listener; *ret_port (may be NULL) is the port in use. -errno.
 */
int act__listener_open(struct act_self *self, const struct act__listener_kind *kind,
		       const char *address, uint16_t port, int backlog, void *options,
		       struct act_handle *ret_listener, uint16_t *ret_port);

void act__listener_resume(struct act__listener *listener);

#endif
