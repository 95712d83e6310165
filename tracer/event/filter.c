/*
 * Rules, and the masks they are turned into.
 *
 * Each term of each rule has a bit. A sort of actors has two masks: the terms that hold when such
 * an actor sends, and those that hold when it receives. A term about either stands in both, so what
 * holds for a message is the union of the sender's, the receiver's and the type's mask, and a rule
 * matches when all its bits are in there. "-actor:x" means that neither is x, which no union can
 * say; it becomes two terms, "-from:x" and "-to:x".
 *
 * Masks are written once, before the number under which they are found is handed out.
 */
#include "tracer/event/filter.h"

#include <ctype.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TERMS_MAX = 61, SORTS_MAX = 4096, TYPES = UINT16_MAX + 1 };

/* In masks, besides the terms' bits. */
#define ALWAYS  (UINT64_C(1) << 63) /* of a sort that has no masks, a type that has no name */
#define KNOWN   (UINT64_C(1) << 62) /* of a type */
#define CARRIES (UINT64_C(1) << 61) /* of a type */

enum side { SIDE_FROM, SIDE_TO, SIDE_EITHER, SIDE_TYPE };

struct term {
	enum side side;
	bool of_kind; /* of the actor's kind, not its name */
	bool inverted;
	char *pattern;
};

struct rule {
	bool skips;
	uint64_t terms;
	char *text;
};

struct sort {
	uint64_t from, to;
};

struct trc_filters {
	unsigned term_count, rule_count, skip_count;
	struct term terms[TERMS_MAX];
	struct rule rules[TRC_RULES_MAX];
	uint8_t order[TRC_RULES_MAX]; /* of the rules: those that skip come first */
	pthread_mutex_t lock;         /* of making sorts */
	unsigned sort_count;
	struct sort sorts[SORTS_MAX];
	_Atomic uint64_t types[TYPES];
};

/* --- reading rules ---------------------------------------------------------------------------- */

static const struct {
	const char *name;
	enum side side;
	bool of_kind;
} fields[] = {
	{"from:", SIDE_FROM, false},  {"to:", SIDE_TO, false},     {"actor:", SIDE_EITHER, false},
	{"kind:", SIDE_EITHER, true}, {"type:", SIDE_TYPE, false},
};

enum { FIELD_COUNT = sizeof(fields) / sizeof(fields[0]) };

/* Takes the next word, which quotes may hold together, into `word`, as long as `text` at least.
 * False: a quote is not closed. */
static bool take_word(const char **text, char *word)
{
	bool quoted = false;

	while (isspace((unsigned char)**text))
		++*text;
	for (; **text && (quoted || !isspace((unsigned char)**text)); ++*text) {
		if (**text == '"')
			quoted = !quoted;
		else
			*word++ = **text;
	}
	*word = '\0';
	return !quoted;
}

static bool add_term(struct trc_filters *filters, struct rule *rule, enum side side, bool of_kind,
		     bool inverted, const char *pattern)
{
	struct term *term = &filters->terms[filters->term_count];

	if (filters->term_count == TERMS_MAX)
		return false;
	*term = (struct term){side, of_kind, inverted, strdup(pattern)};
	if (!term->pattern)
		return false;
	rule->terms |= UINT64_C(1) << filters->term_count++;
	return true;
}

/* NULL, or what is wrong with the word. */
static const char *read_term(struct trc_filters *filters, struct rule *rule, const char *word)
{
	bool inverted = word[0] == '-', added;
	size_t i;

	word += inverted;
	for (i = 0; i < FIELD_COUNT; i++)
		if (strncasecmp(word, fields[i].name, strlen(fields[i].name)) == 0)
			break;
	if (i == FIELD_COUNT)
		return "is not of the form FIELD:NAME with from, to, actor, kind or type, as in "
		       "type:Tick* or kind:room";
	word += strlen(fields[i].name);
	if (!*word)
		return "lacks a name after the colon; * stands for any letters";
	if (fields[i].side == SIDE_EITHER && inverted)
		added = add_term(filters, rule, SIDE_FROM, fields[i].of_kind, true, word) &&
			add_term(filters, rule, SIDE_TO, fields[i].of_kind, true, word);
	else
		added = add_term(filters, rule, fields[i].side, fields[i].of_kind, inverted, word);
	return added ? NULL : "is one too many; all rules together may have some sixty terms";
}

/* Reads one line, with its end cut off. NULL, or what is wrong; `ret_word` is the word. */
static const char *read_rule(struct trc_filters *filters, const char *line, char *ret_word)
{
	struct rule *rule = &filters->rules[filters->rule_count];
	const char *why = NULL;

	strcpy(ret_word, line);
	if (filters->rule_count == TRC_RULES_MAX)
		return "is one rule too many; there may be 32";
	if (strncmp(line, "--skip ", 7) != 0 && strncmp(line, "--only ", 7) != 0)
		return "is no rule";
	rule->skips = line[2] == 's';
	rule->text = strdup(line);
	if (!rule->text)
		return "finds no memory";
	filters->rule_count++;
	line += 7;
	while (!why) {
		if (!take_word(&line, ret_word))
			return "lacks a closing quote";
		if (!*ret_word)
			break;
		why = read_term(filters, rule, ret_word);
	}
	if (!why && rule->terms == 0)
		return "has no terms; type:NAME, kind:NAME, actor:NAME, from:NAME and to:NAME are "
		       "some";
	return why;
}

static void put_in_order(struct trc_filters *filters)
{
	unsigned count = 0;

	for (int skips = 1; skips >= 0; skips--) {
		for (unsigned i = 0; i < filters->rule_count; i++)
			if (filters->rules[i].skips == skips)
				filters->order[count++] = (uint8_t)i;
		if (skips)
			filters->skip_count = count;
	}
}

static bool read_rules(struct trc_filters *filters, const char *rules,
		       char ret_error[TRC_FILTER_ERROR])
{
	size_t size = strlen(rules) + 1;
	char *line = malloc(size), *word = malloc(size);
	const char *why = line && word ? NULL : "finds no memory";

	while (!why && *rules) {
		size_t length = strcspn(rules, "\n");

		memcpy(line, rules, length);
		line[length] = '\0';
		rules += length + (rules[length] == '\n');
		why = read_rule(filters, line, word);
	}
	if (why)
		snprintf(ret_error, TRC_FILTER_ERROR, "'%.80s' %s", word && *word ? word : "", why);
	free(line);
	free(word);
	return !why;
}

struct trc_filters *trc_filters_parse(const char *rules, char ret_error[TRC_FILTER_ERROR])
{
	struct trc_filters *filters = calloc(1, sizeof(*filters));

	if (!filters) {
		snprintf(ret_error, TRC_FILTER_ERROR, "there is no memory for filters");
		return NULL;
	}
	pthread_mutex_init(&filters->lock, NULL);
	if (!read_rules(filters, rules, ret_error)) {
		trc_filters_free(filters);
		return NULL;
	}
	put_in_order(filters);
	filters->sort_count = TRC_SORT_OUTSIDE;
	trc_filters_sort(filters, "", "outside");
	atomic_init(&filters->types[0], KNOWN | ALWAYS);
	return filters;
}

void trc_filters_free(struct trc_filters *filters)
{
	if (!filters)
		return;
	for (unsigned i = 0; i < filters->term_count; i++)
		free(filters->terms[i].pattern);
	for (unsigned i = 0; i < filters->rule_count; i++)
		free(filters->rules[i].text);
	pthread_mutex_destroy(&filters->lock);
	free(filters);
}

unsigned trc_filters_count(const struct trc_filters *filters)
{
	return filters->rule_count;
}

const char *trc_filters_rule(const struct trc_filters *filters, unsigned rule)
{
	return filters->rules[rule].text;
}

/* --- names ------------------------------------------------------------------------------------ */

/* Only the last star is ever tried again, so the time is in the product of the lengths at most. */
bool trc_name_is_like(const char *name, const char *pattern)
{
	const char *star = NULL, *again = NULL;

	while (*name) {
		if (*pattern == '*') {
			star = pattern++;
			again = name;
		} else if (tolower((unsigned char)*pattern) == tolower((unsigned char)*name)) {
			pattern++;
			name++;
		} else if (star) {
			pattern = star + 1;
			name = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static struct sort make_sort(const struct trc_filters *filters, const char *kind, const char *name)
{
	struct sort sort = {0, 0};

	for (unsigned i = 0; i < filters->term_count; i++) {
		const struct term *term = &filters->terms[i];
		uint64_t bit = UINT64_C(1) << i;

		if (term->side == SIDE_TYPE ||
		    trc_name_is_like(term->of_kind ? kind : name, term->pattern) == term->inverted)
			continue;
		if (term->side != SIDE_TO)
			sort.from |= bit;
		if (term->side != SIDE_FROM)
			sort.to |= bit;
	}
	return sort;
}

uint16_t trc_filters_sort(struct trc_filters *filters, const char *kind, const char *name)
{
	struct sort sort = make_sort(filters, kind, name);
	unsigned number;

	pthread_mutex_lock(&filters->lock);
	for (number = TRC_SORT_OUTSIDE; number < filters->sort_count; number++)
		if (filters->sorts[number].from == sort.from &&
		    filters->sorts[number].to == sort.to)
			break;
	if (number == SORTS_MAX - 1)
		sort = (struct sort){ALWAYS, ALWAYS};
	if (number == filters->sort_count) {
		filters->sorts[number] = sort;
		filters->sort_count += number < SORTS_MAX - 1;
	}
	pthread_mutex_unlock(&filters->lock);
	return (uint16_t)number;
}

void trc_filters_note_type(struct trc_filters *filters, uint16_t number, const char *name,
			   bool carries)
{
	uint64_t mask = KNOWN | (carries ? CARRIES : 0);

	if (number == 0)
		return;
	for (unsigned i = 0; i < filters->term_count; i++)
		if (filters->terms[i].side == SIDE_TYPE &&
		    trc_name_is_like(name, filters->terms[i].pattern) != filters->terms[i].inverted)
			mask |= UINT64_C(1) << i;
	/* relaxed: whoever does not see it yet notes the same. */
	atomic_store_explicit(&filters->types[number], mask, memory_order_relaxed);
}

bool trc_filters_knows_type(const struct trc_filters *filters, uint16_t number)
{
	return atomic_load_explicit(&filters->types[number], memory_order_relaxed) & KNOWN;
}

/* --- deciding --------------------------------------------------------------------------------- */

static bool matches(const struct trc_filters *filters, unsigned rule, uint64_t terms)
{
	return (filters->rules[rule].terms & ~terms) == 0;
}

struct trc_choice trc_filters_choose(const struct trc_filters *filters, uint16_t from, uint16_t to,
				     uint16_t type, bool is_ask)
{
	uint64_t terms = filters->sorts[from].from | filters->sorts[to].to |
			 atomic_load_explicit(&filters->types[type], memory_order_relaxed);
	struct trc_choice choice = {TRC_FATE_RECORDED, TRC_NO_RULE};
	unsigned i;

	if (terms & ALWAYS)
		return choice;
	for (i = 0; i < filters->rule_count; i++)
		if (matches(filters, filters->order[i], terms))
			break;
	if (i < filters->rule_count)
		choice.rule = filters->order[i];
	else if (i > filters->skip_count)
		choice.rule = TRC_RULES_MAX;
	if (i < filters->skip_count || choice.rule == TRC_RULES_MAX)
		choice.fate = is_ask || (terms & CARRIES) ? TRC_FATE_BARE : TRC_FATE_LEFT_OUT;
	return choice;
}
