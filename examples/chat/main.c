/*
 * chat-server - chat rooms over WebSocket (protocol.h says what is spoken)
 *
 *     socket --WsText--> reader ---Say---> room ---Frame--> connection --WsSend--> socket
 *                           \              ^                 /      ^
 *                            \              \--Join, Leave--/      /
 *                             \-------------Enter, HungUp---------/
 *
 * For each socket that comes through the door there is a reader; its first frame makes a
 * connection, which is the user's in his room. One `rooms` knows all rooms.
 *
 * The default build has a fault that hangs a room, made by deliver() in room.c and leave() in
 * connection.c together; --backpressure=drop-slow is the cure.
 */
#include <act/act.h>
#include <act/ws.h>

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/chat/protocol.h"
#include "examples/chat/reader.h"
#include "examples/chat/rooms.h"

static const char usage[] =
	"Usage: chat-server [--address A] [--port N] [--backpressure=wait|drop-slow]\n"
	"\n"
	"Serves chat rooms over WebSocket until it is interrupted (Ctrl-C).\n"
	"\n"
	"  --address A   the numeric address to listen on (127.0.0.1)\n"
	"  --port N      the port; 0: any free one (6789)\n"
	"  --backpressure=wait       a room waits for members that do not keep up: it can hang\n"
	"  --backpressure=drop-slow  a room never waits: such members are thrown out\n";

struct options {
	const char *address;
	uint16_t port;
	bool drops_slow;
};

static struct options options = {.address = "127.0.0.1", .port = CHAT_PORT};
static struct act_system *chat_system;
static int exit_status;

/* --- the door --------------------------------------------------------------------------------- */

struct door {
	struct act_handle listener;
	struct act_handle rooms;
};

static int door_start(struct act_self *self, void *state, struct act_message *init)
{
	struct door *door = state;
	struct act_ws_options listen = {.address = options.address, .port = options.port};
	uint16_t port;
	int error = act_ws_listen(self, &listen, &door->listener, &port);
	if (error) {
		fprintf(stderr, "chat-server: cannot listen on %s port %u: %s\n", options.address,
			options.port, act_strerror(error));
		exit_status = 1;
		return error;
	}
	door->rooms = act_spawn_with(self, &rooms_kind, "rooms", RoomsInit,
				     .drops_slow = options.drops_slow);
	bool is_v6 = strchr(options.address, ':') != NULL;
	printf(is_v6 ? "chat-server: listening on [%s]:%u\n" : "chat-server: listening on %s:%u\n",
	       options.address, port);
	fflush(stdout);
	return 0;
}

static void door_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct door *door = state;
	struct WsAccepted *accepted = act_as(message, WsAccepted);
	if (accepted)
		reader_welcome(self, act_take(&accepted->connection), accepted->peer, door->rooms);
}

static void door_stop(struct act_self *self, void *state)
{
	struct door *door = state;
	act_drop(self, &door->listener);
	act_drop(self, &door->rooms);
}

static const struct act_kind door_kind = {
	.name = "door",
	.state_size = sizeof(struct door),
	.start = door_start,
	.handle = door_handle,
	.stop = door_stop,
};

/* --- the program ------------------------------------------------------------------------------ */

static void on_signal(int number)
{
	act_system_stop(chat_system);
}

static void stop_on_signals(void)
{
	struct sigaction stop = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
}

static bool parse_options(int argc, char **argv)
{
	static const struct option table[] = {
		{"address", required_argument, NULL, 'a'},
		{"port", required_argument, NULL, 'p'},
		{"backpressure", required_argument, NULL, 'b'},
		{"help", no_argument, NULL, 'H'},
		{0},
	};
	int option;
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (option == 'H') {
			fputs(usage, stdout);
			exit(0);
		} else if (option == 'a') {
			options.address = optarg;
		} else if (option == 'p') {
			char *end;
			unsigned long port = strtoul(optarg, &end, 10);
			if (*end || end == optarg || port > UINT16_MAX)
				return false;
			options.port = (uint16_t)port;
		} else if (option == 'b' && strcmp(optarg, "drop-slow") == 0) {
			options.drops_slow = true;
		} else if (option == 'b' && strcmp(optarg, "wait") == 0) {
			options.drops_slow = false;
		} else {
			return false;
		}
	}
	return optind == argc;
}

int main(int argc, char **argv)
{
	if (!parse_options(argc, argv)) {
		fputs(usage, stderr);
		return 2;
	}
	chat_system = act_system_new(NULL);
	if (!chat_system) {
		fprintf(stderr, "chat-server: out of memory\n");
		return 1;
	}
	stop_on_signals();
	struct act_handle door = act_system_spawn(chat_system, &door_kind, "door");
	act_system_drop(chat_system, &door);
	int error = act_system_run(chat_system);
	if (error) {
		fprintf(stderr, "chat-server: cannot start its threads: %s\n", act_strerror(error));
		exit_status = 1;
	}
	act_system_free(chat_system);
	return exit_status;
}
