#include "tracer/merge/clocks.h"

#include "tracer/model/memory.h"
#include "tracer/model/table.h"

#include <stdlib.h>

/* One end of a message whose other end was not seen in the same trace. */
struct end {
	uint64_t wall; /* time by the trace's wall clock */
	unsigned trace;
};

struct trc_clocks {
	unsigned count;
	struct trc_table *sent;    /* of each trace: messages on their way, struct end */
	struct trc_table received; /* from elsewhere, struct end */
	int64_t *fastest;          /* [from * count + to], INT64_MAX: no message */
	int64_t *corrections;
};

struct trc_clocks *trc_clocks_new(unsigned count)
{
	struct trc_clocks *clocks = trc_zalloc(1, sizeof *clocks);

	clocks->count = count;
	clocks->sent = trc_zalloc(count, sizeof *clocks->sent);
	clocks->fastest = trc_zalloc((size_t)count * count, sizeof *clocks->fastest);
	clocks->corrections = trc_zalloc(count, sizeof *clocks->corrections);
	for (size_t i = 0; i < (size_t)count * count; i++)
		clocks->fastest[i] = INT64_MAX;
	return clocks;
}

static void free_ends(struct trc_table *table)
{
	size_t place = 0;
	void *end;

	while ((end = trc_table_next(table, &place)))
		free(end);
	trc_table_clear(table);
}

void trc_clocks_free(struct trc_clocks *clocks)
{
	if (!clocks)
		return;
	for (unsigned i = 0; i < clocks->count; i++)
		free_ends(&clocks->sent[i]);
	free_ends(&clocks->received);
	free(clocks->sent);
	free(clocks->fastest);
	free(clocks->corrections);
	free(clocks);
}

static void put_end(struct trc_table *table, uint64_t message, uint64_t wall, unsigned trace)
{
	struct end *end;

	if (message == 0 || trc_table_find(table, message))
		return;
	end = trc_zalloc(1, sizeof *end);
	*end = (struct end){.wall = wall, .trace = trace};
	trc_table_put(table, message, end);
}

void trc_clocks_event(struct trc_clocks *clocks, unsigned trace, uint64_t wall_start,
		      const struct trc_event *event)
{
	struct trc_table *sent = &clocks->sent[trace];
	struct end *end;

	switch (event->kind) {
	case TRC_SEND:
		put_end(sent, event->id, wall_start + event->time, trace);
		break;
	case TRC_RECEIVE:
		end = trc_table_take(sent, event->id);
		if (!end)
			put_end(&clocks->received, event->id, wall_start + event->time, trace);
		free(end);
		break;
	case TRC_DISCARD:
		free(trc_table_take(sent, event->id));
		break;
	}
}

/* --- matching -----------------------------------------------------------------------------------
 */

static uint64_t match_sent_by(struct trc_clocks *clocks, unsigned trace)
{
	const struct trc_table *sent = &clocks->sent[trace];
	uint64_t count = 0;

	for (size_t i = 0; sent->slots && i <= sent->mask; i++) {
		const struct end *from = sent->slots[i].value, *to;
		int64_t took, *fastest;

		if (sent->slots[i].key == 0)
			continue;
		to = trc_table_find(&clocks->received, sent->slots[i].key);
		if (!to || to->trace == trace)
			continue;
		count++;
		took = (int64_t)(to->wall - from->wall);
		fastest = &clocks->fastest[trace * clocks->count + to->trace];
		if (took < *fastest)
			*fastest = took;
	}
	return count;
}

/* By how much the clock of `b` is to be corrected when that of `a` is right. False: nothing goes
 * between the two. */
static bool correction_between(const struct trc_clocks *clocks, unsigned a, unsigned b,
			       int64_t *ret_correction)
{
	int64_t there = clocks->fastest[a * clocks->count + b];
	int64_t back = clocks->fastest[b * clocks->count + a];

	if (there != INT64_MAX && back != INT64_MAX)
		*ret_correction = back / 2 - there / 2;
	else if (there != INT64_MAX)
		*ret_correction = there < 0 ? -there : 0;
	else if (back != INT64_MAX)
		*ret_correction = back < 0 ? back : 0;
	else
		return false;
	return true;
}

/* From the first trace on along the messages; a trace that none reaches is taken as it is. */
static void spread(struct trc_clocks *clocks)
{
	bool *known = trc_zalloc(clocks->count, sizeof *known);
	bool going;

	for (unsigned first = 0; first < clocks->count; first++) {
		if (known[first])
			continue;
		known[first] = going = true;
		while (going) {
			going = false;
			for (unsigned a = 0; a < clocks->count; a++)
				for (unsigned b = 0; b < clocks->count; b++) {
					int64_t step;

					if (!known[a] || known[b] ||
					    !correction_between(clocks, a, b, &step))
						continue;
					clocks->corrections[b] = clocks->corrections[a] + step;
					known[b] = going = true;
				}
		}
	}
	free(known);
}

uint64_t trc_clocks_match(struct trc_clocks *clocks)
{
	uint64_t count = 0;

	for (unsigned trace = 0; trace < clocks->count; trace++)
		count += match_sent_by(clocks, trace);
	spread(clocks);
	return count;
}

int64_t trc_clocks_correction(const struct trc_clocks *clocks, unsigned trace)
{
	return clocks->corrections[trace];
}

uint64_t trc_clocks_early(const struct trc_clocks *clocks)
{
	uint64_t most = 0;

	for (unsigned from = 0; from < clocks->count; from++)
		for (unsigned to = 0; to < clocks->count; to++) {
			int64_t took = clocks->fastest[from * clocks->count + to];

			if (took == INT64_MAX)
				continue;
			took += clocks->corrections[to] - clocks->corrections[from];
			if (took < 0 && (uint64_t)-took > most)
				most = (uint64_t)-took;
		}
	return most;
}
