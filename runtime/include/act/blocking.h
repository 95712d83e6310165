/*
 * blocking.h - calls that would block their thread
 *
 *     static int read_it(void *argument) { ... read() ... }
 *
 *     error = act_blocking(self, read_it, &request);
 *
 * A handler that blocks in a system call or computes for long keeps its worker from all others.
 * This runs the function in a pool of threads (libuv's, four unless UV_THREADPOOL_SIZE says
 * otherwise) while the actor waits.
 */
#ifndef ACT_BLOCKING_H
#define ACT_BLOCKING_H

#include <act/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Runs function(argument) elsewhere and returns what it returns. The argument may be on the stack:
 * the wait lasts until the function has returned, whatever happens. So there is no form with a
 * deadline, and an actor that is stopped meanwhile, or whose system is, goes on only then. In one
 * that is being stopped already the function is not run: ACT_ECANCELLED.
 *
 * The function is no part of any actor: it must not use `self` or the actor's state. In seeded mode
 * it runs at once, on this thread.
 */
#define act_blocking(self, function, argument) \
	act__blocking((self), (function), (argument), ACT_HERE)

/* private */
int act__blocking(struct act_self *self, int (*function)(void *argument), void *argument,
		  struct act_site *site);

#ifdef __cplusplus
}
#endif

#endif
