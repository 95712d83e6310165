/*
 * wait-graph-place.c - where things are in the panel of the wait-for graph, and what is where one
 * points
 */
#include "viewer/wait-graph-place.h"

#include <math.h>

enum { /* at the usual size of text */
       PILL_HEIGHT = 36,
       PILL_PAD = 14,
       PILL_HEIGHT_SMALL = 18, /* with a name alone */
       NAME_MAX_SMALL = 80,
       PILL_WIDTH_MIN = 64,
       BEND = 26,
};

#define SCALE_MIN     0.72 /* of much: smaller ones are hard to read */
#define SCALE_MIN_FEW 0.4  /* of what matters: better small than cut off */
#define SCALE_MAX     1.0

#define READABLE   0.85 /* of the usual size of text */
#define GROWTH_MAX 2.2  /* more would cover the edges */

/* Below it names would be smaller than READABLE: what does not fit then is dragged into sight. */
#define SCALE_MIN_READ (READABLE / GROWTH_MAX)

enum { MARGIN = 14 };

/* --- places ------------------------------------------------------------------------------------
 */

static const struct trv_box2 nothing = {INFINITY, INFINITY, -INFINITY, -INFINITY};

static struct trv_box2 join(struct trv_box2 a, struct trv_box2 b)
{
	return (struct trv_box2){MIN(a.x0, b.x0), MIN(a.y0, b.y0), MAX(a.x1, b.x1),
				 MAX(a.y1, b.y1)};
}

const char *trv__graph_name(const struct trv_graph_painter *painter, uint64_t actor)
{
	return trc_model_actor_name(trv_session_names(painter->session), actor);
}

const char *trv__graph_kind(const struct trv_graph_painter *painter, uint64_t id)
{
	const struct trc_model *names = trv_session_names(painter->session);
	const struct trc_actor *actor = trc_model_actor(names, id);
	const char *kind = actor ? trc_model_kind_name(names, actor->kind) : "";

	return g_str_equal(kind, trv__graph_name(painter, id)) ? "" : kind;
}

double trv__graph_growth(const struct trv_graph_painter *painter)
{
	if (painter->placing.scale >= TRV_GRAPH_WORDS_FROM)
		return 1;
	return MIN(READABLE / painter->placing.scale, GROWTH_MAX);
}

double trv__graph_name_width(const struct trv_graph_painter *painter, uint64_t actor)
{
	double width =
		trv_text_width(painter->text, trv__graph_name(painter, actor), TRV_TEXT_SMALL_BOLD);

	return MIN(width, trv__graph_growth(painter) > 1 ? trv_px(NAME_MAX_SMALL)
							 : trv_px(TRV_GRAPH_NAME_MAX));
}

static struct trv_pill small_pill(const struct trv_graph_painter *painter,
				  const struct trv_place *place)
{
	double growth = trv__graph_growth(painter);

	return (struct trv_pill){
		.x = place->x,
		.y = place->y,
		.half_width = (trv__graph_name_width(painter, place->actor) + trv_px(PILL_PAD)) /
			      2 * growth,
		.half_height = trv_px(PILL_HEIGHT_SMALL) / 2.0 * growth,
	};
}

struct trv_pill trv__graph_pill(const struct trv_graph_painter *painter,
				const struct trv_place *place)
{
	double name = MAX(trv_text_width(painter->text, trv__graph_name(painter, place->actor),
					 TRV_TEXT_SMALL_BOLD),
			  trv_text_width(painter->text, trv__graph_kind(painter, place->actor),
					 TRV_TEXT_SMALL));

	if (trv__graph_growth(painter) > 1)
		return small_pill(painter, place);
	return (struct trv_pill){
		.x = place->x,
		.y = place->y,
		.half_width = MAX(MIN(name, trv_px(TRV_GRAPH_NAME_MAX)) + 2 * trv_px(PILL_PAD),
				  trv_px(PILL_WIDTH_MIN)) /
			      2,
		.half_height = trv_px(PILL_HEIGHT) / 2.0,
	};
}

struct trv_box2 trv__graph_box(const struct trv_pill *pill)
{
	return (struct trv_box2){pill->x - pill->half_width, pill->y - pill->half_height,
				 pill->x + pill->half_width, pill->y + pill->half_height};
}

static void include(const struct trv_graph_painter *painter, const uint64_t *actors, unsigned count,
		    struct trv_box2 *box)
{
	for (unsigned i = 0; i < count; i++) {
		const struct trv_place *place = trv_graph_place(painter->layout, actors[i]);

		if (place) {
			struct trv_pill pill = trv__graph_pill(painter, place);

			*box = join(*box, trv__graph_box(&pill));
		}
	}
}

struct trv_box2 trv__graph_around(const struct trv_graph_painter *painter, size_t component)
{
	struct trv_box2 box = nothing;

	for (size_t i = 0; i < painter->layout->count; i++) {
		const struct trv_place *place = &painter->layout->places[i];

		if (component == SIZE_MAX || place->component == component)
			include(painter, &place->actor, 1, &box);
	}
	return box;
}

static double scale_for(struct trv_box2 box, double width, double height)
{
	return MIN(width / (box.x1 - box.x0 + 2 * MARGIN), height / (box.y1 - box.y0 + 2 * MARGIN));
}

/* Of a length from `low` to `high`, moved into the middle of `size`, or with its beginning to the
 * beginning when it is longer. */
static double offset_for(double low, double high, double scale, double size, bool from_beginning)
{
	if (from_beginning && (high - low) * scale > size)
		return MARGIN - low * scale;
	return size / 2 - (low + high) / 2 * scale;
}

/* The victims who waited already when the finding closed. */
static void include_early(const struct trv_graph_painter *painter, const struct trc_finding *focus,
			  struct trv_box2 *box)
{
	int64_t instant = trv_finding_instant(focus);

	for (unsigned i = focus->core_edge_count; i < focus->edge_count; i++) {
		if ((int64_t)focus->edges[i].since <= instant)
			include(painter, &focus->edges[i].from, 1, box);
	}
}

enum { BOX_VICTIMS, BOX_EARLY, BOX_CORE, BOXES };

/* What there is to show of a finding, ever less of it. */
static void boxes_of(const struct trv_graph_painter *painter, const struct trc_finding *focus,
		     struct trv_box2 boxes[BOXES])
{
	boxes[BOX_CORE] = nothing;
	include(painter, focus->actors, focus->actor_count, &boxes[BOX_CORE]);
	for (unsigned i = 0; i < focus->core_edge_count; i++) /* of a stall: the outside */
		include(painter, &focus->edges[i].to, 1, &boxes[BOX_CORE]);
	boxes[BOX_EARLY] = boxes[BOX_VICTIMS] = boxes[BOX_CORE];
	include_early(painter, focus, &boxes[BOX_EARLY]);
	include(painter, focus->victims, focus->victim_count, &boxes[BOX_VICTIMS]);
}

struct trv_placing trv_graph_fit(const struct trv_graph_painter *painter, double width,
				 double height)
{
	const struct trc_finding *focus =
		painter->mode == TRV_GRAPH_WAITS ? trv_session_focus(painter->session) : NULL;
	struct trv_box2 boxes[BOXES], box = nothing;
	struct trv_graph_painter small = *painter;
	struct trv_placing placing;
	int chosen = BOX_VICTIMS;
	bool from_beginning;

	height -= trv_px(TRV_GRAPH_CAPTION);
	if (focus) {
		boxes_of(painter, focus, boxes);
		while (chosen < BOX_CORE &&
		       scale_for(boxes[chosen], width, height) <
			       (chosen == BOX_VICTIMS ? SCALE_MIN : SCALE_MIN_FEW))
			chosen++;
		box = boxes[chosen];
	}
	if (box.x0 > box.x1) {
		box = trv__graph_around(painter, SIZE_MAX);
		focus = NULL;
	}
	placing.scale = CLAMP(scale_for(box, width, height), focus ? SCALE_MIN_FEW : SCALE_MIN_READ,
			      SCALE_MAX);
	if (placing.scale < TRV_GRAPH_WORDS_FROM) { /* then nodes are larger */
		small.placing.scale = placing.scale;
		if (focus)
			boxes_of(&small, focus, boxes);
		box = focus ? boxes[chosen] : trv__graph_around(&small, SIZE_MAX);
		placing.scale =
			MAX(MIN(placing.scale, scale_for(box, width, height)), SCALE_MIN_READ);
	}
	/* Of many parts the first matters most, of one what the rest leans on. */
	from_beginning = !focus && painter->layout->component_count > 1;
	placing.dx = offset_for(box.x0, box.x1, placing.scale, width, from_beginning);
	placing.dy = offset_for(box.y0, box.y1, placing.scale, height, from_beginning);
	return placing;
}

bool trv_graph_is_cut(const struct trv_graph_painter *painter, double width, double height)
{
	const struct trv_placing *placing = &painter->placing;
	struct trv_box2 box = nothing;
	const double slack = 1; /* of rounding */

	for (guint i = 0; i < painter->edges->len; i++) {
		const struct trv_graph_edge *edge =
			&g_array_index(painter->edges, struct trv_graph_edge, i);

		include(painter, (const uint64_t[]){edge->from, edge->to}, 2, &box);
	}
	return box.x0 <= box.x1 && (box.x0 * placing->scale + placing->dx < -slack ||
				    box.x1 * placing->scale + placing->dx > width + slack ||
				    box.y0 * placing->scale + placing->dy < -slack ||
				    box.y1 * placing->scale + placing->dy > height + slack);
}

bool trv__graph_curve(const struct trv_graph_painter *painter, uint64_t from, uint64_t to,
		      bool ring, struct trv_curve *curve)
{
	const struct trv_place *tail_place = trv_graph_place(painter->layout, from);
	const struct trv_place *head_place = trv_graph_place(painter->layout, to);
	struct trv_pill tail, head;

	if (!tail_place || !head_place)
		return false;
	tail = trv__graph_pill(painter, tail_place);
	head = trv__graph_pill(painter, head_place);
	*curve = trv_curve_between(&tail, &head, ring ? trv_px(BEND) : 0);
	return true;
}

/* --- pointing ----------------------------------------------------------------------------------
 */

uint64_t trv_graph_actor_at(const struct trv_graph_painter *painter, double x, double y)
{
	x = (x - painter->placing.dx) / painter->placing.scale;
	y = (y - painter->placing.dy) / painter->placing.scale;
	for (size_t i = painter->layout->count; i-- > 0;) {
		struct trv_pill pill = trv__graph_pill(painter, &painter->layout->places[i]);

		if (fabs(x - pill.x) <= pill.half_width && fabs(y - pill.y) <= pill.half_height)
			return painter->layout->places[i].actor;
	}
	return 0;
}

const struct trv_wait_edge *trv_graph_edge_at(const struct trv_graph_painter *painter, double x,
					      double y)
{
	const struct trv_wait_graph *waits = trv_session_waits(painter->session);
	struct trv_curve curve;

	if (painter->mode != TRV_GRAPH_WAITS)
		return NULL;
	x = (x - painter->placing.dx) / painter->placing.scale;
	y = (y - painter->placing.dy) / painter->placing.scale;
	for (size_t i = 0; i < waits->count; i++) {
		const struct trv_wait_edge *edge = &waits->edges[i];

		if (trv__graph_curve(painter, edge->from, edge->to, edge->core, &curve) &&
		    trv_curve_distance(&curve, x, y) < 10)
			return edge;
	}
	return NULL;
}
