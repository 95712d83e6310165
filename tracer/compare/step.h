/*
 * step.h - what of an actor's events is a step, and when two of them are the same; for
 * tracer/compare only
 *
 * A step is what the program decided. Two steps are the same when their digests are: 64 bits made
 * of all that counts, with actors by their seats (which both runs share) and types by their names
 * (whose numbers are each run's own). Tokens count as there or not. A text that is the name of an
 * actor which the other run calls otherwise counts as that actor: addresses are new in each run.
 */
#ifndef TRACER_COMPARE_STEP_H
#define TRACER_COMPARE_STEP_H

#include "tracer/compare/seats.h"

/* What a step can be told by, of one run. */
struct trc__stepper {
	const struct trc__seats *seats;
	enum trc_run run;
	bool ignore_payload;
	uint64_t *types; /* digests of their names, by number; 0: not known yet */
	uint64_t cut;    /* payloads met that were */
};

struct trc__step {
	struct trc_step step;
	uint64_t digest;
	uint64_t shape; /* the same without the payload */
	/* Its words with as good as all of its payload, and with none that is long; NULL until
	 * asked for. */
	char *all, *brief;
};

void trc__stepper_init(struct trc__stepper *stepper, enum trc_run run,
		       const struct trc__seats *seats, bool ignore_payload);
void trc__stepper_clear(struct trc__stepper *stepper);

/* Reads the step that `event`, just applied to `model`, is; without its text. `choice` is, for a
 * WAKE, which of several targets ended the wait, from 1. False: it is none. */
bool trc__step_read(struct trc__stepper *stepper, const struct trc_model *model,
		    const struct trc_event *event, unsigned choice, struct trc__step *ret_step);

/* Its words, with so many bytes of what is in it, of TRC__TEXT_BRIEF all or none; to be freed. Of
 * the same event and model. */
enum { TRC__TEXT_BRIEF = 40, TRC__TEXT_SHORT = 100, TRC__TEXT_ALL = 4000 };
char *trc__step_text(const struct trc_model *model, const struct trc_event *event,
		     const struct trc__step *step, size_t size);

/* A digest of bytes; and of a text in a payload, which is never 0. */
uint64_t trc__digest(const void *bytes, size_t size);
uint64_t trc__name_digest(const void *text, size_t size);

#endif
