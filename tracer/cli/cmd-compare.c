#include "tracer/cli/cli.h"
#include "tracer/cli/compare-report.h"
#include "tracer/cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

static const char help[] =
	"Usage: actorscope compare [OPTIONS] A B\n"
	"\n"
	"Says where two runs of the same program first differ. Not times are compared but what\n"
	"each actor did, step by step: what it received and from whom, what it sent, replied,\n"
	"spawned and logged. Actors are paired by parent, kind, name and order of spawning. A\n"
	"difference is a first one when nothing that differs is in its past; what follows from\n"
	"others is told after them, and then who waited much longer.\n"
	"\n"
	"  --no-payload   compare types, senders and receivers of messages, not what is in them\n"
	"  --limit N      tell at most N differences (default 20; --json: all)\n"
	"  --json         one JSON object for programs\n"
	"\n"
	"Exit status: 0: no difference, waits aside; 1: they differ; 2: bad use, or a file cannot\n"
	"be read.\n"
	"\n"
	"Example:\n"
	"  actorscope compare good.db hung.db\n";

struct options {
	struct trc_compare_options compare;
	uint64_t limit;
	bool json;
};

/* On a terminal, when it takes long enough to be seen. */
static bool show_progress(double share, void *context)
{
	int *shown = context;
	int percent = (int)(share * 100);

	if (percent > *shown)
		fprintf(stderr, "\rcomparing %d%%", percent);
	*shown = percent;
	return true;
}

static void end_progress(int shown)
{
	if (shown > 0)
		fprintf(stderr, "\r%*s\r", 20, "");
}

static bool open_both(char **paths, struct trc_trace *traces[TRC_RUNS])
{
	for (int run = 0; run < TRC_RUNS; run++) {
		struct trc_trace_error error;

		if (trc_trace_open(paths[run], NULL, NULL, &traces[run], &error) < 0) {
			fprintf(stderr, "actorscope compare: %s\n", error.text);
			return false;
		}
	}
	return true;
}

static int compare(char **paths, struct options *options)
{
	struct trc_compare_report report = {.limit = options->limit,
					    .ignore_payload = options->compare.ignore_payload};
	struct trc_comparison *comparison = NULL;
	struct trc_trace_error error;
	int status = TRC_EXIT_USE, shown = 0;

	if (isatty(STDERR_FILENO)) {
		options->compare.progress = show_progress;
		options->compare.context = &shown;
	}
	if (open_both(paths, report.traces)) {
		int result = trc_compare(report.traces[0], report.traces[1], &options->compare,
					 &comparison, &error);

		end_progress(shown);
		if (result < 0)
			fprintf(stderr, "actorscope compare: %s\n", error.text);
	}
	if (comparison) {
		report.comparison = comparison;
		(options->json ? trc_compare_print_json : trc_compare_print_text)(&report);
		status = trc_comparison_serious_count(comparison) ? TRC_EXIT_FINDINGS : TRC_EXIT_OK;
	}
	trc_comparison_free(comparison);
	trc_trace_close(report.traces[0]);
	trc_trace_close(report.traces[1]);
	return status;
}

int trc_cmd_compare(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"no-payload", no_argument, NULL, 'p'},
		{"limit", required_argument, NULL, 'l'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct options options = {.limit = 20};
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (option) {
		case 'p':
			options.compare.ignore_payload = true;
			break;
		case 'l':
			if (!trc_parse_number(optarg, UINT64_MAX, &options.limit))
				return trc_usage_error(
					"compare", "'%s' is not a number of differences", optarg);
			break;
		case 'j':
			options.json = true;
			break;
		case 'h':
			fputs(help, stdout);
			return TRC_EXIT_OK;
		default:
			return trc_option_error("compare", argv);
		}
	}
	if (argc - optind != 2)
		return trc_usage_error("compare", "two trace files are needed, not %d",
				       argc - optind);
	return compare(argv + optind, &options);
}
