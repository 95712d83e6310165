#include "tracer/analysis/cures.h"

#include <string.h>

/* Whether all of the core waits for the same. */
static bool all_wait_for(const struct trc_finding *finding, enum trc_what what)
{
	for (unsigned i = 0; i < finding->core_edge_count; i++)
		if (finding->edges[i].what != what)
			return false;
	return finding->core_edge_count > 0;
}

static const char *cure_of_orphan(const struct trc_finding *finding)
{
	if (all_wait_for(finding, TRC_WHAT_END))
		return "an idle actor does not end while anybody has a handle to it, and who joins "
		       "it has one: act_stop() it first, let it end itself (act_stop_self()), or "
		       "drop the handle and be told by act_monitor()";
	return "answer or drop every reply token on every path (an asker learns of a drop "
	       "at once), or ask with act_ask_within()";
}

static const char *cure_of_one(const struct trc_finding *finding)
{
	if (all_wait_for(finding, TRC_WHAT_SPACE))
		return "an actor must not wait for space in its own mailbox: use "
		       "act_try_send(), or handle it in place of sending";
	if (all_wait_for(finding, TRC_WHAT_END))
		return "an actor cannot end while it waits for that: call act_stop_self() and "
		       "return";
	return "an actor that waits cannot answer itself: call the function in place of asking";
}

/* Whether an idle actor is part of it: it keeps who asks until somebody gives it back. */
static bool has_idle(const struct trc_finding *finding)
{
	for (unsigned i = 0; i < finding->core_edge_count; i++)
		if (finding->edges[i].what == TRC_WHAT_MESSAGE)
			return true;
	return false;
}

static bool waits_for_end(const struct trc_finding *finding)
{
	for (unsigned i = 0; i < finding->core_edge_count; i++)
		if (finding->edges[i].what == TRC_WHAT_END)
			return true;
	return false;
}

static bool all_of_one_kind(const struct trc_finding *finding)
{
	for (unsigned i = 1; i < finding->core_edge_count; i++)
		if (strcmp(finding->edges[i].from_kind, finding->edges[0].from_kind) != 0)
			return false;
	return true;
}

static const char *cure_of_ring(const struct trc_finding *finding)
{
	if (all_wait_for(finding, TRC_WHAT_SPACE))
		return "let one of them never wait: act_try_send(), and drop or remove a receiver "
		       "that is too slow; or do not send back, waiting, to whoever sends to you. "
		       "Larger mailboxes only make it rarer";
	if (all_wait_for(finding, TRC_WHAT_REPLY) && all_of_one_kind(finding))
		return "let them ask each other in one order only (say, the younger the older), or "
		       "send in place of asking, keep the token (act_token_of) and answer later";
	if (all_wait_for(finding, TRC_WHAT_REPLY))
		return "do not ask back whoever asks you: put what is needed into the question, or "
		       "send, keep the token (act_token_of) and answer later";
	if (has_idle(finding))
		return "take what only one at a time can have in the same order everywhere, or ask "
		       "for it with act_ask_within(), and give back what you have when it is late";
	if (all_wait_for(finding, TRC_WHAT_END))
		return "let one of them end without waiting for the other: act_monitor() tells of "
		       "an end, and act_link() brings it about";
	if (waits_for_end(finding))
		return "do not join, in a handler, whoever may still need an answer of you: "
		       "act_monitor() tells of the end by a message, and until then you answer";
	return "do not wait, in a handler, for an actor that may be waiting for you: notify with "
	       "act_try_send(), or answer before you send back";
}

const char *trc__cure(const struct trc_finding *finding)
{
	switch (finding->code) {
	case TRC_CODE_ORPHAN_WAIT:
		return cure_of_orphan(finding);
	case TRC_CODE_DEADLINE_CYCLE:
		return "the deadline saves the program but costs its time again and again; break "
		       "the ring as for a deadlock";
	case TRC_CODE_STALL:
		return "do not wait inside a handler while others need its actor: let a timer "
		       "send a message (act_after()), give what is slow to an actor of its own, "
		       "and keep the reply token until the answer is there (act_token_of())";
	case TRC_CODE_HANDLE_CYCLE:
		return "let one side hold no handle: act_register() and act_whereis() when it is "
		       "needed, act_reply() in place of sending back; or end them when their work "
		       "is done (act_stop(), act_stop_self(), act_link())";
	case TRC_CODE_DEADLOCK:
	case TRC_CODE_POTENTIAL_DEADLOCK:
	case TRC_CODE_KIND_CYCLE:
		return finding->core_edge_count == 1 ? cure_of_one(finding) : cure_of_ring(finding);
	default:
		return NULL;
	}
}
