/*
 * finding-story.h - what there is to tell of a finding, for whoever prints it
 *
 * The terminal, Markdown and SARIF tell one story; each lays it out in its own way. All texts are
 * one line without a newline, never NULL, and may hold any character that an actor's name, a
 * payload or a path may hold: who prints them escapes what his format needs escaped.
 */
#ifndef TRACER_ANALYSIS_FINDING_STORY_H
#define TRACER_ANALYSIS_FINDING_STORY_H

#include "tracer/analysis/finding.h"

enum {
	TRC_STORY_ROWS = 12, /* rows of a ring that are told; the rest is counted */
	TRC_STORY_NOTES = 6,
};

/* One arrow; or all those from an idle actor to who has handles to it. */
struct trc_story_row {
	unsigned edge; /* the first of these in finding->edges */
	char *actor;   /* `room "lobby"` */
	char *waiting; /* `waits for space in connection "slow"'s mailbox (100 of 100)` */
	char *since;   /* `since 2.101 s` */
	char *place;   /* `room.c:41 in deliver()`; "" when unknown */
	char *doing;   /* `to send Frame, while it handles Say{id:1, text:"hi"}`; "" when unknown */
	char *origin;  /* how the message it handles came about; "" when unknown */
};

struct trc_story {
	char *verdict; /* `predicted, likely but for missing events` */
	char *when;    /* `since 3.214 s it could not be avoided any more`; "" of a prediction */
	unsigned row_count;
	struct trc_story_row *rows;
	unsigned rows_left; /* rows that are left out */
	unsigned note_count;
	char *notes[TRC_STORY_NOTES]; /* how it came about, what it needs, who else is stuck */
	unsigned proof_count;
	char **proofs; /* the events that refute it: `884.164 us  a "A" sent Ping to b "B"  t.c:7`
			*/
	const char *cure; /* what usually helps; NULL when nothing is to be cured */
};

void trc_story_init(struct trc_story *story, const struct trc_finding *finding);
void trc_story_clear(struct trc_story *story);

/* A time as stories tell it; for tracer/analysis only. */
char *trc__time_text(uint64_t time);

#endif
