/*
 * filter-suggest.h - what could be typed next in the find bar; no widgets
 */
#ifndef VIEWER_FILTER_SUGGEST_H
#define VIEWER_FILTER_SUGGEST_H

#include "tracer/model/model.h"

#include <glib.h>

enum { TRV_SUGGESTIONS_MAX = 8 };

/* Suggestions for the word of `text` that ends at byte `cursor`: what it would be whole, such as
 * `from:room-7`. Of char *, none twice, at most TRV_SUGGESTIONS_MAX; names of `names`. */
GPtrArray *trv_filter_suggest(const char *text, size_t cursor, const struct trc_model *names);

/* `text` with that word replaced by `suggestion` and, when it is whole, a space; `ret_cursor`: the
 * byte after it. To be freed with g_free(). */
char *trv_filter_complete(const char *text, size_t cursor, const char *suggestion,
			  size_t *ret_cursor);

#endif
