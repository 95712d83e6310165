#include "tracer/cli/cli.h"
#include "tracer/cli/json.h"
#include "tracer/cli/options.h"
#include "tracer/store/store.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] = "Usage: actorscope version [--json]\n"
			   "\n"
			   "Prints the version and the format of traces.\n"
			   "\n"
			   "  --json   as a JSON object\n"
			   "\n"
			   "Example:\n"
			   "  actorscope version\n";

static void print_json(void)
{
	json_t *object = json_object();

	trc_json_set_text(object, "version", ACTORSCOPE_VERSION);
	trc_json_set_number(object, "trace_format", TRC_STORE_FORMAT);
	trc_json_print(object, JSON_INDENT(2));
}

int trc_cmd_version(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	bool json = false;
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (option) {
		case 'j':
			json = true;
			break;
		case 'h':
			fputs(help, stdout);
			return TRC_EXIT_OK;
		default:
			return trc_option_error("version", argv);
		}
	}
	if (optind < argc)
		return trc_usage_error("version", "it takes no argument, but '%s' was given",
				       argv[optind]);
	if (json)
		print_json();
	else
		printf("actorscope %s, trace format %d\n", ACTORSCOPE_VERSION, TRC_STORE_FORMAT);
	return TRC_EXIT_OK;
}
