/*
 * Two passes over the inputs. The first learns their numbers and, when these mean the same
 * everywhere, which messages went from one to the other. The second streams all events by time into
 * batches of the new trace, and lets rows be derived from each batch as a recorder would.
 */
#include "tracer/merge/merge.h"

#include "tracer/derive/begin.h"
#include "tracer/derive/derive.h"
#include "tracer/merge/clocks.h"
#include "tracer/merge/numbers.h"
#include "tracer/merge/streams.h"
#include "tracer/model/memory.h"
#include "tracer/model/table.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BATCH_EVENTS = 4000,
	ROWS_AT_ONCE = 20000,
	RINGS_MAX = UINT16_MAX,
};

struct source {
	struct trc_merge_input *input;
	struct trc_store *trace;
	struct trc_store_info info;
	struct trc_numbers *numbers;
	struct trc_store_ring *rings; /* as the trace accounts for them */
	size_t ring_count;
};

struct merge {
	const struct trc_merge_options *options;
	struct source *sources;
	unsigned count;
	struct trc_definitions *definitions;
	struct trc_clocks *clocks; /* NULL: numbers mean different things */
	struct trc_table spawned;  /* with the same numbers: source + 1, by actor */
	struct trc_streams *streams;
	struct trc_store *output;
	struct trc_deriver *deriver;
	struct trc_merge_result result;
	struct trc_error *error;
};

static int __attribute__((format(printf, 3, 4)))
refuse(struct merge *merge, int result, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(merge->error->text, sizeof merge->error->text, format, arguments);
	va_end(arguments);
	return result;
}

/* --- opening ------------------------------------------------------------------------------------
 */

static bool is_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Whether two traces are copies of one: of the same start, program, events and threads. */
static bool is_same_trace(const struct source *a, const struct source *b)
{
	if (a->info.wall_start != b->info.wall_start || a->info.events != b->info.events ||
	    a->info.first_time != b->info.first_time || a->info.last_time != b->info.last_time ||
	    strcmp(a->info.program, b->info.program) != 0 || a->ring_count != b->ring_count)
		return false;
	for (size_t i = 0; i < a->ring_count; i++)
		if (a->rings[i].pid != b->rings[i].pid || a->rings[i].tid != b->rings[i].tid ||
		    a->rings[i].written != b->rings[i].written)
			return false;
	return a->info.events > 0;
}

static int check_source(struct merge *merge, unsigned number)
{
	const struct source *source = &merge->sources[number];

	for (unsigned i = 0; i < number; i++) {
		const char *other = merge->sources[i].input->path;

		if (is_same_file(other, source->input->path))
			return refuse(merge, -EINVAL, "%s and %s are the same file; give it once",
				      other, source->input->path);
		if (is_same_trace(&merge->sources[i], source))
			return refuse(merge, -EINVAL,
				      "%s is a copy of %s: they have the same events; give one of "
				      "them",
				      source->input->path, other);
	}
	if (is_same_file(merge->options->output, source->input->path))
		return refuse(merge, -EINVAL, "%s is to be merged and cannot be the output, too",
			      source->input->path);
	return 0;
}

static int open_source(struct merge *merge, unsigned number)
{
	struct source *source = &merge->sources[number];
	int result = trc_store_open(source->input->path, &source->trace, merge->error);

	if (result == 0)
		result = trc_store_hold(source->trace, merge->error);
	if (result == 0)
		result = trc_store_rings(source->trace, &source->rings, &source->ring_count,
					 merge->error);
	if (result < 0)
		return result;
	trc_store_loosen(source->trace);
	trc_store_info(source->trace, &source->info);
	source->input->events = source->info.events;
	source->input->closed = source->info.closed;
	source->input->complete = source->info.complete;
	source->input->let_go = source->info.let_go;
	source->numbers = trc_numbers_new(merge->definitions);
	return check_source(merge, number);
}

/* Hands out the names with which a trace begins that has let go of its beginning. */
static int read_beginning(struct merge *merge, const struct source *source, trc_begin_name *name,
			  void *context)
{
	struct trc_model *model = trc_model_new();
	struct trc_order *order = trc_order_new(model, NULL, NULL);
	struct trc_beginning beginning;
	int result =
		trc_begin(source->trace, model, order, name, context, &beginning, merge->error);

	trc_order_free(order);
	trc_model_free(model);
	return result;
}

/* --- the first pass -----------------------------------------------------------------------------
 */

/* With the same numbers, an actor is spawned in one trace only. */
static int check_spawn(struct merge *merge, unsigned number, const struct trc_event *event)
{
	uintptr_t other;

	if (event->kind != TRC_SPAWN || event->id == 0)
		return 0;
	other = (uintptr_t)trc_table_find(&merge->spawned, event->id);
	if (other == 0)
		trc_table_put(&merge->spawned, event->id, (void *)((uintptr_t)number + 1));
	if (other == 0 || other == number + 1)
		return 0;
	return refuse(merge, -EINVAL,
		      "actor %llu is spawned in %s and in %s, so their numbers do not mean the "
		      "same; merge them without --same-numbers",
		      (unsigned long long)event->id, merge->sources[other - 1].input->path,
		      merge->sources[number].input->path);
}

static void learn_name(const struct trc_event *event, void *context)
{
	const struct source *source = context;

	trc_numbers_learn(source->numbers, event);
}

static int learn(struct merge *merge, unsigned number)
{
	struct source *source = &merge->sources[number];
	int result = read_beginning(merge, source, learn_name, source);

	for (size_t i = 0; i < trc_store_segment_count(source->trace) && result == 0; i++) {
		struct trc_segment segment;

		result = trc_store_segment_load(source->trace, i, &segment, merge->error);
		if (result < 0)
			return result;
		for (size_t k = 0; k < segment.count && result == 0; k++) {
			trc_numbers_learn(source->numbers, &segment.events[k]);
			if (!merge->clocks)
				continue;
			trc_clocks_event(merge->clocks, number, source->info.wall_start,
					 &segment.events[k]);
			result = check_spawn(merge, number, &segment.events[k]);
		}
		trc_segment_clear(&segment);
	}
	return result;
}

/* Makes the numbers disjoint, and finds how far times move: the earliest trace stays. */
static int place(struct merge *merge)
{
	uint64_t earliest = UINT64_MAX;

	if (merge->clocks) {
		merge->result.matched = trc_clocks_match(merge->clocks);
		merge->result.early = trc_clocks_early(merge->clocks);
	}
	for (unsigned i = 0; i < merge->count; i++) {
		struct source *source = &merge->sources[i];
		struct trc_merge_input *input = source->input;

		if (!merge->clocks && i > 0 &&
		    trc_numbers_place(source->numbers, merge->sources[i - 1].numbers) < 0)
			return refuse(
				merge, -EOVERFLOW,
				"the numbers of messages in %s do not fit behind those of the "
				"other traces; merge fewer",
				input->path);
		if (merge->clocks)
			input->correction = trc_clocks_correction(merge->clocks, i);
		input->shift = source->info.wall_start + (uint64_t)input->correction;
		if (input->shift < earliest)
			earliest = input->shift;
	}
	for (unsigned i = 0; i < merge->count; i++)
		merge->sources[i].input->shift -= earliest;
	return 0;
}

/* --- the second pass ----------------------------------------------------------------------------
 */

static int derive_batch(struct merge *merge)
{
	struct trc_batch *batch = trc_store_take_batch(merge->output);
	int result = 0;

	for (size_t i = 0; batch && i < batch->count && result == 0; i++) {
		struct trc_segment segment;
		unsigned ring;

		result = trc_batch_load(batch, i, &ring, &segment, merge->error);
		if (result < 0)
			break;
		trc_deriver_add(merge->deriver, ring, &segment);
		trc_segment_clear(&segment);
	}
	if (batch && result == 0)
		trc_deriver_end_batch(merge->deriver, batch->number);
	trc_batch_free(batch);
	if (result == 0 && trc_deriver_left(merge->deriver) >= ROWS_AT_ONCE)
		result = trc_deriver_put(merge->deriver, merge->output, SIZE_MAX, merge->error);
	return result;
}

static int commit_batch(struct merge *merge)
{
	int result = trc_store_begin(merge->output, merge->error);

	if (result == 0)
		result = trc_store_commit(merge->output, merge->error);
	return result == 0 ? derive_batch(merge) : result;
}

/*
 * There is no instant at which the states of all traces are known, so that the merged one could
 * begin with it. It begins with the names that are known, and with a gap, in a ring of its own.
 */
struct opening {
	struct merge *merge;
	const struct source *source;
	unsigned ring;
	uint64_t events;
	int result;
};

static void write_opening(struct opening *opening, struct trc_event event)
{
	struct merge *merge = opening->merge;

	if (opening->result < 0 ||
	    !trc_numbers_apply(opening->source->numbers, opening->source->input->shift, &event))
		return;
	opening->result = trc_store_add(merge->output, opening->ring, &event, merge->error);
	opening->events++;
	merge->result.events++;
}

static void write_name(const struct trc_event *event, void *context)
{
	struct trc_event named = *event;

	if (event->kind == TRC_SEND || event->kind == TRC_END)
		return;
	/* The actor that spawned it has done other things since. */
	named.actor = 0;
	write_opening(context, named);
}

static int write_beginning(struct merge *merge, unsigned number, unsigned ring)
{
	const struct source *source = &merge->sources[number];
	struct opening opening = {.merge = merge, .source = source, .ring = ring};
	struct trc_store_ring account = {.number = ring, .closed = true};
	int result = read_beginning(merge, source, write_name, &opening);

	if (result < 0)
		return result;
	write_opening(&opening, (struct trc_event){.kind = TRC_LOST,
						   .time = source->info.begin_time,
						   .id = source->info.let_go,
						   .arg = source->info.first_time});
	account.written = account.stored = opening.events;
	result = opening.result;
	if (result == 0)
		result = trc_store_begin(merge->output, merge->error);
	if (result < 0)
		return result;
	result = trc_store_put_ring(merge->output, &account, merge->error);
	if (result < 0) {
		trc_store_undo(merge->output);
		return result;
	}
	result = trc_store_commit(merge->output, merge->error);
	return result == 0 ? derive_batch(merge) : result;
}

static int write_beginnings(struct merge *merge, unsigned *next_ring)
{
	int result = 0;

	for (unsigned i = 0; i < merge->count && result == 0; i++)
		if (merge->sources[i].info.let_go > 0)
			result = write_beginning(merge, i, (*next_ring)++);
	return result;
}

static int write_events(struct merge *merge)
{
	struct trc_streamed next;
	int result;

	while ((result = trc_streams_next(merge->streams, &next, merge->error)) > 0) {
		const struct source *source = &merge->sources[next.trace];

		if (!trc_numbers_apply(source->numbers, source->input->shift, &next.event)) {
			merge->result.unknown++;
			continue;
		}
		result = trc_store_add(merge->output, next.ring, &next.event, merge->error);
		if (result == 0 && ++merge->result.events % BATCH_EVENTS == 0)
			result = commit_batch(merge);
		if (result < 0)
			return result;
	}
	return result < 0 ? result : commit_batch(merge);
}

static int write_rows(struct merge *merge)
{
	int result = 0;

	trc_deriver_end(merge->deriver);
	while (result == 0 && trc_deriver_left(merge->deriver) > 0)
		result = trc_deriver_put(merge->deriver, merge->output, ROWS_AT_ONCE, merge->error);
	return result;
}

/* Rings that have no events, and so are in no segment, still have an account. */
static int write_rings(struct merge *merge, unsigned next_ring)
{
	int result = trc_store_begin(merge->output, merge->error);

	for (unsigned i = 0; i < merge->count && result == 0; i++) {
		const struct source *source = &merge->sources[i];

		for (size_t k = 0; k < source->ring_count && result == 0; k++) {
			struct trc_store_ring ring = source->rings[k];

			ring.number = trc_streams_ring(merge->streams, i, ring.number);
			ring.stored -= ring.let_go < ring.stored ? ring.let_go : ring.stored;
			ring.lost += ring.let_go;
			if (ring.number == UINT_MAX)
				ring.number = next_ring++;
			result = trc_store_put_ring(merge->output, &ring, merge->error);
		}
	}
	if (result < 0) {
		trc_store_undo(merge->output);
		return result;
	}
	return trc_store_commit(merge->output, merge->error);
}

/* What is said of the whole in words. */
struct texts {
	struct trc_text programs, filters, chosen;
};

static void texts_clear(struct texts *texts)
{
	free(texts->programs.data);
	free(texts->filters.data);
	free(texts->chosen.data);
	*texts = (struct texts){0};
}

/* What is said of the whole: the programs, and the worst of everything else. */
static struct trc_store_info info_of(const struct merge *merge, struct texts *texts)
{
	struct trc_store_info info = merge->sources[0].info;

	info.left_out = info.bare = 0;
	info.keep_to = info.let_go = info.begin_time = 0;
	info.complete = merge->result.unknown == 0 && !merge->result.types_full;
	info.lost = 0;
	info.wall_start = UINT64_MAX;
	for (unsigned i = 0; i < merge->count; i++) {
		const struct source *source = &merge->sources[i];
		uint64_t start = source->info.wall_start + (uint64_t)source->input->correction -
				 source->input->shift;

		trc_text_add(&texts->programs, "%s%s", i > 0 ? " + " : "", source->info.program);
		info.complete &=
			source->info.complete && source->info.closed && source->info.let_go == 0;
		info.lost += source->info.lost + source->info.let_go;
		info.left_out += source->info.left_out;
		info.bare += source->info.bare;
		if (source->info.filters && source->info.chosen) {
			trc_text_add(&texts->filters, "%s", source->info.filters);
			trc_text_add(&texts->chosen, "%s", source->info.chosen);
		}
		if (start < info.wall_start)
			info.wall_start = start;
		if (source->info.payload_limit < info.payload_limit)
			info.payload_limit = source->info.payload_limit;
		if (source->info.exit_status != 0 && info.exit_status == 0)
			info.exit_status = source->info.exit_status;
	}
	info.program = texts->programs.data;
	info.filters = texts->filters.data;
	info.chosen = texts->chosen.data;
	info.tool_version = (char *)ACTORSCOPE_VERSION;
	return info;
}

static int write_output(struct merge *merge, unsigned rings)
{
	static const struct trc_deriver_options nobody = {0};
	struct texts texts = {0};
	struct trc_store_info info;
	int result;

	merge->deriver = trc_deriver_new(&nobody);
	result = write_beginnings(merge, &rings);
	if (result == 0)
		result = write_events(merge);
	if (result == 0)
		result = write_rows(merge);
	if (result == 0)
		result = write_rings(merge, rings);
	merge->result.types_full = trc_definitions_full(merge->definitions);
	info = info_of(merge, &texts);
	if (result == 0)
		result = trc_store_finish(merge->output, &info, merge->error);
	texts_clear(&texts);
	return result;
}

static int make_output(struct merge *merge)
{
	struct texts texts = {0};
	struct trc_store_info info = info_of(merge, &texts);
	unsigned rings = 0;
	int result;

	merge->streams = trc_streams_new();
	for (unsigned i = 0; i < merge->count; i++)
		rings += trc_streams_add(merge->streams, merge->sources[i].trace, i,
					 merge->sources[i].input->shift, rings);
	if (rings + merge->count > RINGS_MAX) {
		texts_clear(&texts);
		return refuse(merge, -EOVERFLOW,
			      "the traces have %u threads in all, more than the "
			      "%d that fit into one; merge fewer",
			      rings, RINGS_MAX);
	}
	info.closed = false;
	info.complete = false;
	result = trc_store_create(merge->options->output, merge->options->replace, &info,
				  &merge->output, merge->error);
	texts_clear(&texts);
	if (result < 0)
		return result;
	result = write_output(merge, rings);
	trc_store_close(merge->output);
	if (result < 0)
		unlink(merge->options->output);
	return result;
}

/* --- all of it ----------------------------------------------------------------------------------
 */

static int run(struct merge *merge)
{
	int result = 0;

	for (unsigned i = 0; i < merge->count && result == 0; i++)
		result = open_source(merge, i);
	for (unsigned i = 0; i < merge->count && result == 0; i++)
		result = learn(merge, i);
	if (result == 0)
		result = place(merge);
	return result == 0 ? make_output(merge) : result;
}

int trc_merge(struct trc_merge_input *inputs, unsigned count,
	      const struct trc_merge_options *options, struct trc_merge_result *ret_result,
	      struct trc_error *ret_error)
{
	struct merge merge = {
		.options = options,
		.count = count,
		.sources = trc_zalloc(count, sizeof *merge.sources),
		.definitions = trc_definitions_new(),
		.clocks = options->same_numbers ? trc_clocks_new(count) : NULL,
		.error = ret_error,
	};
	int result;

	for (unsigned i = 0; i < count; i++)
		merge.sources[i].input = &inputs[i];
	result = run(&merge);
	for (unsigned i = 0; i < count; i++) {
		trc_numbers_free(merge.sources[i].numbers);
		free(merge.sources[i].rings);
		trc_store_close(merge.sources[i].trace);
	}
	free(merge.sources);
	trc_table_clear(&merge.spawned);
	trc_clocks_free(merge.clocks);
	trc_streams_free(merge.streams);
	trc_deriver_free(merge.deriver);
	trc_definitions_free(merge.definitions);
	if (result == 0)
		*ret_result = merge.result;
	return result;
}
