#include "tracer/cli/cli.h"
#include "tracer/cli/json.h"
#include "tracer/cli/options.h"
#include "tracer/cli/print.h"
#include "tracer/merge/merge.h"
#include "tracer/model/memory.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char help[] =
	"Usage: actorscope merge [OPTIONS] -o FILE TRACE TRACE...\n"
	"\n"
	"Makes one trace of several that were recorded at the same time: of a server and its\n"
	"clients, of several machines. Times are laid side by side by the wall clocks of the\n"
	"recordings; numbers of actors and messages are changed so that they do not meet.\n"
	"\n"
	"  -o, --output FILE  the new trace\n"
	"      --force        replace FILE when it is a trace already\n"
	"      --same-numbers numbers of actors, messages and tokens mean the same in all traces\n"
	"                     and are kept: a message sent in one and received in another is then\n"
	"                     one message, and such messages set the clocks right\n"
	"      --json         what was done, as a JSON object\n"
	"  -h, --help         this text\n"
	"\n"
	"Example:\n"
	"  actorscope merge -o run.db server.db client-1.db client-2.db\n";

enum { OPTION_FORCE = 256, OPTION_SAME, OPTION_JSON };

/* --- what was done ------------------------------------------------------------------------------
 */

static void print_inputs(const struct trc_merge_input *inputs, unsigned count)
{
	char number[TRC_NUMBER_SIZE], late[TRC_NUMBER_SIZE], moved[TRC_NUMBER_SIZE];

	for (unsigned i = 0; i < count; i++) {
		int64_t correction = inputs[i].correction;

		printf("%s: %s events, begins at %s", inputs[i].path,
		       trc_format_count(inputs[i].events, number),
		       trc_format_duration(inputs[i].shift, late));
		if (correction != 0)
			printf(", its clock set %s by %s", correction < 0 ? "back" : "forward",
			       trc_format_duration((uint64_t)llabs(correction), moved));
		if (inputs[i].let_go > 0)
			printf("; its %s oldest events were let go, which is a gap now",
			       trc_format_count(inputs[i].let_go, number));
		if (!inputs[i].closed)
			printf("; still being recorded, or cut off");
		else if (!inputs[i].complete)
			printf("; events are missing");
		putchar('\n');
	}
}

static void print_text(const struct trc_merge_input *inputs, unsigned count,
		       const struct trc_merge_options *options,
		       const struct trc_merge_result *result)
{
	char number[TRC_NUMBER_SIZE], early[TRC_NUMBER_SIZE];

	print_inputs(inputs, count);
	printf("%s: %s events\n", options->output, trc_format_count(result->events, number));
	if (result->matched > 0)
		printf("%s messages went from one trace to another\n",
		       trc_format_count(result->matched, number));
	else if (options->same_numbers)
		printf("no message went from one trace to another: they are ordered by their "
		       "clocks alone\n");
	else
		printf("messages between the traces are not known: they are ordered by their "
		       "clocks alone\n");
	if (result->early > 0)
		printf("the clocks do not run alike: some of these messages are received up to %s "
		       "before they were sent;\n"
		       "  times from one trace to another are as wrong as that, the order of "
		       "events is by cause and right\n",
		       trc_format_duration(result->early, early));
	if (result->unknown > 0)
		printf("%s events are of kinds that this actorscope does not know, and were left "
		       "out\n",
		       trc_format_count(result->unknown, number));
	if (result->types_full)
		printf("there are more types than a trace can have: some messages have none\n");
}

static void print_json(const struct trc_merge_input *inputs, unsigned count,
		       const struct trc_merge_options *options,
		       const struct trc_merge_result *result)
{
	json_t *object = json_object(), *list = json_array();

	for (unsigned i = 0; i < count; i++) {
		json_t *input = json_object();

		trc_json_set_text(input, "file", inputs[i].path);
		trc_json_set_number(input, "events", inputs[i].events);
		trc_json_set_number(input, "begins_ns", inputs[i].shift);
		trc_json_set(input, "clock_correction_ns", json_integer(inputs[i].correction));
		trc_json_set_number(input, "let_go", inputs[i].let_go);
		trc_json_set(input, "live", json_boolean(!inputs[i].closed));
		trc_json_set(input, "complete", json_boolean(inputs[i].complete));
		json_array_append_new(list, input);
	}
	trc_json_set_text(object, "file", options->output);
	trc_json_set_number(object, "events", result->events);
	trc_json_set_number(object, "matched_messages", result->matched);
	trc_json_set_number(object, "early_ns", result->early);
	trc_json_set_number(object, "unknown_events", result->unknown);
	trc_json_set(object, "inputs", list);
	trc_json_print(object, JSON_INDENT(2));
}

/* --- the verb -----------------------------------------------------------------------------------
 */

static int merge(char **paths, unsigned count, const struct trc_merge_options *options, bool json)
{
	struct trc_merge_input *inputs = trc_zalloc(count, sizeof *inputs);
	struct trc_merge_result result;
	struct trc_error error;
	bool good;

	for (unsigned i = 0; i < count; i++)
		inputs[i].path = paths[i];
	good = trc_merge(inputs, count, options, &result, &error) == 0;
	if (!good)
		fprintf(stderr, "actorscope merge: %s\n", error.text);
	else if (json)
		print_json(inputs, count, options, &result);
	else
		print_text(inputs, count, options, &result);
	free(inputs);
	return good ? TRC_EXIT_OK : TRC_EXIT_USE;
}

int trc_cmd_merge(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"output", required_argument, NULL, 'o'},
		{"force", no_argument, NULL, OPTION_FORCE},
		{"same-numbers", no_argument, NULL, OPTION_SAME},
		{"json", no_argument, NULL, OPTION_JSON},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct trc_merge_options options = {0};
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return TRC_EXIT_OK;
		case 'o':
			options.output = optarg;
			break;
		case OPTION_FORCE:
			options.replace = true;
			break;
		case OPTION_SAME:
			options.same_numbers = true;
			break;
		case OPTION_JSON:
			json = true;
			break;
		default:
			return trc_option_error("merge", argv);
		}
	}
	if (!options.output)
		return trc_usage_error("merge", "-o FILE is missing: where to write the new trace");
	if (argc - optind < 2)
		return trc_usage_error("merge", "at least two traces are expected");
	return merge(argv + optind, (unsigned)(argc - optind), &options, json);
}
