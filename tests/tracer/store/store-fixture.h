/*
 * store-fixture.h - a directory with one trace, sf_path, for each test
 *
 * Failures fail the test.
 */
#ifndef TESTS_TRACER_STORE_STORE_FIXTURE_H
#define TESTS_TRACER_STORE_STORE_FIXTURE_H

#include "tracer/store/store.h"

extern char sf_directory[];
extern char sf_path[64];
extern struct trc_store_info sf_info; /* of the traces that are made */

int sf_set_up(void **state);
int sf_tear_down(void **state);

struct trc_store *sf_create(void);
struct trc_store *sf_open(void);

/* Opening must fail with `result` and say `text`. */
void sf_refused(int result, const char *text);

void sf_add(struct trc_store *store, unsigned ring, struct trc_event event);
void sf_add_numbers(struct trc_store *store, unsigned ring, uint64_t from, uint64_t count);
void sf_commit(struct trc_store *store);
void sf_finish(struct trc_store *store);

/* A closed trace with `count` events. */
void sf_make_trace(uint64_t count);

/* Runs SQL on the file as its owner could. */
void sf_execute(const char *sql);

/* The result of a query as text, columns separated by '|', rows by newlines; good until the next
 * call. */
const char *sf_query(const char *sql);

/* The whole file; what is read is to be freed. */
void sf_write_file(const void *bytes, size_t size);
uint8_t *sf_read_file(size_t *ret_size);

#endif
