/*
 * Summaries add up to what happened, at every level, and damaged ones do no harm.
 */
#include "tests/support/trace-builder.h"
#include "tracer/model/memory.h"
#include "tracer/model/summary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct kept {
	struct trc_summary_node nodes[400];
	size_t count;
	uint8_t *bytes; /* of the first */
	size_t size;
};

static void keep(const struct trc_summary_row *row, void *context)
{
	struct kept *kept = context;
	struct trc_summary_node *node = &kept->nodes[kept->count];

	assert_true(kept->count < 400);
	assert_true(trc_summary_node_decode(row->bytes, row->size, node));
	assert_int_equal(node->level, row->level);
	assert_int_equal(node->first_event, row->first_event);
	assert_int_equal(node->begin, row->begin);
	assert_int_equal(node->buckets[node->bucket_count - 1].end, row->end);
	if (kept->count++ == 0) {
		kept->bytes = trc_copy(row->bytes, row->size);
		kept->size = row->size;
	}
}

static struct tb tb;
static uint64_t client, servers[5];

static void work(int turns)
{
	for (int i = 0; i < turns; i++) {
		uint64_t to = servers[rand() % 5],
			 ask = tb_ask_and_wait(&tb, client, to, "Question");

		tb_receive_next(&tb, to);
		tb.now += rand() % 500 == 0 ? 5000000 : 0;
		tb_reply(&tb, to, tb_token(ask));
		tb_done(&tb, to);
		tb_wake(&tb, client, TRC_WAKE_MET);
		if (rand() % 4 == 0)
			tb_send(&tb, client, servers[4], "Note");
		if (trc_model_actor(tb.model, servers[4])->depth > 20)
			while (trc_model_actor(tb.model, servers[4])->oldest) {
				tb_receive_next(&tb, servers[4]);
				tb_done(&tb, servers[4]);
			}
	}
}

static int begin(void **state)
{
	struct trc_summary *summary;
	struct trc_model *model = trc_model_new();
	struct kept *kept = trc_zalloc(1, sizeof *kept);

	srand(5);
	tb_init(&tb);
	client = tb_spawn_starting(&tb, 0, "client", "client", 10);
	for (int i = 0; i < 5; i++)
		servers[i] = tb_spawn(&tb, client, "server", "", 1000);
	tb_spawn_starting(&tb, 0, "idler", "", 10);
	work(25000);
	summary = trc_summary_new(model, keep, kept);
	for (size_t i = 0; i < tb.count; i++) {
		trc_model_apply(model, &tb.events[i].event);
		trc_summary_event(summary, &tb.events[i].event);
	}
	trc_summary_finish(summary);
	trc_summary_free(summary);
	trc_model_free(model);
	*state = kept;
	return 0;
}

static void leaves_pauses_out(void **state)
{
	const struct kept *kept = *state;
	uint64_t pauses = 0;

	for (size_t i = 0; i < kept->count; i++)
		for (size_t k = 1; k < kept->nodes[i].bucket_count; k++)
			pauses += kept->nodes[i].buckets[k].begin >
				  kept->nodes[i].buckets[k - 1].end + 4000000;
	assert_true(pauses > 3);
}

static int end(void **state)
{
	struct kept *kept = *state;

	for (size_t i = 0; i < kept->count; i++)
		trc_summary_node_clear(&kept->nodes[i]);
	free(kept->bytes);
	free(kept);
	tb_fini(&tb);
	return 0;
}

static void covers_all_events_at_each_level(void **state)
{
	const struct kept *kept = *state;
	uint64_t events[TRC_SUMMARY_LEVELS] = {0}, sends[TRC_SUMMARY_LEVELS] = {0}, sent = 0;
	unsigned top = 0;

	for (size_t i = 0; i < tb.count; i++)
		sent += tb.events[i].event.kind == TRC_SEND;
	for (size_t i = 0; i < kept->count; i++) {
		const struct trc_summary_node *node = &kept->nodes[i];

		assert_int_equal(node->first_event, events[node->level]);
		for (size_t k = 0; k < node->bucket_count; k++) {
			events[node->level] += node->buckets[k].events;
			sends[node->level] += node->buckets[k].sends;
		}
		top = node->level > top ? node->level : top;
	}
	assert_in_range(top, 1, 3);
	for (unsigned i = 0; i <= top; i++) {
		assert_int_equal(events[i], tb.count);
		assert_int_equal(sends[i], sent);
	}
}

/* The client's waiting time, found the plain way. */
static uint64_t plain_wait(void)
{
	uint64_t sum = 0, since = 0;

	for (size_t i = 0; i < tb.count; i++) {
		const struct trc_event *event = &tb.events[i].event;

		if (event->actor != client)
			continue;
		if (event->kind == TRC_WAIT)
			since = event->time;
		else if (event->kind == TRC_WAKE)
			sum += event->time - since;
	}
	return sum;
}

/* The time since `reached` a lane was doing something: in cells, between them, in pauses. */
static double spent(const struct trc_summary_node *node, uint64_t reached, uint64_t actor,
		    unsigned doing)
{
	const struct trc_summary_lane *lane = trc_summary_lane(node, actor);
	unsigned now = lane ? lane->doing : TRC_DOING_NOTHING;
	size_t next = 0;
	double sum = 0;

	for (size_t bucket = 0; lane && bucket < node->bucket_count; bucket++) {
		const struct trc_summary_cell *cell = &node->cells[lane->first + next];
		uint64_t begin = node->buckets[bucket].begin, end = node->buckets[bucket].end;
		double length = (double)(end - begin);

		sum += now == doing ? (double)(begin - reached) : 0;
		reached = end;
		if (next < lane->count && cell->bucket == bucket) {
			sum += length * cell->shares[doing] / TRC_SUMMARY_SHARE;
			now = cell->doing;
			next++;
		} else if (now == doing) {
			sum += length;
		}
	}
	return sum;
}

static void knows_how_long_was_waited(void **state)
{
	const struct kept *kept = *state;
	double waited[TRC_SUMMARY_LEVELS] = {0}, handled[TRC_SUMMARY_LEVELS] = {0}, plain;
	uint64_t reached[TRC_SUMMARY_LEVELS] = {0};
	uint64_t idler = servers[4] + 1;

	for (size_t i = 0; i < kept->count; i++) {
		const struct trc_summary_node *node = &kept->nodes[i];

		waited[node->level] += spent(node, reached[node->level], client, TRC_DOING_WAIT);
		handled[node->level] += spent(node, reached[node->level], idler, TRC_DOING_HANDLER);
		reached[node->level] = node->buckets[node->bucket_count - 1].end;
	}
	plain = (double)plain_wait();
	for (unsigned i = 0; i < 2; i++) {
		assert_true(waited[i] > plain * 0.99 && waited[i] < plain * 1.01);
		/* One that does nothing but go on, without an event. */
		assert_true(handled[i] > (double)tb.now * 0.99);
	}
}

static void counts_what_each_actor_did(void **state)
{
	const struct kept *kept = *state;
	uint64_t events[2] = {0}, receives[2] = {0}, plain = 0, received = 0, deepest = 0;

	for (size_t i = 0; i < tb.count; i++) {
		const struct trc_event *event = &tb.events[i].event;

		plain += event->actor == servers[4];
		received += event->actor == servers[4] && event->kind == TRC_RECEIVE;
	}
	for (size_t i = 0; i < kept->count; i++) {
		const struct trc_summary_node *node = &kept->nodes[i];
		const struct trc_summary_lane *lane = trc_summary_lane(node, servers[4]);

		for (size_t k = 0; lane && node->level < 2 && k < lane->count; k++) {
			const struct trc_summary_cell *cell = &node->cells[lane->first + k];

			events[node->level] += cell->events;
			receives[node->level] += cell->receives;
			deepest = cell->deepest > deepest ? cell->deepest : deepest;
		}
	}
	for (int i = 0; i < 2; i++) {
		assert_int_equal(events[i], plain);
		assert_int_equal(receives[i], received);
	}
	assert_int_equal(deepest, trc_model_actor(tb.model, servers[4])->peak);
}

static void has_a_head_that_can_be_read_alone(void **state)
{
	const struct kept *kept = *state;
	struct trc_summary_node node, head;

	assert_true(trc_summary_node_decode(kept->bytes, kept->size, &node));
	assert_true(trc_summary_head_decode(kept->bytes, kept->size, &head));
	assert_int_equal(head.level, node.level);
	assert_int_equal(head.first_event, node.first_event);
	assert_true(head.bucket_count > 0);
	assert_int_equal(head.bucket_count, node.bucket_count);
	assert_memory_equal(head.buckets, node.buckets, head.bucket_count * sizeof *head.buckets);
	assert_int_equal(head.lane_count, 0);
	trc_summary_node_clear(&node);
	trc_summary_node_clear(&head);
	assert_false(trc_summary_head_decode(kept->bytes, 2, &head));
}

static void is_not_harmed_by_damage(void **state)
{
	const struct kept *kept = *state;
	struct trc_summary_node node;
	int good = 0;

	srand(3);
	for (int i = 0; i < 2000; i++) {
		uint8_t *bytes = trc_copy(kept->bytes, kept->size);
		size_t size = i % 2 ? kept->size : (size_t)rand() % kept->size;

		for (int k = i % 2 ? 1 + rand() % 3 : 0; k > 0; k--)
			bytes[(size_t)rand() % size] ^= (uint8_t)(1 << rand() % 8);
		if (trc_summary_node_decode(bytes, size, &node)) {
			good++;
			for (size_t k = 0; k < node.lane_count; k++)
				assert_true(node.lanes[k].first + node.lanes[k].count <=
					    node.cell_count);
			trc_summary_node_clear(&node);
		}
		free(bytes);
	}
	assert_true(good > 0);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(covers_all_events_at_each_level),   T(knows_how_long_was_waited),
		T(counts_what_each_actor_did),        T(leaves_pauses_out),
		T(has_a_head_that_can_be_read_alone), T(is_not_harmed_by_damage),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
