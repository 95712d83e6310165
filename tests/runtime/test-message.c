/* What a message carries arrives, and what nobody takes out of it is released. */
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

ACT_MESSAGE(Everything, (i64, i), (u64, u), (f64, f), (boolean, b), (text, t), (bytes, y),
	    (handle, h), (token, k), (text, second), (bytes, rest))
ACT_SIGNAL(Nothing)
ACT_MESSAGE(Other, (i64, i))
ACT_MESSAGE(Two, (handle, a), (handle, b))

static bool seen;

static void test_the_description_matches_the_struct(void **state)
{
	assert_string_equal(Everything_type.name, "Everything");
	assert_int_equal(Everything_type.size, sizeof(struct Everything));
	assert_int_equal(Everything_type.field_count, 10);
	assert_string_equal(Everything_type.fields[4].name, "t");
	assert_int_equal(Everything_type.fields[4].code, 't');
	assert_int_equal(Everything_type.fields[4].offset, offsetof(struct Everything, t));
	assert_int_equal(Nothing_type.field_count, 0);
}

/* --- every kind of field -------------------------------------------------------------------- */

static void check_everything(struct act_self *self, void *state, struct act_message *message)
{
	struct Everything *all = act_as(message, Everything);

	expect(all && !act_as(message, Other) && act_type_of(message) == &Everything_type);
	expect(all->i == -1 && all->u == UINT64_MAX && all->f == 0.5 && all->b);
	expect(strcmp(all->t, "text") == 0 && strcmp(all->second, "") == 0);
	expect(all->y.size == 3 && memcmp(all->y.data, "\0\1\2", 3) == 0);
	expect(all->rest.size == 0);
	expect(!all->h.actor && !all->k.ask);
	seen = true;
}

static const struct act_kind check_kind = {.name = "check", .handle = check_everything};

static void send_everything(struct act_self *self)
{
	struct act_handle check = act_spawn(self, &check_kind, NULL);
	char text[] = "text", bytes[] = {0, 1, 2};

	expect(act_send(self, check, Everything, .i = -1, .u = UINT64_MAX, .f = 0.5, .b = true,
			.t = text, .y = {bytes, sizeof(bytes)}) == 0);
	memset(text, 'x', sizeof(text) - 1);
	memset(bytes, 'x', sizeof(bytes));
	act_drop(self, &check);
}

static void test_fields_arrive_as_copies(void **state)
{
	seen = false;
	run_alone(send_everything);
	assert_true(seen);
}

static void check_nothing(struct act_self *self, void *state, struct act_message *message)
{
	expect(act_as(message, Nothing) && !act_as(message, Other));
	seen = true;
}

static const struct act_kind nothing_kind = {.name = "nothing", .handle = check_nothing};

static void send_nothing(struct act_self *self)
{
	struct act_handle check = act_spawn(self, &nothing_kind, NULL);

	expect(act_send(self, check, Nothing) == 0);
	act_drop(self, &check);
}

static void test_a_signal_has_no_fields(void **state)
{
	seen = false;
	run_alone(send_nothing);
	assert_true(seen);
}

/* --- handles that travel -------------------------------------------------------------------- */

static void keep_one(struct act_self *self, void *state, struct act_message *message)
{
	struct act_handle *kept = state;
	struct Two *two = act_as(message, Two);

	if (two) {
		*kept = act_take(&two->a);
		expect(!two->a.actor && two->b.actor);
	}
}

static void drop_kept(struct act_self *self, void *state)
{
	act_drop(self, state);
}

static const struct act_kind keeper_kind = {.name = "keeper",
					    .state_size = sizeof(struct act_handle),
					    .handle = keep_one,
					    .stop = drop_kept};
static const struct act_kind still_kind = {.name = "still", .handle = ignore_message};

static void send_two(struct act_self *self)
{
	struct act_handle keeper = act_spawn(self, &keeper_kind, NULL);
	struct act_handle a = act_spawn(self, &still_kind, "a");
	struct act_handle b = act_spawn(self, &still_kind, "b");

	expect(act_send(self, keeper, Two, .a = act_clone(self, a), .b = act_clone(self, b)) == 0);
	/* Moved, so that our own are the only ones that can still be dropped. */
	expect(act_alive(a) && act_alive(b));
	act_drop(self, &keeper);
	act_stop(self, a);
	expect(act_join(self, a) == 0);
	expect(!act_alive(a) && act_alive(b));
	act_drop(self, &a);
	act_drop(self, &b);
	expect(!a.actor && !b.actor);
	seen = true;
}

static void test_handles_not_taken_are_dropped_with_the_message(void **state)
{
	/* That the system ends at all shows that none was left over. */
	seen = false;
	run_alone(send_two);
	assert_true(seen);
}

static void refuse_handles(struct act_self *self)
{
	struct act_handle gone = act_spawn(self, &still_kind, NULL);
	struct act_handle other = act_spawn(self, &still_kind, NULL);

	act_stop(self, gone);
	expect(act_join(self, gone) == 0);
	expect(act_send(self, gone, Two, .a = act_take(&other)) == ACT_EGONE);
	expect(act_send(self, ACT_NOBODY, Two, .b = act_me(self)) == ACT_ESTALE);
	expect(act_try_send(self, gone, Two, .b = act_me(self)) == ACT_EGONE);
	act_drop(self, &gone);
	seen = true;
}

static void test_a_failed_send_drops_what_it_would_have_moved(void **state)
{
	seen = false;
	run_alone(refuse_handles);
	assert_true(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_description_matches_the_struct),
		cmocka_unit_test(test_fields_arrive_as_copies),
		cmocka_unit_test(test_a_signal_has_no_fields),
		cmocka_unit_test(test_handles_not_taken_are_dropped_with_the_message),
		cmocka_unit_test(test_a_failed_send_drops_what_it_would_have_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
