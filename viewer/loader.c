#include "viewer/loader.h"

#include "viewer/error.h"

#include <errno.h>
#include <stdatomic.h>

enum {
	PROGRESS_MS = 80,
	SHARES = 1000,
	SURVEYED_EVENTS = 1000000, /* a longer trace is shown before it is surveyed */
};

struct job {
	char *path;
	enum trv_load_what what;
	GCancellable *cancellable;
	atomic_int share;   /* of SHARES, written by the worker, read by the main thread */
	double base, scale; /* which part of the whole the worker is in */
	trv_load_progress *progress;
	void *progress_context;
};

static void job_free(void *data)
{
	struct job *job = data;

	g_clear_object(&job->cancellable);
	g_free(job->path);
	g_free(job);
}

void trv_loaded_free(struct trv_loaded *loaded)
{
	if (!loaded)
		return;
	trv_survey_free(loaded->survey);
	trc_trace_close(loaded->trace);
	g_free(loaded);
}

static void loaded_free(void *data)
{
	trv_loaded_free(data);
}

/* In the worker. */
static bool advance(double share, void *context)
{
	struct job *job = context;

	atomic_store_explicit(&job->share, (int)((job->base + job->scale * share) * SHARES),
			      memory_order_relaxed);
	return !g_cancellable_is_cancelled(job->cancellable);
}

/* What is short enough is shown in detail from the beginning. */
static void fetch_all(struct trc_trace *trace, const struct trc_trace_info *info)
{
	while (trc_trace_near(trace, info->first_time, info->last_time) &&
	       trc_trace_fetch(trace, info->first_time, info->last_time))
		;
}

static struct trv_loaded *load(struct job *job, GError **error)
{
	struct trc_trace_error why = {""};
	struct trc_trace *trace = NULL;
	struct trv_loaded *loaded;
	gint64 start = g_get_monotonic_time();
	struct trc_trace_info info;
	int failed;

	job->scale = 0.5;
	failed = trc_trace_open(job->path, advance, job, &trace, &why);
	if (failed < 0) {
		g_propagate_error(error, trv_error_new(failed, why.text));
		return NULL;
	}
	job->base = 0.5;
	loaded = g_new0(struct trv_loaded, 1);
	loaded->trace = trace;
	trc_trace_info(trace, &info);
	if (job->what == TRV_LOAD_TRACE) {
		fetch_all(trace, &info);
		if (info.events > SURVEYED_EVENTS)
			return loaded;
	}
	loaded->survey = trv_survey_make(trace, advance, job, &why);
	if (!loaded->survey) {
		failed = g_cancellable_is_cancelled(job->cancellable) ? -ECANCELED : -EIO;
		g_propagate_error(error, trv_error_new(failed, why.text));
		trv_loaded_free(loaded);
		return NULL;
	}
	if (job->what == TRV_LOAD_SURVEY)
		g_clear_pointer(&loaded->trace, trc_trace_close);
	loaded->seconds = (double)(g_get_monotonic_time() - start) / 1e6;
	return loaded;
}

static void work(GTask *task, void *source, void *data, GCancellable *cancellable)
{
	GError *error = NULL;
	struct trv_loaded *loaded = load(data, &error);

	if (loaded)
		g_task_return_pointer(task, loaded, loaded_free);
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

void trv_load_async(const char *path, enum trv_load_what what, GCancellable *cancellable,
		    trv_load_progress *progress, void *progress_context,
		    GAsyncReadyCallback callback, void *context)
{
	GTask *task = g_task_new(NULL, cancellable, callback, context);
	struct job *job = g_new0(struct job, 1);

	job->path = g_strdup(path);
	job->what = what;
	job->cancellable = cancellable ? g_object_ref(cancellable) : g_cancellable_new();
	job->progress = progress;
	job->progress_context = progress_context;
	g_task_set_task_data(task, job, job_free);
	if (progress)
		g_timeout_add_full(G_PRIORITY_DEFAULT, PROGRESS_MS, tell_progress,
				   g_object_ref(task), g_object_unref);
	g_task_run_in_thread(task, work);
	g_object_unref(task);
}

struct trv_loaded *trv_load_finish(GAsyncResult *result, GError **error)
{
	return g_task_propagate_pointer(G_TASK(result), error);
}
