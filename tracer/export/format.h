/*
 * format.h - what a format is made of, and what formats have in common; for tracer/export only
 *
 * A format is one struct of functions. It gets the events that the options let through, or
 * whole messages once nothing more can happen to them (message-log.h), or both.
 */
#ifndef TRACER_EXPORT_FORMAT_H
#define TRACER_EXPORT_FORMAT_H

#include "tracer/export/export.h"
#include "tracer/export/message-log.h"
#include "tracer/model/table.h"

struct trc_export_format {
	const char *name;
	const char *description;
	size_t state_size; /* of the format's own memory, zeroed at first */
	bool everything;   /* wants the events that the options leave out, too */

	/* Any of these may be NULL. */
	void (*begin)(struct trc_export *export);
	void (*before)(struct trc_export *export, const struct trc_event *event);
	void (*after)(struct trc_export *export, const struct trc_event *event);
	void (*message)(struct trc_export *export, const struct trc__export_message *message);
	void (*end)(struct trc_export *export);
	void (*clear)(struct trc_export *export); /* frees what its state holds */
};

struct trc_export {
	const struct trc_export_format *format;
	struct trc_export_options options;
	const struct trc_model *model;
	FILE *file;
	void *state;
	bool stopped;  /* set by the format: nothing more is wanted */
	char *note;    /* made by the format at the end; NULL: nothing was left out */
	uint64_t last; /* time of the last event seen, within the range */
	struct trc__message_log *messages;
	struct trc_table actors; /* number by id */
	uint32_t actor_count;
};

/* A number for an actor, in order of first use, from 1. 0 is the outside. */
uint32_t trc__export_actor(struct trc_export *export, uint64_t actor);

/* Whether the options ask for such an actor. */
bool trc__export_wants_actor(const struct trc_export *export, uint64_t actor);

/* The actor on the other side of an event, as it is before the event; 0: none, or outside. */
uint64_t trc__export_peer(const struct trc_export *export, const struct trc_event *event);

/* The payload of a message or reply of this type as text or JSON, to be freed. Type 0 is a reply
 * without a value. */
char *trc__export_payload(const struct trc_model *model, uint16_t type, const uint8_t *payload,
			  size_t size, bool cut, bool json);

/* --- text.c: names and texts from a trace, as each format can bear them -------------------------
 */

/* Bytes of the whole, valid UTF-8 character at `text`, which ends with a NUL; 0 when there is
 * none. */
unsigned trc__utf8_length(const char *text);

/* With quotation marks. What is not UTF-8 becomes U+FFFD. */
void trc__write_json(FILE *file, const char *text);
void trc__write_csv(FILE *file, const char *text);
void trc__write_dot(FILE *file, const char *text);

/* Without. At most `max` characters, then an ellipsis. */
void trc__write_mermaid(FILE *file, const char *text, unsigned max);

/* One line: control characters become spaces. */
void trc__write_line(FILE *file, const char *text);

/* Letters, digits, '.', '_' and '-'; all else becomes '_'. */
void trc__write_word(FILE *file, const char *text);

extern const struct trc_export_format trc__format_chrome, trc__format_csv, trc__format_dot,
	trc__format_mermaid, trc__format_otlp, trc__format_shiviz;

#endif
