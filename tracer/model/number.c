#include "tracer/model/number.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

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

char *trc_format_bytes(uint64_t count, char *text)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
	double amount = (double)count / 1024;
	size_t unit = 0;

	for (; amount >= 1023.95 && unit < 3; unit++)
		amount /= 1024;
	snprintf(text, TRC_NUMBER_SIZE, "%.1f %s", amount, units[unit]);
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
