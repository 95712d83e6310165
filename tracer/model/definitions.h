/*
 * definitions.h - names of kinds, types and actors, and source lines
 *
 * Written once and never changed, so that a model and all its clones share one set, and pointers
 * into it stay good as long as any of them lives.
 */
#ifndef TRACER_MODEL_DEFINITIONS_H
#define TRACER_MODEL_DEFINITIONS_H

#include "tracer/event/event.h"
#include "tracer/model/model.h"
#include "tracer/model/table.h"

struct trc__definitions {
	unsigned users;
	struct trc_table kinds;     /* char *, the name */
	struct trc_table types;     /* struct trc__type */
	struct trc_table sites;     /* struct trc__site */
	struct trc_table actors;    /* char *, the name, by actor */
	struct trc_table strangers; /* char *, made-up names of actors without SPAWN */
};

struct trc__type {
	size_t size;
	uint8_t payload[]; /* as in TRC_DEF_TYPE, always NUL-terminated; begins with the name */
};

struct trc__site {
	struct trc_site site;
	uint16_t sent_type; /* of the last message sent from here */
	char strings[];
};

struct trc__definitions *trc__definitions_new(void);
struct trc__definitions *trc__definitions_share(struct trc__definitions *definitions);
void trc__definitions_drop(struct trc__definitions *definitions); /* NULL is fine */

/* Takes in a TRC_DEF_*. A number defined before keeps its first meaning. False when the event makes
 * no sense or contradicts an earlier one. */
bool trc__define(struct trc__definitions *definitions, const struct trc_event *event);

/* The name of a new actor, made up from its kind when the program gave none. */
const char *trc__define_actor(struct trc__definitions *definitions, uint64_t actor, uint32_t kind,
			      const uint8_t *name, size_t size);

/* A name for an actor of which nothing is known but its number. */
const char *trc__define_stranger(struct trc__definitions *definitions, uint64_t actor);

const char *trc__kind_name(const struct trc__definitions *definitions, uint32_t kind); /* or NULL */
struct trc__type *trc__type(const struct trc__definitions *definitions, uint16_t type);
struct trc__site *trc__site(const struct trc__definitions *definitions, uint32_t site);

#endif
