/*
 * shapes.c - the shapes in which actors wait, one a run: shapes NAME
 *
 * Those that hang do so for ever; the others end by themselves.
 */
#include <act/act.h>

#include <stdio.h>
#include <string.h>

ACT_SIGNAL(Go)
ACT_SIGNAL(Ping)
ACT_SIGNAL(Pong)
ACT_SIGNAL(Tick)
ACT_MESSAGE(Ball, (i64, number))
ACT_MESSAGE(Take, (token, token))
ACT_MESSAGE(Init, (handle, peer))

struct state {
	struct act_handle peer;
	struct act_token token;
};

static int take_peer(struct act_self *self, void *state, struct act_message *init)
{
	struct state *mine = state;
	struct Init *fields = init ? act_as(init, Init) : NULL;

	if (fields)
		mine->peer = act_take(&fields->peer);
	return 0;
}

static void drop_all(struct act_self *self, void *state)
{
	struct state *mine = state;

	act_drop(self, &mine->peer);
	act_drop_token(self, &mine->token);
}

static void ask(struct act_self *self, struct act_handle to)
{
	struct act_message *reply;
	int error = act_ask(self, to, &reply, Go);

	puts(error ? act_strerror(error) : "answered");
	act_release(self, reply);
}

static void ignore(struct act_self *self, void *state, struct act_message *message)
{
}

#define KIND(kind_name, handler)                                                      \
	static const struct act_kind kind_name = {.name = #kind_name,                 \
						  .state_size = sizeof(struct state), \
						  .mailbox = 2,                       \
						  .start = take_peer,                 \
						  .handle = handler,                  \
						  .stop = drop_all}

static void ask_back(struct act_self *self, void *state, struct act_message *message)
{
	ask(self, ((struct state *)state)->peer);
}
KIND(backward, ask_back);

static void keep_token(struct act_self *self, void *state, struct act_message *message)
{
	((struct state *)state)->token = act_token_of(message);
}
KIND(keeper, keep_token);

static void answer_later(struct act_self *self, void *state, struct act_message *message)
{
	struct state *mine = state;

	if (act_as(message, Tick)) {
		act_answer(self, &mine->token, Pong);
		return;
	}
	mine->token = act_token_of(message);
	act_after(self, 150 * ACT_MILLISECOND, Tick);
}
KIND(slow, answer_later);

static void throw_back(struct act_self *self, void *state, struct act_message *message)
{
	for (int i = 0; i < 10; i++)
		act_send(self, ((struct state *)state)->peer, Ball, .number = i);
}
KIND(thrower, throw_back);

static void pass_token(struct act_self *self, void *state, struct act_message *message)
{
	act_send(self, ((struct state *)state)->peer, Take, .token = act_token_of(message));
}
KIND(passer, pass_token);

KIND(forgetful, ignore);

/* Goes on for ever: a Ball to its peer with each Tick of its own. */
static void play(struct act_self *self, void *state, struct act_message *message)
{
	act_send(self, ((struct state *)state)->peer, Ball, .number = 1);
	act_after(self, ACT_MILLISECOND, Tick);
}

static int begin_to_play(struct act_self *self, void *state, struct act_message *init)
{
	take_peer(self, state, init);
	act_after(self, ACT_MILLISECOND, Tick);
	return 0;
}

static const struct act_kind player = {.name = "player",
				       .state_size = sizeof(struct state),
				       .start = begin_to_play,
				       .handle = play,
				       .stop = drop_all};

/* --- who begins ---------------------------------------------------------------------------------
 */

static const char *shape;

static bool is(const char *name)
{
	return strcmp(shape, name) == 0;
}

static struct act_handle child(struct act_self *self, const struct act_kind *kind,
			       struct act_handle peer)
{
	return act_spawn_with(self, kind, NULL, Init, .peer = peer);
}

/* One of the two asks back, the other takes its time. */
static void ask_two(struct act_self *self)
{
	struct act_handle back = child(self, &backward, act_me(self));
	struct act_handle later = child(self, &slow, ACT_NOBODY);
	struct act_question questions[] = {
		ACT_QUESTION(self, back, Go),
		ACT_QUESTION(self, later, Go),
	};
	size_t index;
	int error;

	if (is("all"))
		error = act_ask_all(self, questions, 2);
	else
		error = act_ask_any(self, questions, 2, &index);
	puts(error ? act_strerror(error) : "answered");
	act_release(self, questions[0].reply);
	act_release(self, questions[1].reply);
	act_drop(self, &back);
	act_drop(self, &later);
}

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle to = ACT_NOBODY;

	if (is("itself"))
		to = act_me(self);
	else if (is("back"))
		to = child(self, &backward, act_me(self));
	else if (is("kept"))
		to = child(self, &keeper, ACT_NOBODY);
	else if (is("later"))
		to = child(self, &slow, ACT_NOBODY);
	else if (is("passed"))
		to = child(self, &passer, child(self, &backward, act_me(self)));
	else if (is("dropped"))
		to = child(self, &forgetful, ACT_NOBODY);
	else if (is("full"))
		to = child(self, &thrower, act_me(self));
	else if (is("playing"))
		to = child(self, &player, child(self, &forgetful, ACT_NOBODY));
	if (is("full"))
		for (int i = 0; i < 10; i++)
			act_send(self, to, Ball, .number = i);
	else if (is("all") || is("any"))
		ask_two(self);
	else if (!is("playing"))
		ask(self, to);
	act_drop(self, &to);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner",
					 .state_size = sizeof(struct state),
					 .mailbox = 2,
					 .start = begin,
					 .handle = ignore};

int main(int argc, char **argv)
{
	struct act_system *system = act_system_new(NULL);
	struct act_handle root;
	int error;

	if (argc != 2 || !system)
		return 1;
	shape = argv[1];
	root = act_system_spawn(system, &beginner, "first");
	act_system_drop(system, &root);
	error = act_system_run(system);
	act_system_free(system);
	return error ? 1 : 0;
}
