/*
 * csv.h - reads comma-separated values, with quotes, as `actorscope sql --csv` writes them; no
 * widgets
 */
#ifndef VIEWER_CSV_H
#define VIEWER_CSV_H

#include <glib.h>

/* Lines of cells: of GPtrArray of char *, valid UTF-8; at most `max_lines`. Whether there were more
 * goes to `ret_more`. */
GPtrArray *trv_csv_parse(const char *text, guint max_lines, gboolean *ret_more);

#endif
