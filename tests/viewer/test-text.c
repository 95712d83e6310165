/*
 * test-text.c - names of every kind stay in the room they are given, on a display
 */
#include "viewer/metrics.h"
#include "viewer/text-cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum {
	LONG = 200,
	OVERHANG = 3, /* pixels that a letter may reach over its place */
	LEAST = 26,   /* pixels: in less there is no text */
};

static GtkWidget *window, *label;
static struct trv_text_cache *text;
static char longest[LONG + 1];

static const char *const names[] = {
	"",
	"a",
	" ",
	"connection-reader",
	longest,
	"שחקן עם שם ארוך מאוד שאינו נכנס", /* right to left */
	"ممثل ذو اسم طويل جدا لا يتسع",
	"room “שיחה” 7",
	"俳優の名前がとても長いので入らない",
	"актёр с очень длинным именем",
	"🎭🎭🎭🎭🎭🎭🎭🎭🎭🎭🎭🎭",
	"👩‍👩‍👧‍👦 family",
	"z̸̢̛̗͉̄͗a̷̙̓l̴̼̈́g̶̛̗o̵̫͝",
	"two\nlines\tand a tab",
	"\xe2\x80\xae"
	"turned",
};

/* What is drawn of `name` at 0, in so much room; false when that is nothing. */
static bool bounds_of(const char *name, enum trv_text_style style, double room,
		      graphene_rect_t *ret_bounds, double *ret_width)
{
	GtkSnapshot *snapshot = gtk_snapshot_new();
	GskRenderNode *node;

	*ret_width = trv_text_draw(text, snapshot, name, style, &(GdkRGBA){0, 0, 0, 1}, 0, 0, room);
	node = gtk_snapshot_free_to_node(snapshot);
	if (!node)
		return false;
	gsk_render_node_get_bounds(node, ret_bounds);
	gsk_render_node_unref(node);
	return true;
}

static void check_room(const char *name, enum trv_text_style style, double room)
{
	int height = trv_text_height(text, style);
	graphene_rect_t bounds;
	double width;

	if (!bounds_of(name, style, room, &bounds, &width))
		return;
	if (width > room || bounds.origin.x < -OVERHANG ||
	    bounds.origin.x + bounds.size.width > room + OVERHANG)
		fail_msg("\"%s\" takes %.0f pixels from %.0f, and tells %.0f, in a room of %.0f",
			 name, bounds.size.width, bounds.origin.x, width, room);
	if (bounds.size.height > 2 * height)
		fail_msg("\"%s\" is %.0f pixels high: more than one line", name,
			 bounds.size.height);
}

static void check_all(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		for (int style = 0; style < TRV_TEXT_STYLES; style++)
			for (double room = 0; room < 400; room += 7)
				check_room(names[i], (enum trv_text_style)style, room);
}

static void test_names_keep_to_their_room(void **state)
{
	check_all();
}

static void test_large_names_keep_to_their_room(void **state)
{
	g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", 192 * PANGO_SCALE, NULL);
	while (g_main_context_iteration(NULL, FALSE)) {
	}
	trv_text_cache_clear(text);
	check_all();
	g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", 96 * PANGO_SCALE, NULL);
	while (g_main_context_iteration(NULL, FALSE)) {
	}
	trv_text_cache_clear(text);
}

/* It is cut with dots, and not left out, when a few letters fit. */
static void test_long_names_are_cut(void **state)
{
	graphene_rect_t bounds;
	double width;

	assert_true(bounds_of(longest, TRV_TEXT_BOLD, 120, &bounds, &width));
	assert_true(width > 90);
	assert_true(trv_text_width(text, longest, TRV_TEXT_BOLD) > 1000);
	assert_false(bounds_of(longest, TRV_TEXT_BOLD, LEAST - 1, &bounds, &width));
	assert_true(width == 0);
}

static void test_no_name_takes_no_room(void **state)
{
	assert_true(trv_text_width(text, "", TRV_TEXT) == 0);
}

static int set_up(void **state)
{
	if (!gtk_init_check())
		return -1;
	memset(longest, 'n', LONG);
	window = gtk_window_new();
	label = gtk_label_new(NULL);
	gtk_window_set_child(GTK_WINDOW(window), label);
	gtk_window_present(GTK_WINDOW(window));
	text = trv_text_cache_new(label);
	return 0;
}

static int tear_down(void **state)
{
	trv_text_cache_free(text);
	gtk_window_destroy(GTK_WINDOW(window));
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_keep_to_their_room),
		cmocka_unit_test(test_large_names_keep_to_their_room),
		cmocka_unit_test(test_long_names_are_cut),
		cmocka_unit_test(test_no_name_takes_no_room),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
