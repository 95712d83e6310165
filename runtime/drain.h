/*
 * drain.h - letting a system come to its end by itself
 *
 * A system is drained when all its actors are idle with empty mailboxes, and nothing is left that
 * could wake one: no sources, no timers. Nobody counts the busy actors all the time for this. When
 * a worker of a draining system finds nothing to do and all others are asleep, it looks at all
 * actors. They cannot change behind its back, if no worker gives a turn meanwhile: each counts a
 * lap before it does.
 */
#ifndef RUNTIME_DRAIN_H
#define RUNTIME_DRAIN_H

#include "runtime/worker.h"

/* For a worker, before each turn while the system is draining. */
void act__drain_lap(struct act__worker *worker);

/* For a worker that is marked as asleep: true when the system is drained. */
bool act__drain_is_over(struct act__worker *worker);

#endif
