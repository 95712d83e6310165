/* Who learns of an end, and who ends with it. */
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

ACT_MESSAGE(Watch, (handle, who))
ACT_MESSAGE(Watching, (u64, monitor))
ACT_MESSAGE(Tie, (handle, other))
ACT_SIGNAL(Go)

static const struct act_options seeded = {.seed = 5};
static atomic_int done;

static void run_recorded(const struct act_options *options, void (*body)(struct act_self *self))
{
	done = 0;
	run_checked(options, body);
}

/* --- the watched ---------------------------------------------------------------------------- */

static const struct act_kind idler_kind = {.name = "idler"};

static int refuse(struct act_self *self, void *state, struct act_message *init)
{
	return -1;
}

static const struct act_kind refuser_kind = {.name = "refuser", .start = refuse};

/* --- one watcher, which expects one end after the other ------------------------------------- */

struct expected {
	const char *name;
	int reason;
};

static struct expected expected[8];
static uint64_t numbers[8];

static void note_end(struct act_self *self, void *state, struct act_message *message)
{
	struct ActorEnded *ended = act_as(message, ActorEnded);
	unsigned i = (unsigned)done;

	if (!ended)
		return;
	expect(strcmp(ended->name, expected[i].name) == 0);
	expect(ended->reason == expected[i].reason);
	expect(ended->monitor == numbers[i]);
	done++;
}

static int watch_some(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle dropped = act_spawn(self, &idler_kind, "dropped");
	struct act_handle stopped = act_spawn(self, &idler_kind, "stopped");
	struct act_handle unwatched = act_spawn(self, &idler_kind, "unwatched");
	struct act_handle refuser = act_spawn(self, &refuser_kind, "refuser");
	struct act_handle dead = act_spawn(self, &idler_kind, "dead");
	struct act_handle stale = dead;
	uint64_t unwanted = act_monitor(self, unwatched);

	act_stop(self, dead);
	expect(act_join(self, dead) == 0);
	expected[0] = (struct expected){"dead", ACT_REASON_STOPPED};
	numbers[0] = act_monitor(self, dead);
	act_drop(self, &dead);
	expected[1] = (struct expected){"nobody", ACT_REASON_UNKNOWN};
	numbers[1] = act_monitor(self, stale);

	expected[2] = (struct expected){"refuser", ACT_REASON_FAILED};
	numbers[2] = act_monitor(self, refuser);
	expect(act_sleep(self, 10) == 0);
	act_drop(self, &refuser);

	expected[3] = (struct expected){"stopped", ACT_REASON_STOPPED};
	numbers[3] = act_monitor(self, stopped);
	expected[4] = (struct expected){"dropped", ACT_REASON_UNREACHABLE};
	numbers[4] = act_monitor(self, dropped);
	expected[5] = expected[4]; /* once more */
	numbers[5] = numbers[4];
	numbers[4] = act_monitor(self, dropped);
	act_unmonitor(self, unwanted);
	act_unmonitor(self, unwanted);
	act_stop(self, unwatched);
	act_drop(self, &unwatched);
	act_stop(self, stopped);
	act_drop(self, &stopped);
	expect(act_sleep(self, 10) == 0);
	act_drop(self, &dropped);
	return 0;
}

/* The mailbox is small: most of the news has to wait for space. */
static const struct act_kind watcher_kind = {
	.name = "watcher", .mailbox = 1, .start = watch_some, .handle = note_end};

static void let_watch(struct act_self *self)
{
	struct act_handle watcher = act_spawn(self, &watcher_kind, NULL);

	act_drop(self, &watcher); /* its monitors keep it */
}

static void test_an_end_is_told(void **state)
{
	run_recorded(&seeded, let_watch);
	assert_int_equal(done, 6);
}

/* --- watchers that end first ---------------------------------------------------------------- */

static int watch_for_ever(struct act_self *self, void *state, struct act_message *init)
{
	expect(act_monitor(self, act_as(init, Watch)->who) != 0);
	return 0;
}

static const struct act_kind patient_kind = {.name = "patient", .start = watch_for_ever};

static void stop_the_watchers(struct act_self *self)
{
	struct act_handle idler = act_spawn(self, &idler_kind, NULL), patients[3];

	for (int i = 0; i < 3; i++)
		patients[i] = act_spawn_with(self, &patient_kind, NULL, Watch,
					     .who = act_clone(self, idler));
	expect(act_sleep(self, 1) == 0);
	act_stop(self, patients[1]);
	expect(act_join(self, patients[1]) == 0);
	act_stop(self, idler);
	for (int i = 0; i < 3; i++)
		act_drop(self, &patients[i]);
	act_drop(self, &idler);
}

static void test_a_watcher_may_end_first(void **state)
{
	run_recorded(&seeded, stop_the_watchers);
}

/* --- links ---------------------------------------------------------------------------------- */

static void tie(struct act_self *self, void *state, struct act_message *message)
{
	struct Tie *other = act_as(message, Tie);

	if (other)
		expect(act_link(self, other->other) == 0);
}

static const struct act_kind member_kind = {.name = "member", .handle = tie};

static void link_a_row(struct act_self *self)
{
	struct act_handle row[5], last = ACT_NOBODY;

	for (int i = 0; i < 5; i++) {
		row[i] = act_spawn(self, &member_kind, NULL);
		expect(act_send(self, row[i], Tie, .other = act_clone(self, row[i])) == 0);
		if (i > 0)
			expect(act_send(self, row[i], Tie, .other = act_clone(self, row[i - 1])) ==
			       0);
	}
	expect(act_sleep(self, 1) == 0);
	/* Whoever runs out of handles goes alone, and breaks the row. */
	act_drop(self, &row[1]);
	expect(act_sleep(self, 1) == 0);
	expect(act_alive(row[0]) && act_alive(row[2]));
	act_stop(self, row[3]);
	for (int i = 2; i < 5; i++) {
		expect(act_join(self, row[i]) == 0);
		last = act_clone(self, row[i]);
		act_drop(self, &row[i]);
		done++;
		if (i < 4)
			act_drop(self, &last);
	}
	expect(act_alive(row[0]));

	/* Who ties itself to one that was stopped is stopped. */
	expect(act_send(self, row[0], Tie, .other = last) == 0);
	expect(act_join(self, row[0]) == 0);
	act_drop(self, &row[0]);
	expect(act_link(self, ACT_NOBODY) == ACT_ESTALE);
	done++;
}

static void test_what_is_linked_ends_together(void **state)
{
	run_recorded(&seeded, link_a_row);
	assert_int_equal(done, 4);
}

ACT_MESSAGE(Untie, (handle, other))

static void tie_or_untie(struct act_self *self, void *state, struct act_message *message)
{
	struct Untie *other = act_as(message, Untie);

	if (other)
		act_unlink(self, other->other);
	else
		tie(self, state, message);
}

static const struct act_kind loose_kind = {.name = "loose", .handle = tie_or_untie};

static void untie(struct act_self *self)
{
	struct act_handle a = act_spawn(self, &loose_kind, NULL);
	struct act_handle b = act_spawn(self, &loose_kind, NULL);
	struct act_handle c = act_spawn(self, &loose_kind, NULL);

	/* Twice, from both sides, and to a third, who stays tied. */
	expect(act_send(self, a, Tie, .other = act_clone(self, b)) == 0);
	expect(act_send(self, a, Tie, .other = act_clone(self, c)) == 0);
	expect(act_send(self, a, Tie, .other = act_clone(self, b)) == 0);
	expect(act_send(self, b, Tie, .other = act_clone(self, a)) == 0);
	expect(act_sleep(self, 1) == 0);
	expect(act_send(self, b, Untie, .other = act_clone(self, a)) == 0);
	expect(act_send(self, b, Untie, .other = act_clone(self, a)) == 0);
	expect(act_send(self, b, Untie, .other = act_clone(self, c)) == 0);
	expect(act_send(self, b, Untie, .other = ACT_NOBODY) == 0);
	expect(act_sleep(self, 1) == 0);
	act_stop(self, a);
	expect(act_join(self, a) == 0 && act_join(self, c) == 0);
	expect(act_alive(b));

	/* And with one that has ended. */
	expect(act_send(self, b, Untie, .other = a) == 0);
	expect(act_sleep(self, 1) == 0);
	expect(act_alive(b));
	act_drop(self, &b);
	act_drop(self, &c);
	done++;
}

static void test_what_is_untied_ends_alone(void **state)
{
	run_recorded(&seeded, untie);
	assert_int_equal(done, 1);
}

/* --- on all cores --------------------------------------------------------------------------- */

static void take_part(struct act_self *self, void *state, struct act_message *message)
{
	struct Tie *other = act_as(message, Tie);

	if (act_as(message, ActorEnded))
		done++;
	if (!other)
		return;
	switch (act_random(self) % 4) {
	case 0:
		act_unlink(self, other->other);
		break;
	case 1:
		act_monitor(self, other->other);
		break;
	default:
		expect(act_link(self, other->other) == 0);
	}
	if (act_random(self) % 4 == 0)
		act_stop_self(self);
}

static const struct act_kind crowd_kind = {.name = "crowd", .mailbox = 2, .handle = take_part};

static void mix_a_crowd(struct act_self *self)
{
	struct act_handle crowd[50];

	for (int i = 0; i < 50; i++)
		crowd[i] = act_spawn(self, &crowd_kind, NULL);
	for (int i = 0; i < 300; i++) {
		struct act_handle *one = &crowd[act_random(self) % 50];

		act_send(self, *one, Tie, .other = act_clone(self, crowd[act_random(self) % 50]));
		if (act_random(self) % 8 == 0) {
			act_drop(self, one);
			*one = act_spawn(self, &crowd_kind, NULL);
		}
	}
	/* Those that watch each other would live for ever. */
	for (int i = 0; i < 50; i++) {
		act_stop(self, crowd[i]);
		act_drop(self, &crowd[i]);
	}
	act_system_stop(act_system_of(self));
}

static void test_ends_on_all_cores_fit_together(void **state)
{
	static const struct act_options options = {.workers = 3};
	int told = 0;

	for (int i = 0; i < 10; i++) {
		run_recorded(&options, mix_a_crowd);
		told += done;
	}
	assert_true(told > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_end_is_told),
		cmocka_unit_test(test_a_watcher_may_end_first),
		cmocka_unit_test(test_what_is_linked_ends_together),
		cmocka_unit_test(test_what_is_untied_ends_alone),
		cmocka_unit_test(test_ends_on_all_cores_fit_together),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
