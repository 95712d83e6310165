/*
 * compare-load.h - compares two traces in a worker thread
 */
#ifndef VIEWER_COMPARE_LOAD_H
#define VIEWER_COMPARE_LOAD_H

#include "tracer/compare/compare.h"

#include <gio/gio.h>

/* Opens both for itself. `progress` (may be NULL) is called in the main thread with 0..1 until
 * `callback` is. */
typedef void trv_compare_progress(double share, void *context);
void trv_compare_async(const char *a, const char *b, bool ignore_payload, GCancellable *cancellable,
		       trv_compare_progress *progress, void *progress_context,
		       GAsyncReadyCallback callback, void *context);

/* To be freed with trc_comparison_free(). */
struct trc_comparison *trv_compare_finish(GAsyncResult *result, GError **error);

#endif
