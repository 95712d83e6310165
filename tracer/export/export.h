/*
 * export.h - a trace in the formats of other tools
 *
 * A stream: feed every event before and after it is applied to the model, then end. What is kept
 * grows with actors and with messages that are under way, not with the trace. Names and payloads
 * are untrusted and are escaped as each format wants it.
 */
#ifndef TRACER_EXPORT_EXPORT_H
#define TRACER_EXPORT_EXPORT_H

#include "tracer/model/model.h"

#include <stdio.h>

struct trc_export_format; /* one of the formats */
struct trc_export;        /* an export under way */

/* The formats, number 0 .. trc_export_format_count()-1, and by name; NULL when there is none. */
size_t trc_export_format_count(void);
const struct trc_export_format *trc_export_format_at(size_t number);
const struct trc_export_format *trc_export_format_find(const char *name);
const char *trc_export_format_name(const struct trc_export_format *format);
const char *trc_export_format_description(const struct trc_export_format *format);

struct trc_export_options {
	uint64_t from, to;   /* time: what happened in [from, to] */
	const char *actor;   /* only what such an actor (a glob) takes part in; NULL: all */
	uint64_t at;         /* graphs: the time they show; UINT64_MAX: the first deadlock, or the
				end */
	const char *program; /* command line that was recorded */
	uint64_t wall_start; /* CLOCK_REALTIME nanoseconds at time 0 */
};

/* All are borrowed. Failures to write are left to the caller: ferror(file). */
struct trc_export *trc_export_new(const struct trc_export_format *format,
				  const struct trc_export_options *options,
				  const struct trc_model *model, FILE *file);

/* An event is next. False: nothing more is wanted. */
bool trc_export_before(struct trc_export *export, const struct trc_event *event);

/* The event was applied to the model. */
void trc_export_after(struct trc_export *export, const struct trc_event *event);

/* The trace is over, or nothing more was wanted. */
void trc_export_end(struct trc_export *export);

/* What the format has no room for and was left out, as a sentence; NULL when nothing was. */
const char *trc_export_note(const struct trc_export *export);

void trc_export_free(struct trc_export *export);

#endif
