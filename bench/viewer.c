/*
 * viewer.c - how long the viewer takes over a trace
 *
 *     bench-viewer TRACE
 *
 * opens it in a real window and prints, each on a line `BENCH viewer NAME VALUE UNIT`: how long it
 * takes until there is a first picture; the time to build a frame, and its render nodes, from the
 * whole trace to its smallest parts; from moving the playhead until the state there has been read
 * by its thread, and then until all panels show it; the longest that the main thread was busy at
 * once meanwhile; the most memory it took until the search for findings was over. It needs a
 * display (xvfb-run), but no graphics card: what is measured is ours, not the renderer's.
 */
#include "viewer/app.h"
#include "viewer/overview.h"
#include "viewer/time-ruler.h"
#include "viewer/timeline.h"
#include "viewer/wait-graph-view.h"
#include "viewer/window.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WIDTH = 1600, HEIGHT = 900, PLACES = 3, ZOOMS = 14, MOVES = 60 };

static bool drawn;
static double longest; /* ms of the processor that the main thread took at once */

static gboolean count_frames(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	int *frames = data;

	if (--*frames > 0)
		return G_SOURCE_CONTINUE;
	drawn = true;
	return G_SOURCE_REMOVE;
}

static double thread_ms(void)
{
	struct timespec spent;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
	return (double)spent.tv_sec * 1e3 + (double)spent.tv_nsec / 1e6;
}

static void iterate(void)
{
	double start = thread_ms();

	g_main_context_iteration(NULL, TRUE);
	longest = MAX(longest, thread_ms() - start);
}

/* Until everything that has changed is laid out and drawn. */
static void draw(TrvWindow *window, int frames)
{
	drawn = false;
	gtk_widget_add_tick_callback(GTK_WIDGET(window), count_frames, &frames, NULL);
	while (!drawn)
		iterate();
}

static double ms_since(gint64 start)
{
	return (double)(g_get_monotonic_time() - start) / 1e3;
}

static size_t count_nodes(GskRenderNode *node)
{
	size_t count = 1;

	switch (gsk_render_node_get_node_type(node)) {
	case GSK_CONTAINER_NODE:
		for (guint i = 0; i < gsk_container_node_get_n_children(node); i++)
			count += count_nodes(gsk_container_node_get_child(node, i));
		return count;
	case GSK_CLIP_NODE:
		return count + count_nodes(gsk_clip_node_get_child(node));
	case GSK_ROUNDED_CLIP_NODE:
		return count + count_nodes(gsk_rounded_clip_node_get_child(node));
	case GSK_TRANSFORM_NODE:
		return count + count_nodes(gsk_transform_node_get_child(node));
	default:
		return count;
	}
}

/* Builds a canvas as a frame does, from nothing. */
static double build(GtkWidget *canvas, size_t *nodes)
{
	GtkSnapshot *snapshot = gtk_snapshot_new();
	gint64 start = g_get_monotonic_time();
	GskRenderNode *node;
	double spent;

	GTK_WIDGET_GET_CLASS(canvas)->snapshot(canvas, snapshot);
	spent = ms_since(start);
	node = gtk_snapshot_free_to_node(snapshot);
	*nodes += node ? count_nodes(node) : 0;
	g_clear_pointer(&node, gsk_render_node_unref);
	return spent;
}

/* All that is drawn by us: the rest of the window is labels and lists of GTK's. */
static double build_all(GtkWidget *widget, size_t *nodes)
{
	bool ours = TRV_IS_TIMELINE(widget) || TRV_IS_OVERVIEW(widget) ||
		    TRV_IS_TIME_RULER(widget) || TRV_IS_WAIT_GRAPH_VIEW(widget);
	double spent = ours && gtk_widget_get_mapped(widget) ? build(widget, nodes) : 0;

	for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
	     child = gtk_widget_get_next_sibling(child))
		spent += build_all(child, nodes);
	return spent;
}

static void tell(const char *name, double value, const char *unit)
{
	printf("BENCH viewer %s %.2f %s\n", name, value, unit);
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

struct figures {
	double values[PLACES * ZOOMS > MOVES ? PLACES *ZOOMS : MOVES];
	size_t count;
	size_t most; /* render nodes */
};

static void tell_figures(const char *name, struct figures *figures)
{
	g_autofree char *median = g_strdup_printf("%s_median", name);
	g_autofree char *worst = g_strdup_printf("%s_worst", name);

	qsort(figures->values, figures->count, sizeof figures->values[0], compare);
	tell(median, figures->values[figures->count / 2], "ms");
	tell(worst, figures->values[figures->count - 1], "ms");
}

/* The whole trace, then ever smaller parts of it, around a time. */
static void zoom_in(TrvWindow *window, int64_t around, struct figures *figures)
{
	TrvSession *session = trv_window_session(window);

	trv_session_fit(session);
	for (int i = 0; i < ZOOMS; i++) {
		size_t nodes = 0;

		draw(window, 3);                          /* what is near is read between frames */
		trv_session_zoom(session, 1.001, around); /* nothing can be used again */
		figures->values[figures->count++] = build_all(GTK_WIDGET(window), &nodes);
		figures->most = MAX(figures->most, nodes);
		trv_session_zoom(session, 3, around);
	}
}

static void measure_frames(TrvWindow *window)
{
	struct trv_span limits = trv_session_limits(trv_window_session(window));
	struct figures figures = {0};

	for (int64_t place = 1; place <= PLACES; place++)
		zoom_in(window, limits.from + (limits.to - limits.from) / (PLACES + 1) * place,
			&figures);
	tell_figures("frame_build", &figures);
	tell("frame_nodes_most", (double)figures.most, "nodes");
}

/* From moving the playhead until a frame is drawn in which all panels show that time: an actor's
 * mailbox, tokens and handles, the states in the list and on the lanes, the graph of waits. The
 * drawing itself is done by the processor here, and waits for the next of 60 frames a second. */
static void measure_playhead(TrvWindow *window, const char *name, double share)
{
	TrvSession *session = trv_window_session(window);
	const struct trc_trace_info *info = trv_session_info(session);
	double length = (double)(info->last_time - info->first_time);
	struct figures model = {0}, panels = {0};
	g_autofree char *model_name = g_strdup_printf("playhead_%s_model", name);
	g_autofree char *panels_name = g_strdup_printf("playhead_%s_panels", name);
	g_autofree char *longest_name = g_strdup_printf("playhead_%s_longest", name);

	longest = 0;
	for (int i = 0; i < MOVES; i++) {
		double at = fmod(0.5 + i * share, 1);
		gint64 start = g_get_monotonic_time();

		trv_session_set_time(session, (int64_t)info->first_time + (int64_t)(length * at));
		while (!trv_session_is_settled(session))
			iterate();
		model.values[model.count++] = ms_since(start);
		draw(window, 1);
		panels.values[panels.count++] = ms_since(start);
	}
	tell_figures(model_name, &model);
	tell_figures(panels_name, &panels);
	tell(longest_name, longest, "ms");
}

static double most_memory(void)
{
	g_autofree char *status = NULL;
	const char *line;

	if (!g_file_get_contents("/proc/self/status", &status, NULL, NULL) ||
	    !(line = strstr(status, "VmHWM:")))
		return 0;
	return (double)atol(line + strlen("VmHWM:")) / 1024;
}

int main(int argc, char **argv)
{
	TrvApp *app = trv_app_new();
	TrvWindow *window;
	TrvSession *session;
	gint64 start;

	if (argc != 2) {
		fputs("usage: bench-viewer TRACE\n", stderr);
		return 2;
	}
	if (!g_application_register(G_APPLICATION(app), NULL, NULL))
		return 1;
	g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
	window = trv_window_new(GTK_APPLICATION(app));
	session = trv_window_session(window);
	gtk_window_set_default_size(GTK_WINDOW(window), WIDTH, HEIGHT);
	gtk_window_present(GTK_WINDOW(window));
	draw(window, 3);
	start = g_get_monotonic_time();
	trv_window_open(window, argv[1]);
	while (trv_session_state(session) == TRV_LOADING)
		g_main_context_iteration(NULL, TRUE);
	if (trv_session_state(session) != TRV_READY) {
		fprintf(stderr, "bench-viewer: %s\n", trv_session_error(session));
		return 1;
	}
	draw(window, 2);
	tell("events", (double)trv_session_info(session)->events, "events");
	tell("open_to_first_picture", ms_since(start), "ms");
	measure_frames(window);
	trv_session_select_actor(session, trv_session_rows(session)->items[0].actor);
	measure_playhead(window, "near", 1e-6);
	measure_playhead(window, "far", 0.618);
	while (trv_session_survey_share(session) < 1)
		g_main_context_iteration(NULL, TRUE);
	draw(window, 2); /* what was found */
	tell("search_over", ms_since(start), "ms");
	tell("memory_most", most_memory(), "MiB");
	gtk_window_destroy(GTK_WINDOW(window));
	g_object_unref(app);
	return 0;
}
