/*
 * fiber.h - the stacks that handlers borrow
 *
 * A worker enters a fiber to give an actor its turn. The turn ends when the actor has nothing more
 * to do, or leaves in the middle of a handler to wait; then the fiber stays with the actor until
 * some worker enters it again. Below each stack lies a guard page.
 *
 * Sanitizers and Valgrind are told about every stack and every switch.
 */
#ifndef RUNTIME_FIBER_H
#define RUNTIME_FIBER_H

#include "runtime/actor.h"
#include "runtime/context.h"

/* A thread's own stack, from which fibers are entered. */
struct act__ground {
	struct act__context context;
	const void *stack; /* for AddressSanitizer */
	size_t stack_size;
	void *thread_sanitizer;
};

/* Lives at the top of its own stack. */
struct act__fiber {
	struct act_self self; /* the `self` of the actor that has it */
	struct act__context context;
	struct act__ground *ground; /* who entered it last */
	struct act__fiber *next;    /* in a worker's pool */
	bool finished;              /* the turn is over, the stack is free */
	void *guard;                /* begin of the mapping: the guard page */
	size_t mapping_size;
	size_t stack_size;
	void *fake_stack; /* of AddressSanitizer */
	void *thread_sanitizer;
	unsigned valgrind_id;
};

/* Tells the sanitizers about the calling thread. */
void act__ground_init(struct act__ground *ground);

/* NULL: no memory, or too many mappings. */
struct act__fiber *act__fiber_new(size_t stack_size);
void act__fiber_free(struct act__fiber *fiber);

/* Prepares a free fiber for a turn of `self->actor`. */
void act__fiber_begin(struct act__fiber *fiber, const struct act_self *self);

/* Runs the fiber until it leaves. */
void act__fiber_enter(struct act__ground *ground, struct act__fiber *fiber);

/* Goes back to whoever entered; returns when the fiber is entered again, maybe on another thread,
 * and never when it has finished. */
void act__fiber_leave(struct act__fiber *fiber, bool finished);

#endif
