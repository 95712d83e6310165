/*
 * native-actor.h - what the rest of the runtime knows of native actors (native.h)
 */
#ifndef RUNTIME_NATIVE_ACTOR_H
#define RUNTIME_NATIVE_ACTOR_H

#include "runtime/actor.h"

/* Binds the block that was made for it. */
void act__native_attach(struct act__native *native, struct act__actor *actor);

/* The worker it belongs to. */
struct act__worker *act__native_worker(const struct act__native *native);

/* Its turn, on its worker's thread. */
void act__native_turn(struct act_self *worker_self, struct act__actor *actor);

/* The message that stood in line has a place, or never will. Any thread. */
void act__native_called(struct act_self *self, struct act__actor *actor);

#endif
