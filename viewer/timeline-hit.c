/*
 * timeline-hit.c - what of the timeline is under the pointer
 */
#include "viewer/timeline-scene.h"

#include <math.h>

enum { SLACK = 3 }; /* pixels beside a thing that still mean it */

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

bool trv_scene_log_point(TrvSession *session, const struct trv_scene *scene,
			 const struct trv_log *log, double *ret_x, double *ret_y)
{
	long row = trv_session_row_of(session, log->actor);

	if (row < (long)scene->first || row >= (long)(scene->first + scene->lane_count))
		return false;
	*ret_x = trv_axis_x(&scene->axis, (int64_t)log->time);
	*ret_y = trv_scene_lane_y(scene, (size_t)row) + trv_metrics()->log_top;
	return *ret_x >= 0 && *ret_x <= scene->axis.width;
}

const struct trv_log *trv_scene_log_at(TrvSession *session, const struct trv_scene *scene, double x,
				       double y)
{
	const struct trv_survey *survey = trv_session_survey(session);
	int64_t from = trv_axis_time(&scene->axis, x - 2 * SLACK);
	int64_t to = trv_axis_time(&scene->axis, x + 2 * SLACK);

	for (size_t i = trv_survey_log_from(survey, from); i < survey->log_count; i++) {
		const struct trv_log *log = &survey->logs[i];
		double log_x, log_y;

		if ((int64_t)log->time > to)
			return NULL;
		if (trv_scene_log_point(session, scene, log, &log_x, &log_y) &&
		    fabs(y - log_y) <= 2 * SLACK)
			return log;
	}
	return NULL;
}

/* What of a lane is at `x`, in its bar. Waits lie upon handlers, and both upon crowds. */
static void hit_bar(double x, struct trv_hit *hit)
{
	const struct trv_scene_lane *lane = hit->lane;

	hit->box = trv_boxes_at(lane->waits, lane->wait_count, x, 1);
	hit->kind = TRV_HIT_WAIT;
	if (!hit->box) {
		hit->box = trv_boxes_at(lane->handlers, lane->handler_count, x, SLACK);
		hit->kind = TRV_HIT_HANDLER;
	}
	if (!hit->box) {
		hit->box = trv_boxes_at(lane->crowds, lane->crowd_count, x, 0);
		hit->kind = TRV_HIT_CROWD;
	}
	if (!hit->box)
		hit->kind = TRV_HIT_LANE;
}

struct trv_hit trv_scene_hit(const struct trv_scene *scene, double x, double y)
{
	struct trv_hit hit = {0};
	long index = trv_rows_at(scene->rows, y + scene->scroll);
	double inside;

	if (scene->crowded && y >= scene->height - trv_metrics()->band) {
		hit.box = trv_boxes_at(scene->bursts, scene->burst_count, x, SLACK);
		hit.kind = hit.box ? TRV_HIT_BURST : TRV_HIT_NONE;
		return hit;
	}
	if (index >= (long)scene->first && index < (long)(scene->first + scene->lane_count)) {
		hit.lane = &scene->lanes[(size_t)index - scene->first];
		hit.kind = hit.lane->row->actor ? TRV_HIT_LANE : TRV_HIT_GROUP;
		inside = y - trv_scene_lane_y(scene, (size_t)index) - trv_metrics()->bar_top;
		if (hit.lane->row->actor && inside >= 0 && inside < trv_metrics()->bar)
			hit_bar(x, &hit);
		if (hit.box)
			return hit;
	}
	hit.message = arrow_at(scene, x, y);
	if (hit.message) {
		hit.kind = TRV_HIT_ARROW;
		hit.lane = NULL;
	}
	return hit;
}

bool trv_scene_hit_span(TrvSession *session, const struct trv_scene *scene,
			const struct trv_hit *hit, struct trc_span *ret_span)
{
	bool wait = hit->kind == TRV_HIT_WAIT;
	struct trc_span found[TRV_CROSSING_MAX];
	uint64_t middle;
	size_t count;

	if ((!wait && hit->kind != TRV_HIT_HANDLER) || hit->box->folded > 1)
		return false;
	*ret_span = hit->lane->spans[hit->box->span];
	if (!scene->far)
		return true;
	middle = ret_span->begin + (ret_span->end - ret_span->begin) / 2;
	count = trc_trace_spans(trv_session_trace(session), hit->lane->row->actor, middle, middle,
				found, TRV_CROSSING_MAX);
	for (size_t i = 0; i < MIN(count, TRV_CROSSING_MAX); i++)
		if (found[i].kind == ret_span->kind)
			*ret_span = found[i];
	return true;
}
