#include "viewer/screenshot.h"

#include "viewer/error.h"
#include "viewer/export.h"

enum { FRAMES = 4 }; /* drawn after the last change, so that nothing is still being laid out */

struct taking {
	AdwApplicationWindow *window;
	const struct trv_screenshot *shot;
	trv_screenshot_done *done;
	gpointer data;
	int frames;
};

static GError *write_picture(const struct taking *taking)
{
	GtkWidget *what = adw_application_window_get_content(taking->window);

	if (taking->shot->only)
		what = trv_window_part(TRV_WINDOW(taking->window), taking->shot->only);
	return trv_export_widget(what, taking->shot->file);
}

static void on_painted(GdkFrameClock *clock, struct taking *taking);

static void await_frame(struct taking *taking)
{
	g_signal_connect(gtk_widget_get_frame_clock(GTK_WIDGET(taking->window)), "after-paint",
			 G_CALLBACK(on_painted), taking);
	gtk_widget_queue_draw(GTK_WIDGET(taking->window));
}

static gboolean on_idle(gpointer data)
{
	await_frame(data);
	return G_SOURCE_REMOVE;
}

/* Where the playhead is, too. */
static bool is_settled(const struct taking *taking)
{
	return !TRV_IS_WINDOW(taking->window) ||
	       trv_session_is_settled(trv_window_session(TRV_WINDOW(taking->window)));
}

/* Only here is everything laid out: what changes between frames makes a widget's picture empty.
 * From one frame to the next all is done that waits to be done, such as reading what is in sight.
 */
static void on_painted(GdkFrameClock *clock, struct taking *taking)
{
	g_autoptr(GError) error = NULL;

	g_signal_handlers_disconnect_by_func(clock, on_painted, taking);
	if (++taking->frames < FRAMES || !is_settled(taking)) {
		g_idle_add_full(G_PRIORITY_LOW, on_idle, taking, NULL);
		return;
	}
	error = write_picture(taking);
	taking->done(error, taking->data);
	g_free(taking);
}

static GError *no_such(const char *what, size_t number, size_t count)
{
	char sentence[120];

	g_snprintf(sentence, sizeof sentence, "there is no %s %zu: there are %zu", what, number,
		   count);
	return trv_error_new(-EINVAL, sentence);
}

static void put_playhead(TrvSession *session, const struct trv_screenshot *shot)
{
	if (!shot->at_set)
		return;
	trv_session_set_time(session, shot->at);
	trv_session_show_time(session, shot->at);
}

/* What is to be seen of one run beside a finding and a time. */
static GError *turn_to(TrvWindow *window, const struct trv_screenshot *shot)
{
	TrvSession *session = trv_window_session(window);
	struct trc_message_info message;
	char sentence[120] = "";

	if (shot->message != 0 &&
	    !trc_trace_message(trv_session_trace(session), shot->message, &message))
		g_snprintf(sentence, sizeof sentence, "there is no message %" G_GUINT64_FORMAT,
			   shot->message);
	else if (shot->panel && !trv_window_show_panel(window, shot->panel))
		g_snprintf(sentence, sizeof sentence, "there is no panel \"%s\"", shot->panel);
	else if (shot->only && !trv_window_part(window, shot->only))
		g_snprintf(sentence, sizeof sentence, "the window has no part \"%s\"", shot->only);
	if (sentence[0])
		return trv_error_new(-EINVAL, sentence);
	if (shot->message != 0)
		trv_session_go_to_message(session, shot->message);
	return NULL;
}

static GError *apply(const struct taking *taking)
{
	TrvSession *session = trv_window_session(TRV_WINDOW(taking->window));
	const struct trv_screenshot *shot = taking->shot;
	GError *error = turn_to(TRV_WINDOW(taking->window), shot);

	if (error)
		return error;

	if (shot->finding > 0) {
		size_t count = trv_session_survey(session)->findings.count;

		if (shot->finding > count)
			return no_such("finding", shot->finding, count);
		trv_session_go_to_finding(session, shot->finding - 1);
	}
	put_playhead(session, shot);
	return NULL;
}

/* Draws what there is, or gives up. */
static void end(struct taking *taking, const GError *error)
{
	if (!error) {
		await_frame(taking);
		return;
	}
	taking->done(error, taking->data);
	g_free(taking);
}

static void on_changed(TrvSession *session, guint what, gpointer data)
{
	struct taking *taking = data;
	g_autoptr(GError) error = NULL;

	if (!(what & (TRV_CHANGED_STATE | TRV_CHANGED_FINDINGS)) ||
	    trv_session_state(session) == TRV_LOADING)
		return;
	/* A finding of a long trace has to be found first, and what is in the panels. */
	if (trv_session_state(session) == TRV_READY &&
	    (taking->shot->finding > 0 || taking->shot->panel) &&
	    trv_session_survey_share(session) < 1)
		return;
	g_signal_handlers_disconnect_by_func(session, on_changed, data);
	if (trv_session_state(session) == TRV_READY)
		error = apply(taking);
	else
		error = trv_error_new(-EIO, trv_session_error(session));
	end(taking, error);
}

static struct taking *begin(AdwApplicationWindow *window, const struct trv_screenshot *shot,
			    trv_screenshot_done *done, gpointer data)
{
	struct taking *taking = g_new0(struct taking, 1);

	*taking = (struct taking){window, shot, done, data, 0};
	if (shot->width > 0)
		gtk_widget_set_size_request(adw_application_window_get_content(window), shot->width,
					    shot->height);
	return taking;
}

void trv_screenshot_take(TrvWindow *window, const struct trv_screenshot *shot,
			 trv_screenshot_done *done, gpointer data)
{
	g_signal_connect(trv_window_session(window), "changed", G_CALLBACK(on_changed),
			 begin(ADW_APPLICATION_WINDOW(window), shot, done, data));
}

/* --- two runs ----------------------------------------------------------------------------------
 */

static GError *apply_to_both(const struct taking *taking, TrvPair *pair)
{
	const struct trv_screenshot *shot = taking->shot;
	size_t count = trc_comparison_count(trv_pair_comparison(pair));

	if (shot->finding > count)
		return no_such("difference", shot->finding, count);
	if (shot->finding > 0)
		trv_pair_go_to(pair, shot->finding - 1);
	put_playhead(trv_pair_session(pair, TRC_RUN_A), shot);
	return NULL;
}

static void on_pair_changed(TrvPair *pair, gpointer data)
{
	struct taking *taking = data;
	g_autoptr(GError) error = NULL;

	if (trv_pair_state(pair) == TRV_LOADING)
		return;
	g_signal_handlers_disconnect_by_func(pair, on_pair_changed, data);
	if (trv_pair_state(pair) == TRV_READY)
		error = apply_to_both(taking, pair);
	else
		error = trv_error_new(-EIO, trv_pair_error(pair));
	end(taking, error);
}

void trv_screenshot_take_both(TrvCompareWindow *window, const struct trv_screenshot *shot,
			      trv_screenshot_done *done, gpointer data)
{
	g_signal_connect(trv_compare_window_pair(window), "changed", G_CALLBACK(on_pair_changed),
			 begin(ADW_APPLICATION_WINDOW(window), shot, done, data));
}
