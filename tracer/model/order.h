/*
 * order.h - from the rings' streams to one causal order
 *
 * Each ring is in order by itself; between rings, time stamps can be a little wrong and a batch may
 * hold a RECEIVE whose SEND comes in the next one. Events are pushed ring by ring in batches,
 * exactly as the recorder stored them; trc_order_drain() applies all that is ready to the model,
 * earliest first, and keeps the rest for the next batch. The same batches give the same order, live
 * and later.
 */
#ifndef TRACER_MODEL_ORDER_H
#define TRACER_MODEL_ORDER_H

#include "tracer/model/bytes.h"
#include "tracer/model/model.h"

struct trc_order;

/* Called after `event` has been applied to the model. */
typedef void trc_order_visit(const struct trc_event *event, void *context);

/* Both are borrowed. `visit` may be NULL. */
struct trc_order *trc_order_new(struct trc_model *model, trc_order_visit *visit, void *context);
void trc_order_free(struct trc_order *order);

/* `before` is called, with the same context, when an event is next but not applied yet. */
void trc_order_before(struct trc_order *order, trc_order_visit *before);

/* Adds an event to the end of a ring's stream. Copies it with its payload. */
void trc_order_push(struct trc_order *order, unsigned ring, const struct trc_event *event);

/* So many further events of this ring belong to the present batch, too. They need not be pushed
 * before `refill`, given to trc_order_refill(), is called for the ring; it pushes one or more of
 * them. So a batch need not be in memory as a whole. */
void trc_order_promise(struct trc_order *order, unsigned ring, uint64_t count);
typedef void trc_order_refiller(unsigned ring, void *context);
void trc_order_refill(struct trc_order *order, trc_order_refiller *refill);

/* The batch is complete: applies what is ready. With `last`, applies everything: what never became
 * ready (because of a gap) is applied in order of time. */
void trc_order_drain(struct trc_order *order, bool last);

/* The same without `last`, but it pauses before the first event later than `until`. False: it has
 * paused; it goes on when called again, with a later time, before anything else is done. */
bool trc_order_drain_until(struct trc_order *order, uint64_t until);

/* From within `visit`: applies no further events; nothing can be done with the order any more. */
void trc_order_stop(struct trc_order *order);

/* The ring of the event that is being visited; good within `visit` only. */
unsigned trc_order_ring(const struct trc_order *order);

/* Events kept back for later batches. */
size_t trc_order_pending(const struct trc_order *order);

/* --- going on from somewhere in the middle ------------------------------------------------------
 */

/* `settled` is called, with the same context, between two events: there, and between two batches,
 * an order can be saved. It is not called while the last batch is drained with `last`. */
void trc_order_settled(struct trc_order *order, void (*settled)(void *context));

/* Writes where each ring stands; the model is to be saved with it (snapshot.h). */
void trc_order_save(const struct trc_order *order, struct trc_bytes *bytes);

/* Restores a new order, whose model has been restored. `place` is called for each ring that has
 * events waiting; it pushes the last `count` ones of the batches up to the present one, or some of
 * them and promises the rest, with trc_order_push_of(). False when the bytes are damaged. Then go
 * on with trc_order_drain(). */
typedef void trc_order_placer(unsigned ring, uint64_t count, void *context);
bool trc_order_restore(struct trc_order *order, struct trc_input *input, trc_order_placer *place,
		       void *context);

/* As trc_order_push, with the number of the batch the event came in: 0 for the first. */
void trc_order_push_of(struct trc_order *order, uint64_t batch, unsigned ring,
		       const struct trc_event *event);

/* How many batches have begun. */
uint64_t trc_order_batches(const struct trc_order *order);

#endif
