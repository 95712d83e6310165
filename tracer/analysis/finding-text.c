/*
 * finding-text.c - a finding as a short story for a tired person at a terminal
 *
 *  deadlock  certain  room "lobby" and connection "slow" wait for each other  [1f2e3d4c5b6a7988]
 *    since 3.214 s it could not be avoided any more
 *    room "lobby"       waits for space in connection "slow"'s mailbox (100 of 100)  since 2.101 s
 *                       to send Frame, while it handles Say{id:1, text:"hi"}
 *                       Say came from connection "ann" (connection.c:61), because of Text from ...
 *    connection "slow"  waits for space in room "lobby"'s mailbox (100 of 100)       since 3.214 s
 *                       to send Leave, while it handles HungUp
 *    first room "lobby" waited (2.101 s), and at 3.214 s connection "slow" closed the ring
 *    also stuck because of it: 5 actors (connection "ann", ...)
 *    cure: ...
 *
 * Below the reason of a refuted one stand the events that prove it, each with its time and place.
 *
 * and at the end of each arrow its source line.
 */
#include "tracer/analysis/finding-story.h"

#include "tracer/model/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 4 };

/* The first line of an arrow; what the actor is doing stands below. */
static const char *cell(const struct trc_story_row *row, unsigned column)
{
	const char *cells[COLUMNS] = {row->actor, row->waiting, row->since, row->place};

	return cells[column];
}

/* Characters, not bytes. */
static size_t width(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void add_row(struct trc_text *text, const struct trc_story_row *row, const size_t *widths)
{
	trc_text_add(text, "  ");
	for (unsigned c = 0; c < COLUMNS; c++) {
		size_t padding = widths[c] - width(cell(row, c));
		bool last = c + 1 == COLUMNS || cell(row, c + 1)[0] == '\0';

		trc_text_add(text, "%s%*s", cell(row, c), last ? 0 : (int)padding + 2, "");
	}
	trc_text_add(text, "\n");
	if (row->doing[0])
		trc_text_add(text, "  %*s%s\n", (int)widths[0] + 2, "", row->doing);
	if (row->origin[0])
		trc_text_add(text, "  %*s%s\n", (int)widths[0] + 2, "", row->origin);
}

static void add_rows(struct trc_text *text, const struct trc_story *story)
{
	size_t widths[COLUMNS] = {0};

	for (unsigned i = 0; i < story->row_count; i++)
		for (unsigned c = 0; c < COLUMNS; c++) {
			size_t wide = width(cell(&story->rows[i], c));

			widths[c] = wide > widths[c] ? wide : widths[c];
		}
	for (unsigned i = 0; i < story->row_count; i++)
		add_row(text, &story->rows[i], widths);
	if (story->rows_left)
		trc_text_add(text, "  ... and %u more\n", story->rows_left);
}

char *trc_finding_text(const struct trc_finding *finding)
{
	struct trc_story story;
	struct trc_text text = {0};

	trc_story_init(&story, finding);
	trc_text_add(&text, "%s  ", trc_code_name(finding->code));
	if (finding->code != TRC_CODE_REFUTED)
		trc_text_add(&text, "%s  ", story.verdict);
	trc_text_add(&text, "%s  [%s]\n", finding->title, finding->fingerprint);
	if (story.when[0])
		trc_text_add(&text, "  %s\n", story.when);
	add_rows(&text, &story);
	for (unsigned i = 0; i < story.note_count; i++)
		trc_text_add(&text, "  %s\n", story.notes[i]);
	for (unsigned i = 0; i < story.proof_count; i++)
		trc_text_add(&text, "    %s\n", story.proofs[i]);
	if (story.cure)
		trc_text_add(&text, "  cure: %s\n", story.cure);
	trc_story_clear(&story);
	return text.data;
}
