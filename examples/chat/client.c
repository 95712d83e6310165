/*
 * chat-client - a small terminal client: lines from standard input go to the room, what is said in
 * the room goes to standard output
 */
#include "examples/chat/protocol.h"
#include "examples/chat/ws-client.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FAREWELL_MS = 3000 };

static const char usage[] =
	"Usage: chat-client [--host HOST] [--port N] [--room ROOM] [--user NAME]\n"
	"\n"
	"Joins a room of a chat server and says each line of its standard input there. Ends at "
	"the\n"
	"end of input (Ctrl-D), or when the server closes the connection.\n"
	"\n"
	"  --host HOST   where the server runs (127.0.0.1)\n"
	"  --port N      its port (6789)\n"
	"  --room ROOM   the room to join (lobby)\n"
	"  --user NAME   the name to be known by (your login name)\n";

struct options {
	const char *host;
	uint16_t port;
	const char *room;
	const char *user;
};

/* What happened to our own words. */
struct talk {
	const char *user;
	bool joined;
	unsigned said, echoed;
};

static bool parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{"host", required_argument, NULL, 'h'}, {"port", required_argument, NULL, 'p'},
		{"room", required_argument, NULL, 'r'}, {"user", required_argument, NULL, 'u'},
		{"help", no_argument, NULL, 'H'},       {0},
	};
	char *end;
	int option;
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		switch (option) {
		case 'h':
			options->host = optarg;
			break;
		case 'p': {
			unsigned long port = strtoul(optarg, &end, 10);
			if (*end || port == 0 || port > UINT16_MAX)
				return false;
			options->port = (uint16_t)port;
			break;
		}
		case 'r':
			options->room = optarg;
			break;
		case 'u':
			options->user = optarg;
			break;
		case 'H':
			fputs(usage, stdout);
			exit(0);
		default:
			return false;
		}
	}
	return optind == argc;
}

/* Other people's text must not steer this terminal. */
static void print_safely(const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		bool is_c1 = c == 0xc2 && (unsigned char)text[1] < 0xa0;
		putchar(c < ' ' || c == 0x7f || is_c1 ? '?' : c);
		text += is_c1;
	}
}

static void print_event(const char *user, const char *what)
{
	printf("* ");
	print_safely(user);
	printf(" %s\n", what);
}

static void print_message(const struct chat_frame *frame)
{
	print_safely(frame->user);
	printf(": ");
	print_safely(frame->text);
	putchar('\n');
}

static void print_frame(struct ws_client *client, const char *text, size_t size, void *user)
{
	struct talk *talk = user;
	struct chat_frame frame;
	char error[CHAT_ERROR];
	if (!chat_decode(text, size, &frame, error)) {
		fprintf(stderr, "chat-client: cannot read what the server sent: %s\n", error);
		return;
	}
	if (frame.type == CHAT_JOINED)
		print_event(frame.user, "joined");
	else if (frame.type == CHAT_LEFT)
		print_event(frame.user, "left");
	else if (frame.type == CHAT_MESSAGE)
		print_message(&frame);
	fflush(stdout);
	bool own = frame.user && strcmp(frame.user, talk->user) == 0;
	talk->joined |= own && frame.type == CHAT_JOINED;
	talk->echoed += own && frame.type == CHAT_MESSAGE;
	chat_frame_free(&frame);
}

static bool send_frame(struct ws_client *client, const struct chat_frame *frame)
{
	char *json = chat_encode(frame);
	if (!json) {
		fprintf(stderr, "chat-client: this is not UTF-8 text; not sent\n");
		return false;
	}
	bool sent = ws_client_send(client, json, strlen(json));
	free(json);
	return sent;
}

/* Says each whole line in `line`, keeps the rest. */
static void say_lines(struct ws_client *client, struct talk *talk, char *line, size_t *size)
{
	char *start = line, *end;
	while ((end = memchr(start, '\n', *size - (size_t)(start - line)))) {
		*end = '\0';
		struct chat_frame frame = {.type = CHAT_SEND_MESSAGE, .text = start};
		if (end > start)
			talk->said += send_frame(client, &frame);
		start = end + 1;
	}
	*size -= (size_t)(start - line);
	memmove(line, start, *size);
}

/* False at the end of input. */
static bool read_lines(struct ws_client *client, struct talk *talk)
{
	static char line[CHAT_TEXT_LIMIT];
	static size_t size;
	ssize_t got = read(STDIN_FILENO, line + size, sizeof(line) - size);
	if (got <= 0)
		return false;
	size += (size_t)got;
	say_lines(client, talk, line, &size);
	if (size == sizeof(line)) {
		fprintf(stderr, "chat-client: the line is too long; not sent\n");
		size = 0;
	}
	return true;
}

static void serve_input(struct ws_client *client, struct talk *talk)
{
	bool more = true;
	while (more && ws_client_is_open(client)) {
		struct pollfd both[] = {{.fd = STDIN_FILENO, .events = POLLIN},
					{.fd = ws_client_socket(client), .events = POLLIN}};
		if (poll(both, 2, ws_client_queued(client) ? 50 : -1) < 0 && errno != EINTR)
			break;
		if (both[0].revents)
			more = read_lines(client, talk);
		ws_clients_poll(&client, 1, 0);
	}
}

/* Before it closes, it hears what it has said itself, unless the room is silent for long. */
static void take_leave(struct ws_client *client, const struct talk *talk)
{
	int64_t deadline = dial_clock_ms() + FAREWELL_MS;
	bool closing = false;
	while (ws_client_is_open(client) && dial_clock_ms() < deadline) {
		if (!closing && talk->joined && talk->echoed == talk->said) {
			ws_client_close(client, 1000);
			closing = true;
		}
		if (ws_clients_poll(&client, 1, 100))
			deadline = dial_clock_ms() + FAREWELL_MS;
	}
}

int main(int argc, char **argv)
{
	const char *login = getenv("USER");
	struct options options = {
		.host = "127.0.0.1",
		.port = CHAT_PORT,
		.room = "lobby",
		.user = login && *login ? login : "guest",
	};
	if (!parse_options(argc, argv, &options)) {
		fputs(usage, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);

	char error[WS_CLIENT_ERROR];
	struct talk talk = {.user = options.user};
	struct ws_client *client =
		ws_client_open(options.host, options.port, NULL, print_frame, &talk, error);
	if (!client) {
		fprintf(stderr, "chat-client: %s\n", error);
		return 1;
	}
	struct chat_frame connect = {
		.type = CHAT_CONNECT, .room = options.room, .user = options.user};
	if (send_frame(client, &connect)) {
		serve_input(client, &talk);
		take_leave(client, &talk);
	}
	bool fine = ws_client_close_code(client) == 1000;
	if (!fine)
		fprintf(stderr, "chat-client: the connection was closed: %u %s\n",
			ws_client_close_code(client), ws_client_close_reason(client));
	ws_client_free(client);
	return fine ? 0 : 1;
}
