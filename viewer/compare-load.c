#include "viewer/compare-load.h"

#include "viewer/error.h"

#include <stdatomic.h>

enum { PROGRESS_MS = 80, SHARES = 1000 };

struct job {
	char *paths[TRC_RUNS];
	bool ignore_payload;
	GCancellable *cancellable;
	atomic_int share; /* of SHARES, written by the worker, read by the main thread */
	trv_compare_progress *progress;
	void *progress_context;
};

static void job_free(void *data)
{
	struct job *job = data;

	g_clear_object(&job->cancellable);
	g_free(job->paths[0]);
	g_free(job->paths[1]);
	g_free(job);
}

/* In the worker. */
static bool advance(double share, void *context)
{
	struct job *job = context;

	atomic_store_explicit(&job->share, (int)(share * SHARES), memory_order_relaxed);
	return !g_cancellable_is_cancelled(job->cancellable);
}

static bool go_on(double share, void *context)
{
	return !g_cancellable_is_cancelled(((struct job *)context)->cancellable);
}

static struct trc_comparison *compare(struct job *job, GError **error)
{
	const struct trc_compare_options options = {
		.ignore_payload = job->ignore_payload, .progress = advance, .context = job};
	struct trc_trace *traces[TRC_RUNS] = {NULL, NULL};
	struct trc_comparison *comparison = NULL;
	struct trc_trace_error why = {""};
	int failed = 0;

	for (int run = 0; run < TRC_RUNS && failed == 0; run++)
		failed = trc_trace_open(job->paths[run], go_on, job, &traces[run], &why);
	if (failed == 0)
		failed = trc_compare(traces[0], traces[1], &options, &comparison, &why);
	if (failed < 0)
		g_propagate_error(error, trv_error_new(failed, why.text));
	for (int run = 0; run < TRC_RUNS; run++)
		trc_trace_close(traces[run]);
	return comparison;
}

static void free_comparison(void *comparison)
{
	trc_comparison_free(comparison);
}

static void work(GTask *task, void *source, void *data, GCancellable *cancellable)
{
	GError *error = NULL;
	struct trc_comparison *comparison = compare(data, &error);

	if (comparison)
		g_task_return_pointer(task, comparison, free_comparison);
	else
		g_task_return_error(task, error);
}

static gboolean tell_progress(void *data)
{
	GTask *task = data;
	struct job *job = g_task_get_task_data(task);

	if (g_task_get_completed(task) || g_cancellable_is_cancelled(job->cancellable))
		return G_SOURCE_REMOVE;
	job->progress((double)atomic_load_explicit(&job->share, memory_order_relaxed) / SHARES,
		      job->progress_context);
	return G_SOURCE_CONTINUE;
}

void trv_compare_async(const char *a, const char *b, bool ignore_payload, GCancellable *cancellable,
		       trv_compare_progress *progress, void *progress_context,
		       GAsyncReadyCallback callback, void *context)
{
	g_autoptr(GTask) task = g_task_new(NULL, cancellable, callback, context);
	struct job *job = g_new0(struct job, 1);

	job->paths[TRC_RUN_A] = g_strdup(a);
	job->paths[TRC_RUN_B] = g_strdup(b);
	job->ignore_payload = ignore_payload;
	job->cancellable = g_object_ref(cancellable);
	job->progress = progress;
	job->progress_context = progress_context;
	g_task_set_task_data(task, job, job_free);
	if (progress)
		g_timeout_add_full(G_PRIORITY_DEFAULT, PROGRESS_MS, tell_progress,
				   g_object_ref(task), g_object_unref);
	g_task_run_in_thread(task, work);
}

struct trc_comparison *trv_compare_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
