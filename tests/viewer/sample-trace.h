/*
 * sample-trace.h - trace files for the viewer's tests, written as the recorder writes them
 */
#ifndef TESTS_VIEWER_SAMPLE_TRACE_H
#define TESTS_VIEWER_SAMPLE_TRACE_H

#include "tests/viewer/system-builder.h"

#include <stdbool.h>

struct sample;

/* Creates (replaces) a trace at `path`. Events that `sample_builder()` is given go into it; each
 * sample_commit() makes what came so far visible to readers. */
struct sample *sample_new(const char *path);
struct builder *sample_builder(struct sample *sample);
void sample_commit(struct sample *sample);

/* Ends the recording properly, or as when the recorder is killed, and frees. */
void sample_end(struct sample *sample, bool properly);

/* A whole recording of build_chat(). */
void sample_chat(const char *path, unsigned rounds, bool hang);

#endif
