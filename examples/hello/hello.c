/* An actor that greets, and one that asks it to. */
#include <act/act.h>

#include <stdio.h>

ACT_MESSAGE(Greet, (text, name))
ACT_MESSAGE(Greeting, (text, line))
ACT_MESSAGE(VisitorInit, (handle, greeter))

static void greet(struct act_self *self, void *state, struct act_message *message)
{
	struct Greet *question = act_as(message, Greet);
	char line[100];

	if (question) {
		snprintf(line, sizeof(line), "Hello, %s!", question->name);
		act_reply(self, message, Greeting, .line = line);
	}
}

static int visit(struct act_self *self, void *state, struct act_message *init)
{
	struct act_message *reply;
	int error =
		act_ask(self, act_as(init, VisitorInit)->greeter, &reply, Greet, .name = "world");

	puts(error ? act_strerror(error) : act_as(reply, Greeting)->line);
	act_release(self, reply);
	return 0;
}

static void ignore(struct act_self *self, void *state, struct act_message *message)
{
}

static const struct act_kind greeter_kind = {.name = "greeter", .handle = greet};
static const struct act_kind visitor_kind = {.name = "visitor", .start = visit, .handle = ignore};

int main(void)
{
	struct act_system *system = act_system_new(NULL);
	struct act_handle greeter, visitor;
	int error;

	if (!system)
		return 1;
	greeter = act_system_spawn(system, &greeter_kind, "greeter");
	visitor = act_system_spawn_with(system, &visitor_kind, NULL, VisitorInit, greeter);
	act_system_drop(system, &visitor);
	error = act_system_run(system);
	act_system_free(system);
	return error ? 1 : 0;
}
