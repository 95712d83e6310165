#include "tests/support/trace-file.h"

#include "tracer/query/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char path[] = "/tmp/test-origin-XXXXXX";
static struct trc_trace *trace;
static uint64_t first, passed_on, last;

/* A message from outside that is passed on and on between two actors. */
static int open_trace(void **state)
{
	struct trc_trace_error error;
	struct tb tb;
	uint64_t ann, bob;

	tb_init(&tb);
	ann = tb_spawn(&tb, 0, "person", "ann", 10);
	bob = tb_spawn(&tb, 0, "person", "bob", 10);
	tb_at(&tb, "src/main.c", "main", 7);
	first = last = tb_send(&tb, 0, ann, "Say");
	for (unsigned i = 0; i < 2 * TRC_ORIGIN_STEPS; i++) {
		uint64_t from = i % 2 ? bob : ann;

		tb_receive_next(&tb, from);
		tb_at(&tb, "src/person.c", "pass_on", 10 + i);
		last = tb_send(&tb, from, i % 2 ? ann : bob, "Say");
		if (i == 1)
			passed_on = last;
		tb_done(&tb, from);
	}
	close(mkstemp(path));
	tf_write(path, &tb, 8);
	tb_fini(&tb);
	return trc_trace_open(path, NULL, NULL, &trace, &error);
}

static int close_trace(void **state)
{
	trc_trace_close(trace);
	return unlink(path);
}

static void assert_origin(uint64_t message, const char *expected)
{
	char *text = trc_origin_text(trace, message);

	assert_string_equal(text, expected);
	free(text);
}

static void follows_causes_to_the_outside(void **state)
{
	assert_origin(first, "Say came from outside (main.c:7)");
	assert_origin(
		passed_on,
		"Say came from person \"bob\" (person.c:11), because of Say from person \"ann\" "
		"(person.c:10), because of Say from outside (main.c:7)");
}

static void a_long_chain_is_cut(void **state)
{
	char *text = trc_origin_text(trace, last);
	unsigned because = 0;

	for (const char *at = text; (at = strstr(at, "because of")) != NULL; at++)
		because++;
	assert_int_equal(because, TRC_ORIGIN_STEPS);
	assert_string_equal(text + strlen(text) - 15, " because of ...");
	free(text);
}

static void what_is_not_there_has_no_origin(void **state)
{
	assert_origin(0, "");
	assert_origin(UINT64_MAX, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_causes_to_the_outside),
		cmocka_unit_test(a_long_chain_is_cut),
		cmocka_unit_test(what_is_not_there_has_no_origin),
	};

	return cmocka_run_group_tests(tests, open_trace, close_trace);
}
