/*
 * sql-view.h - questions in SQL about the trace, and their answers as a table
 *
 * They are put to `actorscope sql` in a process of its own, which cannot change the trace: a
 * question that takes long holds nothing up and can be ended.
 */
#ifndef VIEWER_SQL_VIEW_H
#define VIEWER_SQL_VIEW_H

#include "viewer/session.h"

#include <gtk/gtk.h>

#define TRV_TYPE_SQL_VIEW (trv_sql_view_get_type())
G_DECLARE_FINAL_TYPE(TrvSqlView, trv_sql_view, TRV, SQL_VIEW, GtkWidget)

/* Once, before it is shown. */
void trv_sql_view_set_session(TrvSqlView *view, TrvSession *session);

/* As if the user had typed it and pressed Enter. */
void trv_sql_view_ask(TrvSqlView *view, const char *question);

/* Whether an answer is being waited for, and what is said about the last one. */
bool trv_sql_view_is_busy(TrvSqlView *view);
const char *trv_sql_view_status(TrvSqlView *view);

#endif
