#include "tracer/cli/stream.h"

#include "tracer/derive/begin.h"
#include "tracer/model/memory.h"
#include "tracer/model/number.h"

#include <stdio.h>
#include <string.h>

bool trc_stream_open(struct trc_stream *stream, const char *verb, const char *path)
{
	struct trc_error error;

	*stream = (struct trc_stream){.path = path};
	if (trc_store_open(path, &stream->store, &error) < 0 ||
	    trc_store_hold(stream->store, &error) < 0) {
		fprintf(stderr, "actorscope %s: %s\n", verb, error.text);
		trc_store_close(stream->store);
		return false;
	}
	trc_store_loosen(stream->store);
	trc_store_info(stream->store, &stream->info);
	stream->model = trc_model_new();
	return true;
}

void trc_stream_tell_beginning(const struct trc_stream *stream, const char *verb)
{
	char time[TRC_NUMBER_SIZE], count[TRC_NUMBER_SIZE];

	if (stream->info.let_go > 0)
		fprintf(stderr,
			"actorscope %s: %s begins after %s; the %s events before that were let "
			"go\n",
			verb, stream->path, trc_format_duration(stream->info.begin_time, time),
			trc_format_count(stream->info.let_go, count));
}

static bool push(struct trc_stream *stream, const char *verb, struct trc_order *order,
		 size_t number)
{
	unsigned ring = trc_store_segment_info(stream->store, number).ring;
	struct trc_segment segment;
	struct trc_error error;

	if (trc_store_segment_load(stream->store, number, &segment, &error) < 0) {
		fprintf(stderr, "actorscope %s: %s\n", verb, error.text);
		return false;
	}
	for (size_t i = 0; i < segment.count; i++)
		trc_order_push(order, ring, &segment.events[i]);
	trc_segment_clear(&segment);
	return true;
}

bool trc_stream_run(struct trc_stream *stream, const char *verb, trc_order_visit *before,
		    trc_order_visit *visit, void *context)
{
	struct trc_order *order = trc_order_new(stream->model, visit, context);
	size_t count = trc_store_segment_count(stream->store);
	struct trc_beginning beginning;
	struct trc_error error;
	bool good =
		trc_begin(stream->store, stream->model, order, NULL, NULL, &beginning, &error) == 0;

	if (!good)
		fprintf(stderr, "actorscope %s: %s\n", verb, error.text);
	trc_order_before(order, before);
	if (good)
		trc_order_drain(order, beginning.segment == count && stream->info.closed);
	for (size_t i = beginning.segment; i < count && good && !stream->stopped; i++) {
		uint64_t batch = trc_store_segment_info(stream->store, i).batch;

		good = push(stream, verb, order, i);
		if (good &&
		    (i + 1 == count || trc_store_segment_info(stream->store, i + 1).batch != batch))
			trc_order_drain(order, i + 1 == count && stream->info.closed);
	}
	trc_order_free(order);
	return good;
}

char *trc_filters_line(const struct trc_store_info *info)
{
	struct trc_text text = {0};

	for (const char *at = info->filters; at && *at;) {
		size_t length = strcspn(at, "\n");

		if (length > 0)
			trc_text_add(&text, "%s%.*s", text.length > 0 ? ", " : "", (int)length, at);
		at += length + (at[length] == '\n');
	}
	return text.data;
}

void trc_stream_close(struct trc_stream *stream)
{
	trc_model_free(stream->model);
	trc_store_close(stream->store);
	*stream = (struct trc_stream){0};
}
