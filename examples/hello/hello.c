/* An actor that greets, and one that asks it to. */
#include <act/act.h>

#include <stdio.h>

ACT_MESSAGE(Greet, (text, name))
ACT_MESSAGE(Greeting, (text, line))

static void greet(struct act_self *self, void *state, struct act_message *message)
{
	struct Greet *question = act_as(message, Greet);
	char line[100];

	snprintf(line, sizeof(line), "Hello, %s!", question->name);
	act_reply(self, message, Greeting, .line = line);
}

static const struct act_kind greeter_kind = {.name = "greeter", .handle = greet};

static int visit(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle greeter = act_spawn(self, &greeter_kind, "greeter");
	struct act_message *reply;
	int error = act_ask(self, greeter, &reply, Greet, .name = "world");

	puts(error ? act_strerror(error) : act_as(reply, Greeting)->line);
	act_release(self, reply);
	act_drop(self, &greeter);
	return error;
}

static const struct act_kind visitor_kind = {.name = "visitor", .start = visit};

int main(void)
{
	return act_run(NULL, &visitor_kind, "visitor") ? 1 : 0;
}
