/*
 * standstill.h - a seeded run in which nothing can happen any more
 *
 * In the seeded world there is nobody else who could help: its time stands still while nobody
 * runs, and no message comes from outside. When no actor is ready, no timer is set and no actor
 * listens to the outside, whoever has not ended never will. The real world cannot know that.
 */
#ifndef RUNTIME_STANDSTILL_H
#define RUNTIME_STANDSTILL_H

#include "runtime/worker.h"

/* Whether it is so for a worker that has nothing to do. Never in the real world. */
bool act__stands_still(struct act__worker *worker);

/* Says who has not ended, on stderr and in the trace, and ends the run. */
void act__standstill(struct act__worker *worker);

#endif
