#include "tracer/analysis/check.h"
#include "tracer/cli/cli.h"
#include "tracer/cli/json.h"
#include "tracer/cli/options.h"
#include "tracer/cli/print.h"
#include "tracer/cli/stream.h"

#include <getopt.h>
#include <inttypes.h>
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

static json_t *edge_json(const struct trc_edge *edge)
{
	json_t *object = json_object();
	const char *what = trc_what_name(edge->what);

	trc_json_set_text(object, "from", edge->from_name);
	trc_json_set_number(object, "from_id", edge->from);
	trc_json_set_text(object, "from_kind", edge->from_kind);
	trc_json_set_text(object, "to", edge->to_name);
	trc_json_set_number(object, "to_id", edge->to);
	trc_json_set_text(object, "to_kind", edge->to_kind);
	trc_json_set_text(object, "waits_for", what ? what : "?");
	trc_json_set(object, "waits", json_boolean(edge->waits));
	trc_json_set_number(object, "since_ns", edge->since);
	trc_json_set_number(object, "deadline_ns", edge->deadline);
	trc_json_set_number(object, "message", edge->message);
	trc_json_set_text(object, "doing", edge->doing);
	trc_json_set_text(object, "sending", edge->sending);
	trc_json_set_number(object, "depth", edge->depth);
	trc_json_set_number(object, "capacity", edge->capacity);
	trc_json_set_text(object, "file", edge->file);
	trc_json_set_number(object, "line", edge->line);
	trc_json_set_text(object, "function", edge->function);
	return object;
}

static json_t *names_json(const struct trc_model *model, const uint64_t *actors, unsigned count)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(array, trc_json_text(trc_model_actor_name(model, actors[i])));
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
	trc_json_set_text(object, "code", trc_code_name(finding->code));
	trc_json_set_text(object, "verdict", trc_code_verdict(finding->code));
	trc_json_set(object, "rank",
		     finding->code != TRC_CODE_POTENTIAL_DEADLOCK
			     ? json_null()
			     : json_string(finding->likely ? "likely" : "possible"));
	trc_json_set(object, "lowered", json_boolean(finding->lowered));
	trc_json_set_text(object, "title", finding->title);
	trc_json_set_text(object, "reason", finding->reason);
	trc_json_set(object, "actors", names_json(model, finding->actors, finding->actor_count));
	trc_json_set(object, "actor_ids", ids_json(finding->actors, finding->actor_count));
	trc_json_set(object, "victims", names_json(model, finding->victims, finding->victim_count));
	trc_json_set(object, "victim_ids", ids_json(finding->victims, finding->victim_count));
	trc_json_set(object, "edges", edges);
	trc_json_set(object, "victim_edges", stuck);
	trc_json_set_text(object, "fingerprint", finding->fingerprint);
	trc_json_set(object, "unavoidable_since_ns",
		     certain ? json_integer((json_int_t)finding->time) : json_null());
	trc_json_set_number(object, "time_ns", finding->time);
	trc_json_set_number(object, "needed", finding->needed);
	trc_json_set_number(object, "peak", finding->peak);
	trc_json_set_number(object, "instances", finding->instances);
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
	trc_json_set_text(object, "file", run->stream.path);
	trc_json_set_text(object, "program",
			  run->stream.info.program ? run->stream.info.program : "");
	trc_json_set(object, "live", json_boolean(!run->stream.info.closed));
	trc_json_set(object, "complete", json_boolean(run->stream.info.complete));
	trc_json_set_number(object, "events", run->events);
	trc_json_set_number(object, "lost", run->stream.info.lost);
	trc_json_set_number(object, "actors", trc_model_actor_count(run->stream.model));
	trc_json_set_number(object, "anomalies", trc_model_anomalies(run->stream.model));
	trc_json_set(object, "limited", json_boolean(findings->limited));
	trc_json_set(object, "findings", list);
	trc_json_print(object, JSON_INDENT(2));
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
		printf("still recording, or cut off: verdicts as of the last event\n");
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
	if (findings->limited)
		printf("the search for questions that could lock up was cut short by its limits: "
		       "there may be more\n");
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
			return trc_option_error("check", argv);
		}
	}
	path = trc_only_argument("check", argc, argv, "a trace file");
	return path ? check(path, &options) : TRC_EXIT_USE;
}
