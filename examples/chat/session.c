/*
 * chat-session - plays a scripted session against a running chat server, over real WebSocket
 * connections
 */
#include "examples/chat/session.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/chat/protocol.h"

static const char usage[] =
	"Usage: chat-session friendly|hang [--port N] [--expect=hang|alive]\n"
	"\n"
	"  friendly   two rooms, five users: they join, talk and leave\n"
	"  hang       a client stops reading while others flood its room, then vanishes; the room\n"
	"             of a server that waits for its members hangs, one that drops them lives on\n"
	"\n"
	"  --port N         the port of the server on this machine (6789)\n"
	"  --expect=WHAT    fail unless the room in the end hangs, or is alive; without it, "
	"`hang`\n"
	"                   only says which, and `friendly` expects alive\n"
	"\n"
	"Waits some seconds for a server that is still starting. Exit codes: 0 the session ran as\n"
	"expected, 1 it did not, 2 bad use.\n";

struct options {
	const char *session;
	uint16_t port;
	enum session_outcome expected; /* SESSION_FAILED: any */
};

static bool parse_options(int argc, char **argv, struct options *options)
{
	static const struct option table[] = {
		{"port", required_argument, NULL, 'p'},
		{"expect", required_argument, NULL, 'e'},
		{"help", no_argument, NULL, 'H'},
		{0},
	};
	int option;
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (option == 'H') {
			fputs(usage, stdout);
			exit(0);
		} else if (option == 'p') {
			char *end;
			unsigned long port = strtoul(optarg, &end, 10);
			if (*end || port == 0 || port > UINT16_MAX)
				return false;
			options->port = (uint16_t)port;
		} else if (option == 'e' && strcmp(optarg, "hang") == 0) {
			options->expected = SESSION_HANGS;
		} else if (option == 'e' && strcmp(optarg, "alive") == 0) {
			options->expected = SESSION_ALIVE;
		} else {
			return false;
		}
	}
	if (optind != argc - 1)
		return false;
	options->session = argv[optind];
	return true;
}

int main(int argc, char **argv)
{
	struct options options = {.port = CHAT_PORT};
	bool understood = parse_options(argc, argv, &options);
	bool friendly = understood && strcmp(options.session, "friendly") == 0;
	if (!friendly && !(understood && strcmp(options.session, "hang") == 0)) {
		fputs(usage, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);

	enum session_outcome outcome =
		friendly ? session_friendly(options.port) : session_hang(options.port);
	if (outcome == SESSION_FAILED)
		return 1;
	if (options.expected != SESSION_FAILED && options.expected != outcome) {
		fprintf(stderr, "chat-session: expected the other outcome\n");
		return 1;
	}
	return 0;
}
