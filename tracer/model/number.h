/*
 * number.h - counts, times and durations as people read them
 */
#ifndef TRACER_MODEL_NUMBER_H
#define TRACER_MODEL_NUMBER_H

#include <stdint.h>

/* Room for any of the texts below. */
enum { TRC_NUMBER_SIZE = 40 };

/* These write to `text`, which has TRC_NUMBER_SIZE bytes, and return it. */
char *trc_format_count(uint64_t count, char *text);          /* 1 234 567 */
char *trc_format_bytes(uint64_t count, char *text);          /* 1.2 MiB */
char *trc_format_time(uint64_t nanoseconds, char *text);     /* 12.345678901: seconds */
char *trc_format_duration(uint64_t nanoseconds, char *text); /* 1.23 ms, in the unit that fits */

#endif
