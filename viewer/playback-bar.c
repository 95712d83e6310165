#include "viewer/playback-bar.h"

#include "viewer/playback.h"

#include <math.h>

/* Trace seconds a second. */
static const double speeds[] = {1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.25, 0.5, 1, 2, 5, 10};
static const char *const speed_names[] = {"1 µs/s",   "10 µs/s", "100 µs/s", "1 ms/s", "10 ms/s",
					  "100 ms/s", "¼ speed", "½ speed",  "1 ×",    "2 ×",
					  "5 ×",      "10 ×",    NULL};
enum { SPEED_DEFAULT = 8 };

enum { STEP_EVENT, STEP_MESSAGE, STEP_ACTOR };

struct _TrvPlaybackBar {
	GtkWidget parent_instance;

	TrvSession *session;
	struct trv_playback playback;
	guint tick;

	GtkButton *play;
	GtkDropDown *speed;
	GtkButton *play_back;
	GtkDropDown *step;
	GtkLabel *time;
	GtkLabel *total;
	GtkSpinner *late; /* turns while the state at the playhead is awaited */
};

G_DEFINE_FINAL_TYPE(TrvPlaybackBar, trv_playback_bar, GTK_TYPE_WIDGET)

static int64_t frame_time(TrvPlaybackBar *bar)
{
	GdkFrameClock *clock = gtk_widget_get_frame_clock(GTK_WIDGET(bar));

	return clock ? gdk_frame_clock_get_frame_time(clock) : g_get_monotonic_time();
}

/* While playing, the view goes along once the playhead is well in its right part. */
static void keep_in_sight(TrvPlaybackBar *bar, int64_t time)
{
	struct trv_span view = trv_session_view(bar->session);
	int64_t length = view.to - view.from;
	int64_t edge = view.from + length / 4 * 3;

	if (!bar->playback.backwards && time > edge && time <= view.to)
		trv_session_set_view(bar->session, trv_span_move(view, time - edge));
	else
		trv_session_show_time(bar->session, time);
}

static void show_button(GtkButton *button, bool playing, const char *icon, const char *play,
			const char *tip)
{
	gtk_button_set_icon_name(button, playing ? "media-playback-pause-symbolic" : icon);
	gtk_widget_set_tooltip_text(GTK_WIDGET(button), tip);
	gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       playing ? "Pause" : play, -1);
}

static void show_playing(TrvPlaybackBar *bar)
{
	bool on = bar->playback.playing && !bar->playback.backwards;
	bool back = bar->playback.playing && bar->playback.backwards;

	show_button(bar->play, on, "media-playback-start-symbolic", "Play",
		    on ? "Pause (Space)" : "Play (Space)");
	show_button(bar->play_back, back, "actorscope-play-back-symbolic", "Play backwards",
		    back ? "Pause (Shift+Space)" : "Play backwards (Shift+Space)");
}

static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	TrvPlaybackBar *bar = TRV_PLAYBACK_BAR(widget);
	int64_t first, last, time;

	if (trv_session_state(bar->session) != TRV_READY) {
		trv_playback_bar_set_playing(bar, false);
		return G_SOURCE_REMOVE;
	}
	first = (int64_t)trv_session_info(bar->session)->first_time;
	last = (int64_t)trv_session_info(bar->session)->last_time;
	time = trv_playback_time(&bar->playback, gdk_frame_clock_get_frame_time(clock));
	trv_session_set_time(bar->session, CLAMP(time, first, last));
	keep_in_sight(bar, CLAMP(time, first, last));
	if (bar->playback.backwards ? time > first : time < last)
		return G_SOURCE_CONTINUE;
	bar->tick = 0;
	trv_playback_stop(&bar->playback);
	show_playing(bar);
	return G_SOURCE_REMOVE;
}

bool trv_playback_bar_is_playing(TrvPlaybackBar *bar)
{
	return bar->playback.playing;
}

/* At the end of its way it starts from the other. */
static void begin_anew(TrvPlaybackBar *bar, const struct trc_trace_info *info)
{
	int64_t time = trv_session_time(bar->session);

	if (bar->playback.backwards && time <= (int64_t)info->first_time)
		trv_session_set_time(bar->session, (int64_t)info->last_time);
	else if (!bar->playback.backwards && time >= (int64_t)info->last_time)
		trv_session_set_time(bar->session, (int64_t)info->first_time);
}

void trv_playback_bar_set_playing(TrvPlaybackBar *bar, bool playing)
{
	const struct trc_trace_info *info = trv_session_info(bar->session);

	if (playing == bar->playback.playing || (playing && !info))
		return;
	if (playing) {
		begin_anew(bar, info);
		trv_playback_start(&bar->playback, trv_session_time(bar->session), frame_time(bar));
		bar->tick = gtk_widget_add_tick_callback(GTK_WIDGET(bar), on_tick, NULL, NULL);
	} else {
		trv_playback_stop(&bar->playback);
		if (bar->tick != 0)
			gtk_widget_remove_tick_callback(GTK_WIDGET(bar), bar->tick);
		bar->tick = 0;
	}
	show_playing(bar);
}

void trv_playback_bar_toggle(TrvPlaybackBar *bar, bool backwards)
{
	bool on = bar->playback.playing && bar->playback.backwards == backwards;

	trv_playback_bar_set_playing(bar, false);
	bar->playback.backwards = backwards;
	trv_playback_bar_set_playing(bar, !on);
}

void trv_playback_bar_change_speed(TrvPlaybackBar *bar, int by)
{
	int index = (int)gtk_drop_down_get_selected(bar->speed) + by;

	gtk_drop_down_set_selected(bar->speed,
				   (guint)CLAMP(index, 0, (int)G_N_ELEMENTS(speeds) - 1));
}

bool trv_playback_bar_step(TrvPlaybackBar *bar, bool forward)
{
	guint by = gtk_drop_down_get_selected(bar->step);
	int64_t before = trv_session_time(bar->session);

	trv_playback_bar_set_playing(bar, false);
	if (by == STEP_MESSAGE)
		return trv_session_step_message(bar->session, forward) == TRV_SOUGHT_FOUND;
	trv_session_step(bar->session,
			 by == STEP_ACTOR ? trv_session_selected_actor(bar->session) : 0, forward);
	return trv_session_time(bar->session) != before;
}

static void on_speed_changed(TrvPlaybackBar *bar)
{
	guint index = gtk_drop_down_get_selected(bar->speed);

	if (index < G_N_ELEMENTS(speeds))
		trv_playback_set_speed(&bar->playback, speeds[index], frame_time(bar));
}

/* A new trace plays in some ten seconds, at the nearest notch; a live one as it happens. */
static void choose_speed(TrvPlaybackBar *bar)
{
	const struct trc_trace_info *info = trv_session_info(bar->session);
	double wanted = (double)(info->last_time - info->first_time) / 1e9 / 10;
	guint best = 0;

	for (guint i = 0; i <= SPEED_DEFAULT; i++) {
		if (speeds[i] <= MAX(wanted, speeds[0]))
			best = i;
	}
	gtk_drop_down_set_selected(bar->speed,
				   trv_session_is_live(bar->session) ? SPEED_DEFAULT : best);
}

static void show_time(TrvPlaybackBar *bar)
{
	const struct trc_trace_info *info = trv_session_info(bar->session);
	char time[TRV_TIME_TEXT];
	g_autofree char *total = NULL;

	if (!info)
		return;
	gtk_label_set_text(bar->time, trv_time_text(trv_session_time(bar->session), 1000, time));
	total = g_strdup_printf("of %s", trv_time_text((int64_t)info->last_time, 1000, time));
	gtk_label_set_text(bar->total, total);
}

static void on_changed(TrvSession *session, guint what, TrvPlaybackBar *bar)
{
	if (what & TRV_CHANGED_STATE) {
		trv_playback_bar_set_playing(bar, false);
		if (trv_session_state(session) == TRV_READY)
			choose_speed(bar);
	}
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_TIME | TRV_CHANGED_TRACE))
		show_time(bar);
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_MOMENT))
		gtk_spinner_set_spinning(bar->late, trv_session_is_late(session));
	/* A move by hand while playing: go on from there. */
	if ((what & TRV_CHANGED_TIME) && bar->playback.playing &&
	    llabs(trv_session_time(session) - trv_playback_time(&bar->playback, frame_time(bar))) >
		    1)
		trv_playback_start(&bar->playback, trv_session_time(session), frame_time(bar));
}

void trv_playback_bar_set_session(TrvPlaybackBar *bar, TrvSession *session)
{
	g_return_if_fail(!bar->session);
	bar->session = g_object_ref(session);
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), bar, 0);
}

static void trv_playback_bar_dispose(GObject *object)
{
	TrvPlaybackBar *bar = TRV_PLAYBACK_BAR(object);
	GtkWidget *child;

	gtk_widget_dispose_template(GTK_WIDGET(bar), TRV_TYPE_PLAYBACK_BAR);
	while ((child = gtk_widget_get_first_child(GTK_WIDGET(bar))) != NULL)
		gtk_widget_unparent(child);
	g_clear_object(&bar->session);
	G_OBJECT_CLASS(trv_playback_bar_parent_class)->dispose(object);
}

static void trv_playback_bar_class_init(TrvPlaybackBarClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = trv_playback_bar_dispose;
	gtk_widget_class_set_template_from_resource(widget_class,
						    "/org/actorscope/Viewer/playback-bar.ui");
	gtk_widget_class_bind_template_child(widget_class, TrvPlaybackBar, play);
	gtk_widget_class_bind_template_child(widget_class, TrvPlaybackBar, speed);
	gtk_widget_class_bind_template_child(widget_class, TrvPlaybackBar, play_back);
	gtk_widget_class_bind_template_child(widget_class, TrvPlaybackBar, step);
	gtk_widget_class_bind_template_child(widget_class, TrvPlaybackBar, time);
	gtk_widget_class_bind_template_child(widget_class, TrvPlaybackBar, total);
	gtk_widget_class_bind_template_child(widget_class, TrvPlaybackBar, late);
	gtk_widget_class_bind_template_callback(widget_class, on_speed_changed);
}

static void trv_playback_bar_init(TrvPlaybackBar *bar)
{
	g_autoptr(GtkStringList) names = gtk_string_list_new(speed_names);

	bar->playback.speed = speeds[SPEED_DEFAULT];
	gtk_widget_init_template(GTK_WIDGET(bar));
	gtk_drop_down_set_model(bar->speed, G_LIST_MODEL(names));
	gtk_drop_down_set_selected(bar->speed, SPEED_DEFAULT);
}
