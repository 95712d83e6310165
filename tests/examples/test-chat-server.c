/*
 * A careful server: whatever one client does, it gets a clear answer, and the others do not notice.
 * Each test has a witness in the room who must go on hearing what is said there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <netinet/in.h>

#include <cmocka.h>

#include "tests/examples/chat-fixture.h"

static const char *program;

struct room {
	struct server server;
	struct guest witness;
};

static void joined(struct guest *guest, const char *user)
{
	char frame[128];
	snprintf(frame, sizeof(frame), "{\"type\":\"Joined\",\"user\":\"%s\"}", user);
	guest_hears(guest, frame);
}

static void left(struct guest *guest, const char *user)
{
	char frame[128];
	snprintf(frame, sizeof(frame), "{\"type\":\"Left\",\"user\":\"%s\"}", user);
	guest_hears(guest, frame);
}

/* The witness is served as ever, and has heard nothing else meanwhile. */
static void is_unharmed(struct guest *witness)
{
	guest_send(witness, "{\"type\":\"SendMessage\",\"text\":\"still here\"}");
	guest_hears(witness, "{\"type\":\"Message\",\"text\":\"still here\",\"user\":\"witness\"}");
}

static int open_room(void **state)
{
	struct room *room = calloc(1, sizeof(*room));
	server_start(&room->server, program, NULL, 0);
	guest_join(&room->witness, &room->server, "lobby", "witness");
	*state = room;
	return 0;
}

static int close_room(void **state)
{
	struct room *room = *state;
	guest_free(&room->witness);
	int status = server_stop(&room->server);
	free(room);
	return status;
}

/* --- what is not the protocol ----------------------------------------------------------------- */

static void test_refuses_bad_first_frames(void **state)
{
	static const struct {
		const char *frame, *reason;
	} frames[] = {
		{"hello", "not JSON"},
		{"", "not JSON"},
		{"{\"type\":\"Connect\",\"room\":", "not JSON"},
		{"[1,2,3]", "\"type\""},
		{"{\"type\":\"Konnect\",\"room\":\"lobby\",\"user\":\"bob\"}", "unknown type"},
		{"{\"type\":[],\"room\":\"lobby\",\"user\":\"bob\"}", "\"type\""},
		{"{\"type\":\"Connect\",\"room\":7,\"user\":\"bob\"}", "\"room\" is not"},
		{"{\"type\":\"Connect\",\"room\":\"lobby\"}", "\"user\" is missing"},
		{"{\"type\":\"Connect\",\"room\":\"lobby\",\"user\":\"\"}", "\"user\" is empty"},
		{"{\"type\":\"Connect\",\"room\":\"\",\"user\":\"bob\"}", "\"room\" is empty"},
		{"{\"type\":\"Connect\",\"room\":\"lobby\",\"user\":\"a\\nb\"}", "not printable"},
		{"{\"type\":\"SendMessage\",\"text\":\"first!\"}", "first frame must be Connect"},
		{"{\"type\":\"Joined\",\"user\":\"bob\"}", "first frame must be Connect"},
	};
	struct room *room = *state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		struct guest guest;
		guest_connect(&guest, &room->server);
		guest_send(&guest, frames[i].frame);
		guest_is_closed(&guest, 1008, frames[i].reason);
		guest_free(&guest);
		is_unharmed(&room->witness);
	}
}

static void test_refuses_bad_later_frames(void **state)
{
	static const struct {
		const char *frame, *reason;
	} frames[] = {
		{"hello", "not JSON"},
		{"{\"type\":\"Connect\",\"room\":\"lobby\",\"user\":\"bob\"}", "connected already"},
		{"{\"type\":\"Left\",\"user\":\"witness\"}", "only servers"},
		{"{\"type\":\"SendMessage\",\"text\":1}", "\"text\" is not"},
		{"{\"type\":\"SendMessage\"}", "\"text\" is missing"},
		{"{\"type\":\"SendMessage\",\"text\":\"\\u0000\"}", "a text holds a NUL"},
	};
	struct room *room = *state;
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		struct guest guest;
		guest_join(&guest, &room->server, "lobby", "bob");
		joined(&room->witness, "bob");
		guest_send(&guest, frames[i].frame);
		guest_send(&guest, "{\"type\":\"SendMessage\",\"text\":\"too late\"}");
		guest_is_closed(&guest, 1008, frames[i].reason);
		guest_free(&guest);
		left(&room->witness, "bob");
		is_unharmed(&room->witness);
	}
}

static void test_refuses_deep_nesting(void **state)
{
	struct room *room = *state;
	struct guest guest;
	static char frame[60000];
	memset(frame, '[', sizeof(frame) - 1);
	guest_connect(&guest, &room->server);
	guest_send(&guest, frame);
	guest_is_closed(&guest, 1008, "nested too deeply");
	guest_free(&guest);
	is_unharmed(&room->witness);
}

static void test_refuses_long_names_and_texts(void **state)
{
	struct room *room = *state;
	struct guest guest;
	static char frame[50000];
	snprintf(frame, sizeof(frame),
		 "{\"type\":\"Connect\",\"room\":\"lobby\",\"user\":\"%065d\"}", 0);
	guest_connect(&guest, &room->server);
	guest_send(&guest, frame);
	guest_is_closed(&guest, 1008, "too long");
	guest_free(&guest);

	snprintf(frame, sizeof(frame), "{\"type\":\"SendMessage\",\"text\":\"%040000d\"}", 0);
	guest_join(&guest, &room->server, "lobby", "bob");
	joined(&room->witness, "bob");
	guest_send(&guest, frame);
	guest_is_closed(&guest, 1008, "too long");
	guest_free(&guest);
	left(&room->witness, "bob");
	is_unharmed(&room->witness);
}

static void test_refuses_binary_frames(void **state)
{
	struct room *room = *state;
	struct guest guest;
	guest_connect(&guest, &room->server);
	assert_true(ws_client_send_binary(guest.client, "\0\1", 2));
	guest_is_closed(&guest, 1003, "text");
	guest_free(&guest);
	is_unharmed(&room->witness);
}

static void test_refuses_oversized_frames(void **state)
{
	struct room *room = *state;
	struct guest guest;
	char *text = malloc(1 << 20);
	assert_non_null(text);
	memset(text, 'x', 1 << 20);
	guest_join(&guest, &room->server, "lobby", "bob");
	joined(&room->witness, "bob");
	assert_true(ws_client_send(guest.client, text, 1 << 20));
	guest_is_closed(&guest, 1009, "too long");
	guest_free(&guest);
	free(text);
	left(&room->witness, "bob");
	is_unharmed(&room->witness);
}

static void test_refuses_broken_framing(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		unsigned code;
	} cases[] = {
		{"\x81\x02hi", 4, 1002},                   /* not masked */
		{"\xc1\x81\x01\x02\x03\x04x", 7, 1002},    /* a reserved bit */
		{"\x83\x81\x01\x02\x03\x04x", 7, 1002},    /* an unknown opcode */
		{"\x80\x81\x01\x02\x03\x04x", 7, 1002},    /* continues nothing */
		{"\x81\x81\x01\x02\x03\x04\xfe", 7, 1007}, /* \xff, masked */
		{"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04x", 15, 1009},
	};
	struct room *room = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct guest guest;
		guest_connect(&guest, &room->server);
		guest_send_raw(&guest, cases[i].bytes, cases[i].size);
		guest_is_closed(&guest, cases[i].code, "");
		guest_free(&guest);
		is_unharmed(&room->witness);
	}
}

/* --- what is not even WebSocket --------------------------------------------------------------- */

static int connect_raw(const struct room *room)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(room->server.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void assert_http_answer(const struct room *room, const char *request, const char *status)
{
	char answer[1024];
	size_t size = 0;
	int fd = connect_raw(room);
	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	for (;;) {
		ssize_t got = recv(fd, answer + size, sizeof(answer) - 1 - size, 0);
		assert_true(got >= 0);
		size += (size_t)got;
		if (got == 0)
			break;
	}
	answer[size] = '\0';
	assert_memory_equal(answer, status, strlen(status));
	close(fd);
}

static void test_answers_other_http_requests(void **state)
{
	struct room *room = *state;
	assert_http_answer(room, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 426 ");
	assert_http_answer(room, "POST / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400 ");
	assert_http_answer(room, "\x16\x03\x01\x02\x05\x01", "HTTP/1.1 400 ");
	is_unharmed(&room->witness);
}

static void test_survives_unfinished_handshakes(void **state)
{
	static const char half[] = "GET / HTTP/1.1\r\nHost: x\r\nUpgra";
	struct linger at_once = {.l_onoff = 1};
	struct room *room = *state;
	for (int i = 0; i < 20; i++) {
		int fd = connect_raw(room);
		if (i % 2)
			assert_int_equal(send(fd, half, strlen(half), 0), strlen(half));
		if (i % 3)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
		close(fd);
	}
	is_unharmed(&room->witness);
}

/* --- coming and going ------------------------------------------------------------------------- */

static void test_notices_who_vanishes(void **state)
{
	struct room *room = *state;
	struct guest guest;
	guest_join(&guest, &room->server, "lobby", "bob");
	joined(&room->witness, "bob");
	ws_client_vanish(guest.client);
	guest_free(&guest);
	left(&room->witness, "bob");

	guest_join(&guest, &room->server, "lobby", "carol");
	joined(&room->witness, "carol");
	guest_free(&guest); /* an end without a close frame */
	left(&room->witness, "carol");
	is_unharmed(&room->witness);
}

static void test_vanishing_before_connect_is_nobodys_business(void **state)
{
	struct room *room = *state;
	struct guest guest;
	guest_connect(&guest, &room->server);
	ws_client_vanish(guest.client);
	guest_free(&guest);
	guest_connect(&guest, &room->server);
	guest_send(&guest, "{\"type\":\"Connect\",\"room\":\"den\",\"user\":\"bob\"}");
	ws_clients_poll(&guest.client, 1, 1000);
	ws_client_vanish(guest.client);
	guest_free(&guest);
	is_unharmed(&room->witness);
}

static void test_closes_in_order(void **state)
{
	struct room *room = *state;
	struct guest guest;
	guest_join(&guest, &room->server, "lobby", "bob");
	joined(&room->witness, "bob");
	ws_client_close(guest.client, 1000);
	guest_is_closed(&guest, 1000, "");
	guest_free(&guest);
	left(&room->witness, "bob");
}

/* Skips frames until `frame` comes. */
static void hears_sometime(struct guest *guest, const char *frame)
{
	int64_t deadline = dial_clock_ms() + PATIENCE_MS;
	while (dial_clock_ms() < deadline) {
		while (guest->next < guest->count) {
			if (strcmp(guest->heard[guest->next++], frame) == 0)
				return;
		}
		ws_clients_poll(&guest->client, 1, 100);
	}
	fail_msg("never heard %s", frame);
}

static void test_rooms_come_and_go_without_losing_anybody(void **state)
{
	enum { ROUNDS = 40 };
	struct room *room = *state;
	struct guest guests[2];
	guest_join(&guests[0], &room->server, "den", "0");
	/* Each time, the room empties while somebody is on his way to it. */
	for (int i = 1; i < ROUNDS; i++) {
		struct guest *comes = &guests[i % 2], *goes = &guests[(i + 1) % 2];
		char user[16], frame[128];
		snprintf(user, sizeof(user), "%d", i);
		snprintf(frame, sizeof(frame),
			 "{\"type\":\"Connect\",\"room\":\"den\",\"user\":\"%s\"}", user);
		guest_connect(comes, &room->server);
		guest_send(comes, frame);
		ws_clients_poll(&comes->client, 1, 0);
		ws_client_vanish(goes->client);
		guest_free(goes);
		joined(comes, user);
		guest_send(comes, "{\"type\":\"SendMessage\",\"text\":\"?\"}");
		snprintf(frame, sizeof(frame),
			 "{\"type\":\"Message\",\"text\":\"?\",\"user\":\"%s\"}", user);
		hears_sometime(comes, frame);
	}
	guest_free(&guests[(ROUNDS - 1) % 2]);
	is_unharmed(&room->witness);
}

static void test_same_name_twice_is_fine(void **state)
{
	struct room *room = *state;
	struct guest twin;
	guest_join(&twin, &room->server, "lobby", "witness");
	joined(&room->witness, "witness");
	guest_send(&twin, "{\"type\":\"SendMessage\",\"text\":\"echo\"}");
	guest_hears(&twin, "{\"type\":\"Message\",\"text\":\"echo\",\"user\":\"witness\"}");
	guest_hears(&room->witness,
		    "{\"type\":\"Message\",\"text\":\"echo\",\"user\":\"witness\"}");
	guest_free(&twin);
	left(&room->witness, "witness");
}

static void test_says_farewell_when_stopped(void **state)
{
	struct server server;
	struct guest guest;
	server_start(&server, program, NULL, 0);
	guest_join(&guest, &server, "lobby", "ann");
	kill(server.process, SIGINT);
	guest_is_closed(&guest, 1001, "");
	guest_free(&guest);
	assert_int_equal(server_stop(&server), 0);
}

static void test_survives_too_many_connections(void **state)
{
	enum { DESCRIPTORS = 40, CROWD = 80 };
	struct server server;
	struct guest witness, late;
	int crowd[CROWD];
	server_start(&server, program, NULL, DESCRIPTORS);
	struct room room = {.server = server};
	guest_join(&witness, &server, "lobby", "witness");
	for (int i = 0; i < CROWD; i++)
		crowd[i] = connect_raw(&room);
	is_unharmed(&witness);
	for (int i = 0; i < CROWD; i++)
		close(crowd[i]);
	guest_join(&late, &server, "lobby", "late");
	joined(&witness, "late");
	is_unharmed(&witness);
	guest_free(&late);
	guest_free(&witness);
	assert_int_equal(server_stop(&server), 0);
}

/* --- starting --------------------------------------------------------------------------------- */

static int exit_status_with(const char *option, const char *value)
{
	int status;
	pid_t process = fork();
	assert_true(process >= 0);
	if (process == 0) {
		dup2(STDOUT_FILENO, STDERR_FILENO);
		execl(program, program, option, value, (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(process, &status, 0), process);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_refuses_bad_options(void **state)
{
	assert_int_equal(exit_status_with("--port", "70000"), 2);
	assert_int_equal(exit_status_with("--port", "x"), 2);
	assert_int_equal(exit_status_with("--backpressure", "none"), 2);
	assert_int_equal(exit_status_with("--nonsense", NULL), 2);
	assert_int_equal(exit_status_with("nonsense", NULL), 2);
}

static void test_says_when_it_cannot_listen(void **state)
{
	struct room *room = *state;
	char port[8];
	snprintf(port, sizeof(port), "%u", room->server.port);
	assert_int_equal(exit_status_with("--port", port), 1);
	assert_int_equal(exit_status_with("--address", "not an address"), 1);
	is_unharmed(&room->witness);
}

int main(int argc, char **argv)
{
	program = argv[1];
	signal(SIGPIPE, SIG_IGN);
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_room, close_room)
	const struct CMUnitTest tests[] = {
		TEST(test_refuses_bad_first_frames),
		TEST(test_refuses_bad_later_frames),
		TEST(test_refuses_deep_nesting),
		TEST(test_refuses_long_names_and_texts),
		TEST(test_refuses_binary_frames),
		TEST(test_refuses_oversized_frames),
		TEST(test_refuses_broken_framing),
		TEST(test_answers_other_http_requests),
		TEST(test_survives_unfinished_handshakes),
		TEST(test_notices_who_vanishes),
		TEST(test_vanishing_before_connect_is_nobodys_business),
		TEST(test_closes_in_order),
		TEST(test_rooms_come_and_go_without_losing_anybody),
		TEST(test_same_name_twice_is_fine),
		cmocka_unit_test(test_says_farewell_when_stopped),
		cmocka_unit_test(test_survives_too_many_connections),
		cmocka_unit_test(test_refuses_bad_options),
		TEST(test_says_when_it_cannot_listen),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
