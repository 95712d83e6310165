/*
 * timeline-paint.h - draws a scene: the canvas of lanes and arrows, and the column of names
 */
#ifndef VIEWER_TIMELINE_PAINT_H
#define VIEWER_TIMELINE_PAINT_H

#include "viewer/palette.h"
#include "viewer/text-cache.h"
#include "viewer/timeline-scene.h"

struct trv_painter {
	GtkSnapshot *snapshot;
	TrvSession *session;
	const struct trv_scene *scene;
	const struct trv_palette *palette;
	struct trv_text_cache *text;
	bool finding; /* messages that are no hits are dimmed */
};

/* Lanes and arrows; the origin is the canvas' top left. Changes with the view and the selection. */
void trv_paint_canvas(const struct trv_painter *painter);

/* The finding in focus, as part of the canvas: below everything, the time in which it stands;
 * above, who waits for whom. */
void trv_paint_finding_ground(const struct trv_painter *painter);
void trv_paint_finding_edges(const struct trv_painter *painter);

/* When there are too many messages for arrows: along the bottom of the canvas, how many were sent
 * when; along the bottom of the names, what that is. Part of both. */
void trv_paint_band(const struct trv_painter *painter);
void trv_paint_band_name(const struct trv_painter *painter);

/* In the canvas' lower corner: how many arrows are missing, because their lanes are hidden. */
void trv_paint_hidden(const struct trv_painter *painter);

/* The row of a group whose top is at `y`: on the canvas, and in the column of names. */
void trv_paint_group(const struct trv_painter *painter, const struct trv_scene_lane *lane,
		     double y);
void trv_paint_group_name(const struct trv_painter *painter, const struct trv_scene_lane *lane,
			  double y);

/* Names and states at the playhead; the origin is the column's top left. */
void trv_paint_names(const struct trv_painter *painter);

/* A mark for each line logged, with its words where there is room; on the canvas. */
void trv_paint_logs(const struct trv_painter *painter);

/* What is from A to B, and both; on the canvas. */
void trv_paint_range(const struct trv_painter *painter);

/* The playhead's line and the messages that are under way, on the canvas. */
void trv_paint_playhead(const struct trv_painter *painter);

#endif
