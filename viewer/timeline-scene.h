/*
 * timeline-scene.h - what the timeline shows of a session in one view: asked from the trace once,
 * then drawn and pointed at many times
 *
 * Only visible lanes and the visible span are asked for, with caps, and from summaries when the
 * span is long, so a scene costs the same in a short trace and in a long one.
 */
#ifndef VIEWER_TIMELINE_SCENE_H
#define VIEWER_TIMELINE_SCENE_H

#include "viewer/metrics.h"
#include "viewer/session.h"
#include "viewer/timeline-layout.h"

enum {
	TRV_ARROWS_MAX = 300, /* more than these are not drawn one by one */
	TRV_CROSSING_MAX = 4, /* spans of an actor at one instant: a handler and its wait */
	TRV_BAND_SLICE = 4,   /* pixels: of the band of their density, instead */
};

/* What the members of a folded group do in one slice of the canvas. */
struct trv_heat {
	uint32_t spans;   /* of all members that touch it */
	uint32_t waiting; /* members that wait for longer than it takes */
	float depth;      /* share of the fullest mailbox, 0..1 */
};

struct trv_scene_lane {
	const struct trv_row *row;     /* of the session's */
	const struct trc_actor *actor; /* at the trace's end; NULL for a group */
	size_t span_count;
	struct trc_span *spans;
	size_t handler_count, wait_count;
	struct trv_box *handlers, *waits; /* x from the left end of the canvas */
	size_t crowd_count;
	struct trv_box *crowds; /* when there are too many: those that are not among `spans` */
	size_t depth_count;
	struct trc_depth *depths;
	size_t heat_count; /* folded groups; they divide the canvas evenly */
	struct trv_heat *heats;
	size_t heat_round;
	size_t heat_members; /* that are in them so far: see trv_scene_go_on() */
};

struct trv_arrow {
	struct trv_line line; /* not yet clipped */
	size_t message;       /* index */
	bool related;         /* to the selection */
	bool pending;         /* not received: it ends in the mailbox */
};

struct trv_scene {
	struct trv_axis axis; /* of the canvas, right of the names */
	double scroll;        /* pixels of the lanes above the top */
	double height;
	int64_t now; /* the trace's end */
	bool far;    /* lanes are from summaries: spans are waits, about so long */
	const struct trv_rows *rows;
	size_t first;      /* row shown first */
	size_t lane_count; /* rows shown */
	struct trv_scene_lane *lanes;
	size_t message_total; /* in the visible span; when far, about so many */
	size_t message_count;
	struct trc_message_info *messages;
	size_t arrow_count;
	struct trv_arrow *arrows; /* related ones last, on top */
	size_t hidden_arrows;     /* one more for each whose actors are not both shown */
	size_t hidden_lanes;      /* that these come from or go to */
	bool crowded;             /* too many messages: only related arrows are there */
	size_t slice_count;       /* when crowded, else 0 */
	uint32_t *slices;         /* messages sent in each TRV_BAND_SLICE of the canvas */
	size_t burst_count;
	struct trv_box *bursts; /* runs of busy slices, with how many messages each stands for */
};

/* `scroll` and `width`, `height` of the canvas in pixels. Free with trv_scene_clear(). */
void trv_scene_build(TrvSession *session, double width, double height, double scroll,
		     struct trv_scene *ret_scene);
void trv_scene_clear(struct trv_scene *scene);

/* A folded group that is large is shown by some of its members first, taken evenly from all of
 * them, so that a frame takes no longer for it. Each call of trv_scene_go_on() takes in as many
 * again, until the scene is whole. */
bool trv_scene_is_whole(const struct trv_scene *scene);
void trv_scene_go_on(TrvSession *session, struct trv_scene *scene);

/* The top of row `index` (of all rows) on the canvas, and the middle of its bar. */
double trv_scene_lane_y(const struct trv_scene *scene, size_t index);
double trv_scene_bar_y(const struct trv_scene *scene, size_t index);

/* The bottom of the rows of the finding in focus; at their top when there are none. */
double trv_scene_focus_end(const struct trv_scene *scene);

/* Joins slices that are busy and less than `gap` slices apart. `ret_bursts` has place for one a
 * slice; returns how many are used. */
size_t trv_bursts_find(const uint32_t *slices, size_t count, size_t gap,
		       struct trv_box *ret_bursts);

enum trv_hit_kind {
	TRV_HIT_NONE,
	TRV_HIT_LANE,
	TRV_HIT_GROUP,
	TRV_HIT_HANDLER,
	TRV_HIT_WAIT,
	TRV_HIT_CROWD,
	TRV_HIT_ARROW,
	TRV_HIT_BURST,
};

struct trv_hit {
	enum trv_hit_kind kind;
	const struct trv_scene_lane *lane;      /* not for arrows and bursts */
	const struct trv_box *box;              /* handlers, waits, crowds and bursts */
	const struct trc_message_info *message; /* arrows */
};

/* Where the mark of a line logged stands: its middle. False: not in sight. */
bool trv_scene_log_point(TrvSession *session, const struct trv_scene *scene,
			 const struct trv_log *log, double *ret_x, double *ret_y);

/* The line logged at a point of the canvas, or NULL. */
const struct trv_log *trv_scene_log_at(TrvSession *session, const struct trv_scene *scene, double x,
				       double y);

/* What else is at a point of the canvas. */
struct trv_hit trv_scene_hit(const struct trv_scene *scene, double x, double y);

/* The handler or wait that was hit, as it really was. False when it is several. */
bool trv_scene_hit_span(TrvSession *session, const struct trv_scene *scene,
			const struct trv_hit *hit, struct trc_span *ret_span);

#endif
