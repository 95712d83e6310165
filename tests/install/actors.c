/* What a user writes: valid C11 and valid C++17. */
#include <act/act.h>
#include <act/tcp.h>
#include <act/ws.h>

#include <stdio.h>

ACT_MESSAGE(Greet, (text, name))
ACT_MESSAGE(Greeting, (text, line))
ACT_MESSAGE(VisitorInit, (handle, greeter))
ACT_SIGNAL(Tick)

static void greet(struct act_self *self, void *state, struct act_message *message)
{
	struct Greet *question = act_as(message, Greet);
	char line[100];

	(void)state;
	if (!question)
		return;
	snprintf(line, sizeof(line), "Hello, %s!", question->name);
	act_reply(self, message, Greeting, .line = line);
}

/* A socket that is closed at once, so that libuv is linked, too. */
static void use_sockets(struct act_self *self)
{
	struct act_ws_options options = {0};
	struct act_handle listener;

	if (act_ws_listen(self, &options, &listener, NULL) == 0) {
		act_stop(self, listener);
		act_drop(self, &listener);
	}
}

static int ask_twice(struct act_self *self, struct act_handle greeter)
{
	struct act_question questions[2] = {
		ACT_QUESTION(self, greeter, Greet, .name = "one"),
		ACT_QUESTION(self, greeter, Greet, .name = "two"),
	};
	int error = act_ask_all(self, questions, 2);

	act_release(self, questions[0].reply);
	act_release(self, questions[1].reply);
	return error;
}

static int visit(struct act_self *self, void *state, struct act_message *init)
{
	struct VisitorInit *fields = act_as(init, VisitorInit);
	struct act_message *reply;
	int error;

	(void)state;
	error = act_send(self, fields->greeter, Tick);
	if (error == 0)
		error = ask_twice(self, fields->greeter);
	if (error == 0)
		error = act_ask(self, fields->greeter, &reply, Greet, .name = "user");
	puts(error ? act_strerror(error) : act_as(reply, Greeting)->line);
	if (error == 0)
		act_release(self, reply);
	act_log(self, "%d", error);
	use_sockets(self);
	return error;
}

int main(void)
{
	static struct act_kind greeter_kind, visitor_kind;
	struct act_system *system = act_system_new(NULL);
	struct act_handle greeter, visitor;
	int error;

	greeter_kind.name = "greeter";
	greeter_kind.handle = greet;
	visitor_kind.name = "visitor";
	visitor_kind.start = visit;
	if (!system)
		return 1;
	greeter = act_system_spawn(system, &greeter_kind, "greeter");
	visitor =
		act_system_spawn_with(system, &visitor_kind, NULL, VisitorInit, .greeter = greeter);
	act_system_drop(system, &visitor);
	error = act_system_run(system);
	act_system_free(system);
	return error ? 1 : 0;
}
