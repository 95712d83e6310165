#include "tests/support/trace-builder.h"

#include "tracer/model/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct log {
	uint64_t last_time;
	uint64_t hash; /* of all that was handed out, in its order */
	size_t count;
};

static void visit(const struct trc_event *event, void *context)
{
	struct log *log = context;

	assert_true(event->time >= log->last_time);
	log->last_time = event->time;
	log->hash = trc_mix(log->hash, trc_mix(event->kind, trc_mix(event->actor, event->id)));
	log->count++;
}

/* Many actors that ask each other, each event in a ring drawn by lot but each actor's in order of
 * its turns: as if turns ran on several threads. */
static void build(struct tb *tb, unsigned rings)
{
	enum { ACTORS = 8, TURNS = 400 };
	uint64_t actors[ACTORS], client;

	tb->ring = 0;
	client = tb_spawn_starting(tb, 0, "client", "client", 10);
	for (int i = 0; i < ACTORS; i++) {
		tb->ring = (unsigned)rand() % rings;
		actors[i] = tb_spawn(tb, client, "server", "", 10);
	}
	for (int i = 0; i < TURNS; i++) {
		uint64_t to = actors[rand() % ACTORS], ask;

		tb->ring = (unsigned)rand() % rings;
		ask = tb_ask_and_wait(tb, client, to, "Question");
		tb->ring = (unsigned)rand() % rings;
		tb_receive(tb, to, ask);
		tb_reply(tb, to, tb_token(ask));
		tb_done(tb, to);
		tb->ring = (unsigned)rand() % rings;
		tb_wake(tb, client, TRC_WAKE_MET);
	}
}

static void orders_rings_by_cause_though_clocks_disagree(void **state)
{
	for (unsigned seed = 1; seed <= 20; seed++) {
		struct trc_model *model = trc_model_new();
		struct log log = {0};
		struct trc_order *order = trc_order_new(model, visit, &log);
		struct tb tb;

		srand(seed);
		tb_init(&tb);
		build(&tb, 4);
		for (size_t i = 0; i < tb.count; i++) {
			struct trc_event event = tb.events[i].event;

			/* Each ring's clock is off by its own 30 microseconds at most. */
			event.time += 10000 * tb.events[i].ring;
			trc_order_push(order, tb.events[i].ring, &event);
		}
		trc_order_drain(order, true);
		assert_int_equal(log.count, tb.count);
		assert_int_equal(trc_model_anomalies(model), 0);
		assert_int_equal(trc_order_pending(order), 0);
		trc_order_free(order);
		trc_model_free(model);
		tb_fini(&tb);
	}
}

static void batches_may_cut_anywhere(void **state)
{
	for (unsigned seed = 1; seed <= 20; seed++) {
		struct trc_model *model = trc_model_new();
		struct log log = {0};
		struct trc_order *order = trc_order_new(model, visit, &log);
		size_t next[4] = {0};
		struct tb tb;
		bool more = true;

		srand(seed);
		tb_init(&tb);
		build(&tb, 4);
		/* Each batch reads on in each ring by some events, whatever the other rings do. */
		while (more) {
			more = false;
			for (unsigned ring = 0; ring < 4; ring++) {
				size_t limit = next[ring] + 60 + (size_t)rand() % 20;

				for (; next[ring] < tb.count && next[ring] < limit; next[ring]++)
					if (tb.events[next[ring]].ring == ring)
						trc_order_push(order, ring,
							       &tb.events[next[ring]].event);
				more |= next[ring] < tb.count;
			}
			trc_order_drain(order, false);
		}
		trc_order_drain(order, true);
		assert_int_equal(log.count, tb.count);
		assert_int_equal(trc_model_anomalies(model), 0);
		trc_order_free(order);
		trc_model_free(model);
		tb_fini(&tb);
	}
}

/* All events up to the time, and none beyond it. */
static void drain_with_pauses(struct trc_order *order, const struct trc_model *model, uint64_t end)
{
	uint64_t time = end > 100000 ? end - 100000 : 0;

	while (!trc_order_drain_until(order, time)) {
		assert_true(trc_model_time(model) <= time);
		time += 700;
	}
}

static void the_same_batches_give_the_same_order(void **state)
{
	struct log logs[3] = {0};
	struct tb tb;

	srand(5);
	tb_init(&tb);
	build(&tb, 3);
	for (int run = 0; run < 3; run++) {
		struct trc_model *model = trc_model_new();
		struct trc_order *order = trc_order_new(model, visit, &logs[run]);

		for (size_t i = 0; i < tb.count; i++) {
			trc_order_push(order, tb.events[i].ring, &tb.events[i].event);
			if (i % 100 == 99 && run == 2)
				drain_with_pauses(order, model, tb.events[i].event.time);
			else if (i % 100 == 99)
				trc_order_drain(order, false);
			/* Looking in between, with nothing new, changes nothing. */
			if (run == 1 && i % 100 == 99)
				trc_order_drain(order, false);
		}
		trc_order_drain(order, true);
		trc_order_free(order);
		trc_model_free(model);
	}
	assert_int_equal(logs[0].count, tb.count);
	assert_int_equal(logs[0].hash, logs[1].hash);
	assert_int_equal(logs[0].hash, logs[2].hash);
	tb_fini(&tb);
}

static void what_waits_for_its_cause_is_kept_for_the_next_batch(void **state)
{
	struct trc_model *model = trc_model_new();
	struct log log = {0};
	struct trc_order *order = trc_order_new(model, visit, &log);
	struct trc_event spawn = {.kind = TRC_SPAWN, .id = 1, .peer = 1, .time = 10};
	struct trc_event receive = {
		.kind = TRC_RECEIVE, .actor = 1, .aseq = 1, .id = 5, .time = 30};
	struct trc_event send = {.kind = TRC_SEND, .id = 5, .peer = 1, .time = 20};

	trc_order_push(order, 0, &spawn);
	trc_order_push(order, 1, &receive);
	trc_order_drain(order, false);
	assert_int_equal(trc_order_pending(order), 1);
	assert_int_equal(log.count, 1);
	trc_order_push(order, 0, &send);
	trc_order_drain(order, false);
	assert_int_equal(trc_order_pending(order), 0);
	assert_int_equal(trc_model_actor(model, 1)->current->id, 5);
	assert_int_equal(log.last_time, 30);
	trc_order_free(order);
	trc_model_free(model);
}

static void a_full_mailbox_takes_nothing_before_something_is_received(void **state)
{
	struct trc_model *model = trc_model_new();
	struct log log = {0};
	struct trc_order *order = trc_order_new(model, visit, &log);
	struct trc_event spawn = {.kind = TRC_SPAWN, .id = 1, .peer = 1, .arg = 2, .time = 10};
	struct trc_event receive = {
		.kind = TRC_RECEIVE, .actor = 1, .aseq = 1, .id = 5, .time = 30};

	trc_order_push(order, 0, &spawn);
	for (uint64_t id = 5; id < 8; id++) {
		struct trc_event send = {.kind = TRC_SEND, .id = id, .peer = 1, .time = 15 + id};

		trc_order_push(order, 1, &send);
	}
	trc_order_drain(order, false);
	assert_int_equal(trc_order_pending(order), 1);
	trc_order_push(order, 0, &receive);
	trc_order_drain(order, false);
	assert_int_equal(trc_order_pending(order), 0);
	assert_int_equal(trc_model_actor(model, 1)->depth, 2);
	assert_int_equal(trc_model_actor(model, 1)->peak, 2);
	trc_order_free(order);
	trc_model_free(model);
}

static void an_actor_may_do_more_than_its_count_can_hold(void **state)
{
	enum { MESSAGES = 50000 };
	struct trc_model *model = trc_model_new();
	struct log log = {0};
	struct trc_order *order = trc_order_new(model, visit, &log);
	struct tb tb;
	uint64_t actor;

	tb_init(&tb);
	actor = tb_spawn(&tb, 0, "counter", "", 10);
	for (int i = 0; i < MESSAGES; i++) {
		tb.ring = (unsigned)i % 2;
		tb_send(&tb, 0, actor, "Count");
		tb_receive_next(&tb, actor);
		tb_done(&tb, actor);
	}
	for (size_t i = 0; i < tb.count; i++)
		trc_order_push(order, tb.events[i].ring, &tb.events[i].event);
	trc_order_drain(order, false);
	assert_int_equal(trc_order_pending(order), 0);
	assert_int_equal(log.count, tb.count);
	assert_false(trc_model_actor(model, actor)->gap);
	trc_order_free(order);
	trc_model_free(model);
	tb_fini(&tb);
}

static void a_lost_cause_is_not_waited_for_without_end(void **state)
{
	struct trc_model *model = trc_model_new();
	struct log log = {0};
	struct trc_order *order = trc_order_new(model, visit, &log);
	struct trc_event spawn = {.kind = TRC_SPAWN, .id = 1, .peer = 1, .time = 10};
	struct trc_event lost = {.kind = TRC_LOST, .id = 1, .time = 25};
	struct trc_event receive = {
		.kind = TRC_RECEIVE, .actor = 1, .aseq = 1, .id = 5, .time = 30};
	struct trc_event note = {.kind = TRC_LOG, .time = 40};

	trc_order_push(order, 0, &spawn);
	trc_order_push(order, 0, &lost);
	trc_order_push(order, 1, &receive);
	trc_order_drain(order, false);
	assert_int_equal(trc_order_pending(order), 1);
	for (int batch = 0; batch < 3; batch++) {
		trc_order_push(order, 0, &note);
		trc_order_drain(order, false);
	}
	assert_int_equal(trc_order_pending(order), 0);
	assert_int_equal(trc_model_actor(model, 1)->state, TRC_RUNNING);
	assert_true(trc_model_anomalies(model) > 0);
	trc_order_free(order);
	trc_model_free(model);
}

static unsigned befores;

static void count_before(const struct trc_event *event, void *context)
{
	befores++;
}

static void tells_before_and_of_which_ring(void **state)
{
	struct trc_model *model = trc_model_new();
	struct log log = {0};
	struct trc_order *order = trc_order_new(model, visit, &log);
	struct trc_event note = {.kind = TRC_LOG, .time = 40};

	befores = 0;
	trc_order_before(order, count_before);
	trc_order_push(order, 7, &note);
	trc_order_drain(order, true);
	assert_int_equal(befores, 1);
	assert_int_equal(trc_order_ring(order), 7);
	trc_order_free(order);
	trc_model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_rings_by_cause_though_clocks_disagree),
		cmocka_unit_test(batches_may_cut_anywhere),
		cmocka_unit_test(the_same_batches_give_the_same_order),
		cmocka_unit_test(what_waits_for_its_cause_is_kept_for_the_next_batch),
		cmocka_unit_test(a_full_mailbox_takes_nothing_before_something_is_received),
		cmocka_unit_test(an_actor_may_do_more_than_its_count_can_hold),
		cmocka_unit_test(a_lost_cause_is_not_waited_for_without_end),
		cmocka_unit_test(tells_before_and_of_which_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
