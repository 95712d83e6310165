#include "tracer/cli/cli.h"
#include "tracer/cli/describe.h"
#include "tracer/cli/json.h"
#include "tracer/cli/options.h"
#include "tracer/cli/print.h"
#include "tracer/cli/stream.h"
#include "tracer/model/memory.h"
#include "tracer/model/table.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] = "Usage: actorscope stats [OPTIONS] FILE\n"
			   "\n"
			   "Says for each actor, the busiest first, and for all together: messages "
			   "in and out, how long\n"
			   "messages stood in its mailbox (half of them, 99 of 100), how long it "
			   "handled and waited, and\n"
			   "how deep its mailbox was.\n"
			   "\n"
			   "  --limit N   at most N actors (default 40; --json: all)\n"
			   "  --json      one JSON object for programs\n"
			   "\n"
			   "Example:\n"
			   "  actorscope stats chat.db\n";

/* Durations by their logarithm, eight steps for each doubling: 9 % exact, whatever their number. */
enum { STEPS = 8, BUCKETS = 64 * STEPS };

struct histogram {
	uint32_t *counts; /* BUCKETS, or NULL while there are none */
	uint64_t total;
};

struct actor_stats {
	uint64_t id; /* 0: all together */
	uint64_t in, out, asks, refused;
	struct histogram in_mailbox;
	uint64_t handling; /* nanoseconds in handlers, waits not counted */
	uint64_t waiting;
};

struct run {
	struct trc_stream stream;
	struct trc_table actors; /* struct actor_stats */
	struct actor_stats all;
	uint64_t events;
};

/* --- durations ----------------------------------------------------------------------------------
 */

static unsigned bucket_of(uint64_t value)
{
	unsigned power;

	if (value < STEPS)
		return (unsigned)value;
	power = 63 - (unsigned)__builtin_clzll(value);
	return power * STEPS + (unsigned)((value >> (power - 3)) & (STEPS - 1));
}

/* The largest value of a bucket. */
static uint64_t bucket_value(unsigned bucket)
{
	unsigned power = bucket / STEPS;

	if (bucket < STEPS)
		return bucket;
	return ((uint64_t)(STEPS + bucket % STEPS + 1) << (power - 3)) - 1;
}

static void add_duration(struct histogram *histogram, uint64_t value)
{
	if (!histogram->counts)
		histogram->counts = trc_zalloc(BUCKETS, sizeof *histogram->counts);
	histogram->counts[bucket_of(value)]++;
	histogram->total++;
}

/* The duration that `share` of 100 do not exceed. */
static uint64_t percentile(const struct histogram *histogram, unsigned share)
{
	uint64_t wanted = (histogram->total * share + 99) / 100, seen = 0;

	for (unsigned i = 0; histogram->counts && i < BUCKETS; i++) {
		seen += histogram->counts[i];
		if (seen >= wanted && seen > 0)
			return bucket_value(i);
	}
	return 0;
}

/* --- counting -----------------------------------------------------------------------------------
 */

static struct actor_stats *stats_of(struct run *run, uint64_t actor)
{
	struct actor_stats *stats = trc_table_find(&run->actors, actor);

	if (!stats && actor) {
		stats = trc_zalloc(1, sizeof *stats);
		stats->id = actor;
		trc_table_put(&run->actors, actor, stats);
	}
	return stats;
}

/* Adds the time since the actor's state last changed to what it was doing. */
static void account(struct run *run, const struct trc_actor *actor, uint64_t now)
{
	struct actor_stats *stats = stats_of(run, actor->id);
	uint64_t time = now > actor->state_since ? now - actor->state_since : 0;

	if (actor->state == TRC_RUNNING) {
		stats->handling += time;
		run->all.handling += time;
	} else if (actor->state == TRC_WAITING) {
		stats->waiting += time;
		run->all.waiting += time;
	}
}

static void count_send(struct run *run, const struct trc_event *event)
{
	struct actor_stats *stats = stats_of(run, event->actor);

	run->all.out++;
	run->all.asks += event->arg != 0;
	if (!stats)
		return;
	stats->out++;
	stats->asks += event->arg != 0;
}

static void count_refused(struct run *run, const struct trc_event *event)
{
	struct actor_stats *stats = stats_of(run, event->actor);

	run->all.refused++;
	if (stats)
		stats->refused++;
}

static void count_receive(struct run *run, const struct trc_event *event)
{
	const struct trc_message *message = trc_model_message(run->stream.model, event->id);
	struct actor_stats *stats = stats_of(run, event->actor);

	run->all.in++;
	if (!stats)
		return;
	stats->in++;
	if (!message)
		return;
	add_duration(&stats->in_mailbox, event->time - message->sent);
	add_duration(&run->all.in_mailbox, event->time - message->sent);
}

static void before(const struct trc_event *event, void *context)
{
	struct run *run = context;
	const struct trc_actor *actor = trc_model_actor(run->stream.model, event->actor);

	run->events++;
	switch (event->kind) {
	case TRC_SEND:
		count_send(run, event);
		return;
	case TRC_REFUSED:
		count_refused(run, event);
		return;
	case TRC_RECEIVE:
		count_receive(run, event);
		break;
	case TRC_DONE:
	case TRC_WAIT:
	case TRC_WAKE:
	case TRC_END:
		break;
	default:
		return;
	}
	if (actor)
		account(run, actor, event->time);
}

static void count_open(struct run *run)
{
	for (size_t i = 0; i < trc_model_actor_count(run->stream.model); i++)
		account(run, trc_model_actor_at(run->stream.model, i),
			trc_model_time(run->stream.model));
}

/* --- printing -----------------------------------------------------------------------------------
 */

static int compare_stats(const void *a, const void *b)
{
	const struct actor_stats *x = *(struct actor_stats *const *)a;
	const struct actor_stats *y = *(struct actor_stats *const *)b;
	uint64_t of_x = x->in + x->out, of_y = y->in + y->out;

	if (of_x != of_y)
		return of_x > of_y ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

static struct actor_stats **sorted(const struct run *run, size_t *ret_count)
{
	struct actor_stats **list = trc_alloc(run->actors.count * sizeof *list);
	struct actor_stats *stats;
	size_t place = 0, count = 0;

	while ((stats = trc_table_next(&run->actors, &place)))
		if (trc_model_actor(run->stream.model, stats->id))
			list[count++] = stats;
	qsort(list, count, sizeof *list, compare_stats);
	*ret_count = count;
	return list;
}

static void print_row(const char *name, unsigned columns, const struct actor_stats *stats,
		      const struct trc_actor *actor)
{
	char half[TRC_NUMBER_SIZE], most[TRC_NUMBER_SIZE], handling[TRC_NUMBER_SIZE],
		waiting[TRC_NUMBER_SIZE];

	trc_print_column(name, columns);
	printf(" %9" PRIu64 " %9" PRIu64 " %8" PRIu64 " %11s %11s %11s %11s", stats->in, stats->out,
	       stats->refused, trc_format_duration(percentile(&stats->in_mailbox, 50), half),
	       trc_format_duration(percentile(&stats->in_mailbox, 99), most),
	       trc_format_duration(stats->handling, handling),
	       trc_format_duration(stats->waiting, waiting));
	if (actor)
		printf(" %5" PRIu32 " of %" PRIu32, actor->peak, actor->capacity);
	putchar('\n');
}

/* The width of the column of names: that of the longest. */
static unsigned name_columns(const struct run *run, struct actor_stats *const *list, size_t count)
{
	unsigned most = trc_columns("all together");

	for (size_t i = 0; i < count; i++) {
		char *name = trc_model_actor_title(run->stream.model, list[i]->id);
		unsigned columns = trc_columns(name);

		most = columns > most ? columns : most;
		free(name);
	}
	return most;
}

static void print_text(const struct run *run, uint64_t limit)
{
	size_t count;
	struct actor_stats **list = sorted(run, &count);
	unsigned columns = name_columns(run, list, count < limit ? count : limit);
	char number[TRC_NUMBER_SIZE];

	trc_print_column("actor", columns);
	printf(" %9s %9s %8s %11s %11s %11s %11s %12s\n", "in", "out", "refused", "queued 50%",
	       "queued 99%", "handling", "waiting", "deepest");
	for (size_t i = 0; i < count && i < limit; i++) {
		char *name = trc_model_actor_title(run->stream.model, list[i]->id);

		print_row(name, columns, list[i], trc_model_actor(run->stream.model, list[i]->id));
		free(name);
	}
	if (count > limit)
		printf("... and %s more (--limit)\n", trc_format_count(count - limit, number));
	print_row("all together", columns, &run->all, NULL);
	printf("%s events\n", trc_format_count(run->events, number));
	if (!run->stream.info.closed)
		printf("still recording, or cut off: figures as of the last event\n");
	free(list);
}

static json_t *stats_json(const struct run *run, const struct actor_stats *stats)
{
	const struct trc_model *model = run->stream.model;
	const struct trc_actor *actor = trc_model_actor(model, stats->id);
	json_t *object = json_object();

	if (actor) {
		trc_json_set_number(object, "id", stats->id);
		trc_json_set_text(object, "name", actor->name);
		trc_json_set_text(object, "kind", trc_model_kind_name(model, actor->kind));
		trc_json_set_number(object, "deepest", actor->peak);
		trc_json_set_number(object, "capacity", actor->capacity);
	}
	trc_json_set_number(object, "in", stats->in);
	trc_json_set_number(object, "out", stats->out);
	trc_json_set_number(object, "asks", stats->asks);
	trc_json_set_number(object, "refused", stats->refused);
	trc_json_set_number(object, "queued_p50_ns", percentile(&stats->in_mailbox, 50));
	trc_json_set_number(object, "queued_p99_ns", percentile(&stats->in_mailbox, 99));
	trc_json_set_number(object, "handling_ns", stats->handling);
	trc_json_set_number(object, "waiting_ns", stats->waiting);
	return object;
}

static void print_json(const struct run *run)
{
	json_t *object = json_object(), *actors = json_array();
	size_t count;
	struct actor_stats **list = sorted(run, &count);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(actors, stats_json(run, list[i]));
	free(list);
	trc_json_set_text(object, "file", run->stream.path);
	trc_json_set(object, "live", json_boolean(!run->stream.info.closed));
	trc_json_set_number(object, "events", run->events);
	trc_json_set_number(object, "lost", run->stream.info.lost);
	trc_json_set(object, "all", stats_json(run, &run->all));
	trc_json_set(object, "actors", actors);
	trc_json_print(object, JSON_INDENT(2));
}

/* --- the verb -----------------------------------------------------------------------------------
 */

static int stats(const char *path, bool json, uint64_t limit)
{
	struct run run = {0};
	struct actor_stats *one;
	size_t place = 0;
	bool good;

	if (!trc_stream_open(&run.stream, "stats", path))
		return TRC_EXIT_USE;
	good = trc_stream_run(&run.stream, "stats", before, NULL, &run);
	count_open(&run);
	if (good && json)
		print_json(&run);
	else if (good)
		print_text(&run, limit);
	while ((one = trc_table_next(&run.actors, &place))) {
		free(one->in_mailbox.counts);
		free(one);
	}
	free(run.all.in_mailbox.counts);
	trc_table_clear(&run.actors);
	trc_stream_close(&run.stream);
	return good ? TRC_EXIT_OK : TRC_EXIT_USE;
}

int trc_cmd_stats(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"json", no_argument, NULL, 'j'},
		{"limit", required_argument, NULL, 'l'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	uint64_t limit = 40;
	bool json = false;
	const char *path;
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (option) {
		case 'j':
			json = true;
			break;
		case 'l':
			if (!trc_parse_number(optarg, UINT64_MAX, &limit))
				return trc_usage_error("stats", "'%s' is not a number of actors",
						       optarg);
			break;
		case 'h':
			fputs(help, stdout);
			return TRC_EXIT_OK;
		default:
			return trc_option_error("stats", argv);
		}
	}
	path = trc_only_argument("stats", argc, argv, "a trace file");
	return path ? stats(path, json, limit) : TRC_EXIT_USE;
}
