/*
 * trace-file.h - what a builder wrote down, as a trace file
 */
#ifndef TESTS_SUPPORT_TRACE_FILE_H
#define TESTS_SUPPORT_TRACE_FILE_H

#include "tests/support/trace-builder.h"
#include "tracer/store/store.h"

/* The wall clock at time 0 of the traces that are written from now on. */
extern uint64_t tf_wall_start;

/* A recording under way. Failures fail the test. */
struct trc_store *tf_create(const char *path);

/* Adds events first .. end-1 as batches of `batch` events. */
void tf_add(struct trc_store *store, const struct tb *tb, size_t first, size_t end, size_t batch);

/* Ends the recording properly, if `finish`, and closes the file. */
void tf_close(struct trc_store *store, const struct tb *tb, bool finish, bool complete);

/* All of it at once: a closed, complete trace. */
void tf_write(const char *path, const struct tb *tb, size_t batch);

#endif
