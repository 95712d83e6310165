#include "tracer/model/digest.h"

#include "tracer/model/memory.h"
#include "tracer/model/news.h"
#include "tracer/model/snapshot.h"
#include "tracer/model/table.h"

#include <stdlib.h>
#include <string.h>

enum {
	PER_THING = 8, /* events between keyframes for each thing in the snapshot */
	GAP = 64,      /* numbers of messages that are no further apart make one range */
};

struct trc_digest {
	const struct trc_model *model;
	const struct trc_order *order;
	struct trc_digest_calls calls;
	struct trc_summary *summary;
	size_t every;
	uint64_t last, next; /* keyframes, in events */
	uint64_t messages;
	uint64_t *sent;
	size_t sent_count, sent_room;
	struct trc_table sendings; /* what is sent from where, known already */
	struct trc_bytes state, ranges, news;
};

static void place_next(struct trc_digest *digest)
{
	size_t needed = PER_THING * trc_snapshot_weight(digest->model);

	digest->last = trc_model_events(digest->model);
	digest->next = digest->last + (needed > digest->every ? needed : digest->every);
}

struct trc_digest *trc_digest_new(const struct trc_model *model, const struct trc_order *order,
				  uint64_t messages, size_t every,
				  const struct trc_digest_calls *calls)
{
	struct trc_digest *digest = trc_zalloc(1, sizeof *digest);

	digest->model = model;
	digest->order = order;
	digest->calls = *calls;
	digest->messages = messages;
	digest->every = every;
	digest->summary = trc_summary_new(model, calls->summary, calls->context);
	place_next(digest);
	return digest;
}

void trc_digest_free(struct trc_digest *digest)
{
	if (!digest)
		return;
	trc_summary_free(digest->summary);
	trc_table_clear(&digest->sendings);
	free(digest->sent);
	free(digest->state.data);
	free(digest->ranges.data);
	free(digest->news.data);
	free(digest);
}

/* --- collecting ---------------------------------------------------------------------------------
 */

static void note_sent(struct trc_digest *digest, const struct trc_event *event)
{
	uint64_t sending = ((uint64_t)event->site << 16) + event->type + 1;

	digest->messages++;
	digest->sent = trc_grow(digest->sent, &digest->sent_room, digest->sent_count + 1,
				sizeof *digest->sent);
	digest->sent[digest->sent_count++] = event->id;
	if (event->site == 0 || trc_table_find(&digest->sendings, sending))
		return;
	trc_table_put(&digest->sendings, sending, digest);
	trc_news_put(&digest->news, event);
}

void trc_digest_event(struct trc_digest *digest, const struct trc_event *event)
{
	trc_summary_event(digest->summary, event);
	if (event->kind == TRC_SEND)
		note_sent(digest, event);
	else if (trc_news_is(event))
		trc_news_put(&digest->news, event);
}

/* --- telling ------------------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void make_ranges(struct trc_digest *digest)
{
	const uint64_t *sent = digest->sent;
	uint64_t end = 0;

	if (digest->sent_count > 0)
		qsort(digest->sent, digest->sent_count, sizeof *digest->sent, compare);
	digest->ranges.size = 0;
	for (size_t i = 0; i < digest->sent_count;) {
		uint64_t first = sent[i], last = first;

		while (++i < digest->sent_count && sent[i] - last <= GAP)
			last = sent[i];
		trc_bytes_put(&digest->ranges, first - end);
		trc_bytes_put(&digest->ranges, last - first + 1);
		end = last + 1;
	}
	digest->sent_count = 0;
}

static void tell(struct trc_digest *digest)
{
	struct trc_keyframe keyframe = {
		.events = trc_model_events(digest->model),
		.messages = digest->messages,
		.time = trc_model_time(digest->model),
		.batch = trc_order_batches(digest->order),
		.news = digest->news.data,
		.news_size = digest->news.size,
	};

	digest->state.size = 0;
	trc_order_save(digest->order, &digest->state);
	trc_snapshot_encode(digest->model, &digest->state);
	make_ranges(digest);
	keyframe.state = digest->state.data;
	keyframe.state_size = digest->state.size;
	keyframe.sent = digest->ranges.data;
	keyframe.sent_size = digest->ranges.size;
	digest->calls.keyframe(&keyframe, digest->calls.context);
	digest->news.size = 0;
	place_next(digest);
}

void trc_digest_settled(struct trc_digest *digest)
{
	if (trc_model_events(digest->model) >= digest->next)
		tell(digest);
}

void trc_digest_divide(struct trc_digest *digest)
{
	if (trc_model_events(digest->model) > digest->last)
		tell(digest);
}

void trc_digest_finish(struct trc_digest *digest)
{
	trc_summary_finish(digest->summary);
	if (trc_model_events(digest->model) > digest->last)
		tell(digest);
}

bool trc_digest_sent(const uint8_t *sent, size_t size, uint64_t id)
{
	struct trc_input input = {sent, sent + size, false};
	uint64_t end = 0;

	while (input.next < input.end && !input.damaged) {
		uint64_t first = end + trc_input_take(&input);

		end = first + trc_input_take(&input);
		if (id < end)
			return id >= first && !input.damaged;
	}
	return false;
}
