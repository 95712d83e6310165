/*
 * compare-marks.h - where a timeline's run differs from the other one: drawn over its lanes
 *
 * A filled diamond is a first difference, an empty one follows from another; the one looked at has
 * a line through all lanes and its number. Actors that the other run does not have are hatched at
 * the left. A click on a diamond goes to its difference; all other input is the timeline's.
 */
#ifndef VIEWER_COMPARE_MARKS_H
#define VIEWER_COMPARE_MARKS_H

#include "viewer/pair.h"
#include "viewer/timeline.h"

#define TRV_TYPE_COMPARE_MARKS (trv_compare_marks_get_type())
G_DECLARE_FINAL_TYPE(TrvCompareMarks, trv_compare_marks, TRV, COMPARE_MARKS, GtkWidget)

/* Of one run; to be laid over its timeline. */
GtkWidget *trv_compare_marks_new(TrvPair *pair, enum trc_run run, TrvTimeline *timeline);

#endif
