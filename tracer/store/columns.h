/*
 * columns.h - a packed segment, read column by column; for tracer/store only
 *
 * Most questions need few of an event's columns, and many need only the kinds. A column is decoded
 * when it is first needed. The memory is used again for the next segment.
 */
#ifndef TRACER_STORE_COLUMNS_H
#define TRACER_STORE_COLUMNS_H

#include "tracer/store/segment.h"

/* In the order in which they lie in a segment. */
enum trc__column {
	TRC__COLUMN_KIND,
	TRC__COLUMN_FLAGS,
	TRC__COLUMN_ASEQ,
	TRC__COLUMN_TYPE,
	TRC__COLUMN_TIME,
	TRC__COLUMN_ACTOR,
	TRC__COLUMN_ID,
	TRC__COLUMN_PEER,
	TRC__COLUMN_ARG,
	TRC__COLUMN_SITE,
	TRC__COLUMN_SIZE,
	TRC__COLUMN_PAYLOAD, /* its numbers: where in the column each event's payload begins */
	TRC__COLUMN_COUNT,
};

#define TRC__COLUMN_BIT(column) (1u << TRC__COLUMN_##column)
#define TRC__COLUMNS_ALL        ((1u << TRC__COLUMN_COUNT) - 1)

struct trc__columns;

struct trc__columns *trc__columns_new(void);          /* NULL: out of memory */
void trc__columns_free(struct trc__columns *columns); /* NULL is fine */

/* Unpacks a segment that should have `count` events, in place of the one before. The bytes are not
 * needed any more then. 0, -EIO when they are damaged or need more than the limits of segment.h,
 * -ENOMEM. */
int trc__columns_open(struct trc__columns *columns, const uint8_t *bytes, size_t size,
		      size_t count);

/* Decodes these columns (TRC__COLUMN_BIT) of the open segment, those that they depend on included.
 * 0 or -EIO; the segment is not to be read any more then. */
int trc__columns_decode(struct trc__columns *columns, unsigned wanted);

/* Of decoded columns: one for each event. Kinds and flags are bytes. */
const uint8_t *trc__columns_kinds(const struct trc__columns *columns);
const uint8_t *trc__columns_flags(const struct trc__columns *columns);
const uint64_t *trc__columns_numbers(const struct trc__columns *columns, enum trc__column column);

/* One event whose columns are all decoded. Its payload lives as long as the segment is open. */
struct trc_event trc__columns_event(const struct trc__columns *columns, size_t place);

/* All events of the open segment, which is closed by that. 0, -EIO or -ENOMEM. */
int trc__columns_take(struct trc__columns *columns, struct trc_segment *ret_segment);

#endif
