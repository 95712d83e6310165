/*
 * range-table.h - who sent what to whom in a range of time, and how long that took; no widgets
 *
 * A row for each sender, receiver and type. How long messages took is kept in buckets whose width
 * is an eighth of their value, so a row costs the same for ten messages and for ten million, and
 * its percentiles are right to an eighth.
 */
#ifndef VIEWER_RANGE_TABLE_H
#define VIEWER_RANGE_TABLE_H

#include "tracer/query/trace.h"

enum { TRV_RANGE_BUCKETS = 64 * 8 };

struct trv_range_row {
	uint64_t sender, receiver; /* 0: outside */
	uint16_t type;
	bool asks;
	uint64_t count;
	uint64_t longest_wait; /* ns, of the sender, for space and for the reply */
	uint64_t unanswered;   /* asks without a reply at the trace's end */
	uint32_t *buckets;     /* of how long: until the reply of an ask, else until received */
	uint64_t timed;        /* that are in the buckets */
};

struct trv_range_table;

struct trv_range_table *trv_range_table_new(void);
void trv_range_table_free(struct trv_range_table *table); /* NULL is fine */

/* `now` is the trace's end: until then those wait that have had no reply. */
void trv_range_table_add(struct trv_range_table *table, const struct trc_message_info *message,
			 uint64_t now);

size_t trv_range_table_count(const struct trv_range_table *table);

/* In the order in which the first of each was added. */
const struct trv_range_row *trv_range_table_row(const struct trv_range_table *table, size_t index);

/* The value in ns that `share` (0..1) of the row's messages did not exceed; -1: none was timed. */
int64_t trv_range_percentile(const struct trv_range_row *row, double share);

#endif
