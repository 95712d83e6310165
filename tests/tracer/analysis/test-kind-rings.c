/*
 * Rings that kinds of actors form, though no actors did: in one run, and in several together.
 */
#include "tests/support/trace-builder.h"

#include "tracer/analysis/kind-rings.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct tb tb;
static struct trc_check *check;
static struct trc_findings findings;

static void after(const struct trc_event *event, void *context)
{
	trc_check_event(check, event);
}

static void begin_run(void)
{
	tb_init(&tb);
	check = trc_check_new(tb.model);
	tb.after = after;
}

static void end_run(void)
{
	trc_check_free(check);
	tb_fini(&tb);
}

static int begin(void **state)
{
	begin_run();
	return 0;
}

static int end(void **state)
{
	trc_findings_clear(&findings);
	end_run();
	return 0;
}

/* Because of a message from outside. */
static void ask(uint64_t from, uint64_t to)
{
	uint64_t question;

	tb_receive(&tb, from, tb_send(&tb, 0, from, "Go"));
	question = tb_ask_and_wait(&tb, from, to, "Ping");
	tb_receive(&tb, to, question);
	tb_reply(&tb, to, tb_token(question));
	tb_done(&tb, to);
	tb_wake(&tb, from, TRC_WAKE_MET);
	tb_done(&tb, from);
}

static void tell(uint64_t from, uint64_t to, uint64_t of)
{
	uint64_t message = tb_next_message(&tb);

	tb_move(&tb, from, of, message);
	tb_receive(&tb, to, tb_send(&tb, from, to, "Meet"));
	tb_done(&tb, to);
}

static const struct trc_finding *find(enum trc_code code)
{
	for (size_t i = 0; i < findings.count; i++)
		if (findings.items[i].code == code &&
		    findings.items[i].edges[0].what == TRC_WHAT_REPLY)
			return &findings.items[i];
	return NULL;
}

/* Connection 1 asks room "a", room "b" asks connection 2. */
static void cross(bool acquainted)
{
	uint64_t a = tb_spawn(&tb, 0, "room", "a", 10), b = tb_spawn(&tb, 0, "room", "b", 10);
	uint64_t one = tb_spawn(&tb, 0, "connection", "1", 10);
	uint64_t two = tb_spawn(&tb, 0, "connection", "2", 10);

	tell(0, one, a);
	tell(0, b, two);
	if (acquainted)
		tell(0, a, one);
	ask(one, a);
	ask(b, two);
	trc_check_finish(check, true, &findings);
}

static void kinds_whose_actors_know_each_other_could(void **state)
{
	const struct trc_finding *finding;

	cross(true);
	finding = find(TRC_CODE_KIND_CYCLE);
	assert_non_null(finding);
	assert_int_equal(finding->core_edge_count, 2);
	assert_null(find(TRC_CODE_POTENTIAL_DEADLOCK));
}

static void kinds_whose_actors_do_not_cannot(void **state)
{
	cross(false);
	assert_null(find(TRC_CODE_KIND_CYCLE));
	assert_non_null(find(TRC_CODE_REFUTED));
	assert_non_null(strstr(find(TRC_CODE_REFUTED)->reason, "no actors of them have handles"));
}

static void elder_that_ask_younger_cannot(void **state)
{
	uint64_t nodes[3] = {tb_spawn(&tb, 0, "node", "0", 10)};

	for (int i = 1; i < 3; i++) {
		nodes[i] = tb_spawn(&tb, nodes[i - 1], "node", "", 10);
		tell(0, nodes[i], nodes[i - 1]);
		ask(nodes[i - 1], nodes[i]);
	}
	trc_check_finish(check, true, &findings);
	assert_null(find(TRC_CODE_KIND_CYCLE));
	assert_non_null(find(TRC_CODE_REFUTED));
	assert_non_null(strstr(find(TRC_CODE_REFUTED)->reason, "older ones"));
	assert_int_equal(find(TRC_CODE_REFUTED)->proof_count, 2);
}

/* --- several runs -------------------------------------------------------------------------------
 */

/* A run in which `from` asks `to`, which are number 0 and 1, through a gate or not. */
static void add_run(struct trc_kind_waits *waits, unsigned run, const char *name, bool turned,
		    bool gate)
{
	uint64_t a, b, g, go;

	end_run();
	begin_run();
	a = tb_spawn(&tb, 0, turned ? "b" : "a", "", 10);
	b = tb_spawn(&tb, 0, turned ? "a" : "b", "", 10);
	g = tb_spawn_starting(&tb, 0, "gate", "", 10);
	go = gate ? tb_ask_and_wait(&tb, g, a, "Go") : 0;
	if (gate) {
		uint64_t question;

		tb_receive(&tb, a, go);
		question = tb_ask_and_wait(&tb, a, b, "Ping");
		tb_receive(&tb, b, question);
		tb_reply(&tb, b, tb_token(question));
		tb_done(&tb, b);
		tb_wake(&tb, a, TRC_WAKE_MET);
		tb_reply(&tb, a, tb_token(go));
		tb_done(&tb, a);
	} else {
		ask(a, b);
	}
	trc_kind_waits_add(waits, check, run, name);
}

static size_t together(bool turned, bool gate)
{
	struct trc_kind_waits waits = {0};
	unsigned *runs;

	add_run(&waits, 0, "monday.db", false, gate);
	add_run(&waits, 1, "tuesday.db", turned, gate);
	trc_kind_rings_of_runs(&waits, &findings, &runs);
	if (findings.count) {
		assert_int_equal(runs[0] + runs[1], 1);
		assert_string_equal(findings.items[0].edges[0].origin, "seen in monday.db");
		assert_string_equal(findings.items[0].edges[1].origin, "seen in tuesday.db");
	}
	free(runs);
	trc_kind_waits_clear(&waits);
	return findings.count;
}

static void runs_that_ask_in_turn_have_a_ring_together(void **state)
{
	assert_int_equal(together(true, false), 1);
	assert_int_equal(findings.items[0].code, TRC_CODE_POTENTIAL_DEADLOCK);
	assert_false(findings.items[0].likely);
}

static void runs_that_ask_alike_have_none(void **state)
{
	assert_int_equal(together(false, false), 0);
}

static void a_gate_in_both_runs_is_one(void **state)
{
	assert_int_equal(together(true, true), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(kinds_whose_actors_know_each_other_could),
		T(kinds_whose_actors_do_not_cannot),
		T(elder_that_ask_younger_cannot),
		T(runs_that_ask_in_turn_have_a_ring_together),
		T(runs_that_ask_alike_have_none),
		T(a_gate_in_both_runs_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
