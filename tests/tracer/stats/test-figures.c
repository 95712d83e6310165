/*
 * Figures of small programs, counted by hand. Every event is a microsecond after the last.
 */
#include "tests/support/trace-builder.h"

#include "tracer/stats/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

struct run {
	struct tb tb;
	struct trc_stats *stats;
	uint64_t ann, bob, lobby;
	/* when they received, waited, woke, were done */
	uint64_t ann_received, ann_waited, ann_woke, ann_done, bob_received;
};

static void on_before(const struct trc_event *event, void *context)
{
	trc_stats_before(context, event);
}

static void on_after(const struct trc_event *event, void *context)
{
	trc_stats_after(context, event);
}

/* Two users send to a room whose mailbox has room for two, and one waits for space. */
static void tell(struct run *run, uint64_t from, uint64_t to, const char *actor)
{
	const struct trc_stats_options options = {.from = from, .to = to, .actor = actor};
	struct tb *tb = &run->tb;

	tb_init(tb);
	run->stats = trc_stats_new(tb->model, &options);
	tb->before = on_before;
	tb->after = on_after;
	tb->context = run->stats;
	run->ann = tb_spawn(tb, 0, "user", "ann", 5);
	run->bob = tb_spawn(tb, 0, "user", "bob", 5);
	run->lobby = tb_spawn(tb, 0, "room", "lobby", 2);
	tb->now = 100000;
	tb_send(tb, 0, run->ann, "Go");
	tb_receive_next(tb, run->ann);
	run->ann_received = tb->now;
	tb_send(tb, 0, run->bob, "Go");
	tb_receive_next(tb, run->bob);
	run->bob_received = tb->now;
	tb_send(tb, run->ann, run->lobby, "Say");
	tb_send(tb, run->bob, run->lobby, "Say");
	tb_refused(tb, run->bob, run->lobby, "Say", TRC_REFUSED_FULL);
	tb_wait_space(tb, run->ann, run->lobby);
	run->ann_waited = tb->now;
	tb->now = 199000;
	tb_receive_next(tb, run->lobby); /* at 200 us */
	tb_wake(tb, run->ann, TRC_WAKE_MET);
	run->ann_woke = tb->now;
	tb_send(tb, run->ann, run->lobby, "Say");
	tb_done(tb, run->ann);
	run->ann_done = tb->now;
	tb->now = 299000;
	tb_done(tb, run->lobby); /* at 300 us */
	trc_stats_end(run->stats, tb->now < to ? tb->now : to);
}

static void forget(struct run *run)
{
	trc_stats_free(run->stats);
	tb_fini(&run->tb);
}

static const struct trc_figures *figures_of(const struct run *run, uint64_t id)
{
	size_t count;
	struct trc_figures **list = trc_stats_actors(run->stats, &count);
	const struct trc_figures *found = NULL;

	for (size_t i = 0; i < count; i++)
		if (list[i]->id == id)
			found = list[i];
	free(list);
	return found;
}

static void actors_are_counted(void **state)
{
	struct run run = {0};
	const struct trc_figures *ann, *lobby;
	uint64_t wait;

	tell(&run, 0, UINT64_MAX, NULL);
	ann = figures_of(&run, run.ann);
	lobby = figures_of(&run, run.lobby);
	assert_int_equal(ann->in, 1);
	assert_int_equal(ann->out, 2);
	wait = run.ann_woke - run.ann_waited;
	assert_int_equal(ann->waiting, wait);
	assert_int_equal(ann->waiting_for[TRC_WHAT_SPACE], wait);
	assert_int_equal(trc_figures_most_awaited(ann)->id, run.lobby);
	assert_int_equal(trc_figures_most_awaited(ann)->time, wait);
	/* With a microsecond in its start. */
	assert_int_equal(ann->handling, run.ann_done - run.ann_received - wait + 1000);
	assert_int_equal(ann->handled.sum, run.ann_done - run.ann_received);
	assert_int_equal(ann->in_mailbox.sum, 1000);
	assert_int_equal(figures_of(&run, run.bob)->refused, 1);
	assert_int_equal(lobby->in, 1);
	assert_int_equal(lobby->deepest, 2);
	assert_int_equal(lobby->capacity, 2);
	assert_int_equal(lobby->in_mailbox.total, 1);
	assert_int_equal(lobby->handled.longest, 100000);
	/* Bob's handler still runs. */
	assert_int_equal(figures_of(&run, run.bob)->handling, 300000 - run.bob_received + 1000);
	forget(&run);
}

static void kinds_are_their_actors_together(void **state)
{
	struct run run = {0};
	struct trc_figures **kinds;
	size_t count;

	tell(&run, 0, UINT64_MAX, NULL);
	kinds = trc_stats_kinds(run.stats, &count);
	assert_int_equal(count, 2);
	assert_string_equal(trc_model_kind_name(run.tb.model, kinds[0]->kind), "user");
	assert_int_equal(kinds[0]->actors, 2);
	assert_int_equal(kinds[0]->out, 3);
	assert_int_equal(kinds[0]->waiting, run.ann_woke - run.ann_waited);
	/* Kinds wait for kinds. */
	assert_int_equal(trc_figures_most_awaited(kinds[0])->id, kinds[1]->kind);
	assert_int_equal(trc_stats_all(run.stats)->actors, 3);
	assert_int_equal(trc_stats_all(run.stats)->out, 5);
	free(kinds);
	forget(&run);
}

static void a_range_cuts_what_reaches_out_of_it(void **state)
{
	struct run run = {0};

	tell(&run, 150000, 250000, NULL);
	assert_int_equal(figures_of(&run, run.ann)->in, 0);
	assert_int_equal(figures_of(&run, run.ann)->out, 1);
	assert_int_equal(figures_of(&run, run.ann)->waiting, run.ann_woke - 150000);
	assert_int_equal(figures_of(&run, run.bob)->handling, 100000);
	assert_int_equal(figures_of(&run, run.lobby)->handling, 50000);
	assert_int_equal(figures_of(&run, run.lobby)->deepest, 2);
	assert_int_equal(trc_stats_span(run.stats), 100000);
	forget(&run);
}

static void some_actors_can_be_chosen(void **state)
{
	struct run run = {0};

	tell(&run, 0, UINT64_MAX, "b*");
	assert_null(figures_of(&run, run.ann));
	assert_int_equal(figures_of(&run, run.bob)->out, 1);
	assert_int_equal(trc_stats_all(run.stats)->actors, 1);
	forget(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(actors_are_counted),
		cmocka_unit_test(kinds_are_their_actors_together),
		cmocka_unit_test(a_range_cuts_what_reaches_out_of_it),
		cmocka_unit_test(some_actors_can_be_chosen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
