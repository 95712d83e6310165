#include "tracer/cli/cli.h"
#include "tracer/cli/describe.h"
#include "tracer/cli/options.h"
#include "tracer/cli/print.h"
#include "tracer/cli/stream.h"

#include <fnmatch.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: actorscope show [OPTIONS] FILE\n"
	"\n"
	"Prints the events of a trace in causal order, one a line.\n"
	"\n"
	"  --actor GLOB    events of, to and from actors with such a name ('room*')\n"
	"  --kind GLOB     events of, to and from actors of such a kind\n"
	"  --type GLOB     events of messages of such a type\n"
	"  --event KINDS   these events only: send,receive,reply,wait,wake,log,...\n"
	"  --from TIME     from this time on (1.2s, 300ms, 17us; a bare number is seconds)\n"
	"  --to TIME       up to this time\n"
	"  --limit N       at most N lines\n"
	"  --full          messages as long as they are, not only how they begin\n"
	"  --json          one JSON object a line\n"
	"  --color         colours also when the output is not a terminal\n"
	"\n"
	"Example:\n"
	"  actorscope show --actor lobby --event send,wait --from 3s chat.db\n";

enum { MESSAGE_COLUMNS = 100 };

struct options {
	const char *actor, *kind, *type; /* NULL: any */
	bool events[256];                /* the wanted kinds of events */
	uint64_t from, to;
	uint64_t limit;
	bool full;
	bool json;
	bool color;
};

struct run {
	struct trc_stream stream;
	const struct options *options;
	uint64_t printed;
};

/* --- filters ------------------------------------------------------------------------------------
 */

static bool actor_matches(const struct trc_model *model, const struct options *options, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(model, id);
	const char *kind = trc_model_kind_name(model, actor ? actor->kind : 0);

	if (options->actor && fnmatch(options->actor, trc_model_actor_name(model, id), 0) != 0)
		return false;
	return !options->kind || (actor && fnmatch(options->kind, kind, 0) == 0);
}

/* The actor that a SPAWN is about is not in the model yet. */
static bool spawned_matches(const struct trc_about *about, const struct options *options)
{
	const char *kind = trc_model_kind_name(about->model, (uint32_t)about->event->peer);
	char *name = trc_spawned_name(about);
	bool match = !options->actor || fnmatch(options->actor, name, 0) == 0;

	free(name);
	return match && (!options->kind || fnmatch(options->kind, kind, 0) == 0);
}

static bool matches(const struct trc_about *about, const struct options *options)
{
	const struct trc_event *event = about->event;

	if (!options->events[event->kind] || event->time < options->from ||
	    event->time > options->to)
		return false;
	if (options->type &&
	    (about->type == 0 ||
	     fnmatch(options->type, trc_model_type_name(about->model, about->type), 0) != 0))
		return false;
	if (!options->actor && !options->kind)
		return true;
	if (event->kind == TRC_SPAWN && spawned_matches(about, options))
		return true;
	return actor_matches(about->model, options, event->actor) ||
	       (about->peer && actor_matches(about->model, options, about->peer));
}

/* --- printing -----------------------------------------------------------------------------------
 */

static enum trc_color color_of(unsigned kind)
{
	switch (kind) {
	case TRC_SEND:
	case TRC_REPLY:
		return TRC_COLOR_BLUE;
	case TRC_WAIT:
	case TRC_REFUSED:
	case TRC_TOKEN_DROP:
		return TRC_COLOR_YELLOW;
	case TRC_LOST:
		return TRC_COLOR_RED;
	case TRC_SPAWN:
	case TRC_START:
	case TRC_END:
		return TRC_COLOR_GREEN;
	case TRC_LOG:
		return TRC_COLOR_CYAN;
	default:
		return TRC_COLOR_NONE;
	}
}

static void print_line(const struct trc_about *about, bool color)
{
	enum { ACTOR_COLUMNS = 30 };
	const struct trc_event *event = about->event;
	struct trc_site site = trc_model_site(about->model, event->site);
	const char *kind = trc_kind_name(event->kind);
	const char *slash = strrchr(site.file, '/');
	char *actor = trc_model_actor_title(about->model, event->actor);
	char *text = trc_describe(about);
	char time[TRC_NUMBER_SIZE];
	enum trc_color shade = color_of(event->kind);

	printf("%14s  ", trc_format_time(event->time, time));
	trc_print_column(actor, ACTOR_COLUMNS);
	printf("  %s%-12s%s  %s", trc_color(color && shade, shade), kind ? kind : "?",
	       trc_color(color && shade, TRC_COLOR_NONE), text);
	if (site.line)
		printf("  %s%s:%" PRIu32 "%s", trc_color(color, TRC_COLOR_DIM),
		       slash ? slash + 1 : site.file, site.line, trc_color(color, TRC_COLOR_NONE));
	putchar('\n');
	free(actor);
	free(text);
}

static void before(const struct trc_event *event, void *context)
{
	struct run *run = context;
	struct trc_about about;

	if (run->printed >= run->options->limit)
		return;
	trc_about_init(&about, run->stream.model, event);
	about.columns = run->options->full || run->options->json ? 0 : MESSAGE_COLUMNS;
	if (!matches(&about, run->options))
		return;
	if (run->options->json)
		trc_json_print(trc_describe_json(&about), JSON_COMPACT);
	else
		print_line(&about, run->options->color);
	if (++run->printed >= run->options->limit)
		run->stream.stopped = true;
}

/* --- the verb -----------------------------------------------------------------------------------
 */

static int show(const char *path, const struct options *options)
{
	struct run run = {.options = options};
	char *filters;
	bool good;

	if (!trc_stream_open(&run.stream, "show", path))
		return TRC_EXIT_USE;
	filters = trc_filters_line(&run.stream.info);
	if (filters)
		fprintf(stderr, "actorscope show: %s was recorded with filters: %s\n", path,
			filters);
	free(filters);
	trc_stream_tell_beginning(&run.stream, "show");
	good = trc_stream_run(&run.stream, "show", before, NULL, &run);
	trc_stream_close(&run.stream);
	return good ? TRC_EXIT_OK : TRC_EXIT_USE;
}

/* Reads "send,wait". False, having said so, when a name is wrong. */
static bool parse_events(const char *list, struct options *options)
{
	memset(options->events, 0, sizeof options->events);
	while (*list) {
		size_t length = strcspn(list, ",");
		char name[32];
		unsigned kind;

		snprintf(name, sizeof name, "%.*s", (int)length, list);
		kind = trc_kind_from_name(name);
		if (kind == 0) {
			trc_usage_error("show", "there is no event '%s'", name);
			return false;
		}
		options->events[kind] = true;
		list += length + (list[length] == ',');
	}
	return true;
}

static bool parse_option(int option, struct options *options)
{
	switch (option) {
	case 'a':
		options->actor = optarg;
		return true;
	case 'k':
		options->kind = optarg;
		return true;
	case 't':
		options->type = optarg;
		return true;
	case 'e':
		return parse_events(optarg, options);
	case 'F':
	case 'T':
		if (trc_parse_duration(optarg, option == 'F' ? &options->from : &options->to))
			return true;
		trc_usage_error("show", "'%s' is not a time (try 1.2s or 300ms)", optarg);
		return false;
	case 'l':
		if (trc_parse_number(optarg, UINT64_MAX, &options->limit))
			return true;
		trc_usage_error("show", "'%s' is not a number of lines", optarg);
		return false;
	case 'f':
		options->full = true;
		return true;
	case 'j':
		options->json = true;
		return true;
	case 'c':
		options->color = true;
		return true;
	}
	return false;
}

int trc_cmd_show(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"actor", required_argument, NULL, 'a'}, {"kind", required_argument, NULL, 'k'},
		{"type", required_argument, NULL, 't'},  {"event", required_argument, NULL, 'e'},
		{"from", required_argument, NULL, 'F'},  {"to", required_argument, NULL, 'T'},
		{"limit", required_argument, NULL, 'l'}, {"full", no_argument, NULL, 'f'},
		{"json", no_argument, NULL, 'j'},        {"color", no_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},        {0},
	};
	struct options options = {
		.to = UINT64_MAX, .limit = UINT64_MAX, .color = trc_has_color(stdout)};
	const char *path;
	int option;

	for (unsigned kind = TRC_SPAWN; kind < 256; kind++)
		options.events[kind] = true;
	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return TRC_EXIT_OK;
		}
		if (option == '?')
			return trc_option_error("show", argv);
		if (!parse_option(option, &options))
			return TRC_EXIT_USE;
	}
	path = trc_only_argument("show", argc, argv, "a trace file");
	return path ? show(path, &options) : TRC_EXIT_USE;
}
