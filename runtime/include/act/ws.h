/*
 * ws.h - WebSocket connections as actors (RFC 6455; framing by wslay)
 *
 * Works as tcp.h does: accepted connections come as messages, whoever calls act_ws_own() gets the
 * text frames, and while that owner's mailbox is full nothing is read from the socket.
 *
 * The connection answers pings, closes on broken framing (1002), on text that is not UTF-8 or has a
 * NUL in it (1007) and on messages over the limit (1009) by itself, and gives up on a peer that
 * does not finish its handshake or its closing within the time limits below.
 */
#ifndef ACT_WS_H
#define ACT_WS_H

#include <act/act.h>

#ifdef __cplusplus
extern "C" {
#endif

ACT_MESSAGE(WsAccepted, (handle, connection), (text, peer))
/* To the owner. */
ACT_MESSAGE(WsText, (text, text))
ACT_MESSAGE(WsBinary, (bytes, data))
/* The connection is over; code as in RFC 6455 section 7.4, 1006 when it vanished. */
ACT_MESSAGE(WsClosed, (i64, code), (text, reason))

struct act_ws_options {
	const char *address;      /* NULL: "127.0.0.1" */
	uint16_t port;            /* 0: any free one */
	size_t message_limit;     /* bytes of a whole message; 0: 64 KiB */
	uint64_t handshake_limit; /* nanoseconds; 0: 10 s */
	uint64_t ping_interval;   /* nanoseconds of silence before a ping; as long again without an
				     answer   ends the connection; 0: 30 s */
};

/* Opens a listening socket; from then on WsAccepted comes to this actor for each peer that has
 * shaken hands. On 0, *ret_listener is held by this actor (dropping the last handle closes it) and
 * *ret_port (may be NULL) is the port in use. -errno; ACT_ENETWORK with a seed (system.h). */
int act_ws_listen(struct act_self *self, const struct act_ws_options *options,
		  struct act_handle *ret_listener, uint16_t *ret_port);

/*
 * Makes two connections that are each other's peer, with no socket between them: what is sent into
 * one comes to the owner of the other. For tests, for peers that live in the same program, and for
 * runs with a seed. Text, order, waiting and closing are as above; there are no limits, pings or
 * handshakes, and up to 64 KiB are on their way before a sender waits. `name` as for act_spawn().
 * On 0 both are held by this actor, and nobody owns them yet. -ENOMEM.
 */
int act_ws_pair(struct act_self *self, const char *name, struct act_handle ret_ends[2]);

/* From now on WsText, WsBinary and WsClosed come to this actor. 0; ACT_EGONE when the connection is
 * over and has ended. */
int act_ws_own(struct act_self *self, struct act_handle connection);

/* Sends a text message; waits until the kernel has taken it. 0, ACT_ECLOSED, -errno. */
#define act_ws_send(self, connection, text) act__ws_send((self), (connection), (text), ACT_HERE)

/* Closes with a code and a reason (may be NULL); does not wait. WsClosed still comes. */
void act_ws_close(struct act_self *self, struct act_handle connection, uint16_t code,
		  const char *reason);

/* private */
int act__ws_send(struct act_self *self, struct act_handle connection, const char *text,
		 struct act_site *site);

#ifdef __cplusplus
}
#endif

#endif
