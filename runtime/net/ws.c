#include <act/ws.h>

#include "runtime/net/listener.h"
#include "runtime/net/pair.h"
#include "runtime/net/ws-connection.h"
#include "runtime/net/ws-handshake.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_LIMIT = 65536 };

/* --- listening -------------------------------------------------------------------------------- */

static bool on_accepted(struct act__listener *listener, int fd, const char *peer)
{
	act__ws_spawn(listener->self, fd, peer, listener->options,
		      act_clone(listener->self, listener->owner));
	return true;
}

static const struct act__listener_kind ws_listener_kind = {
	.native = {.kind = {.name = "ws-listener"}, ACT__LISTENER_CALLBACKS},
	.accepted = on_accepted,
	.busy = act__ws_busy,
};

int act_ws_listen(struct act_self *self, const struct act_ws_options *options,
		  struct act_handle *ret_listener, uint16_t *ret_port)
{
	struct act_ws_options *copy = calloc(1, sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	if (options)
		*copy = *options;
	if (copy->message_limit == 0)
		copy->message_limit = MESSAGE_LIMIT;
	if (copy->handshake_limit == 0)
		copy->handshake_limit = 10 * ACT_SECOND;
	if (copy->ping_interval == 0)
		copy->ping_interval = 30 * ACT_SECOND;
	/* libuv counts milliseconds, and 0 would mean "at once, for ever". */
	if (copy->ping_interval < ACT_MILLISECOND)
		copy->ping_interval = ACT_MILLISECOND;
	const char *address = copy->address;
	copy->address = NULL; /* the caller's memory */
	return act__listener_open(self, &ws_listener_kind, address, copy->port, 0, copy,
				  ret_listener, ret_port);
}

/* --- pairs ------------------------------------------------------------------------------------ */

enum { CODE_GOING_AWAY = 1001 };

static int tell_text(struct act_self *self, struct act_handle owner, act_native_done *done,
		     const char *text, size_t size)
{
	return act_native_send(self, owner, done, WsText, .text = text);
}

static int tell_closed(struct act_self *self, struct act_handle owner, act_native_done *done,
		       unsigned code, const char *reason)
{
	return act_native_send(self, owner, done, WsClosed, .code = code, .reason = reason);
}

static void handle_as_end(struct act_self *self, void *end, struct act_message *message)
{
	struct WsSend *send = act_as(message, WsSend);
	struct WsClose *close = act_as(message, WsClose);
	struct WsOwn *own = act_as(message, WsOwn);
	if (send)
		act__pair_write(end, send->text, strlen(send->text), act_token_of(message));
	else if (close)
		act__pair_close(end, (unsigned)close->code, close->reason, false);
	else if (own)
		act__pair_own(end, act_take(&own->owner));
}

static const struct act__pair_kind ws_pair_kind = {
	.native = {.kind = {.name = "ws"}, .handle = handle_as_end, ACT__PAIR_CALLBACKS},
	.tell = tell_text,
	.tell_closed = tell_closed,
	.going_away = CODE_GOING_AWAY,
};

int act_ws_pair(struct act_self *self, const char *name, struct act_handle ret_ends[2])
{
	return act__pair_spawn(self, &ws_pair_kind, name, ret_ends);
}

/* --- what actors call ------------------------------------------------------------------------- */

int act_ws_own(struct act_self *self, struct act_handle connection)
{
	return act_try_send(self, connection, WsOwn, .owner = act_me(self));
}

int act__ws_send(struct act_self *self, struct act_handle connection, const char *text,
		 struct act_site *site)
{
	struct act_message *reply;
	struct WsSend question = {.text = text};
	if (strlen(text) > INT_MAX)
		return -EMSGSIZE;
	int error = act__ask(self, connection, &reply, &WsSend_type, &question, ACT_FOREVER, site);
	act_release(self, reply);
	return error == ACT_EGONE || error == ACT_EDROPPED ? ACT_ECLOSED : error;
}

void act_ws_close(struct act_self *self, struct act_handle connection, uint16_t code,
		  const char *reason)
{
	assert(code >= 1000 && code <= 4999 && code != 1005 && code != 1006);
	/* A connection takes its messages at once, so there is no space only if somebody floods it:
	 * then it is stopped instead. */
	if (act_try_send(self, connection, WsClose, .code = code, .reason = reason) == ACT_EFULL)
		act_stop(self, connection);
}
