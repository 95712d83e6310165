#include "tracer/analysis/check.h"
#include "tracer/cli/cli.h"
#include "tracer/cli/options.h"
#include "tracer/cli/print.h"
#include "tracer/cli/stream.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: actorscope check [OPTIONS] FILE\n"
	"\n"
	"Says what is wrong in a trace: deadlocks that happened, and those that could have.\n"
	"\n"
	"  --json           one JSON object for programs\n"
	"  --refuted        also rings that cannot block, and why\n"
	"  --fail-on CODE   exit with 1 for findings at least as certain as this; one of\n"
	"                   deadlock, orphan-wait, potential-deadlock (default), deadline-cycle,\n"
	"                   stall, handle-cycle, or none\n"
	"  --color          colours also when the output is not a terminal\n"
	"\n"
	"Exit status: 0 nothing found, 1 findings, 2 bad use or an unreadable file.\n"
	"\n"
	"Example:\n"
	"  actorscope check chat.db\n";

struct options {
	bool json;
	bool refuted;
	bool color;
	enum trc_code fail_on; /* TRC_CODE_COUNT: nothing fails */
};

struct run {
	struct trc_stream stream;
	struct trc_check *check;
	uint64_t events;
};

static void before(const struct trc_event *event, void *context)
{
	struct run *run = context;

	trc_check_before(run->check, event);
}

static void visit(const struct trc_event *event, void *context)
{
	struct run *run = context;

	run->events++;
	trc_check_event(run->check, event);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

/* Names come from the traced program; jansson refuses what is not UTF-8. */
static json_t *json_text(const char *text)
{
	json_t *value = json_string(text);
	size_t length = strlen(text);
	char *copy;

	if (value)
		return value;
	copy = malloc(length + 1);
	if (!copy)
		return json_null();
	for (size_t i = 0; i <= length; i++)
		copy[i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
	value = json_string(copy);
	free(copy);
	return value ? value : json_null();
}

static void set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

static void set_number(json_t *object, const char *key, uint64_t value)
{
	set(object, key, json_integer((json_int_t)value));
}

static json_t *edge_json(const struct trc_edge *edge)
{
	json_t *object = json_object();
	const char *what = trc_what_name(edge->what);

	set(object, "from", json_text(edge->from_name));
	set(object, "from_id", json_integer((json_int_t)edge->from));
	set(object, "from_kind", json_text(edge->from_kind));
	set(object, "to", json_text(edge->to_name));
	set(object, "to_id", json_integer((json_int_t)edge->to));
	set(object, "to_kind", json_text(edge->to_kind));
	set(object, "waits_for", json_text(what ? what : "?"));
	set(object, "waits", json_boolean(edge->waits));
	set_number(object, "since_ns", edge->since);
	set_number(object, "deadline_ns", edge->deadline);
	set_number(object, "message", edge->message);
	set(object, "doing", json_text(edge->doing));
	set(object, "sending", json_text(edge->sending));
	set_number(object, "depth", edge->depth);
	set_number(object, "capacity", edge->capacity);
	set(object, "file", json_text(edge->file));
	set(object, "line", json_integer(edge->line));
	set(object, "function", json_text(edge->function));
	return object;
}

static json_t *names_json(const struct trc_model *model, const uint64_t *actors, unsigned count)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(array, json_text(trc_model_actor_name(model, actors[i])));
	return array;
}

static json_t *ids_json(const uint64_t *actors, unsigned count)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(array, json_integer((json_int_t)actors[i]));
	return array;
}

static json_t *finding_json(const struct trc_model *model, const struct trc_finding *finding)
{
	json_t *object = json_object(), *edges = json_array(), *stuck = json_array();
	bool certain = finding->code == TRC_CODE_DEADLOCK || finding->code == TRC_CODE_ORPHAN_WAIT;

	for (unsigned i = 0; i < finding->edge_count; i++)
		json_array_append_new(i < finding->core_edge_count ? edges : stuck,
				      edge_json(&finding->edges[i]));
	set(object, "code", json_text(trc_code_name(finding->code)));
	set(object, "verdict", json_text(trc_code_verdict(finding->code)));
	set(object, "lowered", json_boolean(finding->lowered));
	set(object, "title", json_text(finding->title));
	set(object, "reason", json_text(finding->reason));
	set(object, "actors", names_json(model, finding->actors, finding->actor_count));
	set(object, "actor_ids", ids_json(finding->actors, finding->actor_count));
	set(object, "victims", names_json(model, finding->victims, finding->victim_count));
	set(object, "victim_ids", ids_json(finding->victims, finding->victim_count));
	set(object, "edges", edges);
	set(object, "victim_edges", stuck);
	set(object, "fingerprint", json_text(finding->fingerprint));
	set(object, "unavoidable_since_ns",
	    certain ? json_integer((json_int_t)finding->time) : json_null());
	set_number(object, "time_ns", finding->time);
	set_number(object, "needed", finding->needed);
	set_number(object, "peak", finding->peak);
	set_number(object, "instances", finding->instances);
	return object;
}

static bool is_shown(const struct options *options, const struct trc_finding *finding)
{
	return finding->code != TRC_CODE_REFUTED || options->refuted;
}

static void print_json(const struct run *run, const struct options *options,
		       const struct trc_findings *findings)
{
	json_t *object = json_object(), *list = json_array();

	for (size_t i = 0; i < findings->count; i++)
		if (is_shown(options, &findings->items[i]))
			json_array_append_new(list,
					      finding_json(run->stream.model, &findings->items[i]));
	set(object, "file", json_text(run->stream.path));
	set(object, "program", json_text(run->stream.info.program ? run->stream.info.program : ""));
	set(object, "live", json_boolean(!run->stream.info.closed));
	set(object, "complete", json_boolean(run->stream.info.complete));
	set_number(object, "events", run->events);
	set_number(object, "lost", run->stream.info.lost);
	set_number(object, "actors", trc_model_actor_count(run->stream.model));
	set(object, "findings", list);
	json_dumpf(object, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(object);
}

/* --- text ---------------------------------------------------------------------------------------
 */

static enum trc_color color_of(enum trc_code code)
{
	switch (code) {
	case TRC_CODE_DEADLOCK:
	case TRC_CODE_ORPHAN_WAIT:
		return TRC_COLOR_RED;
	case TRC_CODE_REFUTED:
		return TRC_COLOR_GREEN;
	default:
		return TRC_COLOR_YELLOW;
	}
}

static void print_finding(const struct trc_finding *finding, bool color)
{
	char *text = trc_finding_text(finding);
	size_t code = strlen(trc_code_name(finding->code));
	char *end = strchr(text, '\n');

	printf("%s%.*s%s", trc_color(color, color_of(finding->code)), (int)code, text,
	       trc_color(color, TRC_COLOR_NONE));
	printf("%s%.*s%s%s", trc_color(color, TRC_COLOR_BOLD), (int)(end - text - (long)code),
	       text + code, trc_color(color, TRC_COLOR_NONE), end);
	free(text);
}

static void print_summary(const struct run *run, unsigned shown)
{
	const struct trc_store_info *info = &run->stream.info;
	char events[TRC_NUMBER_SIZE], actors[TRC_NUMBER_SIZE], lost[TRC_NUMBER_SIZE];

	trc_format_count(run->events, events);
	trc_format_count(trc_model_actor_count(run->stream.model), actors);
	if (shown == 0)
		printf("nothing found in %s events of %s actors\n", events, actors);
	else
		printf("%u finding%s in %s events of %s actors\n", shown, shown == 1 ? "" : "s",
		       events, actors);
	if (!info->closed)
		printf("still recording: verdicts as of now\n");
	if (info->lost)
		printf("%s events are missing in this trace\n", trc_format_count(info->lost, lost));
	else if (info->closed && !info->complete)
		printf("this trace is not complete\n");
}

static void print_text(const struct run *run, const struct options *options,
		       const struct trc_findings *findings)
{
	bool color = options->color || trc_has_color(stdout);
	unsigned shown = 0;

	for (size_t i = 0; i < findings->count; i++) {
		if (!is_shown(options, &findings->items[i]))
			continue;
		print_finding(&findings->items[i], color);
		putchar('\n');
		shown++;
	}
	print_summary(run, shown);
}

/* --- the verb -----------------------------------------------------------------------------------
 */

static int check(const char *path, const struct options *options)
{
	struct run run = {0};
	struct trc_findings findings;
	int status = TRC_EXIT_OK;

	if (!trc_stream_open(&run.stream, "check", path))
		return TRC_EXIT_USE;
	run.check = trc_check_new(run.stream.model);
	if (trc_stream_run(&run.stream, "check", before, visit, &run)) {
		trc_check_finish(run.check, run.stream.info.complete || !run.stream.info.closed,
				 &findings);
		if (options->json)
			print_json(&run, options, &findings);
		else
			print_text(&run, options, &findings);
		for (size_t i = 0; i < findings.count; i++)
			if (options->fail_on != TRC_CODE_COUNT &&
			    findings.items[i].code <= options->fail_on)
				status = TRC_EXIT_FINDINGS;
		trc_findings_clear(&findings);
	} else {
		status = TRC_EXIT_USE;
	}
	trc_check_free(run.check);
	trc_stream_close(&run.stream);
	return status;
}

int trc_cmd_check(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"json", no_argument, NULL, 'j'},  {"refuted", no_argument, NULL, 'r'},
		{"color", no_argument, NULL, 'c'}, {"fail-on", required_argument, NULL, 'f'},
		{"help", no_argument, NULL, 'h'},  {0},
	};
	struct options options = {.fail_on = TRC_CODE_POTENTIAL_DEADLOCK};
	const char *path;
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (option) {
		case 'j':
			options.json = true;
			break;
		case 'r':
			options.refuted = true;
			break;
		case 'c':
			options.color = true;
			break;
		case 'f':
			options.fail_on = trc_code_from_name(optarg);
			if (options.fail_on >= TRC_CODE_REFUTED && strcmp(optarg, "none") != 0)
				return trc_usage_error("check", "there is no code '%s' to fail on",
						       optarg);
			break;
		case 'h':
			fputs(help, stdout);
			return TRC_EXIT_OK;
		default:
			return trc_usage_error("check", "an option is wrong");
		}
	}
	path = trc_only_argument("check", argc, argv, "a trace file");
	return path ? check(path, &options) : TRC_EXIT_USE;
}
