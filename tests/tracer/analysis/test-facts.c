/*
 * Facts come out as they went in, in order and by number, whatever their numbers are.
 */
#include "tracer/analysis/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { COUNT = 5000 };

static struct trc__fact facts_in[COUNT];

static uint64_t any_number(void)
{
	uint64_t number = (uint64_t)rand() << 33 ^ (uint64_t)rand() << 12 ^ (uint64_t)rand();

	return number >> rand() % 64;
}

static void is_fact(const struct trc__fact *fact, const struct trc__fact *wanted)
{
	assert_int_equal(fact->time, wanted->time);
	assert_int_equal(fact->actor, wanted->actor);
	assert_int_equal(fact->object, wanted->object);
	assert_int_equal(fact->peer, wanted->peer);
	assert_int_equal(fact->site, wanted->site);
	assert_int_equal(fact->type, wanted->type);
	assert_int_equal(fact->kind, wanted->kind);
}

static void fill(struct trc__facts *facts)
{
	srand(5);
	for (size_t i = 0; i < COUNT; i++) {
		if (i > 0 && rand() % 4 == 0) /* several nodes of one event */
			facts_in[i] = facts_in[i - 1];
		else
			facts_in[i] = (struct trc__fact){
				.time = any_number(),
				.actor = any_number(),
				.object = any_number(),
				.peer = any_number(),
				.site = (uint32_t)any_number(),
				.type = (uint16_t)any_number(),
				.kind = (uint8_t)any_number(),
			};
		trc__facts_add(facts, &facts_in[i]);
	}
}

static void come_one_after_the_other(void **state)
{
	struct trc__facts facts = {0};
	struct trc__facts_reader reader = {.facts = &facts};

	assert_false(trc__facts_next(&reader));
	fill(&facts);
	assert_int_equal(facts.count, COUNT);
	for (uint32_t i = 0; i < COUNT; i++) {
		assert_true(trc__facts_next(&reader));
		assert_int_equal(reader.next, i + 1);
		is_fact(&reader.fact, &facts_in[i]);
	}
	assert_false(trc__facts_next(&reader));
	trc__facts_clear(&facts);
}

static void come_by_number(void **state)
{
	struct trc__facts facts = {0};

	fill(&facts);
	for (uint32_t i = 0; i < COUNT; i++) {
		uint32_t number = (uint32_t)rand() % COUNT;
		struct trc__fact fact = trc__facts_at(&facts, number);

		is_fact(&fact, &facts_in[number]);
	}
	trc__facts_clear(&facts);
}

/* As in a trace: time and messages go on by little, actors and sites are small. */
static void are_small_when_they_are_alike(void **state)
{
	struct trc__facts facts = {0};

	for (uint64_t i = 0; i < COUNT; i++)
		trc__facts_add(&facts, &(struct trc__fact){.time = 1000000 + 700 * i,
							   .actor = i % 100,
							   .object = 50000 + i,
							   .peer = i % 90,
							   .site = 7,
							   .type = 3,
							   .kind = 4});
	assert_true(facts.bytes.size < COUNT * sizeof(struct trc__fact) / 3);
	trc__facts_clear(&facts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(come_one_after_the_other),
		cmocka_unit_test(come_by_number),
		cmocka_unit_test(are_small_when_they_are_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
