/*
 * loader.h - opens and surveys traces in the background
 *
 * A trace is used by one thread at a time: the worker opens it and hands it over whole.
 */
#ifndef VIEWER_LOADER_H
#define VIEWER_LOADER_H

#include "viewer/survey.h"

#include <gio/gio.h>

struct trv_loaded {
	struct trc_trace *trace;   /* NULL when only the survey was asked for */
	struct trv_survey *survey; /* NULL: the trace is so long that it should be seen first */
	double seconds;            /* it took */
};
void trv_loaded_free(struct trv_loaded *loaded); /* NULL is fine */

/* Called in the main thread, a few times a second at most. */
typedef void trv_load_progress(double share, void *context);

enum trv_load_what {
	TRV_LOAD_TRACE,  /* the trace, and its survey when that is done soon */
	TRV_LOAD_SURVEY, /* the survey alone, for a trace that is already open and has grown */
};

/* `progress` may be NULL; it is not called any more once `cancellable` is cancelled or `callback`
 * has been called. */
void trv_load_async(const char *path, enum trv_load_what what, GCancellable *cancellable,
		    trv_load_progress *progress, void *progress_context,
		    GAsyncReadyCallback callback, void *context);
struct trv_loaded *trv_load_finish(GAsyncResult *result, GError **error);

#endif
