#include "tests/support/random-events.h"

#include <stdlib.h>

static const uint8_t kinds[] = {
	TRC_DEF_KIND,    TRC_DEF_TYPE,   TRC_DEF_SITE, TRC_SPAWN, TRC_START,        TRC_END,
	TRC_SEND,        TRC_REFUSED,    TRC_RECEIVE,  TRC_DONE,  TRC_DISCARD,      TRC_REPLY,
	TRC_TOKEN_MOVE,  TRC_TOKEN_DROP, TRC_WAIT,     TRC_WAKE,  TRC_HANDLE_CLONE, TRC_HANDLE_DROP,
	TRC_HANDLE_MOVE, TRC_LOG,        TRC_LOST,     200,       TRC_UNSEEN,       TRC_GRANT,
	TRC_SENDING,
};

static uint64_t number(void)
{
	switch (rand() % 20) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX - (uint64_t)(rand() % 3);
	default:
		return (uint64_t)(rand() % 12);
	}
}

struct trc_event random_event(uint8_t *payload, size_t size)
{
	struct trc_event event = {
		.kind = kinds[(size_t)rand() % sizeof kinds],
		.flags = (uint8_t)rand(),
		.aseq = (uint16_t)(rand() % 4 ? 0 : rand()),
		.type = (uint16_t)(rand() % 7),
		.site = (uint32_t)(rand() % 5),
		.time = (uint64_t)rand() % 100000,
		.actor = number(),
		.id = number(),
		.peer = number(),
		.arg = number(),
	};

	if (rand() % 3 == 0) {
		event.payload_size = (uint32_t)((size_t)rand() % size);
		event.payload = payload;
		for (size_t i = 0; i < size; i++)
			payload[i] = (uint8_t)(rand() % 4 ? rand() % 9 : rand());
	}
	return event;
}
