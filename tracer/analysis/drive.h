/*
 * drive.h - which messages of a run can come again without end; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_DRIVE_H
#define TRACER_ANALYSIS_DRIVE_H

#include "tracer/analysis/arrows.h"

/* Fills in trc__arrow.driven of all arrows, and trc__arrows.endless. */
void trc__drive(struct trc__arrows *arrows);

#endif
