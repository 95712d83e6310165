/*
 * effects.c - what follows from what
 *
 * In each run the difference of an actor is a point of its life. From there on it carries the
 * difference's label, and so does whatever comes from it: messages give the label to who receives
 * them, replies to who waits for them, spawning to who is spawned, an end to who waits for that,
 * dropping the last handle to who ends by it. An actor keeps the first label it gets. When an actor
 * that has one comes to its own difference, that follows from the labelled one, in this run. Having
 * waited for space is no effect: it changes when something is done, not what.
 */
#include "tracer/compare/compare-private.h"

#include "tracer/model/memory.h"

static void *as_value(size_t label)
{
	return (void *)(uintptr_t)label;
}

static size_t take_label(struct trc_table *labels, uint64_t message)
{
	return (size_t)(uintptr_t)trc_table_take(labels, message);
}

static void get_label(struct trc__part *part, size_t label)
{
	if (part->label == 0)
		part->label = label;
}

static struct trc__part *part_of(struct trc__reader *reader, uint64_t actor)
{
	struct trc__seat *seat = trc__reader_seat(reader, actor);

	return seat ? &seat->parts[reader->run] : NULL;
}

/* --- before the step ----------------------------------------------------------------------------
 */

/* A wait that ends because an actor ended is that one's effect; one that ends otherwise than by
 * what it was for is an effect of who should have acted. */
static void wake(struct trc__reader *reader, const struct trc_event *event, struct trc__part *part)
{
	bool met = event->type == TRC_WAKE_MET;

	for (size_t i = 0; i < part->target_count; i++) {
		const struct trc_target *target = &part->targets[i];
		struct trc__part *awaited =
			part_of(reader, met && target->what == TRC_WHAT_END ? target->object
					: met                               ? 0
									    : target->peer);

		if (awaited)
			get_label(part, awaited->label);
	}
}

static void end_wait(struct trc__reader *reader, const struct trc_event *event,
		     struct trc__part *part, bool counts)
{
	uint64_t length = event->time - part->wait_since;

	wake(reader, event, part);
	if (part->target_count > 0 && counts && event->time >= part->wait_since) {
		part->waits.total += length;
		if (length >= part->waits.longest) {
			part->waits.longest = length;
			part->waits.begin = part->wait_since;
			part->waits.what = (uint16_t)part->targets[0].what;
			part->waits.peer = part->targets[0].peer;
		}
	}
	part->target_count = 0;
}

/* A mailbox is full, or an actor has ended, by what its owner did. */
static void refused(struct trc__reader *reader, const struct trc_event *event,
		    struct trc__part *part)
{
	struct trc__part *owner = part_of(reader, event->peer);

	if (owner)
		get_label(part, owner->label);
}

/* What has an effect on an actor with this event of its own. */
static void arrive(struct trc__reader *reader, const struct trc_event *event,
		   const struct trc__seat *seat, struct trc__part *part)
{
	switch (event->kind) {
	case TRC_WAKE:
		get_label(part, part->pending);
		end_wait(reader, event, part, part->count < seat->equal);
		break;
	case TRC_DONE:
		get_label(part, part->pending);
		break;
	case TRC_RECEIVE:
		get_label(part, take_label(&reader->labels, event->id));
		break;
	case TRC_DISCARD:
		take_label(&reader->labels, event->id);
		break;
	case TRC_REFUSED:
		refused(reader, event, part);
		break;
	case TRC_END:
		if (event->type == TRC_END_UNREACHABLE)
			get_label(part, part->dropped);
		break;
	default:
		break;
	}
}

/* --- the step -----------------------------------------------------------------------------------
 */

static void meet_difference(struct trc__reader *reader, const struct trc_event *event,
			    struct trc__seat *seat, const struct trc__step *step)
{
	struct trc__part *part = &seat->parts[reader->run];
	struct trc__difference *difference = &reader->comparison->items[seat->difference];

	difference->because[reader->run] = part->label;
	difference->steps[reader->run] = *step;
	difference->steps[reader->run].step.text =
		trc__step_text(reader->model, event, step, TRC__TEXT_SHORT);
	difference->steps[reader->run].brief =
		trc__step_text(reader->model, event, step, TRC__TEXT_BRIEF);
	difference->steps[reader->run].all =
		trc__step_text(reader->model, event, step, TRC__TEXT_ALL);
	difference->public.has[reader->run] = true;
	get_label(part, seat->difference + 1);
}

static void take_step(struct trc__reader *reader, const struct trc_event *event,
		      struct trc__seat *seat, const struct trc__step *step)
{
	struct trc__part *part = &seat->parts[reader->run];
	size_t number = (size_t)(seat - reader->comparison->seated);
	uint64_t count = part->count++;

	if (!reader->comparison->seats.paired[number])
		return;
	if (count < seat->equal) {
		trc__milestones_add(&reader->comparison->times[reader->run], number, count,
				    event->time);
		return;
	}
	if (count == seat->equal)
		meet_difference(reader, event, seat, step);
	trc__trail_add(&reader->comparison->trails[reader->run], number, step->digest, event->time);
	if (part->window_count < TRC__WINDOW)
		part->window[part->window_count++] = step->digest;
}

/* --- after it -----------------------------------------------------------------------------------
 */

/* Of those without their like, the first of a kind tells what they follow from. */
static void meet_stranger(struct trc__reader *reader, const struct trc_event *event,
			  struct trc__seat *seat, size_t label)
{
	struct trc__difference *difference;

	if (seat->difference == TRC__NOBODY)
		return;
	difference = &reader->comparison->items[seat->difference];
	if (difference->public.kind != TRC_DIFFERENT_ACTORS ||
	    difference->public.actors[reader->run] != event->id)
		return;
	difference->because[reader->run] = label;
	difference->steps[reader->run].step.event = trc_model_events(reader->model);
	difference->public.times[reader->run] = event->time;
}

static void spawned(struct trc__reader *reader, const struct trc_event *event, size_t label)
{
	struct trc__seat *seat = trc__reader_seat(reader, event->id);
	struct trc__part *part = seat ? &seat->parts[reader->run] : NULL;

	if (!part)
		return;
	meet_stranger(reader, event, seat, label);
	if (label)
		get_label(part, label);
	else if (seat->difference != TRC__NOBODY &&
		 !reader->comparison->seats.paired[seat - reader->comparison->seated])
		get_label(part, seat->difference + 1);
}

/* What an actor with a label gives it to. */
static void hand_on(struct trc__reader *reader, const struct trc_event *event, size_t label)
{
	struct trc__part *other;

	switch (event->kind) {
	case TRC_SEND:
		if (event->id)
			trc_table_put(&reader->labels, event->id, as_value(label));
		break;
	case TRC_REPLY:
	case TRC_TOKEN_DROP:
		other = part_of(reader, event->peer);
		if (other && other->pending == 0)
			other->pending = label;
		break;
	case TRC_HANDLE_DROP:
		other = part_of(reader, event->id);
		if (other)
			other->dropped = label;
		break;
	default:
		break;
	}
}

void trc__visit_for_effects(struct trc__reader *reader, const struct trc_event *event)
{
	struct trc__seat *seat = trc__reader_seat(reader, event->actor);
	struct trc__part *part = seat ? &seat->parts[reader->run] : NULL;
	struct trc__step step;
	bool is_step;

	if (!part) {
		if (event->kind == TRC_SPAWN)
			spawned(reader, event, 0);
		return;
	}
	is_step = trc__reader_step(reader, event, part, &step);
	arrive(reader, event, seat, part);
	if (is_step)
		take_step(reader, event, seat, &step);
	if (event->kind == TRC_SPAWN)
		spawned(reader, event, part->label);
	else if (part->label)
		hand_on(reader, event, part->label);
}

void trc__reader_clear(struct trc__reader *reader)
{
	trc__stepper_clear(&reader->stepper);
	trc_table_clear(&reader->labels);
}
