/*
 * Snapshots give back what they were made of, whatever state that was, and damaged ones do no harm.
 */
#include "tests/support/random-events.h"
#include "tests/support/trace-builder.h"
#include "tracer/model/memory.h"
#include "tracer/model/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct trc_bytes encoded(const struct trc_model *model)
{
	struct trc_bytes bytes = {0};

	trc_snapshot_encode(model, &bytes);
	return bytes;
}

static struct trc_model *decoded(const struct trc_model *like, const uint8_t *data, size_t size)
{
	struct trc_model *model = trc_model_new_like(like);
	struct trc_input input = {data, data + size, false};

	if (trc_snapshot_decode(&input, model))
		return model;
	trc_model_free(model);
	return NULL;
}

static void assert_same(const struct trc_model *a, const struct trc_model *b)
{
	struct trc_bytes x = encoded(a), y = encoded(b);

	assert_int_equal(x.size, y.size);
	assert_memory_equal(x.data, y.data, x.size);
	free(x.data);
	free(y.data);
}

static struct trc_model *copied(const struct trc_model *model)
{
	struct trc_bytes bytes = encoded(model);
	struct trc_model *copy = decoded(model, bytes.data, bytes.size);

	assert_non_null(copy);
	free(bytes.data);
	return copy;
}

/* Everything a model knows of: mail, handlers, waits of all sorts, tokens that were moved, handles
 * in messages and on their way into one, somebody who has ended. */
static void build(struct tb *tb)
{
	uint64_t a, b, c, d, ask, gone;

	tb_init(tb);
	a = tb_spawn_starting(tb, 0, "client", "ann", 10);
	b = tb_spawn(tb, a, "server", "", 2);
	c = tb_spawn(tb, a, "server", "", 2);
	d = tb_spawn_source(tb, 0, "socket", "", 5);
	gone = tb_spawn(tb, a, "server", "gone", 5);
	tb_end(tb, gone, TRC_END_STOPPED);
	ask = tb_ask(tb, a, b, "Question");
	tb_receive_next(tb, b);
	tb_move_token(tb, b, tb_token(ask), tb_next_message(tb));
	tb_clone(tb, b, d);
	tb_move(tb, b, d, tb_next_message(tb));
	tb_send(tb, b, c, "Forward");
	tb_wait_reply(tb, a, tb_token(ask));
	tb_fill(tb, 0, c, 1);
	tb_sending(tb, b, c, "Late");
	tb_wait_space(tb, b, c);
	tb_receive_next(tb, c);
	tb_move(tb, c, d, tb_next_message(tb));
	tb_add(tb, (struct trc_event){.kind = TRC_STATE,
				      .actor = c,
				      .type = 1,
				      .payload = (const uint8_t *)"\1\2\3",
				      .payload_size = 3});
}

static void gives_back_what_it_was_made_of(void **state)
{
	struct trc_model *copy;
	const struct trc_actor *actor;
	struct tb tb;

	build(&tb);
	copy = copied(tb.model);
	assert_same(copy, tb.model);
	/* The ended actor is still held by its parent, so it is there; names are shared. */
	assert_int_equal(trc_model_actor_count(copy), trc_model_actor_count(tb.model));
	for (size_t i = 0; i < trc_model_actor_count(copy); i++) {
		const struct trc_actor *one = trc_model_actor_at(copy, i);
		const struct trc_actor *other = trc_model_actor_at(tb.model, i);

		assert_int_equal(one->id, other->id);
		assert_string_equal(one->name, other->name);
		assert_int_equal(one->state, other->state);
		assert_int_equal(one->depth, other->depth);
		assert_int_equal(one->handle_count, other->handle_count);
		assert_int_equal(one->wait.target_count, other->wait.target_count);
	}
	actor = trc_model_actor_at(copy, 2);
	assert_int_equal(actor->state_size, 3);
	assert_int_equal(actor->current->type, trc_model_actor_at(tb.model, 2)->current->type);
	trc_model_free(copy);
	tb_fini(&tb);
}

static void goes_on_as_the_original_would(void **state)
{
	struct tb tb;

	build(&tb);
	/* From each state on the way to the end. */
	for (size_t from = 0; from <= tb.count; from++) {
		struct trc_model *model = trc_model_new(), *copy;

		for (size_t i = 0; i < from; i++)
			trc_model_apply(model, &tb.events[i].event);
		copy = copied(model);
		for (size_t i = from; i < tb.count; i++)
			trc_model_apply(copy, &tb.events[i].event);
		assert_same(copy, tb.model);
		trc_model_free(copy);
		trc_model_free(model);
	}
	tb_fini(&tb);
}

static void forgets_the_dead_that_nobody_holds(void **state)
{
	struct trc_model *copy;
	struct tb tb;
	uint64_t id;

	tb_init(&tb);
	id = tb_spawn(&tb, 0, "server", "", 5);
	tb_drop(&tb, 0, id);
	tb_end(&tb, id, TRC_END_UNREACHABLE);
	copy = copied(tb.model);
	assert_int_equal(trc_model_actor_count(copy), 0);
	/* Whoever has learned of it still knows that it lived. */
	for (size_t i = 0; i < tb.count; i++)
		trc_model_learn(copy, &tb.events[i].event);
	assert_int_equal(trc_model_actor_count(copy), 1);
	assert_int_equal(trc_model_actor(copy, id)->state, TRC_ENDED);
	assert_int_equal(trc_model_actor(copy, id)->end_reason, TRC_END_UNREACHABLE);
	assert_int_equal(trc_model_actor(copy, id)->ended, trc_model_actor(tb.model, id)->ended);
	trc_model_free(copy);
	tb_fini(&tb);
}

static struct trc_model *random_model(int events)
{
	struct trc_model *model = trc_model_new();
	uint8_t payload[100];

	for (int i = 0; i < events; i++) {
		struct trc_event event = random_event(payload, sizeof payload);

		trc_model_apply(model, &event);
	}
	return model;
}

static void apply_random(struct trc_model *model, int events)
{
	uint8_t payload[100];

	for (int i = 0; i < events; i++) {
		struct trc_event event = random_event(payload, sizeof payload);

		trc_model_apply(model, &event);
	}
}

static void takes_any_state(void **state)
{
	srand(11);
	for (int turn = 0; turn < 300; turn++) {
		struct trc_model *model = random_model(rand() % 400), *copy = copied(model);

		assert_same(copy, model);
		apply_random(copy, 200);
		trc_model_free(copy);
		trc_model_free(model);
	}
}

static void is_not_harmed_by_damage(void **state)
{
	size_t good = 0;

	srand(12);
	for (int turn = 0; turn < 60; turn++) {
		struct trc_model *model = random_model(300), *copy;
		struct trc_bytes bytes = encoded(model);

		for (int i = 0; i < 60; i++) {
			uint8_t *damaged = trc_copy(bytes.data, bytes.size);
			size_t size = i % 2 ? bytes.size : (size_t)rand() % bytes.size;

			for (int k = i % 2 ? 1 + rand() % 4 : 0; k > 0; k--)
				damaged[(size_t)rand() % size] ^= (uint8_t)(1 << rand() % 8);
			copy = decoded(model, damaged, size);
			if (copy) {
				good++;
				apply_random(copy, 100);
			}
			trc_model_free(copy);
			free(damaged);
		}
		free(bytes.data);
		trc_model_free(model);
	}
	assert_true(good > 0); /* some flips only change a number */
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(gives_back_what_it_was_made_of),
		T(goes_on_as_the_original_would),
		T(forgets_the_dead_that_nobody_holds),
		T(takes_any_state),
		T(is_not_harmed_by_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
