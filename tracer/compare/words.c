#include "tracer/compare/compare-private.h"

#include "tracer/model/memory.h"
#include "tracer/model/number.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char *trc_run_name(enum trc_run run)
{
	return run == TRC_RUN_A ? "A" : "B";
}

const char *trc_difference_name(enum trc_difference_kind kind)
{
	static const char *const names[] = {"order", "payload", "more", "step",
					    "end",   "actors",  "waits"};

	return names[kind];
}

/* The actor as the run that has it calls it, or both when they do not agree. */
static char *actor_words(const struct trc_difference *difference,
			 const struct trc_model *const models[TRC_RUNS])
{
	enum trc_run run = difference->actors[TRC_RUN_A] ? TRC_RUN_A : TRC_RUN_B;
	char *title = trc_model_actor_title(models[run], difference->actors[run]), *other, *both;

	if (!difference->actors[!run])
		return title;
	other = trc_model_actor_title(models[!run], difference->actors[!run]);
	both = strcmp(title, other) == 0 ? NULL : trc_format("%s (%s in B)", title, other);
	free(other);
	if (!both)
		return title;
	free(title);
	return both;
}

static char *wait_words(const struct trc_model *model, unsigned what, uint64_t party)
{
	char *who = trc_model_actor_title(model, party), *words;

	switch (what) {
	case TRC_WHAT_REPLY:
		words = trc_format("a reply from %s", who);
		break;
	case TRC_WHAT_SPACE:
		words = trc_format("space in the mailbox of %s", who);
		break;
	case TRC_WHAT_END:
		words = trc_format("the end of %s", who);
		break;
	case TRC_WHAT_TIMER:
		words = trc_strdup("a timer");
		break;
	default:
		words = trc_strdup("the outside world");
	}
	free(who);
	return words;
}

/* What an actor is at in the end: why there is no further step. */
static char *end_words(const struct trc_model *model, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(model, id);
	char *for_what, *words;

	if (!actor)
		return trc_strdup("nothing is known of it there");
	switch (actor->state) {
	case TRC_WAITING:
		for_what = wait_words(model, (unsigned)actor->wait.targets[0].what,
				      trc_model_target_party(model, &actor->wait.targets[0]));
		words = trc_format("it waits for %s%s", for_what,
				   actor->wait.target_count < 2 ? ""
				   : actor->wait.any            ? " or others"
								: " and others");
		free(for_what);
		return words;
	case TRC_RUNNING:
		return trc_strdup("it is in a handler when the recording ends");
	case TRC_READY:
		return trc_strdup("mail is waiting for it when the recording ends");
	case TRC_ENDED:
		return trc_strdup("it has ended");
	default:
		return trc_strdup("it is idle, and nothing more comes");
	}
}

/* --- long payloads ------------------------------------------------------------------------------
 */

enum {
	HEAD = 28,
	LEAD = 12,
	TAIL = 60
}; /* bytes: of a text's beginning, and around where they differ */

/* The beginning of the character that `at` is in. */
static size_t character(const char *text, size_t at)
{
	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

/* The beginning of a text, and what is around the place `at`. */
static char *cut_out(const char *text, size_t at)
{
	size_t from = character(text, at - LEAD), end = strlen(text);
	bool cut = end > at + TAIL;

	if (cut)
		end = character(text, at + TAIL);
	return trc_format("%.*s … %.*s%s", (int)character(text, HEAD), text, (int)(end - from),
			  text + from, cut ? "…" : "");
}

/* What only differs behind the words that are shown would read as if it were the same. */
static void show_where_they_differ(struct trc__step steps[TRC_RUNS])
{
	const char *a = steps[0].all, *b = steps[1].all;
	size_t same = 0;

	while (a[same] && a[same] == b[same])
		same++;
	if (same < HEAD + 2 * LEAD)
		return;
	for (int run = 0; run < TRC_RUNS; run++) {
		free(steps[run].step.text);
		steps[run].step.text = cut_out(steps[run].all, same);
	}
}

/* A long payload hides who does what, unless it is what differs. */
static char *title_of(const struct trc_difference *difference,
		      const struct trc__step steps[TRC_RUNS], const char *actor)
{
	bool whole =
		difference->kind == TRC_DIFFERENT_PAYLOAD ||
		(steps[0].brief && steps[1].brief && strcmp(steps[0].brief, steps[1].brief) == 0);
	const char *a = whole ? difference->steps[0].text : steps[0].brief;
	const char *b = whole ? difference->steps[1].text : steps[1].brief;
	const char *run = trc_run_name(difference->run), *other = trc_run_name(!difference->run);
	const char *one = difference->run == TRC_RUN_A ? a : b;
	char waited[TRC_RUNS][TRC_NUMBER_SIZE];

	switch (difference->kind) {
	case TRC_DIFFERENT_ORDER:
		return trc_format("%s first %s in A, but %s in B", actor, a, b);
	case TRC_DIFFERENT_MORE:
		return difference->count > 1
			       ? trc_format("%s %s in %s only, and does %" PRIu64 " more", actor,
					    one, run, difference->count - 1)
			       : trc_format("%s %s in %s only", actor, one, run);
	case TRC_DIFFERENT_END:
		return trc_format("%s goes no further in %s; in %s it %s", actor, run, other,
				  difference->run == TRC_RUN_A ? b : a);
	case TRC_DIFFERENT_ACTORS:
		return difference->count > 1
			       ? trc_format("%s and %" PRIu64 " more of its kind are in %s only",
					    actor, difference->count - 1, run)
			       : trc_format("%s is in %s only", actor, run);
	case TRC_DIFFERENT_WAITS:
		return trc_format(
			"%s waits longer in %s: %s, in %s %s", actor, run,
			trc_format_duration(difference->waited[difference->run], waited[0]), other,
			trc_format_duration(difference->waited[!difference->run], waited[1]));
	default:
		return trc_format("%s %s in A, but %s in B", actor, a, b);
	}
}

static char *longest_wait(const struct trc__wait *wait, const struct trc_model *model)
{
	char *what = wait_words(model, wait->what, wait->peer), length[TRC_NUMBER_SIZE];
	char *words = trc_format("the longest, %s, was for %s",
				 trc_format_duration(wait->longest, length), what);

	free(what);
	return words;
}

void trc__put_in_words(struct trc__difference *difference, const struct trc__seat *seat,
		       const struct trc_model *const models[TRC_RUNS],
		       struct trc_difference *ret_difference)
{
	char *actor = actor_words(&difference->public, models);
	enum trc_run run = difference->public.run;

	if (difference->public.kind == TRC_DIFFERENT_PAYLOAD)
		show_where_they_differ(difference->steps);
	*ret_difference = difference->public;
	for (int i = 0; i < TRC_RUNS; i++)
		ret_difference->steps[i] = difference->steps[i].step;
	ret_difference->title = title_of(ret_difference, difference->steps, actor);
	if (ret_difference->kind == TRC_DIFFERENT_END || ret_difference->stuck)
		ret_difference->reason = end_words(models[run], ret_difference->actors[run]);
	else if (ret_difference->kind == TRC_DIFFERENT_WAITS)
		ret_difference->reason = longest_wait(&seat->parts[run].waits, models[run]);
	free(actor);
}
