/*
 * window-lanes.c - what the user does to lanes: group, sort, fold, pin, hide, move
 */
#include "viewer/metrics.h"
#include "viewer/window-private.h"

static void move_by(TrvWindow *window, uint64_t actor, long by)
{
	long to = trv_session_row_of(window->session, actor) + by;

	if (to >= 0)
		trv_session_move_lane(window->session, actor, (size_t)to);
}

void trv__window_lane_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);
	TrvSession *session = window->session;
	uint64_t actor = trv_session_selected_actor(session);

	if (actor == 0)
		trv__window_say(window, "Select an actor first");
	else if (g_str_equal(name, "win.pin"))
		trv_session_set_pinned(session, actor, !trv_session_is_pinned(session, actor));
	else if (g_str_equal(name, "win.hide"))
		trv_session_hide(session, actor);
	else
		move_by(window, actor, g_str_equal(name, "win.lane-up") ? -1 : 1);
}

void trv__window_lanes_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);

	if (g_str_equal(name, "win.show-hidden"))
		trv_session_show_hidden(window->session);
	else
		trv_session_fold_all(window->session, g_str_equal(name, "win.fold-all"));
}

void trv__window_show_lanes(TrvWindow *window)
{
	bool ready = trv_session_state(window->session) == TRV_READY;
	bool grouped = trv_session_grouping(window->session) != TRV_GROUP_NONE;

	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.show-hidden",
				      ready && trv_session_rows(window->session)->hidden > 0);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.fold-all", ready && grouped);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.unfold-all", ready && grouped);
	g_object_notify(G_OBJECT(window), "grouping");
	g_object_notify(G_OBJECT(window), "sorting");
}

gboolean trv__window_place_lanes_button(GtkOverlay *overlay, GtkWidget *button,
					GdkRectangle *ret_place, gpointer data)
{
	const int gap = 4;
	GtkRequisition size;

	gtk_widget_get_preferred_size(button, &size, NULL);
	ret_place->x = trv_metrics()->header - size.width - gap;
	ret_place->y = (gtk_widget_get_height(GTK_WIDGET(overlay)) - size.height) / 2;
	ret_place->width = size.width;
	ret_place->height = size.height;
	return TRUE;
}
