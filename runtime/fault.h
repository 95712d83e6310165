/*
 * fault.h - says which actor it was when a stack overflows
 */
#ifndef RUNTIME_FAULT_H
#define RUNTIME_FAULT_H

struct act__fiber;

/* Begins and ends watching the calling thread; *signal_stack is kept meanwhile. Without memory
 * nothing is watched. */
void act__fault_begin(void **signal_stack);
void act__fault_end(void **signal_stack);

/* What runs on this thread now, or NULL. */
void act__fault_watch(struct act__fiber *fiber);

#endif
