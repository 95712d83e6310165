/*
 * Five philosophers sit around a table; each needs the two forks beside their plate to eat.
 *
 * Shows a reply that is given later: a philosopher asks for a fork, and a fork that is in use keeps
 * the reply token until it is put down. The asker waits as long, without a thread.
 *
 * Everybody takes the fork with the lower number first, so that there is always somebody who can
 * eat. With `--naive` everybody takes the left fork first, and in some runs all hold one and wait
 * for their right neighbour for ever. Try `actorscope record` with it, and seeds from 1 on.
 */
#include "examples/common.h"

#include <stdio.h>

ACT_SIGNAL(PickUp)
ACT_SIGNAL(PickedUp)
ACT_SIGNAL(PutDown)
ACT_MESSAGE(Seat, (handle, first), (handle, second))

enum { SEATS = 5, MEALS = 10 };

/* --- forks ---------------------------------------------------------------------------------- */

struct fork {
	bool taken;
	struct act_token next; /* of the neighbour who waits */
};

static void serve(struct act_self *self, void *state, struct act_message *message)
{
	struct fork *fork = state;

	if (act_as(message, PutDown))
		fork->taken = act_answer(self, &fork->next, PickedUp) == 0;
	else if (fork->taken)
		fork->next = act_token_of(message);
	else
		fork->taken = act_reply(self, message, PickedUp) == 0;
}

static void put_away(struct act_self *self, void *state)
{
	struct fork *fork = state;

	act_drop_token(self, &fork->next);
}

static const struct act_kind fork_kind = {
	.name = "fork", .state_size = sizeof(struct fork), .handle = serve, .stop = put_away};

/* --- philosophers --------------------------------------------------------------------------- */

static int pick_up(struct act_self *self, struct act_handle fork)
{
	struct act_message *reply;
	int r = act_ask(self, fork, &reply, PickUp);

	act_release(self, reply);
	return r;
}

static void pause_a_little(struct act_self *self)
{
	act_sleep(self, act_random(self) % ACT_MILLISECOND);
}

static int dine(struct act_self *self, void *state, struct act_message *init)
{
	struct Seat *seat = act_as(init, Seat);

	for (int meal = 0; meal < MEALS; meal++) {
		pause_a_little(self); /* thinks */
		if (pick_up(self, seat->first) < 0)
			return -1;
		pause_a_little(self); /* moves the plate */
		if (pick_up(self, seat->second) < 0)
			return -1;
		pause_a_little(self); /* eats */
		act_send(self, seat->second, PutDown);
		act_send(self, seat->first, PutDown);
	}
	printf("%s has eaten %d times\n", act_my_name(self), MEALS);
	return 0;
}

static const struct act_kind philosopher_kind = {.name = "philosopher", .start = dine};

/* --- the table ------------------------------------------------------------------------------ */

static bool naive;

static int lay_table(struct act_self *self, void *state, struct act_message *init)
{
	static const char *const names[SEATS] = {"Plato", "Hypatia", "Kant", "Simone", "Laozi"};
	struct act_handle forks[SEATS];

	for (int i = 0; i < SEATS; i++)
		forks[i] = act_spawn(self, &fork_kind, NULL);
	for (int i = 0; i < SEATS; i++) {
		int left = i, right = (i + 1) % SEATS;
		int first = naive || left < right ? left : right;
		struct act_handle philosopher =
			act_spawn_with(self, &philosopher_kind, names[i], Seat,
				       .first = act_clone(self, forks[first]),
				       .second = act_clone(self, forks[left + right - first]));

		act_drop(self, &philosopher);
	}
	for (int i = 0; i < SEATS; i++)
		act_drop(self, &forks[i]);
	return 0;
}

static const struct act_kind table_kind = {.name = "table", .start = lay_table};

int main(int argc, char **argv)
{
	naive = example_flag(&argc, argv, "--naive");
	return example_run(argc, argv, &table_kind);
}
