#include "runtime/fault.h"

#include "runtime/fiber.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIGNAL_STACK_SIZE = 64 * 1024 };

static _Thread_local struct act__fiber *volatile running;
static struct sigaction before;

static void say(const char *text)
{
	ssize_t written = write(STDERR_FILENO, text, strlen(text));

	(void)written;
}

static bool in_guard(const struct act__fiber *fiber, const void *address)
{
	const unsigned char *guard = fiber->guard, *at = address;

	return at >= guard && at < (const unsigned char *)fiber - fiber->stack_size;
}

/* Has only what is safe in a signal handler: the name is made at spawn or stays empty. */
static void on_fault(int number, siginfo_t *info, void *registers)
{
	struct act__fiber *fiber = running;

	if (fiber && in_guard(fiber, info->si_addr)) {
		const struct act__actor *actor = fiber->self.actor;
		const char *name = actor->long_name ? actor->long_name : actor->name;

		say("actor \"");
		say(*name ? name : actor->kind->name);
		say("\" overflowed its stack; a larger one is had by act_options.stack_size\n");
	}
	/* The instruction is tried again when this returns, and meets who was here before us. */
	sigaction(SIGSEGV, &before, NULL);
}

static void install(void)
{
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	sigemptyset(&action.sa_mask);
	sigaction(SIGSEGV, &action, &before);
}

void act__fault_begin(void **signal_stack)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	stack_t stack = {.ss_size = SIGNAL_STACK_SIZE}, present;

	*signal_stack = NULL;
	/* A sanitizer or the program itself may have given this thread one already. */
	if (sigaltstack(NULL, &present) == 0 && (present.ss_flags & SS_DISABLE)) {
		stack.ss_sp = malloc(SIGNAL_STACK_SIZE);
		if (!stack.ss_sp)
			return;
		sigaltstack(&stack, NULL);
		*signal_stack = stack.ss_sp;
	}
	pthread_once(&once, install);
}

void act__fault_end(void **signal_stack)
{
	stack_t none = {.ss_flags = SS_DISABLE};

	if (!*signal_stack)
		return;
	sigaltstack(&none, NULL);
	free(*signal_stack);
	*signal_stack = NULL;
}

void act__fault_watch(struct act__fiber *fiber)
{
	running = fiber;
}
