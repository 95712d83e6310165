/*
 * A worker fails now and then; its supervisor hires another one, which goes on where it stopped.
 *
 * Shows monitors: the supervisor is told by a message that the worker has ended, and why. It can
 * drop the handle at once, and so does not keep alive what it watches.
 */
#include "examples/common.h"

#include <inttypes.h>
#include <stdio.h>

ACT_MESSAGE(WorkerInit, (handle, supervisor), (u64, first))
ACT_MESSAGE(Finished, (u64, job))

enum { JOBS = 20, BREAKS_AFTER = 7 };

/* --- workers -------------------------------------------------------------------------------- */

static int work(struct act_self *self, void *state, struct act_message *init)
{
	struct WorkerInit *contract = act_as(init, WorkerInit);

	for (uint64_t job = contract->first; job <= JOBS; job++) {
		act_sleep(self, ACT_MILLISECOND);
		act_send(self, contract->supervisor, Finished, .job = job);
		if (job - contract->first + 1 == BREAKS_AFTER)
			return -1;
	}
	return 0;
}

static const struct act_kind worker_kind = {.name = "worker", .start = work};

/* --- the supervisor ------------------------------------------------------------------------- */

struct supervisor {
	uint64_t finished;
};

static void hire(struct act_self *self, struct supervisor *supervisor)
{
	struct act_handle worker =
		act_spawn_with(self, &worker_kind, NULL, WorkerInit, .supervisor = act_me(self),
			       .first = supervisor->finished + 1);

	act_monitor(self, worker);
	act_drop(self, &worker);
}

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	hire(self, state);
	return 0;
}

static void supervise(struct act_self *self, void *state, struct act_message *message)
{
	struct supervisor *supervisor = state;
	struct Finished *finished = act_as(message, Finished);
	struct ActorEnded *ended = act_as(message, ActorEnded);

	if (finished)
		supervisor->finished = finished->job;
	if (!ended)
		return;
	printf("a worker %s, %" PRIu64 " jobs are done\n",
	       ended->reason == ACT_REASON_FAILED ? "failed" : "went home", supervisor->finished);
	if (supervisor->finished < JOBS)
		hire(self, supervisor);
}

static const struct act_kind supervisor_kind = {.name = "supervisor",
						.state_size = sizeof(struct supervisor),
						.start = begin,
						.handle = supervise};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &supervisor_kind);
}
