#include "tests/support/trace-builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void makes_up_names(void **state)
{
	struct tb tb;
	uint64_t a;

	tb_init(&tb);
	a = tb_spawn(&tb, 0, "room", "", 10);
	assert_string_equal(trc_model_actor_name(tb.model, a), "room-1");
	assert_string_equal(trc_model_actor_name(tb.model, 0), "outside");
	assert_string_equal(trc_model_actor_name(tb.model, 99), "?");
	assert_string_equal(trc_model_type_name(tb.model, 99), "?");
	assert_string_equal(trc_model_kind_name(tb.model, 99), "?");
	assert_string_equal(trc_model_site(tb.model, 99).file, "");
	assert_int_equal(trc_model_site(tb.model, 99).line, 0);
	tb_fini(&tb);
}

static void remembers_what_is_sent_from_where(void **state)
{
	struct tb tb;
	uint64_t a;

	tb_init(&tb);
	a = tb_spawn(&tb, 0, "room", "lobby", 10);
	tb_at(&tb, "../room.c", "broadcast", 41);
	tb_send(&tb, 0, a, "Frame");
	assert_string_equal(trc_model_type_name(tb.model, trc_model_site_type(tb.model, tb.site)),
			    "Frame");
	assert_string_equal(trc_model_site(tb.model, tb.site).function, "broadcast");
	assert_int_equal(trc_model_site_type(tb.model, 99), 0);
	tb_fini(&tb);
}

static void knows_what_a_sender_waits_to_send(void **state)
{
	const struct trc_actor *actor;
	const struct trc_message *message;
	struct trc_model *copy;
	uint64_t a, b, m;
	struct tb tb;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "client", "ann", 10);
	b = tb_spawn(&tb, a, "room", "lobby", 1);
	tb_at(&tb, "client.c", "say", 7);
	m = tb_send(&tb, a, b, "First");
	tb_sending(&tb, a, b, "Second");
	tb_wait_space(&tb, a, b);
	actor = trc_model_actor(tb.model, a);
	message = trc_model_target_message(tb.model, actor, &actor->wait.targets[0]);
	assert_non_null(message);
	assert_string_equal(trc_model_type_name(tb.model, message->type), "Second");
	assert_int_equal(message->receiver, b);
	assert_int_equal(trc_model_target_type(tb.model, actor, &actor->wait.targets[0]),
			 message->type);
	copy = trc_model_clone(tb.model);
	tb_receive(&tb, b, m);
	tb_wake(&tb, a, TRC_WAKE_MET);
	assert_null(trc_model_actor(tb.model, a)->sending);
	actor = trc_model_actor(copy, a);
	assert_string_equal(trc_model_type_name(copy, actor->sending->type), "Second");
	trc_model_free(copy);
	/* Where nothing says so, it is what that line sent last. */
	tb_send(&tb, a, b, "Second");
	tb_wait_space(&tb, a, b);
	actor = trc_model_actor(tb.model, a);
	assert_null(trc_model_target_message(tb.model, actor, &actor->wait.targets[0]));
	assert_string_equal(
		trc_model_type_name(
			tb.model, trc_model_target_type(tb.model, actor, &actor->wait.targets[0])),
		"Second");
	assert_int_equal(trc_model_anomalies(tb.model), 0);
	tb_fini(&tb);
}

static void says_what_has_to_come_first(void **state)
{
	struct trc_model *model = trc_model_new();
	struct trc_event spawn = {.kind = TRC_SPAWN, .id = 1, .peer = 1, .arg = 10};
	struct trc_event start = {.kind = TRC_START, .actor = 1, .aseq = 1};
	struct trc_event done = {.kind = TRC_DONE, .actor = 1, .aseq = 2};
	struct trc_event send = {.kind = TRC_SEND, .id = 9, .peer = 1, .arg = 5};
	struct trc_event receive = {.kind = TRC_RECEIVE, .actor = 1, .aseq = 3, .id = 9};
	struct trc_event wait = {
		.kind = TRC_WAIT, .actor = 1, .aseq = 4, .type = TRC_WHAT_REPLY, .id = 5};
	struct trc_event wake = {.kind = TRC_WAKE, .actor = 1, .aseq = 5, .type = TRC_WAKE_MET};
	struct trc_event reply = {.kind = TRC_REPLY, .id = 5};

	assert_false(trc_model_ready_for(model, &start));
	assert_false(trc_model_ready_for(model, &send));
	trc_model_apply(model, &spawn);
	assert_true(trc_model_ready_for(model, &start));
	assert_false(trc_model_ready_for(model, &done));
	trc_model_apply(model, &start);
	trc_model_apply(model, &done);
	assert_false(trc_model_ready_for(model, &receive));
	trc_model_apply(model, &send);
	assert_true(trc_model_ready_for(model, &receive));
	trc_model_apply(model, &receive);
	trc_model_apply(model, &wait);
	assert_false(trc_model_ready_for(model, &wake));
	wake.type = TRC_WAKE_CANCELLED;
	assert_true(trc_model_ready_for(model, &wake));
	wake.type = TRC_WAKE_MET;
	trc_model_apply(model, &reply);
	assert_true(trc_model_ready_for(model, &wake));
	trc_model_free(model);
}

static void count_token(const struct trc_token *token, void *context)
{
	++*(unsigned *)context;
	assert_int_equal(token->state, TRC_TOKEN_OPEN);
}

static void lists_the_tokens_of_an_actor(void **state)
{
	unsigned count = 0;
	uint64_t a, b;
	struct tb tb;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "a", "a", 10);
	b = tb_spawn(&tb, 0, "b", "b", 10);
	tb_ask(&tb, a, b, "Question");
	tb_ask(&tb, a, b, "Question");
	trc_model_tokens_of(tb.model, b, count_token, &count);
	assert_int_equal(count, 2);
	trc_model_tokens_of(tb.model, a, count_token, &count);
	assert_int_equal(count, 2);
	tb_fini(&tb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_up_names),
		cmocka_unit_test(remembers_what_is_sent_from_where),
		cmocka_unit_test(knows_what_a_sender_waits_to_send),
		cmocka_unit_test(says_what_has_to_come_first),
		cmocka_unit_test(lists_the_tokens_of_an_actor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
