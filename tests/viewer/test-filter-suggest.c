#include "viewer/filter-suggest.h"

#include "tests/viewer/system-builder.h"

#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void apply(const struct trc_event *event, void *context)
{
	trc_model_apply(context, event);
}

static int set_up(void **state)
{
	struct trc_model *model = trc_model_new();
	struct builder builder = {.sink = apply, .context = model};

	build_chat(&builder, 1, false);
	build_spawn(&builder, 0, 9, KIND_ROOM, "tea room", 2);
	*state = model;
	return 0;
}

static int tear_down(void **state)
{
	trc_model_free(*state);
	return 0;
}

static void assert_suggests(const struct trc_model *names, const char *text, const char *expected)
{
	g_autoptr(GPtrArray) list = trv_filter_suggest(text, strlen(text), names);
	g_autofree char *joined = NULL;

	g_ptr_array_add(list, NULL);
	joined = g_strjoinv("|", (char **)list->pdata);
	assert_string_equal(joined, expected);
}

static void test_suggests_fields_and_names(void **state)
{
	assert_suggests(*state, "", "from:|to:|actor:|kind:|type:|wait>|wait<");
	assert_suggests(*state, "ty", "type:");
	assert_suggests(*state, "type:Say -w", "wait>|wait<");
	assert_suggests(*state, "from:B", "from:bob");
	assert_suggests(*state, "kind:", "kind:room|kind:ws|kind:connection");
	assert_suggests(*state, "-type:", "type:Say|type:Join|type:Leave");
	assert_suggests(*state, "to:te", "to:\"tea room\"");
	assert_suggests(*state, "to:\"tea r", "to:\"tea room\"");
	assert_suggests(*state, "hello", "");
	assert_suggests(*state, "color:re", "");
}

static void test_completes_in_place(void **state)
{
	size_t cursor;
	g_autofree char *a = trv_filter_complete("fr", 2, "from:", &cursor);
	g_autofree char *b = NULL, *c = NULL;

	assert_string_equal(a, "from:");
	assert_int_equal(cursor, 5);
	b = trv_filter_complete("-from:b type:Say", 7, "from:bob", &cursor);
	assert_string_equal(b, "-from:bob type:Say");
	assert_int_equal(cursor, 10);
	c = trv_filter_complete("x to:a", 6, "to:ann", &cursor);
	assert_string_equal(c, "x to:ann ");
	assert_int_equal(cursor, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_suggests_fields_and_names, set_up, tear_down),
		cmocka_unit_test(test_completes_in_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
