/*
 * Ten thousand WebSocket clients come and vanish, in waves: before, during and after their
 * handshake, and in the middle of a frame. Each connection ends, nothing is left of any, and the
 * next client is served.
 */
#include "tests/runtime/support.h"

#include <act/ws.h>

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { CLIENTS = 10000, WAVE = 100, STAGES = 4, GUESTS = CLIENTS / 2 + 1 };

ACT_MESSAGE(GuestInit, (handle, connection))

/* How far a client gets before it vanishes. */
enum stage { CONNECTS, SHAKES_HALF_A_HAND, SHAKES_HANDS, SENDS_HALF_A_FRAME };

static struct act_system *the_system;
static int ports[2]; /* a pipe */
static _Atomic unsigned guests, gone, texts;

/* --- the server ----------------------------------------------------------------------------- */

static int welcome(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle *connection = state;

	*connection = act_take(&act_as(init, GuestInit)->connection);
	guests++;
	return act_ws_own(self, *connection);
}

static void serve(struct act_self *self, void *state, struct act_message *message)
{
	struct WsText *text = act_as(message, WsText);
	struct WsClosed *closed = act_as(message, WsClosed);

	if (text)
		texts++;
	if (closed) {
		expect(closed->code == 1006);
		act_stop_self(self);
	}
}

static void say_goodbye(struct act_self *self, void *state)
{
	struct act_handle *connection = state;

	act_drop(self, connection);
	if (++gone == GUESTS)
		act_system_stop(the_system);
}

static const struct act_kind guest_kind = {.name = "guest",
					   .state_size = sizeof(struct act_handle),
					   .start = welcome,
					   .handle = serve,
					   .stop = say_goodbye};

static int open_house(struct act_self *self, void *state, struct act_message *init)
{
	struct act_ws_options options = {0};
	struct act_handle *listener = state;
	uint16_t port;

	expect(act_ws_listen(self, &options, listener, &port) == 0);
	expect(write(ports[1], &port, sizeof(port)) == sizeof(port));
	return 0;
}

static void let_in(struct act_self *self, void *state, struct act_message *message)
{
	struct WsAccepted *accepted = act_as(message, WsAccepted);
	struct act_handle guest = act_spawn_with(self, &guest_kind, NULL, GuestInit,
						 .connection = act_take(&accepted->connection));

	act_drop(self, &guest);
}

static void close_house(struct act_self *self, void *state)
{
	act_drop(self, state);
}

static const struct act_kind house_kind = {.name = "house",
					   .state_size = sizeof(struct act_handle),
					   .start = open_house,
					   .handle = let_in,
					   .stop = close_house};

static void *run_server(void *unused)
{
	expect(act_system_run(the_system) == 0);
	return NULL;
}

/* --- the clients ---------------------------------------------------------------------------- */

static const char hand[] = "GET / HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\n"
			   "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
			   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

static int dial(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static void put(int fd, const void *data, size_t size)
{
	assert_int_equal(send(fd, data, size, MSG_NOSIGNAL), size);
}

/* Waits for the server's hand. */
static void read_answer(int fd)
{
	char answer[1024];
	size_t length = 0;
	ssize_t got;

	do {
		got = recv(fd, answer + length, sizeof(answer) - 1 - length, 0);
		assert_true(got > 0);
		length += (size_t)got;
		answer[length] = '\0';
	} while (!strstr(answer, "\r\n\r\n"));
	assert_memory_equal(answer, "HTTP/1.1 101", 12);
}

/* Text frames, masked with zeros. */
static void put_text(int fd, const char *text, size_t sent)
{
	unsigned char frame[64] = {0x81, (unsigned char)(0x80 | strlen(text))};

	assert_true(strlen(text) < sizeof(frame) - 6);
	memcpy(frame + 6, text, strlen(text));
	put(fd, frame, sent ? sent : 6 + strlen(text));
}

/* Every other one in order (FIN), the rest with a bang (RST). */
static void vanish(int fd, bool in_order)
{
	struct linger bang = {.l_onoff = 1};

	if (!in_order)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &bang, sizeof(bang));
	close(fd);
}

static void send_wave(uint16_t port)
{
	int fds[WAVE];

	for (int i = 0; i < WAVE; i++) {
		fds[i] = dial(port);
		if (i % STAGES == SHAKES_HALF_A_HAND)
			put(fds[i], hand, sizeof(hand) / 2);
		else if (i % STAGES > SHAKES_HALF_A_HAND)
			put(fds[i], hand, sizeof(hand) - 1);
	}
	for (int i = 0; i < WAVE; i++) {
		if (i % STAGES >= SHAKES_HANDS)
			read_answer(fds[i]);
		if (i % STAGES == SENDS_HALF_A_FRAME) {
			put_text(fds[i], "here I am", 0);
			put_text(fds[i], "and now I", 8);
		}
	}
	for (int i = 0; i < WAVE; i++)
		vanish(fds[i], i / STAGES % 2 == 0);
}

static void come_after_them(uint16_t port)
{
	int fd = dial(port);

	put(fd, hand, sizeof(hand) - 1);
	read_answer(fd);
	vanish(fd, true);
}

static unsigned count_open_files(void)
{
	DIR *directory = opendir("/proc/self/fd");
	unsigned count = 0;

	assert_non_null(directory);
	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

static void do_nothing(struct act_self *self)
{
}

static void test_ten_thousand_come_and_vanish(void **state)
{
	struct act_handle house;
	pthread_t thread;
	unsigned files;
	uint16_t port;

	run_body(NULL, do_nothing); /* libuv opens some files for good */
	files = count_open_files();
	assert_int_equal(pipe(ports), 0);
	the_system = act_system_new(NULL);
	assert_non_null(the_system);
	house = act_system_spawn(the_system, &house_kind, NULL);
	act_system_drop(the_system, &house);
	assert_int_equal(pthread_create(&thread, NULL, run_server, NULL), 0);
	assert_int_equal(read(ports[0], &port, sizeof(port)), sizeof(port));

	for (int i = 0; i < CLIENTS / WAVE; i++)
		send_wave(port);
	come_after_them(port);
	assert_int_equal(pthread_join(thread, NULL), 0);
	act_system_free(the_system);
	close(ports[0]);
	close(ports[1]);

	assert_int_equal(guests, GUESTS);
	assert_int_equal(gone, GUESTS);
	/* A reset may overtake what was sent before it. */
	assert_true(texts >= CLIENTS / STAGES / 2 && texts <= CLIENTS / STAGES);
	assert_int_equal(count_open_files(), files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ten_thousand_come_and_vanish),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
