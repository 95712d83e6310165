#include "tracer/query/trace-private.h"

#include "tracer/model/memory.h"
#include "tracer/model/news.h"
#include "tracer/model/snapshot.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void trc__pass_error(const struct trc_error *error, struct trc_trace_error *ret_error)
{
	if (ret_error)
		snprintf(ret_error->text, sizeof ret_error->text, "%s", error->text);
}

/* --- keyframes and summaries of our own ---------------------------------------------------------
 */

static void keep_error(struct trc_trace *trace, int result, const struct trc_error *error)
{
	if (result >= 0 || trace->failed < 0)
		return;
	trace->failed = result;
	trc__pass_error(error, &trace->failure);
}

static bool need_own(struct trc_trace *trace)
{
	struct trc_error error;

	if (!trace->own && trace->failed == 0)
		keep_error(trace, trc_index_scratch(&trace->own, &error), &error);
	return trace->own && trace->failed == 0;
}

/* The growing chapter is complete. */
static void on_keyframe(const struct trc_keyframe *keyframe, void *context)
{
	struct trc_trace *trace = context;
	const struct trc_index_keyframe row = {
		.events = keyframe->events,
		.messages = keyframe->messages,
		.time = keyframe->time,
		.batch = keyframe->batch,
		.sent = keyframe->sent,
		.sent_size = keyframe->sent_size,
		.news = keyframe->news,
		.state = keyframe->state,
		.state_size = keyframe->state_size,
	};
	struct trc_error error;
	int result;

	if (!need_own(trace))
		return;
	result = trc_index_put_keyframe(trace->own, &row, &error);
	if (result >= 0)
		result = trc_index_refresh(trace->own, &error);
	keep_error(trace, result, &error);
	if (result < 0)
		return;
	trc__chapter_keep(trace, trace->growing);
	trace->growing = trc__chapter_new(trace->model, trc__keyframe_count(trace));
}

static void on_summary(const struct trc_summary_row *row, void *context)
{
	struct trc_trace *trace = context;
	const struct trc_index_summary summary = {
		.level = row->level,
		.first = row->first_event,
		.events = row->events,
		.begin = row->begin,
		.end = row->end,
		.bytes = row->bytes,
		.size = row->size,
	};
	struct trc_error error;

	if (need_own(trace))
		keep_error(trace, trc_index_put_summary(trace->own, &summary, &error), &error);
}

static void on_event(const struct trc_event *event, void *context)
{
	struct trc_trace *trace = context;

	if (!trace->has_first && event->kind >= TRC_SPAWN) {
		trace->first_time = event->time;
		trace->has_first = true;
	}
	trace->messages += event->kind == TRC_SEND;
	trc_digest_event(trace->digest, event);
	trc__chapter_event(trace->growing, trace->model, event);
}

static void on_settled(void *context)
{
	trc_digest_settled(((struct trc_trace *)context)->digest);
}

/* --- opening ------------------------------------------------------------------------------------
 */

/* How many keyframes of the file are to be used: those before which all is summarised, too, and
 * whose batches are here. */
static size_t usable_keyframes(const struct trc_trace *trace)
{
	size_t count = trc_index_keyframe_count(trace->file);
	uint64_t summarised = 0;

	for (unsigned i = 0; i < TRC_SUMMARY_LEVELS; i++) {
		size_t nodes = trc_index_summary_count(trace->file, i);
		const struct trc_index_summary *last =
			nodes ? trc_index_summary(trace->file, i, nodes - 1) : NULL;

		if (last && last->first + last->events > summarised)
			summarised = last->first + last->events;
	}
	while (count > trace->first_chapter) {
		const struct trc_index_keyframe *last = trc_index_keyframe(trace->file, count - 1);

		if (last->events <= summarised && last->batch <= trc__batch_count(trace))
			break;
		count--;
	}
	return count;
}

/* Names and actors of all chapters that the file has keyframes of. */
static int learn(struct trc_trace *trace, struct trc_trace_error *ret_error)
{
	for (size_t i = 0; i < trace->file_keyframes; i++) {
		struct trc_error error;
		uint8_t *bytes;
		size_t size;
		bool good;
		int result = trc_index_load_news(trace->file, i, &bytes, &size, &error);

		if (result < 0) {
			trc__pass_error(&error, ret_error);
			return result;
		}
		good = trc_news_learn(bytes, size, trace->model);
		free(bytes);
		if (!good) {
			snprintf(ret_error->text, sizeof ret_error->text,
				 "Cannot read %s: keyframe %zu is damaged.", trace->path, i);
			return -EIO;
		}
	}
	if (trace->first_chapter > 0) {
		trace->first_time = trc_index_keyframe(trace->file, 0)->time;
		trace->has_first = true;
	} else if (trc_model_actor_count(trace->model) > 0) {
		trace->first_time = trc_model_actor_at(trace->model, 0)->spawned;
		trace->has_first = true;
	}
	return 0;
}

/* The model as it is behind the last keyframe that is used, and everything that goes on there. */
static int begin_end(struct trc_trace *trace, struct trc_trace_error *ret_error)
{
	const struct trc_digest_calls calls = {on_keyframe, on_summary, trace};
	size_t after = trace->file_keyframes;
	int result;

	if (after < trace->first_chapter) {
		snprintf(ret_error->text, sizeof ret_error->text,
			 "Cannot read %s: it is damaged where it begins.", trace->path);
		return -EIO;
	}
	trace->model = trc_model_new();
	result = learn(trace, ret_error);
	if (result == 0 && after > 0 && !trc__model_restore(trace, after, trace->model, ret_error))
		result = -EIO;
	if (result == 0) {
		trace->end =
			trc__cursor_new(trace, after, trace->model, on_event, trace, ret_error);
		result = trace->end ? 0 : -EIO;
	}
	if (result < 0) {
		trc_model_free(trace->model);
		trace->model = NULL;
		return result;
	}
	trace->file_events = trc_model_events(trace->model);
	trace->messages = after ? trc_index_keyframe(trace->file, after - 1)->messages : 0;
	trace->digest = trc_digest_new(trace->model, trc__cursor_order(trace->end), trace->messages,
				       trace->chapter_events, &calls);
	trace->growing = trc__chapter_new(trace->model, after);
	trc__cursor_settled(trace->end, on_settled);
	return 0;
}

/* Takes in the batches that have not been yet. */
static int take_in(struct trc_trace *trace, bool (*progress)(double share, void *context),
		   void *context, struct trc_trace_error *ret_error)
{
	int more;

	trc__segments_update(trace);
	trc_store_info(trace->store, &trace->info);
	while ((more = trc__cursor_next(trace->end, ret_error)) > 0 && trace->failed == 0) {
		double total = (double)(trace->info.events ? trace->info.events : 1);

		if (progress &&
		    !progress((double)trc_model_events(trace->model) / total, context)) {
			snprintf(ret_error->text, sizeof ret_error->text,
				 "Opening %s was cancelled.", trace->path);
			return -ECANCELED;
		}
	}
	if (more == 0 && trace->info.closed && !trace->finished) {
		trc__cursor_last(trace->end);
		trace->finished = true;
		if (trace->own)
			trc_digest_finish(trace->digest);
	}
	if (trace->failed < 0)
		*ret_error = trace->failure;
	return more < 0 ? more : trace->failed;
}

/* Lists what the file has of keyframes and summaries. What is damaged there is not needed: all of
 * it follows from the segments. */
static int open_index(struct trc_trace *trace, struct trc_trace_error *ret_error)
{
	struct trc_error error;
	int result = trc_index_open(trace->store, &trace->file, &error);
	bool damaged;

	if (result < 0) {
		trc__pass_error(&error, ret_error);
		return result;
	}
	damaged = trc_index_refresh(trace->file, &error) < 0;
	trc__segments_update(trace);
	trace->file_keyframes = damaged ? 0 : usable_keyframes(trace);
	if (begin_end(trace, ret_error) == 0)
		return 0;
	/* A trace that has let go of its beginning cannot do without its first keyframe. */
	trace->file_keyframes = damaged ? 0 : trace->first_chapter;
	return begin_end(trace, ret_error);
}

/* What the store holds at one moment. */
static int open_held(struct trc_trace *trace, bool (*progress)(double share, void *context),
		     void *context, struct trc_trace_error *ret_error)
{
	struct trc_error error;
	int result = trc_store_hold(trace->store, &error);

	if (result < 0) {
		trc__pass_error(&error, ret_error);
		return result;
	}
	result = open_index(trace, ret_error);
	trc_store_loosen(trace->store);
	if (result == 0)
		result = take_in(trace, progress, context, ret_error);
	trc_store_release(trace->store);
	return result;
}

int trc__trace_open(const char *path, size_t chapter_events,
		    bool (*progress)(double share, void *context), void *context,
		    struct trc_trace **ret_trace, struct trc_trace_error *ret_error)
{
	struct trc_trace *trace;
	struct trc_store *store;
	struct trc_error error;
	int r = trc_store_open(path, &store, &error);

	if (r < 0) {
		trc__pass_error(&error, ret_error);
		return r;
	}
	trace = trc_zalloc(1, sizeof *trace);
	trace->path = trc_strdup(path);
	trace->store = store;
	trace->kept = trc_zalloc(1, sizeof *trace->kept);
	trace->version = 1;
	trace->chapter_events = chapter_events;
	r = open_held(trace, progress, context, ret_error);
	if (r < 0) {
		trc_trace_close(trace);
		return r;
	}
	*ret_trace = trace;
	return 0;
}

int trc_trace_open(const char *path, bool (*progress)(double share, void *context), void *context,
		   struct trc_trace **ret_trace, struct trc_trace_error *ret_error)
{
	return trc__trace_open(path, TRC_CHAPTER_EVENTS, progress, context, ret_trace, ret_error);
}

/* Forgets all that was read. */
static void clear(struct trc_trace *trace)
{
	trc__chapters_free(trace);
	trc__models_free(trace);
	trc__nodes_free(trace);
	free(trace->kept);
	trc__chapter_free(trace->growing);
	trc_digest_free(trace->digest);
	trc__cursor_free(trace->end);
	trc__state_free(trace);
	trc_model_free(trace->model);
	trc_index_close(trace->own);
	trc_index_close(trace->file);
	trc__segments_free(trace);
}

void trc_trace_close(struct trc_trace *trace)
{
	if (!trace)
		return;
	clear(trace);
	trc_store_close(trace->store);
	free(trace->path);
	free(trace);
}

static void start_anew(struct trc_trace *trace)
{
	const struct trc_trace old = *trace;

	clear(trace);
	*trace = (struct trc_trace){
		.path = old.path,
		.store = old.store,
		.chapter_events = old.chapter_events,
		.version = old.version + 1,
		.kept = trc_zalloc(1, sizeof *trace->kept),
	};
}

/* The beginning has been let go: what was read of it, and where in the file everything is, does not
 * hold any more. When it cannot be read now, the trace is one without events, until it can. */
static int begin_anew(struct trc_trace *trace, struct trc_trace_error *ret_error)
{
	struct trc_trace_error unwanted;
	int result;

	start_anew(trace);
	result = open_held(trace, NULL, NULL, ret_error);
	if (result == 0)
		return 1;
	start_anew(trace);
	begin_end(trace, &unwanted);
	return result;
}

static int refresh_held(struct trc_trace *trace, struct trc_trace_error *ret_error)
{
	uint64_t before = trc_model_events(trace->model);
	bool was_closed = trace->info.closed;
	int result;

	if (trace->state_cursor) /* it would not see what is new */
		trc__state_free(trace);
	result = take_in(trace, NULL, NULL, ret_error);
	if (result < 0)
		return result;
	trace->version++;
	return trc_model_events(trace->model) != before || trace->info.closed != was_closed;
}

int trc_trace_refresh(struct trc_trace *trace, struct trc_trace_error *ret_error)
{
	struct trc_store_info info;
	struct trc_error error;
	int r = trc_store_hold(trace->store, &error);

	if (r < 0) {
		trc__pass_error(&error, ret_error);
		return r;
	}
	trc_store_info(trace->store, &info);
	trc_store_loosen(trace->store);
	r = info.let_go == trace->info.let_go ? refresh_held(trace, ret_error)
					      : begin_anew(trace, ret_error);
	trc_store_release(trace->store);
	return r;
}

void trc_trace_info(const struct trc_trace *trace, struct trc_trace_info *ret_info)
{
	*ret_info = (struct trc_trace_info){
		.path = trace->path,
		.program = trace->info.program ? trace->info.program : "",
		.wall_start = trace->info.wall_start,
		.first_time = trace->first_time,
		.last_time = trc_model_time(trace->model),
		.events = trc_model_events(trace->model),
		.messages = trace->messages,
		.lost = trc_model_lost(trace->model),
		.live = !trace->info.closed,
		.complete = trace->info.closed && trace->info.complete,
		.exit_status = trace->info.exit_status,
		.let_go = trace->info.let_go,
		.filters = trace->info.filters ? trace->info.filters : "",
		.left_out = trace->info.left_out,
	};
	if (trace->info.lost > ret_info->lost)
		ret_info->lost = trace->info.lost;
}

const struct trc_model *trc_trace_model(const struct trc_trace *trace)
{
	return trace->model;
}
