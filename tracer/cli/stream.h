/*
 * stream.h - a trace file read from beginning to end, in causal order, by verbs that look at each
 * event once and need no index
 */
#ifndef TRACER_CLI_STREAM_H
#define TRACER_CLI_STREAM_H

#include "tracer/model/order.h"
#include "tracer/store/store.h"

struct trc_stream {
	const char *path;
	struct trc_store *store;
	struct trc_store_info info;
	struct trc_model *model; /* as it is just after the event being visited */
	bool stopped;            /* set by `visit`: the rest is not wanted */
};

/* Opens a trace. On failure says why on stderr, in the name of `verb`, and returns false. */
bool trc_stream_open(struct trc_stream *stream, const char *verb, const char *path);

/* Says on stderr when the trace has let go of its beginning, since when it tells what happened. */
void trc_stream_tell_beginning(const struct trc_stream *stream, const char *verb);

/* Hands out all events, each to `before` (may be NULL) before and to `visit` after it was applied
 * to the model. False, having said so, when a segment cannot be read. Once only. */
bool trc_stream_run(struct trc_stream *stream, const char *verb, trc_order_visit *before,
		    trc_order_visit *visit, void *context);

/* The rules by which messages were left out of a trace, as one line, to be freed; NULL: all were
 * recorded. */
char *trc_filters_line(const struct trc_store_info *info);

void trc_stream_close(struct trc_stream *stream);

#endif
