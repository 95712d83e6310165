/* Connections without a socket: what goes in at one end comes out at the other, as by a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include <act/tcp.h>
#include <act/ws.h>

#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"

enum { SEEDS = 20, MANY = 400, TEXT_SIZE = 1000 };

/* --- an owner who writes down what comes ------------------------------------------------------ */

ACT_MESSAGE(ListenerInit, (handle, socket), (u64, pause))
ACT_SIGNAL(WhenOwner)
ACT_SIGNAL(WhenClosed)
ACT_MESSAGE(Heard, (text, what))

struct listener {
	struct act_handle socket;
	uint64_t pause; /* nanoseconds for each text */
	struct act_token asker;
	bool closed;
	char heard[4000];
	size_t length;
};

static int listener_start(struct act_self *self, void *state, struct act_message *init)
{
	struct listener *listener = state;
	struct ListenerInit *fields = act_as(init, ListenerInit);
	listener->socket = act_take(&fields->socket);
	listener->pause = fields->pause;
	expect(act_ws_own(self, listener->socket) == 0);
	return 0;
}

/* Of long texts only how they begin. */
static void write_down(struct listener *listener, const char *text)
{
	int length = snprintf(listener->heard + listener->length,
			      sizeof(listener->heard) - listener->length, "%.6s;", text);
	expect(length < (int)(sizeof(listener->heard) - listener->length));
	listener->length += (size_t)length;
}

static void listener_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct listener *listener = state;
	struct WsText *text = act_as(message, WsText);
	struct WsClosed *closed = act_as(message, WsClosed);
	char end[160];
	if (act_as(message, WhenClosed)) {
		listener->asker = act_token_of(message);
	} else if (act_as(message, WhenOwner)) {
		act_reply(self, message, Heard, .what = listener->heard);
	} else if (text) {
		write_down(listener, text->text);
		if (listener->pause)
			act_sleep(self, listener->pause);
	} else if (closed) {
		expect(!listener->closed);
		listener->closed = true;
		snprintf(end, sizeof(end), "%d%s", (int)closed->code, closed->reason);
		write_down(listener, end);
	}
	if (listener->closed && listener->asker.ask)
		act_answer(self, &listener->asker, Heard, .what = listener->heard);
}

static void listener_stop(struct act_self *self, void *state)
{
	act_drop(self, &((struct listener *)state)->socket);
}

static const struct act_kind listener_kind = {
	.name = "listener",
	.state_size = sizeof(struct listener),
	.mailbox = 2,
	.start = listener_start,
	.handle = listener_handle,
	.stop = listener_stop,
};

static struct act_handle listen_to(struct act_self *self, struct act_handle end, uint64_t pause)
{
	return act_spawn_with(self, &listener_kind, NULL, ListenerInit,
			      .socket = act_clone(self, end), .pause = pause);
}

static void make_pair(struct act_self *self, struct act_handle ends[2])
{
	expect(act_ws_pair(self, "wire", ends) == 0);
	expect(strcmp(act_name(ends[0]), "wire") == 0 && strcmp(act_name(ends[1]), "wire") == 0);
}

static void drop_pair(struct act_self *self, struct act_handle ends[2])
{
	act_drop(self, &ends[0]);
	act_drop(self, &ends[1]);
}

/* Waits until the connection is closed; `expected` is all that came, and the listener goes. */
static void expect_heard(struct act_self *self, struct act_handle *listener, const char *expected)
{
	struct act_message *reply;
	expect(act_ask(self, *listener, &reply, WhenClosed) == 0);
	if (strcmp(act_as(reply, Heard)->what, expected) != 0)
		fprintf(stderr, "heard %s\n", act_as(reply, Heard)->what);
	expect(strcmp(act_as(reply, Heard)->what, expected) == 0);
	act_release(self, reply);
	act_drop(self, listener);
}

/* With several orders of what happens, each recorded and looked at. */
static void run_with_seeds(void (*body)(struct act_self *self))
{
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		run_checked(&(struct act_options){.seed = seed}, body);
}

/* The same, and with threads. */
static void run_in_many_ways(void (*body)(struct act_self *self))
{
	run_with_seeds(body);
	run_body(&(struct act_options){.workers = 3}, body);
}

/* --- what is said, and the end of it ---------------------------------------------------------- */

static void talk(struct act_self *self)
{
	struct act_handle ends[2];
	struct act_message *reply;
	make_pair(self, ends);
	struct act_handle ann = listen_to(self, ends[0], 0);
	expect(act_ask(self, ann, &reply, WhenOwner) == 0);
	act_release(self, reply);
	expect(act_ws_send(self, ends[0], "one") == 0);
	struct act_handle bob = listen_to(self, ends[1], 10);
	expect(act_ws_send(self, ends[0], "two") == 0);
	expect(act_ws_send(self, ends[1], "back") == 0);
	expect(act_ws_send(self, ends[0], "") == 0);
	expect(act_ws_send(self, ends[0], "three") == 0);
	act_ws_close(self, ends[0], 4001, "!");
	expect_heard(self, &bob, "one;two;;three;4001!;");
	expect_heard(self, &ann, "back;4001!;");
	expect(act_ws_send(self, ends[0], "more") == ACT_ECLOSED);
	expect(act_ws_send(self, ends[1], "more") == ACT_ECLOSED);
	act_ws_close(self, ends[1], 1000, NULL);
	drop_pair(self, ends);
}

static void test_texts_come_in_order_and_then_the_end(void **state)
{
	run_in_many_ways(talk);
}

static void go_away(struct act_self *self)
{
	struct act_handle ends[2];
	struct act_message *reply;
	make_pair(self, ends);
	struct act_handle bob = listen_to(self, ends[1], 0);
	expect(act_ws_send(self, ends[0], "one") == 0);
	drop_pair(self, ends);
	expect_heard(self, &bob, "one;1001;");

	/* An owner that ends hangs up, too. */
	make_pair(self, ends);
	struct act_handle ann = listen_to(self, ends[0], 0);
	bob = listen_to(self, ends[1], 0);
	expect(act_ask(self, bob, &reply, WhenOwner) == 0);
	act_release(self, reply);
	expect(act_ws_send(self, ends[1], "one") == 0);
	act_stop(self, bob);
	expect(act_join(self, bob) == 0);
	act_drop(self, &bob);
	expect(act_ws_send(self, ends[0], "two") == 0);
	expect_heard(self, &ann, "one;1001;");
	expect(act_ws_send(self, ends[0], "three") == ACT_ECLOSED);
	drop_pair(self, ends);

	/* Before it has begun. */
	make_pair(self, ends);
	act_stop(self, ends[1]);
	ann = listen_to(self, ends[0], 0);
	expect_heard(self, &ann, "1001;");
	drop_pair(self, ends);

	/* Nobody ever looked. */
	make_pair(self, ends);
	drop_pair(self, ends);
}

static void test_who_goes_away_hangs_up(void **state)
{
	run_in_many_ways(go_away);
}

/* --- waiting for a slow owner ----------------------------------------------------------------- */

ACT_MESSAGE(TalkerInit, (handle, socket))
ACT_SIGNAL(HowMuch)
ACT_MESSAGE(ThisMuch, (u64, texts), (i64, error))

struct talker {
	uint64_t texts;
	int error;
};

/* Talks until it cannot any more. */
static int talker_start(struct act_self *self, void *state, struct act_message *init)
{
	struct talker *talker = state;
	struct act_handle socket = act_take(&act_as(init, TalkerInit)->socket);
	char text[TEXT_SIZE + 1];
	memset(text, 'x', TEXT_SIZE);
	text[TEXT_SIZE] = '\0';
	while (talker->texts < MANY && talker->error == 0) {
		talker->error = act_ws_send(self, socket, text);
		talker->texts += talker->error == 0;
	}
	act_drop(self, &socket);
	return 0;
}

static void talker_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct talker *talker = state;
	act_reply(self, message, ThisMuch, .texts = talker->texts, .error = talker->error);
}

static const struct act_kind talker_kind = {
	.name = "talker",
	.state_size = sizeof(struct talker),
	.start = talker_start,
	.handle = talker_handle,
};

static void hang_up_on_a_talker(struct act_self *self)
{
	struct act_handle ends[2];
	struct act_message *reply;
	make_pair(self, ends);
	struct act_handle talker = act_spawn_with(self, &talker_kind, NULL, TalkerInit,
						  .socket = act_clone(self, ends[0]));
	/* Nobody takes anything out at the other end: the talker comes to wait. */
	expect(act_ask_within(self, talker, &reply, 50 * ACT_MILLISECOND, HowMuch) ==
	       ACT_EDEADLINE);
	act_ws_close(self, ends[1], 1000, "enough");
	expect(act_ask(self, talker, &reply, HowMuch) == 0);
	expect(act_as(reply, ThisMuch)->error == ACT_ECLOSED);
	expect(act_as(reply, ThisMuch)->texts == 65536 / TEXT_SIZE);
	act_release(self, reply);
	act_drop(self, &talker);
	drop_pair(self, ends);
}

static void test_a_waiting_sender_is_told_of_the_end(void **state)
{
	run_with_seeds(hang_up_on_a_talker);
}

static void drown_a_slow_owner(struct act_self *self)
{
	struct act_handle ends[2];
	struct act_message *reply;
	char expected[MANY * 7 + 10] = "";
	make_pair(self, ends);
	struct act_handle bob = listen_to(self, ends[1], 1000);
	struct act_handle talker = act_spawn_with(self, &talker_kind, NULL, TalkerInit,
						  .socket = act_clone(self, ends[0]));
	expect(act_ask(self, talker, &reply, HowMuch) == 0);
	expect(act_as(reply, ThisMuch)->texts == MANY);
	act_release(self, reply);
	act_drop(self, &talker);
	drop_pair(self, ends);
	for (int i = 0; i < MANY; i++)
		strcat(expected, "xxxxxx;");
	strcat(expected, "1001;");
	expect_heard(self, &bob, expected);
}

static void test_nothing_is_lost_on_a_slow_owner(void **state)
{
	run_in_many_ways(drown_a_slow_owner);
}

/* --- TCP -------------------------------------------------------------------------------------- */

struct reader {
	struct act_handle socket;
	struct act_token asker;
	size_t length;
	bool closed;
	char bytes[40];
};

static int reader_start(struct act_self *self, void *state, struct act_message *init)
{
	struct reader *reader = state;
	reader->socket = act_take(&act_as(init, TalkerInit)->socket);
	return act_tcp_own(self, reader->socket);
}

static void reader_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct reader *reader = state;
	struct TcpData *data = act_as(message, TcpData);
	if (act_as(message, WhenClosed)) {
		reader->asker = act_token_of(message);
	} else if (data) {
		expect(reader->length + data->data.size < sizeof(reader->bytes));
		if (data->data.size)
			memcpy(reader->bytes + reader->length, data->data.data, data->data.size);
		reader->length += data->data.size;
	} else if (act_as(message, TcpClosed)) {
		expect(act_as(message, TcpClosed)->error == 0);
		reader->closed = true;
	}
	if (reader->closed && reader->asker.ask) {
		act_answer(self, &reader->asker, Heard, .what = reader->bytes);
		act_drop(self, &reader->socket);
	}
}

static const struct act_kind reader_kind = {
	.name = "reader",
	.state_size = sizeof(struct reader),
	.start = reader_start,
	.handle = reader_handle,
};

static void write_bytes(struct act_self *self)
{
	struct act_handle ends[2];
	expect(act_tcp_pair(self, NULL, ends) == 0);
	struct act_handle reader = act_spawn_with(self, &reader_kind, NULL, TalkerInit,
						  .socket = act_clone(self, ends[1]));
	expect(act_tcp_write(self, ends[0], "GET ", 4) == 0);
	expect(act_tcp_write(self, ends[0], NULL, 0) == 0);
	expect(act_tcp_write(self, ends[0], "/", 1) == 0);
	act_tcp_close(self, ends[0]);
	expect_heard(self, &reader, "GET /");
	expect(act_tcp_write(self, ends[0], "x", 1) == ACT_ECLOSED);
	drop_pair(self, ends);
}

static void test_bytes_come_whole(void **state)
{
	run_in_many_ways(write_bytes);
}

/* --- the network, and the end of all ---------------------------------------------------------- */

static void try_the_network(struct act_self *self)
{
	struct act_handle socket = ACT_NOBODY;
	expect(act_tcp_listen(self, NULL, &socket, NULL) == ACT_ENETWORK);
	expect(act_ws_listen(self, NULL, &socket, NULL) == ACT_ENETWORK);
	expect(act_tcp_connect(self, "127.0.0.1", 1, &socket) == ACT_ENETWORK);
	expect(!socket.actor);
}

static void test_with_a_seed_there_is_no_network(void **state)
{
	run_body(&(struct act_options){.seed = 1}, try_the_network);
}

static void stop_in_the_middle(struct act_self *self)
{
	struct act_handle ends[2];
	make_pair(self, ends);
	struct act_handle bob = listen_to(self, ends[1], ACT_SECOND);
	struct act_handle talker = act_spawn_with(self, &talker_kind, NULL, TalkerInit,
						  .socket = act_clone(self, ends[0]));
	act_sleep(self, act_random(self) % 20 * ACT_MILLISECOND);
	act_system_stop(act_system_of(self));
	act_drop(self, &bob);
	act_drop(self, &talker);
	drop_pair(self, ends);
}

static void test_a_system_stops_with_open_pairs(void **state)
{
	run_in_many_ways(stop_in_the_middle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_come_in_order_and_then_the_end),
		cmocka_unit_test(test_who_goes_away_hangs_up),
		cmocka_unit_test(test_a_waiting_sender_is_told_of_the_end),
		cmocka_unit_test(test_nothing_is_lost_on_a_slow_owner),
		cmocka_unit_test(test_bytes_come_whole),
		cmocka_unit_test(test_with_a_seed_there_is_no_network),
		cmocka_unit_test(test_a_system_stops_with_open_pairs),
	};
	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
