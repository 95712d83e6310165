/*
 * timeline-private.h - the timeline's inside, for timeline*.c of the widget alone
 */
#ifndef VIEWER_TIMELINE_PRIVATE_H
#define VIEWER_TIMELINE_PRIVATE_H

#include "viewer/timeline-paint.h"
#include "viewer/timeline.h"

struct _TrvTimeline {
	GtkWidget parent_instance;

	TrvSession *session;
	GtkAdjustment *vadjustment;
	double scale; /* of text, that the lanes have the size for */
	struct trv_palette palette;
	bool palette_valid;
	struct trv_text_cache *text;

	struct trv_scene scene;
	bool scene_valid;
	guint going_on;        /* idle source: large groups of the scene are being completed */
	GskRenderNode *canvas; /* of the scene; NULL: to be drawn */
	GskRenderNode *names;  /* also of the playhead */

	struct trv_span drag_view; /* when the drag began */
	double drag_scroll;
	struct trv_span pinch_view;
	double pointer_x;
	uint64_t dragged;   /* actor whose lane is being moved; 0: none */
	uint64_t to_reveal; /* as soon as there is a height; 0: nobody */
	long drop_row;      /* to where */
	bool ranging;       /* the range from A to B is being drawn */
	GtkWidget *menu;    /* of a lane; NULL: none has been set */
};

/* The canvas right of the names, and what it shows. */
double trv__timeline_width(TrvTimeline *timeline);
struct trv_axis trv__timeline_axis(TrvTimeline *timeline);
const struct trv_scene *trv__timeline_scene(TrvTimeline *timeline);

/* Pointer, wheel, touchpad, tooltips. */
void trv__timeline_listen(TrvTimeline *timeline);

#endif
