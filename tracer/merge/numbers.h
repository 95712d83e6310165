/*
 * numbers.h - what the numbers of one trace become in the merged one
 *
 * Each trace counts its actors, messages, tokens, kinds, types and source lines for itself. Actors,
 * messages and tokens are moved by a distance, so that those of two traces do not meet; kinds,
 * types and source lines that are the same in two traces get one number.
 */
#ifndef TRACER_MERGE_NUMBERS_H
#define TRACER_MERGE_NUMBERS_H

#include "tracer/event/event.h"

/* Kinds, types and source lines of all traces together. */
struct trc_definitions;

struct trc_definitions *trc_definitions_new(void);
void trc_definitions_free(struct trc_definitions *definitions);

/* The numbers of one trace. */
struct trc_numbers;

struct trc_numbers *trc_numbers_new(struct trc_definitions *definitions); /* borrowed */
void trc_numbers_free(struct trc_numbers *numbers);

/* Every event of the trace, before any is renumbered: which numbers there are, and what they mean.
 */
void trc_numbers_learn(struct trc_numbers *numbers, const struct trc_event *event);

/* Where the numbers go: behind those of `before` (NULL: they stay). 0, or -EOVERFLOW when there is
 * no room for them behind. */
int trc_numbers_place(struct trc_numbers *numbers, const struct trc_numbers *before);

/* Renumbers an event and moves its times by `shift`. Its payload becomes a copy that lives until
 * the next call. False: a kind of event that is unknown here, whose numbers cannot be told. */
bool trc_numbers_apply(struct trc_numbers *numbers, uint64_t shift, struct trc_event *event);

/* Whether there were more types than numbers for them; the others all have number 0, "no type". */
bool trc_definitions_full(const struct trc_definitions *definitions);

#endif
