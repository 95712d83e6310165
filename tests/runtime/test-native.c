/* Actors that live on a worker's loop, as sockets do; timers of libuv stand for the outside. */
#include "runtime/native.h"

#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"
#include "tracer/model/model.h"
#include "tracer/model/order.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

ACT_MESSAGE(Data, (u64, number))
ACT_MESSAGE(Own, (handle, owner), (u64, count))
ACT_MESSAGE(Double, (u64, value))
ACT_MESSAGE(Doubled, (u64, value))
ACT_SIGNAL(Close)

static _Atomic int freed, told;
static char heard[512];

/* --- a native actor that is asked ----------------------------------------------------------- */

struct doubler {
	struct act_self *self;
	uv_timer_t timer;
	struct act_token token;
	uint64_t value;
	bool stopping;
};

static void doubler_closed(uv_handle_t *handle)
{
	struct doubler *doubler = handle->data;

	act_native_end(doubler->self);
}

static void answer(uv_timer_t *timer)
{
	struct doubler *doubler = timer->data;

	act_answer(doubler->self, &doubler->token, Doubled, .value = 2 * doubler->value);
}

static void doubler_start(struct act_self *self, void *data)
{
	struct doubler *doubler = data;

	expect(act_native_data(self) == data);
	expect(act_sleep(self, 1) == ACT_ECANCELLED);
	doubler->self = self;
	doubler->timer.data = doubler;
	expect(uv_timer_init(act_native_loop(self), &doubler->timer) == 0);
}

static void doubler_handle(struct act_self *self, void *data, struct act_message *message)
{
	struct doubler *doubler = data;

	if (act_as(message, Close)) {
		uv_close((uv_handle_t *)&doubler->timer, doubler_closed);
		return;
	}
	doubler->token = act_token_of(message);
	doubler->value = act_as(message, Double)->value;
	expect(uv_timer_start(&doubler->timer, answer, 1, 0) == 0);
}

static void doubler_stop(struct act_self *self, void *data)
{
	struct doubler *doubler = data;

	told++;
	act_drop_token(self, &doubler->token);
	uv_close((uv_handle_t *)&doubler->timer, doubler_closed);
}

static void free_data(void *data)
{
	freed++;
	free(data);
}

static const struct act_native_kind doubler_kind = {
	.kind = {.name = "doubler"},
	.start = doubler_start,
	.handle = doubler_handle,
	.stop = doubler_stop,
	.free = free_data,
};

static struct act_handle spawn_doubler(struct act_self *self)
{
	return act_native_spawn(self, &doubler_kind, NULL, calloc(1, sizeof(struct doubler)),
				ACT_NATIVE_SPREAD, ACT_HERE);
}

static void ask_doublers(struct act_self *self)
{
	struct act_handle doublers[5];
	struct act_message *reply;

	for (int i = 0; i < 5; i++)
		doublers[i] = spawn_doubler(self);
	for (uint64_t i = 0; i < 20; i++) {
		expect(act_ask(self, doublers[i % 5], &reply, Double, .value = i) == 0);
		expect(act_as(reply, Doubled)->value == 2 * i);
		act_release(self, reply);
	}
	for (int i = 0; i < 5; i++)
		act_drop(self, &doublers[i]);
}

static const struct act_options three_workers = {.workers = 3};

static void test_a_native_actor_answers_later(void **state)
{
	freed = told = 0;
	run_body(&three_workers, ask_doublers);
	assert_int_equal(told, 5);
	assert_int_equal(freed, 5);
}

static void close_doubler(struct act_self *self)
{
	struct act_handle doubler = spawn_doubler(self);
	struct act_message *reply;

	expect(act_send(self, doubler, Close) == 0);
	expect(act_join(self, doubler) == 0);
	expect(act_ask(self, doubler, &reply, Double) == ACT_EGONE);
	act_drop(self, &doubler);
}

static void test_a_native_actor_ends_itself(void **state)
{
	freed = told = 0;
	run_body(&three_workers, close_doubler);
	assert_int_equal(told, 0);
	assert_int_equal(freed, 1);
}

static void leave_doubler_to_the_system(struct act_self *self)
{
	struct act_handle doubler = spawn_doubler(self);
	struct act_handle late;
	struct act_message *reply;

	expect(act_ask(self, doubler, &reply, Double) == 0);
	act_release(self, reply);
	act_system_stop(act_system_of(self));
	late = spawn_doubler(self);
	expect(!late.actor);
	act_drop(self, &doubler);
}

static void test_the_system_tells_native_actors_to_stop(void **state)
{
	freed = told = 0;
	run_body(&three_workers, leave_doubler_to_the_system);
	assert_int_equal(told, 1);
	assert_int_equal(freed, 2);
}

/* --- a native actor that sends -------------------------------------------------------------- */

struct source {
	struct act_handle owner;
	uint64_t next;
	uint64_t last;
	int error;
};

static void pump(struct act_self *self, struct source *source);

static void sent(struct act_self *self, void *data, int error)
{
	struct source *source = data;

	source->error = error;
	if (error == 0)
		pump(self, source);
	else
		told++;
}

static void pump(struct act_self *self, struct source *source)
{
	while (source->next <= source->last) {
		int r = act_native_send(self, source->owner, sent, Data, .number = source->next++);

		if (r == ACT_NATIVE_LATER)
			return;
		expect(r == 0 || r == ACT_EGONE);
	}
	act_drop(self, &source->owner);
}

static void source_handle(struct act_self *self, void *data, struct act_message *message)
{
	struct source *source = data;
	struct Own *own = act_as(message, Own);

	if (!own)
		return;
	source->owner = act_take(&own->owner);
	source->next = 1;
	source->last = own->count;
	pump(self, source);
}

static void source_stop(struct act_self *self, void *data)
{
	struct source *source = data;

	act_drop(self, &source->owner);
	act_native_end(self);
}

static const struct act_native_kind source_kind = {
	.kind = {.name = "source"},
	.handle = source_handle,
	.stop = source_stop,
	.free = free_data,
};

static struct act_handle spawn_source(struct act_self *self)
{
	return act_native_spawn(self, &source_kind, "source", calloc(1, sizeof(struct source)),
				ACT_NATIVE_HERE, ACT_HERE);
}

static void hear(struct act_self *self, void *state, struct act_message *message)
{
	size_t length = strlen(heard);

	if (act_as(message, Data))
		snprintf(heard + length, sizeof(heard) - length, "%d ",
			 (int)act_as(message, Data)->number);
	else
		act_sleep(self, 2 * ACT_MILLISECOND);
}

static const struct act_kind hear_kind = {.name = "hear", .mailbox = 2, .handle = hear};

static void read_source(struct act_self *self)
{
	struct act_handle hearer = act_spawn(self, &hear_kind, NULL);
	struct act_handle source = spawn_source(self);

	heard[0] = '\0';
	expect(act_send(self, hearer, Close) == 0);
	expect(act_send(self, source, Own, .owner = act_clone(self, hearer), .count = 20) == 0);
	expect(act_join_within(self, hearer, 5 * ACT_MILLISECOND) == ACT_EDEADLINE);
	act_drop(self, &hearer);
	act_drop(self, &source);
}

static void test_what_finds_a_full_mailbox_is_sent_later(void **state)
{
	freed = 0;
	run_body(&three_workers, read_source);
	assert_int_equal(freed, 1);
}

static void let_source_wait(struct act_self *self, bool stop_source)
{
	struct act_handle hearer = act_spawn(self, &hear_kind, NULL);
	struct act_handle source = spawn_source(self);

	expect(act_send(self, hearer, Close) == 0);
	expect(act_send(self, source, Own, .owner = act_clone(self, hearer), .count = 20) == 0);
	expect(act_sleep(self, ACT_MILLISECOND) == 0);
	act_stop(self, stop_source ? source : hearer);
	expect(act_join(self, stop_source ? source : hearer) == 0);
	act_drop(self, &hearer);
	act_drop(self, &source);
}

static void stop_source(struct act_self *self)
{
	let_source_wait(self, true);
}

static void stop_hearer(struct act_self *self)
{
	let_source_wait(self, false);
}

static void test_either_end_may_go_while_a_message_is_under_way(void **state)
{
	for (int i = 0; i < 10; i++) {
		freed = told = 0;
		run_body(&three_workers, stop_source);
		assert_int_equal(freed, 1);
		run_body(&three_workers, stop_hearer);
		assert_int_equal(freed, 2);
	}
}

/* --- what the recording says ---------------------------------------------------------------- */

static void check_recording(void)
{
	struct recording recording = recording_take();
	struct trc_model *model = trc_model_new();
	struct trc_order *order = trc_order_new(model, NULL, NULL);
	unsigned sources = 0;

	for (size_t i = 0; i < recording.count; i++)
		trc_order_push(order, recording.events[i].ring, &recording.events[i].event);
	trc_order_drain(order, false);
	assert_int_equal(trc_order_pending(order), 0);
	assert_int_equal(trc_model_anomalies(model), 0);
	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		assert_int_equal(actor->state, TRC_ENDED);
		assert_int_equal(actor->handle_count, 0);
		sources += (actor->flags & TRC_F_SOURCE) != 0;
	}
	assert_true(sources > 0);
	trc_order_free(order);
	trc_model_free(model);
	recording_free(&recording);
}

static void test_native_actors_are_recorded_like_any(void **state)
{
	check_recording();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_native_actor_answers_later),
		cmocka_unit_test(test_a_native_actor_ends_itself),
		cmocka_unit_test(test_the_system_tells_native_actors_to_stop),
		cmocka_unit_test(test_what_finds_a_full_mailbox_is_sent_later),
		cmocka_unit_test(test_either_end_may_go_while_a_message_is_under_way),
		cmocka_unit_test(test_native_actors_are_recorded_like_any),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
