/*
 * context.h - the registers of a suspended computation, and the switch between two
 *
 * Knows nothing of actors. context-x86_64.S and context-aarch64.S keep what the platform's calling
 * convention asks a function to preserve on the stack that is left; context.c has ucontext for all
 * other machines, and for these where ACT__UCONTEXT is defined.
 */
#ifndef RUNTIME_CONTEXT_H
#define RUNTIME_CONTEXT_H

#include <stddef.h>

#if !defined(ACT__UCONTEXT) && (defined(__x86_64__) || defined(__aarch64__))
struct act__context {
	void *stack_pointer;
};
#else
#include <ucontext.h>
struct act__context {
	ucontext_t registers;
};
#endif

/* Prepares a context that will call entry(argument) on the given stack; entry must not return. */
void act__context_make(struct act__context *context, void *stack, size_t size,
		       void (*entry)(void *argument), void *argument);

/* Saves the caller in `from` and goes on where `to` was left. */
void act__context_switch(struct act__context *from, struct act__context *to);

#endif
