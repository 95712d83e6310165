#include "tracer/cli/cli.h"
#include "tracer/cli/options.h"
#include "tracer/cli/stats-report.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] =
	"Usage: actorscope stats [OPTIONS] FILE\n"
	"\n"
	"Says for each kind of actor, for each actor, and for all together: messages in and out,\n"
	"how long they stood in the mailbox and were handled (half of them, 99 of 100), how long\n"
	"handlers ran and waited, mostly for whom, and how deep mailboxes were. Then where the\n"
	"time of asks went: waiting for space, in mailboxes, in handlers, in nested asks; by type\n"
	"of message, and for the slowest ones step by step.\n"
	"\n"
	"  --from TIME    from this time on (1.2s, 300ms, 17us; a bare number is seconds)\n"
	"  --to TIME      up to this time\n"
	"  --actor GLOB   only actors with such a name ('room*'), and asks by or to them\n"
	"  --limit N      at most N actors (default 40; --json: all)\n"
	"  --slowest N    so many of the slowest asks (default 5)\n"
	"  --json         one JSON object for programs\n"
	"\n"
	"Example:\n"
	"  actorscope stats --from 2s --to 3s --actor 'room*' chat.db\n";

enum { SLOWEST_MAX = 1000 };

struct options {
	struct trc_stats_options stats;
	uint64_t limit;
	uint64_t slowest;
	bool json;
};

struct run {
	struct trc_stream stream;
	const struct options *options;
	struct trc_stats *stats;
	struct trc_asks *asks;
	uint64_t events;
};

static void before(const struct trc_event *event, void *context)
{
	struct run *run = context;

	if (event->time > run->options->stats.to) {
		run->stream.stopped = true;
		return;
	}
	run->events += event->time >= run->options->stats.from;
	trc_stats_before(run->stats, event);
	trc_asks_before(run->asks, event);
}

static void after(const struct trc_event *event, void *context)
{
	struct run *run = context;

	if (event->time > run->options->stats.to)
		return;
	trc_stats_after(run->stats, event);
	trc_asks_after(run->asks, event);
}

static bool is_wanted(const struct trc_ask *ask, void *context)
{
	const struct run *run = context;

	return trc_stats_wants(run->stats, ask->asker) ||
	       trc_stats_wants(run->stats, ask->receiver);
}

static int stats(const char *path, const struct options *options)
{
	struct run run = {.options = options};
	struct trc_asks_options asks = {.from = options->stats.from,
					.to = options->stats.to,
					.slowest = (unsigned)options->slowest,
					.wanted = is_wanted,
					.context = &run};
	uint64_t end;
	bool good;

	if (!trc_stream_open(&run.stream, "stats", path))
		return TRC_EXIT_USE;
	run.stats = trc_stats_new(run.stream.model, &options->stats);
	run.asks = trc_asks_new(run.stream.model, &asks);
	good = trc_stream_run(&run.stream, "stats", before, after, &run);
	end = trc_model_time(run.stream.model);
	trc_stats_end(run.stats, end < options->stats.to ? end : options->stats.to);
	if (good) {
		struct trc_stats_report report = {&run.stream, run.stats, run.asks, options->limit,
						  run.events};

		(options->json ? trc_stats_print_json : trc_stats_print_text)(&report);
	}
	trc_asks_free(run.asks);
	trc_stats_free(run.stats);
	trc_stream_close(&run.stream);
	return good ? TRC_EXIT_OK : TRC_EXIT_USE;
}

static bool parse_time(const char *text, uint64_t *ret_time)
{
	if (trc_parse_duration(text, ret_time))
		return true;
	trc_usage_error("stats", "'%s' is not a time (try 1.2s or 300ms)", text);
	return false;
}

int trc_cmd_stats(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"from", required_argument, NULL, 'F'},    {"to", required_argument, NULL, 'T'},
		{"actor", required_argument, NULL, 'a'},   {"limit", required_argument, NULL, 'l'},
		{"slowest", required_argument, NULL, 's'}, {"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},          {0},
	};
	struct options options = {.stats = {.to = UINT64_MAX}, .limit = 40, .slowest = 5};
	const char *path;
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (option) {
		case 'F':
		case 'T':
			if (!parse_time(optarg,
					option == 'F' ? &options.stats.from : &options.stats.to))
				return TRC_EXIT_USE;
			break;
		case 'a':
			options.stats.actor = optarg;
			break;
		case 'l':
			if (!trc_parse_number(optarg, UINT64_MAX, &options.limit))
				return trc_usage_error("stats", "'%s' is not a number of actors",
						       optarg);
			break;
		case 's':
			if (!trc_parse_number(optarg, SLOWEST_MAX, &options.slowest))
				return trc_usage_error("stats",
						       "'%s' is not a number of asks, at most %d",
						       optarg, SLOWEST_MAX);
			break;
		case 'j':
			options.json = true;
			break;
		case 'h':
			fputs(help, stdout);
			return TRC_EXIT_OK;
		default:
			return trc_option_error("stats", argv);
		}
	}
	path = trc_only_argument("stats", argc, argv, "a trace file");
	return path ? stats(path, &options) : TRC_EXIT_USE;
}
