/*
 * summary.c - making summaries
 *
 * Each actor that is busy or has mail has a track: what it is doing, and its figures in the present
 * bucket of level 0. When that bucket is complete, the figures of those that had an event in it
 * become cells. They are added to the cells of the present bucket of the level above, actor by
 * actor in order of their numbers, and when that is complete, it goes up in turn. Whoever had no
 * event in one of the parts that are added went on with what he was doing, all the while.
 */
#include "tracer/model/summary.h"

#include "tracer/model/memory.h"
#include "tracer/model/summary-node.h"
#include "tracer/model/table.h"

#include <stdlib.h>
#include <string.h>

struct track {
	struct trc__figures now; /* of the present bucket of level 0 */
	uint64_t since;          /* `now` knows of the time until then */
	bool touched;
};

struct level {
	struct trc__node_builder node;
	/* the present bucket */
	struct trc__figures *figures; /* by actor */
	size_t figure_count, figure_room;
	struct trc_summary_bucket bucket;
	unsigned parts;
};

struct trc_summary {
	const struct trc_model *model;
	trc_summary_emit *emit;
	void *context;
	struct trc_table tracks; /* by actor */
	struct track **touched;
	size_t touched_count, touched_room;
	struct level levels[TRC_SUMMARY_LEVELS];
	uint64_t first_event, events;
};

enum trc_doing trc_doing(const struct trc_actor *actor)
{
	uint64_t what;

	if (actor->state == TRC_RUNNING)
		return TRC_DOING_HANDLER;
	if (actor->state != TRC_WAITING)
		return TRC_DOING_NOTHING;
	what = actor->wait.target_count ? actor->wait.targets[0].what : 0;
	return what >= TRC_WHAT_REPLY && what <= TRC_WHAT_OUTSIDE
		       ? (enum trc_doing)(TRC_DOING_WAIT + what - 1)
		       : TRC_DOING_HANDLER;
}

/* --- tracks -------------------------------------------------------------------------------------
 */

static bool is_quiet(const struct track *track)
{
	return track->now.doing == TRC_DOING_NOTHING && track->now.depth == 0;
}

static struct track *track_of(struct trc_summary *summary, uint64_t actor)
{
	struct track *track = trc_table_find(&summary->tracks, actor);

	if (!track) {
		track = trc_zalloc(1, sizeof *track);
		track->now.actor = actor;
		trc_table_put(&summary->tracks, actor, track);
	}
	return track;
}

static struct track *touch(struct trc_summary *summary, uint64_t actor)
{
	struct track *track = track_of(summary, actor);
	struct trc__figures *now = &track->now;

	if (track->touched)
		return track;
	*now = (struct trc__figures){.actor = actor,
				     .before = now->doing,
				     .doing = now->doing,
				     .depth_before = now->depth,
				     .depth = now->depth,
				     .deepest = now->depth};
	track->since = summary->levels[0].bucket.begin;
	track->touched = true;
	summary->touched = trc_grow(summary->touched, &summary->touched_room,
				    summary->touched_count + 1, sizeof(struct track *));
	summary->touched[summary->touched_count++] = track;
	return track;
}

static void pass_time(struct track *track, uint64_t time)
{
	if (time > track->since)
		track->now.times[track->now.doing] += time - track->since;
	track->since = time;
}

static void note_depth(struct trc_summary *summary, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(summary->model, id);
	struct trc__figures *now;

	if (!actor)
		return;
	now = &touch(summary, id)->now;
	now->depth = actor->depth;
	if (now->depth > now->deepest)
		now->deepest = now->depth;
}

static void note_actor(struct trc_summary *summary, const struct trc_event *event)
{
	const struct trc_actor *actor = trc_model_actor(summary->model, event->actor);
	struct track *track;

	if (!actor)
		return;
	track = touch(summary, event->actor);
	pass_time(track, trc_model_time(summary->model));
	track->now.doing = (uint8_t)trc_doing(actor);
	track->now.depth = actor->depth;
	track->now.events++;
	track->now.handlers += event->kind == TRC_RECEIVE || event->kind == TRC_START;
	track->now.waits += event->kind == TRC_WAIT;
	track->now.sends += event->kind == TRC_SEND;
	track->now.receives += event->kind == TRC_RECEIVE && event->id != 0;
}

/* --- buckets ------------------------------------------------------------------------------------
 */

static void carry(struct trc_summary *summary, struct trc__node_builder *node)
{
	const struct track *track;
	size_t place = 0;

	while ((track = trc_table_next(&summary->tracks, &place)))
		if (!is_quiet(track))
			trc__node_carry(node, track->now.actor, track->now.doing, track->now.depth);
}

static void begin_node(struct trc_summary *summary, unsigned number)
{
	struct level *level = &summary->levels[number];

	trc__node_begin(&level->node, number, summary->first_event + summary->events,
			level->bucket.begin);
	carry(summary, &level->node);
}

/* False when it was not worth it. */
static bool end_node(struct trc_summary *summary, unsigned number)
{
	struct trc__node_builder *node = &summary->levels[number].node;
	struct trc_summary_row row;

	if (!trc__node_end(node, &row))
		return false;
	summary->emit(&row, summary->context);
	return true;
}

static void add_bucket(struct trc_summary *summary, unsigned number,
		       const struct trc__figures *figures, size_t count,
		       const struct trc_summary_bucket *bucket);

/* The bucket is complete. */
static void end_bucket(struct trc_summary *summary, unsigned number)
{
	struct level *level = &summary->levels[number];

	trc__node_add(&level->node, &level->bucket, level->figures, level->figure_count);
	if (number + 1 < TRC_SUMMARY_LEVELS)
		add_bucket(summary, number + 1, level->figures, level->figure_count,
			   &level->bucket);
	level->bucket = (struct trc_summary_bucket){level->bucket.end, level->bucket.end, 0, 0};
	level->figure_count = 0;
	level->parts = 0;
	if (trc__node_is_full(&level->node)) {
		end_node(summary, number);
		begin_node(summary, number);
	}
}

/* One more part of the present bucket of a level. */
static void add_bucket(struct trc_summary *summary, unsigned number,
		       const struct trc__figures *figures, size_t count,
		       const struct trc_summary_bucket *bucket)
{
	struct level *level = &summary->levels[number];

	if (level->parts == 0)
		level->bucket.begin = level->bucket.end = bucket->begin;
	trc__figures_pause(level->figures, level->figure_count, bucket->begin - level->bucket.end);
	trc__figures_merge(&level->figures, &level->figure_count, &level->figure_room,
			   bucket->begin - level->bucket.begin, figures, count,
			   bucket->end - bucket->begin);
	level->bucket.end = bucket->end;
	level->bucket.events += bucket->events;
	level->bucket.sends += bucket->sends;
	if (++level->parts == TRC_SUMMARY_FACTOR)
		end_bucket(summary, number);
}

static int compare_tracks(const void *a, const void *b)
{
	uint64_t x = (*(struct track *const *)a)->now.actor;
	uint64_t y = (*(struct track *const *)b)->now.actor;

	return (x > y) - (x < y);
}

/* The figures of those who were touched become the bucket's. */
static void collect(struct trc_summary *summary)
{
	struct level *level = &summary->levels[0];

	if (summary->touched_count > 0)
		qsort(summary->touched, summary->touched_count, sizeof(struct track *),
		      compare_tracks);
	level->figures = trc_grow(level->figures, &level->figure_room, summary->touched_count,
				  sizeof *level->figures);
	for (size_t i = 0; i < summary->touched_count; i++) {
		struct track *track = summary->touched[i];

		pass_time(track, level->bucket.end);
		track->touched = false;
		level->figures[i] = track->now;
		if (is_quiet(track))
			free(trc_table_take(&summary->tracks, track->now.actor));
	}
	level->figure_count = summary->touched_count;
	summary->touched_count = 0;
}

/* Nothing happened from the end of the last event until `time`: buckets for which that is a long
 * pause end before it. */
static void pause(struct trc_summary *summary, uint64_t time)
{
	uint64_t nominal = TRC_SUMMARY_EVENTS;

	for (unsigned i = 0; i < TRC_SUMMARY_LEVELS; i++, nominal *= TRC_SUMMARY_FACTOR) {
		const struct trc_summary_bucket *bucket = &summary->levels[i].bucket;

		if (bucket->events == 0)
			continue; /* it has just ended */
		if (bucket->events < nominal / TRC_SUMMARY_LEAST ||
		    (time - bucket->end) / TRC_SUMMARY_PAUSE <= bucket->end - bucket->begin)
			break;
		if (i == 0)
			collect(summary);
		end_bucket(summary, i);
	}
	if (summary->levels[0].bucket.events == 0)
		summary->levels[0].bucket.begin = summary->levels[0].bucket.end = time;
}

void trc_summary_event(struct trc_summary *summary, const struct trc_event *event)
{
	struct trc_summary_bucket *bucket = &summary->levels[0].bucket;

	if (trc_model_time(summary->model) > bucket->end)
		pause(summary, trc_model_time(summary->model));
	summary->events++;
	bucket->events++;
	bucket->end = trc_model_time(summary->model);
	if (event->kind >= TRC_SPAWN && event->kind != TRC_LOST) {
		note_actor(summary, event);
		if (event->kind == TRC_SEND) {
			bucket->sends++;
			note_depth(summary, event->peer);
		}
	}
	if (bucket->events < TRC_SUMMARY_EVENTS)
		return;
	collect(summary);
	end_bucket(summary, 0);
}

/* --- life ---------------------------------------------------------------------------------------
 */

struct trc_summary *trc_summary_new(const struct trc_model *model, trc_summary_emit *emit,
				    void *context)
{
	struct trc_summary *summary = trc_zalloc(1, sizeof *summary);

	summary->model = model;
	summary->emit = emit;
	summary->context = context;
	summary->first_event = trc_model_events(model);
	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);
		enum trc_doing doing = trc_doing(actor);

		if (doing == TRC_DOING_NOTHING && actor->depth == 0)
			continue;
		track_of(summary, actor->id)->now = (struct trc__figures){
			.actor = actor->id, .doing = (uint8_t)doing, .depth = actor->depth};
	}
	for (unsigned i = 0; i < TRC_SUMMARY_LEVELS; i++) {
		summary->levels[i].bucket.begin = trc_model_time(model);
		summary->levels[i].bucket.end = trc_model_time(model);
		begin_node(summary, i);
	}
	return summary;
}

void trc_summary_free(struct trc_summary *summary)
{
	struct track *track;
	size_t place = 0;

	if (!summary)
		return;
	while ((track = trc_table_next(&summary->tracks, &place)))
		free(track);
	trc_table_clear(&summary->tracks);
	for (unsigned i = 0; i < TRC_SUMMARY_LEVELS; i++) {
		trc__node_free(&summary->levels[i].node);
		free(summary->levels[i].figures);
	}
	free(summary->touched);
	free(summary);
}

void trc_summary_finish(struct trc_summary *summary)
{
	bool whole = false; /* one node holds all there is: further levels would say less of it */

	collect(summary);
	for (unsigned i = 0; i < TRC_SUMMARY_LEVELS && !whole; i++) {
		struct level *level = &summary->levels[i];

		if (level->bucket.events > 0)
			end_bucket(summary, i);
		whole = level->node.first_event == summary->first_event;
		whole = end_node(summary, i) && whole;
		trc__node_begin(&level->node, i, summary->first_event + summary->events,
				level->bucket.end);
	}
}
