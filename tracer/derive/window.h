/*
 * window.h - a trace that keeps its newest events only
 *
 * What is older than some keyframe goes, all at once: segments, keyframes and summaries, with their
 * count (tracer/store/let-go.h). Segments stay that have events which were waiting for others when
 * the keyframe was made. The names that came up before are folded into the keyframe
 * (tracer/model/news.h): those that are of no interest any more go, too, so that the trace does not
 * grow with everybody who ever lived.
 */
#ifndef TRACER_DERIVE_WINDOW_H
#define TRACER_DERIVE_WINDOW_H

#include "tracer/store/store.h"

/* Lets go of segments of about `bytes` bytes, the oldest, or of a few more. Of the thread that puts
 * rows; the index is to be in the file as far as it has come. 1; 0 when there is no keyframe yet
 * with which the trace could begin; -errno. */
int trc_window_move(struct trc_store *store, uint64_t bytes, struct trc_error *ret_error);

#endif
