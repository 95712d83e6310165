#include <act/blocking.h>

#include "runtime/probe.h"
#include "runtime/system.h"
#include "runtime/wait.h"
#include "runtime/worker.h"

#define CONTAINER(pointer, type, member) \
	((type *)(void *)((unsigned char *)(pointer)-offsetof(type, member)))

/* On the stack of the actor that waits. */
struct call {
	struct act__job job;
	int (*function)(void *argument);
	void *argument;
	int result;
	struct act__actor *actor;
	struct act__worker *worker; /* who was asked, and is told */
	uint64_t ticket;
};

static void run(struct act__job *job)
{
	struct call *call = CONTAINER(job, struct call, job);

	call->result = call->function(call->argument);
}

static void go_on(struct act__job *job)
{
	struct call *call = CONTAINER(job, struct call, job);
	struct act__actor *actor = call->actor;
	struct act__worker *worker = call->worker;

	/* Nobody else ends a firm wait. */
	act__wait_claim(actor, call->ticket, ACT__MET);
	act__wait_publish(&worker->self, actor, false);
}

int act__blocking(struct act_self *self, int (*function)(void *argument), void *argument,
		  struct act_site *site)
{
	struct call call = {.job = {.run = run, .done = go_on},
			    .function = function,
			    .argument = argument,
			    .actor = self->actor};
	struct act__wait wait;

	if (!self->fiber || atomic_load(&self->actor->stopping))
		return ACT_ECANCELLED;
	act__probe_wait(self, TRC_WHAT_OUTSIDE, 0, NULL, ACT__NEVER, site);
	act__wait_begin_firm(self, &wait);
	call.ticket = wait.ticket;
	call.worker = self->worker;
	act__port_run_aside(&self->worker->port, &call.job);
	act__wait_park(self, &wait);
	act__probe_wake(self, ACT__MET);
	return call.result;
}
