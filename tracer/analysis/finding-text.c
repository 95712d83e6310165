/*
 * finding-text.c - a finding as a short story for a tired person
 *
 *     deadlock  certain  room "lobby" and connection "slow" wait for each other  [1f2e3d4c5b6a7988]
 *       since 3.214 s it could not be avoided any more
 *       room "lobby"       waits for space in connection "slow"'s mailbox (100 of 100)  since 2.101
 * s  room.c:41 in deliver() to send Frame, while it handles Say{id:1, text:"hi"} connection "slow"
 * waits for space in room "lobby"'s mailbox (100 of 100)       since 3.214 s  connection.c:44 in
 * leave() to send Leave, while it handles HungUp first room "lobby" waited (2.101 s), and at 3.214
 * s connection "slow" closed the ring also stuck because of it: 5 actors (connection "ann", ...)
 *       cure: ...
 */
#include "tracer/analysis/evidence.h"
#include "tracer/analysis/finding.h"

#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROWS_MAX = 12,  /* arrows that are printed */
	NAMES_MAX = 6,  /* victims that are named */
	DOING_MAX = 64, /* bytes of a message */
	COLUMNS = 4
};

static char *time_text(uint64_t time)
{
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

/* --- one arrow, in columns ----------------------------------------------------------------------
 */

static bool is_certain(const struct trc_finding *finding)
{
	return finding->code == TRC_CODE_DEADLOCK || finding->code == TRC_CODE_ORPHAN_WAIT;
}

/* What the actor is doing while it waits: the second line of an arrow. */
static char *doing_text(const struct trc_edge *edge)
{
	int length = cut_length(edge->doing, DOING_MAX);
	bool started = strcmp(edge->doing, "start") == 0;
	struct trc_text text = {0};

	if (edge->sending[0])
		trc_text_add(&text, "%s %s%s", edge->what == TRC_WHAT_SPACE ? "to send" : "asked",
			     edge->sending, edge->doing[0] ? ", " : "");
	if (started)
		trc_text_add(&text, "in its start handler");
	else if (edge->doing[0])
		trc_text_add(&text, "while it handles %.*s%s", length, edge->doing,
			     edge->doing[length] ? "..." : "");
	return text.data ? text.data : trc_strdup("");
}

static char *waiting_text(const struct trc_finding *finding, const struct trc_edge *edge)
{
	char *to = edge->to ? trc_actor_title(edge->to_kind, edge->to_name)
			    : trc_strdup("the outside");
	char *text;

	if (!edge->waits)
		text = trc_format("sends to %s, but does not wait", to);
	else if (edge->what == TRC_WHAT_SPACE)
		text = trc_format("%s for space in %s's mailbox (%s%" PRIu32 " of %" PRIu32 ")",
				  is_certain(finding) ? "waits" : "may wait", to,
				  is_certain(finding) ? "" : "deepest ", edge->depth,
				  edge->capacity);
	else if (edge->what == TRC_WHAT_REPLY)
		text = trc_format("waits for the reply of %s", to);
	else if (edge->what == TRC_WHAT_END)
		text = trc_format("waits for the end of %s", to);
	else
		text = trc_format("waits for %s", to);
	free(to);
	return text;
}

static char *since_text(const struct trc_finding *finding, const struct trc_edge *edge)
{
	char *time = time_text(edge->since);
	char *text = trc_format("%s %s", is_certain(finding) ? "since" : "last sent", time);

	free(time);
	return text;
}

struct row {
	char *cells[COLUMNS];
};

static struct row make_row(const struct trc_finding *finding, const struct trc_edge *edge)
{
	return (struct row){{
		trc_actor_title(edge->from_kind, edge->from_name),
		waiting_text(finding, edge),
		since_text(finding, edge),
		place_text(edge),
	}};
}

/* Characters, not bytes. */
static size_t width(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void add_row(struct trc_text *text, const struct row *row, const size_t *widths)
{
	trc_text_add(text, "  ");
	for (unsigned c = 0; c < COLUMNS; c++) {
		size_t padding = widths[c] - width(row->cells[c]);
		bool last = c + 1 == COLUMNS || row->cells[c + 1][0] == '\0';

		trc_text_add(text, "%s%*s", row->cells[c], last ? 0 : (int)padding + 2, "");
	}
	trc_text_add(text, "\n");
}

static void add_rows(struct trc_text *text, const struct trc_finding *finding)
{
	unsigned count = finding->core_edge_count < ROWS_MAX ? finding->core_edge_count : ROWS_MAX;
	struct row *rows = trc_zalloc(count, sizeof *rows);
	size_t widths[COLUMNS] = {0};

	for (unsigned i = 0; i < count; i++) {
		rows[i] = make_row(finding, &finding->edges[i]);
		for (unsigned c = 0; c < COLUMNS; c++)
			if (width(rows[i].cells[c]) > widths[c])
				widths[c] = width(rows[i].cells[c]);
	}
	for (unsigned i = 0; i < count; i++) {
		char *doing = doing_text(&finding->edges[i]);

		add_row(text, &rows[i], widths);
		trc_text_add(text, "  %*s%s\n", (int)widths[0] + 2, "", doing);
		free(doing);
		for (unsigned c = 0; c < COLUMNS; c++)
			free(rows[i].cells[c]);
	}
	if (finding->core_edge_count > count)
		trc_text_add(text, "  ... and %u more\n", finding->core_edge_count - count);
	free(rows);
}

/* --- the rest -----------------------------------------------------------------------------------
 */

static int compare_since(const void *a, const void *b)
{
	const struct trc_edge *x = *(const struct trc_edge *const *)a;
	const struct trc_edge *y = *(const struct trc_edge *const *)b;

	return (x->since > y->since) - (x->since < y->since);
}

/* How a ring came about: in which order its arrows formed. */
static void add_history(struct trc_text *text, const struct trc_finding *finding)
{
	const struct trc_edge *sorted[ROWS_MAX];
	unsigned count = finding->core_edge_count;

	if (finding->code != TRC_CODE_DEADLOCK || count < 2 || count > ROWS_MAX)
		return;
	for (unsigned i = 0; i < count; i++)
		sorted[i] = &finding->edges[i];
	qsort(sorted, count, sizeof *sorted, compare_since);
	for (unsigned i = 0; i < count; i++) {
		char *from = trc_actor_title(sorted[i]->from_kind, sorted[i]->from_name);
		char *time = time_text(i + 1 < count ? sorted[i]->since : finding->time);

		if (i == 0)
			trc_text_add(text, "  first %s waited (%s)", from, time);
		else if (i + 1 < count)
			trc_text_add(text, ", then %s (%s)", from, time);
		else
			trc_text_add(text, ", and at %s %s closed the ring\n", time, from);
		free(from);
		free(time);
	}
}

static void add_victims(struct trc_text *text, const struct trc_finding *finding)
{
	unsigned count = finding->victim_count;

	if (count == 0)
		return;
	trc_text_add(text, "  also stuck because of it: %u actor%s (", count, count > 1 ? "s" : "");
	for (unsigned i = 0; i < count && i < NAMES_MAX; i++) {
		const struct trc_edge *edge = &finding->edges[finding->core_edge_count + i];
		char *name = trc_actor_title(edge->from_kind, edge->from_name);

		trc_text_add(text, "%s%s", i ? ", " : "", name);
		free(name);
	}
	trc_text_add(text, "%s)\n", count > NAMES_MAX ? ", ..." : "");
}

static void add_time(struct trc_text *text, const struct trc_finding *finding)
{
	char *time = time_text(finding->time);

	if (finding->code == TRC_CODE_DEADLOCK)
		trc_text_add(text, "  since %s it could not be avoided any more\n", time);
	else if (finding->code == TRC_CODE_ORPHAN_WAIT)
		trc_text_add(text, "  since %s no one is left to end %s\n", time,
			     finding->actor_count > 1 ? "these waits" : "this wait");
	else if (finding->code == TRC_CODE_DEADLINE_CYCLE)
		trc_text_add(text, "  at %s only a deadline could still end it\n", time);
	free(time);
}

static void add_arithmetic(struct trc_text *text, const struct trc_finding *finding)
{
	if (finding->needed == 0 || finding->code != TRC_CODE_POTENTIAL_DEADLOCK)
		return;
	trc_text_add(text,
		     "  needs %" PRIu64 " messages at once in these mailboxes and on their way; "
		     "this run had at most %" PRIu64 "\n",
		     finding->needed, finding->peak);
}

static const char *cure(const struct trc_finding *finding)
{
	bool space = true, reply = true;

	for (unsigned i = 0; i < finding->core_edge_count; i++) {
		space &= finding->edges[i].what == TRC_WHAT_SPACE;
		reply &= finding->edges[i].what == TRC_WHAT_REPLY;
	}
	switch (finding->code) {
	case TRC_CODE_ORPHAN_WAIT:
		return "answer or drop every reply token on every path (an asker learns of a drop "
		       "at once), or ask with act_ask_within()";
	case TRC_CODE_DEADLINE_CYCLE:
		return "the deadline saves the program but costs its time again and again; break "
		       "the ring as for a deadlock";
	case TRC_CODE_DEADLOCK:
	case TRC_CODE_POTENTIAL_DEADLOCK:
		break;
	default:
		return NULL;
	}
	if (finding->core_edge_count == 1)
		return space ? "an actor must not wait for space in its own mailbox: use "
			       "act_try_send(), or handle it in place of sending"
			     : "an actor that waits cannot answer itself: call the function in "
			       "place of asking";
	if (space)
		return "let one of them never wait: act_try_send(), and drop or remove a receiver "
		       "that is too slow; or do not send back, waiting, to whoever sends to you. "
		       "Larger mailboxes only make it rarer";
	if (reply)
		return "do not ask back whoever asks you: put what is needed into the question, or "
		       "send, keep the token (act_token_of) and answer later";
	return "do not wait, in a handler, for an actor that may be waiting for you: notify with "
	       "act_try_send(), or answer before you send back";
}

char *trc_finding_text(const struct trc_finding *finding)
{
	const char *advice = cure(finding);
	struct trc_text text = {0};

	trc_text_add(&text, "%s  ", trc_code_name(finding->code));
	if (finding->code != TRC_CODE_REFUTED)
		trc_text_add(&text, "%s%s%s  ", trc_code_verdict(finding->code),
			     finding->likely ? ", likely" : "",
			     finding->lowered ? " but for missing events" : "");
	trc_text_add(&text, "%s  [%s]\n", finding->title, finding->fingerprint);
	add_time(&text, finding);
	add_rows(&text, finding);
	add_history(&text, finding);
	add_arithmetic(&text, finding);
	if (finding->instances > 1 && finding->code != TRC_CODE_ORPHAN_WAIT)
		trc_text_add(&text, "  %u rings of this shape in this run; this is one of them\n",
			     finding->instances);
	if (finding->reason[0])
		trc_text_add(&text, "  %s\n", finding->reason);
	add_victims(&text, finding);
	if (finding->lowered)
		trc_text_add(&text, "  events are missing in this trace that could change the "
				    "picture\n");
	if (advice)
		trc_text_add(&text, "  cure: %s\n", advice);
	return text.data;
}
