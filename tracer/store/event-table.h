/*
 * event-table.h - the virtual table `event_row`: all events of a trace, read from its segments; for
 * tracer/store only
 */
#ifndef TRACER_STORE_EVENT_TABLE_H
#define TRACER_STORE_EVENT_TABLE_H

#include "tracer/store/store-private.h"

/* The fields of each message type, for payloads; `bytes` belongs to whoever made them. */
struct trc__type_definition {
	uint8_t *bytes;
	size_t size;
};

struct trc__event_source {
	struct trc_store *trace;
	struct trc__type_definition types[UINT16_MAX + 1];
	uint64_t *first_seq; /* number in its ring of each segment's first event */
};

/* `source` must outlive the connection. Returns an SQLite result code. */
int trc__event_table_register(sqlite3 *db, struct trc__event_source *source);

#endif
