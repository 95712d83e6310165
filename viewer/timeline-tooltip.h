/*
 * timeline-tooltip.h - what is said about the thing under the pointer
 */
#ifndef VIEWER_TIMELINE_TOOLTIP_H
#define VIEWER_TIMELINE_TOOLTIP_H

#include "viewer/timeline-scene.h"

/* To be freed with g_free(); NULL when there is nothing to say. */
char *trv_describe_hit(TrvSession *session, const struct trv_scene *scene,
		       const struct trv_hit *hit);

#endif
