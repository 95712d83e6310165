#include "tracer/analysis/proofs.h"

#include "tests/support/trace-builder.h"
#include "tracer/analysis/evidence.h"
#include "tracer/model/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void add(struct trc_finding *finding, const struct tb *tb, uint64_t time, uint32_t order,
		uint64_t object, const char *says)
{
	struct trc__fact fact = {.kind = TRC_SEND, .time = time, .actor = 1, .object = object};

	trc__proof_add(finding, tb->model, &fact, trc_strdup(says));
	finding->proofs[finding->proof_count - 1].order = order;
}

static void are_told_in_the_order_in_which_they_happened(void **state)
{
	static const char *const says[] = {"first", "cause", "effect", "last"};
	struct trc_finding finding = {.title = trc_strdup(""), .reason = trc_strdup("")};
	struct tb tb;

	tb_init(&tb);
	trc__proofs_sort(&finding);
	assert_int_equal(finding.proof_count, 0);
	add(&finding, &tb, 20, 9, 4, "last");
	add(&finding, &tb, 10, 8, 3, "effect");
	add(&finding, &tb, 10, 7, 2, "cause");
	add(&finding, &tb, 5, 6, 1, "first");
	add(&finding, &tb, 10, 7, 2, "cause");
	trc__proofs_sort(&finding);
	assert_int_equal(finding.proof_count, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_string_equal(finding.proofs[i].says, says[i]);
	trc_finding_clear(&finding);
	tb_fini(&tb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(are_told_in_the_order_in_which_they_happened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
