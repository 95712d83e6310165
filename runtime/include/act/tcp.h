/*
 * tcp.h - TCP sockets as actors
 *
 * A listener and each connection is an actor of the runtime's own. What comes in is sent as
 * messages to the connection's owner; while the owner's mailbox is full, nothing is read from the
 * socket, so that the peer feels it. Give an actor its socket by act_tcp_own().
 *
 * A system with a seed (system.h) has no sockets, since what others do on a network is different in
 * each run: act_tcp_listen() and act_tcp_connect() return ACT_ENETWORK there. act_tcp_pair() works.
 *
 * Addresses are numeric. The first connection makes the process ignore SIGPIPE, unless it has a
 * handler for it.
 */
#ifndef ACT_TCP_H
#define ACT_TCP_H

#include <act/act.h>

#ifdef __cplusplus
extern "C" {
#endif

/* To the actor that listens: a new connection. Whoever takes the handle owns nothing yet: the
 * socket is read once somebody called act_tcp_own(). Dropping the last handle closes it. */
ACT_MESSAGE(TcpAccepted, (handle, connection), (text, peer))
/* To the owner: bytes arrived; the connection is over (error 0: the peer closed it in order). */
ACT_MESSAGE(TcpData, (bytes, data))
ACT_MESSAGE(TcpClosed, (i64, error))

struct act_tcp_options {
	const char *address; /* NULL: "127.0.0.1" */
	uint16_t port;       /* 0: any free one */
	int backlog;         /* 0: 128 */
};

/* Opens a listening socket whose TcpAccepted messages come to this actor. On 0, *ret_listener is
 * held by this actor and *ret_port (may be NULL) is the port in use. -errno. */
int act_tcp_listen(struct act_self *self, const struct act_tcp_options *options,
		   struct act_handle *ret_listener, uint16_t *ret_port);

/* Connects; waits until it is done. *ret_connection is not owned yet. -errno. */
#define act_tcp_connect(self, address, port, ret_connection) \
	act__tcp_connect((self), (address), (port), (ret_connection), ACT_HERE)

/* Makes two connections that are each other's peer, with no socket between them: what is written
 * into one comes to the owner of the other, and up to 64 KiB are on their way before a writer
 * waits. For tests, for peers in the same program, and for runs with a seed. `name` as for
 * act_spawn(). On 0 both are held by this actor, and nobody owns them yet. -ENOMEM. */
int act_tcp_pair(struct act_self *self, const char *name, struct act_handle ret_ends[2]);

/* From now on TcpData and TcpClosed come to this actor. 0; ACT_EGONE when the connection is over
 * and has ended. */
int act_tcp_own(struct act_self *self, struct act_handle connection);

/* Writes all of it; waits until the kernel has taken it. 0, ACT_ECLOSED, -errno. */
#define act_tcp_write(self, connection, data, size) \
	act__tcp_write((self), (connection), (data), (size), ACT_HERE)

/* Closes; the owner gets no more messages. */
void act_tcp_close(struct act_self *self, struct act_handle connection);

/* private */
int act__tcp_connect(struct act_self *self, const char *address, uint16_t port,
		     struct act_handle *ret_connection, struct act_site *site);
int act__tcp_write(struct act_self *self, struct act_handle connection, const void *data,
		   size_t size, struct act_site *site);

#ifdef __cplusplus
}
#endif

#endif
