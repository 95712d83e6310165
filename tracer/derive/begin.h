/*
 * begin.h - how things stand where a trace begins
 *
 * Most traces begin with nothing. One that has let go of its oldest events (window.h) begins with a
 * keyframe: the model as it was then, and the merging of the rings.
 */
#ifndef TRACER_DERIVE_BEGIN_H
#define TRACER_DERIVE_BEGIN_H

#include "tracer/model/order.h"
#include "tracer/store/store.h"

/* From where to go on. All 0: at the very beginning. */
struct trc_beginning {
	size_t segment;    /* the next to be pushed: index in the store */
	uint64_t number;   /* of the last segment before it */
	uint64_t batch;    /* that has begun, and is to be drained first */
	uint64_t events;   /* in the whole trace, up to the end of that batch */
	uint64_t messages; /* that were sent before */
};

/* Hears the events that tell names (tracer/model/news.h), before the model is restored. */
typedef void trc_begin_name(const struct trc_event *event, void *context);

/*
 * Brings `model` and `order`, both new, to where `trace`, a store for reading, begins: nothing is
 * done to them when that is the very beginning. Go on with trc_order_drain(), then with the
 * segments from `ret_beginning->segment` on, batch by batch. `name` may be NULL. 0, or -errno.
 */
int trc_begin(struct trc_store *trace, struct trc_model *model, struct trc_order *order,
	      trc_begin_name *name, void *context, struct trc_beginning *ret_beginning,
	      struct trc_error *ret_error);

/* The same, but to the last keyframe that such a trace has: what was before is of no interest. */
int trc_begin_late(struct trc_store *trace, struct trc_model *model, struct trc_order *order,
		   struct trc_beginning *ret_beginning, struct trc_error *ret_error);

#endif
