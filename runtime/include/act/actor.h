/*
 * actor.h - kinds of actors, their life, and handles to them
 */
#ifndef ACT_ACTOR_H
#define ACT_ACTOR_H

#include <act/message.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What actors of one sort share. Usually a static const. */
struct act_kind {
	const char *name;
	size_t state_size; /* zeroed memory of this size is the actor's state; 0: none */
	unsigned mailbox;  /* capacity in messages; 0: 100 */

	/* Runs first, in the actor; may wait. `init` has the fields given to act_spawn_with(), NULL
	 * after act_spawn(). Anything but 0 ends the actor at once. NULL: nothing to do. */
	int (*start)(struct act_self *self, void *state, struct act_message *init);

	/* Runs one message to its end. May wait in act_send, act_ask, act_sleep, act_join: that
	 * suspends this actor, never a thread. It may then go on on another thread, so hold no
	 * mutex and keep no address of anything thread-local over a wait. What it computes or
	 * blocks in between, other actors and sockets of this worker wait for. NULL: messages are
	 * dropped, as for an actor that does everything in `start`. */
	void (*handle)(struct act_self *self, void *state, struct act_message *message);

	/* Runs last, must not wait. Handles and tokens kept in the state are dropped here. */
	void (*stop)(struct act_self *self, void *state);

	/* What the state, or its first member, was declared as with ACT_STATE: &Counts_type. A
	 * trace then shows it whenever a handler has changed it, as far as the recording's limit
	 * for payloads goes. Texts and bytes in it belong to the actor, and must be good whenever
	 * a handler returns; NULL is shown as "". NULL: not shown. */
	const struct act_type *state_type;
};

/* Where in the source a call was made. Made by the macros. */
struct act_site {
	const char *file;
	const char *function;
	uint32_t line;
	uint32_t trace_number; /* private */
};
#define ACT_HERE                                                                      \
	(__extension__({                                                              \
		static struct act_site act__here = {__FILE__, __func__, __LINE__, 0}; \
		&act__here;                                                           \
	}))

/*
 * Makes an actor and returns a handle to it, held by the caller. `name` may be NULL; it is copied,
 * shown by tools, and need not be unique. All zeros when there is no memory or the system is
 * shutting down.
 *
 *     act_spawn(self, &room_kind, "lobby")
 *     act_spawn_with(self, &room_kind, "lobby", RoomInit, .rooms = act_me(self))
 */
#define act_spawn(self, kind, name) act__spawn((self), (kind), (name), NULL, NULL, ACT_HERE)
#define act_spawn_with(self, kind, name, ...)                                                \
	act__spawn((self), (kind), (name), ACT__TYPE(__VA_ARGS__), ACT__FIELDS(__VA_ARGS__), \
		   ACT_HERE)

/* A new handle to the running actor itself, held by it: to be given away or dropped. */
struct act_handle act_me(struct act_self *self);

/* Another handle to the same actor. */
struct act_handle act_clone(struct act_self *self, struct act_handle handle);

/* Gives a handle up and zeroes it. An actor whose last handle is gone ends when its mailbox is
 * empty. Zeros are fine. */
void act_drop(struct act_self *self, struct act_handle *handle);

/* Whether two handles are to the same actor. */
bool act_same(struct act_handle a, struct act_handle b);

/* False once the actor has ended (or for zeros). */
bool act_alive(struct act_handle handle);

/* Stops an actor: it ends after the message it is handling, which finds its waits cancelled
 * (ACT_ECANCELLED). Messages still in its mailbox are dropped; their askers get ACT_EGONE. */
void act_stop(struct act_self *self, struct act_handle handle);
void act_stop_self(struct act_self *self);

/* The name given at spawn, or "kind-N". Lives as long as the handle or the actor. */
const char *act_name(struct act_handle handle);
const char *act_my_name(struct act_self *self);

/* Puts a line on the timeline; printf-like. Costs nothing when not traced. */
#define act_log(self, ...) act__log((self), ACT_HERE, __VA_ARGS__)

/* Nanoseconds of the system's clock (virtual in seeded mode), and random bits from its seed. Use
 * these, and no others, where a program shall be repeatable. */
uint64_t act_now(struct act_self *self);
uint64_t act_random(struct act_self *self);

/* private */
struct act_handle act__spawn(struct act_self *self, const struct act_kind *kind, const char *name,
			     const struct act_type *type, void *fields, struct act_site *site);
void act__log(struct act_self *self, struct act_site *site, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#endif
