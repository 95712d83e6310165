#include "runtime/net/ws-framing.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <wslay/wslay.h>

enum { REASON_LIMIT = 123 };

struct act__ws_framing {
	wslay_event_context_ptr wslay;

	/* What is being fed. */
	const char *input;
	size_t input_size;

	struct act__ws_message *first, **end;

	char *output;
	size_t output_size, output_room;
	bool out_of_memory;

	uint16_t close_code;
	char close_reason[REASON_LIMIT + 1];
};

/* --- wslay's callbacks ------------------------------------------------------------------------ */

static ssize_t take_input(wslay_event_context_ptr wslay, uint8_t *data, size_t size, int flags,
			  void *user)
{
	struct act__ws_framing *framing = user;
	if (framing->input_size == 0) {
		wslay_event_set_error(wslay, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	if (size > framing->input_size)
		size = framing->input_size;
	memcpy(data, framing->input, size);
	framing->input += size;
	framing->input_size -= size;
	return (ssize_t)size;
}

static bool append(struct act__ws_framing *framing, const void *data, size_t size)
{
	if (framing->output_room - framing->output_size < size) {
		size_t room = framing->output_size + size;
		char *bigger = realloc(framing->output, room);
		if (!bigger) {
			framing->out_of_memory = true;
			return false;
		}
		framing->output = bigger;
		framing->output_room = room;
	}
	memcpy(framing->output + framing->output_size, data, size);
	framing->output_size += size;
	return true;
}

static ssize_t give_output(wslay_event_context_ptr wslay, const uint8_t *data, size_t size,
			   int flags, void *user)
{
	if (!append(user, data, size)) {
		wslay_event_set_error(wslay, WSLAY_ERR_CALLBACK_FAILURE);
		return -1;
	}
	return (ssize_t)size;
}

static void note_close(struct act__ws_framing *framing, uint16_t code, const char *reason,
		       size_t reason_size)
{
	if (framing->close_code)
		return;
	if (reason_size > REASON_LIMIT)
		reason_size = REASON_LIMIT;
	framing->close_code = code;
	memcpy(framing->close_reason, reason, reason_size);
	framing->close_reason[reason_size] = '\0';
}

static void queue_message(struct act__ws_framing *framing, enum act__ws_type type,
			  const uint8_t *data, size_t size)
{
	struct act__ws_message *message = malloc(sizeof(*message) + size + 1);
	if (!message) {
		framing->out_of_memory = true;
		return;
	}
	message->next = NULL;
	message->type = type;
	message->size = size;
	if (size > 0)
		memcpy(message->data, data, size);
	message->data[size] = '\0';
	*framing->end = message;
	framing->end = &message->next;
}

static void take_message(wslay_event_context_ptr wslay,
			 const struct wslay_event_on_msg_recv_arg *message, void *user)
{
	struct act__ws_framing *framing = user;
	const uint8_t *data = message->msg;
	size_t size = message->msg_length;
	if (message->opcode == WSLAY_CONNECTION_CLOSE) {
		bool has_code = size >= 2;
		note_close(framing, has_code ? message->status_code : WSLAY_CODE_NO_STATUS_RCVD,
			   has_code ? (const char *)data + 2 : "", has_code ? size - 2 : 0);
	} else if (framing->close_code) {
		/* Said after this side closed: nobody listens any more. */
	} else if (message->opcode == WSLAY_BINARY_FRAME) {
		queue_message(framing, ACT__WS_BINARY, data, size);
	} else if (message->opcode == WSLAY_TEXT_FRAME) {
		if (size > 0 && memchr(data, '\0', size))
			act__ws_framing_send_close(framing, WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA,
						   "text with a NUL in it");
		else
			queue_message(framing, ACT__WS_TEXT, data, size);
	}
}

/* --- life ------------------------------------------------------------------------------------- */

struct act__ws_framing *act__ws_framing_new(size_t message_limit)
{
	static const struct wslay_event_callbacks callbacks = {
		.recv_callback = take_input,
		.send_callback = give_output,
		.on_msg_recv_callback = take_message,
	};
	struct act__ws_framing *framing = calloc(1, sizeof(*framing));
	if (!framing)
		return NULL;
	framing->end = &framing->first;
	if (wslay_event_context_server_init(&framing->wslay, &callbacks, framing) != 0) {
		free(framing);
		return NULL;
	}
	wslay_event_config_set_max_recv_msg_length(framing->wslay, message_limit);
	return framing;
}

void act__ws_framing_free(struct act__ws_framing *framing)
{
	if (!framing)
		return;
	struct act__ws_message *message;
	while ((message = act__ws_framing_next(framing)))
		free(message);
	wslay_event_context_free(framing->wslay);
	free(framing->output);
	free(framing);
}

/* --- in --------------------------------------------------------------------------------------- */

static const char *reason_of(uint16_t code)
{
	switch (code) {
	case WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA:
		return "text is not UTF-8";
	case WSLAY_CODE_MESSAGE_TOO_BIG:
		return "message is too long";
	default:
		return "protocol error";
	}
}

/* wslay has queued a close frame because the peer broke the rules, but it gives no reason, and for
 * malformed frames no code. Puts a better one in its place. */
static void explain_close(struct act__ws_framing *framing)
{
	wslay_event_send(framing->wslay);
	uint16_t code = wslay_event_get_status_code_sent(framing->wslay);
	bool without_code = code == WSLAY_CODE_NO_STATUS_RCVD;
	size_t frame_size = without_code ? 2 : 4;
	if (framing->out_of_memory)
		return;
	assert(framing->output_size >= frame_size);
	framing->output_size -= frame_size;
	if (without_code)
		code = WSLAY_CODE_PROTOCOL_ERROR;

	const char *reason = reason_of(code);
	size_t reason_size = strlen(reason);
	note_close(framing, code, reason, reason_size);
	uint8_t header[] = {0x80 | WSLAY_CONNECTION_CLOSE, (uint8_t)(2 + reason_size),
			    (uint8_t)(code >> 8), (uint8_t)code};
	append(framing, header, sizeof(header));
	append(framing, reason, reason_size);
}

bool act__ws_framing_feed(struct act__ws_framing *framing, const char *data, size_t size)
{
	if (!act__ws_framing_wants_input(framing))
		return true;
	framing->input = data;
	framing->input_size = size;
	int result = wslay_event_recv(framing->wslay);
	if (result == WSLAY_ERR_NOMEM)
		return false;
	if (!wslay_event_get_read_enabled(framing->wslay) && framing->close_code == 0)
		explain_close(framing);
	framing->input_size = 0;
	return !framing->out_of_memory;
}

struct act__ws_message *act__ws_framing_next(struct act__ws_framing *framing)
{
	struct act__ws_message *message = framing->first;
	if (!message)
		return NULL;
	framing->first = message->next;
	if (!framing->first)
		framing->end = &framing->first;
	return message;
}

/* --- out -------------------------------------------------------------------------------------- */

bool act__ws_framing_send_text(struct act__ws_framing *framing, const char *text, size_t size)
{
	struct wslay_event_msg message = {
		.opcode = WSLAY_TEXT_FRAME,
		.msg = (const uint8_t *)text,
		.msg_length = size,
	};
	return wslay_event_queue_msg(framing->wslay, &message) == 0;
}

bool act__ws_framing_send_ping(struct act__ws_framing *framing)
{
	struct wslay_event_msg message = {.opcode = WSLAY_PING};
	return wslay_event_queue_msg(framing->wslay, &message) == 0;
}

/* The longest beginning of `text` that has at most `limit` bytes and cuts no character. */
static size_t fitting_size(const char *text, size_t limit)
{
	size_t size = strlen(text);
	if (size <= limit)
		return size;
	while (limit > 0 && ((unsigned char)text[limit] & 0xc0) == 0x80)
		limit--;
	return limit;
}

bool act__ws_framing_send_close(struct act__ws_framing *framing, uint16_t code, const char *reason)
{
	if (!reason)
		reason = "";
	/* wslay wants less than 123. */
	size_t size = fitting_size(reason, REASON_LIMIT - 1);
	if (wslay_event_queue_close(framing->wslay, code, (const uint8_t *)reason, size) != 0)
		return false;
	note_close(framing, code, reason, size);
	return true;
}

bool act__ws_framing_take_output(struct act__ws_framing *framing, char **ret_data, size_t *ret_size)
{
	wslay_event_send(framing->wslay);
	*ret_data = framing->output_size > 0 ? framing->output : NULL;
	*ret_size = framing->output_size;
	if (*ret_data) {
		framing->output = NULL;
		framing->output_size = framing->output_room = 0;
	}
	return !framing->out_of_memory;
}

bool act__ws_framing_close_sent(const struct act__ws_framing *framing)
{
	return framing->close_code != 0;
}

bool act__ws_framing_close_received(const struct act__ws_framing *framing)
{
	return wslay_event_get_close_received(framing->wslay);
}

bool act__ws_framing_wants_input(const struct act__ws_framing *framing)
{
	return wslay_event_get_read_enabled(framing->wslay);
}

uint16_t act__ws_framing_close_code(const struct act__ws_framing *framing)
{
	return framing->close_code ? framing->close_code : WSLAY_CODE_ABNORMAL_CLOSURE;
}

const char *act__ws_framing_close_reason(const struct act__ws_framing *framing)
{
	return framing->close_reason;
}
