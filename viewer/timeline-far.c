#include "viewer/timeline-far.h"

#include <glib.h>
#include <math.h>

enum {
	CELLS_MAX = 2000,
	JOINED = 3, /* pixels: crowds that are no further apart are one */
};

static const double all_of_it = 0.95; /* of a cell's time */

static struct trc_cell *cells_of(TrvSession *session, const struct trv_scene *scene, uint64_t actor,
				 size_t max, size_t *ret_count)
{
	struct trc_cell *cells = g_new(struct trc_cell, max);

	*ret_count = trc_trace_cells(trv_session_trace(session), actor,
				     (uint64_t)MAX(scene->axis.span.from, 0),
				     (uint64_t)MAX(scene->axis.span.to, 0), cells, max);
	*ret_count = MIN(*ret_count, max);
	return cells;
}

static double x_of(const struct trv_scene *scene, uint64_t time)
{
	return trv_axis_x_clamped(&scene->axis, (int64_t)time, 0, scene->axis.width);
}

/* What it waited for all the while; 0: it did something else. */
static unsigned waits_for(const struct trc_cell *cell)
{
	double length = (double)(cell->end - cell->begin);

	for (unsigned what = TRC_WHAT_REPLY; what <= TRC_WHAT_OUTSIDE; what++)
		if (length > 0 && (double)cell->waiting[what] >= length * all_of_it)
			return what;
	return 0;
}

/* --- lanes -------------------------------------------------------------------------------------
 */

/* One that waited for the same thing in the cell before waits on. */
static void add_wait(struct trv_scene_lane *lane, const struct trc_cell *cell, unsigned what)
{
	struct trc_span *last = lane->span_count ? &lane->spans[lane->span_count - 1] : NULL;

	if (last && last->type == what && last->end == cell->begin && cell->waits == 0)
		last->end = cell->end;
	else
		lane->spans[lane->span_count++] = (struct trc_span){.kind = TRC_SPAN_WAIT,
								    .begin = cell->begin,
								    .end = cell->end,
								    .type = (uint16_t)what};
}

static void add_crowd(const struct trv_scene *scene, struct trv_scene_lane *lane,
		      const struct trc_cell *cell)
{
	struct trv_box *last = lane->crowd_count ? &lane->crowds[lane->crowd_count - 1] : NULL;
	struct trv_box box = {.x0 = x_of(scene, cell->begin),
			      .x1 = x_of(scene, cell->end),
			      .folded = cell->handlers + cell->waits};

	box.x1 = MIN(MAX(box.x1, box.x0 + 1), scene->axis.width);
	if (last && box.x0 - last->x1 < JOINED) {
		last->x1 = MAX(last->x1, box.x1);
		last->folded += box.folded;
	} else {
		box.folded = MAX(box.folded, 1);
		lane->crowds[lane->crowd_count++] = box;
	}
}

static bool is_busy(const struct trc_cell *cell)
{
	uint64_t waited = 0;

	for (unsigned what = TRC_WHAT_REPLY; what <= TRC_WHAT_OUTSIDE; what++)
		waited += cell->waiting[what];
	return cell->handlers > 0 || cell->waits > 0 || cell->handling > 0 || waited > 0;
}

static void add_depth(struct trv_scene_lane *lane, uint64_t time, uint32_t depth)
{
	if (lane->depth_count > 0 && lane->depths[lane->depth_count - 1].depth == depth)
		return;
	lane->depths[lane->depth_count++] = (struct trc_depth){time, depth};
}

void trv__far_lane(TrvSession *session, const struct trv_scene *scene, struct trv_scene_lane *lane)
{
	size_t count;
	g_autofree struct trc_cell *cells =
		cells_of(session, scene, lane->row->actor, CELLS_MAX, &count);

	lane->spans = g_new(struct trc_span, count + 1);
	lane->crowds = g_new(struct trv_box, count + 1);
	lane->depths = g_new(struct trc_depth, 2 * count + 1);
	for (size_t i = 0; i < count; i++) {
		unsigned what = waits_for(&cells[i]);

		if (what != 0)
			add_wait(lane, &cells[i], what);
		else if (is_busy(&cells[i]))
			add_crowd(scene, lane, &cells[i]);
		add_depth(lane, cells[i].begin, cells[i].deepest);
		if (i + 1 == count || cells[i + 1].begin > cells[i].end)
			add_depth(lane, cells[i].end, 0);
	}
}

/* --- folded groups -----------------------------------------------------------------------------
 */

void trv__far_heat(TrvSession *session, const struct trv_scene *scene, uint64_t actor,
		   struct trv_scene_lane *lane)
{
	const struct trc_actor *known = trc_model_actor(trv_session_names(session), actor);
	double slice = scene->axis.width / (double)lane->heat_count;
	size_t count;
	g_autofree struct trc_cell *cells =
		cells_of(session, scene, actor, 2 * lane->heat_count + 2, &count);

	for (size_t i = 0; i < count; i++) {
		double x0 = x_of(scene, cells[i].begin), x1 = x_of(scene, cells[i].end);
		float depth = (float)cells[i].deepest / (float)MAX(known ? known->capacity : 1, 1);
		bool waits = waits_for(&cells[i]) != 0;
		uint32_t spans = cells[i].handlers + cells[i].waits;
		size_t first = MIN((size_t)(x0 / slice), lane->heat_count - 1);
		size_t end = CLAMP((size_t)ceil(x1 / slice), first + 1, lane->heat_count);

		for (size_t k = first; k < end; k++) {
			lane->heats[k].spans += spans / (uint32_t)(end - first);
			lane->heats[k].waiting += waits;
			lane->heats[k].depth = MAX(lane->heats[k].depth, MIN(depth, 1.0f));
		}
		lane->heats[first].spans += spans % (uint32_t)(end - first);
	}
}
