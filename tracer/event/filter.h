/*
 * filter.h - which messages a recording leaves out
 *
 *	--skip type:Tick
 *	--only "kind:room -from:outside"
 *
 * A rule has terms, which must all hold: `from:`, `to:`, `actor:` (either of them) and `kind:` (of
 * either) compare a name of sender or receiver, `type:` that of the message; * stands for any
 * letters, a minus before a term turns it round, quotes hold a name with spaces together, capitals
 * do not matter. It is the language of the viewer's find bar, without what is known only later.
 *
 * A message that a `skip` rule matches is left out, and so is one that no `only` rule matches, when
 * there are any. Questions, and messages of types with a handle or a reply token in them, are then
 * written without their fields: verdicts stand on them (docs/decisions/0014).
 *
 * Names are compared once: actors that all rules treat alike are of one *sort*, types are noted by
 * their number. To decide about a message is then to look up three masks, one bit a term.
 *
 * Thread-safe but for parsing and freeing.
 */
#ifndef TRACER_EVENT_FILTER_H
#define TRACER_EVENT_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct trc_filters;

enum {
	TRC_RULES_MAX = 32,
	TRC_FILTER_ERROR = 240,
	TRC_SORT_OUTSIDE = 1, /* what lies outside of the actors: called "outside", of no kind */
	TRC_NO_RULE = TRC_RULES_MAX + 1,
};

/* Reads rules, one a line, each "--skip TERMS" or "--only TERMS". NULL when they make no sense,
 * with `ret_error` filled in: what is wrong with which one, and what would be right; or when there
 * is no memory. */
struct trc_filters *trc_filters_parse(const char *rules, char ret_error[TRC_FILTER_ERROR]);
void trc_filters_free(struct trc_filters *filters); /* NULL is fine */

/* The rules in the order in which they were given, as lines without their ends. */
unsigned trc_filters_count(const struct trc_filters *filters);
const char *trc_filters_rule(const struct trc_filters *filters, unsigned rule);

/* The sort of an actor, never 0. */
uint16_t trc_filters_sort(struct trc_filters *filters, const char *kind, const char *name);

/* Notes what the rules say of type `number`; `carries` when it has handles or reply tokens. */
void trc_filters_note_type(struct trc_filters *filters, uint16_t number, const char *name,
			   bool carries);
bool trc_filters_knows_type(const struct trc_filters *filters, uint16_t number);

enum trc_fate {
	TRC_FATE_OPEN, /* not decided yet */
	TRC_FATE_RECORDED,
	TRC_FATE_BARE, /* recorded without its fields */
	TRC_FATE_LEFT_OUT,
};

struct trc_choice {
	enum trc_fate fate;
	unsigned rule; /* that decided; TRC_RULES_MAX: no `only` rule matched; TRC_NO_RULE */
};

/* About a message from and to actors of these sorts. */
struct trc_choice trc_filters_choose(const struct trc_filters *filters, uint16_t from, uint16_t to,
				     uint16_t type, bool is_ask);

/* Whether a name is what `pattern` says. */
bool trc_name_is_like(const char *name, const char *pattern);

#ifdef __cplusplus
}
#endif

#endif
