/*
 * monitor.h - who is to be told of an actor's end, and who ends with it
 *
 * A monitor is a message of the watcher's to itself that is sent not at a time but at the end of
 * another actor; all but its beginning is that of a timer's (after.h). The watched actor has a list
 * of its monitors; whoever takes one out of the list, the end or the watcher, goes on with it. A
 * link stands in the lists of both its actors, and whoever ends first takes it out of both.
 *
 * The lists of all actors are under one lock of the system, taken after that of an actor. An actor
 * is not freed before it has emptied its lists.
 */
#ifndef RUNTIME_MONITOR_H
#define RUNTIME_MONITOR_H

#include <stdbool.h>

struct act_self;
struct act__actor;
struct act__after;

/* Takes a monitor out of the list of the actor it watches; the watcher is locked. False when that
 * actor ends right now, and will fire it. */
bool act__monitor_clear(struct act__after *after);

/* Tells everybody that the actor has ended. */
void act__monitors_fire(struct act_self *outside, struct act__actor *actor);

#endif
