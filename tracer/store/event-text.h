/*
 * event-text.h - the texts of an event as values of SQL; for tracer/store only
 */
#ifndef TRACER_STORE_EVENT_TEXT_H
#define TRACER_STORE_EVENT_TEXT_H

#include "tracer/store/sql-source.h"

/* What the small number in `type` means for kinds that are no message, or a note's or name's text;
 * NULL for all others. */
void trc__put_event_text(sqlite3_context *context, const struct trc_event *event);

/* The payload of a send or reply as JSON; NULL for all others. */
void trc__put_event_payload(sqlite3_context *context, const struct trc__sql_source *source,
			    const struct trc_event *event);

#endif
