#include "tests/runtime/support.h"

static void (*the_body)(struct act_self *self);

void ignore_message(struct act_self *self, void *state, struct act_message *message)
{
}

static int run_it(struct act_self *self, void *state, struct act_message *init)
{
	the_body(self);
	return 0;
}

void run_body(const struct act_options *options, void (*body)(struct act_self *self))
{
	static const struct act_kind kind = {
		.name = "body", .start = run_it, .handle = ignore_message};
	struct act_system *system = act_system_new(options);
	struct act_handle actor;

	expect(system);
	the_body = body;
	actor = act_system_spawn(system, &kind, "body");
	expect(act_alive(actor));
	act_system_drop(system, &actor);
	expect(act_system_run(system) == 0);
	act_system_free(system);
}

void run_alone(void (*body)(struct act_self *self))
{
	struct act_options options = {.workers = 1};

	run_body(&options, body);
}
