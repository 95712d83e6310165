/*
 * viewer.c - how long the viewer takes over a trace
 *
 *     bench-viewer TRACE
 *
 * opens it in a real window and prints, each on a line `BENCH viewer NAME VALUE UNIT`: how long it
 * takes until there is a first picture; the time to build a frame, and its render nodes, from the
 * whole trace to its smallest parts; from moving the playhead until all panels show the new time;
 * the most memory it took. It needs a display (xvfb-run), but no graphics card: what is measured is
 * ours, not the renderer's.
 */
#include "viewer/app.h"
#include "viewer/timeline.h"
#include "viewer/window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 1600, HEIGHT = 900, ZOOMS = 14, MOVES = 60 };

static bool drawn;

static gboolean count_frames(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	int *frames = data;

	if (--*frames > 0)
		return G_SOURCE_CONTINUE;
	drawn = true;
	return G_SOURCE_REMOVE;
}

/* Until everything that has changed is laid out and drawn. */
static void draw(TrvWindow *window, int frames)
{
	drawn = false;
	gtk_widget_add_tick_callback(GTK_WIDGET(window), count_frames, &frames, NULL);
	while (!drawn)
		g_main_context_iteration(NULL, TRUE);
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

/* Builds the timeline as a frame does, from nothing. */
static double build(TrvWindow *window, size_t *ret_nodes)
{
	GtkWidget *timeline = GTK_WIDGET(trv_window_timeline(window));
	GtkSnapshot *snapshot = gtk_snapshot_new();
	gint64 start = g_get_monotonic_time();
	GskRenderNode *node;
	double spent;

	GTK_WIDGET_GET_CLASS(timeline)->snapshot(timeline, snapshot);
	spent = ms_since(start);
	node = gtk_snapshot_free_to_node(snapshot);
	*ret_nodes = node ? count_nodes(node) : 0;
	g_clear_pointer(&node, gsk_render_node_unref);
	return spent;
}

static void tell(const char *name, double value, const char *unit)
{
	printf("BENCH viewer %s %.2f %s\n", name, value, unit);
}

static void measure_frames(TrvWindow *window)
{
	TrvSession *session = trv_window_session(window);
	double worst = 0, sum = 0;
	size_t most = 0, nodes;

	trv_session_fit(session);
	for (int i = 0; i < ZOOMS; i++) {
		double spent;

		draw(window, 3); /* what is near is read between frames */
		trv_session_pan(session, 0.001);
		spent = build(window, &nodes);
		worst = MAX(worst, spent);
		sum += spent;
		most = MAX(most, nodes);
		trv_session_zoom(session, 3, trv_session_time(session));
	}
	tell("frame_build_mean", sum / ZOOMS, "ms");
	tell("frame_build_worst", worst, "ms");
	tell("frame_nodes_most", (double)most, "nodes");
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

/* All panels show the model at the playhead: it is asked for, and the frame is drawn. */
static void measure_playhead(TrvWindow *window)
{
	TrvSession *session = trv_window_session(window);
	const struct trc_trace_info *info = trv_session_info(session);
	double spent[MOVES];

	for (int i = 0; i < MOVES; i++) {
		int64_t time = (int64_t)(info->first_time +
					 (info->last_time - info->first_time) / (MOVES + 1) *
						 (uint64_t)((i * 37) % MOVES + 1));
		gint64 start = g_get_monotonic_time();

		trv_session_set_time(session, time);
		trv_session_waits(session);
		spent[i] = ms_since(start);
		draw(window, 1);
	}
	qsort(spent, MOVES, sizeof spent[0], compare);
	tell("playhead_state_median", spent[MOVES / 2], "ms");
	tell("playhead_state_worst", spent[MOVES - 1], "ms");
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
	measure_playhead(window);
	tell("memory_most", most_memory(), "MiB");
	gtk_window_destroy(GTK_WINDOW(window));
	g_object_unref(app);
	return 0;
}
