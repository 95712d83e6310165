#include "tracer/cli/print.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool trc_has_color(FILE *file)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(fileno(file)) && !(no_color && *no_color) &&
	       !(term && strcmp(term, "dumb") == 0);
}

const char *trc_color(bool on, enum trc_color color)
{
	static const char *const sequences[] = {
		[TRC_COLOR_NONE] = "\033[0m",   [TRC_COLOR_BOLD] = "\033[1m",
		[TRC_COLOR_DIM] = "\033[2m",    [TRC_COLOR_RED] = "\033[31m",
		[TRC_COLOR_GREEN] = "\033[32m", [TRC_COLOR_YELLOW] = "\033[33m",
		[TRC_COLOR_BLUE] = "\033[34m",  [TRC_COLOR_CYAN] = "\033[36m",
	};

	return on ? sequences[color] : "";
}
