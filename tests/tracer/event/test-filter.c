#include "tracer/event/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char why[TRC_FILTER_ERROR];

static struct trc_filters *parse(const char *rules)
{
	struct trc_filters *filters = trc_filters_parse(rules, why);

	if (!filters)
		fail_msg("%s: %s", rules, why);
	return filters;
}

enum { TICK = 1, TOCK, GIFT };

static void note_types(struct trc_filters *filters)
{
	trc_filters_note_type(filters, TICK, "Tick", false);
	trc_filters_note_type(filters, TOCK, "Tock", false);
	trc_filters_note_type(filters, GIFT, "Gift", true);
}

/* What becomes of a Tick from clock "c1" to room "lobby", and the like. */
static enum trc_fate fate(const char *rules, const char *from_kind, const char *from,
			  const char *to_kind, const char *to, uint16_t type, bool is_ask)
{
	struct trc_filters *filters = parse(rules);
	struct trc_choice choice;

	note_types(filters);
	choice = trc_filters_choose(filters, trc_filters_sort(filters, from_kind, from),
				    trc_filters_sort(filters, to_kind, to), type, is_ask);
	trc_filters_free(filters);
	return choice.fate;
}

#define FATE(rules) fate(rules, "clock", "c1", "room", "lobby", TICK, false)

static void terms_look_at_what_they_name(void **state)
{
	static const char *const match[] = {
		"type:Tick",         "type:t*",      "type:*",
		"from:c1",           "to:lobby",     "actor:c*",
		"actor:lobby",       "kind:clock",   "kind:ROOM",
		"TYPE:*ck",          "-type:Tock",   "-from:lobby",
		"-kind:guest",       "-actor:d*",    "type:\"Tick\"",
		"to:l*b*y",          "from:c1 to:*", "kind:r* -to:ann",
		"from:\"c1\" to:l*",
	};
	static const char *const miss[] = {
		"type:Tock",    "type:Tic",       "type:Tick?",
		"from:lobby",   "to:c1",          "actor:x",
		"kind:lobby",   "actor:clock",    "-type:Tick",
		"-actor:c1",    "-kind:r*",       "-from:c1",
		"-to:*",        "from:c1 to:ann", "kind:clock type:Tock",
		"-actor:lobby", "from:*b*y",      "kind:room -kind:room",
	};
	char rules[100];

	for (size_t i = 0; i < sizeof match / sizeof match[0]; i++) {
		snprintf(rules, sizeof rules, "--skip %s\n", match[i]);
		if (FATE(rules) != TRC_FATE_LEFT_OUT)
			fail_msg("%s does not match", match[i]);
		snprintf(rules, sizeof rules, "--only %s\n", match[i]);
		assert_int_equal(FATE(rules), TRC_FATE_RECORDED);
	}
	for (size_t i = 0; i < sizeof miss / sizeof miss[0]; i++) {
		snprintf(rules, sizeof rules, "--skip %s\n", miss[i]);
		if (FATE(rules) != TRC_FATE_RECORDED)
			fail_msg("%s matches", miss[i]);
		snprintf(rules, sizeof rules, "--only %s\n", miss[i]);
		assert_int_equal(FATE(rules), TRC_FATE_LEFT_OUT);
	}
}

static void a_skip_wins_and_one_only_is_enough(void **state)
{
	assert_int_equal(FATE("--only type:Tick\n--skip from:c*\n"), TRC_FATE_LEFT_OUT);
	assert_int_equal(FATE("--only type:Tock\n--only to:lobby\n"), TRC_FATE_RECORDED);
	assert_int_equal(FATE("--skip type:Tock\n--skip to:ann\n"), TRC_FATE_RECORDED);
	assert_int_equal(FATE(""), TRC_FATE_RECORDED);
}

static void questions_and_gifts_lose_their_fields_only(void **state)
{
	assert_int_equal(fate("--skip type:*\n", "a", "a", "b", "b", TICK, true), TRC_FATE_BARE);
	assert_int_equal(fate("--skip type:*\n", "a", "a", "b", "b", GIFT, false), TRC_FATE_BARE);
	assert_int_equal(fate("--only type:Tock\n", "a", "a", "b", "b", GIFT, true), TRC_FATE_BARE);
	assert_int_equal(fate("--only type:Gift\n", "a", "a", "b", "b", GIFT, true),
			 TRC_FATE_RECORDED);
}

static void it_says_which_rule_chose(void **state)
{
	struct trc_filters *filters = parse("--only type:Tock\n--skip to:ann\n--only from:c1\n");
	uint16_t clock = trc_filters_sort(filters, "clock", "c1");
	uint16_t ann = trc_filters_sort(filters, "guest", "ann");

	note_types(filters);
	assert_int_equal(trc_filters_count(filters), 3);
	assert_string_equal(trc_filters_rule(filters, 1), "--skip to:ann");
	assert_int_equal(trc_filters_choose(filters, clock, ann, TOCK, false).rule, 1);
	assert_int_equal(trc_filters_choose(filters, clock, clock, TOCK, false).rule, 0);
	assert_int_equal(trc_filters_choose(filters, clock, clock, TICK, false).rule, 2);
	assert_int_equal(trc_filters_choose(filters, ann, clock, TICK, false).rule, TRC_RULES_MAX);
	trc_filters_free(filters);
	filters = parse("--skip type:Tock\n");
	note_types(filters);
	assert_int_equal(trc_filters_choose(filters, 1, 1, TICK, false).rule, TRC_NO_RULE);
	trc_filters_free(filters);
}

static void actors_that_are_alike_are_of_one_sort(void **state)
{
	struct trc_filters *filters = parse("--skip kind:room\n--skip from:ann\n");
	uint16_t lobby = trc_filters_sort(filters, "room", "lobby");

	assert_true(lobby != 0);
	assert_int_equal(trc_filters_sort(filters, "Room", "attic"), lobby);
	assert_int_equal(trc_filters_sort(filters, "guest", "bob"), TRC_SORT_OUTSIDE);
	assert_true(trc_filters_sort(filters, "guest", "Ann") != TRC_SORT_OUTSIDE);
	assert_false(trc_filters_knows_type(filters, 7));
	trc_filters_note_type(filters, 7, "Any", false);
	assert_true(trc_filters_knows_type(filters, 7));
	trc_filters_free(filters);
}

/* What cannot be told apart any more is recorded. */
static void sorts_without_end_are_recorded(void **state)
{
	char rules[2048] = "", name[32];
	struct trc_filters *filters;
	uint16_t last = 0;

	for (int bit = 0; bit < 13; bit++)
		sprintf(rules + strlen(rules), "--skip from:*%c*\n", 'a' + bit);
	filters = parse(rules);
	note_types(filters);
	for (unsigned set = 1; set < 1 << 13; set++) {
		size_t length = 0;

		for (int bit = 0; bit < 13; bit++)
			if (set >> bit & 1)
				name[length++] = (char)('a' + bit);
		name[length] = '\0';
		last = trc_filters_sort(filters, "", name);
	}
	assert_int_equal(trc_filters_choose(filters, last, 1, TICK, false).fate, TRC_FATE_RECORDED);
	assert_int_equal(
		trc_filters_choose(filters, trc_filters_sort(filters, "", "a"), 1, TICK, false)
			.fate,
		TRC_FATE_LEFT_OUT);
	trc_filters_free(filters);
}

static void nonsense_is_told(void **state)
{
	static const struct {
		const char *rules, *word, *why;
	} bad[] = {
		{"--skip Tick", "'Tick'", "FIELD:NAME"},
		{"--skip typ:Tick", "'typ:Tick'", "FIELD:NAME"},
		{"--skip type:", "'type:'", "lacks a name"},
		{"--skip -from:", "'-from:'", "lacks a name"},
		{"--skip type:\"Tick", "'type:Tick'", "closing quote"},
		{"--skip  ", "''", "has no terms"},
		{"--only type:A wait>5ms", "'wait>5ms'", "FIELD:NAME"},
		{"type:Tick", "'type:Tick'", "is no rule"},
	};
	char rules[4096] = "";

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		assert_null(trc_filters_parse(bad[i].rules, why));
		if (!strstr(why, bad[i].word) || !strstr(why, bad[i].why))
			fail_msg("%s: %s", bad[i].rules, why);
	}
	for (int i = 0; i < TRC_RULES_MAX + 1; i++)
		strcat(rules, "--skip type:a\n");
	assert_null(trc_filters_parse(rules, why));
	assert_non_null(strstr(why, "there may be 32"));
	strcpy(rules, "--skip");
	for (int i = 0; i < 70; i++)
		strcat(rules, " type:*a*");
	assert_null(trc_filters_parse(rules, why));
	assert_non_null(strstr(why, "some sixty terms"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(terms_look_at_what_they_name),
		cmocka_unit_test(a_skip_wins_and_one_only_is_enough),
		cmocka_unit_test(questions_and_gifts_lose_their_fields_only),
		cmocka_unit_test(it_says_which_rule_chose),
		cmocka_unit_test(actors_that_are_alike_are_of_one_sort),
		cmocka_unit_test(sorts_without_end_are_recorded),
		cmocka_unit_test(nonsense_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
