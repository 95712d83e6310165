/* A program that traces itself by hand, as its recorder sees it. */
#include "tracer/event/trace.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tracer/event/ring.h"

static struct trc_session *session;
static struct trc_ring_reader *reader;

static int set_up(void **state)
{
	const struct trc_session_options options = {.ring_bytes = 1 << 20, .payload_limit = 64};

	if (trc_session_create(&options, &session) < 0)
		return -1;
	setenv(TRC_SESSION_ENV, trc_session_path(session), 1);
	return trc_trace_on() ? 0 : -1;
}

static int tear_down(void **state)
{
	trc_ring_reader_close(reader);
	trc_session_close(session);
	return 0;
}

/* The next event of this thread that is no definition. */
static struct trc_event next(void)
{
	struct trc_event event;

	if (!reader)
		assert_int_equal(trc_ring_reader_open(session, 0, &reader), 0);
	trc_ring_reader_sync(reader);
	do
		assert_true(trc_ring_next(reader, &event));
	while (event.kind < TRC_SPAWN);
	return event;
}

static struct trc_tracee ann, ben;

static void actors_are_numbered_and_counted(void **state)
{
	struct trc_event event;

	trc_trace_spawn(&ann, "person", "ann", 5);
	event = next();
	assert_true(event.kind == TRC_SPAWN && event.actor == 0 && event.id == 1);
	assert_true(event.arg == 5 && event.peer == 1 && event.site == 1);
	assert_int_equal(event.payload_size, 3);
	assert_memory_equal(event.payload, "ann", 3);
	trc_trace_spawn(&ben, "person", "ben", 5);
	event = next();
	assert_true(event.id == 2 && event.peer == 1 && event.site == 2);

	trc_trace_begin(&ann);
	event = next();
	assert_true(event.kind == TRC_START && event.actor == 1 && event.aseq == 1);
	event = next();
	assert_true(event.kind == TRC_DONE && event.actor == 1 && event.aseq == 2);
}

static void messages_and_asks_have_their_numbers(void **state)
{
	struct trc_ticket plain = trc_trace_send(&ben, "Note");
	struct trc_ticket ask = trc_trace_ask_text(&ben, "Question", "%s?", "why");
	struct trc_ticket refused = trc_trace_try_send(&ben, "Note");
	struct trc_event event = next();

	assert_true(event.kind == TRC_SEND && event.actor == 1 && event.peer == 2);
	assert_true(event.id == plain.message && event.arg == 0 && event.payload_size == 0);
	event = next();
	assert_true(event.id == ask.message && event.arg == ask.token && ask.asker == 1);
	assert_int_equal(event.payload_size, 8 + 4);
	assert_memory_equal(event.payload + 8, "why?", 4);
	event = next();
	assert_true(event.id == refused.message && event.flags == TRC_F_TRY);
	trc_trace_refused(&ben, "Note");
	event = next();
	assert_true(event.kind == TRC_REFUSED && event.peer == 2 && event.arg == TRC_REFUSED_FULL);

	trc_trace_wait_reply(&ask, &ben);
	event = next();
	assert_true(event.kind == TRC_WAIT && event.type == TRC_WHAT_REPLY);
	assert_true(event.id == ask.token && event.peer == 2);
	assert_ptr_equal(trc_trace_act_as(&ben), &ann);
	trc_trace_receive(&ask);
	event = next();
	assert_true(event.kind == TRC_RECEIVE && event.actor == 2 && event.id == ask.message);
	trc_trace_reply(&ask, "Answer");
	event = next();
	assert_true(event.kind == TRC_REPLY && event.id == ask.token && event.peer == 1);
	trc_trace_reply(&plain, "Answer"); /* nobody asked */
	trc_trace_done(&ask);
	event = next();
	assert_true(event.kind == TRC_DONE && event.aseq == 3);
	trc_trace_act_as(&ann);
	trc_trace_wake();
	event = next();
	assert_true(event.kind == TRC_WAKE && event.actor == 1 && event.aseq == 8);
}

static void waits_name_what_they_are_for(void **state)
{
	struct trc_event event;

	trc_trace_wait_space(&ben);
	event = next();
	assert_true(event.type == TRC_WHAT_SPACE && event.id == 2 && event.peer == 2);
	trc_trace_wait_end(&ben);
	event = next();
	assert_true(event.type == TRC_WHAT_END && event.id == 2 && event.peer == 2);
	trc_trace_wait_outside();
	event = next();
	assert_true(event.type == TRC_WHAT_OUTSIDE && event.id == 0 && event.peer == 0);
	trc_trace_log("%d %s", 3, "notes");
	event = next();
	assert_int_equal(event.payload_size, 7);
	assert_memory_equal(event.payload, "3 notes", 7);
	trc_trace_end();
	event = next();
	assert_true(event.kind == TRC_END && event.actor == 1);
	/* outside neither waits nor receives nor ends */
	trc_trace_wait_outside();
	trc_trace_wake();
	trc_trace_end();
	trc_trace_log("from %s", "outside");
	event = next();
	assert_true(event.kind == TRC_LOG && event.actor == 0 && event.aseq == 0);
}

static void long_texts_are_cut(void **state)
{
	char text[1000];
	struct trc_event event;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	trc_trace_send_text(&ben, text, "%s", text);
	event = next();
	assert_true(event.flags & TRC_F_CUT);
	assert_int_equal(event.payload_size, 64);
}

enum { THREADS = 4, TYPES = 200 };

static void *use_types(void *context)
{
	char name[16];

	for (int i = 0; i < TYPES; i++) {
		snprintf(name, sizeof(name), "T%d", i);
		trc_trace_send(&ben, name);
	}
	return NULL;
}

/* Each text is defined once, and before anybody uses its number, whichever thread comes first. */
static void texts_are_defined_once(void **state)
{
	pthread_t threads[THREADS];
	unsigned defined = 0, sent = 0;

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, use_types, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (unsigned ring = 1; ring < trc_session_ring_count(session); ring++) {
		struct trc_ring_reader *other;
		struct trc_event event;

		assert_int_equal(trc_ring_reader_open(session, ring, &other), 0);
		trc_ring_reader_sync(other);
		while (trc_ring_next(other, &event)) {
			defined += event.kind == TRC_DEF_TYPE;
			sent += event.kind == TRC_SEND && event.type != 0;
		}
		trc_ring_reader_close(other);
	}
	assert_int_equal(defined, TYPES);
	assert_int_equal(sent, THREADS * TYPES);
}

static struct trc_tracee eve, tom;

/* Nobody records: only who there is gets written. Then a recorder comes with filters. */
static void what_rests_says_only_who_there_is(void **state)
{
	struct trc_event event;
	uint16_t aseq;

	trc_trace_spawn(&eve, "person", "eve", 5);
	next();
	trc_trace_begin(&eve);
	next();
	aseq = next().aseq;
	trc_session_rest(session, true);
	assert_false(trc_trace_on());
	trc_trace_spawn(&tom, "robot", "tom", 5);
	event = next();
	assert_true(event.kind == TRC_SPAWN && event.actor == eve.number);
	assert_int_equal(trc_trace_send(&tom, "Tick").message, 0);
	trc_trace_log("nobody hears this");

	assert_int_equal(trc_session_set_filters(session, "--skip type:Tick kind:robot\n"), 0);
	trc_session_rest(session, false);
	assert_true(trc_trace_on());
	trc_trace_log("but this");
	event = next();
	assert_true(event.kind == TRC_LOST && event.id == 1);
	event = next();
	/* One for the SPAWN, one for what is missing. */
	assert_true(event.kind == TRC_LOG && event.aseq == aseq + 3);
}

static void what_filters_leave_out_is_told_once(void **state)
{
	struct trc_ticket tick = trc_trace_send_text(&tom, "Tick", "%d", 1);
	struct trc_ticket again = trc_trace_send(&tom, "Tick"), note = trc_trace_send(&tom, "Note");
	struct trc_ticket ask = trc_trace_ask_text(&tom, "Tick", "why?");
	struct trc_ring_counts counts;
	struct trc_event event = next();

	assert_true(event.kind == TRC_UNSEEN && event.id == tom.number && event.arg == 0);
	assert_true(tick.message == 0 && tick.token == 0 && again.message == 0);
	event = next();
	assert_true(event.kind == TRC_SEND && event.id == note.message);
	event = next();
	assert_true(event.id == ask.message && event.arg == ask.token && event.payload_size == 0);
	assert_int_equal(event.flags, TRC_F_CUT);
	trc_trace_refused(&tom, "Tick");
	trc_ring_reader_counts(reader, &counts);
	assert_true(counts.left_out == 3 && counts.bare == 1);
	assert_int_equal(counts.lost, 1);
}

static void a_message_that_was_left_out_is_told_of_when_something_happens(void **state)
{
	const struct trc_ticket left_out = {0, 0, 0};
	struct trc_event event;

	trc_trace_act_as(&tom);
	trc_trace_receive(&left_out);
	trc_trace_done(&left_out);
	trc_trace_receive(&left_out);
	trc_trace_wait_outside();
	event = next();
	assert_true(event.kind == TRC_RECEIVE && event.actor == tom.number && event.id == 0);
	assert_int_equal(event.aseq, 2); /* it was there before the recorder */
	assert_int_equal(next().kind, TRC_WAIT);
	trc_trace_wake();
	next();
	trc_trace_done(&left_out);
	event = next();
	assert_true(event.kind == TRC_DONE && event.id == 0 && event.aseq == 5);
	trc_trace_act_as(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(actors_are_numbered_and_counted),
		cmocka_unit_test(messages_and_asks_have_their_numbers),
		cmocka_unit_test(waits_name_what_they_are_for),
		cmocka_unit_test(long_texts_are_cut),
		cmocka_unit_test(texts_are_defined_once),
		cmocka_unit_test(what_rests_says_only_who_there_is),
		cmocka_unit_test(what_filters_leave_out_is_told_once),
		cmocka_unit_test(a_message_that_was_left_out_is_told_of_when_something_happens),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
