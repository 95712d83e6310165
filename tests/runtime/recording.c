#include "tests/runtime/recording.h"

#include "tests/runtime/support.h"
#include "tracer/event/ring.h"
#include "tracer/event/session.h"
#include "tracer/model/order.h"

#include <string.h>

enum { MOST_RINGS = 1024 };

static struct trc_session *session;
static struct trc_ring_reader *readers[MOST_RINGS];

int recording_begin(void **state)
{
	struct trc_session_options options = {
		.ring_bytes = 1 << 22, .payload_limit = 2000, .on_full = TRC_ON_FULL_DROP};

	expect(trc_session_create(&options, &session) == 0);
	expect(setenv(TRC_SESSION_ENV, trc_session_path(session), 1) == 0);
	return 0;
}

int recording_end(void **state)
{
	for (unsigned i = 0; i < MOST_RINGS; i++)
		if (readers[i])
			trc_ring_reader_close(readers[i]);
	trc_session_close(session);
	return 0;
}

static void append(struct recording *recording, unsigned ring, const struct trc_event *event)
{
	struct recorded *last;
	uint8_t *payload = NULL;

	if (recording->count == recording->room) {
		recording->room = recording->room ? 2 * recording->room : 1024;
		recording->events =
			realloc(recording->events, recording->room * sizeof(*recording->events));
		expect(recording->events);
	}
	if (event->payload_size) {
		payload = malloc(event->payload_size);
		expect(payload);
		memcpy(payload, event->payload, event->payload_size);
	}
	last = &recording->events[recording->count++];
	*last = (struct recorded){ring, *event};
	last->event.payload = payload;
}

struct recording recording_take(void)
{
	struct recording recording = {0};
	struct trc_event event;

	for (unsigned i = 0; i < trc_session_ring_count(session); i++) {
		expect(i < MOST_RINGS);
		if (!readers[i])
			expect(trc_ring_reader_open(session, i, &readers[i]) == 0);
		trc_ring_reader_sync(readers[i]);
		while (trc_ring_next(readers[i], &event))
			append(&recording, i, &event);
		trc_ring_reader_release(readers[i]);
	}
	return recording;
}

void recording_free(struct recording *recording)
{
	for (size_t i = 0; i < recording->count; i++)
		free((void *)recording->events[i].event.payload);
	free(recording->events);
	*recording = (struct recording){0};
}

void recording_check(const struct recording *recording)
{
	struct trc_model *model = trc_model_new();
	struct trc_order *order = trc_order_new(model, NULL, NULL);
	size_t actors;

	for (size_t i = 0; i < recording->count; i++) {
		expect(recording->events[i].event.kind != TRC_LOST);
		trc_order_push(order, recording->events[i].ring, &recording->events[i].event);
	}
	trc_order_drain(order, false);
	expect(trc_order_pending(order) == 0);
	expect(trc_model_events(model) == recording->count);
	expect(trc_model_anomalies(model) == 0);
	actors = trc_model_actor_count(model);
	expect(actors > 0);
	for (size_t i = 0; i < actors; i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		expect(actor->state == TRC_ENDED);
		expect(actor->depth == 0);
		expect(actor->handle_count == 0);
	}
	trc_order_free(order);
	trc_model_free(model);
}

void recording_forget(void)
{
	struct recording recording = recording_take();

	recording_free(&recording);
}

struct recording recording_of(const struct act_options *options,
			      void (*body)(struct act_self *self))
{
	recording_forget();
	run_body(options, body);
	return recording_take();
}

void run_checked(const struct act_options *options, void (*body)(struct act_self *self))
{
	struct recording recording = recording_of(options, body);

	recording_check(&recording);
	recording_free(&recording);
}
