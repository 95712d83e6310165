/*
 * support.h - running a piece of code inside an actor
 */
#ifndef TESTS_RUNTIME_SUPPORT_H
#define TESTS_RUNTIME_SUPPORT_H

#include <act/act.h>

#include <stdio.h>
#include <stdlib.h>

/* Like assert_true(), for code inside actors: cmocka's own cannot leave a borrowed stack. */
#define expect(condition)                                                                        \
	do {                                                                                     \
		if (!(condition)) {                                                              \
			fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                 \
		}                                                                                \
	} while (0)

/* Runs a system whose first actor executes `body` in its start handler, until all have ended. */
void run_body(const struct act_options *options, void (*body)(struct act_self *self));

/* The same on one worker, so that everything happens in one known order. */
void run_alone(void (*body)(struct act_self *self));

/* A handler that takes no notice. */
void ignore_message(struct act_self *self, void *state, struct act_message *message);

#endif
