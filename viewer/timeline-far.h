/*
 * timeline-far.h - what lanes show of a time that is too long, or not yet at hand, to be shown
 * event by event
 */
#ifndef VIEWER_TIMELINE_FAR_H
#define VIEWER_TIMELINE_FAR_H

#include "viewer/timeline-scene.h"

/* Fills in an actor's spans, crowds and depths from summaries. Only stretches in which it did
 * nothing but wait are spans, and not exactly so long. */
void trv__far_lane(TrvSession *session, const struct trv_scene *scene, struct trv_scene_lane *lane);

/* Adds a member of a folded group to its strip. */
void trv__far_heat(TrvSession *session, const struct trv_scene *scene, uint64_t actor,
		   struct trv_scene_lane *lane);

#endif
