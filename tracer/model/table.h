/*
 * table.h - a hash table from nonzero 64-bit numbers to pointers
 *
 * Open addressing with linear probing; removal shifts back, so there are no graves and the table
 * stays fast however often messages come and go. The hash is salted once a process: numbers come
 * from files that may be hostile. The order of iteration is therefore different in each run; sort
 * where it could be seen.
 */
#ifndef TRACER_MODEL_TABLE_H
#define TRACER_MODEL_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct trc_slot {
	uint64_t key; /* 0: empty */
	void *value;
};

/* Start with zeros. */
struct trc_table {
	struct trc_slot *slots;
	size_t mask; /* slots - 1, when there are any */
	size_t count;
};

void *trc_table_find(const struct trc_table *table, uint64_t key); /* NULL when absent, or key 0 */

/* Puts `value` in place of whatever was there. `key` and `value` must not be 0. */
void trc_table_put(struct trc_table *table, uint64_t key, void *value);

/* Takes out and returns the value, NULL when absent. */
void *trc_table_take(struct trc_table *table, uint64_t key);

/* Goes through all values, in no order: start with *place = 0; NULL at the end. The table must not
 * change meanwhile. */
void *trc_table_next(const struct trc_table *table, size_t *place);

/* Frees the slots, not the values. */
void trc_table_clear(struct trc_table *table);

/* A well-mixed 64-bit number from two, for keys made of several parts. Same in every run. */
uint64_t trc_mix(uint64_t a, uint64_t b);

#endif
