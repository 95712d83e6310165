/*
 * A topic sends news to all who subscribed; one of them reads slowly.
 *
 * Shows how not to wait for a slow receiver: act_try_send() says at once that a mailbox is full,
 * and the topic then leaves this reader out, and only this one. With act_send() the slow reader
 * would hold up the topic, and through it all others.
 */
#include "examples/common.h"

#include <inttypes.h>
#include <stdio.h>

ACT_MESSAGE(Subscribe, (handle, reader))
ACT_MESSAGE(News, (u64, number))

enum { NEWS = 60, READERS = 8, MAILBOX = 4 };

/* --- the topic ------------------------------------------------------------------------------ */

struct topic {
	struct act_handle readers[READERS];
	uint64_t missed[READERS];
	int count;
};

static void publish(struct act_self *self, void *state, struct act_message *message)
{
	struct topic *topic = state;
	struct Subscribe *subscribe = act_as(message, Subscribe);
	struct News *news = act_as(message, News);

	if (subscribe && topic->count < READERS)
		topic->readers[topic->count++] = act_take(&subscribe->reader);
	for (int i = 0; news && i < topic->count; i++)
		if (act_try_send(self, topic->readers[i], News, .number = news->number) < 0)
			topic->missed[i]++;
}

static void close_topic(struct act_self *self, void *state)
{
	struct topic *topic = state;

	for (int i = 0; i < topic->count; i++) {
		printf("%s missed %" PRIu64 "\n", act_name(topic->readers[i]), topic->missed[i]);
		act_drop(self, &topic->readers[i]);
	}
}

static const struct act_kind topic_kind = {.name = "topic",
					   .state_size = sizeof(struct topic),
					   .handle = publish,
					   .stop = close_topic};

/* --- readers -------------------------------------------------------------------------------- */

struct reader {
	uint64_t count;
};

static void read_news(struct act_self *self, void *state, struct act_message *message)
{
	struct reader *reader = state;

	reader->count++;
}

static void read_slowly(struct act_self *self, void *state, struct act_message *message)
{
	act_sleep(self, 5 * ACT_MILLISECOND);
	read_news(self, state, message);
}

static void tell_count(struct act_self *self, void *state)
{
	struct reader *reader = state;

	printf("%s read %" PRIu64 "\n", act_my_name(self), reader->count);
}

static const struct act_kind reader_kind = {.name = "reader",
					    .state_size = sizeof(struct reader),
					    .handle = read_news,
					    .stop = tell_count};
static const struct act_kind slow_reader_kind = {.name = "slow reader",
						 .state_size = sizeof(struct reader),
						 .mailbox = MAILBOX,
						 .handle = read_slowly,
						 .stop = tell_count};

/* --- the publisher -------------------------------------------------------------------------- */

static int tell_news(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle topic = act_spawn(self, &topic_kind, "weather");

	act_send(self, topic, Subscribe, .reader = act_spawn(self, &reader_kind, "quick"));
	act_send(self, topic, Subscribe, .reader = act_spawn(self, &slow_reader_kind, "slow"));
	for (uint64_t i = 1; i <= NEWS; i++) {
		act_send(self, topic, News, .number = i);
		act_sleep(self, ACT_MILLISECOND);
	}
	act_drop(self, &topic);
	return 0;
}

static const struct act_kind publisher_kind = {.name = "publisher", .start = tell_news};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &publisher_kind);
}
