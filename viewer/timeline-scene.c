#include "viewer/timeline-scene.h"

#include "viewer/timeline-far.h"

#include <glib.h>
#include <math.h>

enum {
	SPANS_MAX = 2000,    /* a lane; when there are more, they are counted slice by slice */
	SLICE = 6,           /* pixels */
	DEPTHS_MAX = 2000,   /* a lane */
	BURST_GAP = 3,       /* slices between bursts of messages that are told apart */
	HEAT_SLICE = 5,      /* pixels of a folded group's strip, at least */
	HEAT_MEMBERS = 500,  /* of a group, at a time */
	HEAT_BUDGET = 20000, /* slices of all of these together */
	MEMBER_SPANS = 1000, /* room at first */
};

double trv_scene_lane_y(const struct trv_scene *scene, size_t index)
{
	return scene->rows->items[index].y - scene->scroll;
}

double trv_scene_bar_y(const struct trv_scene *scene, size_t index)
{
	return trv_scene_lane_y(scene, index) + trv_metrics()->bar_top + trv_metrics()->bar / 2.0;
}

double trv_scene_focus_end(const struct trv_scene *scene)
{
	size_t count = scene->rows->focus_count;
	const struct trv_row *last = count > 0 ? &scene->rows->items[count - 1] : NULL;

	return (last ? last->y + trv_row_height(last) : 0) - scene->scroll;
}

/* --- lanes -------------------------------------------------------------------------------------
 */

static void fold_spans(const struct trv_scene *scene, struct trv_scene_lane *lane)
{
	lane->handlers = g_new(struct trv_box, lane->span_count + 1);
	lane->waits = g_new(struct trv_box, lane->span_count + 1);
	lane->handler_count = trv_boxes_fold(&scene->axis, lane->spans, lane->span_count,
					     TRC_SPAN_HANDLER, scene->now, lane->handlers);
	lane->wait_count = trv_boxes_fold(&scene->axis, lane->spans, lane->span_count,
					  TRC_SPAN_WAIT, scene->now, lane->waits);
}

static uint64_t slice_time(const struct trv_scene *scene, size_t slice)
{
	return (uint64_t)MAX(trv_axis_time(&scene->axis, (double)slice * SLICE), 0);
}

/* Everything as wide as a slice lies over the edge of one: those spans are asked for one by one. */
static void fill_wide(const struct trc_trace *trace, const struct trv_scene *scene, uint64_t actor,
		      struct trv_scene_lane *lane)
{
	size_t slices = (size_t)ceil(scene->axis.width / SLICE);
	int64_t length = scene->axis.span.to - scene->axis.span.from;
	uint64_t least = (uint64_t)((double)length * TRV_FOLD_WIDTH / scene->axis.width);

	lane->spans = g_new(struct trc_span, (slices + 1) * TRV_CROSSING_MAX);
	for (size_t i = 0; i <= slices; i++) {
		struct trc_span crossing[TRV_CROSSING_MAX];
		uint64_t time = slice_time(scene, i);
		size_t count =
			trc_trace_spans(trace, actor, time, time, crossing, TRV_CROSSING_MAX);

		for (size_t k = 0; k < MIN(count, TRV_CROSSING_MAX); k++) {
			/* It has been seen at the edge before, unless it began since. */
			if (i > 0 && crossing[k].begin <= slice_time(scene, i - 1))
				continue;
			if (crossing[k].end - crossing[k].begin < least)
				continue;
			lane->spans[lane->span_count++] = crossing[k];
		}
	}
}

static size_t count_wide(const struct trv_scene_lane *lane, uint64_t from, uint64_t to)
{
	size_t count = 0;

	for (size_t i = 0; i < lane->span_count; i++)
		count += lane->spans[i].begin <= to && lane->spans[i].end >= from;
	return count;
}

/* All others are so short that only their number is shown, for each run of busy slices. Both parts
 * cost the same in a long trace and in a short one. */
static void fill_crowds(const struct trc_trace *trace, const struct trv_scene *scene,
			uint64_t actor, struct trv_scene_lane *lane)
{
	size_t slices = (size_t)ceil(scene->axis.width / SLICE), begin = 0;
	bool busy = false;

	lane->crowds = g_new(struct trv_box, slices + 1);
	for (size_t i = 0; i <= slices; i++) {
		uint64_t from = slice_time(scene, i), to = slice_time(scene, i + 1);
		bool now = i < slices && trc_trace_spans(trace, actor, from, to, NULL, 0) >
						 count_wide(lane, from, to);

		if (now && !busy) {
			begin = i;
		} else if (busy && !now) {
			uint64_t first = slice_time(scene, begin);

			lane->crowds[lane->crowd_count++] = (struct trv_box){
				.x0 = (double)begin * SLICE,
				.x1 = MIN((double)i * SLICE, scene->axis.width),
				.folded = (uint32_t)(trc_trace_spans(trace, actor, first, from,
								     NULL, 0) -
						     count_wide(lane, first, from)),
			};
		}
		busy = now;
	}
}

static void fill_lane(TrvSession *session, const struct trv_scene *scene,
		      struct trv_scene_lane *lane)
{
	uint64_t actor = lane->row->actor;
	const struct trc_trace *trace = trv_session_trace(session);
	uint64_t from = (uint64_t)MAX(scene->axis.span.from, 0);
	uint64_t to = (uint64_t)MAX(scene->axis.span.to, 0);
	size_t depths = (size_t)CLAMP(scene->axis.width, 16, DEPTHS_MAX);

	lane->actor = trc_model_actor(trv_session_names(session), actor);
	if (scene->far) {
		trv__far_lane(session, scene, lane);
		fold_spans(scene, lane);
		return;
	}
	lane->span_count = trc_trace_spans(trace, actor, from, to, NULL, 0);
	if (lane->span_count <= SPANS_MAX) {
		lane->spans = g_new(struct trc_span, lane->span_count + 1);
		trc_trace_spans(trace, actor, from, to, lane->spans, lane->span_count);
	} else {
		lane->span_count = 0;
		fill_wide(trace, scene, actor, lane);
		fill_crowds(trace, scene, actor, lane);
	}
	fold_spans(scene, lane);
	lane->depths = g_new(struct trc_depth, depths);
	lane->depth_count =
		MIN(trc_trace_depths(trace, actor, from, to, lane->depths, depths), depths);
}

/* --- folded groups -----------------------------------------------------------------------------
 */

/* What one member after the other did, in memory that all of them use. */
struct member {
	struct trc_span *spans;
	size_t room;
	struct trc_depth *depths; /* as many as slices */
};

/* Each span counts in every slice that it touches, a wait as such in those that it fills. */
static void add_span(const struct trv_scene *scene, struct trv_scene_lane *lane,
		     const struct trc_span *span)
{
	double slice = scene->axis.width / (double)lane->heat_count;
	int64_t end = (int64_t)MIN(span->end, (uint64_t)scene->now);
	double x0 = trv_axis_x_clamped(&scene->axis, (int64_t)span->begin, 0, scene->axis.width) /
		    slice;
	double x1 = trv_axis_x_clamped(&scene->axis, end, 0, scene->axis.width) / slice;

	for (size_t k = (size_t)x0; k < lane->heat_count && (double)k <= x1; k++)
		lane->heats[k].spans++;
	if (span->kind == TRC_SPAN_WAIT && x1 - x0 >= 1)
		for (size_t k = (size_t)ceil(x0); k < (size_t)x1; k++)
			lane->heats[k].waiting++;
}

static void add_depths(const struct trv_scene *scene, struct trv_scene_lane *lane,
		       const struct trc_depth *depths, size_t count, uint32_t capacity)
{
	double slice = scene->axis.width / (double)lane->heat_count;

	for (size_t i = 0; i < count; i++) {
		int64_t end = i + 1 < count ? (int64_t)depths[i + 1].time : scene->now;
		float share = MIN((float)depths[i].depth / (float)MAX(capacity, 1), 1.0f);
		double x0 = trv_axis_x_clamped(&scene->axis, (int64_t)depths[i].time, 0,
					       scene->axis.width);
		double x1 = trv_axis_x_clamped(&scene->axis, end, 0, scene->axis.width);

		for (size_t k = (size_t)(x0 / slice);
		     k < lane->heat_count && (double)k * slice < x1; k++)
			lane->heats[k].depth = MAX(lane->heats[k].depth, share);
	}
}

static void add_member(TrvSession *session, const struct trv_scene *scene, uint64_t actor,
		       struct member *member, struct trv_scene_lane *lane)
{
	const struct trc_trace *trace = trv_session_trace(session);
	const struct trc_actor *known = trc_model_actor(trv_session_names(session), actor);
	uint64_t from = (uint64_t)MAX(scene->axis.span.from, 0);
	uint64_t to = (uint64_t)MAX(scene->axis.span.to, 0);
	size_t count = trc_trace_spans(trace, actor, from, to, member->spans, member->room);

	if (count == 0 && !known)
		return;
	if (count > member->room) {
		g_free(member->spans);
		member->room = 2 * count;
		member->spans = g_new(struct trc_span, member->room);
		trc_trace_spans(trace, actor, from, to, member->spans, member->room);
	}
	for (size_t i = 0; i < count; i++)
		add_span(scene, lane, &member->spans[i]);
	count = trc_trace_depths(trace, actor, from, to, member->depths, lane->heat_count);
	add_depths(scene, lane, member->depths, MIN(count, lane->heat_count),
		   known ? known->capacity : 1);
}

/* Some members more: every so many of the list, beginning with one that had no turn yet. */
static void add_members(TrvSession *session, const struct trv_scene *scene,
			struct trv_scene_lane *lane)
{
	const struct trv_row *row = lane->row;
	size_t rounds = (row->count + HEAT_MEMBERS - 1) / HEAT_MEMBERS;
	struct member member = {
		.spans = g_new(struct trc_span, MEMBER_SPANS),
		.room = MEMBER_SPANS,
		.depths = g_new(struct trc_depth, lane->heat_count),
	};

	for (size_t i = lane->heat_round++; i < row->count; i += rounds) {
		uint64_t actor = scene->rows->members[row->first + i];

		if (scene->far)
			trv__far_heat(session, scene, actor, lane);
		else
			add_member(session, scene, actor, &member, lane);
		lane->heat_members++;
	}
	g_free(member.spans);
	g_free(member.depths);
}

/* The more members there are, the wider the slices, so that the work stays the same. */
static void fill_heat(TrvSession *session, const struct trv_scene *scene,
		      struct trv_scene_lane *lane)
{
	size_t fine = (size_t)(scene->axis.width / HEAT_SLICE) + 1;
	size_t members = CLAMP(lane->row->count, 1, HEAT_MEMBERS);

	lane->heat_count = CLAMP(HEAT_BUDGET / members, 8, MAX(fine, 8));
	lane->heats = g_new0(struct trv_heat, lane->heat_count);
	add_members(session, scene, lane);
}

static bool is_whole(const struct trv_scene_lane *lane)
{
	return lane->heat_count == 0 || lane->heat_members == lane->row->count;
}

bool trv_scene_is_whole(const struct trv_scene *scene)
{
	for (size_t i = 0; i < scene->lane_count; i++)
		if (!is_whole(&scene->lanes[i]))
			return false;
	return true;
}

void trv_scene_go_on(TrvSession *session, struct trv_scene *scene)
{
	for (size_t i = 0; i < scene->lane_count; i++) {
		if (is_whole(&scene->lanes[i]))
			continue;
		add_members(session, scene, &scene->lanes[i]);
		return;
	}
}

static void fill_lanes(TrvSession *session, struct trv_scene *scene)
{
	const struct trv_rows *rows = scene->rows;
	long first = trv_rows_at(rows, scene->scroll);
	size_t end;

	scene->first = first < 0 ? rows->count : (size_t)first;
	for (end = scene->first; end < rows->count; end++) {
		if (trv_scene_lane_y(scene, end) >= scene->height)
			break;
	}
	scene->lane_count = end - scene->first;
	scene->lanes = g_new0(struct trv_scene_lane, scene->lane_count + 1);
	for (size_t i = 0; i < scene->lane_count; i++) {
		struct trv_scene_lane *lane = &scene->lanes[i];

		lane->row = &rows->items[scene->first + i];
		if (lane->row->actor != 0)
			fill_lane(session, scene, lane);
		else if (lane->row->folded)
			fill_heat(session, scene, lane);
	}
}

/* --- arrows ------------------------------------------------------------------------------------
 */

static bool make_arrow(TrvSession *session, const struct trv_scene *scene, size_t index,
		       struct trv_arrow *arrow)
{
	const struct trc_message_info *message = &scene->messages[index];
	long from = trv_session_row_of(session, message->sender);
	long to = trv_session_row_of(session, message->receiver);
	struct trv_line clipped;

	if (to < 0 || message->sent == 0)
		return false;
	*arrow = (struct trv_arrow){.message = index, .pending = message->received == 0};
	arrow->line.x0 = trv_axis_x(&scene->axis, (int64_t)message->sent);
	arrow->line.x1 = arrow->pending ? arrow->line.x0
					: trv_axis_x(&scene->axis, (int64_t)message->received);
	arrow->line.y1 = trv_scene_bar_y(scene, (size_t)to);
	if (arrow->pending)
		arrow->line.y1 = trv_scene_lane_y(scene, (size_t)to) + trv_metrics()->depth_top +
				 trv_metrics()->depth / 2.0;
	/* What comes from outside drops in from above its lane. */
	arrow->line.y0 = from >= 0 ? trv_scene_bar_y(scene, (size_t)from)
				   : trv_scene_lane_y(scene, (size_t)to) + 1;
	clipped = arrow->line;
	return trv_line_clip(&clipped, 0, 0, scene->axis.width, scene->height);
}

/* An arrow that cannot be drawn, or not from its sender on, because a lane is hidden, is counted.
 */
static void count_hidden(TrvSession *session, struct trv_scene *scene,
			 const struct trc_message_info *message, GHashTable *lanes)
{
	const uint64_t *ends[] = {&message->sender, &message->receiver};
	bool hidden = false;

	for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
		if (*ends[i] == 0 || trv_session_row_of(session, *ends[i]) >= 0)
			continue;
		g_hash_table_add(lanes, (gpointer)ends[i]);
		hidden = true;
	}
	scene->hidden_arrows += hidden;
	scene->hidden_lanes = g_hash_table_size(lanes);
}

static void fill_arrows(TrvSession *session, struct trv_scene *scene)
{
	g_autoptr(GHashTable) lanes = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autoptr(GHashTable) chain = g_hash_table_new(g_int64_hash, g_int64_equal);
	g_autoptr(GArray) ids = trv_session_chain(session, TRV_ARROWS_MAX);

	for (guint i = 0; i < ids->len; i++)
		g_hash_table_add(chain, &g_array_index(ids, uint64_t, i));
	scene->arrows = g_new(struct trv_arrow, scene->message_count * 2 + 1);
	for (size_t i = 0; i < scene->message_count; i++)
		count_hidden(session, scene, &scene->messages[i], lanes);
	for (int related = 0; related <= 1; related++) {
		if (!related && scene->crowded)
			continue;
		for (size_t i = 0; i < scene->message_count; i++) {
			struct trv_arrow *arrow = &scene->arrows[scene->arrow_count];

			if (g_hash_table_contains(chain, &scene->messages[i].id) !=
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
	g_autoptr(GArray) ids = trv_session_chain(session, TRV_ARROWS_MAX);

	scene->message_count = 0;
	for (guint i = 0; i < ids->len; i++)
		scene->message_count += trc_trace_message(trv_session_trace(session),
							  g_array_index(ids, uint64_t, i),
							  &scene->messages[scene->message_count]);
}

/* --- density -----------------------------------------------------------------------------------
 */

size_t trv_bursts_find(const uint32_t *slices, size_t count, size_t gap, struct trv_box *ret_bursts)
{
	size_t bursts = 0, last = 0;

	for (size_t i = 0; i < count; i++) {
		double x = (double)i * TRV_BAND_SLICE;

		if (slices[i] == 0)
			continue;
		if (bursts == 0 || i - last > gap)
			ret_bursts[bursts++] = (struct trv_box){.x0 = x};
		ret_bursts[bursts - 1].x1 = x + TRV_BAND_SLICE;
		ret_bursts[bursts - 1].folded += slices[i];
		last = i;
	}
	return bursts;
}

static void fill_slices(TrvSession *session, struct trv_scene *scene)
{
	size_t count = (size_t)ceil(scene->axis.width / TRV_BAND_SLICE);
	g_autofree struct trc_density *density = g_new0(struct trc_density, count + 1);
	double from = (double)scene->axis.span.from, length = (double)scene->axis.span.to - from;
	double end = from + length * (double)count * TRV_BAND_SLICE / scene->axis.width, sum = 0;

	scene->slice_count = count;
	scene->slices = g_new0(uint32_t, count + 1);
	trc_trace_density(trv_session_trace(session), (uint64_t)MAX(from, 0), (uint64_t)MAX(end, 0),
			  density, count);
	/* What is spread over slices in parts adds up to whole messages. */
	for (size_t i = 0; i < count; i++) {
		double before = round(sum);

		sum += density[i].sends;
		scene->slices[i] = (uint32_t)(round(sum) - before);
	}
	scene->bursts = g_new(struct trv_box, scene->slice_count + 1);
	scene->burst_count =
		trv_bursts_find(scene->slices, scene->slice_count, BURST_GAP, scene->bursts);
}

static void fill_messages(TrvSession *session, struct trv_scene *scene)
{
	scene->messages = g_new0(struct trc_message_info, TRV_ARROWS_MAX);
	scene->message_total = scene->far
				       ? trv_session_messages_in_sight(session)
				       : trc_trace_messages(trv_session_trace(session),
							    (uint64_t)MAX(scene->axis.span.from, 0),
							    (uint64_t)MAX(scene->axis.span.to, 0),
							    scene->messages, TRV_ARROWS_MAX);
	scene->crowded = scene->far || scene->message_total > TRV_ARROWS_MAX;
	scene->message_count = scene->message_total;
	if (scene->crowded) {
		find_related(session, scene);
		fill_slices(session, scene);
	}
	fill_arrows(session, scene);
}

void trv_scene_build(TrvSession *session, double width, double height, double scroll,
		     struct trv_scene *ret_scene)
{
	struct trv_scene scene = {
		.axis = {trv_session_view(session), MAX(width, 1)},
		.rows = trv_session_rows(session),
		.scroll = scroll,
		.height = height,
	};

	if (trv_session_state(session) == TRV_READY) {
		scene.now = (int64_t)trv_session_info(session)->last_time;
		scene.far = !trv_session_detail(session);
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
		g_free(scene->lanes[i].crowds);
		g_free(scene->lanes[i].depths);
		g_free(scene->lanes[i].heats);
	}
	g_free(scene->lanes);
	g_free(scene->messages);
	g_free(scene->arrows);
	g_free(scene->slices);
	g_free(scene->bursts);
	*scene = (struct trv_scene){0};
}
