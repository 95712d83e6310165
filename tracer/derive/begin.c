#include "tracer/derive/begin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tracer/model/news.h"
#include "tracer/model/snapshot.h"
#include "tracer/store/index.h"

struct begin {
	struct trc_store *trace;
	struct trc_index *index;
	size_t keyframe; /* its number in the index */
	struct trc_model *model;
	struct trc_order *order;
	trc_begin_name *name;
	void *context;
	size_t segment; /* behind those of the batches up to the keyframe's */
	struct trc_error *error;
	int result;
};

static int damaged(const struct begin *begin)
{
	snprintf(begin->error->text, sizeof(begin->error->text),
		 "the trace is damaged: the keyframe that it begins with cannot be used");
	return -EIO;
}

static void learn(const struct trc_event *event, void *context)
{
	const struct begin *begin = context;

	trc_model_learn(begin->model, event);
	if (begin->name)
		begin->name(event, begin->context);
}

static int take_news(struct begin *begin)
{
	int result = 0;

	for (size_t i = 0; i <= begin->keyframe && result == 0; i++) {
		uint8_t *news;
		size_t size;

		result = trc_index_load_news(begin->index, i, &news, &size, begin->error);
		if (result < 0)
			break;
		if (!trc_news_each(news, size, learn, begin))
			result = damaged(begin);
		free(news);
	}
	return result;
}

/* Pushes a segment of the ring but for its first `skip` events. */
static void push(struct begin *begin, size_t number, size_t skip)
{
	struct trc_segment_info info = trc_store_segment_info(begin->trace, number);
	struct trc_segment segment;

	if (begin->result == 0)
		begin->result =
			trc_store_segment_load(begin->trace, number, &segment, begin->error);
	if (begin->result < 0)
		return;
	for (size_t i = skip; i < segment.count; i++)
		trc_order_push_of(begin->order, info.batch - 1, info.ring, &segment.events[i]);
	trc_segment_clear(&segment);
}

/* The last `waiting` events of the ring before begin->segment. */
static void place(unsigned ring, uint64_t waiting, void *context)
{
	struct begin *begin = context;
	uint64_t found = 0;
	size_t first = begin->segment;

	while (found < waiting && first > 0) {
		struct trc_segment_info info = trc_store_segment_info(begin->trace, --first);

		found += info.ring == ring ? info.count : 0;
	}
	if (found < waiting) {
		begin->result = damaged(begin);
		return;
	}
	for (size_t i = first; waiting > 0 && i < begin->segment; i++)
		if (trc_store_segment_info(begin->trace, i).ring == ring) {
			push(begin, i, (size_t)(found - waiting));
			found = waiting; /* nothing of the others is skipped */
		}
}

static int restore(struct begin *begin)
{
	const struct trc_index_keyframe *keyframe =
		trc_index_keyframe(begin->index, begin->keyframe);
	struct trc_input input = {0};
	uint8_t *state;
	size_t size;
	bool good;
	int result =
		trc_index_load_state(begin->index, begin->keyframe, &state, &size, begin->error);

	if (result < 0)
		return result;
	input.next = state;
	input.end = state + size;
	good = trc_order_restore(begin->order, &input, place, begin) &&
	       trc_snapshot_decode(&input, begin->model) &&
	       trc_model_events(begin->model) == keyframe->events &&
	       trc_order_batches(begin->order) == keyframe->batch;
	free(state);
	if (begin->result < 0)
		return begin->result;
	return good ? 0 : damaged(begin);
}

/* Finds the segments behind the keyframe's batch. */
static void find_segment(struct begin *begin, struct trc_beginning *beginning)
{
	size_t count = trc_store_segment_count(begin->trace);

	while (beginning->segment < count) {
		struct trc_segment_info info =
			trc_store_segment_info(begin->trace, beginning->segment);

		if (info.batch > beginning->batch)
			break;
		beginning->number = info.number;
		beginning->events += info.count;
		beginning->segment++;
	}
	begin->segment = beginning->segment;
}

static int begin_with(struct begin *begin, bool late, struct trc_beginning *ret_beginning)
{
	size_t count = trc_index_keyframe_count(begin->index);
	const struct trc_index_keyframe *keyframe;
	struct trc_store_info info;
	int result;

	if (count == 0)
		return damaged(begin);
	begin->keyframe = late ? count - 1 : 0;
	keyframe = trc_index_keyframe(begin->index, begin->keyframe);
	trc_store_info(begin->trace, &info);
	*ret_beginning = (struct trc_beginning){
		.batch = keyframe->batch, .events = info.let_go, .messages = keyframe->messages};
	find_segment(begin, ret_beginning);
	result = take_news(begin);
	return result == 0 ? restore(begin) : result;
}

static int run(struct begin *begin, bool late, struct trc_beginning *ret_beginning)
{
	struct trc_error unwanted;
	struct trc_store_info info;
	int result;

	*ret_beginning = (struct trc_beginning){0};
	trc_store_info(begin->trace, &info);
	if (info.let_go == 0)
		return 0;
	if (!begin->error)
		begin->error = &unwanted;
	result = trc_index_open(begin->trace, &begin->index, begin->error);
	if (result < 0)
		return result;
	result = trc_index_refresh(begin->index, begin->error);
	if (result >= 0)
		result = begin_with(begin, late, ret_beginning);
	trc_index_close(begin->index);
	return result;
}

int trc_begin(struct trc_store *trace, struct trc_model *model, struct trc_order *order,
	      trc_begin_name *name, void *context, struct trc_beginning *ret_beginning,
	      struct trc_error *ret_error)
{
	struct begin begin = {.trace = trace,
			      .model = model,
			      .order = order,
			      .name = name,
			      .context = context,
			      .error = ret_error};

	return run(&begin, false, ret_beginning);
}

int trc_begin_late(struct trc_store *trace, struct trc_model *model, struct trc_order *order,
		   struct trc_beginning *ret_beginning, struct trc_error *ret_error)
{
	struct begin begin = {.trace = trace, .model = model, .order = order, .error = ret_error};

	return run(&begin, true, ret_beginning);
}
