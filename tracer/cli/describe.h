/*
 * describe.h - one event in words, as `show` prints it
 */
#ifndef TRACER_CLI_DESCRIBE_H
#define TRACER_CLI_DESCRIBE_H

#include "tracer/cli/json.h"
#include "tracer/model/model.h"

#include <stdbool.h>

/* What an event is about, looked up in the model as it is just before the event. */
struct trc_about {
	const struct trc_event *event;
	const struct trc_model *model;
	const struct trc_message *message; /* RECEIVE, DONE, DISCARD; or NULL */
	const struct trc_token *token;     /* REPLY, TOKEN_*; or NULL */
	uint64_t peer;                     /* the other actor, 0: none */
	uint16_t type;                     /* of the message, 0: none */
	unsigned columns;                  /* of a message's text, at most; 0: as long as it is */
};

void trc_about_init(struct trc_about *about, const struct trc_model *model,
		    const struct trc_event *event);

/* One line without a newline, to be freed: `Say{text:"hi"} to room "lobby"`. Control characters are
 * escaped. */
char *trc_describe(const struct trc_about *about);

/* The same for programs. */
json_t *trc_describe_json(const struct trc_about *about);

/* The name of the actor that a SPAWN is about, which is not in the model yet; to be freed. */
char *trc_spawned_name(const struct trc_about *about);

/* Columns are characters, not bytes. */
enum { TRC_COLUMNS_MAX = 60 };

/* The columns that trc_print_column() needs for a text. */
unsigned trc_columns(const char *text);

/* Prints a text to stdout, filled up to so many columns. One of more than TRC_COLUMNS_MAX is cut.
 */
void trc_print_column(const char *text, unsigned columns);

#endif
