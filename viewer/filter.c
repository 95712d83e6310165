#include "viewer/filter.h"

#include "viewer/time-axis.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TERMS_MAX = 16, WORD_MAX = 128 };

enum field { FIELD_TEXT, FIELD_FROM, FIELD_TO, FIELD_ACTOR, FIELD_KIND, FIELD_TYPE, FIELD_WAIT };

struct term {
	enum field field;
	bool inverted;
	bool less; /* wait<, not wait> */
	int64_t wait;
	char word[WORD_MAX];
};

struct trv_filter {
	unsigned count;
	struct term terms[TERMS_MAX];
};

/* --- reading -----------------------------------------------------------------------------------
 */

static const struct {
	const char *name;
	enum field field;
} names[] = {
	{"from:", FIELD_FROM}, {"to:", FIELD_TO},     {"actor:", FIELD_ACTOR},
	{"kind:", FIELD_KIND}, {"type:", FIELD_TYPE},
};

/* Copies a word, which quotes may hold together, and returns what follows it; NULL when it is too
 * long or a quote is missing. */
static const char *take_word(const char *text, char word[WORD_MAX])
{
	size_t length = 0;
	bool quoted = false;

	for (; *text && (quoted || !isspace((unsigned char)*text)); text++) {
		if (*text == '"') {
			quoted = !quoted;
			continue;
		}
		if (length + 1 == WORD_MAX)
			return NULL;
		word[length++] = *text;
	}
	word[length] = '\0';
	return quoted ? NULL : text;
}

static bool read_wait(struct term *term, char ret_error[TRV_FILTER_ERROR])
{
	const char *value = term->word + strlen("wait");

	term->field = FIELD_WAIT;
	term->less = *value == '<';
	value += 1 + (value[1] == '=');
	if (trv_time_parse(value, &term->wait))
		return true;
	snprintf(ret_error, TRV_FILTER_ERROR,
		 "“wait” is compared with a time, as in wait>50ms; “%.40s” is none", value);
	return false;
}

static bool read_term(struct term *term, char ret_error[TRV_FILTER_ERROR])
{
	if (term->word[0] == '-' && term->word[1]) {
		term->inverted = true;
		memmove(term->word, term->word + 1, strlen(term->word));
	}
	if (strncasecmp(term->word, "wait>", 5) == 0 || strncasecmp(term->word, "wait<", 5) == 0)
		return read_wait(term, ret_error);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		size_t length = strlen(names[i].name);

		if (strncasecmp(term->word, names[i].name, length) != 0)
			continue;
		term->field = names[i].field;
		memmove(term->word, term->word + length, strlen(term->word + length) + 1);
		if (term->word[0])
			return true;
		snprintf(ret_error, TRV_FILTER_ERROR, "After “%s” a name is missing",
			 names[i].name);
		return false;
	}
	return true;
}

struct trv_filter *trv_filter_parse(const char *text, char ret_error[TRV_FILTER_ERROR])
{
	struct trv_filter *filter = calloc(1, sizeof *filter);

	if (!filter)
		abort();
	for (;;) {
		struct term *term = &filter->terms[filter->count];

		while (isspace((unsigned char)*text))
			text++;
		if (!*text)
			return filter;
		if (filter->count == TERMS_MAX) {
			snprintf(ret_error, TRV_FILTER_ERROR, "More than %d words", TERMS_MAX);
			break;
		}
		text = take_word(text, term->word);
		if (!text) {
			snprintf(ret_error, TRV_FILTER_ERROR,
				 "A closing quote is missing, or a word is too long");
			break;
		}
		if (!read_term(term, ret_error))
			break;
		filter->count += term->word[0] != '\0';
	}
	free(filter);
	return NULL;
}

void trv_filter_free(struct trv_filter *filter)
{
	free(filter);
}

bool trv_filter_is_empty(const struct trv_filter *filter)
{
	return filter->count == 0;
}

/* --- comparing ---------------------------------------------------------------------------------
 */

/* Whether all of `name` is what `pattern` says. Takes time in the product of the lengths at most:
 * only the last star is ever tried again. */
static bool is_like(const char *name, const char *pattern)
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

static bool contains(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (; *text; text++) {
		if (strncasecmp(text, word, length) == 0)
			return true;
	}
	return false;
}

static bool text_holds(const struct term *term, const struct trv_subject *subject)
{
	char *payload;
	bool found;

	if (contains(subject->type, term->word) || contains(subject->from, term->word) ||
	    contains(subject->to, term->word))
		return true;
	payload = subject->text(subject->context);
	found = contains(payload, term->word);
	free(payload);
	return found;
}

static bool term_holds(const struct term *term, const struct trv_subject *subject)
{
	switch (term->field) {
	case FIELD_FROM:
		return is_like(subject->from, term->word);
	case FIELD_TO:
		return is_like(subject->to, term->word);
	case FIELD_ACTOR:
		return is_like(subject->from, term->word) || is_like(subject->to, term->word);
	case FIELD_KIND:
		return is_like(subject->from_kind, term->word) ||
		       is_like(subject->to_kind, term->word);
	case FIELD_TYPE:
		return is_like(subject->type, term->word);
	case FIELD_WAIT:
		return term->less ? subject->wait < term->wait : subject->wait > term->wait;
	default:
		return text_holds(term, subject);
	}
}

bool trv_filter_matches(const struct trv_filter *filter, const struct trv_subject *subject)
{
	/* Payloads are slow to read: they come last. */
	for (int text = 0; text <= 1; text++) {
		for (unsigned i = 0; i < filter->count; i++) {
			const struct term *term = &filter->terms[i];

			if ((term->field == FIELD_TEXT) == (text != 0) &&
			    term_holds(term, subject) == term->inverted)
				return false;
		}
	}
	return true;
}
