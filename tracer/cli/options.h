/*
 * options.h - what the verbs have in common in reading their arguments
 */
#ifndef TRACER_CLI_OPTIONS_H
#define TRACER_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Says on stderr what is wrong with the use of `verb` and how to get help. Returns TRC_EXIT_USE. */
int trc_usage_error(const char *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The same for an option for which getopt_long() has just returned '?'. main() has silenced
 * getopt_long() itself. */
int trc_option_error(const char *verb, char **argv);

/* The one argument that is left after the options, argv[optind]; NULL, having said so on stderr,
 * when there is none or more than one. `what` names it ("a trace file"). */
const char *trc_only_argument(const char *verb, int argc, char **argv, const char *what);

/* Reads a whole decimal number of at most `max`. */
bool trc_parse_number(const char *text, uint64_t max, uint64_t *ret_number);

/* Bytes, "100M" or "2G": K, M, G and T are powers of 1024. */
bool trc_parse_size(const char *text, uint64_t *ret_bytes);

/* Reads a duration: a number with ns, us, ms, s or min; without a unit it is seconds. */
bool trc_parse_duration(const char *text, uint64_t *ret_nanoseconds);

#endif
