/*
 * snapshot.h - a model's whole state as bytes, and back
 *
 * What is alive, and nothing else: the size does not grow with the time that has gone by. Left out
 * are actors that have ended and to whom nobody has a handle any more, and all names: kinds, types,
 * sites and names of actors are definitions, which have to be known before (trc_model_learn, or a
 * model that shares them). The bytes are described in docs/trace-format.md.
 */
#ifndef TRACER_MODEL_SNAPSHOT_H
#define TRACER_MODEL_SNAPSHOT_H

#include "tracer/model/bytes.h"
#include "tracer/model/model.h"

void trc_snapshot_encode(const struct trc_model *model, struct trc_bytes *bytes);

/* How much there is in it: actors, messages, tokens. Its bytes and the time to restore it grow with
 * this. */
size_t trc_snapshot_weight(const struct trc_model *model);

/* Restores into a model that has learned definitions at most. False when the bytes are damaged; the
 * model is then good for nothing but trc_model_free. */
bool trc_snapshot_decode(struct trc_input *input, struct trc_model *model);

/* A model without any state that shares the definitions of `model`. */
struct trc_model *trc_model_new_like(const struct trc_model *model);

/* Takes in what is worth knowing of an event apart from what it does to the state: definitions,
 * names, what is sent from a site; and who ever lived, with when and why he ended. Actors that are
 * only known from here have ended. */
void trc_model_learn(struct trc_model *model, const struct trc_event *event);

#endif
