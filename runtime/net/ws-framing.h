/*
 * ws-framing.h - the frames of one WebSocket connection, the server's side, without the socket
 *
 * Bytes from the peer go in, whole messages come out; messages for the peer go in, bytes come out.
 * Pings are answered, and whatever breaks the protocol is answered with a close frame: all that is
 * left to do is to send the bytes. Wraps wslay.
 */
#ifndef RUNTIME_NET_WS_FRAMING_H
#define RUNTIME_NET_WS_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct act__ws_framing;

enum act__ws_type { ACT__WS_TEXT, ACT__WS_BINARY };

/* A message of the peer's. There is a NUL behind `data`, and for a text none in it. */
struct act__ws_message {
	struct act__ws_message *next;
	enum act__ws_type type;
	size_t size;
	char data[];
};

/* NULL when out of memory. */
struct act__ws_framing *act__ws_framing_new(size_t message_limit);
void act__ws_framing_free(struct act__ws_framing *framing);

/* Takes what the peer sent, all of it. False when there is no memory: then close. */
bool act__ws_framing_feed(struct act__ws_framing *framing, const char *data, size_t size);

/* The peer's next message, to be freed with free(), or NULL. */
struct act__ws_message *act__ws_framing_next(struct act__ws_framing *framing);

/* Queue for the peer. False when there is no memory, or after a close frame. */
bool act__ws_framing_send_text(struct act__ws_framing *framing, const char *text, size_t size);
bool act__ws_framing_send_ping(struct act__ws_framing *framing);

/* `reason` (may be NULL) is cut to the 122 bytes that fit. */
bool act__ws_framing_send_close(struct act__ws_framing *framing, uint16_t code, const char *reason);

/* Moves the bytes to be sent, to be freed with free(), to *ret_data; NULL when there are none.
 * False when there is no memory. */
bool act__ws_framing_take_output(struct act__ws_framing *framing, char **ret_data,
				 size_t *ret_size);

/* A close frame was queued or sent by this side; came from the peer. */
bool act__ws_framing_close_sent(const struct act__ws_framing *framing);
bool act__ws_framing_close_received(const struct act__ws_framing *framing);

/* False once nothing the peer says matters any more: it closed, or broke the protocol. */
bool act__ws_framing_wants_input(const struct act__ws_framing *framing);

/* Why it is closed: what the peer said, else what this side told it, else 1006. */
uint16_t act__ws_framing_close_code(const struct act__ws_framing *framing);
const char *act__ws_framing_close_reason(const struct act__ws_framing *framing);

#endif
