#include "viewer/timeline-scene.h"

#include <glib.h>
#include <math.h>

enum {
	SPANS_MAX = 3000,  /* a lane */
	DEPTHS_MAX = 2000, /* a lane */
	SLACK = 3,         /* pixels beside a thing that still mean it */
};

double trv_scene_lane_y(const struct trv_scene *scene, size_t index)
{
	return (double)index * TRV_LANE_HEIGHT - scene->scroll;
}

/* --- lanes -------------------------------------------------------------------------------------
 */

static void fill_lane(TrvSession *session, const struct trv_scene *scene, uint64_t actor,
		      struct trv_scene_lane *lane)
{
	const struct trc_trace *trace = trv_session_trace(session);
	uint64_t from = (uint64_t)MAX(scene->axis.span.from, 0);
	uint64_t to = (uint64_t)MAX(scene->axis.span.to, 0);
	size_t total;

	lane->actor = trc_model_actor(trv_session_names(session), actor);
	lane->spans = g_new(struct trc_span, SPANS_MAX);
	total = trc_trace_spans(trace, actor, from, to, lane->spans, SPANS_MAX);
	lane->span_count = MIN(total, SPANS_MAX);
	lane->hidden = total - lane->span_count;
	lane->spans = g_renew(struct trc_span, lane->spans, lane->span_count + 1);
	lane->handlers = g_new(struct trv_box, lane->span_count + 1);
	lane->waits = g_new(struct trv_box, lane->span_count + 1);
	lane->handler_count = trv_boxes_fold(&scene->axis, lane->spans, lane->span_count,
					     TRC_SPAN_HANDLER, scene->now, lane->handlers);
	lane->wait_count = trv_boxes_fold(&scene->axis, lane->spans, lane->span_count,
					  TRC_SPAN_WAIT, scene->now, lane->waits);
	lane->depths = g_new(struct trc_depth, DEPTHS_MAX);
	total = trc_trace_depths(trace, actor, from, to, lane->depths,
				 (size_t)CLAMP(scene->axis.width, 16, DEPTHS_MAX));
	lane->depth_count = MIN(total, (size_t)CLAMP(scene->axis.width, 16, DEPTHS_MAX));
	lane->depths = g_renew(struct trc_depth, lane->depths, lane->depth_count + 1);
}

static void fill_lanes(TrvSession *session, struct trv_scene *scene)
{
	const struct trc_finding *focus = trv_session_focus(session);
	size_t total = trv_session_lane_count(session);
	size_t end = (size_t)ceil((scene->scroll + scene->height) / TRV_LANE_HEIGHT);

	scene->first = MIN((size_t)(scene->scroll / TRV_LANE_HEIGHT), total);
	scene->lane_count = MIN(end, total) - scene->first;
	scene->lanes = g_new0(struct trv_scene_lane, scene->lane_count + 1);
	for (size_t i = 0; i < scene->lane_count; i++)
		fill_lane(session, scene, trv_session_lane(session, scene->first + i),
			  &scene->lanes[i]);
	for (unsigned i = 0; focus && i < focus->actor_count; i++)
		scene->focus_count += trv_session_lane_of(session, focus->actors[i]) >= 0;
}

/* --- arrows ------------------------------------------------------------------------------------
 */

/* The selected message, what caused it and what it caused; when an actor or a wait is selected,
 * the message that wait is about. */
static bool is_related(const struct trv_selection *selection,
		       const struct trc_message_info *cause_of,
		       const struct trc_message_info *message)
{
	if (selection->message == 0)
		return false;
	return message->id == selection->message || message->cause == selection->message ||
	       (cause_of && message->id == cause_of->cause);
}

static double bar_middle(const struct trv_scene *scene, long lane)
{
	return trv_scene_lane_y(scene, (size_t)lane) + TRV_LANE_BAR_TOP + TRV_LANE_BAR_HEIGHT / 2.0;
}

static bool make_arrow(TrvSession *session, const struct trv_scene *scene, size_t index,
		       struct trv_arrow *arrow)
{
	const struct trc_message_info *message = &scene->messages[index];
	long from = trv_session_lane_of(session, message->sender);
	long to = trv_session_lane_of(session, message->receiver);
	struct trv_line clipped;

	if (to < 0 || message->sent == 0)
		return false;
	*arrow = (struct trv_arrow){.message = index, .pending = message->received == 0};
	arrow->line.x0 = trv_axis_x(&scene->axis, (int64_t)message->sent);
	arrow->line.x1 = arrow->pending ? arrow->line.x0
					: trv_axis_x(&scene->axis, (int64_t)message->received);
	arrow->line.y1 = bar_middle(scene, to);
	if (arrow->pending)
		arrow->line.y1 = trv_scene_lane_y(scene, (size_t)to) + TRV_LANE_DEPTH_TOP +
				 TRV_LANE_DEPTH_HEIGHT / 2.0;
	/* What comes from outside drops in from above its lane. */
	arrow->line.y0 =
		from >= 0 ? bar_middle(scene, from) : trv_scene_lane_y(scene, (size_t)to) + 1;
	clipped = arrow->line;
	return trv_line_clip(&clipped, 0, 0, scene->axis.width, scene->height);
}

static void fill_arrows(TrvSession *session, struct trv_scene *scene)
{
	const struct trv_selection *selection = trv_session_selection(session);
	struct trc_message_info selected;
	bool known = selection->message != 0 &&
		     trc_trace_message(trv_session_trace(session), selection->message, &selected);

	scene->arrows = g_new(struct trv_arrow, scene->message_count * 2 + 1);
	for (int related = 0; related <= 1; related++) {
		if (!related && scene->crowded)
			continue;
		for (size_t i = 0; i < scene->message_count; i++) {
			struct trv_arrow *arrow = &scene->arrows[scene->arrow_count];

			if (is_related(selection, known ? &selected : NULL, &scene->messages[i]) !=
				    (related != 0) ||
			    !make_arrow(session, scene, i, arrow))
				continue;
			arrow->related = related;
			scene->arrow_count++;
		}
	}
}

/* When there are too many messages, those around the selection. */
static void find_related(TrvSession *session, struct trv_scene *scene)
{
	struct trc_trace *trace = trv_session_trace(session);
	uint64_t selected = trv_session_selection(session)->message;
	struct trc_message_info *messages = scene->messages;
	uint64_t effects[TRV_ARROWS_MAX - 2];
	size_t count = 0, effect_count;

	if (selected != 0 && trc_trace_message(trace, selected, &messages[0])) {
		count = 1;
		if (messages[0].cause != 0 &&
		    trc_trace_message(trace, messages[0].cause, &messages[1]))
			count = 2;
		effect_count = trc_trace_effects(trace, selected, effects, G_N_ELEMENTS(effects));
		effect_count = MIN(effect_count, G_N_ELEMENTS(effects));
		for (size_t i = 0; i < effect_count; i++)
			count += trc_trace_message(trace, effects[i], &messages[count]);
	}
	scene->message_count = count;
}

static void fill_messages(TrvSession *session, struct trv_scene *scene)
{
	scene->messages = g_new0(struct trc_message_info, TRV_ARROWS_MAX);
	scene->message_total = trc_trace_messages(
		trv_session_trace(session), (uint64_t)MAX(scene->axis.span.from, 0),
		(uint64_t)MAX(scene->axis.span.to, 0), scene->messages, TRV_ARROWS_MAX);
	scene->crowded = scene->message_total > TRV_ARROWS_MAX;
	scene->message_count = scene->message_total;
	if (scene->crowded)
		find_related(session, scene);
	fill_arrows(session, scene);
}

void trv_scene_build(TrvSession *session, double width, double height, double scroll,
		     struct trv_scene *ret_scene)
{
	struct trv_scene scene = {
		.axis = {trv_session_view(session), MAX(width, 1)},
		.scroll = scroll,
		.height = height,
	};

	if (trv_session_state(session) == TRV_READY) {
		scene.now = (int64_t)trv_session_info(session)->last_time;
		fill_lanes(session, &scene);
		fill_messages(session, &scene);
	}
	*ret_scene = scene;
}

void trv_scene_clear(struct trv_scene *scene)
{
	for (size_t i = 0; i < scene->lane_count; i++) {
		g_free(scene->lanes[i].spans);
		g_free(scene->lanes[i].handlers);
		g_free(scene->lanes[i].waits);
		g_free(scene->lanes[i].depths);
	}
	g_free(scene->lanes);
	g_free(scene->messages);
	g_free(scene->arrows);
	*scene = (struct trv_scene){0};
}

/* --- pointing ----------------------------------------------------------------------------------
 */

static const struct trc_message_info *arrow_at(const struct trv_scene *scene, double x, double y)
{
	const struct trc_message_info *best = NULL;
	double best_distance = SLACK + 0.5;

	for (size_t i = 0; i < scene->arrow_count; i++) {
		double distance = trv_line_distance(&scene->arrows[i].line, x, y);

		if (distance <= best_distance) {
			best = &scene->messages[scene->arrows[i].message];
			best_distance = distance;
		}
	}
	return best;
}

struct trv_hit trv_scene_hit(const struct trv_scene *scene, double x, double y)
{
	struct trv_hit hit = {0};
	long index = trv_lane_at(y + scene->scroll, scene->first + scene->lane_count);
	double inside;

	if (index >= (long)scene->first) {
		hit.lane = &scene->lanes[(size_t)index - scene->first];
		hit.kind = TRV_HIT_LANE;
		inside = y - trv_scene_lane_y(scene, (size_t)index) - TRV_LANE_BAR_TOP;
		if (inside >= 0 && inside < TRV_LANE_BAR_HEIGHT) {
			hit.box = trv_boxes_at(hit.lane->waits, hit.lane->wait_count, x, 1);
			if (hit.box) {
				hit.kind = TRV_HIT_WAIT;
				return hit;
			}
			hit.box =
				trv_boxes_at(hit.lane->handlers, hit.lane->handler_count, x, SLACK);
			if (hit.box) {
				hit.kind = TRV_HIT_HANDLER;
				return hit;
			}
		}
	}
	hit.message = arrow_at(scene, x, y);
	if (hit.message) {
		hit.kind = TRV_HIT_ARROW;
		hit.lane = NULL;
	}
	return hit;
}
