/*
 * survey.h - what one pass over all events of a trace tells: findings, who waited for whom
 */
#ifndef VIEWER_SURVEY_H
#define VIEWER_SURVEY_H

#include "tracer/analysis/check.h"
#include "tracer/query/trace.h"
#include "viewer/graph-layout.h"
#include "viewer/rows.h"

enum { TRV_SURVEY_LOGS = 20000 };

/* A line an actor logged. */
struct trv_log {
	uint64_t time;
	uint64_t actor;
	char *text; /* valid UTF-8 */
};

struct trv_survey {
	struct trc_findings findings;
	size_t link_count;
	struct trv_link *links;
	size_t ask_count, handle_count; /* links of who asked whom, how often; of who ever held
					   whose handle */
	struct trv_link *asks, *handles;
	size_t log_total, log_count; /* lines logged; kept, the first ones */
	struct trv_log *logs;        /* by time */
	size_t total_count;
	struct trv_total *totals; /* by actor; actors that did nothing have none */
};

/* Called now and then with the share done; returns false to give up. */
typedef bool trv_survey_progress(double share, void *context);

/* Returns NULL with `ret_error` filled in when the trace cannot be read, or when given up. */
struct trv_survey *trv_survey_make(struct trc_trace *trace, trv_survey_progress *progress,
				   void *context, struct trc_trace_error *ret_error);
void trv_survey_free(struct trv_survey *survey); /* NULL is fine */

/* The first log at or after `time`. */
size_t trv_survey_log_from(const struct trv_survey *survey, int64_t time);

#endif
