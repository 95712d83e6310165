#include "viewer/critical-path.h"

#include <stdlib.h>

enum {
	CHAIN_MAX = 64,  /* messages from the ask to the one whose handler replied */
	SPANS_MAX = 256, /* waits inside one handler */
	DEPTH_MAX = 8,
};

struct finder {
	const struct trc_trace *trace;
	struct trv_path *path;
	uint64_t at; /* everything before has been told */
};

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* An ask is sent a little before its wait begins: what would be told twice is told once. */
static void add(struct finder *finder, struct trv_stretch stretch)
{
	struct trv_path *path = finder->path;

	if (stretch.begin < finder->at)
		stretch.begin = finder->at;
	if (stretch.end <= stretch.begin)
		return;
	finder->at = stretch.end;
	if (path->count == TRV_PATH_MAX)
		path->shortened = true;
	else
		path->items[path->count++] = stretch;
}

/* The message that `actor` was handling at `time`; 0: none. */
static uint64_t handled_at(const struct trc_trace *trace, uint64_t actor, uint64_t time)
{
	struct trc_span spans[4];
	size_t count = trc_trace_spans(trace, actor, time, time, spans, 4);

	for (size_t i = 0; i < least(count, 4); i++) {
		if (spans[i].kind == TRC_SPAN_HANDLER && spans[i].begin <= time)
			return spans[i].message;
	}
	return 0;
}

/* The messages from the ask to the one in whose handler its end lies, that one first. Without a
 * reply, or when the chain does not lead back, only the ask. */
static size_t find_chain(const struct finder *finder, const struct trc_message_info *ask,
			 struct trc_message_info *chain)
{
	uint64_t id = ask->replied ? handled_at(finder->trace, ask->replier, ask->replied) : 0;
	size_t count = 0;

	while (id != 0 && id != ask->id && count < CHAIN_MAX - 1 &&
	       trc_trace_message(finder->trace, id, &chain[count]) &&
	       chain[count].sent >= ask->sent)
		id = chain[count++].cause;
	if (id != ask->id)
		count = 0;
	chain[count] = *ask;
	return count + 1;
}

static void walk_ask(struct finder *finder, const struct trc_message_info *ask, uint64_t end,
		     unsigned depth);

static void walk_wait(struct finder *finder, uint64_t actor, uint64_t message,
		      const struct trc_span *wait, uint64_t begin, uint64_t end, unsigned depth)
{
	struct trc_message_info asked;

	if (wait->type == TRC_WHAT_REPLY && depth < DEPTH_MAX &&
	    trc_trace_message(finder->trace, wait->message, &asked) && asked.token != 0 &&
	    asked.cause == message) {
		walk_ask(finder, &asked, end, depth + 1);
		return;
	}
	add(finder, (struct trv_stretch){.kind = TRV_STRETCH_WAIT,
					 .begin = begin,
					 .end = end,
					 .actor = actor,
					 .message = message,
					 .what = wait->type,
					 .depth = depth});
}

/* `actor` at work on a message, but for its waits. */
static void walk_handler(struct finder *finder, uint64_t actor, uint64_t message, uint64_t begin,
			 uint64_t end, unsigned depth)
{
	struct trc_span spans[SPANS_MAX];
	bool near = trc_trace_near(finder->trace, begin, end);
	size_t count =
		near ? trc_trace_spans(finder->trace, actor, begin, end, spans, SPANS_MAX) : 0;
	uint64_t at = begin;

	finder->path->coarse |= !near;

	for (size_t i = 0; i < least(count, SPANS_MAX) && at < end; i++) {
		uint64_t from = spans[i].begin, to = least(spans[i].end, end);

		if (spans[i].kind != TRC_SPAN_WAIT || from < at || from >= end || to <= from)
			continue;
		add(finder,
		    (struct trv_stretch){TRV_STRETCH_HANDLER, at, from, actor, message, 0, depth});
		walk_wait(finder, actor, message, &spans[i], from, to, depth);
		at = to;
	}
	add(finder, (struct trv_stretch){TRV_STRETCH_HANDLER, at, end, actor, message, 0, depth});
}

/* One message of the chain, up to when it handed on to the next. */
static void walk_message(struct finder *finder, const struct trc_message_info *message,
			 uint64_t end, unsigned depth)
{
	uint64_t since = message->space_since ? message->space_since : message->sent;
	uint64_t received = message->received ? least(message->received, end) : end;
	uint64_t done = message->done ? least(message->done, end) : end;
	uint64_t actor = message->receiver, id = message->id;

	add(finder,
	    (struct trv_stretch){TRV_STRETCH_SPACE, since, message->sent, actor, id, 0, depth});
	add(finder,
	    (struct trv_stretch){TRV_STRETCH_QUEUE, message->sent, received, actor, id, 0, depth});
	if (message->received != 0)
		walk_handler(finder, actor, id, received, done, depth);
	add(finder, (struct trv_stretch){TRV_STRETCH_HELD, done, end, actor, id, 0, depth});
}

static void walk_ask(struct finder *finder, const struct trc_message_info *ask, uint64_t end,
		     unsigned depth)
{
	struct trc_message_info *chain = calloc(CHAIN_MAX, sizeof *chain);
	size_t count;

	if (!chain)
		abort();
	count = find_chain(finder, ask, chain);
	for (size_t i = count; i > 0; i--) {
		const struct trc_message_info *next = i > 1 ? &chain[i - 2] : NULL;
		uint64_t since = next && next->space_since ? next->space_since : 0;
		uint64_t until = next ? (since ? since : next->sent) : end;

		walk_message(finder, &chain[i - 1], least(until, end), depth);
	}
	free(chain);
}

bool trv_path_find(const struct trc_trace *trace, uint64_t ask, uint64_t now,
		   struct trv_path *ret_path)
{
	struct finder finder = {trace, ret_path, 0};
	struct trc_message_info message;

	if (!trc_trace_message(trace, ask, &message) || message.token == 0)
		return false;
	ret_path->begin = message.space_since ? message.space_since : message.sent;
	ret_path->open = message.replied == 0;
	ret_path->end = ret_path->open ? now : message.replied;
	ret_path->shortened = ret_path->coarse = false;
	ret_path->count = 0;
	walk_ask(&finder, &message, ret_path->end, 0);
	return true;
}

uint64_t trv_path_sum(const struct trv_path *path, enum trv_stretch_kind kind)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < path->count; i++) {
		if (path->items[i].kind == kind)
			sum += path->items[i].end - path->items[i].begin;
	}
	return sum;
}
