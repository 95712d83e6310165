/*
 * WebSocket connections as actors.
 *
 * A connection is a native actor around a stream and its framing. Its life:
 *
 *     HANDSHAKE   The head of the request is gathered. Nobody has a handle but the actor itself.
 *     OPEN        WsAccepted went out. Frames are read while the owner's mailbox has space.
 *     CLOSING     A close frame (or a refusal) was sent or is under way. What the peer still says
 *                 is read and dropped, for closing with unread bytes would reset the connection
 *                 and take our last words from it. Ends with the peer's end, or by a time limit.
 *     CLOSED      The socket is closed; the actor stays until its owner was told.
 *
 * Whatever changed, go_on() looks what is to be done next.
 */
#include "runtime/net/ws-connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/net/address.h"
#include "runtime/net/stream.h"
#include "runtime/net/ws-framing.h"
#include "runtime/net/ws-handshake.h"

enum {
	CLOSING_MS = 5000,
	STOPPING_MS = 1000,
	/* Answers to pings that a peer does not read; more, and nothing is read from it. */
	UNREAD_ANSWERS_LIMIT = 65536,

	CODE_GOING_AWAY = 1001,
};

enum phase { HANDSHAKE, OPEN, CLOSING, CLOSED };

struct ws {
	struct act__stream stream;
	uv_timer_t timer; /* of the handshake, the pings, or the closing */
	struct act_self *self;
	struct act_ws_options options;
	int fd;           /* until `start` */
	int open_handles; /* of uv */
	enum phase phase;

	/* Bytes of the handshake's head; then what came with it, until there is an owner. */
	char *early;
	size_t early_size;

	struct act_handle me;       /* until WsAccepted */
	struct act_handle acceptor; /* likewise */
	struct act_handle owner;
	bool delivering; /* a message to the acceptor or owner is under way */
	bool told;       /* that it is closed; or there is nobody to be told */
	bool reset;      /* the peer does not deserve an orderly end */

	struct act__ws_framing *framing;
	bool heard, pinged; /* since the last look */
	char peer[ACT__PEER_SIZE];
};

static void go_on(struct ws *ws);

/* --- the end ---------------------------------------------------------------------------------- */

static void close_handles(struct ws *ws)
{
	if (ws->phase == CLOSED)
		return;
	ws->phase = CLOSED;
	act__stream_fail_writers(&ws->stream);
	act__stream_close(&ws->stream, ws->reset);
	uv_timer_stop(&ws->timer);
}

static void on_time_is_up(uv_timer_t *timer)
{
	struct ws *ws = timer->data;
	ws->reset = true;
	close_handles(ws);
	go_on(ws);
}

static void begin_closing(struct ws *ws, unsigned limit_ms)
{
	ws->phase = CLOSING;
	act__stream_fail_writers(&ws->stream);
	uv_timer_start(&ws->timer, on_time_is_up, limit_ms, 0);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct ws *ws = handle->data;
	act_drop(ws->self, &ws->me);
	act_drop(ws->self, &ws->acceptor);
	act_drop(ws->self, &ws->owner);
	act_native_end(ws->self);
}

static void end(struct ws *ws)
{
	if (!uv_is_closing((uv_handle_t *)&ws->timer))
		uv_close((uv_handle_t *)&ws->timer, on_timer_closed);
}

/* --- out -------------------------------------------------------------------------------------- */

/* Writes what the framing has for the peer. */
static void flush(struct ws *ws, struct act_token token)
{
	char *data;
	size_t size;
	if (!act__ws_framing_take_output(ws->framing, &data, &size)) {
		ws->reset = true;
		close_handles(ws);
	}
	if (data)
		act__stream_write(&ws->stream, data, size, token);
	else if (token.ask)
		act_fail(ws->self, &token, ACT_ECLOSED);
}

static void flush_unawaited(struct ws *ws)
{
	flush(ws, (struct act_token){0});
}

static void send_close(struct ws *ws, uint16_t code, const char *reason, unsigned limit_ms)
{
	act__ws_framing_send_close(ws->framing, code, reason);
	flush_unawaited(ws);
	if (ws->phase == OPEN)
		begin_closing(ws, limit_ms);
}

/* --- keeping alive ---------------------------------------------------------------------------- */

static void on_ping_time(uv_timer_t *timer)
{
	struct ws *ws = timer->data;
	/* Whoever does not listen cannot complain about silence. */
	if (ws->heard || !ws->stream.reading) {
		ws->heard = ws->pinged = false;
	} else if (!ws->pinged) {
		ws->pinged = true;
		act__ws_framing_send_ping(ws->framing);
		flush_unawaited(ws);
	} else {
		act_log(ws->self, "%s does not answer a ping", ws->peer);
		ws->reset = true;
		close_handles(ws);
	}
	go_on(ws);
}

/* --- what acceptor and owner are told --------------------------------------------------------- */

static void delivered(struct act_self *self, void *data, int error)
{
	struct ws *ws = data;
	ws->delivering = false;
	if (error)
		ws->told = true;
	go_on(ws);
}

/* Takes the result of an act_native_send(). */
static void note_delivery(struct ws *ws, int result)
{
	if (result == ACT_NATIVE_LATER)
		ws->delivering = true;
	else if (result != 0)
		ws->told = true;
}

static void deliver_message(struct ws *ws, const struct act__ws_message *message)
{
	int result;
	if (message->type == ACT__WS_TEXT)
		result = act_native_send(ws->self, ws->owner, delivered, WsText,
					 .text = message->data);
	else
		result = act_native_send(ws->self, ws->owner, delivered, WsBinary,
					 .data = {message->data, message->size});
	note_delivery(ws, result);
}

static void deliver_messages(struct ws *ws)
{
	while (ws->owner.actor && !ws->delivering && !ws->told) {
		struct act__ws_message *message = act__ws_framing_next(ws->framing);
		if (!message)
			return;
		deliver_message(ws, message);
		free(message);
	}
}

static void deliver_end(struct ws *ws)
{
	if (!ws->owner.actor || ws->delivering || ws->told)
		return;
	ws->told = true;
	note_delivery(ws, act_native_send(ws->self, ws->owner, delivered, WsClosed,
					  .code = act__ws_framing_close_code(ws->framing),
					  .reason = act__ws_framing_close_reason(ws->framing)));
}

/* --- in --------------------------------------------------------------------------------------- */

static bool wants_bytes(const struct ws *ws)
{
	switch (ws->phase) {
	case HANDSHAKE:
	case CLOSING:
		return true;
	case OPEN:
		return ws->owner.actor && !ws->delivering &&
		       ws->stream.unawaited < UNREAD_ANSWERS_LIMIT;
	case CLOSED:
		break;
	}
	return false;
}

static void feed(struct ws *ws, const char *data, size_t size)
{
	ws->heard = true;
	if (!act__ws_framing_feed(ws->framing, data, size)) {
		ws->reset = true;
		close_handles(ws);
		return;
	}
	flush_unawaited(ws);
	if (ws->phase == OPEN && act__ws_framing_close_sent(ws->framing))
		begin_closing(ws, CLOSING_MS);
}

static void feed_early(struct ws *ws)
{
	char *early = ws->early;
	ws->early = NULL;
	if (early)
		feed(ws, early, ws->early_size);
	free(early);
}

static void go_on(struct ws *ws)
{
	if (ws->framing) {
		if (ws->owner.actor && ws->phase == OPEN)
			feed_early(ws);
		deliver_messages(ws);
		bool silent = !act__ws_framing_wants_input(ws->framing);
		if (ws->phase == CLOSED || (ws->phase == CLOSING && silent))
			deliver_end(ws);
		if (ws->told && ws->phase == OPEN)
			send_close(ws, CODE_GOING_AWAY, NULL, CLOSING_MS);
		/* All is said by both sides, or the peer's word does not count any more. */
		if (ws->phase == CLOSING && silent && act__stream_is_flushed(&ws->stream))
			act__stream_shut_down(&ws->stream);
	}
	act__stream_read(&ws->stream, wants_bytes(ws));
	if (ws->phase == CLOSED && ws->open_handles == 0 && ws->told && !ws->delivering)
		end(ws);
}

/* --- the handshake ---------------------------------------------------------------------------- */

static bool keep_early(struct ws *ws, const char *data, size_t size)
{
	char *early = realloc(ws->early, ws->early_size + size + 1);
	if (!early)
		return false;
	memcpy(early + ws->early_size, data, size);
	ws->early = early;
	ws->early_size += size;
	return true;
}

static void accept_connection(struct ws *ws, size_t consumed)
{
	ws->framing = act__ws_framing_new(ws->options.message_limit);
	if (!ws->framing) {
		ws->told = ws->reset = true;
		close_handles(ws);
		return;
	}
	ws->early_size -= consumed;
	memmove(ws->early, ws->early + consumed, ws->early_size);
	ws->phase = OPEN;
	uint64_t interval_ms = ws->options.ping_interval / ACT_MILLISECOND;
	uv_timer_start(&ws->timer, on_ping_time, interval_ms, interval_ms);

	struct act_handle me = ws->me;
	ws->me = ACT_NOBODY;
	note_delivery(ws, act_native_send(ws->self, ws->acceptor, delivered, WsAccepted,
					  .connection = me, .peer = ws->peer));
	act_drop(ws->self, &ws->acceptor);
}

static void shake_hands(struct ws *ws, const char *data, size_t size)
{
	struct act__ws_handshake answer;
	if (!keep_early(ws, data, size)) {
		ws->told = ws->reset = true;
		close_handles(ws);
		return;
	}
	if (act__ws_handshake(ws->early, ws->early_size, &answer) == 0)
		return;
	char *response = malloc(answer.size);
	if (response) {
		memcpy(response, answer.response, answer.size);
		act__stream_write(&ws->stream, response, answer.size, (struct act_token){0});
	}
	if (answer.status == 101 && response) {
		accept_connection(ws, answer.consumed);
		return;
	}
	act_log(ws->self, "%s: handshake refused with status %d", ws->peer, answer.status);
	ws->told = true;
	begin_closing(ws, CLOSING_MS);
}

/* --- the stream's callbacks ------------------------------------------------------------------- */

static void on_data(struct act__stream *stream, const char *data, size_t size)
{
	struct ws *ws = (struct ws *)stream;
	if (ws->phase == HANDSHAKE)
		shake_hands(ws, data, size);
	else if (ws->framing)
		feed(ws, data, size);
	go_on(ws);
}

static void on_over(struct act__stream *stream, int error)
{
	struct ws *ws = (struct ws *)stream;
	if (ws->phase == HANDSHAKE)
		ws->told = true;
	close_handles(ws);
	go_on(ws);
}

static void on_written(struct act__stream *stream)
{
	struct ws *ws = (struct ws *)stream;
	/* A refusal is all there is to say. */
	if (ws->phase == CLOSING && !ws->framing && act__stream_is_flushed(stream))
		act__stream_shut_down(stream);
	go_on(ws);
}

static void on_closed(struct act__stream *stream)
{
	struct ws *ws = (struct ws *)stream;
	ws->open_handles--;
	go_on(ws);
}

static const struct act__stream_events stream_events = {
	.data = on_data,
	.over = on_over,
	.written = on_written,
	.closed = on_closed,
};

/* --- the actor -------------------------------------------------------------------------------- */

static void on_handshake_time(uv_timer_t *timer)
{
	struct ws *ws = timer->data;
	act_log(ws->self, "%s did not finish its handshake in time", ws->peer);
	ws->told = true;
	on_time_is_up(timer);
}

static void ws_start(struct act_self *self, void *data)
{
	struct ws *ws = data;
	int fd = ws->fd;
	ws->self = self;
	ws->fd = -1;
	uv_timer_init(act_native_loop(self), &ws->timer);
	ws->timer.data = ws;
	ws->open_handles = 1;
	if (act__stream_open(&ws->stream, self, fd, &stream_events) != 0) {
		ws->open_handles = 0;
		ws->phase = CLOSED;
		ws->told = true;
		end(ws);
		return;
	}
	uint64_t limit_ms = ws->options.handshake_limit / ACT_MILLISECOND;
	if (ws->phase == HANDSHAKE)
		uv_timer_start(&ws->timer, on_handshake_time, limit_ms, 0);
}

static void serve(struct ws *ws, struct act_handle acceptor)
{
	ws->acceptor = acceptor;
	ws->me = act_me(ws->self);
	go_on(ws);
}

static void send_text(struct ws *ws, const char *text, struct act_token token)
{
	bool open = ws->phase == OPEN && act__ws_framing_send_text(ws->framing, text, strlen(text));
	if (open)
		flush(ws, token);
	else
		act_fail(ws->self, &token, ACT_ECLOSED);
}

static void ws_handle(struct act_self *self, void *data, struct act_message *message)
{
	struct ws *ws = data;
	struct WsSend *send = act_as(message, WsSend);
	struct WsClose *close = act_as(message, WsClose);
	struct WsOwn *own = act_as(message, WsOwn);
	struct WsServe *to_serve = act_as(message, WsServe);
	if (send) {
		send_text(ws, send->text, act_token_of(message));
	} else if (close && ws->phase == OPEN) {
		send_close(ws, (uint16_t)close->code, close->reason, CLOSING_MS);
		go_on(ws);
	} else if (own) {
		act_drop(self, &ws->owner);
		ws->owner = act_take(&own->owner);
		go_on(ws);
	} else if (to_serve) {
		serve(ws, act_take(&to_serve->acceptor));
	}
}

static void ws_stop(struct act_self *self, void *data)
{
	struct ws *ws = data;
	/* Nobody listens any more; what is under way to somebody is dropped in the end. */
	ws->told = true;
	ws->delivering = false;
	if (ws->phase == HANDSHAKE)
		close_handles(ws);
	else if (ws->phase == OPEN)
		send_close(ws, CODE_GOING_AWAY, NULL, STOPPING_MS);
	go_on(ws);
}

static void ws_free(void *data)
{
	struct ws *ws = data;
	if (ws->fd >= 0)
		close(ws->fd);
	act__ws_framing_free(ws->framing);
	free(ws->early);
	free(ws);
}

static const struct act_native_kind ws_kind = {
	.kind = {.name = "ws"},
	.start = ws_start,
	.handle = ws_handle,
	.stop = ws_stop,
	.free = ws_free,
};

void act__ws_spawn(struct act_self *self, int fd, const char *peer,
		   const struct act_ws_options *options, struct act_handle acceptor)
{
	struct ws *ws = calloc(1, sizeof(*ws));
	if (!ws) {
		close(fd);
		act_drop(self, &acceptor);
		return;
	}
	ws->fd = fd;
	ws->options = *options;
	snprintf(ws->peer, sizeof(ws->peer), "%s", peer);
	struct act_handle connection =
		act_native_spawn(self, &ws_kind, peer, ws, ACT_NATIVE_SPREAD, ACT_HERE);
	/* It is new: its mailbox has space. From then on it holds itself. */
	act_try_send(self, connection, WsServe, .acceptor = acceptor);
	act_drop(self, &connection);
}
