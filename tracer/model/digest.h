/*
 * digest.h - what a trace is opened, searched and seen from afar by: keyframes and summaries
 *
 * Fed with every event in causal order. A keyframe divides the trace into chapters: it says how
 * things stand at the chapter's end (a snapshot of the model and of the order), which definitions
 * and actors came up in it, and which messages were sent. Whoever wants to know what happened in a
 * chapter begins with the keyframe before it.
 *
 * Keyframes are TRC_CHAPTER_EVENTS apart, more when much is alive: then eight times as many as
 * there are things in the snapshot, so that snapshots never cost more than a fraction of the
 * events.
 */
#ifndef TRACER_MODEL_DIGEST_H
#define TRACER_MODEL_DIGEST_H

#include "tracer/model/order.h"
#include "tracer/model/summary.h"

enum { TRC_CHAPTER_EVENTS = 1 << 15 };

struct trc_keyframe {
	uint64_t events;   /* applied until here */
	uint64_t messages; /* sent until here */
	uint64_t time;     /* of the last event */
	uint64_t batch;    /* batches that have begun, the present one included */
	/* trc_order_save and then trc_snapshot_encode */
	const uint8_t *state;
	size_t state_size;
	/* Numbers of the messages sent since the last keyframe, as ranges: for each how far it
	 * begins behind the end of the last, and its length. There are some other numbers in the
	 * ranges. */
	const uint8_t *sent;
	size_t sent_size;
	/* See news.h. */
	const uint8_t *news;
	size_t news_size;
};

struct trc_digest;

/* What is told stays good for the call only. */
struct trc_digest_calls {
	void (*keyframe)(const struct trc_keyframe *keyframe, void *context);
	trc_summary_emit *summary;
	void *context;
};

/* Begins with the order and its model as they stand, which are borrowed. `every`: events between
 * keyframes, TRC_CHAPTER_EVENTS but for tests. */
struct trc_digest *trc_digest_new(const struct trc_model *model, const struct trc_order *order,
				  uint64_t messages, size_t every,
				  const struct trc_digest_calls *calls);
void trc_digest_free(struct trc_digest *digest);

/* To be called when the event has been applied (trc_order_visit), and then when all is settled
 * (trc_order_settled). */
void trc_digest_event(struct trc_digest *digest, const struct trc_event *event);
void trc_digest_settled(struct trc_digest *digest);

/* A keyframe is told at once, if there is anything new. Between two batches. */
void trc_digest_divide(struct trc_digest *digest);

/* The trace has ended: a last keyframe, and the rest of the summaries. */
void trc_digest_finish(struct trc_digest *digest);

/* Whether `id` may be among the messages of these ranges. */
bool trc_digest_sent(const uint8_t *sent, size_t size, uint64_t id);

#endif
