/*
 * filter.h - the language of the find bar; no widgets
 *
 *	from:room* to:ann type:Join kind:room wait>50ms "good morning"
 *
 * Words that stand side by side must all hold; one with a minus before it must not. `from`, `to`,
 * `actor` (either of them), `kind` (of either) and `type` compare a name, in which * stands for any
 * letters; `wait` compares how long the sender waited for this message, for space and for the
 * reply. Any other word is looked for in names, type and payload. Capitals do not matter.
 */
#ifndef VIEWER_FILTER_H
#define VIEWER_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/* A message as the filter sees it. */
struct trv_subject {
	const char *from, *from_kind, *to, *to_kind, *type;
	int64_t wait; /* ns */

	/* Its payload, to be freed by the caller; only asked for when nothing else decides. */
	char *(*text)(void *context);
	void *context;
};

enum { TRV_FILTER_ERROR = 160 };

/* NULL when the text makes no sense, with `ret_error` filled in by a sentence. Nothing but spaces
 * is a filter that lets everything through. Free with trv_filter_free(). */
struct trv_filter *trv_filter_parse(const char *text, char ret_error[TRV_FILTER_ERROR]);
void trv_filter_free(struct trv_filter *filter); /* NULL is fine */

bool trv_filter_is_empty(const struct trv_filter *filter);
bool trv_filter_matches(const struct trv_filter *filter, const struct trv_subject *subject);

#endif
