#include "viewer/timeline-layout.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool trv_kind_is_socket(const char *kind)
{
	static const char *const names[] = {"ws", "tcp", "udp", "socket"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t length = strlen(names[i]);

		if (strncmp(kind, names[i], length) == 0 &&
		    (kind[length] == '\0' || strchr("-_.", kind[length])))
			return true;
	}
	return false;
}

struct lane {
	uint64_t actor;
	size_t focus; /* place in the focus, or SIZE_MAX */
	bool socket;
	size_t kind_rank; /* spawn index of the kind's first actor */
	size_t index;
};

#define COMPARE(a, b)   \
	if ((a) != (b)) \
	return (a) < (b) ? -1 : 1

static int compare_lanes(const void *left, const void *right)
{
	const struct lane *a = left, *b = right;

	COMPARE(a->focus, b->focus);
	COMPARE(a->socket, b->socket);
	COMPARE(a->kind_rank, b->kind_rank);
	COMPARE(a->index, b->index);
	return 0;
}

struct kind_seen {
	uint32_t kind;
	size_t first;
};

static int compare_kinds(const void *left, const void *right)
{
	const struct kind_seen *a = left, *b = right;

	COMPARE(a->kind, b->kind);
	COMPARE(a->first, b->first);
	return 0;
}

static int compare_kind_only(const void *key, const void *item)
{
	uint32_t kind = *(const uint32_t *)key;

	COMPARE(kind, ((const struct kind_seen *)item)->kind);
	return 0;
}

/* Every kind with the spawn index of its first actor, by kind. Returns how many. */
static size_t find_kinds(const struct trc_model *model, size_t count, struct kind_seen *kinds)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		kinds[i] = (struct kind_seen){trc_model_actor_at(model, i)->kind, i};
	qsort(kinds, count, sizeof kinds[0], compare_kinds);
	for (size_t i = 0; i < count; i++) {
		if (used == 0 || kinds[used - 1].kind != kinds[i].kind)
			kinds[used++] = kinds[i];
	}
	return used;
}

struct focused {
	uint64_t actor;
	size_t place;
};

/* By actor, and then by place: of repeated actors the first place counts. */
static int compare_focused(const void *left, const void *right)
{
	const struct focused *a = left, *b = right;

	COMPARE(a->actor, b->actor);
	COMPARE(a->place, b->place);
	return 0;
}

/* The place of `actor` in the focus, or SIZE_MAX. */
static size_t place_of(const struct focused *sorted, size_t count, uint64_t actor)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle].actor < actor)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && sorted[low].actor == actor ? sorted[low].place : SIZE_MAX;
}

void trv_lanes_order(const struct trc_model *model, const uint64_t *focus, size_t focus_count,
		     uint64_t *ret_actors)
{
	size_t count = trc_model_actor_count(model);
	struct lane *lanes = calloc(count + 1, sizeof *lanes);
	struct kind_seen *kinds = calloc(count + 1, sizeof *kinds);
	struct focused *sorted = calloc(focus_count + 1, sizeof *sorted);
	size_t kind_count;

	if (!lanes || !kinds || !sorted)
		abort();
	for (size_t i = 0; i < focus_count; i++)
		sorted[i] = (struct focused){focus[i], i};
	qsort(sorted, focus_count, sizeof sorted[0], compare_focused);
	kind_count = find_kinds(model, count, kinds);
	for (size_t i = 0; i < count; i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);
		const struct kind_seen *seen = bsearch(&actor->kind, kinds, kind_count,
						       sizeof kinds[0], compare_kind_only);

		lanes[i] = (struct lane){
			.actor = actor->id,
			.focus = place_of(sorted, focus_count, actor->id),
			.socket = trv_kind_is_socket(trc_model_kind_name(model, actor->kind)),
			.kind_rank = seen->first,
			.index = i,
		};
	}
	qsort(lanes, count, sizeof lanes[0], compare_lanes);
	for (size_t i = 0; i < count; i++)
		ret_actors[i] = lanes[i].actor;
	free(sorted);
	free(kinds);
	free(lanes);
}

long trv_lane_at(double y, size_t lane_count)
{
	if (y < 0 || y >= (double)lane_count * TRV_LANE_HEIGHT)
		return -1;
	return (long)(y / TRV_LANE_HEIGHT);
}

static int64_t end_of(const struct trc_span *span, int64_t now)
{
	return span->end > (uint64_t)INT64_MAX ? now : (int64_t)span->end;
}

size_t trv_boxes_fold(const struct trv_axis *axis, const struct trc_span *spans, size_t count,
		      enum trc_span_kind kind, int64_t now, struct trv_box *ret_boxes)
{
	size_t used = 0;
	bool last_narrow = false;

	for (size_t i = 0; i < count; i++) {
		int64_t begin = (int64_t)spans[i].begin;
		int64_t end = end_of(&spans[i], now);
		struct trv_box box = {.span = (uint32_t)i, .folded = 1};
		bool narrow;

		if (spans[i].kind != kind || end < axis->span.from || begin > axis->span.to)
			continue;
		box.x0 = trv_axis_x_clamped(axis, begin, 0, axis->width);
		box.x1 = trv_axis_x_clamped(axis, end, 0, axis->width);
		narrow = box.x1 - box.x0 < TRV_FOLD_WIDTH;
		if (narrow)
			box.x1 = fmin(fmax(box.x1, box.x0 + 1), axis->width);
		if (narrow && last_narrow && box.x0 - ret_boxes[used - 1].x1 < TRV_FOLD_WIDTH) {
			ret_boxes[used - 1].x1 = fmax(ret_boxes[used - 1].x1, box.x1);
			ret_boxes[used - 1].folded++;
		} else {
			ret_boxes[used++] = box;
		}
		last_narrow = narrow;
	}
	return used;
}

const struct trv_box *trv_boxes_at(const struct trv_box *boxes, size_t count, double x,
				   double slack)
{
	const struct trv_box *best = NULL;
	double best_distance = slack;

	for (size_t i = 0; i < count; i++) {
		double distance = x < boxes[i].x0   ? boxes[i].x0 - x
				  : x > boxes[i].x1 ? x - boxes[i].x1
						    : 0;

		if (distance <= best_distance && (!best || distance < best_distance)) {
			best = &boxes[i];
			best_distance = distance;
		}
	}
	return best;
}

/* Liang and Barsky's way: the part of the parameter 0..1 that lies inside all four edges. */
bool trv_line_clip(struct trv_line *line, double left, double top, double right, double bottom)
{
	double dx = line->x1 - line->x0, dy = line->y1 - line->y0;
	double p[4] = {-dx, dx, -dy, dy};
	double q[4] = {line->x0 - left, right - line->x0, line->y0 - top, bottom - line->y0};
	double enter = 0, leave = 1;

	for (int i = 0; i < 4; i++) {
		if (p[i] == 0) {
			if (q[i] < 0)
				return false;
		} else if (p[i] < 0) {
			enter = fmax(enter, q[i] / p[i]);
		} else {
			leave = fmin(leave, q[i] / p[i]);
		}
	}
	if (enter > leave)
		return false;
	*line = (struct trv_line){line->x0 + enter * dx, line->y0 + enter * dy,
				  line->x0 + leave * dx, line->y0 + leave * dy};
	return true;
}

double trv_line_distance(const struct trv_line *line, double x, double y)
{
	double dx = line->x1 - line->x0, dy = line->y1 - line->y0;
	double length = dx * dx + dy * dy;
	double at = length > 0 ? ((x - line->x0) * dx + (y - line->y0) * dy) / length : 0;

	at = at < 0 ? 0 : at > 1 ? 1 : at;
	return hypot(x - (line->x0 + at * dx), y - (line->y0 + at * dy));
}
