/*
 * Workers count the primes below 100 000, a range at a time.
 *
 * Shows a worker pool that balances itself: a worker asks for its next range, with the result of
 * the last one in the question. The quick ones come more often; nobody has to know who is idle.
 */
#include "examples/common.h"

#include <inttypes.h>
#include <stdio.h>

ACT_MESSAGE(NextRange, (u64, primes))
ACT_MESSAGE(Range, (u64, begin), (u64, end))
ACT_MESSAGE(WorkerInit, (handle, pool))

enum { WORKERS = 4, RANGE = 2000, END = 100000 };

/* --- workers -------------------------------------------------------------------------------- */

static bool is_prime(uint64_t number)
{
	for (uint64_t i = 2; i * i <= number; i++)
		if (number % i == 0)
			return false;
	return number >= 2;
}

static int work(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle pool = act_as(init, WorkerInit)->pool;
	uint64_t primes = 0;
	struct act_message *reply;

	/* The pool ends the work by an error. */
	while (act_ask(self, pool, &reply, NextRange, .primes = primes) == 0) {
		struct Range *range = act_as(reply, Range);

		primes = 0;
		for (uint64_t i = range->begin; i < range->end; i++)
			primes += is_prime(i);
		act_release(self, reply);
	}
	return 0;
}

static const struct act_kind worker_kind = {.name = "worker", .start = work};

/* --- the pool ------------------------------------------------------------------------------- */

struct pool {
	uint64_t next;
	uint64_t primes;
};

static int hire(struct act_self *self, void *state, struct act_message *init)
{
	for (int i = 0; i < WORKERS; i++) {
		struct act_handle worker =
			act_spawn_with(self, &worker_kind, NULL, WorkerInit, .pool = act_me(self));

		act_drop(self, &worker);
	}
	return 0;
}

static void hand_out(struct act_self *self, void *state, struct act_message *message)
{
	struct pool *pool = state;
	uint64_t begin = pool->next;

	pool->primes += act_as(message, NextRange)->primes;
	if (begin == END)
		return; /* unanswered: the worker gets ACT_EDROPPED */
	pool->next += RANGE;
	act_reply(self, message, Range, .begin = begin, .end = pool->next);
}

static void sum_up(struct act_self *self, void *state)
{
	struct pool *pool = state;

	printf("there are %" PRIu64 " primes below %d\n", pool->primes, END);
}

static const struct act_kind pool_kind = {.name = "pool",
					  .state_size = sizeof(struct pool),
					  .start = hire,
					  .handle = hand_out,
					  .stop = sum_up};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &pool_kind);
}
