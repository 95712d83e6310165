#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <act/tcp.h>

#include "tests/runtime/support.h"

enum { CHUNK = 50000, CHUNKS = 100 };

ACT_MESSAGE(Socket, (handle, socket))
ACT_MESSAGE(Count, (u64, bytes))

/* What is sent: each byte tells its place. */
static uint8_t byte_at(uint64_t place)
{
	return (uint8_t)(place * 31 + (place >> 8));
}

/* --- echo: sends back what comes -------------------------------------------------------------- */

struct echo {
	struct act_handle socket;
};

static int echo_start(struct act_self *self, void *state, struct act_message *init)
{
	struct echo *echo = state;
	echo->socket = act_take(&act_as(init, Socket)->socket);
	expect(act_tcp_own(self, echo->socket) == 0);
	return 0;
}

static void echo_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct echo *echo = state;
	struct TcpData *data = act_as(message, TcpData);
	struct TcpClosed *closed = act_as(message, TcpClosed);
	if (data) {
		act_tcp_write(self, echo->socket, data->data.data, data->data.size);
	} else if (closed) {
		expect(closed->error == 0);
		act_drop(self, &echo->socket);
	}
}

static void echo_stop(struct act_self *self, void *state)
{
	struct echo *echo = state;
	act_drop(self, &echo->socket);
}

/* A mailbox of one makes the socket wait for its owner all the time. */
static const struct act_kind echo_kind = {
	.name = "echo",
	.state_size = sizeof(struct echo),
	.mailbox = 1,
	.start = echo_start,
	.handle = echo_handle,
	.stop = echo_stop,
};

/* --- server: an echo for each connection ------------------------------------------------------ */

ACT_SIGNAL(WhichPort)
ACT_MESSAGE(Port, (u64, port))

struct server {
	struct act_handle listener;
	uint16_t port;
};

static int server_start(struct act_self *self, void *state, struct act_message *init)
{
	struct server *server = state;
	return act_tcp_listen(self, NULL, &server->listener, &server->port);
}

static void server_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct server *server = state;
	struct TcpAccepted *accepted = act_as(message, TcpAccepted);
	if (act_as(message, WhichPort)) {
		act_reply(self, message, Port, .port = server->port);
	} else if (accepted) {
		expect(strncmp(accepted->peer, "127.0.0.1:", 10) == 0);
		struct act_handle echo = act_spawn_with(self, &echo_kind, NULL, Socket,
							.socket = act_take(&accepted->connection));
		act_drop(self, &echo);
	}
}

static void server_stop(struct act_self *self, void *state)
{
	struct server *server = state;
	act_drop(self, &server->listener);
}

static const struct act_kind server_kind = {
	.name = "server",
	.state_size = sizeof(struct server),
	.start = server_start,
	.handle = server_handle,
	.stop = server_stop,
};

static uint16_t start_server(struct act_self *self, struct act_handle *ret_server)
{
	struct act_message *reply;
	*ret_server = act_spawn(self, &server_kind, NULL);
	expect(act_ask(self, *ret_server, &reply, WhichPort) == 0);
	uint16_t port = (uint16_t)act_as(reply, Port)->port;
	act_release(self, reply);
	expect(port != 0);
	return port;
}

static struct act_handle connect_to(struct act_self *self, uint16_t port)
{
	struct act_handle socket;
	expect(act_tcp_connect(self, "127.0.0.1", port, &socket) == 0);
	return socket;
}

/* --- counter: checks what comes back ---------------------------------------------------------- */

ACT_SIGNAL(WhenDone)

struct counter {
	struct act_handle socket;
	uint64_t bytes;
	struct act_token asker;
};

static int counter_start(struct act_self *self, void *state, struct act_message *init)
{
	struct counter *counter = state;
	counter->socket = act_take(&act_as(init, Socket)->socket);
	expect(act_tcp_own(self, counter->socket) == 0);
	return 0;
}

static void counter_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct counter *counter = state;
	struct TcpData *data = act_as(message, TcpData);
	if (act_as(message, WhenDone))
		counter->asker = act_token_of(message);
	if (!data)
		return;
	const uint8_t *bytes = data->data.data;
	for (size_t i = 0; i < data->data.size; i++)
		expect(bytes[i] == byte_at(counter->bytes++));
	if (counter->bytes == (uint64_t)CHUNK * CHUNKS) {
		act_answer(self, &counter->asker, Count, .bytes = counter->bytes);
		act_drop(self, &counter->socket);
	}
}

static const struct act_kind counter_kind = {
	.name = "counter",
	.state_size = sizeof(struct counter),
	.mailbox = 2,
	.start = counter_start,
	.handle = counter_handle,
};

/* --- writer: writes it all -------------------------------------------------------------------- */

static int writer_start(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle socket = act_take(&act_as(init, Socket)->socket);
	uint8_t *chunk = malloc(CHUNK);
	expect(chunk);
	for (uint64_t i = 0; i < CHUNKS; i++) {
		for (uint64_t j = 0; j < CHUNK; j++)
			chunk[j] = byte_at(i * CHUNK + j);
		expect(act_tcp_write(self, socket, chunk, CHUNK) == 0);
	}
	free(chunk);
	act_drop(self, &socket);
	return 0;
}

static const struct act_kind writer_kind = {
	.name = "writer", .start = writer_start, .handle = ignore_message};

/* --- tests ------------------------------------------------------------------------------------ */

static void echo_much(struct act_self *self)
{
	struct act_handle server;
	struct act_message *reply;
	struct act_handle socket = connect_to(self, start_server(self, &server));
	struct act_handle counter = act_spawn_with(self, &counter_kind, NULL, Socket,
						   .socket = act_clone(self, socket));
	struct act_handle writer =
		act_spawn_with(self, &writer_kind, NULL, Socket, .socket = socket);
	expect(act_ask(self, counter, &reply, WhenDone) == 0);
	expect(act_as(reply, Count)->bytes == (uint64_t)CHUNK * CHUNKS);
	act_release(self, reply);
	act_drop(self, &counter);
	act_drop(self, &writer);
	act_stop(self, server);
	act_drop(self, &server);
}

static void test_much_comes_back_whole_and_in_order(void **state)
{
	run_body(NULL, echo_much);
	run_alone(echo_much);
}

static void meet_errors(struct act_self *self)
{
	struct act_handle server, socket, listener = ACT_NOBODY;
	uint16_t port = start_server(self, &server);
	struct act_tcp_options options = {.port = port};
	expect(act_tcp_listen(self, &options, &listener, NULL) == -EADDRINUSE);
	options = (struct act_tcp_options){.address = "no address"};
	expect(act_tcp_listen(self, &options, &listener, NULL) == -EINVAL);
	expect(!listener.actor);
	expect(act_tcp_connect(self, "no address", port, &socket) == -EINVAL);

	act_stop(self, server);
	expect(act_join(self, server) == 0);
	act_drop(self, &server);
	/* The listener ends a little later than its owner. */
	int error;
	while ((error = act_tcp_connect(self, "127.0.0.1", port, &socket)) == 0)
		act_drop(self, &socket);
	expect(error == -ECONNREFUSED || error == -ECONNRESET);
}

static void test_errors_are_told(void **state)
{
	run_body(NULL, meet_errors);
}

/* Gets one connection and closes it at once. */
static void rude_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct server *server = state;
	struct TcpAccepted *accepted = act_as(message, TcpAccepted);
	if (act_as(message, WhichPort))
		act_reply(self, message, Port, .port = server->port);
	else if (accepted)
		act_tcp_close(self, accepted->connection);
}

static const struct act_kind rude_kind = {
	.name = "rude",
	.state_size = sizeof(struct server),
	.start = server_start,
	.handle = rude_handle,
	.stop = server_stop,
};

static void write_to_the_closed(struct act_self *self)
{
	struct act_handle server = act_spawn(self, &rude_kind, NULL);
	struct act_message *reply;
	expect(act_ask(self, server, &reply, WhichPort) == 0);
	struct act_handle socket = connect_to(self, (uint16_t)act_as(reply, Port)->port);
	act_release(self, reply);
	int error;
	while ((error = act_tcp_write(self, socket, "x", 1)) == 0)
		;
	expect(error == ACT_ECLOSED);
	expect(act_tcp_write(self, socket, "x", 1) == ACT_ECLOSED);
	act_drop(self, &socket);
	act_stop(self, server);
	act_drop(self, &server);
}

static void test_writing_to_a_closed_peer_fails(void **state)
{
	run_body(NULL, write_to_the_closed);
}

/* --- an owner who is told of the end ---------------------------------------------------------- */

struct mourner {
	struct act_handle socket;
	struct act_token asker;
	bool closed;
};

static int mourner_start(struct act_self *self, void *state, struct act_message *init)
{
	struct mourner *mourner = state;
	mourner->socket = act_take(&act_as(init, Socket)->socket);
	expect(act_tcp_own(self, mourner->socket) == 0);
	return 0;
}

static void mourner_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct mourner *mourner = state;
	struct TcpClosed *closed = act_as(message, TcpClosed);
	if (act_as(message, WhenDone))
		mourner->asker = act_token_of(message);
	if (closed) {
		expect(closed->error == 0);
		expect(!mourner->closed);
		mourner->closed = true;
	}
	if (mourner->closed && mourner->asker.ask) {
		act_answer(self, &mourner->asker, Count, .bytes = 0);
		act_drop(self, &mourner->socket);
	}
}

static const struct act_kind mourner_kind = {
	.name = "mourner",
	.state_size = sizeof(struct mourner),
	.start = mourner_start,
	.handle = mourner_handle,
};

static void hear_of_the_end(struct act_self *self)
{
	struct act_handle server = act_spawn(self, &rude_kind, NULL);
	struct act_message *reply;
	expect(act_ask(self, server, &reply, WhichPort) == 0);
	uint16_t port = (uint16_t)act_as(reply, Port)->port;
	act_release(self, reply);
	struct act_handle mourner =
		act_spawn_with(self, &mourner_kind, NULL, Socket, .socket = connect_to(self, port));
	expect(act_ask(self, mourner, &reply, WhenDone) == 0);
	act_release(self, reply);
	act_drop(self, &mourner);
	act_stop(self, server);
	act_drop(self, &server);
}

static void test_the_owner_hears_of_the_end_once(void **state)
{
	run_body(NULL, hear_of_the_end);
}

static void stop_in_the_middle(struct act_self *self)
{
	struct act_handle server;
	struct act_handle socket = connect_to(self, start_server(self, &server));
	act_system_stop(act_system_of(self));
	expect(act_tcp_write(self, socket, "x", 1) != 0);
	act_drop(self, &socket);
	act_drop(self, &server);
}

static void test_a_system_stops_with_open_sockets(void **state)
{
	run_body(NULL, stop_in_the_middle);
	run_alone(stop_in_the_middle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_much_comes_back_whole_and_in_order),
		cmocka_unit_test(test_errors_are_told),
		cmocka_unit_test(test_writing_to_a_closed_peer_fails),
		cmocka_unit_test(test_the_owner_hears_of_the_end_once),
		cmocka_unit_test(test_a_system_stops_with_open_sockets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
