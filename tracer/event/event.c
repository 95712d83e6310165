#include "tracer/event/event.h"

#include <assert.h>
#include <string.h>

static const char *const kinds[] = {
	[TRC_DEF_KIND] = "def-kind",
	[TRC_DEF_TYPE] = "def-type",
	[TRC_DEF_SITE] = "def-site",
	[TRC_SPAWN] = "spawn",
	[TRC_START] = "start",
	[TRC_END] = "end",
	[TRC_SEND] = "send",
	[TRC_REFUSED] = "refused",
	[TRC_RECEIVE] = "receive",
	[TRC_DONE] = "done",
	[TRC_DISCARD] = "discard",
	[TRC_UNSEEN] = "unseen",
	[TRC_TOLD] = "told",
	[TRC_REPLY] = "reply",
	[TRC_TOKEN_MOVE] = "token-move",
	[TRC_TOKEN_DROP] = "token-drop",
	[TRC_TOKEN_KEEP] = "token-keep",
	[TRC_WAIT] = "wait",
	[TRC_WAKE] = "wake",
	[TRC_GRANT] = "grant",
	[TRC_SENDING] = "sending",
	[TRC_HANDLE_CLONE] = "handle-clone",
	[TRC_HANDLE_DROP] = "handle-drop",
	[TRC_HANDLE_MOVE] = "handle-move",
	[TRC_LOG] = "log",
	[TRC_STATE] = "state",
	[TRC_LOST] = "lost",
};

enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

static const char *const whats[] = {
	[TRC_WHAT_REPLY] = "reply", [TRC_WHAT_SPACE] = "space",     [TRC_WHAT_END] = "end",
	[TRC_WHAT_TIMER] = "timer", [TRC_WHAT_OUTSIDE] = "outside", [TRC_WHAT_MESSAGE] = "message",
};

const char *trc_kind_name(unsigned kind)
{
	return kind < KIND_COUNT ? kinds[kind] : NULL;
}

unsigned trc_kind_from_name(const char *name)
{
	for (unsigned kind = 1; kind < KIND_COUNT; kind++)
		if (kinds[kind] && strcmp(kinds[kind], name) == 0)
			return kind;
	return 0;
}

const char *trc_what_name(unsigned what)
{
	return what < sizeof(whats) / sizeof(whats[0]) ? whats[what] : NULL;
}

void trc_record_encode(const struct trc_event *event, uint64_t *words)
{
	size_t count = trc_record_words(event);

	assert(count <= TRC_RECORD_MAX_WORDS);
	words[0] = (uint64_t)count | (uint64_t)event->kind << 16 | (uint64_t)event->flags << 24 |
		   (uint64_t)event->aseq << 32 | (uint64_t)event->type << 48;
	words[1] = event->time;
	words[2] = event->actor;
	words[3] = event->id;
	if (count == TRC_RECORD_SHORT_WORDS)
		return;
	words[4] = event->peer;
	words[5] = event->arg;
	words[6] = (uint64_t)event->site | (uint64_t)event->payload_size << 32;
	if (event->payload_size > 0) {
		words[count - 1] = 0; /* the padding */
		memcpy(words + TRC_RECORD_LONG_WORDS, event->payload, event->payload_size);
	}
}

size_t trc_record_decode(const uint64_t *words, size_t available, struct trc_event *ret_event)
{
	struct trc_event event = {0};
	size_t count;

	if (available < TRC_RECORD_SHORT_WORDS)
		return 0;
	count = words[0] & 0xffff;
	event.kind = (uint8_t)(words[0] >> 16);
	event.flags = (uint8_t)(words[0] >> 24);
	event.aseq = (uint16_t)(words[0] >> 32);
	event.type = (uint16_t)(words[0] >> 48);
	if (count > available || event.kind == 0)
		return 0;
	event.time = words[1];
	event.actor = words[2];
	event.id = words[3];
	if (trc_kind_is_short(event.kind)) {
		if (count != TRC_RECORD_SHORT_WORDS)
			return 0;
	} else {
		if (count < TRC_RECORD_LONG_WORDS)
			return 0;
		event.peer = words[4];
		event.arg = words[5];
		event.site = (uint32_t)words[6];
		event.payload_size = (uint32_t)(words[6] >> 32);
		if (event.payload_size > TRC_PAYLOAD_MAX || trc_record_words(&event) != count)
			return 0;
		event.payload = (const uint8_t *)(words + TRC_RECORD_LONG_WORDS);
	}
	*ret_event = event;
	return count;
}
