/* The same seed gives the same run, another seed another one. */
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"
#include "tracer/event/session.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

ACT_MESSAGE(Roll, (u64, by))
ACT_MESSAGE(Others, (handle, left), (handle, right))
ACT_SIGNAL(Ask)

enum { PLAYERS = 6 };

static uint64_t signature;

static void sign(uint64_t value)
{
	signature = (signature ^ value) * UINT64_C(0x100000001b3);
}

struct player {
	struct act_handle others[2];
	uint64_t number;
	uint64_t rolls;
};

static void play(struct act_self *self, void *state, struct act_message *message)
{
	struct player *player = state;
	struct Roll *roll = act_as(message, Roll);
	struct Others *others = act_as(message, Others);
	struct act_message *reply;

	if (others) {
		player->others[0] = act_take(&others->left);
		player->others[1] = act_take(&others->right);
		return;
	}
	if (!roll) {
		act_reply(self, message, Roll, .by = player->number);
		return;
	}
	sign(roll->by * 100 + player->number);
	sign(act_now(self));
	if (++player->rolls > 30 || !player->others[0].actor) {
		act_stop_self(self);
		return;
	}
	act_sleep(self, act_random(self) % 1000);
	if (act_ask_within(self, player->others[act_random(self) % 2], &reply, 5000, Ask) == 0)
		sign(act_as(reply, Roll)->by);
	act_release(self, reply);
	act_send_within(self, player->others[act_random(self) % 2], 2000, Roll,
			.by = player->number);
	act_after(self, act_random(self) % 3000, Roll, .by = 99);
}

static int number_player(struct act_self *self, void *state, struct act_message *init)
{
	static uint64_t last;
	struct player *player = state;

	player->number = ++last % PLAYERS;
	return 0;
}

static void leave_table(struct act_self *self, void *state)
{
	struct player *player = state;

	act_drop(self, &player->others[0]);
	act_drop(self, &player->others[1]);
}

static const struct act_kind player_kind = {.name = "player",
					    .state_size = sizeof(struct player),
					    .mailbox = 2,
					    .start = number_player,
					    .handle = play,
					    .stop = leave_table};

static void game(struct act_self *self)
{
	struct act_handle players[PLAYERS];

	for (int i = 0; i < PLAYERS; i++)
		players[i] = act_spawn(self, &player_kind, NULL);
	for (int i = 0; i < PLAYERS; i++)
		expect(act_send(self, players[i], Others,
				.left = act_clone(self, players[(i + 1) % PLAYERS]),
				.right = act_clone(self, players[(i + 2) % PLAYERS])) == 0);
	for (int i = 0; i < PLAYERS; i++) {
		expect(act_send(self, players[i], Roll, .by = 50) == 0);
		act_drop(self, &players[i]);
	}
}

static uint64_t signature_of(uint64_t seed)
{
	struct act_options options = {.seed = seed, .workers = 8};

	signature = UINT64_C(0xcbf29ce484222325);
	run_body(&options, game);
	return signature;
}

static void test_a_seed_is_a_run(void **state)
{
	unsigned different = 0;

	for (uint64_t seed = 1; seed <= 20; seed++) {
		uint64_t first = signature_of(seed);

		assert_int_equal(first, signature_of(seed));
		different += first != signature_of(seed + 100);
	}
	assert_true(different > 15);
}

/* Numbers of actors and messages go on from run to run, and so are compared from where they begin.
 */
static void check_same_events(const struct recording *a, const struct recording *b)
{
	uint64_t base_a = 0, base_b = 0;

	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct trc_event *x = &a->events[i].event, *y = &b->events[i].event;

		if (x->kind == TRC_SPAWN && !base_a) {
			base_a = x->id;
			base_b = y->id;
		}
		assert_int_equal(x->kind, y->kind);
		assert_int_equal(x->time, y->time);
		assert_int_equal(x->aseq, y->aseq);
		assert_int_equal(x->type, y->type);
		assert_int_equal(x->site, y->site);
		assert_int_equal(x->actor ? x->actor - base_a : 0,
				 y->actor ? y->actor - base_b : 0);
	}
}

static void test_a_seed_is_a_trace(void **state)
{
	struct recording first, second;

	/* The first run meets a full ring and defines types and places in the source. */
	for (int i = 0; i < 2; i++) {
		recording_forget();
		signature_of(42);
	}
	recording_forget();
	signature_of(42);
	first = recording_take();
	signature_of(42);
	second = recording_take();
	assert_true(first.count > 500);
	check_same_events(&first, &second);
	recording_free(&first);
	recording_free(&second);
}

static void sleep_for_years(struct act_self *self)
{
	for (int i = 0; i < 100; i++)
		expect(act_sleep(self, 1000000 * ACT_SECOND) == 0);
	signature = act_now(self);
}

static void test_the_virtual_clock_jumps(void **state)
{
	struct act_options options = {.seed = 1};

	run_body(&options, sleep_for_years);
	assert_true(signature >= 100 * 1000000 * ACT_SECOND);
}

/* --- the seed in the environment -------------------------------------------------------------- */

static uint64_t signature_with(const char *seed, uint64_t of_its_own)
{
	uint64_t result;

	expect(setenv(TRC_SEED_ENV, seed, 1) == 0);
	result = signature_of(of_its_own);
	unsetenv(TRC_SEED_ENV);
	return result;
}

static void test_the_environment_names_a_seed(void **state)
{
	uint64_t first = signature_of(7);

	assert_int_equal(signature_with("7", 0), first);
	/* The program knows better. */
	assert_int_equal(signature_with("8", 7), first);
	assert_int_not_equal(signature_with("8", 0), first);
}

static void note_world(struct act_self *self)
{
	expect(act_sleep(self, 1) == 0);
	signature = act_now(self);
}

static void test_nonsense_is_no_seed(void **state)
{
	static const char *const nonsense[] = {"", "0", "-1", "7x", " 7", "99999999999999999999"};

	for (size_t i = 0; i < sizeof(nonsense) / sizeof(*nonsense); i++) {
		expect(setenv(TRC_SEED_ENV, nonsense[i], 1) == 0);
		run_body(NULL, note_world);
		unsetenv(TRC_SEED_ENV);
		/* The virtual clock begins with 1, and has gone on by 1. */
		assert_int_not_equal(signature, 2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_seed_is_a_run),
		cmocka_unit_test(test_a_seed_is_a_trace),
		cmocka_unit_test(test_the_virtual_clock_jumps),
		cmocka_unit_test(test_the_environment_names_a_seed),
		cmocka_unit_test(test_nonsense_is_no_seed),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
