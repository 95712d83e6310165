/*
 * Numbers run through stages, the last of which is slow.
 *
 * Shows backpressure: every mailbox holds four messages, and act_send() waits while one is full. So
 * the slow printer holds up the squarer, and that one the source; nothing piles up and nothing is
 * lost. At the end each stage drops its handle to the next, and the pipeline ends in order.
 */
#include "examples/common.h"

#include <inttypes.h>
#include <stdio.h>

ACT_MESSAGE(Number, (u64, value))
ACT_MESSAGE(StageInit, (handle, next))

enum { NUMBERS = 50, MAILBOX = 4 };

/* --- the last stage ------------------------------------------------------------------------- */

struct sum {
	uint64_t count;
	uint64_t total;
};

static void add(struct act_self *self, void *state, struct act_message *message)
{
	struct sum *sum = state;

	act_sleep(self, ACT_MILLISECOND);
	sum->count++;
	sum->total += act_as(message, Number)->value;
}

static void print_sum(struct act_self *self, void *state)
{
	struct sum *sum = state;

	printf("the sum of %" PRIu64 " squares is %" PRIu64 "\n", sum->count, sum->total);
}

static const struct act_kind sum_kind = {.name = "sum",
					 .state_size = sizeof(struct sum),
					 .mailbox = MAILBOX,
					 .handle = add,
					 .stop = print_sum};

/* --- a stage in the middle ------------------------------------------------------------------ */

struct stage {
	struct act_handle next;
};

static int join_pipeline(struct act_self *self, void *state, struct act_message *init)
{
	struct stage *stage = state;

	stage->next = act_take(&act_as(init, StageInit)->next);
	return 0;
}

static void square(struct act_self *self, void *state, struct act_message *message)
{
	struct stage *stage = state;
	uint64_t value = act_as(message, Number)->value;

	act_send(self, stage->next, Number, .value = value * value);
}

static void leave_pipeline(struct act_self *self, void *state)
{
	struct stage *stage = state;

	act_drop(self, &stage->next);
}

static const struct act_kind square_kind = {.name = "square",
					    .state_size = sizeof(struct stage),
					    .mailbox = MAILBOX,
					    .start = join_pipeline,
					    .handle = square,
					    .stop = leave_pipeline};

/* --- the source ----------------------------------------------------------------------------- */

static int count_up(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle sum = act_spawn(self, &sum_kind, NULL);
	struct act_handle first = act_spawn_with(self, &square_kind, NULL, StageInit, .next = sum);
	unsigned waits = 0;

	for (uint64_t i = 1; i <= NUMBERS; i++) {
		if (act_try_send(self, first, Number, .value = i) != ACT_EFULL)
			continue;
		waits++;
		act_send(self, first, Number, .value = i);
	}
	printf("the source had to wait %u times\n", waits);
	act_drop(self, &first);
	return 0;
}

static const struct act_kind source_kind = {.name = "source", .start = count_up};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &source_kind);
}
