/*
 * TCP connections as actors.
 *
 * A connection is a native actor around a stream. What it tells its owner goes by act_native_send,
 * one message at a time: while one is under way nothing is read. It ends when its socket is closed
 * and the owner knows.
 */
#include <act/tcp.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/net/address.h"
#include "runtime/net/listener.h"
#include "runtime/net/pair.h"
#include "runtime/net/stream.h"

ACT_MESSAGE(TcpOwn, (handle, owner))
ACT_MESSAGE(TcpWrite, (bytes, data))
ACT_SIGNAL(TcpClose)
ACT_MESSAGE(TcpConnect, (text, peer))
ACT_SIGNAL(TcpConnected)

struct tcp {
	struct act__stream stream;
	struct act_self *self;
	int fd; /* until `start` */
	struct sockaddr_storage address;
	struct act_token connecting;
	struct act_handle owner;
	bool delivering; /* a message to the owner is under way */
	bool over, told; /* the connection is; the owner knows */
	int error;
	bool closed; /* the uv handle is */
};

/* --- what the owner is told ------------------------------------------------------------------- */

static void go_on(struct tcp *tcp);

static void delivered(struct act_self *self, void *data, int error)
{
	struct tcp *tcp = data;
	tcp->delivering = false;
	go_on(tcp);
}

/* Looks what is to be done next; called after each change. */
static void go_on(struct tcp *tcp)
{
	bool has_owner = tcp->owner.actor != NULL;
	if (tcp->delivering)
		return;
	if (tcp->over && has_owner && !tcp->told) {
		tcp->told = true;
		tcp->delivering = act_native_send(tcp->self, tcp->owner, delivered, TcpClosed,
						  .error = tcp->error) == ACT_NATIVE_LATER;
		if (tcp->delivering)
			return;
	}
	if (tcp->told)
		act__stream_close(&tcp->stream, false);
	if (tcp->closed) {
		act_drop(tcp->self, &tcp->owner);
		act_native_end(tcp->self);
	} else {
		act__stream_read(&tcp->stream, has_owner);
	}
}

static void on_data(struct act__stream *stream, const char *data, size_t size)
{
	struct tcp *tcp = (struct tcp *)stream;
	int sent = act_native_send(tcp->self, tcp->owner, delivered, TcpData, .data = {data, size});
	if (sent == ACT_NATIVE_LATER) {
		tcp->delivering = true;
		act__stream_read(stream, false);
	} else if (sent != 0) {
		act__stream_close(stream, true);
	}
}

static void on_over(struct act__stream *stream, int error)
{
	struct tcp *tcp = (struct tcp *)stream;
	tcp->over = true;
	tcp->error = error;
	go_on(tcp);
}

static void on_closed(struct act__stream *stream)
{
	struct tcp *tcp = (struct tcp *)stream;
	tcp->closed = true;
	go_on(tcp);
}

static const struct act__stream_events stream_events = {
	.data = on_data,
	.over = on_over,
	.closed = on_closed,
};

/* --- the actor -------------------------------------------------------------------------------- */

static void tcp_start(struct act_self *self, void *data)
{
	struct tcp *tcp = data;
	int fd = tcp->fd;
	tcp->self = self;
	tcp->fd = -1;
	if (act__stream_open(&tcp->stream, self, fd, &stream_events) != 0)
		act_native_end(self);
}

static void on_connected(uv_connect_t *request, int status)
{
	struct tcp *tcp = request->data;
	if (status == 0) {
		act_answer(tcp->self, &tcp->connecting, TcpConnected);
		return;
	}
	act_fail(tcp->self, &tcp->connecting, status);
	act__stream_close(&tcp->stream, false);
}

static void begin_connect(struct tcp *tcp, struct act_message *message)
{
	tcp->connecting = act_token_of(message);
	tcp->stream.connect.data = tcp;
	int error = uv_tcp_connect(&tcp->stream.connect, &tcp->stream.tcp,
				   (struct sockaddr *)&tcp->address, on_connected);
	if (error)
		on_connected(&tcp->stream.connect, error);
}

static void begin_write(struct tcp *tcp, const struct TcpWrite *write, struct act_message *message)
{
	struct act_token token = act_token_of(message);
	char *copy = malloc(write->data.size ? write->data.size : 1);
	if (!copy) {
		act_fail(tcp->self, &token, -ENOMEM);
		return;
	}
	if (write->data.size)
		memcpy(copy, write->data.data, write->data.size);
	act__stream_write(&tcp->stream, copy, write->data.size, token);
}

static void tcp_stop(struct act_self *self, void *data)
{
	struct tcp *tcp = data;
	tcp->delivering = false; /* whatever is under way is no longer wanted */
	act_drop(self, &tcp->owner);
	act__stream_close(&tcp->stream, false);
}

static void tcp_handle(struct act_self *self, void *data, struct act_message *message)
{
	struct tcp *tcp = data;
	struct TcpOwn *own = act_as(message, TcpOwn);
	struct TcpWrite *write = act_as(message, TcpWrite);
	if (write) {
		begin_write(tcp, write, message);
	} else if (own) {
		act_drop(self, &tcp->owner);
		tcp->owner = act_take(&own->owner);
		go_on(tcp);
	} else if (act_as(message, TcpConnect)) {
		begin_connect(tcp, message);
	} else if (act_as(message, TcpClose)) {
		tcp_stop(self, tcp);
	}
}

static void tcp_free(void *data)
{
	struct tcp *tcp = data;
	if (tcp->fd >= 0)
		close(tcp->fd);
	free(tcp);
}

static const struct act_native_kind tcp_kind = {
	.kind = {.name = "tcp"},
	.start = tcp_start,
	.handle = tcp_handle,
	.stop = tcp_stop,
	.free = tcp_free,
};

/* The caller holds the handle; `fd` is given away. */
static struct act_handle spawn_tcp(struct act_self *self, int fd,
				   const struct sockaddr_storage *address, const char *peer)
{
	struct tcp *tcp = calloc(1, sizeof(*tcp));
	if (!tcp) {
		close(fd);
		return ACT_NOBODY;
	}
	tcp->fd = fd;
	if (address)
		tcp->address = *address;
	return act_native_spawn(self, &tcp_kind, peer, tcp, ACT_NATIVE_SPREAD, ACT_HERE);
}

/* --- listening -------------------------------------------------------------------------------- */

static void accept_delivered(struct act_self *self, void *data, int error)
{
	act__listener_resume(data);
}

static bool on_accepted(struct act__listener *listener, int fd, const char *peer)
{
	struct act_handle connection = spawn_tcp(listener->self, fd, NULL, peer);
	if (!connection.actor)
		return true;
	return act_native_send(listener->self, listener->owner, accept_delivered, TcpAccepted,
			       .connection = connection, .peer = peer) != ACT_NATIVE_LATER;
}

static const struct act__listener_kind tcp_listener_kind = {
	.native = {.kind = {.name = "tcp-listener"}, ACT__LISTENER_CALLBACKS},
	.accepted = on_accepted,
};

int act_tcp_listen(struct act_self *self, const struct act_tcp_options *options,
		   struct act_handle *ret_listener, uint16_t *ret_port)
{
	static const struct act_tcp_options defaults;
	if (!options)
		options = &defaults;
	return act__listener_open(self, &tcp_listener_kind, options->address, options->port,
				  options->backlog, NULL, ret_listener, ret_port);
}

/* --- pairs ------------------------------------------------------------------------------------ */

static int tell_data(struct act_self *self, struct act_handle owner, act_native_done *done,
		     const char *data, size_t size)
{
	return act_native_send(self, owner, done, TcpData, .data = {data, size});
}

static int tell_closed(struct act_self *self, struct act_handle owner, act_native_done *done,
		       unsigned code, const char *reason)
{
	return act_native_send(self, owner, done, TcpClosed);
}

static void handle_as_end(struct act_self *self, void *end, struct act_message *message)
{
	struct TcpOwn *own = act_as(message, TcpOwn);
	struct TcpWrite *write = act_as(message, TcpWrite);
	if (write)
		act__pair_write(end, write->data.data, write->data.size, act_token_of(message));
	else if (own)
		act__pair_own(end, act_take(&own->owner));
	else if (act_as(message, TcpClose))
		act__pair_close(end, 0, "", true);
}

static const struct act__pair_kind tcp_pair_kind = {
	.native = {.kind = {.name = "tcp"}, .handle = handle_as_end, ACT__PAIR_CALLBACKS},
	.tell = tell_data,
	.tell_closed = tell_closed,
};

int act_tcp_pair(struct act_self *self, const char *name, struct act_handle ret_ends[2])
{
	return act__pair_spawn(self, &tcp_pair_kind, name, ret_ends);
}

/* --- what actors call ------------------------------------------------------------------------- */

int act__tcp_connect(struct act_self *self, const char *address, uint16_t port,
		     struct act_handle *ret_connection, struct act_site *site)
{
	struct sockaddr_storage name;
	int error = act_native_has_network(self) ? act__address_parse(address, port, &name)
						 : ACT_ENETWORK;
	if (error)
		return error;
	int fd = socket(name.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	char peer[ACT__PEER_SIZE];
	act__address_print(&name, peer, sizeof(peer));
	struct act_handle connection = spawn_tcp(self, fd, &name, peer);
	if (!connection.actor)
		return -ENOMEM;

	struct act_message *reply;
	struct TcpConnect question = {.peer = peer};
	error = act__ask(self, connection, &reply, &TcpConnect_type, &question, ACT_FOREVER, site);
	if (error) {
		act_drop(self, &connection);
		return error;
	}
	act_release(self, reply);
	*ret_connection = connection;
	return 0;
}

int act_tcp_own(struct act_self *self, struct act_handle connection)
{
	return act_try_send(self, connection, TcpOwn, .owner = act_me(self));
}

int act__tcp_write(struct act_self *self, struct act_handle connection, const void *data,
		   size_t size, struct act_site *site)
{
	if (size > INT_MAX)
		return -EMSGSIZE;
	struct act_message *reply;
	struct TcpWrite question = {.data = {data, size}};
	int error =
		act__ask(self, connection, &reply, &TcpWrite_type, &question, ACT_FOREVER, site);
	act_release(self, reply);
	return error == ACT_EGONE || error == ACT_EDROPPED ? ACT_ECLOSED : error;
}

void act_tcp_close(struct act_self *self, struct act_handle connection)
{
	/* A connection takes its messages at once, so there is no space only if somebody floods it:
	 * then it is stopped instead. */
	if (act_try_send(self, connection, TcpClose) == ACT_EFULL)
		act_stop(self, connection);
}
