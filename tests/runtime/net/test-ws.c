/*
 * A host on a thread of its own owns one WebSocket at a time; the test is its client.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <netinet/in.h>

#include <cmocka.h>

#include <act/ws.h>

#include "examples/chat/ws-client.h"
#include "tests/runtime/support.h"

enum { PATIENCE_MS = 30000, MESSAGES = 3000 };

/* What the host does with the first text, besides counting. */
enum behaviour { LISTENS, CLOSES, SENDS_FOR_EVER, DROPS };

static struct {
	struct act_ws_options options;
	enum behaviour behaviour;
	struct act_system *system;
	pthread_t thread;
	int ports[2]; /* a pipe */

	/* To be read when the thread has ended. */
	unsigned texts;
	bool in_order;
	int send_error;
	int64_t close_code;
	char close_reason[128];
} host;

/* --- the host --------------------------------------------------------------------------------- */

struct state {
	struct act_handle listener;
	struct act_handle socket;
};

static int host_start(struct act_self *self, void *data, struct act_message *init)
{
	struct state *state = data;
	uint16_t port;
	expect(act_ws_listen(self, &host.options, &state->listener, &port) == 0);
	expect(write(host.ports[1], &port, sizeof(port)) == sizeof(port));
	return 0;
}

static void send_for_ever(struct act_self *self, struct state *state)
{
	static char text[100001];
	memset(text, 'x', sizeof(text) - 1);
	do {
		host.send_error = act_ws_send(self, state->socket, text);
	} while (host.send_error == 0);
}

static void react(struct act_self *self, struct state *state)
{
	switch (host.behaviour) {
	case LISTENS:
		break;
	case CLOSES:
		act_ws_close(self, state->socket, 4000, "enough");
		host.send_error = act_ws_send(self, state->socket, "more");
		break;
	case SENDS_FOR_EVER:
		send_for_ever(self, state);
		break;
	case DROPS:
		act_system_stop(host.system);
		break;
	}
}

static void host_handle(struct act_self *self, void *data, struct act_message *message)
{
	struct state *state = data;
	struct WsAccepted *accepted = act_as(message, WsAccepted);
	struct WsText *text = act_as(message, WsText);
	struct WsClosed *closed = act_as(message, WsClosed);
	if (accepted) {
		act_drop(self, &state->socket);
		state->socket = act_take(&accepted->connection);
		expect(act_ws_own(self, state->socket) == 0);
	} else if (text) {
		host.in_order &= (unsigned)atoi(text->text) == host.texts;
		host.texts++;
		react(self, state);
	} else if (closed) {
		host.close_code = closed->code;
		strncpy(host.close_reason, closed->reason, sizeof(host.close_reason) - 1);
		act_system_stop(host.system);
	}
}

static void host_stop(struct act_self *self, void *data)
{
	struct state *state = data;
	act_drop(self, &state->listener);
	act_drop(self, &state->socket);
}

static const struct act_kind host_kind = {
	.name = "host",
	.state_size = sizeof(struct state),
	.mailbox = 1, /* so that the socket waits for its owner all the time */
	.start = host_start,
	.handle = host_handle,
	.stop = host_stop,
};

static void *run_host(void *unused)
{
	expect(act_system_run(host.system) == 0);
	return NULL;
}

static uint16_t start_host(enum behaviour behaviour, const struct act_ws_options *options)
{
	uint16_t port;
	memset(&host, 0, sizeof(host));
	host.behaviour = behaviour;
	host.options = *options;
	host.in_order = true;
	assert_int_equal(pipe(host.ports), 0);
	host.system = act_system_new(NULL);
	assert_non_null(host.system);
	struct act_handle actor = act_system_spawn(host.system, &host_kind, NULL);
	act_system_drop(host.system, &actor);
	assert_int_equal(pthread_create(&host.thread, NULL, run_host, NULL), 0);
	assert_int_equal(read(host.ports[0], &port, sizeof(port)), sizeof(port));
	return port;
}

/* Waits until it has ended by itself. */
static void join_host(void)
{
	assert_int_equal(pthread_join(host.thread, NULL), 0);
	act_system_free(host.system);
	close(host.ports[0]);
	close(host.ports[1]);
}

/* --- the client ------------------------------------------------------------------------------- */

static struct ws_client *connect_client(uint16_t port, int receive_buffer)
{
	char error[WS_CLIENT_ERROR];
	struct ws_client_options options = {.dial = {.receive_buffer = receive_buffer},
					    .connect_ms = PATIENCE_MS};
	struct ws_client *client = ws_client_open("127.0.0.1", port, &options, NULL, NULL, error);
	if (!client)
		fail_msg("%s", error);
	return client;
}

static void say(struct ws_client *client, const char *text)
{
	assert_true(ws_client_send(client, text, strlen(text)));
}

static void poll_until_closed(struct ws_client *client)
{
	int64_t deadline = dial_clock_ms() + PATIENCE_MS;
	while (ws_client_is_open(client) && dial_clock_ms() < deadline)
		ws_clients_poll(&client, 1, 100);
	assert_false(ws_client_is_open(client));
}

static void poll_until_sent(struct ws_client *client)
{
	int64_t deadline = dial_clock_ms() + PATIENCE_MS;
	while (ws_client_queued(client) > 0 && dial_clock_ms() < deadline)
		ws_clients_poll(&client, 1, 100);
	assert_int_equal(ws_client_queued(client), 0);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_texts_arrive_in_order_whatever_the_mailbox(void **state)
{
	struct ws_client *client =
		connect_client(start_host(LISTENS, &(struct act_ws_options){0}), 0);
	for (int i = 0; i < MESSAGES; i++) {
		char text[16];
		snprintf(text, sizeof(text), "%d", i);
		say(client, text);
	}
	poll_until_sent(client);
	ws_client_close(client, 1000);
	poll_until_closed(client);
	ws_client_free(client);
	join_host();
	assert_int_equal(host.texts, MESSAGES);
	assert_true(host.in_order);
	assert_int_equal(host.close_code, 1000);
}

static void test_the_owner_closes(void **state)
{
	struct ws_client *client =
		connect_client(start_host(CLOSES, &(struct act_ws_options){0}), 0);
	say(client, "0");
	poll_until_closed(client);
	assert_int_equal(ws_client_close_code(client), 4000);
	assert_string_equal(ws_client_close_reason(client), "enough");
	ws_client_free(client);
	join_host();
	assert_int_equal(host.send_error, ACT_ECLOSED);
	assert_int_equal(host.close_code, 4000);
}

static void test_a_limit_of_its_own_for_messages(void **state)
{
	struct act_ws_options options = {.message_limit = 10};
	struct ws_client *client = connect_client(start_host(LISTENS, &options), 0);
	say(client, "0123456789");
	say(client, "01234567890");
	poll_until_closed(client);
	assert_int_equal(ws_client_close_code(client), 1009);
	ws_client_free(client);
	join_host();
	assert_int_equal(host.texts, 1);
	assert_int_equal(host.close_code, 1009);
	assert_string_equal(host.close_reason, "message is too long");
}

/* The intervals are long enough for a machine on which a process has to wait for its turn. */
static void test_who_does_not_answer_pings_is_gone(void **state)
{
	struct act_ws_options options = {.ping_interval = 500 * ACT_MILLISECOND};
	struct ws_client *client = connect_client(start_host(LISTENS, &options), 0);
	join_host(); /* the client is never polled: it answers nothing */
	assert_int_equal(host.close_code, 1006);
	ws_client_free(client);
}

static void test_who_answers_pings_stays(void **state)
{
	struct act_ws_options options = {.ping_interval = 2 * ACT_SECOND};
	struct ws_client *client = connect_client(start_host(LISTENS, &options), 0);
	/* With each ping bytes move, in both directions. */
	for (int pings = 0; pings < 2;)
		pings += ws_clients_poll(&client, 1, PATIENCE_MS);
	assert_true(ws_client_is_open(client));
	ws_client_close(client, 1001);
	poll_until_closed(client);
	ws_client_free(client);
	join_host();
	assert_int_equal(host.close_code, 1001);
}

static void test_who_writes_learns_that_the_peer_vanished(void **state)
{
	uint16_t port = start_host(SENDS_FOR_EVER, &(struct act_ws_options){0});
	struct ws_client *client = connect_client(port, 4096);
	say(client, "0");
	poll_until_sent(client);
	ws_client_stop_reading(client);
	ws_client_vanish(client);
	join_host();
	assert_int_equal(host.send_error, ACT_ECLOSED);
	assert_int_equal(host.close_code, 1006);
	ws_client_free(client);
}

static void test_who_writes_learns_that_the_peer_is_silent(void **state)
{
	/* Reads nothing, but keeps its socket: only the pings tell. */
	struct act_ws_options options = {.ping_interval = 500 * ACT_MILLISECOND};
	struct ws_client *client = connect_client(start_host(SENDS_FOR_EVER, &options), 4096);
	say(client, "0");
	poll_until_sent(client);
	join_host();
	assert_int_equal(host.send_error, ACT_ECLOSED);
	assert_int_equal(host.close_code, 1006);
	ws_client_free(client);
}

static void test_who_does_not_shake_hands_is_gone(void **state)
{
	struct act_ws_options options = {.handshake_limit = ACT_SECOND};
	uint16_t port = start_host(DROPS, &options);
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	char byte;
	assert_true(recv(fd, &byte, 1, 0) <= 0); /* returns when the server closes */
	close(fd);

	struct ws_client *client = connect_client(port, 0);
	say(client, "0");
	poll_until_closed(client);
	assert_int_equal(ws_client_close_code(client), 1001);
	ws_client_free(client);
	join_host();
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts_arrive_in_order_whatever_the_mailbox),
		cmocka_unit_test(test_the_owner_closes),
		cmocka_unit_test(test_a_limit_of_its_own_for_messages),
		cmocka_unit_test(test_who_does_not_answer_pings_is_gone),
		cmocka_unit_test(test_who_answers_pings_stays),
		cmocka_unit_test(test_who_writes_learns_that_the_peer_vanished),
		cmocka_unit_test(test_who_writes_learns_that_the_peer_is_silent),
		cmocka_unit_test(test_who_does_not_shake_hands_is_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
