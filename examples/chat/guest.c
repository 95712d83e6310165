#include "examples/chat/guest.h"

#include <act/ws.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/chat/protocol.h"

enum { FAREWELL = 1000, VANISHED = 1001 };

static const uint64_t frozen = 2 * ACT_SECOND;

struct line {
	struct line *next;
	char text[];
};

struct guest {
	struct act_handle socket;
	struct line *first, **last; /* heard, and not yet asked for */
	struct act_token listener;  /* wants the next of them */
	struct act_token waiter;    /* wants it to be in the room */
	bool has_joined;
};

/* --- talking ---------------------------------------------------------------------------------- */

ACT_MESSAGE(VoiceInit, (handle, socket), (text, text), (u64, times))

static int send_frame(struct act_self *self, struct act_handle socket,
		      const struct chat_frame *frame)
{
	char *json = chat_encode(frame);
	int error = json ? act_ws_send(self, socket, json) : -1;
	free(json);
	return error;
}

/* Talks on its own, so that the guest can listen while the server does not. */
static int voice_start(struct act_self *self, void *state, struct act_message *message)
{
	struct VoiceInit *init = act_as(message, VoiceInit);
	struct chat_frame frame = {.type = CHAT_SEND_MESSAGE, .text = init->text};
	while (init->times-- > 0 && send_frame(self, init->socket, &frame) == 0)
		;
	return 0;
}

static const struct act_kind voice_kind = {.name = "voice", .start = voice_start};

static void talk(struct act_self *self, struct guest *guest, const struct Talk *talk)
{
	struct act_handle voice = act_spawn_with(self, &voice_kind, act_my_name(self), VoiceInit,
						 .socket = act_clone(self, guest->socket),
						 .text = talk->text, .times = talk->times);
	act_drop(self, &voice);
}

/* --- listening -------------------------------------------------------------------------------- */

static void print_line(const struct chat_frame *frame, char *line, size_t size)
{
	switch (frame->type) {
	case CHAT_JOINED:
		snprintf(line, size, "%s joined", frame->user);
		break;
	case CHAT_LEFT:
		snprintf(line, size, "%s left", frame->user);
		break;
	case CHAT_MESSAGE:
		snprintf(line, size, "%s: %s", frame->user, frame->text);
		break;
	case CHAT_CONNECT:
	case CHAT_SEND_MESSAGE:
		snprintf(line, size, "a frame that only clients send");
		break;
	}
}

static void remember(struct guest *guest, const struct chat_frame *frame)
{
	char text[256];
	print_line(frame, text, sizeof(text));
	struct line *line = malloc(sizeof(*line) + strlen(text) + 1);
	if (!line)
		abort();
	line->next = NULL;
	strcpy(line->text, text);
	*guest->last = line;
	guest->last = &line->next;
}

static void forget_line(struct guest *guest)
{
	struct line *line = guest->first;
	guest->first = line->next;
	if (!guest->first)
		guest->last = &guest->first;
	free(line);
}

static void hear(struct act_self *self, struct guest *guest, const char *json)
{
	struct chat_frame frame;
	char error[CHAT_ERROR];
	if (!chat_decode(json, strlen(json), &frame, error)) {
		fprintf(stderr, "%s cannot read \"%.80s\": %s\n", act_my_name(self), json, error);
		return;
	}
	remember(guest, &frame);
	guest->has_joined |=
		frame.type == CHAT_JOINED && strcmp(frame.user, act_my_name(self)) == 0;
	chat_frame_free(&frame);
}

static void answer(struct act_self *self, struct guest *guest)
{
	if (guest->has_joined && guest->waiter.ask)
		act_answer(self, &guest->waiter, Joined);
	if (guest->first && guest->listener.ask) {
		act_answer(self, &guest->listener, Line, .text = guest->first->text);
		forget_line(guest);
	}
}

/* --- the actor -------------------------------------------------------------------------------- */

static int guest_start(struct act_self *self, void *state, struct act_message *message)
{
	struct guest *guest = state;
	struct GuestInit *init = act_as(message, GuestInit);
	struct chat_frame frame = {
		.type = CHAT_CONNECT, .room = init->room, .user = act_my_name(self)};
	guest->last = &guest->first;
	guest->socket = act_take(&init->socket);
	int error = act_ws_own(self, guest->socket);
	return error ? error : send_frame(self, guest->socket, &frame);
}

static void hang_up(struct act_self *self, struct guest *guest, uint16_t code)
{
	act_ws_close(self, guest->socket, code, NULL);
	act_drop(self, &guest->socket);
}

static void guest_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct guest *guest = state;
	struct WsText *text = act_as(message, WsText);
	struct Talk *to_say = act_as(message, Talk);
	if (text) {
		hear(self, guest, text->text);
	} else if (to_say) {
		talk(self, guest, to_say);
	} else if (act_as(message, WhenJoined)) {
		guest->waiter = act_token_of(message);
	} else if (act_as(message, Listen)) {
		guest->listener = act_token_of(message);
	} else if (act_as(message, Freeze)) {
		act_sleep(self, frozen);
		hang_up(self, guest, VANISHED);
	} else if (act_as(message, GoAway)) {
		hang_up(self, guest, FAREWELL);
	}
	answer(self, guest);
}

static void guest_stop(struct act_self *self, void *state)
{
	struct guest *guest = state;
	while (guest->first)
		forget_line(guest);
	act_drop(self, &guest->socket);
	act_drop_token(self, &guest->listener);
	act_drop_token(self, &guest->waiter);
}

const struct act_kind guest_kind = {
	.name = "guest",
	.state_size = sizeof(struct guest),
	.start = guest_start,
	.handle = guest_handle,
	.stop = guest_stop,
};
