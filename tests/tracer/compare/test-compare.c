/*
 * Pairs of runs whose first difference is known, because it was made.
 */
#include "tests/support/random-events.h"
#include "tests/support/trace-file.h"
#include "tracer/compare/compare.h"
#include "tracer/event/payload.h"
#include "tracer/model/memory.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct tb tb[TRC_RUNS]; /* of the runs A and B */
static char paths[TRC_RUNS][32];
static struct trc_trace *traces[TRC_RUNS];
static struct trc_comparison *comparison;
static struct trc_compare_options options;

static int begin(void **state)
{
	options = (struct trc_compare_options){0};
	for (int run = 0; run < TRC_RUNS; run++) {
		int fd;

		strcpy(paths[run], "/tmp/test-compare-XXXXXX");
		fd = mkstemp(paths[run]);
		if (fd < 0)
			return -1;
		close(fd);
		tb_init(&tb[run]);
	}
	return 0;
}

static void forget(void)
{
	trc_comparison_free(comparison);
	comparison = NULL;
	for (int run = 0; run < TRC_RUNS; run++) {
		trc_trace_close(traces[run]);
		traces[run] = NULL;
	}
}

static int end(void **state)
{
	forget();
	for (int run = 0; run < TRC_RUNS; run++) {
		unlink(paths[run]);
		tb_fini(&tb[run]);
	}
	return 0;
}

static int try_to_compare(struct trc_trace_error *ret_error)
{
	forget();
	for (int run = 0; run < TRC_RUNS; run++)
		if (trc_trace_open(paths[run], NULL, NULL, &traces[run], ret_error) < 0)
			fail_msg("%s", ret_error->text);
	return trc_compare(traces[0], traces[1], &options, &comparison, ret_error);
}

static void compare(void)
{
	struct trc_trace_error error = {""};

	if (try_to_compare(&error) < 0)
		fail_msg("%s", error.text);
}

static void write_both(void)
{
	tf_write(paths[0], &tb[0], 97);
	tf_write(paths[1], &tb[1], 61);
}

static const struct trc_difference *difference(size_t index)
{
	assert_true(index < trc_comparison_count(comparison));
	return trc_comparison_difference(comparison, index);
}

static void assert_same(void)
{
	if (trc_comparison_count(comparison) > 0)
		fail_msg("%s", difference(0)->title);
}

/* Sends a message with this in it. */
static uint64_t tell(struct tb *run, uint64_t from, uint64_t to, const char *type, uint64_t n)
{
	uint64_t message = tb_send(run, from, to, type);

	memcpy((void *)run->events[run->count - 1].event.payload, &n, sizeof n);
	return message;
}

static void handle(struct tb *run, uint64_t actor)
{
	tb_receive_next(run, actor);
	tb_done(run, actor);
}

/* --- pairs that talk, in any order --------------------------------------------------------------
 */

enum { PAIRS = 5, TALKS = 120 };

struct talk {
	uint64_t callers[PAIRS], listeners[PAIRS];
	unsigned done[PAIRS];
	int changed_pair; /* -1: nothing is changed */
	unsigned changed_talk;
};

/* One caller goes on: kicked from outside, it tells its listener, which takes note. */
static void talk_on(struct tb *run, struct talk *talk, int pair)
{
	unsigned number = talk->done[pair]++;
	bool changed = pair == talk->changed_pair && number == talk->changed_talk;

	run->ring = (unsigned)rand() % 4;
	tell(run, 0, talk->callers[pair], "Kick", number);
	tb_receive_next(run, talk->callers[pair]);
	tell(run, talk->callers[pair], talk->listeners[pair], "Say", changed ? 9999 : number);
	tb_done(run, talk->callers[pair]);
	run->ring = (unsigned)rand() % 4;
	handle(run, talk->listeners[pair]);
}

/* What pairs do is the same; how they take turns is decided by the seed. */
static void talk(struct tb *run, unsigned seed, struct talk *talk)
{
	unsigned left = PAIRS * TALKS;

	srand(seed);
	for (int i = 0; i < PAIRS; i++) {
		char name[8];

		snprintf(name, sizeof name, "p%d", i);
		talk->callers[i] = tb_spawn(run, 0, "caller", name, 10);
		talk->listeners[i] = tb_spawn(run, talk->callers[i], "listener", "", 10);
	}
	while (left > 0) {
		int pair = rand() % PAIRS;

		if (talk->done[pair] == TALKS)
			continue;
		talk_on(run, talk, pair);
		left--;
	}
}

static void the_order_of_what_is_not_related_is_no_difference(void **state)
{
	static const size_t limits[] = {0, 100, 3};

	talk(&tb[0], 1, &(struct talk){.changed_pair = -1});
	talk(&tb[1], 2, &(struct talk){.changed_pair = -1});
	write_both();
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		options.digest_limit = options.moment_limit = limits[i];
		compare();
		assert_same();
		assert_int_equal(trc_comparison_totals(comparison).equal, PAIRS * (3 * TALKS + 1));
		assert_int_equal(trc_comparison_totals(comparison).paired, 2 * PAIRS);
	}
}

/* Whatever is kept of the steps, the one that differs is found. */
static void one_changed_message_is_found_at_its_sender(void **state)
{
	static const size_t limits[] = {0, 500, 100, 3, 1};
	static const unsigned changed[] = {0, 1, 63, 64, 77, TALKS - 1};

	for (size_t k = 0; k < sizeof changed / sizeof changed[0]; k++) {
		struct talk b = {.changed_pair = 3, .changed_talk = changed[k]};

		end(state);
		begin(state);
		talk(&tb[0], 5, &(struct talk){.changed_pair = -1});
		talk(&tb[1], 6, &b);
		write_both();
		for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
			options.digest_limit = limits[i];
			compare();
			assert_int_equal(trc_comparison_count(comparison), 2);
			assert_int_equal(trc_comparison_first_count(comparison), 1);
			assert_int_equal(difference(0)->kind, TRC_DIFFERENT_PAYLOAD);
			assert_int_equal(difference(0)->actors[1], b.callers[3]);
			/* the listener is spawned before, and each talk is two steps */
			assert_int_equal(difference(0)->equal, 1 + 2 * changed[k] + 1);
			assert_int_equal(difference(1)->actors[1], b.listeners[3]);
			assert_int_equal(difference(1)->equal, changed[k]);
			assert_false(difference(1)->first);
			assert_int_equal(difference(1)->after, 0);
		}
		options.ignore_payload = true;
		compare();
		assert_same();
	}
}

/* --- orders -------------------------------------------------------------------------------------
 */

/* Ann and bob join a room, which tells the house; in which order is not decided by cause. */
static void join(struct tb *run, bool bob_first)
{
	uint64_t house = tb_spawn(run, 0, "house", "", 10);
	uint64_t room = tb_spawn(run, 0, "room", "lobby", 10);
	uint64_t users[2] = {tb_spawn(run, 0, "user", "ann", 10),
			     tb_spawn(run, 0, "user", "bob", 10)};

	for (int i = 0; i < 2; i++) {
		tell(run, 0, users[i], "Go", 0);
		tb_receive_next(run, users[i]);
	}
	for (int i = 0; i < 2; i++) {
		int who = bob_first ? 1 - i : i;

		tb_at(run, "user.c", "on_go", 7);
		tell(run, users[who], room, "Join", 100 + (unsigned)who);
		tb_done(run, users[who]);
	}
	for (int i = 0; i < 2; i++) {
		int who = bob_first ? 1 - i : i;

		tb_receive_next(run, room);
		tell(run, room, house, "Joined", 100 + (unsigned)who);
		tb_done(run, room);
		handle(run, house);
	}
}

static void an_order_that_differs_is_told_as_such(void **state)
{
	const struct trc_difference *first;

	join(&tb[0], false);
	join(&tb[1], true);
	write_both();
	compare();
	assert_int_equal(trc_comparison_first_count(comparison), 1);
	assert_int_equal(trc_comparison_count(comparison), 2);
	first = difference(0);
	assert_int_equal(first->kind, TRC_DIFFERENT_ORDER);
	assert_string_equal(first->title,
			    "room \"lobby\" first receives Join{n:100} from user \"ann\" in A, "
			    "but receives Join{n:101} from user \"bob\" in B");
	assert_int_equal(first->equal, 0);
	assert_true(first->has[0] && first->has[1]);
	assert_int_equal(trc_model_site(trc_trace_model(traces[0]), first->steps[0].site).line, 7);
	/* the house hears of it */
	assert_int_equal(difference(1)->kind, TRC_DIFFERENT_ORDER);
	assert_int_equal(difference(1)->after, 0);
	assert_true(trc_comparison_actor(comparison, 0)->reordered);
}

/* After two messages came in another order, all is the same again, only later. */
static void times_belong_together_behind_a_difference(void **state)
{
	uint64_t rooms[TRC_RUNS], notes[TRC_RUNS][20];

	for (int run = 0; run < TRC_RUNS; run++) {
		struct tb *of = &tb[run];

		join(of, run == 1);
		rooms[run] = trc_model_actor_at(of->model, 1)->id;
		of->now += run ? 5000000 : 0;
		for (unsigned i = 0; i < 20; i++) {
			tell(of, 0, rooms[run], "Note", i);
			tb_receive_next(of, rooms[run]);
			notes[run][i] = of->now;
			of->now += run ? 700 : 100;
			tb_done(of, rooms[run]);
		}
	}
	write_both();
	compare();
	assert_int_equal(difference(0)->kind, TRC_DIFFERENT_ORDER);
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(trc_comparison_time(comparison, TRC_RUN_A, notes[0][i], rooms[0]),
				 notes[1][i]);
		assert_int_equal(trc_comparison_time(comparison, TRC_RUN_B, notes[1][i] + 3, 0),
				 notes[0][i] + 3);
	}
}

/* In B the room is stuck before it comes to ann's message, which is in its mailbox. */
static void the_order_that_decides_a_deadlock_is_the_first_difference(void **state)
{
	for (int run = 0; run < TRC_RUNS; run++) {
		struct tb *of = &tb[run];
		uint64_t room = tb_spawn(of, 0, "room", "", 10);
		uint64_t ann = tb_spawn(of, 0, "user", "ann", 10);
		uint64_t bob = tb_spawn(of, 0, "user", "bob", 10), ask;

		tell(of, 0, ann, "Go", 1);
		tell(of, 0, bob, "Go", 1);
		tb_receive_next(of, ann);
		if (run == 0) { /* bob goes first, and all is well */
			tb_receive_next(of, bob);
			tell(of, bob, room, "Leave", 1);
			tb_done(of, bob);
			handle(of, room);
		}
		ask = tb_ask_and_wait(of, ann, room, "Join");
		memset((void *)of->events[of->count - 2].event.payload, 0, 8);
		tb_receive_next(of, room);
		tb_ask_and_wait(of, room, ann, "Who");
		memset((void *)of->events[of->count - 2].event.payload, 0, 8);
		if (run == 1) {
			tb_receive_next(of, bob);
			tell(of, bob, room, "Leave", 1);
			tb_done(of, bob);
		}
		assert_true(ask != 0);
	}
	write_both();
	compare();
	assert_int_equal(trc_comparison_first_count(comparison), 1);
	assert_int_equal(difference(0)->kind, TRC_DIFFERENT_ORDER);
	assert_true(difference(0)->stuck);
	assert_int_equal(difference(0)->run, TRC_RUN_B);
	assert_string_equal(difference(0)->reason, "it waits for a reply from user \"ann\"");
}

/* --- ends, more, waits, strangers ---------------------------------------------------------------
 */

static void who_waits_for_ever_is_an_effect_of_whom_it_waits_for(void **state)
{
	for (int run = 0; run < TRC_RUNS; run++) {
		struct tb *of = &tb[run];
		uint64_t clerk = tb_spawn(of, 0, "clerk", "", 10);
		uint64_t boss = tb_spawn(of, 0, "boss", "", 10), ask;

		tell(of, 0, clerk, "Go", 1);
		tb_receive_next(of, clerk);
		ask = tb_ask(of, clerk, boss, "May");
		memset((void *)of->events[of->count - 1].event.payload, 0, 8);
		tb_wait_reply(of, clerk, tb_token(ask));
		tb_receive_next(of, boss);
		if (run == 1) {
			tb_wait_timer(of, boss); /* sleeps for ever */
			continue;
		}
		tb_reply(of, boss, tb_token(ask));
		tb_wake(of, clerk, TRC_WAKE_MET);
		tell(of, clerk, boss, "Thanks", 1);
		tb_done(of, clerk);
		tb_done(of, boss);
	}
	write_both();
	compare();
	assert_int_equal(trc_comparison_first_count(comparison), 1);
	assert_int_equal(trc_comparison_count(comparison), 2);
	assert_int_equal(difference(0)->kind, TRC_DIFFERENT_END);
	assert_int_equal(difference(0)->run, TRC_RUN_B);
	assert_string_equal(difference(0)->reason, "it waits for a timer");
	assert_non_null(
		strstr(difference(0)->title, "boss-2 goes no further in B; in A it replies"));
	assert_int_equal(difference(1)->after, 0);
	assert_string_equal(difference(1)->reason, "it waits for a reply from boss-2");
}

/* All of a ring wait for each other: one of them has to be told first. */
static void a_ring_has_one_first_difference(void **state)
{
	for (int run = 0; run < TRC_RUNS; run++) {
		struct tb *of = &tb[run];
		uint64_t ring[3];

		for (int i = 0; i < 3; i++)
			ring[i] = tb_spawn(of, 0, "member", "", run ? 1 : 9);
		for (int i = 0; i < 3; i++) {
			tell(of, 0, ring[i], "Go", 1);
			tb_receive_next(of, ring[i]);
			tell(of, 0, ring[i], "Mail", 1);
		}
		for (int i = 0; i < 3; i++) {
			if (run == 0)
				tell(of, ring[i], ring[(i + 1) % 3], "Hi", 1);
			else
				tb_wait_space(of, ring[i], ring[(i + 1) % 3]);
		}
	}
	write_both();
	compare();
	assert_int_equal(trc_comparison_count(comparison), 3);
	assert_int_equal(trc_comparison_first_count(comparison), 1);
	assert_string_equal(difference(0)->reason, "it waits for space in the mailbox of member-2");
}

static void what_only_one_run_does_is_counted(void **state)
{
	for (int run = 0; run < TRC_RUNS; run++) {
		uint64_t room = tb_spawn(&tb[run], 0, "room", "", 10);

		for (unsigned i = 0; i < 6; i++) {
			if (run == 0 && (i == 2 || i == 3))
				continue;
			tell(&tb[run], 0, room, "Note", i);
			handle(&tb[run], room);
		}
	}
	write_both();
	compare();
	assert_int_equal(difference(0)->kind, TRC_DIFFERENT_MORE);
	assert_int_equal(difference(0)->run, TRC_RUN_B);
	assert_int_equal(difference(0)->count, 2);
	assert_int_equal(difference(0)->equal, 2);
	assert_string_equal(difference(0)->title,
			    "room-1 receives Note{n:2} from outside in B only, and does 1 more");
}

static void actors_without_their_like_are_told_by_kind(void **state)
{
	for (int run = 0; run < TRC_RUNS; run++) {
		uint64_t room = tb_spawn(&tb[run], 0, "room", "", 10), guest;

		for (int i = 0; run == 1 && i < 3; i++) {
			guest = tb_spawn(&tb[run], 0, "guest", "", 10);
			tell(&tb[run], 0, guest, "Go", 1);
			tb_receive_next(&tb[run], guest);
			tell(&tb[run], guest, room, "Hello", 1);
			tb_done(&tb[run], guest);
			handle(&tb[run], room);
		}
	}
	write_both();
	compare();
	assert_int_equal(trc_comparison_totals(comparison).only[1], 3);
	assert_int_equal(difference(0)->kind, TRC_DIFFERENT_ACTORS);
	assert_int_equal(difference(0)->run, TRC_RUN_B);
	assert_int_equal(difference(0)->count, 3);
	assert_string_equal(difference(0)->title, "guest-2 and 2 more of its kind are in B only");
	/* the room hears from them */
	assert_int_equal(difference(1)->kind, TRC_DIFFERENT_END);
	assert_int_equal(difference(1)->after, 0);
	assert_int_equal(trc_comparison_count(comparison), 2);
	assert_int_equal(trc_comparison_like(comparison, TRC_RUN_B, difference(0)->actors[1]), 0);
}

/* An ask that takes 5 us in A and 8 ms in B: no difference, but it is told. */
static void long_waits_are_told_and_do_not_count(void **state)
{
	for (int run = 0; run < TRC_RUNS; run++) {
		struct tb *of = &tb[run];
		uint64_t clerk = tb_spawn(of, 0, "clerk", "", 10);
		uint64_t boss = tb_spawn(of, 0, "boss", "", 10), ask;

		tell(of, 0, clerk, "Go", 1);
		tb_receive_next(of, clerk);
		ask = tb_ask(of, clerk, boss, "May");
		memset((void *)of->events[of->count - 1].event.payload, 0, 8);
		tb_wait_reply(of, clerk, tb_token(ask));
		tb_receive_next(of, boss);
		of->now += run ? 8000000 : 1000;
		tb_reply(of, boss, tb_token(ask));
		tb_wake(of, clerk, TRC_WAKE_MET);
		tb_done(of, clerk);
		tb_done(of, boss);
	}
	write_both();
	compare();
	assert_int_equal(trc_comparison_serious_count(comparison), 0);
	assert_int_equal(trc_comparison_count(comparison), 1);
	assert_int_equal(difference(0)->kind, TRC_DIFFERENT_WAITS);
	assert_int_equal(difference(0)->run, TRC_RUN_B);
	assert_true(difference(0)->waited[1] > 8000000 && difference(0)->waited[0] < 10000);
	assert_string_equal(difference(0)->reason,
			    "the longest, 8 ms, was for a reply from boss-2");
}

/* Which of two replies came first is a step of who waits for either. */
static void the_choice_of_a_wait_is_a_step(void **state)
{
	for (int run = 0; run < TRC_RUNS; run++) {
		struct tb *of = &tb[run];
		uint64_t chooser = tb_spawn(of, 0, "chooser", "", 10);
		uint64_t hosts[2] = {tb_spawn(of, 0, "host", "x", 10),
				     tb_spawn(of, 0, "host", "y", 10)};
		struct trc_target targets[2];

		tell(of, 0, chooser, "Go", 1);
		tb_receive_next(of, chooser);
		for (int i = 0; i < 2; i++) {
			uint64_t ask = tb_ask(of, chooser, hosts[i], "May");

			memset((void *)of->events[of->count - 1].event.payload, 0, 8);
			targets[i] = (struct trc_target){TRC_WHAT_REPLY, tb_token(ask), hosts[i]};
		}
		tb_wait_many(of, chooser, true, targets, 2);
		tb_receive_next(of, hosts[run]);
		tb_reply(of, hosts[run], targets[run].object);
		tb_add(of, (struct trc_event){.kind = TRC_WAKE,
					      .actor = chooser,
					      .type = TRC_WAKE_MET,
					      .id = targets[run].object});
		tb_done(of, hosts[run]);
		tb_receive_next(of, hosts[!run]);
		tb_reply(of, hosts[!run], targets[!run].object);
		tb_done(of, hosts[!run]);
		tb_done(of, chooser);
	}
	options.ignore_payload = true; /* replies carry numbers */
	write_both();
	compare();
	assert_int_equal(trc_comparison_count(comparison), 1);
	assert_int_equal(difference(0)->kind, TRC_DIFFERENT_PAYLOAD + 2);
	assert_int_equal(difference(0)->equal, 3);
	assert_string_equal(difference(0)->steps[0].text,
			    "goes on with another one of what it waits for");
}

/* Each run calls the same connection by its own port, in messages, too. */
static void another_name_of_the_same_actor_is_no_difference(void **state)
{
	for (int run = 0; run < TRC_RUNS; run++) {
		static const char *const names[] = {"port-5501", "port-7712"};
		struct tb *of = &tb[run];
		uint64_t house = tb_spawn(of, 0, "house", "", 10);
		uint64_t one = tb_spawn(of, 0, "connection", names[run], 10);
		uint64_t type = 1;
		uint8_t payload[32];
		struct trc_packer packer = {.data = payload, .limit = sizeof payload};

		trc_pack_bytes(&packer, names[run], strlen(names[run]));
		tb_add(of, (struct trc_event){.kind = TRC_DEF_TYPE,
					      .id = type,
					      .payload = (const uint8_t *)"Came\0tport",
					      .payload_size = sizeof "Came\0tport"});
		tb_add(of, (struct trc_event){.kind = TRC_SEND,
					      .actor = one,
					      .id = 900,
					      .peer = house,
					      .type = (uint16_t)type,
					      .payload = payload,
					      .payload_size = (uint32_t)packer.size});
		handle(of, house);
	}
	write_both();
	compare();
	assert_same();
	assert_int_equal(trc_comparison_totals(comparison).equal, 2);
}

/* A guest says a long text to the house, in the other run to the `other`, with `letters` in it. */
static void say_much(const char *other, const char *letters)
{
	for (int run = 0; run < TRC_RUNS; run++) {
		struct tb *of = &tb[run];
		uint64_t houses[] = {tb_spawn(of, 0, "house", "", 10),
				     tb_spawn(of, 0, "barn", "", 10)};
		uint64_t guest = tb_spawn(of, 0, "guest", "", 10);
		uint64_t house = houses[run && strcmp(other, "barn") == 0];
		uint8_t payload[400];
		struct trc_packer packer = {.data = payload, .limit = sizeof payload};
		char text[300];

		memset(text, 'x', sizeof text);
		memcpy(text + 250, run ? letters : "\u00e8lan", 5);
		trc_pack_bytes(&packer, text, sizeof text);
		tb_add(of, (struct trc_event){.kind = TRC_DEF_TYPE,
					      .id = 1,
					      .payload = (const uint8_t *)"Say\0ttext",
					      .payload_size = sizeof "Say\0ttext"});
		tb_add(of, (struct trc_event){.kind = TRC_SEND,
					      .actor = guest,
					      .id = 900,
					      .peer = house,
					      .type = 1,
					      .payload = payload,
					      .payload_size = (uint32_t)packer.size});
	}
	write_both();
	compare();
}

static void what_is_sent_does_not_hide_to_whom(void **state)
{
	say_much("barn", "\u00e8lan");
	assert_int_equal(difference(0)->kind, TRC_DIFFERENT_STEP);
	assert_non_null(strstr(difference(0)->title, "sends Say{…} to house-1 in A, but sends "
						     "Say{…} to barn-2 in B"));
	assert_non_null(strstr(difference(0)->steps[0].text, "xxxxxxxx"));
}

/* Two long texts that differ near their ends. */
static void long_payloads_are_shown_where_they_differ(void **state)
{
	say_much("house", "\u00e9lan");
	assert_int_equal(difference(0)->kind, TRC_DIFFERENT_PAYLOAD);
	assert_non_null(strstr(difference(0)->title, "\u00e8lanxxx"));
	assert_non_null(strstr(difference(0)->title, "\u00e9lanxxx"));
	assert_non_null(strstr(difference(0)->title, "sends Say{text:\"xxx"));
	assert_true(strlen(difference(0)->title) < 350);
}

/* --- the world of files -------------------------------------------------------------------------
 */

static void live_and_lost_is_said(void **state)
{
	struct trc_store *store;

	join(&tb[0], false);
	join(&tb[1], false);
	tb_add(&tb[1], (struct trc_event){.kind = TRC_LOST, .id = 5});
	tf_write(paths[0], &tb[0], 97);
	unlink(paths[1]);
	store = tf_create(paths[1]);
	tf_add(store, &tb[1], 0, tb[1].count, 50);
	tf_close(store, &tb[1], false, false);
	compare();
	assert_same();
	assert_true(trc_comparison_totals(comparison).live[1]);
	assert_false(trc_comparison_totals(comparison).live[0]);
	assert_int_equal(trc_comparison_totals(comparison).lost[1], 5);
}

static bool count_calls(double share, void *context)
{
	int *calls = context;

	assert_true(share >= 0 && share <= 1);
	return ++*calls < 2;
}

static void it_can_be_cancelled(void **state)
{
	struct trc_trace_error error = {""};
	int calls = 0;

	for (int run = 0; run < TRC_RUNS; run++) {
		uint64_t actor = tb_spawn(&tb[run], 0, "a", "", 10);

		for (unsigned i = 0; i < 12000; i++) {
			tell(&tb[run], 0, actor, "Note", i);
			handle(&tb[run], actor);
		}
	}
	write_both();
	options.progress = count_calls;
	options.context = &calls;
	assert_int_equal(try_to_compare(&error), -ECANCELED);
	assert_null(comparison);
	assert_int_equal(calls, 2);
	assert_string_not_equal(error.text, "");
}

/* Events that contradict each other, as a damaged or hostile file has them. */
static void whatever_is_in_the_files_is_survived(void **state)
{
	for (unsigned seed = 1; seed < 30; seed++) {
		end(state);
		begin(state);
		for (int run = 0; run < TRC_RUNS; run++) {
			srand(seed + (seed % 2 ? 0 : 1000 * (unsigned)run));
			for (int i = 0; i < 400; i++) {
				uint8_t payload[64];

				tb_add(&tb[run], random_event(payload, sizeof payload));
			}
		}
		tf_write(paths[0], &tb[0], 97);
		tf_write(paths[1], &tb[1], 97);
		options.digest_limit = options.moment_limit = seed % 3 ? 0 : 5;
		compare();
		if (seed % 2)
			assert_same();
		for (size_t i = 0; i < trc_comparison_count(comparison); i++) {
			assert_non_null(difference(i)->title);
			assert_true(difference(i)->after <= i);
		}
	}
}

static void nothing_equals_nothing(void **state)
{
	write_both();
	compare();
	assert_same();
	assert_int_equal(trc_comparison_actor_count(comparison), 0);
	assert_int_equal(trc_comparison_time(comparison, TRC_RUN_A, 12, 0), 12);
}

int main(void)
{
#define MADE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		MADE(the_order_of_what_is_not_related_is_no_difference),
		MADE(one_changed_message_is_found_at_its_sender),
		MADE(an_order_that_differs_is_told_as_such),
		MADE(times_belong_together_behind_a_difference),
		MADE(the_order_that_decides_a_deadlock_is_the_first_difference),
		MADE(who_waits_for_ever_is_an_effect_of_whom_it_waits_for),
		MADE(a_ring_has_one_first_difference),
		MADE(what_only_one_run_does_is_counted),
		MADE(actors_without_their_like_are_told_by_kind),
		MADE(long_waits_are_told_and_do_not_count),
		MADE(the_choice_of_a_wait_is_a_step),
		MADE(another_name_of_the_same_actor_is_no_difference),
		MADE(what_is_sent_does_not_hide_to_whom),
		MADE(long_payloads_are_shown_where_they_differ),
		MADE(live_and_lost_is_said),
		MADE(it_can_be_cancelled),
		MADE(whatever_is_in_the_files_is_survived),
		MADE(nothing_equals_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
