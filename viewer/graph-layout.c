/*
 * The work is done on an array of nodes. First the nodes are chosen: the rings' members, then the
 * ends of the links, longest waits first, until there are TRV_GRAPH_MAX. Each node outside a ring
 * takes as its parent the one it waited for longest, unless that would make a circle; what has no
 * parent is a root. A root, or a ring with all that leans on it, is a component.
 *
 * Names make nodes wide and labels make edges wide, while panels are low; so trees do not lean on
 * their ring radially but lie on its left and right, each generation a column, each leaf a line of
 * its own. Lines are further apart than nodes and labels are high, columns further than they are
 * wide. The components are then set side by side in rows.
 */
#include "viewer/graph-layout.h"

#include "viewer/metrics.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STRETCH  1.7 /* labels are wide and panels, too, so circles become ellipses */
#define SQUASH   0.8
#define RING_GAP 124.0
#define RING_MIN 82.0  /* radius */
#define COLUMN   206.0 /* between a node and those that wait for it */
#define LINE     48.0  /* between leaves */
#define TILE_GAP 186.0
#define WIDENESS 4.0 /* of the rows of components, as of the panels they are shown in */

struct node {
	uint64_t actor;
	long parent; /* index, or -1 */
	long ring;   /* number of the ring it is in, or -1 */
	unsigned children;
	unsigned leaves; /* under it; at least 1 */
	unsigned component;
	double x, y;
};

struct work {
	struct node nodes[TRV_GRAPH_MAX];
	long count;
};

static long find_node(const struct work *work, uint64_t actor)
{
	for (long i = 0; i < work->count; i++) {
		if (work->nodes[i].actor == actor)
			return i;
	}
	return -1;
}

static long add_node(struct work *work, uint64_t actor, long ring)
{
	long found = find_node(work, actor);

	if (found >= 0)
		return found;
	if (work->count == TRV_GRAPH_MAX)
		return -1;
	work->nodes[work->count] = (struct node){.actor = actor, .parent = -1, .ring = ring};
	return work->count++;
}

static int compare_links(const void *left, const void *right)
{
	const struct trv_link *a = left, *b = right;

	if (a->weight != b->weight)
		return a->weight > b->weight ? -1 : 1;
	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

/* Whether `node` is `other` or hangs, through parents, on it. */
static bool hangs_on(const struct work *work, long node, long other)
{
	while (node >= 0 && node != other)
		node = work->nodes[node].parent;
	return node == other;
}

static void link_node(struct work *work, const struct trv_link *link)
{
	long to = add_node(work, link->to, -1);
	long from;

	if (to < 0)
		return;
	from = find_node(work, link->from);
	if (from >= 0 && (work->nodes[from].parent >= 0 || work->nodes[from].ring >= 0))
		return;
	if (work->nodes[to].children == TRV_GRAPH_CHILDREN)
		return;
	if (from < 0)
		from = add_node(work, link->from, -1);
	if (from < 0 || hangs_on(work, to, from))
		return;
	work->nodes[from].parent = to;
	work->nodes[to].children++;
}

static void choose_nodes(struct work *work, const struct trv_ring *rings, size_t ring_count,
			 const struct trv_link *links, size_t link_count)
{
	struct trv_link *sorted = calloc(link_count + 1, sizeof *sorted);

	if (!sorted)
		abort();
	for (size_t r = 0; r < ring_count; r++) {
		for (size_t i = 0; i < rings[r].count; i++)
			add_node(work, rings[r].actors[i], (long)r);
	}
	if (link_count > 0)
		memcpy(sorted, links, link_count * sizeof *links);
	qsort(sorted, link_count, sizeof *sorted, compare_links);
	for (size_t i = 0; i < link_count; i++)
		link_node(work, &sorted[i]);
	free(sorted);
}

/* Parents come to know their leaves: every node's count is added to all above it. */
static void count_leaves(struct work *work)
{
	for (long i = 0; i < work->count; i++) {
		if (work->nodes[i].children > 0)
			continue;
		for (long n = i; n >= 0; n = work->nodes[n].parent)
			work->nodes[n].leaves++;
	}
}

/* Gives a subtree its places: its root at `x`, its leaves on the lines from `line` on. */
static void place_tree(struct work *work, long root, double x, double direction, double *line)
{
	struct node *at = &work->nodes[root];
	double first = *line, last = *line;

	at->x = x;
	for (long i = 0; i < work->count; i++) {
		struct node *child = &work->nodes[i];

		if (child->parent != root)
			continue;
		child->component = at->component;
		place_tree(work, i, x + direction * COLUMN, direction, line);
		last = child->y;
	}
	if (at->children == 0)
		*line += LINE;
	at->y = (first + last) / 2;
}

/* A subtree that leans on a member of the ring. */
struct branch {
	long node;
	double order; /* from top to bottom */
	double direction;
};

static int compare_branches(const void *left, const void *right)
{
	const struct branch *a = left, *b = right;

	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return a->node < b->node ? -1 : a->node > b->node;
}

/* The branches of one side, one below the other about the middle of what they lean on. */
static void place_side(struct work *work, const struct branch *branches, long count,
		       double direction)
{
	double edge = 0, middle = 0, line;
	unsigned leaves = 0, used = 0;

	for (long i = 0; i < count; i++) {
		const struct node *member = &work->nodes[work->nodes[branches[i].node].parent];

		if (branches[i].direction != direction)
			continue;
		leaves += work->nodes[branches[i].node].leaves;
		edge = fmax(edge, member->x * direction);
		middle += member->y;
		used++;
	}
	if (used == 0)
		return;
	line = middle / used - LINE * (leaves - 1) / 2;
	for (long i = 0; i < count; i++) {
		if (branches[i].direction == direction)
			place_tree(work, branches[i].node, direction * (edge + COLUMN), direction,
				   &line);
	}
}

/* All that leans on the members of one component, which have their places. Those who lean on a
 * member in the middle go where there are fewer. */
static void place_branches(struct work *work, unsigned component)
{
	struct branch branches[TRV_GRAPH_MAX];
	unsigned left = 0, right = 0;
	long count = 0;

	for (long i = 0; i < work->count; i++) {
		struct node *node = &work->nodes[i];
		const struct node *member = node->parent >= 0 ? &work->nodes[node->parent] : NULL;
		double x;

		if (!member || member->component != component || member->parent >= 0)
			continue;
		x = fabs(member->x) > 1 ? member->x : (double)left - right - 0.5;
		node->component = component;
		branches[count++] = (struct branch){i, member->y, x < 0 ? -1 : 1};
		*(x < 0 ? &left : &right) += node->leaves;
	}
	qsort(branches, (size_t)count, sizeof branches[0], compare_branches);
	place_side(work, branches, count, -1);
	place_side(work, branches, count, 1);
}

static size_t ring_size(const struct work *work, long ring)
{
	size_t size = 0;

	for (long i = 0; i < work->count; i++)
		size += work->nodes[i].ring == ring;
	return size;
}

static void place_ring(struct work *work, long ring, unsigned component)
{
	size_t size = ring_size(work, ring), k = 0;
	double radius = size < 2 ? 0 : fmax(RING_MIN, RING_GAP * (double)size / (2 * M_PI));
	double first = size == 2 ? M_PI : -M_PI / 2; /* two lie side by side, more start on top */

	for (long i = 0; i < work->count; i++) {
		struct node *node = &work->nodes[i];
		double angle = first + 2 * M_PI * (double)k / (double)size;

		if (node->ring != ring)
			continue;
		node->x = STRETCH * radius * cos(angle);
		node->y = SQUASH * radius * sin(angle);
		node->component = component;
		k++;
	}
	place_branches(work, component);
}

enum { NO_COMPONENT = UINT32_MAX };

static unsigned place_components(struct work *work, size_t ring_count)
{
	unsigned components = 0;

	for (long i = 0; i < work->count; i++)
		work->nodes[i].component = NO_COMPONENT;
	for (size_t r = 0; r < ring_count; r++) {
		if (ring_size(work, (long)r) > 0)
			place_ring(work, (long)r, components++);
	}
	for (long i = 0; i < work->count; i++) {
		if (work->nodes[i].ring >= 0 || work->nodes[i].parent >= 0)
			continue;
		work->nodes[i].component = components;
		place_branches(work, components++);
	}
	return components;
}

static void measure(const struct work *work, struct trv_box2 *boxes, size_t count)
{
	for (size_t c = 0; c < count; c++)
		boxes[c] = (struct trv_box2){INFINITY, INFINITY, -INFINITY, -INFINITY};
	for (long i = 0; i < work->count; i++) {
		const struct node *node = &work->nodes[i];
		struct trv_box2 *box = &boxes[node->component];

		box->x0 = fmin(box->x0, node->x);
		box->y0 = fmin(box->y0, node->y);
		box->x1 = fmax(box->x1, node->x);
		box->y1 = fmax(box->y1, node->y);
	}
}

/* Sets the components in rows, in their order, in an area wider than high. */
static void tile(struct work *work, struct trv_box2 *boxes, size_t count)
{
	double area = 0, row_width, widest = 0, x = 0, y = 0, row_height = 0;

	for (size_t c = 0; c < count; c++) {
		double width = boxes[c].x1 - boxes[c].x0 + TILE_GAP;

		area += width * (boxes[c].y1 - boxes[c].y0 + TILE_GAP / 2);
		widest = fmax(widest, width);
	}
	row_width = fmax(widest, sqrt(area * WIDENESS));
	for (size_t c = 0; c < count; c++) {
		double width = boxes[c].x1 - boxes[c].x0, height = boxes[c].y1 - boxes[c].y0;
		double dx, dy;

		if (x > 0 && x + width > row_width) {
			x = 0;
			y += row_height + TILE_GAP / 2;
			row_height = 0;
		}
		dx = x - boxes[c].x0;
		dy = y - boxes[c].y0;
		for (long i = 0; i < work->count; i++) {
			if (work->nodes[i].component != c)
				continue;
			work->nodes[i].x += dx;
			work->nodes[i].y += dy;
		}
		boxes[c] = (struct trv_box2){x, y, x + width, y + height};
		x += width + TILE_GAP;
		row_height = fmax(row_height, height);
	}
}

static int compare_places(const void *left, const void *right)
{
	const struct trv_place *a = left, *b = right;

	return a->actor < b->actor ? -1 : a->actor > b->actor;
}

static void enlarge(struct trv_graph_layout *layout, double by)
{
	for (size_t i = 0; i < layout->count; i++) {
		layout->places[i].x *= by;
		layout->places[i].y *= by;
	}
	for (size_t i = 0; i < layout->component_count; i++) {
		struct trv_box2 *box = &layout->components[i];

		*box = (struct trv_box2){box->x0 * by, box->y0 * by, box->x1 * by, box->y1 * by};
	}
}

void trv_graph_layout_build(const struct trv_ring *rings, size_t ring_count,
			    const struct trv_link *links, size_t link_count,
			    struct trv_graph_layout *ret_layout)
{
	struct work *work = calloc(1, sizeof *work);
	struct trv_graph_layout layout = {0};

	if (!work)
		abort();
	choose_nodes(work, rings, ring_count, links, link_count);
	count_leaves(work);
	layout.component_count = place_components(work, ring_count);
	layout.components = calloc(layout.component_count + 1, sizeof *layout.components);
	layout.places = calloc((size_t)work->count + 1, sizeof *layout.places);
	if (!layout.components || !layout.places)
		abort();
	measure(work, layout.components, layout.component_count);
	tile(work, layout.components, layout.component_count);
	for (long i = 0; i < work->count; i++) {
		const struct node *node = &work->nodes[i];

		layout.places[layout.count++] =
			(struct trv_place){node->actor, node->x, node->y, node->component};
	}
	qsort(layout.places, layout.count, sizeof *layout.places, compare_places);
	free(work);
	enlarge(&layout, trv_metrics()->scale);
	*ret_layout = layout;
}

void trv_graph_layout_clear(struct trv_graph_layout *layout)
{
	free(layout->places);
	free(layout->components);
	*layout = (struct trv_graph_layout){0};
}

const struct trv_place *trv_graph_place(const struct trv_graph_layout *layout, uint64_t actor)
{
	struct trv_place key = {.actor = actor};

	if (layout->count == 0)
		return NULL;
	return bsearch(&key, layout->places, layout->count, sizeof *layout->places, compare_places);
}

/* --- edges -------------------------------------------------------------------------------------
 */

/* Where the way from a pill's centre towards a point crosses its border. */
static void cross_border(const struct trv_pill *pill, double x, double y, double *ret_x,
			 double *ret_y)
{
	double dx = x - pill->x, dy = y - pill->y;
	double share_x = dx != 0 ? pill->half_width / fabs(dx) : INFINITY;
	double share_y = dy != 0 ? pill->half_height / fabs(dy) : INFINITY;
	double share = fmin(fmin(share_x, share_y), 1);

	*ret_x = pill->x + dx * share;
	*ret_y = pill->y + dy * share;
}

static struct trv_curve loop_above(const struct trv_pill *pill)
{
	double top = pill->y - pill->half_height, height = 46;

	return (struct trv_curve){
		.x0 = pill->x - pill->half_width / 2,
		.y0 = top,
		.cx = pill->x,
		.cy = top - 2 * height,
		.x1 = pill->x + pill->half_width / 2,
		.y1 = top,
	};
}

struct trv_curve trv_curve_between(const struct trv_pill *from, const struct trv_pill *to,
				   double bend)
{
	double dx = to->x - from->x, dy = to->y - from->y, length = hypot(dx, dy);
	struct trv_curve curve;

	if (length < 1)
		return loop_above(from);
	if (bend == 0 && fabs(dx) > from->half_width + to->half_width) {
		/* From a column: level at first, so that edges and their labels fan out. */
		curve.x0 = from->x + copysign(from->half_width, dx);
		curve.y0 = curve.cy = from->y;
		curve.cx = (curve.x0 + to->x - copysign(to->half_width, dx)) / 2;
		cross_border(to, curve.cx, curve.cy, &curve.x1, &curve.y1);
		return curve;
	}
	curve.cx = (from->x + to->x) / 2 + dy / length * bend;
	curve.cy = (from->y + to->y) / 2 - dx / length * bend;
	cross_border(from, curve.cx, curve.cy, &curve.x0, &curve.y0);
	cross_border(to, curve.cx, curve.cy, &curve.x1, &curve.y1);
	return curve;
}

void trv_curve_point(const struct trv_curve *curve, double share, double *ret_x, double *ret_y)
{
	double a = (1 - share) * (1 - share), b = 2 * share * (1 - share), c = share * share;

	*ret_x = a * curve->x0 + b * curve->cx + c * curve->x1;
	*ret_y = a * curve->y0 + b * curve->cy + c * curve->y1;
}

double trv_curve_distance(const struct trv_curve *curve, double x, double y)
{
	double least = INFINITY, px, py;
	double length = hypot(curve->cx - curve->x0, curve->cy - curve->y0) +
			hypot(curve->x1 - curve->cx, curve->y1 - curve->cy);
	unsigned steps = (unsigned)(length / 6) + 1;

	for (unsigned i = 0; i <= steps; i++) {
		trv_curve_point(curve, (double)i / steps, &px, &py);
		least = fmin(least, hypot(px - x, py - y));
	}
	return least;
}
