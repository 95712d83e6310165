/*
 * watch.h - says which handler does not come back
 *
 * A thread beside the workers looks at them twice a second. A worker that is still in the turn in
 * which it was two looks ago keeps all who are ready on it, and its sockets and timers, from going
 * on; this is said once for each such turn, on stderr and on the timeline. That looks are counted,
 * and no time is taken, keeps a program that was stopped meanwhile from being blamed.
 */
#ifndef RUNTIME_WATCH_H
#define RUNTIME_WATCH_H

struct act__watch;
struct act_system;

/* Begins to watch the system's workers. NULL when that cannot be had; nothing depends on it. */
struct act__watch *act__watch_begin(struct act_system *system);

/* NULL is fine. */
void act__watch_end(struct act__watch *watch);

#endif
