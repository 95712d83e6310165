#include "tests/support/trace-builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const struct trc_actor *actor(const struct tb *tb, uint64_t id)
{
	const struct trc_actor *found = trc_model_actor(tb->model, id);

	assert_non_null(found);
	return found;
}

static uint32_t held(const struct trc_actor *holder, uint64_t target)
{
	for (unsigned i = 0; i < holder->holding_count; i++)
		if (holder->holdings[i].target == target)
			return holder->holdings[i].count;
	return 0;
}

static void follows_an_actor_through_its_states(void **state)
{
	struct tb tb;
	uint64_t a, m;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "room", "lobby", 2);
	assert_int_equal(actor(&tb, a)->state, TRC_RUNNING);
	tb_done(&tb, a);
	assert_int_equal(actor(&tb, a)->state, TRC_IDLE);
	m = tb_send(&tb, 0, a, "Say");
	assert_int_equal(actor(&tb, a)->state, TRC_READY);
	assert_int_equal(actor(&tb, a)->depth, 1);
	tb_receive(&tb, a, m);
	assert_int_equal(actor(&tb, a)->state, TRC_RUNNING);
	assert_int_equal(actor(&tb, a)->depth, 0);
	assert_int_equal(actor(&tb, a)->current->id, m);
	tb_wait_timer(&tb, a);
	assert_int_equal(actor(&tb, a)->state, TRC_WAITING);
	tb_wake(&tb, a, TRC_WAKE_MET);
	assert_int_equal(actor(&tb, a)->state, TRC_RUNNING);
	assert_int_equal(actor(&tb, a)->wait.target_count, 0);
	tb_done(&tb, a);
	assert_null(trc_model_message(tb.model, m));
	tb_end(&tb, a, TRC_END_STOPPED);
	assert_int_equal(actor(&tb, a)->state, TRC_ENDED);
	assert_int_equal(actor(&tb, a)->end_reason, TRC_END_STOPPED);
	assert_string_equal(actor(&tb, a)->name, "lobby");
	assert_string_equal(trc_model_kind_name(tb.model, actor(&tb, a)->kind), "room");
	assert_int_equal(trc_model_anomalies(tb.model), 0);
	tb_fini(&tb);
}

static void follows_an_actor_through_a_message_that_was_left_out(void **state)
{
	struct tb tb;
	uint64_t a, m;

	tb_init(&tb);
	a = tb_spawn(&tb, 0, "room", "lobby", 2);
	assert_int_equal(trc_model_unseen(tb.model), 0);
	tb_unseen(&tb, 0, a, true);
	tb_unseen(&tb, 0, a, true);
	assert_int_equal(trc_model_unseen(tb.model), 1);
	assert_true(actor(&tb, a)->unseen && actor(&tb, a)->grants);
	tb_receive_unseen(&tb, a);
	assert_int_equal(actor(&tb, a)->state, TRC_RUNNING);
	assert_true(actor(&tb, a)->in_unseen);
	m = tb_send(&tb, 0, a, "Say");
	tb_done(&tb, a);
	assert_int_equal(actor(&tb, a)->state, TRC_READY);
	assert_false(actor(&tb, a)->in_unseen);
	tb_receive_unseen(&tb, a); /* that was sent before the other */
	tb_done(&tb, a);
	tb_receive(&tb, a, m);
	assert_false(actor(&tb, a)->in_unseen);
	tb_done(&tb, a);
	assert_int_equal(actor(&tb, a)->state, TRC_IDLE);
	assert_int_equal(trc_model_anomalies(tb.model), 0);
	tb_fini(&tb);
}

static void keeps_mailboxes_in_order_and_remembers_the_deepest(void **state)
{
	struct tb tb;
	uint64_t a, m[3];

	tb_init(&tb);
	a = tb_spawn(&tb, 0, "room", "lobby", 10);
	for (int i = 0; i < 3; i++)
		m[i] = tb_send(&tb, 0, a, "Say");
	/* Two senders at once: the receiver may see them in the other order. */
	tb_receive(&tb, a, m[1]);
	tb_done(&tb, a);
	assert_int_equal(actor(&tb, a)->oldest->id, m[0]);
	assert_int_equal(actor(&tb, a)->oldest->next->id, m[2]);
	assert_int_equal(actor(&tb, a)->youngest->id, m[2]);
	tb_discard(&tb, a, m[2]);
	assert_int_equal(actor(&tb, a)->youngest->id, m[0]);
	assert_int_equal(actor(&tb, a)->depth, 1);
	assert_int_equal(actor(&tb, a)->peak, 3);
	assert_int_equal(trc_model_anomalies(tb.model), 0);
	tb_fini(&tb);
}

static void knows_cause_and_wait_for_space_of_a_message(void **state)
{
	struct tb tb;
	uint64_t a, b, cause, m, began;
	const struct trc_message *message;

	tb_init(&tb);
	a = tb_spawn(&tb, 0, "room", "a", 10);
	b = tb_spawn(&tb, 0, "room", "b", 1);
	tb_send(&tb, 0, b, "Filler");
	cause = tb_send(&tb, 0, a, "Go");
	tb_receive(&tb, a, cause);
	tb_wait_space(&tb, a, b);
	began = tb.now;
	assert_false(trc_model_target_met(tb.model, &actor(&tb, a)->wait.targets[0]));
	assert_int_equal(trc_model_target_party(tb.model, &actor(&tb, a)->wait.targets[0]), b);
	tb_receive_next(&tb, b);
	assert_true(trc_model_target_met(tb.model, &actor(&tb, a)->wait.targets[0]));
	tb_wake(&tb, a, TRC_WAKE_MET);
	m = tb_send(&tb, a, b, "Say");
	message = trc_model_message(tb.model, m);
	assert_int_equal(message->cause, cause);
	assert_int_equal(message->space_since, began);
	assert_true(message->sent > began);
	/* The next one did not wait. */
	m = tb_send(&tb, a, b, "Say");
	message = trc_model_message(tb.model, m);
	assert_int_equal(message->space_since, message->sent);
	tb_fini(&tb);
}

static void a_token_is_held_where_its_message_lies(void **state)
{
	struct tb tb;
	uint64_t a, b, c, ask, token, carrier;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "a", "a", 10);
	b = tb_spawn(&tb, 0, "b", "b", 10);
	c = tb_spawn(&tb, 0, "c", "c", 10);
	ask = tb_ask_and_wait(&tb, a, b, "Question");
	token = tb_token(ask);
	assert_int_equal(trc_model_token(tb.model, token)->holder, b);
	assert_int_equal(trc_model_token(tb.model, token)->in_message, ask);
	assert_int_equal(actor(&tb, a)->wait.message, ask);
	tb_receive(&tb, b, ask);
	assert_int_equal(trc_model_token(tb.model, token)->in_message, 0);
	carrier = tb_next_message(&tb);
	tb_move_token(&tb, b, token, carrier);
	assert_int_equal(trc_model_token(tb.model, token)->holder, b);
	tb_send(&tb, b, c, "Forward");
	assert_int_equal(trc_model_token(tb.model, token)->holder, c);
	assert_int_equal(trc_model_token(tb.model, token)->in_message, carrier);
	tb_receive(&tb, c, carrier);
	assert_int_equal(trc_model_token(tb.model, token)->in_message, 0);
	tb_reply(&tb, c, token);
	assert_int_equal(trc_model_token(tb.model, token)->state, TRC_TOKEN_REPLIED);
	assert_int_equal(trc_model_token(tb.model, token)->closer, c);
	assert_true(trc_model_target_met(tb.model, &actor(&tb, a)->wait.targets[0]));
	tb_wake(&tb, a, TRC_WAKE_MET);
	assert_null(trc_model_token(tb.model, token));
	assert_int_equal(trc_model_anomalies(tb.model), 0);
	tb_fini(&tb);
}

static void a_reply_may_come_before_the_wait_for_it(void **state)
{
	struct tb tb;
	uint64_t a, b, first, second;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "a", "a", 10);
	b = tb_spawn(&tb, 0, "b", "b", 10);
	first = tb_ask(&tb, a, b, "Question");
	tb_receive(&tb, b, first);
	tb_reply(&tb, b, tb_token(first));
	tb_done(&tb, b);
	/* Something else is waited for in between; the first answer stays known. */
	tb_wait_timer(&tb, a);
	tb_wake(&tb, a, TRC_WAKE_MET);
	second = tb_ask(&tb, a, b, "Question");
	tb_wait_many(&tb, a, false,
		     (struct trc_target[]){{TRC_WHAT_REPLY, tb_token(first), b},
					   {TRC_WHAT_REPLY, tb_token(second), b}},
		     2);
	assert_true(trc_model_target_met(tb.model, &actor(&tb, a)->wait.targets[0]));
	assert_false(trc_model_target_met(tb.model, &actor(&tb, a)->wait.targets[1]));
	tb_receive(&tb, b, second);
	tb_drop_token(&tb, b, tb_token(second));
	assert_int_equal(trc_model_token(tb.model, tb_token(second))->state, TRC_TOKEN_DROPPED);
	tb_wake(&tb, a, TRC_WAKE_MET);
	assert_null(trc_model_token(tb.model, tb_token(first)));
	assert_null(trc_model_token(tb.model, tb_token(second)));
	assert_int_equal(trc_model_anomalies(tb.model), 0);
	tb_fini(&tb);
}

static void an_open_token_outlives_the_patience_of_its_asker(void **state)
{
	struct tb tb;
	uint64_t a, b, ask;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "a", "a", 10);
	b = tb_spawn(&tb, 0, "b", "b", 10);
	ask = tb_ask(&tb, a, b, "Question");
	tb.deadline = tb.now + 10000;
	tb_wait_reply(&tb, a, tb_token(ask));
	tb_wake(&tb, a, TRC_WAKE_DEADLINE);
	assert_int_equal(trc_model_token(tb.model, tb_token(ask))->state, TRC_TOKEN_OPEN);
	tb_done(&tb, a);
	tb_receive(&tb, b, ask);
	tb_add(&tb, (struct trc_event){.kind = TRC_REPLY,
				       .flags = TRC_F_LATE,
				       .actor = b,
				       .id = tb_token(ask),
				       .peer = a});
	assert_null(trc_model_token(tb.model, tb_token(ask)));
	assert_int_equal(trc_model_anomalies(tb.model), 0);
	tb_fini(&tb);
}

static void handles_move_with_messages(void **state)
{
	struct tb tb;
	uint64_t a, b, c, m;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "a", "a", 10);
	b = tb_spawn(&tb, a, "b", "b", 10);
	c = tb_spawn(&tb, a, "c", "c", 10);
	assert_int_equal(held(actor(&tb, a), b), 1);
	assert_int_equal(held(trc_model_outside(tb.model), a), 1);
	tb_clone(&tb, a, c);
	assert_int_equal(actor(&tb, c)->handle_count, 2);
	m = tb_next_message(&tb);
	tb_move(&tb, a, c, m);
	assert_int_equal(held(actor(&tb, a), c), 1);
	assert_int_equal(actor(&tb, c)->handle_count, 2);
	tb_send(&tb, a, b, "Take");
	assert_int_equal(trc_model_message(tb.model, m)->holding_count, 1);
	assert_int_equal(trc_model_message(tb.model, m)->holdings[0].target, c);
	tb_receive(&tb, b, m);
	assert_int_equal(held(actor(&tb, b), c), 1);
	tb_drop(&tb, b, c);
	tb_drop(&tb, a, c);
	assert_int_equal(actor(&tb, c)->handle_count, 0);
	/* Moved at once, as with a reply. */
	tb_add(&tb, (struct trc_event){
			    .kind = TRC_HANDLE_MOVE, .actor = a, .id = b, .peer = c, .arg = 0});
	assert_int_equal(held(actor(&tb, c), b), 1);
	assert_int_equal(held(actor(&tb, a), b), 0);
	tb_end(&tb, c, TRC_END_STOPPED);
	assert_int_equal(actor(&tb, b)->handle_count, 0);
	assert_int_equal(trc_model_anomalies(tb.model), 0);
	tb_fini(&tb);
}

static void a_failed_send_gives_back_what_was_packed(void **state)
{
	struct tb tb;
	uint64_t a, b;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "a", "a", 10);
	b = tb_spawn(&tb, a, "b", "b", 10);
	tb_move(&tb, a, b, tb_next_message(&tb));
	tb_refused(&tb, a, b, "Take", TRC_REFUSED_FULL);
	assert_int_equal(held(actor(&tb, a), b), 1);
	tb_drop(&tb, a, b);
	assert_int_equal(actor(&tb, b)->handle_count, 0);
	assert_int_equal(trc_model_anomalies(tb.model), 0);
	tb_fini(&tb);
}

static void counts_many_handles_of_one_holder(void **state)
{
	enum { MANY = 300 };
	uint64_t held_actors[MANY];
	struct tb tb;
	uint64_t a;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "a", "a", 10);
	for (int i = 0; i < MANY; i++)
		held_actors[i] = tb_spawn(&tb, a, "b", "", 10);
	assert_int_equal(actor(&tb, a)->holding_count, MANY);
	for (int i = 0; i < MANY; i += 2)
		tb_drop(&tb, a, held_actors[i]);
	assert_int_equal(actor(&tb, a)->holding_count, MANY / 2);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(held(actor(&tb, a), held_actors[i]), i % 2);
	assert_int_equal(trc_model_anomalies(tb.model), 0);
	tb_fini(&tb);
}

static void contradictions_are_counted_and_survived(void **state)
{
	struct tb tb;
	uint64_t a, m;

	tb_init(&tb);
	a = tb_spawn(&tb, 0, "room", "lobby", 10);
	m = tb_send(&tb, 0, a, "Say");
	tb_receive(&tb, a, 4711);
	assert_int_equal(trc_model_anomalies(tb.model), 1);
	assert_int_equal(actor(&tb, a)->depth, 1);
	tb_receive(&tb, a, m); /* while running */
	assert_int_equal(trc_model_anomalies(tb.model), 2);
	assert_int_equal(actor(&tb, a)->current->id, m);
	tb_reply(&tb, a, 4711);
	tb_wake(&tb, a, TRC_WAKE_MET);
	tb_drop(&tb, a, 4711);
	assert_int_equal(trc_model_anomalies(tb.model), 5);
	tb_end(&tb, a, TRC_END_STOPPED);
	tb_send(&tb, 0, a, "Say");
	assert_int_equal(trc_model_anomalies(tb.model), 6);
	assert_int_equal(actor(&tb, a)->depth, 0);
	tb_fini(&tb);
}

static void missing_events_mark_the_actor(void **state)
{
	struct tb tb;
	uint64_t a, b;

	tb_init(&tb);
	a = tb_spawn(&tb, 0, "room", "a", 10);
	b = tb_spawn(&tb, 0, "room", "b", 10);
	tb_add(&tb, (struct trc_event){.kind = TRC_LOST, .id = 5, .arg = 1});
	tb_add(&tb, (struct trc_event){.kind = TRC_HANDLE_CLONE, .actor = a, .id = b, .aseq = 9});
	assert_true(actor(&tb, a)->gap);
	assert_false(actor(&tb, b)->gap);
	assert_int_equal(trc_model_lost(tb.model), 5);
	/* An actor whose SPAWN is missing. */
	tb_add(&tb, (struct trc_event){.kind = TRC_START, .actor = 77});
	assert_string_equal(actor(&tb, 77)->name, "actor-77");
	tb_fini(&tb);
}

/* Compares what can be seen of two models. */
static void assert_same(const struct trc_model *x, const struct trc_model *y)
{
	assert_int_equal(trc_model_actor_count(x), trc_model_actor_count(y));
	assert_int_equal(trc_model_events(x), trc_model_events(y));
	for (size_t i = 0; i < trc_model_actor_count(x); i++) {
		const struct trc_actor *a = trc_model_actor_at(x, i);
		const struct trc_actor *b = trc_model_actor_at(y, i);
		const struct trc_message *m = a->oldest, *n = b->oldest;

		assert_int_equal(a->id, b->id);
		assert_int_equal(a->state, b->state);
		assert_int_equal(a->depth, b->depth);
		assert_int_equal(a->handle_count, b->handle_count);
		assert_int_equal(a->holding_count, b->holding_count);
		assert_int_equal(a->wait.target_count, b->wait.target_count);
		assert_int_equal(a->current ? a->current->id : 0, b->current ? b->current->id : 0);
		for (; m && n; m = m->next, n = n->next)
			assert_int_equal(m->id, n->id);
		assert_true(!m && !n);
	}
}

static void a_clone_lives_its_own_life(void **state)
{
	struct trc_model *copy, *again;
	uint64_t a, b, ask;
	struct tb tb;
	size_t mark;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "a", "a", 10);
	b = tb_spawn(&tb, a, "b", "b", 10);
	tb_fill(&tb, a, b, 3);
	tb_receive_next(&tb, b);
	tb_move(&tb, a, b, tb_next_message(&tb) + 1);
	ask = tb_ask_and_wait(&tb, a, b, "Question");
	copy = trc_model_clone(tb.model);
	assert_same(copy, tb.model);
	mark = tb.count;
	tb_done(&tb, b);
	tb_receive_next(&tb, b);
	tb_done(&tb, b);
	tb_receive_next(&tb, b);
	tb_done(&tb, b);
	tb_receive(&tb, b, ask);
	tb_reply(&tb, b, tb_token(ask));
	again = trc_model_clone(tb.model);
	tb_wake(&tb, a, TRC_WAKE_MET);
	tb_done(&tb, a);
	assert_int_equal(trc_model_actor(copy, a)->state, TRC_WAITING);
	for (size_t i = mark; i < tb.count; i++)
		trc_model_apply(copy, &tb.events[i].event);
	assert_same(copy, tb.model);
	for (size_t i = tb.count - 2; i < tb.count; i++)
		trc_model_apply(again, &tb.events[i].event);
	assert_same(again, tb.model);
	assert_null(trc_model_token(again, tb_token(ask)));
	trc_model_free(copy);
	trc_model_free(again);
	tb_fini(&tb);
}

static void reset_keeps_the_definitions_only(void **state)
{
	struct tb tb;

	tb_init(&tb);
	tb_spawn(&tb, 0, "room", "lobby", 10);
	trc_model_reset(tb.model);
	assert_int_equal(trc_model_actor_count(tb.model), 0);
	assert_int_equal(trc_model_events(tb.model), 0);
	assert_string_equal(trc_model_kind_name(tb.model, 1), "room");
	tb_fini(&tb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_an_actor_through_its_states),
		cmocka_unit_test(follows_an_actor_through_a_message_that_was_left_out),
		cmocka_unit_test(keeps_mailboxes_in_order_and_remembers_the_deepest),
		cmocka_unit_test(knows_cause_and_wait_for_space_of_a_message),
		cmocka_unit_test(a_token_is_held_where_its_message_lies),
		cmocka_unit_test(a_reply_may_come_before_the_wait_for_it),
		cmocka_unit_test(an_open_token_outlives_the_patience_of_its_asker),
		cmocka_unit_test(handles_move_with_messages),
		cmocka_unit_test(a_failed_send_gives_back_what_was_packed),
		cmocka_unit_test(counts_many_handles_of_one_holder),
		cmocka_unit_test(contradictions_are_counted_and_survived),
		cmocka_unit_test(missing_events_mark_the_actor),
		cmocka_unit_test(a_clone_lives_its_own_life),
		cmocka_unit_test(reset_keeps_the_definitions_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
