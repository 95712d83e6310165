/* Names: given, found, taken, and gone with their actor. */
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <errno.h>
#include <stdatomic.h>

#include <cmocka.h>

ACT_MESSAGE(Named, (text, name))
ACT_MESSAGE(Result, (i64, result))
ACT_SIGNAL(Unnamed)
ACT_SIGNAL(Ping)

static const struct act_options seeded = {.seed = 11};
static atomic_int done;

static void take_name(struct act_self *self, void *state, struct act_message *message)
{
	struct Named *named = act_as(message, Named);

	if (named)
		act_reply(self, message, Result, .result = act_register(self, named->name));
	else if (act_as(message, Unnamed))
		act_unregister(self);
	else if (act_as(message, Ping))
		done++;
}

static const struct act_kind service_kind = {.name = "service", .handle = take_name};

static int name_it(struct act_self *self, struct act_handle service, const char *name)
{
	struct act_message *reply;
	int result;

	expect(act_ask(self, service, &reply, Named, .name = name) == 0);
	result = (int)act_as(reply, Result)->result;
	act_release(self, reply);
	return result;
}

static void give_and_find(struct act_self *self)
{
	struct act_handle a = act_spawn(self, &service_kind, NULL);
	struct act_handle b = act_spawn(self, &service_kind, NULL), found;

	expect(!act_whereis(self, "clock").actor);
	expect(name_it(self, a, "") == -EINVAL);
	expect(name_it(self, a, "clock") == 0);
	expect(name_it(self, b, "clock") == -EEXIST);
	expect(name_it(self, a, "watch") == -EALREADY);
	expect(name_it(self, b, "watch") == 0);
	expect(act_register(self, "clock") == -EEXIST);

	found = act_whereis(self, "clock");
	expect(act_same(found, a));
	expect(!act_whereis(self, "cloc").actor);

	/* The found handle keeps it alive like any other. */
	act_drop(self, &a);
	expect(act_send(self, found, Ping) == 0);
	act_drop(self, &found);
	found = act_whereis(self, "watch");
	act_stop(self, b);
	expect(act_join(self, b) == 0);
	expect(act_same(found, b));
	expect(!act_whereis(self, "watch").actor);
	expect(act_register(self, "watch") == 0);
	act_drop(self, &b);
	act_drop(self, &found);
	found = act_whereis(self, "watch");
	expect(act_alive(found));
	act_drop(self, &found);
	expect(act_sleep(self, 1) == 0);
	expect(!act_whereis(self, "clock").actor); /* its last handle is gone */
}

static unsigned by_outside(const struct recording *recording, unsigned kind)
{
	unsigned count = 0;

	for (size_t i = 0; i < recording->count; i++)
		count += recording->events[i].event.kind == kind &&
			 recording->events[i].event.actor == 0;
	return count;
}

static void test_a_name_lasts_as_long_as_its_actor(void **state)
{
	struct recording recording;

	done = 0;
	recording = recording_of(&seeded, give_and_find);
	assert_int_equal(done, 1);
	recording_check(&recording);
	/* Three names were given: each shows as a handle of the outside while it lasts. */
	assert_int_equal(by_outside(&recording, TRC_HANDLE_CLONE), 3);
	assert_true(by_outside(&recording, TRC_HANDLE_DROP) >= 3);
	recording_free(&recording);
}

static void hand_over(struct act_self *self)
{
	struct act_handle a = act_spawn(self, &service_kind, NULL);
	struct act_handle b = act_spawn(self, &service_kind, NULL), found;

	act_unregister(self); /* has none */
	expect(name_it(self, a, "clock") == 0);
	expect(act_send(self, a, Unnamed) == 0);
	expect(act_send(self, a, Unnamed) == 0);
	expect(act_sleep(self, 1) == 0);
	expect(!act_whereis(self, "clock").actor);
	expect(name_it(self, b, "clock") == 0);
	expect(name_it(self, a, "watch") == 0);
	found = act_whereis(self, "clock");
	expect(act_same(found, b));
	act_drop(self, &found);
	act_drop(self, &a);
	act_drop(self, &b);
}

static void test_a_name_can_be_given_up(void **state)
{
	run_checked(&seeded, hand_over);
}

enum { CROWD = 200 };

static void crowd_the_registry(struct act_self *self)
{
	struct act_handle crowd[CROWD], found;
	char name[20];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < CROWD; i++) {
			snprintf(name, sizeof(name), "name %d", i);
			crowd[i] = act_spawn(self, &service_kind, NULL);
			expect(name_it(self, crowd[i], name) == 0);
		}
		for (int i = 0; i < CROWD; i++) {
			snprintf(name, sizeof(name), "name %d", i);
			found = act_whereis(self, name);
			expect(act_same(found, crowd[i]));
			act_drop(self, &found);
			act_stop(self, crowd[i]);
			expect(act_join(self, crowd[i]) == 0);
			act_drop(self, &crowd[i]);
		}
	}
}

static void test_many_names(void **state)
{
	run_body(&seeded, crowd_the_registry);
}

/* On all cores they fight for one name, and use whoever has it while it comes and goes. */
static int compete(struct act_self *self, void *state, struct act_message *init)
{
	if (act_register(self, "throne") == 0)
		done++;
	for (int i = 0; i < 20; i++) {
		if (i == 10)
			act_unregister(self);
		struct act_handle found = act_whereis(self, "throne");

		act_try_send(self, found, Ping);
		act_drop(self, &found);
	}
	return 0;
}

static const struct act_kind rival_kind = {.name = "rival", .start = compete};

static void let_them_compete(struct act_self *self)
{
	for (int i = 0; i < 500; i++) {
		struct act_handle rival = act_spawn(self, &rival_kind, NULL);

		act_drop(self, &rival);
	}
}

static void test_one_at_a_time_has_a_name(void **state)
{
	static const struct act_options options = {.workers = 3};

	done = 0;
	run_checked(&options, let_them_compete);
	assert_in_range(done, 1, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_name_lasts_as_long_as_its_actor),
		cmocka_unit_test(test_a_name_can_be_given_up),
		cmocka_unit_test(test_many_names),
		cmocka_unit_test(test_one_at_a_time_has_a_name),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
