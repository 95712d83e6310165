/*
 * Accepting connections.
 *
 * Sockets are accepted by hand rather than by libuv, since each goes to a loop of another worker.
 *
 * When descriptors run out, a listening socket stays readable, and nothing that is done about it
 * here would make it less so: a naive loop spins. So the listener keeps one spare descriptor, gives
 * it up to accept the newcomer, tells him that the server is busy, takes it back, and pauses.
 */
#include "runtime/net/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/net/address.h"

enum { ACCEPTS_A_TURN = 64, PAUSE_MS = 100, BACKLOG = 128 };

ACT_MESSAGE(Listen, (handle, owner))

/* --- accepting -------------------------------------------------------------------------------- */

static void on_readable(uv_poll_t *poll, int status, int events);

static void begin_close(struct act__listener *listener);

void act__listener_resume(struct act__listener *listener)
{
	listener->paused = false;
	if (listener->closing)
		return;
	if (uv_poll_start(&listener->poll, UV_READABLE, on_readable) != 0)
		begin_close(listener);
}

static void pause_accepting(struct act__listener *listener)
{
	listener->paused = true;
	uv_poll_stop(&listener->poll);
}

static void after_pause(uv_timer_t *timer)
{
	act__listener_resume(timer->data);
}

static int open_spare(void)
{
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void turn_away(struct act__listener *listener)
{
	act_log(listener->self, "out of descriptors or memory, turning a connection away");
	if (listener->spare >= 0)
		close(listener->spare);
	int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		const char *busy = listener->kind->busy;
		if (busy && send(fd, busy, strlen(busy), MSG_NOSIGNAL) > 0)
			shutdown(fd, SHUT_WR);
		close(fd);
	}
	listener->spare = open_spare();
	pause_accepting(listener);
	uv_timer_start(&listener->pause, after_pause, PAUSE_MS, 0);
}

/* Whether there may be more to accept. */
static bool accept_one(struct act__listener *listener)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	int fd = accept4(listener->fd, (struct sockaddr *)&address, &size,
			 SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		char peer[ACT__PEER_SIZE];
		act__address_print(&address, peer, sizeof(peer));
		if (listener->kind->accepted(listener, fd, peer))
			return true;
		pause_accepting(listener);
		return false;
	}
	switch (errno) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		turn_away(listener);
		return false;
	case EAGAIN:
		return false;
	default:
		/* The connection broke before it was accepted; the next one may be fine. */
		return true;
	}
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct act__listener *listener = poll->data;
	for (int i = 0; i < ACCEPTS_A_TURN && accept_one(listener); i++)
		;
}

/* --- life ------------------------------------------------------------------------------------- */

static void finish_close(uv_handle_t *handle)
{
	struct act__listener *listener = handle->data;
	if (--listener->open_handles > 0)
		return;
	act_drop(listener->self, &listener->owner);
	act_native_end(listener->self);
}

static void begin_close(struct act__listener *listener)
{
	if (listener->closing)
		return;
	listener->closing = true;
	uv_close((uv_handle_t *)&listener->poll, finish_close);
	uv_close((uv_handle_t *)&listener->pause, finish_close);
}

void act__listener_start(struct act_self *self, void *data)
{
	struct act__listener *listener = data;
	listener->self = self;
	uv_timer_init(act_native_loop(self), &listener->pause);
	if (uv_poll_init(act_native_loop(self), &listener->poll, listener->fd) != 0) {
		act_log(self, "the loop does not take the listening socket");
		listener->closing = true;
		listener->open_handles = 1;
		listener->pause.data = listener;
		uv_close((uv_handle_t *)&listener->pause, finish_close);
		return;
	}
	listener->poll.data = listener->pause.data = listener;
	listener->open_handles = 2;
}

void act__listener_handle(struct act_self *self, void *data, struct act_message *message)
{
	struct act__listener *listener = data;
	struct Listen *listen = act_as(message, Listen);
	if (!listen || listener->owner.actor)
		return;
	listener->owner = act_take(&listen->owner);
	act__listener_resume(listener);
}

void act__listener_stop(struct act_self *self, void *data)
{
	begin_close(data);
}

void act__listener_free(void *data)
{
	struct act__listener *listener = data;
	close(listener->fd);
	if (listener->spare >= 0)
		close(listener->spare);
	free(listener->options);
	free(listener);
}

/* Returns a listening socket or -errno. */
static int bind_socket(const char *address, uint16_t port, int backlog, uint16_t *ret_port)
{
	struct sockaddr_storage name;
	int error = act__address_parse(address, port, &name);
	if (error)
		return error;
	int fd = socket(name.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	socklen_t size = act__address_size(&name);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
	if (bind(fd, (struct sockaddr *)&name, size) < 0 ||
	    listen(fd, backlog > 0 ? backlog : BACKLOG) < 0 ||
	    getsockname(fd, (struct sockaddr *)&name, &size) < 0) {
		error = -errno;
		close(fd);
		return error;
	}
	*ret_port = act__address_port(&name);
	return fd;
}

int act__listener_open(struct act_self *self, const struct act__listener_kind *kind,
		       const char *address, uint16_t port, int backlog, void *options,
		       struct act_handle *ret_listener, uint16_t *ret_port)
{
	uint16_t bound_port = 0;
	int fd = act_native_has_network(self) ? bind_socket(address, port, backlog, &bound_port)
					      : ACT_ENETWORK;
	if (fd < 0) {
		free(options);
		return fd;
	}
	struct act__listener *listener = calloc(1, sizeof(*listener));
	if (!listener) {
		close(fd);
		free(options);
		return -ENOMEM;
	}
	listener->kind = kind;
	listener->fd = fd;
	listener->spare = open_spare();
	listener->options = options;

	char name[ACT__PEER_SIZE];
	struct sockaddr_storage bound;
	act__address_parse(address, bound_port, &bound);
	act__address_print(&bound, name, sizeof(name));
	struct act_handle handle =
		act_native_spawn(self, &kind->native, name, listener, ACT_NATIVE_HERE, ACT_HERE);
	if (!handle.actor)
		return -ENOMEM;
	/* It is new: its mailbox has space. */
	act_try_send(self, handle, Listen, .owner = act_me(self));
	*ret_listener = handle;
	if (ret_port)
		*ret_port = bound_port;
	return 0;
}
