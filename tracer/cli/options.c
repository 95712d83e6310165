#include "tracer/cli/options.h"

#include "tracer/cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int trc_usage_error(const char *verb, const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "actorscope %s: ", verb);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\nTry: actorscope %s --help\n", verb);
	return TRC_EXIT_USE;
}

int trc_option_error(const char *verb, char **argv)
{
	const char *option = argv[optind - 1];

	if (optopt == 0)
		return trc_usage_error(verb, "there is no option '%s'", option);
	if (strncmp(option, "--", 2) == 0)
		return trc_usage_error(verb, "option '%s' lacks its argument, or takes none",
				       option);
	return trc_usage_error(verb, "option '-%c' is unknown or lacks its argument", optopt);
}

const char *trc_only_argument(const char *verb, int argc, char **argv, const char *what)
{
	if (optind == argc)
		trc_usage_error(verb, "%s is missing", what);
	else if (optind + 1 < argc)
		trc_usage_error(verb, "one argument is expected, %s; '%s' is one too many", what,
				argv[optind + 1]);
	else
		return argv[optind];
	return NULL;
}

bool trc_parse_number(const char *text, uint64_t max, uint64_t *ret_number)
{
	unsigned long long number;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (*end != '\0' || errno != 0 || number > max)
		return false;
	*ret_number = number;
	return true;
}

bool trc_parse_size(const char *text, uint64_t *ret_bytes)
{
	static const char units[] = "KMGT";
	size_t digits = strspn(text, "0123456789");
	const char *unit =
		text[digits] ? strchr(units, toupper((unsigned char)text[digits])) : NULL;
	unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
	char number[21];
	uint64_t bytes;

	if (digits >= sizeof(number) || text[digits + (unit != NULL)] != '\0')
		return false;
	memcpy(number, text, digits);
	number[digits] = '\0';
	if (!trc_parse_number(number, INT64_MAX >> shift, &bytes))
		return false;
	*ret_bytes = bytes << shift;
	return true;
}

bool trc_parse_duration(const char *text, uint64_t *ret_nanoseconds)
{
	static const struct {
		const char *name;
		double nanoseconds;
	} units[] = {
		{"", 1e9}, {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9},
	};
	double number;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	number = strtod(text, &end);
	if (!isfinite(number))
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		double nanoseconds = number * units[i].nanoseconds;

		if (strcmp(end, units[i].name) == 0 && nanoseconds < 9e18) {
			*ret_nanoseconds = (uint64_t)llround(nanoseconds);
			return true;
		}
	}
	return false;
}
