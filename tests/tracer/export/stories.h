/*
 * stories.h - small programs that are exported
 */
#ifndef TESTS_TRACER_EXPORT_STORIES_H
#define TESTS_TRACER_EXPORT_STORIES_H

#include "tests/support/trace-builder.h"
#include "tracer/export/export.h"

typedef void story(struct tb *tb);

/* An ask within an ask, a wait for space, a note, a deadlock. */
void story_small(struct tb *tb);

/* Names and texts that each format has to escape. */
#define HOSTILE "=a\"b\\c\n\x1b[31m;#%%<script>&\xff\xc3\xa9 end\r\n}],\\N"
void story_hostile(struct tb *tb);

/* Many messages; many actors. */
void story_long(struct tb *tb);
void story_crowd(struct tb *tb);

/* Events that nobody would write, others for each seed. */
extern unsigned story_seed;
void story_nonsense(struct tb *tb);

/* Options that choose everything. */
struct trc_export_options story_whole(void);

/* A story in a format, to be freed; `ret_note` (may be NULL) likewise. */
char *story_exported(const char *format, story *tell, const struct trc_export_options *options,
		     char **ret_note);

#endif
