#include "tests/support/trace-builder.h"

#include "tracer/analysis/alarm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct tb tb;
static struct trc_alarm *alarm_clock;
static unsigned reports;
static struct trc_finding last;

static void on_event(const struct trc_event *event, void *context)
{
	trc_alarm_event(alarm_clock, event);
}

static void on_report(const struct trc_finding *finding, void *context)
{
	reports++;
	trc_finding_clear(&last);
	trc_finding_copy(finding, &last);
}

static void poll_times(int times)
{
	while (times-- > 0)
		trc_alarm_poll(alarm_clock, on_report, NULL);
}

static int begin(void **state)
{
	tb_init(&tb);
	alarm_clock = trc_alarm_new(tb.model);
	tb.after = on_event;
	reports = 0;
	return 0;
}

static int end(void **state)
{
	trc_finding_clear(&last);
	trc_alarm_free(alarm_clock);
	tb_fini(&tb);
	return 0;
}

static void reports_a_ring_once_after_two_looks(void **state)
{
	uint64_t a = tb_spawn_starting(&tb, 0, "a", "A", 10);
	uint64_t b = tb_spawn_starting(&tb, 0, "b", "B", 10);

	tb_ask_and_wait(&tb, a, b, "Ping");
	poll_times(3);
	assert_int_equal(reports, 0);
	tb_ask_and_wait(&tb, b, a, "Ping");
	poll_times(1);
	assert_int_equal(reports, 0);
	poll_times(1);
	assert_int_equal(reports, 1);
	assert_int_equal(last.code, TRC_CODE_DEADLOCK);
	assert_int_equal(last.time, tb.now);
	poll_times(20);
	/* More victims are no news. */
	tb_ask_and_wait(&tb, tb_spawn_starting(&tb, 0, "c", "C", 10), a, "Ping");
	poll_times(20);
	assert_int_equal(reports, 1);
}

static void a_ring_that_a_waiting_reply_breaks_is_none(void **state)
{
	uint64_t a = tb_spawn_starting(&tb, 0, "a", "A", 10);
	uint64_t b = tb_spawn(&tb, 0, "b", "B", 10);
	uint64_t ask = tb_ask_and_wait(&tb, a, b, "Ping");

	tb_receive(&tb, b, ask);
	tb_reply(&tb, b, tb_token(ask));
	tb_ask_and_wait(&tb, b, a, "Ping");
	poll_times(20);
	assert_int_equal(reports, 0);
	tb_wake(&tb, a, TRC_WAKE_MET);
	poll_times(20);
	assert_int_equal(reports, 0);
}

static void a_ring_seen_by_one_look_only_is_none(void **state)
{
	uint64_t a = tb_spawn_starting(&tb, 0, "a", "A", 1);
	uint64_t b = tb_spawn_starting(&tb, 0, "b", "B", 1);

	tb_fill(&tb, 0, a, 1);
	tb_fill(&tb, 0, b, 1);
	tb_wait_space(&tb, a, b);
	tb_wait_space(&tb, b, a);
	poll_times(1);
	/* The place that was promised to A before is taken now. */
	tb_wake(&tb, a, TRC_WAKE_MET);
	poll_times(20);
	assert_int_equal(reports, 0);
}

static void finds_what_no_wait_closed(void **state)
{
	uint64_t a = tb_spawn_starting(&tb, 0, "a", "A", 10);
	uint64_t b = tb_spawn(&tb, 0, "b", "B", 10);
	uint64_t c = tb_spawn_starting(&tb, 0, "c", "C", 10);
	uint64_t ask = tb_ask_and_wait(&tb, a, b, "Ping");

	tb_receive(&tb, b, ask);
	tb_ask_and_wait(&tb, c, a, "Ping");
	poll_times(5);
	tb_move_token(&tb, b, tb_token(ask), tb_next_message(&tb));
	tb_send(&tb, b, c, "Forward");
	tb_done(&tb, b);
	poll_times(10);
	assert_int_equal(reports, 1);
	assert_int_equal(last.actor_count, 2);
}

static void finds_it_while_others_are_busy(void **state)
{
	uint64_t a = tb_spawn(&tb, 0, "a", "A", 1), b, c = tb_spawn(&tb, 0, "c", "C", 100);

	tb_receive(&tb, a, tb_send(&tb, 0, a, "Go"));
	b = tb_spawn(&tb, a, "b", "B", 10);
	/* B keeps A's token, and nobody else knows B. */
	tb_receive(&tb, b, tb_ask_and_wait(&tb, a, b, "Ping"));
	tb_done(&tb, b);
	for (int i = 0; i < 60; i++) {
		tb_receive(&tb, c, tb_send(&tb, 0, c, "Work"));
		tb_done(&tb, c);
		poll_times(1);
	}
	assert_int_equal(reports, 1);
	assert_int_equal(last.code, TRC_CODE_ORPHAN_WAIT);
}

static void orphans_of_a_program_that_stops_are_no_news(void **state)
{
	uint64_t queue = tb_spawn(&tb, 0, "queue", "queue", 10);
	uint64_t worker = tb_spawn_starting(&tb, 0, "worker", "worker", 10);
	uint64_t ask;

	/* The worker waits for the next job; main, who brings jobs, gives its handle up. */
	tb_clone(&tb, worker, queue);
	ask = tb_ask_and_wait(&tb, worker, queue, "Next");
	tb_receive(&tb, queue, ask);
	tb_done(&tb, queue);
	poll_times(20);
	tb_drop(&tb, 0, queue);
	poll_times(2);
	tb_drop_token(&tb, queue, tb_token(ask));
	tb_end(&tb, queue, TRC_END_SHUTDOWN);
	tb_wake(&tb, worker, TRC_WAKE_CANCELLED);
	poll_times(20);
	assert_int_equal(reports, 0);
}

static void a_gap_lowers_the_verdict(void **state)
{
	uint64_t a = tb_spawn_starting(&tb, 0, "a", "A", 10);

	tb_ask_and_wait(&tb, a, a, "Ping");
	poll_times(2);
	assert_false(last.lowered);
	tb_add(&tb, (struct trc_event){.kind = TRC_LOST, .id = 3});
	a = tb_spawn_starting(&tb, 0, "a", "A", 10);
	tb_ask_and_wait(&tb, a, a, "Ping");
	poll_times(2);
	assert_int_equal(reports, 2);
	assert_false(last.lowered); /* the gap was before it waited */
	a = tb_spawn_starting(&tb, 0, "a", "A", 10);
	tb_ask_and_wait(&tb, a, a, "Ping");
	tb_add(&tb, (struct trc_event){.kind = TRC_LOST, .id = 3});
	poll_times(2);
	assert_int_equal(reports, 3);
	assert_true(last.lowered);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(reports_a_ring_once_after_two_looks),
		T(a_ring_that_a_waiting_reply_breaks_is_none),
		T(a_ring_seen_by_one_look_only_is_none),
		T(finds_what_no_wait_closed),
		T(finds_it_while_others_are_busy),
		T(orphans_of_a_program_that_stops_are_no_news),
		T(a_gap_lowers_the_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
