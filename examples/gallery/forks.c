#include "examples/gallery/forks.h"

#include "examples/gallery/gallery.h"

ACT_SIGNAL(PickUp)
ACT_SIGNAL(PutDown)
ACT_MESSAGE(Seat, (handle, first), (handle, second))

struct fork {
	bool taken;
	struct act_token next; /* of the neighbour who waits */
};

static void serve(struct act_self *self, void *state, struct act_message *message)
{
	struct fork *fork = state;

	if (act_as(message, PutDown))
		fork->taken = act_answer(self, &fork->next, Done) == 0;
	else if (fork->taken)
		fork->next = act_token_of(message);
	else
		fork->taken = act_reply(self, message, Done) == 0;
}

static void put_away(struct act_self *self, void *state)
{
	struct fork *fork = state;

	act_drop_token(self, &fork->next);
}

static const struct act_kind fork_kind = {
	.name = "fork", .state_size = sizeof(struct fork), .handle = serve, .stop = put_away};

/* Eats twice. */
static int dine(struct act_self *self, void *state, struct act_message *init)
{
	struct Seat *seat = act_as(init, Seat);

	for (int meal = 0; meal < 2; meal++) {
		act_sleep(self, act_random(self) % ACT_MILLISECOND);
		gallery_ask(self, seat->first, PickUp);
		act_sleep(self, act_random(self) % (ACT_MILLISECOND / 4));
		gallery_ask(self, seat->second, PickUp);
		act_send(self, seat->second, PutDown);
		act_send(self, seat->first, PutDown);
	}
	return 0;
}

static const struct act_kind philosopher_kind = {.name = "philosopher", .start = dine};

static void seat(struct act_self *self, const char *name, struct act_handle first,
		 struct act_handle second)
{
	struct act_handle philosopher =
		act_spawn_with(self, &philosopher_kind, name, Seat, .first = act_clone(self, first),
			       .second = act_clone(self, second));

	act_drop(self, &philosopher);
}

void gallery_lay_table(struct act_self *self, bool naive)
{
	struct act_handle forks[3];

	for (int i = 0; i < 3; i++)
		forks[i] = act_spawn(self, &fork_kind, NULL);
	seat(self, "A", forks[0], forks[1]);
	seat(self, "B", forks[1], forks[2]);
	seat(self, "C", forks[naive ? 2 : 0], forks[naive ? 0 : 2]);
	for (int i = 0; i < 3; i++)
		act_drop(self, &forks[i]);
}
