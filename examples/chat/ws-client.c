#include "examples/chat/ws-client.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nettle/base64.h>
#include <nettle/sha1.h>
#include <wslay/wslay.h>

enum {
	KEY_SIZE = 16,
	HANDSHAKE_LIMIT = 8192,
	MESSAGE_LIMIT = 1 << 20,
	CONNECT_MS = 10000,
	POLL_LIMIT = 1024,
};

struct ws_client {
	int socket; /* -1: closed */
	bool reading;
	wslay_event_context_ptr framing;
	ws_client_text on_text;
	void *user;

	/* Frames that came in one packet with the handshake. */
	char early[HANDSHAKE_LIMIT];
	size_t early_size, early_used;

	uint64_t moved; /* bytes in either direction */
	uint16_t close_code;
	char close_reason[126];
};

/* --- the opening handshake -------------------------------------------------------------------- */

static void encode_base64(char *text, const uint8_t *data, size_t size)
{
	base64_encode_raw(text, size, data);
	text[BASE64_ENCODE_RAW_LENGTH(size)] = '\0';
}

/* What a server must answer to `key`. */
static void expected_accept(const char *key, char accept[BASE64_ENCODE_RAW_LENGTH(20) + 1])
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	uint8_t digest[SHA1_DIGEST_SIZE];
	struct sha1_ctx sha1;
	sha1_init(&sha1);
	sha1_update(&sha1, strlen(key), (const uint8_t *)key);
	sha1_update(&sha1, strlen(guid), (const uint8_t *)guid);
	sha1_digest(&sha1, sizeof(digest), digest);
	encode_base64(accept, digest, sizeof(digest));
}

/* The value of a header field in an HTTP reply's head; its length in *ret_size. */
static const char *header_value(const char *head, const char *name, size_t *ret_size)
{
	size_t name_size = strlen(name);
	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
		line += 2;
		if (strncasecmp(line, name, name_size) != 0 || line[name_size] != ':')
			continue;
		const char *value = line + name_size + 1;
		value += strspn(value, " \t");
		*ret_size = strcspn(value, " \t\r\n");
		return value;
	}
	return NULL;
}

static bool write_all(int socket, const char *data, size_t size, int64_t deadline)
{
	while (size > 0) {
		ssize_t sent = send(socket, data, size, MSG_NOSIGNAL);
		if (sent > 0) {
			data += sent;
			size -= (size_t)sent;
		} else if (errno != EAGAIN || !dial_wait(socket, POLLOUT, deadline)) {
			return false;
		}
	}
	return true;
}

/* Reads until the blank line. What follows it stays in client->early. Returns the head or NULL. */
static const char *read_head(struct ws_client *client, int64_t deadline)
{
	char *early = client->early;
	while (client->early_size < sizeof(client->early) - 1) {
		ssize_t got = recv(client->socket, early + client->early_size,
				   sizeof(client->early) - 1 - client->early_size, 0);
		if (got == 0)
			return NULL;
		if (got < 0) {
			if (errno != EAGAIN || !dial_wait(client->socket, POLLIN, deadline))
				return NULL;
			continue;
		}
		client->early_size += (size_t)got;
		early[client->early_size] = '\0';
		char *end = strstr(early, "\r\n\r\n");
		if (end) {
			end[2] = '\0';
			client->early_used = (size_t)(end - early) + 4;
			return early;
		}
	}
	return NULL;
}

static bool shake_hands(struct ws_client *client, const char *host, uint16_t port, int64_t deadline,
			char error[WS_CLIENT_ERROR])
{
	uint8_t random[KEY_SIZE];
	char key[BASE64_ENCODE_RAW_LENGTH(KEY_SIZE) + 1];
	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		snprintf(error, WS_CLIENT_ERROR, "cannot get random numbers: %s", strerror(errno));
		return false;
	}
	encode_base64(key, random, sizeof(random));

	char request[1024];
	int size = snprintf(request, sizeof(request),
			    "GET / HTTP/1.1\r\n"
			    "Host: %s:%u\r\n"
			    "Upgrade: websocket\r\n"
			    "Connection: Upgrade\r\n"
			    "Sec-WebSocket-Key: %s\r\n"
			    "Sec-WebSocket-Version: 13\r\n"
			    "\r\n",
			    host, port, key);
	if (size >= (int)sizeof(request)) {
		snprintf(error, WS_CLIENT_ERROR, "the host's name is too long");
		return false;
	}

	const char *head = NULL;
	if (write_all(client->socket, request, (size_t)size, deadline))
		head = read_head(client, deadline);
	if (!head) {
		snprintf(error, WS_CLIENT_ERROR, "%s port %u did not answer the handshake", host,
			 port);
		return false;
	}

	char accept[BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE) + 1];
	expected_accept(key, accept);
	size_t value_size;
	const char *value = header_value(head, "Sec-WebSocket-Accept", &value_size);
	if (strncmp(head, "HTTP/1.1 101", 12) != 0 || !value || value_size != strlen(accept) ||
	    memcmp(value, accept, value_size) != 0) {
		snprintf(error, WS_CLIENT_ERROR, "%s port %u is no WebSocket server: %.*s", host,
			 port, (int)strcspn(head, "\r\n"), head);
		return false;
	}
	return true;
}

/* --- frames ----------------------------------------------------------------------------------- */

static void fail_io(wslay_event_context_ptr framing, bool would_block)
{
	wslay_event_set_error(framing,
			      would_block ? WSLAY_ERR_WOULDBLOCK : WSLAY_ERR_CALLBACK_FAILURE);
}

static ssize_t receive_bytes(wslay_event_context_ptr framing, uint8_t *data, size_t size, int flags,
			     void *user)
{
	struct ws_client *client = user;
	size_t early = client->early_size - client->early_used;
	if (early > 0) {
		size = size < early ? size : early;
		memcpy(data, client->early + client->early_used, size);
		client->early_used += size;
		return (ssize_t)size;
	}
	ssize_t got = recv(client->socket, data, size, 0);
	if (got <= 0) {
		fail_io(framing, got < 0 && (errno == EAGAIN || errno == EINTR));
		return -1;
	}
	client->moved += (uint64_t)got;
	return got;
}

static ssize_t send_bytes(wslay_event_context_ptr framing, const uint8_t *data, size_t size,
			  int flags, void *user)
{
	struct ws_client *client = user;
	int more = flags & WSLAY_MSG_MORE ? MSG_MORE : 0;
	ssize_t sent = send(client->socket, data, size, MSG_NOSIGNAL | more);
	if (sent < 0) {
		fail_io(framing, errno == EAGAIN || errno == EINTR);
		return -1;
	}
	client->moved += (uint64_t)sent;
	return sent;
}

static int make_mask(wslay_event_context_ptr framing, uint8_t *mask, size_t size, void *user)
{
	return getrandom(mask, size, 0) == (ssize_t)size ? 0 : -1;
}

static void take_message(wslay_event_context_ptr framing,
			 const struct wslay_event_on_msg_recv_arg *message, void *user)
{
	struct ws_client *client = user;
	if (message->opcode == WSLAY_CONNECTION_CLOSE) {
		client->close_code =
			message->status_code ? message->status_code : WSLAY_CODE_NO_STATUS_RCVD;
		if (message->msg_length > 2)
			snprintf(client->close_reason, sizeof(client->close_reason), "%.*s",
				 (int)message->msg_length - 2, (const char *)message->msg + 2);
	} else if (message->opcode == WSLAY_TEXT_FRAME && client->on_text) {
		char *text = malloc(message->msg_length + 1);
		if (!text)
			abort();
		if (message->msg_length)
			memcpy(text, message->msg, message->msg_length);
		text[message->msg_length] = '\0';
		client->on_text(client, text, message->msg_length, client->user);
		free(text);
	}
}

static bool start_framing(struct ws_client *client)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = receive_bytes,
		.send_callback = send_bytes,
		.genmask_callback = make_mask,
		.on_msg_recv_callback = take_message,
	};
	if (wslay_event_context_client_init(&client->framing, &callbacks, client) != 0)
		return false;
	wslay_event_config_set_max_recv_msg_length(client->framing, MESSAGE_LIMIT);
	return true;
}

/* --- life ------------------------------------------------------------------------------------- */

struct ws_client *ws_client_open(const char *host, uint16_t port,
				 const struct ws_client_options *options, ws_client_text on_text,
				 void *user, char error[WS_CLIENT_ERROR])
{
	static const struct ws_client_options defaults;
	if (!options)
		options = &defaults;
	int64_t deadline = dial_clock_ms() +
			   (options->connect_ms ? options->connect_ms : (unsigned)CONNECT_MS);

	struct ws_client *client = calloc(1, sizeof(*client));
	if (!client) {
		snprintf(error, WS_CLIENT_ERROR, "out of memory");
		return NULL;
	}
	client->on_text = on_text;
	client->user = user;
	client->reading = true;
	client->close_code = WSLAY_CODE_ABNORMAL_CLOSURE;
	client->socket = dial(host, port, &options->dial, deadline, error, WS_CLIENT_ERROR);
	if (client->socket < 0 || !shake_hands(client, host, port, deadline, error))
		goto failed;
	if (!start_framing(client)) {
		snprintf(error, WS_CLIENT_ERROR, "out of memory");
		goto failed;
	}
	return client;

failed:
	ws_client_free(client);
	return NULL;
}

static void close_socket(struct ws_client *client)
{
	if (client->socket >= 0)
		close(client->socket);
	client->socket = -1;
}

void ws_client_free(struct ws_client *client)
{
	if (!client)
		return;
	close_socket(client);
	if (client->framing)
		wslay_event_context_free(client->framing);
	free(client);
}

static bool queue_message(struct ws_client *client, uint8_t opcode, const void *data, size_t size)
{
	if (client->socket < 0)
		return false;
	struct wslay_event_msg message = {.opcode = opcode, .msg = data, .msg_length = size};
	return wslay_event_queue_msg(client->framing, &message) == 0;
}

bool ws_client_send(struct ws_client *client, const char *text, size_t size)
{
	return queue_message(client, WSLAY_TEXT_FRAME, text, size);
}

bool ws_client_send_binary(struct ws_client *client, const void *data, size_t size)
{
	return queue_message(client, WSLAY_BINARY_FRAME, data, size);
}

void ws_client_close(struct ws_client *client, uint16_t code)
{
	if (client->socket >= 0)
		wslay_event_queue_close(client->framing, code, NULL, 0);
}

void ws_client_stop_reading(struct ws_client *client)
{
	client->reading = false;
}

void ws_client_vanish(struct ws_client *client)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	if (client->socket >= 0)
		setsockopt(client->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close_socket(client);
}

bool ws_client_is_open(const struct ws_client *client)
{
	return client->socket >= 0;
}

size_t ws_client_queued(const struct ws_client *client)
{
	return wslay_event_get_queued_msg_count(client->framing);
}

uint16_t ws_client_close_code(const struct ws_client *client)
{
	return client->close_code;
}

const char *ws_client_close_reason(const struct ws_client *client)
{
	return client->close_reason;
}

int ws_client_socket(const struct ws_client *client)
{
	return client->socket;
}

/* --- moving bytes ----------------------------------------------------------------------------- */

static bool has_early_frames(const struct ws_client *client)
{
	return client->reading && client->early_used < client->early_size;
}

static short wanted_events(const struct ws_client *client)
{
	short events = 0;
	if (client->reading && wslay_event_want_read(client->framing))
		events |= POLLIN;
	if (wslay_event_want_write(client->framing))
		events |= POLLOUT;
	return events;
}

/* Returns whether a byte moved. */
static bool pump(struct ws_client *client, short ready)
{
	uint64_t before = client->moved;
	bool broken = false;
	if ((ready & (POLLIN | POLLHUP | POLLERR) && client->reading) || has_early_frames(client))
		broken = wslay_event_recv(client->framing) != 0;
	/* Reading may have queued a pong or the answer to a close. */
	if (!broken && wslay_event_want_write(client->framing))
		broken = wslay_event_send(client->framing) != 0;
	bool finished = wslay_event_get_close_received(client->framing) &&
			wslay_event_get_close_sent(client->framing);
	if (broken || finished)
		close_socket(client);
	return client->moved != before;
}

bool ws_clients_poll(struct ws_client *const *clients, size_t count, int timeout_ms)
{
	struct pollfd entries[POLL_LIMIT];
	if (count > POLL_LIMIT)
		count = POLL_LIMIT;
	for (size_t i = 0; i < count; i++) {
		struct ws_client *client = clients[i];
		bool open = client && client->socket >= 0;
		entries[i] = (struct pollfd){.fd = -1};
		if (!open)
			continue;
		entries[i].events = wanted_events(client);
		/* Not even a reset shall be noticed by someone who does not look. */
		if (entries[i].events)
			entries[i].fd = client->socket;
		if (has_early_frames(client))
			timeout_ms = 0;
	}
	if (poll(entries, count, timeout_ms) < 0)
		return false;

	bool moved = false;
	for (size_t i = 0; i < count; i++) {
		if (clients[i] && clients[i]->socket >= 0 &&
		    (entries[i].revents || has_early_frames(clients[i])))
			moved |= pump(clients[i], entries[i].revents);
	}
	return moved;
}
