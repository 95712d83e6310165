#include "tracer/cli/print.h"

#include <inttypes.h>
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

char *trc_format_count(uint64_t count, char *text)
{
	char digits[24];
	size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);
	char *out = text;

	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			*out++ = ' ';
		*out++ = digits[i];
	}
	*out = '\0';
	return text;
}

char *trc_format_time(uint64_t nanoseconds, char *text)
{
	snprintf(text, TRC_NUMBER_SIZE, "%" PRIu64 ".%09" PRIu64, nanoseconds / 1000000000,
		 nanoseconds % 1000000000);
	return text;
}

char *trc_format_duration(uint64_t nanoseconds, char *text)
{
	double amount = (double)nanoseconds;

	/* Three digits; what would round up to a thousand belongs to the next unit. */
	if (nanoseconds < 1000)
		snprintf(text, TRC_NUMBER_SIZE, "%" PRIu64 " ns", nanoseconds);
	else if (amount < 999.5e3)
		snprintf(text, TRC_NUMBER_SIZE, "%.3g us", amount / 1e3);
	else if (amount < 999.5e6)
		snprintf(text, TRC_NUMBER_SIZE, "%.3g ms", amount / 1e6);
	else
		snprintf(text, TRC_NUMBER_SIZE, "%.2f s", amount / 1e9);
	return text;
}
