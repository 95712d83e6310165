/*
 * finding-story.c - a finding in sentences
 */
#include "tracer/analysis/finding-story.h"

#include "tracer/analysis/cures.h"
#include "tracer/analysis/evidence.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	NAMES_MAX = 6,   /* victims that are named */
	HOLDERS_MAX = 3, /* of handles to an idle actor */
	DOING_MAX = 64,  /* bytes of a message */
};

char *trc__time_text(uint64_t time)
{
	if (time < 1000)
		return trc_format("%" PRIu64 " ns", time);
	if (time >= 1000000000)
		return trc_format("%.3f s", (double)time / 1e9);
	if (time >= 1000000)
		return trc_format("%.3f ms", (double)time / 1e6);
	return trc_format("%.3f us", (double)time / 1e3);
}

/* At most `max` bytes, cut between characters. */
static int cut_length(const char *text, int max)
{
	size_t length = strlen(text);

	if (length <= (size_t)max)
		return (int)length;
	length = (size_t)max;
	while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	return (int)length;
}

static char *place_text(const struct trc_edge *edge)
{
	if (edge->line == 0)
		return trc_strdup("");
	return trc_format("%s:%" PRIu32 " in %s()", trc__base_name(edge->file), edge->line,
			  edge->function);
}

/* --- one arrow ----------------------------------------------------------------------------------
 */

static bool is_certain(const struct trc_finding *finding)
{
	return finding->code == TRC_CODE_DEADLOCK || finding->code == TRC_CODE_ORPHAN_WAIT;
}

/* Not foretold. A ring that its deadline did end has nothing that says how it could come to be. */
static bool has_happened(const struct trc_finding *finding)
{
	return is_certain(finding) || finding->code == TRC_CODE_STALL ||
	       (finding->code == TRC_CODE_DEADLINE_CYCLE && !finding->reason[0]);
}

/* Whether both are targets of one wait. */
static bool same_wait(const struct trc_finding *finding, const struct trc_edge *edge,
		      const struct trc_edge *next)
{
	return is_certain(finding) && edge->from == next->from && edge->since == next->since &&
	       edge->what != TRC_WHAT_MESSAGE && next->what != TRC_WHAT_MESSAGE;
}

/* What the actor is doing while it waits: the second line of an arrow. */
static char *doing_text(const struct trc_edge *edge)
{
	const char *sending = edge->sending_text ? edge->sending_text : edge->sending;
	int length = cut_length(edge->doing, DOING_MAX), sent = cut_length(sending, DOING_MAX);
	bool started = strcmp(edge->doing, "start") == 0;
	struct trc_text text = {0};

	if (sending[0])
		trc_text_add(&text, "%s %.*s%s%s",
			     edge->what == TRC_WHAT_SPACE ? "to send" : "asked", sent, sending,
			     sending[sent] ? "..." : "", edge->doing[0] ? ", " : "");
	if (started)
		trc_text_add(&text, "in its start handler");
	else if (edge->doing[0])
		trc_text_add(&text, "while it handles %.*s%s", length, edge->doing,
			     edge->doing[length] ? "..." : "");
	return text.data ? text.data : trc_strdup("");
}

/* One idle actor, and everybody who has a handle to it. */
static bool same_row(const struct trc_edge *edge, const struct trc_edge *next)
{
	return edge->what == TRC_WHAT_MESSAGE && next->what == TRC_WHAT_MESSAGE &&
	       edge->from == next->from;
}

/* How many arrows, from this one on, are told in one row. */
static unsigned row_length(const struct trc_finding *finding, unsigned edge)
{
	unsigned end = edge + 1;

	while (end < finding->core_edge_count &&
	       same_row(&finding->edges[edge], &finding->edges[end]))
		end++;
	return end - edge;
}

/* Whether the idle ones of the finding are what others have and wait for; else they only have
 * handles to each other. */
static bool has_locks(const struct trc_finding *finding)
{
	for (unsigned i = 0; i < finding->core_edge_count; i++)
		if (finding->edges[i].what != TRC_WHAT_MESSAGE)
			return true;
	return false;
}

static char *lock_text(const struct trc_edge *edge)
{
	char *name = trc_actor_title(edge->to_kind, edge->to_name);
	char *text =
		trc_format("is given to %s, and keeps others waiting until it is given back", name);

	free(name);
	return text;
}

static char *idle_text(const struct trc_finding *finding, const struct trc_edge *edges,
		       unsigned count)
{
	bool deadlock = finding->code == TRC_CODE_DEADLOCK;
	unsigned named = count <= HOLDERS_MAX ? count : HOLDERS_MAX;
	struct trc_text text = {0};

	if (!is_certain(finding) && has_locks(finding))
		return lock_text(edges);
	trc_text_add(&text, "is idle, and %s", deadlock ? "" : "does not end while ");
	for (unsigned i = 0; i < named; i++) {
		char *name = trc_actor_title(edges[i].to_kind, edges[i].to_name);

		trc_text_add(&text, "%s%s",
			     i == 0           ? ""
			     : i + 1 == count ? deadlock ? " or " : " and "
					      : ", ",
			     name);
		free(name);
	}
	if (named < count)
		trc_text_add(&text, " %s %u more", deadlock ? "or" : "and", count - named);
	trc_text_add(&text, "%s",
		     deadlock    ? " cannot wake it"
		     : count > 1 ? " have handles to it"
				 : " has a handle to it");
	return text.data;
}

static char *waiting_text(const struct trc_finding *finding, const struct trc_edge *edge)
{
	char *to = edge->to ? trc_actor_title(edge->to_kind, edge->to_name)
			    : trc_strdup("the outside");
	const char *waits = is_certain(finding)     ? "waits"
			    : has_happened(finding) ? "waited"
						    : "may wait";
	char *text;

	if (finding->code == TRC_CODE_STALL)
		text = trc_format("%s", !edge->waits                   ? "ran without a pause"
					: edge->what == TRC_WHAT_TIMER ? "waited for a timer"
								       : "waited for the outside");
	else if (!edge->waits)
		text = trc_format("is never stuck at %s's mailbox (deepest %" PRIu32 " of %" PRIu32
				  ")",
				  to, edge->depth, edge->capacity);
	else if (edge->what == TRC_WHAT_SPACE)
		text = trc_format("%s for space in %s's mailbox (%s%" PRIu32 " of %" PRIu32 ")",
				  waits, to, has_happened(finding) ? "" : "deepest ", edge->depth,
				  edge->capacity);
	else if (edge->what == TRC_WHAT_REPLY)
		text = trc_format("%s for the reply of %s", waits, to);
	else if (edge->what == TRC_WHAT_END)
		text = trc_format("%s for the end of %s", waits, to);
	else
		text = trc_format("%s for %s", waits, to);
	free(to);
	return text;
}

static char *since_text(const struct trc_finding *finding, const struct trc_edge *edge)
{
	char *time = trc__time_text(edge->since);
	bool since = has_happened(finding) || edge->what == TRC_WHAT_MESSAGE;
	char *text = trc_format("%s %s",
				since                          ? "since"
				: edge->what == TRC_WHAT_SPACE ? "last sent"
				: edge->what == TRC_WHAT_REPLY ? "last asked"
							       : "last",
				time);

	free(time);
	return text;
}

static void make_row(const struct trc_finding *finding, unsigned number, unsigned length,
		     struct trc_story_row *ret_row)
{
	const struct trc_edge *edge = &finding->edges[number];

	if (number > 0 && same_wait(finding, edge - 1, edge)) {
		char *waiting = waiting_text(finding, edge);

		*ret_row = (struct trc_story_row){
			.edge = number,
			.actor = trc_strdup(""),
			.waiting = trc_format("%s %s", edge->any ? "or" : "and", waiting),
			.since = trc_strdup(""),
			.place = trc_strdup(""),
			.doing = trc_strdup(""),
			.origin = trc_strdup(""),
		};
		free(waiting);
		return;
	}
	*ret_row = (struct trc_story_row){
		.edge = number,
		.actor = trc_actor_title(edge->from_kind, edge->from_name),
		.waiting = edge->what == TRC_WHAT_MESSAGE ? idle_text(finding, edge, length)
							  : waiting_text(finding, edge),
		.since = since_text(finding, edge),
		.place = place_text(edge),
		.doing = doing_text(edge),
		.origin = trc_strdup(edge->origin ? edge->origin : ""),
	};
}

/* --- sentences ----------------------------------------------------------------------------------
 */

static int compare_since(const void *a, const void *b)
{
	const struct trc_edge *x = *(const struct trc_edge *const *)a;
	const struct trc_edge *y = *(const struct trc_edge *const *)b;

	return (x->since > y->since) - (x->since < y->since);
}

/* How a ring came about: in which order its arrows formed. */
static char *history_text(const struct trc_finding *finding, const struct trc_story *story)
{
	const struct trc_edge *sorted[TRC_STORY_ROWS];
	unsigned count = 0;
	struct trc_text text = {0};

	/* Each actor that waits once; who is idle does nothing. */
	for (unsigned i = 0; i < story->row_count; i++) {
		const struct trc_edge *edge = &finding->edges[story->rows[i].edge];

		if (story->rows[i].actor[0] && edge->what != TRC_WHAT_MESSAGE)
			sorted[count++] = edge;
	}
	if (finding->code != TRC_CODE_DEADLOCK || count < 2 || story->rows_left)
		return NULL;
	qsort(sorted, count, sizeof *sorted, compare_since);
	for (unsigned i = 0; i < count; i++) {
		char *from = trc_actor_title(sorted[i]->from_kind, sorted[i]->from_name);
		char *time = trc__time_text(i + 1 < count ? sorted[i]->since : finding->time);

		if (i == 0)
			trc_text_add(&text, "first %s waited (%s)", from, time);
		else if (i + 1 < count)
			trc_text_add(&text, ", then %s (%s)", from, time);
		else
			trc_text_add(&text, ", and at %s %s closed the ring", time, from);
		free(from);
		free(time);
	}
	return text.data;
}

static char *held_text(const struct trc_finding *finding)
{
	const struct trc_edge *held = &finding->edges[finding->core_edge_count];
	char *name = trc_actor_title(held->from_kind, held->from_name);
	char *to = trc_actor_title(held->to_kind, held->to_name);
	char *time = trc__time_text(finding->held);
	bool space = held->what == TRC_WHAT_SPACE;
	bool direct = held->to == finding->edges[0].from;
	char *text;

	text = trc_format("held up %u wait%s; the longest for %s, %s's for %s%s%s",
			  finding->instances, finding->instances > 1 ? "s" : "", time, name,
			  space ? "space in the mailbox of " : "the reply of ", to,
			  direct ? "" : ", which was held up itself");
	free(name);
	free(to);
	free(time);
	return text;
}

static char *victims_text(const struct trc_finding *finding)
{
	unsigned count = finding->victim_count;
	struct trc_text text = {0};

	if (count == 0)
		return NULL;
	if (finding->code == TRC_CODE_STALL)
		return held_text(finding);
	trc_text_add(&text, "also stuck because of it%s: %u actor%s (",
		     finding->victims_lowered ? ", but for missing events" : "", count,
		     count > 1 ? "s" : "");
	for (unsigned i = 0; i < count && i < NAMES_MAX; i++) {
		const struct trc_edge *edge = &finding->edges[finding->core_edge_count + i];
		char *name = trc_actor_title(edge->from_kind, edge->from_name);

		trc_text_add(&text, "%s%s", i ? ", " : "", name);
		free(name);
	}
	trc_text_add(&text, "%s)", count > NAMES_MAX ? ", ..." : "");
	return text.data;
}

static char *when_text(const struct trc_finding *finding)
{
	char *time = trc__time_text(finding->time), *text;

	if (finding->code == TRC_CODE_DEADLOCK)
		text = trc_format("since %s it could not be avoided any more", time);
	else if (finding->code == TRC_CODE_ORPHAN_WAIT)
		text = trc_format("since %s no one is left to end %s", time,
				  finding->actor_count > 1 ? "these waits" : "this wait");
	else if (finding->code == TRC_CODE_HANDLE_CYCLE)
		text = trc_format("since %s nobody else can wake them or let them go", time);
	else if (finding->code == TRC_CODE_DEADLINE_CYCLE && has_happened(finding))
		text = trc_format("at %s only a deadline could still end it", time);
	else
		text = trc_strdup("");
	free(time);
	return text;
}

static char *arithmetic_text(const struct trc_finding *finding)
{
	bool refuted = finding->code == TRC_CODE_REFUTED;
	struct trc_text text = {0};

	if (finding->needed == 0)
		return NULL;
	if (!refuted)
		trc_text_add(&text,
			     "needs %" PRIu64 " messages at once in these mailboxes and on their "
			     "way; this run had at most %" PRIu64 "%s",
			     finding->needed, finding->peak, finding->fitting ? "; " : "");
	if (finding->fitting)
		trc_text_add(&text,
			     refuted ? "of mailboxes that hold at most %" PRIu64
				       " this would not be so"
				     : "with mailboxes of at most %" PRIu64
				       " the messages of this run could have filled them",
			     finding->fitting);
	return text.data;
}

static char *instances_text(const struct trc_finding *finding)
{
	if (finding->instances < 2 || finding->code == TRC_CODE_ORPHAN_WAIT ||
	    finding->code == TRC_CODE_STALL)
		return NULL;
	return trc_format("%u rings of this shape in this run; this is one of them",
			  finding->instances);
}

/* --- the whole ----------------------------------------------------------------------------------
 */

static char *verdict_text(const struct trc_finding *finding)
{
	return trc_format("%s%s%s", trc_code_verdict(finding->code),
			  finding->likely ? ", likely" : "",
			  finding->lowered ? " but for missing events" : "");
}

static char *proof_text(const struct trc_proof *proof)
{
	char *time = trc__time_text(proof->time), *text;

	if (proof->line)
		text = trc_format("%s  %s  %s:%" PRIu32 " in %s()", time, proof->says,
				  trc__base_name(proof->file), proof->line, proof->function);
	else
		text = trc_format("%s  %s", time, proof->says);
	free(time);
	return text;
}

static void add_proofs(struct trc_story *story, const struct trc_finding *finding)
{
	story->proofs = trc_zalloc(finding->proof_count, sizeof *story->proofs);
	for (unsigned i = 0; i < finding->proof_count; i++)
		story->proofs[story->proof_count++] = proof_text(&finding->proofs[i]);
}

/* Takes the text over; NULL is nothing to tell. */
static void add_note(struct trc_story *story, char *text)
{
	if (text)
		story->notes[story->note_count++] = text;
}

static void add_rows(struct trc_story *story, const struct trc_finding *finding)
{
	unsigned length;

	story->rows = trc_zalloc(TRC_STORY_ROWS, sizeof *story->rows);
	for (unsigned i = 0; i < finding->core_edge_count; i += length) {
		length = row_length(finding, i);
		if (story->row_count == TRC_STORY_ROWS)
			story->rows_left++;
		else
			make_row(finding, i, length, &story->rows[story->row_count++]);
	}
}

void trc_story_init(struct trc_story *story, const struct trc_finding *finding)
{
	*story = (struct trc_story){
		.verdict = verdict_text(finding),
		.when = when_text(finding),
		.cure = trc__cure(finding),
	};
	add_rows(story, finding);
	add_proofs(story, finding);
	add_note(story, history_text(finding, story));
	if (finding->code != TRC_CODE_REFUTED)
		add_note(story, arithmetic_text(finding));
	add_note(story, instances_text(finding));
	add_note(story, finding->reason[0] ? trc_strdup(finding->reason) : NULL);
	if (finding->code == TRC_CODE_REFUTED)
		add_note(story, arithmetic_text(finding));
	add_note(story, victims_text(finding));
	if (finding->lowered)
		add_note(story, trc_strdup("events are missing in this trace that could change the "
					   "picture"));
}

void trc_story_clear(struct trc_story *story)
{
	free(story->verdict);
	free(story->when);
	for (unsigned i = 0; i < story->row_count; i++) {
		free(story->rows[i].actor);
		free(story->rows[i].waiting);
		free(story->rows[i].since);
		free(story->rows[i].place);
		free(story->rows[i].doing);
		free(story->rows[i].origin);
	}
	free(story->rows);
	for (unsigned i = 0; i < story->note_count; i++)
		free(story->notes[i]);
	for (unsigned i = 0; i < story->proof_count; i++)
		free(story->proofs[i]);
	free(story->proofs);
}
