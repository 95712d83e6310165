/*
 * news.h - the events that tell names, kept apart from the others
 *
 * Definitions, SPAWN, END, and the first SEND of each type from each site. Each keyframe has those
 * that came up since the last one, so that names are known without reading all events. A trace
 * that lets go of its beginning folds the news of that into the keyframe with which it begins.
 */
#ifndef TRACER_MODEL_NEWS_H
#define TRACER_MODEL_NEWS_H

#include "tracer/event/event.h"
#include "tracer/model/bytes.h"
#include "tracer/model/model.h"

/* Whether an event is news, but for a SEND, of which only the first is. */
bool trc_news_is(const struct trc_event *event);

/* Adds an event; of a SEND no payload. */
void trc_news_put(struct trc_bytes *news, const struct trc_event *event);

/* Calls `visit` for each event, which is good during the call. False when the bytes are damaged. */
bool trc_news_each(const uint8_t *news, size_t size,
		   void (*visit)(const struct trc_event *event, void *context), void *context);

/* Has the model learn them (trc_model_learn). False when the bytes are damaged. */
bool trc_news_learn(const uint8_t *news, size_t size, struct trc_model *model);

/*
 * Of the news of a beginning that is let go: what is known by name in `model`, which has learned
 * them and then been restored to how things stood there (snapshot.h): all definitions, and the
 * actors that are there or that something there speaks of. Each is told once. False when the bytes
 * are damaged.
 */
bool trc_news_fold(const uint8_t *news, size_t size, const struct trc_model *model,
		   struct trc_bytes *ret_news);

#endif
