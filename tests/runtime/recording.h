/*
 * recording.h - a recording that this process makes of itself
 *
 * recording_begin() comes before the first system. Then each recording_take() hands out what
 * happened since the last one, ring by ring.
 */
#ifndef TESTS_RUNTIME_RECORDING_H
#define TESTS_RUNTIME_RECORDING_H

#include "tracer/event/event.h"

#include <act/act.h>

struct recorded {
	unsigned ring;
	struct trc_event event; /* its payload is a copy */
};

struct recording {
	size_t count;
	size_t room;
	struct recorded *events;
};

/* A test group's fixtures; the state is not used. They return 0, or end the program. */
int recording_begin(void **state);
int recording_end(void **state);

struct recording recording_take(void);
void recording_free(struct recording *recording);

/* As if it had been taken and freed. */
void recording_forget(void);

/* Everything said must fit together: feeds the model and looks at what is left. Ends the program
 * when something is wrong. For recordings that begin and end with no actor. */
void recording_check(const struct recording *recording);

/* run_body() and what it leaves in the recording; or all of that, checked. */
struct recording recording_of(const struct act_options *options,
			      void (*body)(struct act_self *self));
void run_checked(const struct act_options *options, void (*body)(struct act_self *self));

#endif
