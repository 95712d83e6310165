#include "viewer/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static int reads; /* of the payload */

static char *payload(void *context)
{
	reads++;
	return strdup("Say{user:\"ann\", text:\"Good morning\"}");
}

static const struct trv_subject subject = {
	.from = "room-7",
	.from_kind = "room",
	.to = "ann",
	.to_kind = "connection",
	.type = "Say",
	.wait = 60000000,
	.text = payload,
};

static bool matches(const char *text)
{
	char error[TRV_FILTER_ERROR] = "";
	struct trv_filter *filter = trv_filter_parse(text, error);
	bool result;

	assert_non_null(filter);
	result = trv_filter_matches(filter, &subject);
	trv_filter_free(filter);
	return result;
}

static void test_nothing_lets_all_through(void **state)
{
	char error[TRV_FILTER_ERROR];
	struct trv_filter *filter = trv_filter_parse("  ", error);

	assert_true(trv_filter_is_empty(filter));
	assert_true(trv_filter_matches(filter, &subject));
	trv_filter_free(filter);
	trv_filter_free(NULL);
}

static void test_fields_compare_whole_names(void **state)
{
	assert_true(matches("from:room-7"));
	assert_false(matches("from:room"));
	assert_true(matches("from:room*"));
	assert_true(matches("FROM:ROOM*"));
	assert_true(matches("from:*7 to:a*n type:s?y") == false); /* only * stands for others */
	assert_true(matches("to:ann"));
	assert_false(matches("to:room*"));
	assert_true(matches("actor:room* actor:ann"));
	assert_true(matches("kind:room"));
	assert_true(matches("kind:conn*"));
	assert_false(matches("type:Join"));
	assert_true(matches("from:*o*m*-*"));
	assert_false(matches("from:*x*"));
}

static void test_waits_compare_times(void **state)
{
	assert_true(matches("wait>50ms"));
	assert_false(matches("wait>1"));
	assert_true(matches("wait<1s"));
	assert_true(matches("wait>=50ms"));
}

static void test_minus_turns_round(void **state)
{
	assert_false(matches("-to:ann"));
	assert_true(matches("-to:bob from:room*"));
	assert_true(matches("-evening"));
}

static void test_text_is_looked_for_everywhere(void **state)
{
	assert_true(matches("morning"));
	assert_true(matches("\"good morning\""));
	assert_false(matches("\"morning good\""));
	assert_true(matches("text:")); /* no field: it is in the payload */
	reads = 0;
	assert_true(matches("room-"));
	assert_false(matches("evening to:bob"));
	assert_int_equal(reads, 0); /* decided without */
}

static void test_nonsense_is_explained(void **state)
{
	static const char *const nonsense[] = {"wait>soon", "from:", "\"open", "wait<"};
	char error[TRV_FILTER_ERROR], many[256];

	for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
		error[0] = '\0';
		assert_null(trv_filter_parse(nonsense[i], error));
		assert_true(strlen(error) > 10);
	}
	memset(many, 'x', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	assert_null(trv_filter_parse(many, error)); /* one word, too long */
	for (size_t i = 1; i < sizeof many - 1; i += 2)
		many[i] = ' ';
	assert_null(trv_filter_parse(many, error)); /* too many */
	assert_non_null(strstr(error, "words"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_lets_all_through),
		cmocka_unit_test(test_fields_compare_whole_names),
		cmocka_unit_test(test_waits_compare_times),
		cmocka_unit_test(test_minus_turns_round),
		cmocka_unit_test(test_text_is_looked_for_everywhere),
		cmocka_unit_test(test_nonsense_is_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
