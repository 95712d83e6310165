#include "viewer/words.h"

#include "tests/viewer/system-builder.h"

#include <glib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void apply(const struct trc_event *event, void *context)
{
	trc_model_apply(context, event);
}

static struct trc_model *model_of_chat(bool hang)
{
	struct trc_model *model = trc_model_new();
	struct builder builder = {.sink = apply, .context = model};

	build_chat(&builder, 1, hang);
	return model;
}

static void assert_words(char *words, const char *expected)
{
	assert_string_equal(words, expected);
	g_free(words);
}

static void test_counts(void **state)
{
	assert_words(trv_words_count(0), "0");
	assert_words(trv_words_count(999), "999");
	assert_words(trv_words_count(1000), "1\u00a0000");
	assert_words(trv_words_count(12345678), "12\u00a0345\u00a0678");
	assert_words(trv_words_about(999), "999");
	assert_words(trv_words_about(1000), "1.0k");
	assert_words(trv_words_about(41880), "42k");
	assert_words(trv_words_about(999960), "1.0M");
	assert_words(trv_words_about(24999928), "25M");
	assert_words(trv_words_counted(1, "message", "messages"), "1\u00a0message");
	assert_words(trv_words_counted(0, "message", "messages"), "0\u00a0messages");
}

static void test_waits(void **state)
{
	struct trc_model *model = model_of_chat(false);

	assert_words(trv_words_wait(model, TRC_WHAT_REPLY, 1), "reply from lounge");
	assert_words(trv_words_wait(model, TRC_WHAT_REPLY, 0), "reply");
	assert_words(trv_words_waits(model, TRC_WHAT_REPLY, 1), "waits for a reply from lounge");
	assert_words(trv_words_waits(model, TRC_WHAT_SPACE, 3), "waits for space in bob’s mailbox");
	assert_words(trv_words_waits(model, TRC_WHAT_END, 2), "waits for the end of ann");
	assert_words(trv_words_waits(model, TRC_WHAT_TIMER, 0), "waits for a timer");
	assert_words(trv_words_waits(model, TRC_WHAT_OUTSIDE, 0), "waits for the outside");
	trc_model_free(model);
}

static void test_states(void **state)
{
	struct trc_model *model = model_of_chat(true);

	assert_words(trv_words_state(model, trc_model_actor(model, 1)),
		     "waits for space in bob’s mailbox");
	assert_words(trv_words_state_short(model, trc_model_actor(model, 1)), "waits for space");
	assert_words(trv_words_state_short(model, trc_model_actor(model, 5)), "waits for reply");
	assert_words(trv_words_state(model, trc_model_actor(model, 2)), "idle");
	trc_model_free(model);
}

static void test_places_and_names(void **state)
{
	struct trc_model *model = model_of_chat(false);

	assert_words(trv_words_site(model, 1), "room.c:88");
	assert_null(trv_words_site(model, 0));
	assert_null(trv_words_site(model, 999));
	assert_words(trv_words_actor(model, 1), "room \"lounge\"");
	assert_words(trv_words_sentence("it happens"), "It happens");
	assert_words(trv_words_sentence(""), "");
	trc_model_free(model);
}

static void test_findings(void **state)
{
	struct trc_finding finding = {.code = TRC_CODE_POTENTIAL_DEADLOCK};

	assert_words(trv_words_finding(&finding), "Potential deadlock · predicted, possible");
	finding.lowered = true;
	assert_words(trv_words_finding(&finding), "Potential deadlock · not certain");
	finding = (struct trc_finding){.code = TRC_CODE_REFUTED};
	assert_words(trv_words_finding(&finding), "Refuted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),   cmocka_unit_test(test_waits),
		cmocka_unit_test(test_states),   cmocka_unit_test(test_places_and_names),
		cmocka_unit_test(test_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
