#include "tracer/analysis/finding-story.h"
#include "tracer/analysis/kind-rings.h"
#include "tracer/cli/check-baseline.h"
#include "tracer/cli/check-report.h"
#include "tracer/cli/cli.h"
#include "tracer/cli/options.h"
#include "tracer/cli/print.h"
#include "tracer/cli/stream.h"
#include "tracer/model/memory.h"
#include "tracer/query/origin.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: actorscope check [OPTIONS] FILE...\n"
	"\n"
	"Says what is wrong in a trace: deadlocks that happened, and those that could have. "
	"Several\n"
	"files are runs of one program: what was found in more than one of them is told once, as\n"
	"the most certain of them shows it.\n"
	"\n"
	"  --format FORMAT       text (default), json, markdown, or sarif for code hosts\n"
	"  --json                the same as --format json\n"
	"  --refuted             also rings that cannot block, and why\n"
	"  --fail-on CODE        exit with 1 for findings at least as certain as this; one of\n"
	"                        deadlock, orphan-wait, potential-deadlock (default),\n"
	"                        deadline-cycle, stall, handle-cycle, kind-cycle, or none\n"
	"  --baseline FILE       findings that stand in this file are known: not shown, no "
	"failure\n"
	"  --write-baseline FILE accept what is found now: writes such a file, and fails for "
	"nothing\n"
	"  --color               colours also when the output is not a terminal\n"
	"\n"
	"Exit status: 0 nothing (new) found, 1 findings, 2 bad use or an unreadable file.\n"
	"\n"
	"Example:\n"
	"  actorscope check chat.db\n"
	"  actorscope check --baseline accepted.txt --format sarif monday.db tuesday.db > "
	"check.sarif\n";

enum format {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_MARKDOWN,
	FORMAT_SARIF,
	FORMAT_COUNT,
};

static const char *const formats[FORMAT_COUNT] = {"text", "json", "markdown", "sarif"};

struct options {
	enum format format;
	bool refuted;
	bool color;
	enum trc_code fail_on; /* TRC_CODE_COUNT: nothing fails */
	const char *baseline;  /* NULL: none */
	const char *write_baseline;
};

/* --- one run ------------------------------------------------------------------------------------
 */

struct run {
	struct trc_stream stream;
	struct trc_check *check;
	uint64_t events;
	uint64_t lost; /* as the events themselves say */
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
	if (event->kind == TRC_LOST)
		run->lost += event->id;
	trc_check_event(run->check, event);
}

/* Looks up in the file how each message came about in whose handling an actor waits. A trace that
 * cannot be looked into any more has lost nothing but that. */
static void tell_origins(const char *path, struct trc_findings *findings)
{
	struct trc_trace_error error;
	struct trc_trace *trace;

	if (findings->count == 0 || trc_trace_open(path, NULL, NULL, &trace, &error) < 0)
		return;
	for (size_t i = 0; i < findings->count; i++) {
		struct trc_finding *finding = &findings->items[i];
		unsigned told = 0;

		for (unsigned e = 0; e < finding->core_edge_count && told < TRC_STORY_ROWS; e++)
			if (finding->edges[e].message) {
				finding->edges[e].origin =
					trc_origin_text(trace, finding->edges[e].message);
				told++;
			}
	}
	trc_trace_close(trace);
}

static void count_unseen(const struct trc_model *model, struct trc_report_run *told)
{
	told->unseen = trc_model_unseen(model);
	for (size_t i = 0; told->unseen > 0 && i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		told->unsure += actor->unseen && !actor->grants;
	}
}

static void report_run(struct trc_report *report, struct run *run, const struct options *options,
		       struct trc_kind_waits *waits)
{
	const struct trc_store_info *info = &run->stream.info;
	/* Whatever a file claims: with a gap in it it is not complete. */
	bool complete = info->complete && run->lost == 0;
	struct trc_findings findings;
	unsigned number;

	struct trc_report_run told = {
		.path = run->stream.path,
		.program = trc_strdup(info->program ? info->program : ""),
		.events = run->events,
		.actors = trc_model_actor_count(run->stream.model),
		.lost = info->lost > run->lost ? info->lost : run->lost,
		.let_go = info->let_go,
		.begin_time = info->begin_time,
		.anomalies = trc_model_anomalies(run->stream.model),
		.closed = info->closed,
		.complete = complete,
		.filters = trc_filters_line(info),
		.left_out = info->left_out,
		.bare = info->bare,
	};

	count_unseen(run->stream.model, &told);
	trc_check_finish(run->check, (complete || !info->closed) && info->let_go == 0, &findings);
	number = trc_report_add_run(report, &told, &findings);
	trc_kind_waits_add(waits, run->check, number, run->stream.path);
	/* What looks for origins needs memory of its own. */
	trc_check_free(run->check);
	run->check = NULL;
	tell_origins(run->stream.path, &findings);
	for (size_t i = 0; i < findings.count; i++)
		if (findings.items[i].code != TRC_CODE_REFUTED || options->refuted)
			trc_report_add(report, number, &findings.items[i], run->stream.model);
	trc_findings_clear(&findings);
}

/* False, having said why on stderr, when the trace cannot be read. */
static bool check_file(struct trc_report *report, const char *path, const struct options *options,
		       struct trc_kind_waits *waits)
{
	struct run run = {0};
	bool good;

	if (!trc_stream_open(&run.stream, "check", path))
		return false;
	run.check = trc_check_new(run.stream.model);
	good = trc_stream_run(&run.stream, "check", before, visit, &run);
	if (good)
		report_run(report, &run, options, waits);
	trc_check_free(run.check);
	trc_stream_close(&run.stream);
	return good;
}

/* What no run has alone. */
static void report_together(struct trc_report *report, const struct trc_kind_waits *waits)
{
	struct trc_findings findings = {0};
	unsigned *runs;

	trc_kind_rings_of_runs(waits, &findings, &runs);
	for (size_t i = 0; i < findings.count; i++)
		trc_report_add_together(report, &findings.items[i], &runs[i * TRC_KIND_RING_MAX]);
	trc_findings_clear(&findings);
	free(runs);
}

/* --- the verb -----------------------------------------------------------------------------------
 */

static void print(const struct trc_report *report, const struct options *options)
{
	switch (options->format) {
	case FORMAT_JSON:
		trc_report_json(report);
		break;
	case FORMAT_MARKDOWN:
		trc_report_markdown(report);
		break;
	case FORMAT_SARIF:
		trc_report_sarif(report);
		break;
	default:
		trc_report_text(report, options->color || trc_has_color(stdout));
	}
}

static bool fails(const struct trc_report *report, enum trc_code fail_on)
{
	for (size_t i = 0; i < report->count; i++)
		if (!report->items[i].known && fail_on != TRC_CODE_COUNT &&
		    report->items[i].finding.code <= fail_on)
			return true;
	return false;
}

static int check(char **paths, int count, const struct options *options)
{
	struct trc_kind_waits waits = {0};
	struct trc_report report = {0};
	int status = TRC_EXIT_OK;
	bool good = true;

	for (int i = 0; i < count && good; i++)
		good = check_file(&report, paths[i], options, &waits);
	report_together(&report, &waits);
	trc_kind_waits_clear(&waits);
	trc_report_finish(&report);
	if (good && options->baseline)
		good = trc_baseline_apply(options->baseline, &report);
	if (good && options->write_baseline)
		good = trc_baseline_write(options->write_baseline, &report);
	if (good)
		print(&report, options);
	if (good && !options->write_baseline && fails(&report, options->fail_on))
		status = TRC_EXIT_FINDINGS;
	trc_report_clear(&report);
	return good ? status : TRC_EXIT_USE;
}

static bool parse_format(const char *name, enum format *ret_format)
{
	for (unsigned i = 0; i < FORMAT_COUNT; i++)
		if (strcmp(name, formats[i]) == 0) {
			*ret_format = i;
			return true;
		}
	return false;
}

/* Returns TRC_EXIT_OK, or what else the command ends with. */
static int parse_option(int option, char **argv, struct options *options)
{
	switch (option) {
	case 'j':
		options->format = FORMAT_JSON;
		break;
	case 'F':
		if (!parse_format(optarg, &options->format))
			return trc_usage_error("check",
					       "there is no format '%s'; there are text, json, "
					       "markdown and sarif",
					       optarg);
		break;
	case 'r':
		options->refuted = true;
		break;
	case 'c':
		options->color = true;
		break;
	case 'b':
		options->baseline = optarg;
		break;
	case 'w':
		options->write_baseline = optarg;
		break;
	case 'f':
		options->fail_on = trc_code_from_name(optarg);
		if (options->fail_on >= TRC_CODE_REFUTED && strcmp(optarg, "none") != 0)
			return trc_usage_error("check", "there is no code '%s' to fail on", optarg);
		break;
	default:
		return trc_option_error("check", argv);
	}
	return TRC_EXIT_OK;
}

int trc_cmd_check(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"json", no_argument, NULL, 'j'},
		{"format", required_argument, NULL, 'F'},
		{"refuted", no_argument, NULL, 'r'},
		{"color", no_argument, NULL, 'c'},
		{"fail-on", required_argument, NULL, 'f'},
		{"baseline", required_argument, NULL, 'b'},
		{"write-baseline", required_argument, NULL, 'w'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct options options = {.fail_on = TRC_CODE_POTENTIAL_DEADLOCK};
	int option, status;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return TRC_EXIT_OK;
		}
		status = parse_option(option, argv, &options);
		if (status != TRC_EXIT_OK)
			return status;
	}
	if (optind == argc)
		return trc_usage_error("check", "a trace file is missing");
	return check(argv + optind, argc - optind, &options);
}
