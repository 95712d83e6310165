#include "tests/examples/chat-fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void become(const char *const *arguments, unsigned descriptors, int output)
{
	struct rlimit limit = {descriptors, descriptors};
	if (descriptors)
		setrlimit(RLIMIT_NOFILE, &limit);
	/* A test that fails leaves nobody behind. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	dup2(output, STDOUT_FILENO);
	execv(arguments[0], (char *const *)arguments);
	perror(arguments[0]);
	_exit(127);
}

static void start(struct server *server, const char *const *arguments, unsigned descriptors)
{
	int ends[2];
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	server->process = fork();
	assert_true(server->process >= 0);
	if (server->process == 0)
		become(arguments, descriptors, ends[1]);
	close(ends[1]);
	server->output = ends[0];

	char line[128] = "";
	size_t size = 0;
	while (size < sizeof(line) - 1 && !memchr(line, '\n', size)) {
		ssize_t got = read(server->output, line + size, sizeof(line) - 1 - size);
		assert_true(got > 0);
		size += (size_t)got;
	}
	unsigned port = 0;
	assert_int_equal(sscanf(line, "chat-server: listening on 127.0.0.1:%u", &port), 1);
	server->port = (uint16_t)port;
}

void server_start(struct server *server, const char *program, const char *option,
		  unsigned descriptors)
{
	start(server, (const char *[]){program, "--port", "0", option, NULL}, descriptors);
}

void server_start_recorded(struct server *server, const char *actorscope, const char *trace,
			   const char *program, const char *option)
{
	start(server,
	      (const char *[]){actorscope, "record", "-o", trace, "--", program, "--port", "0",
			       option, NULL},
	      0);
}

int server_stop(struct server *server)
{
	int status;
	kill(server->process, SIGTERM);
	assert_int_equal(waitpid(server->process, &status, 0), server->process);
	close(server->output);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void remember(struct ws_client *client, const char *text, size_t size, void *user)
{
	struct guest *guest = user;
	assert_in_range(guest->count, 0, GUEST_MEMORY - 1);
	guest->heard[guest->count] = strdup(text);
	assert_non_null(guest->heard[guest->count]);
	guest->count++;
}

void guest_connect(struct guest *guest, const struct server *server)
{
	char error[WS_CLIENT_ERROR];
	struct ws_client_options options = {.connect_ms = PATIENCE_MS};
	int64_t deadline = dial_clock_ms() + PATIENCE_MS;
	*guest = (struct guest){0};
	do {
		guest->client =
			ws_client_open("127.0.0.1", server->port, &options, remember, guest, error);
		/* The server may still have to notice that others have gone. */
	} while (!guest->client && strstr(error, " 503 ") && dial_clock_ms() < deadline);
	if (!guest->client)
		fail_msg("%s", error);
}

void guest_join(struct guest *guest, const struct server *server, const char *room,
		const char *user)
{
	char frame[256];
	guest_connect(guest, server);
	snprintf(frame, sizeof(frame), "{\"type\":\"Connect\",\"room\":\"%s\",\"user\":\"%s\"}",
		 room, user);
	guest_send(guest, frame);
	snprintf(frame, sizeof(frame), "{\"type\":\"Joined\",\"user\":\"%s\"}", user);
	guest_hears(guest, frame);
}

void guest_send(struct guest *guest, const char *text)
{
	assert_true(ws_client_send(guest->client, text, strlen(text)));
}

void guest_send_raw(struct guest *guest, const void *bytes, size_t size)
{
	ssize_t sent = send(ws_client_socket(guest->client), bytes, size, MSG_NOSIGNAL);
	assert_int_equal(sent, size);
}

void guest_hears(struct guest *guest, const char *frame)
{
	int64_t deadline = dial_clock_ms() + PATIENCE_MS;
	while (guest->next == guest->count && ws_client_is_open(guest->client) &&
	       dial_clock_ms() < deadline)
		ws_clients_poll(&guest->client, 1, 100);
	if (guest->next == guest->count)
		fail_msg("did not hear %s (%u %s)", frame, ws_client_close_code(guest->client),
			 ws_client_close_reason(guest->client));
	assert_string_equal(guest->heard[guest->next], frame);
	guest->next++;
}

void guest_is_closed(struct guest *guest, unsigned code, const char *reason)
{
	int64_t deadline = dial_clock_ms() + PATIENCE_MS;
	while (ws_client_is_open(guest->client) && dial_clock_ms() < deadline)
		ws_clients_poll(&guest->client, 1, 100);
	assert_false(ws_client_is_open(guest->client));
	assert_int_equal(ws_client_close_code(guest->client), code);
	if (!strstr(ws_client_close_reason(guest->client), reason))
		assert_string_equal(ws_client_close_reason(guest->client), reason);
}

void guest_free(struct guest *guest)
{
	ws_client_free(guest->client);
	for (size_t i = 0; i < guest->count; i++)
		free(guest->heard[i]);
	*guest = (struct guest){0};
}
