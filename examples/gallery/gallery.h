/*
 * gallery.h - what the programs of the gallery share
 *
 * Each program is one shape in which actors wait for each other, and begins with a comment that
 * says whether it can lock up. docs/deadlocks.md says what `actorscope check` makes of them.
 * Requests bring the handles that their receiver needs, so that every program that does not lock
 * up ends by itself.
 */
#ifndef EXAMPLES_GALLERY_GALLERY_H
#define EXAMPLES_GALLERY_GALLERY_H

#include "examples/common.h"

ACT_MESSAGE(Go, (handle, other), (handle, third))    /* ask `other`, then answer */
ACT_SIGNAL(Ping)                                     /* answered at once */
ACT_SIGNAL(Done)                                     /* the answer to all of them */
ACT_MESSAGE(Passed, (handle, other), (token, token)) /* a Go whose token was handed on */

/* A kind without state whose messages `handler` handles. */
#define GALLERY_KIND(kind_name, handler) \
	static const struct act_kind kind_name = {.name = #kind_name, .handle = handler}

/* Asks and forgets the answer. */
#define gallery_ask(self, to, Type, ...)                                     \
	do {                                                                 \
		struct act_message *gallery__reply;                          \
		act_ask((self), (to), &gallery__reply, Type, ##__VA_ARGS__); \
		act_release((self), gallery__reply);                         \
	} while (0)

/* On Go asks the other one a Ping, then answers; answers all else at once. */
#define GALLERY_RELAY(name)                                                               \
	static void name(struct act_self *self, void *state, struct act_message *message) \
	{                                                                                 \
		struct Go *go = act_as(message, Go);                                      \
                                                                                          \
		if (go)                                                                   \
			gallery_ask(self, go->other, Ping);                               \
		act_reply(self, message, Done);                                           \
	}

/* An actor that asks `first` a Go with these handles, and is done. Moves none of them. */
void gallery_client(struct act_self *self, const char *name, struct act_handle first,
		    struct act_handle other, struct act_handle third);

#endif
