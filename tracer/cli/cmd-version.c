#include "tracer/cli/cli.h"
#include "tracer/cli/options.h"

#include <stdio.h>
#include <string.h>

int trc_cmd_version(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--help") != 0)
		return trc_usage_error("version", "it takes no argument, but '%s' was given",
				       argv[1]);
	if (argc > 1)
		puts("Usage: actorscope version\n\nPrints the version and the format of traces.");
	else
		puts("actorscope " ACTORSCOPE_VERSION ", trace format 1");
	return TRC_EXIT_OK;
}
