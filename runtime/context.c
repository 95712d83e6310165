#include "runtime/context.h"

#include <stdint.h>

#if !defined(ACT__UCONTEXT) && (defined(__x86_64__) || defined(__aarch64__))

void act__context_begin(void); /* in context-*.S */

void act__context_make(struct act__context *context, void *stack, size_t size,
		       void (*entry)(void *argument), void *argument)
{
	uintptr_t top = ((uintptr_t)stack + size) & ~(uintptr_t)15;
#ifdef __x86_64__
	/* The layout is described in context-x86_64.S. */
	uint64_t *frame = (uint64_t *)top - 8;
	frame[0] = UINT64_C(0x037f00001f80); /* the control words a thread starts with */
	frame[1] = frame[2] = 0;             /* r15, r14 */
	frame[3] = (uintptr_t)argument;
	frame[4] = (uintptr_t)entry;
	frame[5] = frame[6] = 0; /* rbx, rbp */
	frame[7] = (uintptr_t)act__context_begin;
#else
	/* The layout is described in context-aarch64.S. */
	uint64_t *frame = (uint64_t *)top - 22;
	for (int i = 0; i < 22; i++)
		frame[i] = 0;
	frame[0] = (uintptr_t)entry;
	frame[1] = (uintptr_t)argument;
	frame[11] = (uintptr_t)act__context_begin;
#endif
	context->stack_pointer = frame;
}

#else

/* makecontext() passes ints only: a pointer travels in two. */
static void begin(unsigned entry_high, unsigned entry_low, unsigned argument_high,
		  unsigned argument_low)
{
	void (*entry)(void *) =
		(void (*)(void *))(uintptr_t)((uint64_t)entry_high << 32 | entry_low);

	entry((void *)(uintptr_t)((uint64_t)argument_high << 32 | argument_low));
}

void act__context_make(struct act__context *context, void *stack, size_t size,
		       void (*entry)(void *argument), void *argument)
{
	uint64_t e = (uintptr_t)entry, a = (uintptr_t)argument;

	getcontext(&context->registers);
	context->registers.uc_stack.ss_sp = stack;
	context->registers.uc_stack.ss_size = size;
	context->registers.uc_link = NULL;
	makecontext(&context->registers, (void (*)(void))begin, 4, (unsigned)(e >> 32), (unsigned)e,
		    (unsigned)(a >> 32), (unsigned)a);
}

void act__context_switch(struct act__context *from, struct act__context *to)
{
	swapcontext(&from->registers, &to->registers);
}

#endif
