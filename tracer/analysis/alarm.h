/*
 * alarm.h - deadlocks as they form, in a running program
 *
 * Sits on a model that is fed live. Tell it every event that was applied; ask it now and then. It
 * reports each deadlock once, when two looks at the wait table, a batch apart, agree.
 */
#ifndef TRACER_ANALYSIS_ALARM_H
#define TRACER_ANALYSIS_ALARM_H

#include "tracer/analysis/finding.h"

struct trc_alarm;

struct trc_alarm *trc_alarm_new(const struct trc_model *model); /* borrowed */
void trc_alarm_free(struct trc_alarm *alarm);

/* After trc_model_apply(model, event). Cheap. */
void trc_alarm_event(struct trc_alarm *alarm, const struct trc_event *event);

/* At the end of each batch, and now and then (at least every 50 ms) when there is none: a program
 * that is stuck is silent, and the second look confirms the first. Calls `report` for each deadlock
 * or orphan wait that is new and confirmed. The finding is good during the call only. */
void trc_alarm_poll(struct trc_alarm *alarm, void (*report)(const struct trc_finding *, void *),
		    void *context);

#endif
