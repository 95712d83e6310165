/*
 * The digest (tracer/model/digest.h) of what is derived, as rows of `keyframe` and `summary`. They
 * wait here, as they are told, for somebody to put them into the file. Each has its place in the
 * events as its number, so that putting one again changes nothing.
 */
#include "tracer/derive/index.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/model/digest.h"
#include "tracer/model/memory.h"
#include "tracer/store/index.h"

enum {
	UNIT = 512
}; /* bytes: to pack and to write so many takes as long as a row of another table */

struct item {
	struct item *next;
	size_t units;
	bool is_keyframe;
	struct trc_index_keyframe keyframe;
	struct trc_index_summary summary;
	uint8_t bytes[]; /* of either */
};

struct index {
	const struct trc_deriver *deriver;
	struct trc_digest *digest;
	struct item *first, **end;
	size_t units;         /* of all items */
	size_t put;           /* items put since they were committed */
	struct trc_index *to; /* the store they were put into last */
	struct trc_store *store;
};

/* --- what is told -------------------------------------------------------------------------------
 */

static struct item *add_item(struct index *index, size_t size)
{
	struct item *item = trc_alloc(sizeof(*item) + size);

	item->next = NULL;
	item->units = 1 + size / UNIT;
	index->units += item->units;
	*index->end = item;
	index->end = &item->next;
	return item;
}

static const uint8_t *place(uint8_t **next, const uint8_t *bytes, size_t size)
{
	uint8_t *at = *next;

	if (size > 0)
		memcpy(at, bytes, size);
	*next += size;
	return at;
}

static void on_keyframe(const struct trc_keyframe *keyframe, void *context)
{
	struct item *item =
		add_item(context, keyframe->sent_size + keyframe->news_size + keyframe->state_size);
	uint8_t *next = item->bytes;

	item->is_keyframe = true;
	item->keyframe = (struct trc_index_keyframe){
		.events = keyframe->events,
		.messages = keyframe->messages,
		.time = keyframe->time,
		.batch = keyframe->batch,
		.sent_size = keyframe->sent_size,
		.news_size = keyframe->news_size,
		.state_size = keyframe->state_size,
	};
	item->keyframe.sent = place(&next, keyframe->sent, keyframe->sent_size);
	item->keyframe.news = place(&next, keyframe->news, keyframe->news_size);
	item->keyframe.state = place(&next, keyframe->state, keyframe->state_size);
}

static void on_summary(const struct trc_summary_row *row, void *context)
{
	struct item *item = add_item(context, row->size);

	memcpy(item->bytes, row->bytes, row->size);
	item->is_keyframe = false;
	item->summary = (struct trc_index_summary){
		.level = row->level,
		.first = row->first_event,
		.events = row->events,
		.begin = row->begin,
		.end = row->end,
		.bytes = item->bytes,
		.size = row->size,
	};
}

/* --- as something that is derived ------------------------------------------------------------- */

static void *open_index(const struct trc_deriver *deriver)
{
	struct index *index = trc_zalloc(1, sizeof(*index));
	const struct trc_digest_calls calls = {on_keyframe, on_summary, index};

	index->deriver = deriver;
	index->end = &index->first;
	index->digest = trc_digest_new(trc_deriver_model(deriver), trc_deriver_order(deriver),
				       trc_deriver_messages(deriver), TRC_CHAPTER_EVENTS, &calls);
	return index;
}

static void drop_first(struct index *index)
{
	struct item *item = index->first;

	index->first = item->next;
	if (!index->first)
		index->end = &index->first;
	index->units -= item->units;
	free(item);
}

static void skip(void *self)
{
	struct index *index = self;

	while (index->first)
		drop_first(index);
}

static void close_index(void *self)
{
	struct index *index = self;

	skip(index);
	trc_digest_free(index->digest);
	trc_index_close(index->to);
	free(index);
}

static void apply_event(void *self, const struct trc_event *event)
{
	trc_digest_event(((struct index *)self)->digest, event);
}

static void settled(void *self)
{
	trc_digest_settled(((struct index *)self)->digest);
}

static void divide(void *self)
{
	trc_digest_divide(((struct index *)self)->digest);
}

static void finish(void *self)
{
	trc_digest_finish(((struct index *)self)->digest);
}

static size_t left(const void *self)
{
	return ((const struct index *)self)->units;
}

static int use_store(struct index *index, struct trc_store *store, struct trc_error *ret_error)
{
	int result;

	if (index->store == store)
		return 0;
	trc_index_close(index->to);
	index->to = NULL;
	index->store = NULL;
	result = trc_index_open(store, &index->to, ret_error);
	if (result == 0)
		index->store = store;
	return result;
}

static int put(void *self, struct trc_store *store, size_t max, struct trc_error *ret_error)
{
	struct index *index = self;
	size_t units = 0;
	int result = use_store(index, store, ret_error);

	index->put = 0;
	for (const struct item *item = index->first; item && result == 0 && units < max;
	     item = item->next) {
		result = item->is_keyframe
				 ? trc_index_put_keyframe(index->to, &item->keyframe, ret_error)
				 : trc_index_put_summary(index->to, &item->summary, ret_error);
		units += item->units;
		index->put++;
		if (trc_store_is_wanted(store))
			break;
	}
	return result < 0 ? result : (int)units;
}

static void committed(void *self)
{
	struct index *index = self;

	for (; index->put > 0; index->put--)
		drop_first(index);
}

const struct trc_derived trc_derived_index = {
	.name = "index",
	.open = open_index,
	.close = close_index,
	.event = apply_event,
	.settled = settled,
	.divide = divide,
	.finish = finish,
	.left = left,
	.put = put,
	.committed = committed,
	.skip = skip,
};
