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

/* The batch is complete: applies what is ready. With `last`, applies everything: what never became
 * ready (because of a gap) is applied in order of time. */
void trc_order_drain(struct trc_order *order, bool last);

/* The ring of the event that is being visited; good within `visit` only. */
unsigned trc_order_ring(const struct trc_order *order);

/* Events kept back for later batches. */
size_t trc_order_pending(const struct trc_order *order);

#endif
