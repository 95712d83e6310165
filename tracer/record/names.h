/*
 * names.h - what there was in a recorded program, by name: for people whose filter matched nothing
 */
#ifndef TRACER_RECORD_NAMES_H
#define TRACER_RECORD_NAMES_H

#include "tracer/event/event.h"

struct trc_names;

struct trc_names *trc_names_new(void);
void trc_names_free(struct trc_names *names); /* NULL is fine */

/* Takes notice of kinds, message types and actors; of anything else, nothing. */
void trc_names_note(struct trc_names *names, const struct trc_event *event);

/* What `rule`, a line of filters, may have meant: "there are message types Tick and Tack". To be
 * freed. Empty when every name in it is that of something. */
char *trc_names_near(const struct trc_names *names, const char *rule);

#endif
