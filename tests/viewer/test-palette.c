/*
 * test-palette.c - whether each colour stands out from each ground it is drawn on, by numbers; and
 * whether those who see fewer colours can tell things apart
 *
 * The contrast ratio is that of WCAG 2.1. Eyes that lack the cones for green or for red are
 * imitated with the matrices of Machado, Oliveira and Fernandes (2009), for a complete lack; how
 * far apart two colours are is their distance in CIE L*a*b*, where 2 can just be noticed.
 */
#include "tests/viewer/picture.h"
#include "viewer/palette.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define TEXT          4.5
#define TEXT_CONTRAST 7.0
#define MARK          3.0
#define APART         18.0

enum { GROUNDS = 6 };

static double linear(double channel)
{
	return channel <= 0.04045 ? channel / 12.92 : pow((channel + 0.055) / 1.055, 2.4);
}

static double luminance(GdkRGBA colour)
{
	return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) +
	       0.0722 * linear(colour.blue);
}

static GdkRGBA over(GdkRGBA colour, GdkRGBA ground)
{
	float a = colour.alpha;

	return (GdkRGBA){colour.red * a + ground.red * (1 - a),
			 colour.green * a + ground.green * (1 - a),
			 colour.blue * a + ground.blue * (1 - a), 1};
}

static double ratio(GdkRGBA colour, GdkRGBA ground)
{
	double a = luminance(over(colour, ground)), b = luminance(ground);

	return (MAX(a, b) + 0.05) / (MIN(a, b) + 0.05);
}

static void assert_ratio(GdkRGBA colour, GdkRGBA ground, double least, const char *what)
{
	g_autofree char *a = gdk_rgba_to_string(&colour), *b = gdk_rgba_to_string(&ground);

	if (ratio(colour, ground) < least)
		fail_msg("%s: %s on %s has a contrast of %.2f, which should be %.1f", what, a, b,
			 ratio(colour, ground), least);
}

/* All on which names, numbers and marks stand. */
static void grounds_of(const struct trv_palette *palette, GdkRGBA ret_grounds[GROUNDS])
{
	ret_grounds[0] = palette->view;
	ret_grounds[1] = palette->window;
	ret_grounds[2] = over(trv_rgba(palette->accent, TRV_SELECTED_NAME), palette->view);
	ret_grounds[3] = over(trv_rgba(palette->accent, TRV_SELECTED_LANE), palette->view);
	ret_grounds[4] = over(trv_rgba(palette->fg, 0.05), palette->view); /* headings, the band */
	ret_grounds[5] =
		over(trv_rgba(palette->error, 0.07), palette->view); /* a deadlock's time */
}

static void check_text(const struct trv_palette *palette)
{
	double least = palette->contrast ? TEXT_CONTRAST : TEXT;
	GdkRGBA grounds[GROUNDS];

	grounds_of(palette, grounds);
	for (int i = 0; i < GROUNDS; i++) {
		assert_ratio(palette->fg, grounds[i], 7, "text");
		assert_ratio(palette->dim, grounds[i], least, "dim text");
	}
	for (int i = 0; i < TRV_HUES; i++)
		assert_ratio(palette->fg,
			     over(trv_rgba(palette->hues[i], palette->fill), palette->view), least,
			     "a handler's type");
	for (int what = TRC_WHAT_REPLY; what <= TRC_WHAT_OUTSIDE; what++)
		assert_ratio(palette->waits[what], palette->view, least, "a graph's label");
	assert_ratio(palette->error, grounds[0], least, "what happened");
	assert_ratio(palette->error, grounds[2], palette->contrast ? 6 : TEXT, "a full mailbox");
	assert_ratio(palette->warning, grounds[0], least, "what could happen");
	assert_ratio(palette->on_accent, palette->accent, TEXT, "the playhead's time");
	assert_ratio(palette->view, palette->fg, least, "a marker's letter");
	assert_ratio(palette->view, palette->error, least, "a difference's number");
	assert_ratio(palette->view, palette->warning, least, "a difference's number");
}

static void check_marks(const struct trv_palette *palette)
{
	GdkRGBA grounds[GROUNDS];

	grounds_of(palette, grounds);
	for (int g = 0; g < GROUNDS; g++) {
		for (int i = 0; i < TRV_HUES; i++)
			assert_ratio(palette->hues[i], grounds[g], MARK, "an arrow");
		for (int what = TRC_WHAT_REPLY; what <= TRC_WHAT_OUTSIDE; what++)
			assert_ratio(palette->waits[what], grounds[g], MARK, "a wait");
		assert_ratio(palette->line, grounds[g], MARK, "a line");
		assert_ratio(palette->accent, grounds[g], MARK, "the playhead");
		assert_ratio(palette->error, grounds[g], MARK, "a deadlock's sign");
		assert_ratio(palette->warning, grounds[g], MARK, "a warning's sign");
		assert_ratio(trv_rgba(palette->error, palette->strip), grounds[g], MARK,
			     "a full mailbox");
		assert_ratio(trv_rgba(palette->accent, palette->strip), grounds[g], MARK,
			     "a mailbox");
		if (palette->contrast)
			assert_ratio(palette->guide, grounds[g], MARK, "a lane's base line");
	}
}

/* --- eyes --------------------------------------------------------------------------------------
 */

enum { EYES = 3 };
static const double eyes[EYES][3][3] = {
	{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	{{0.367322, 0.860646, -0.227968},
	 {0.280085, 0.672501, 0.047413},
	 {-0.011820, 0.042940, 0.968881}}, /* deuteranopia */
	{{0.152286, 1.052583, -0.204868},
	 {0.114503, 0.786281, 0.099216},
	 {-0.003882, -0.048116, 1.051998}}, /* protanopia */
};

static double lab_root(double t)
{
	return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
}

static void to_lab(GdkRGBA colour, const double eye[3][3], double ret_lab[3])
{
	double in[3] = {linear(colour.red), linear(colour.green), linear(colour.blue)}, rgb[3];
	double x, y, z;

	for (int i = 0; i < 3; i++)
		rgb[i] = CLAMP(eye[i][0] * in[0] + eye[i][1] * in[1] + eye[i][2] * in[2], 0, 1);
	x = lab_root((0.4124 * rgb[0] + 0.3576 * rgb[1] + 0.1805 * rgb[2]) / 0.9505);
	y = lab_root(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2]);
	z = lab_root((0.0193 * rgb[0] + 0.1192 * rgb[1] + 0.9505 * rgb[2]) / 1.089);
	ret_lab[0] = 116 * y - 16;
	ret_lab[1] = 500 * (x - y);
	ret_lab[2] = 200 * (y - z);
}

static double distance(GdkRGBA a, GdkRGBA b, const double eye[3][3])
{
	double p[3], q[3];

	to_lab(a, eye, p);
	to_lab(b, eye, q);
	return sqrt((p[0] - q[0]) * (p[0] - q[0]) + (p[1] - q[1]) * (p[1] - q[1]) +
		    (p[2] - q[2]) * (p[2] - q[2]));
}

static void check_eyes(const struct trv_palette *palette)
{
	for (int i = 0; i < TRV_HUES; i++)
		for (int k = 0; k < i; k++)
			for (int eye = 0; eye < EYES; eye++)
				if (distance(palette->hues[i], palette->hues[k], eyes[eye]) < APART)
					fail_msg("hues %d and %d look alike to eyes %d", k, i, eye);
}

static void for_each_scheme(void (*check)(const struct trv_palette *palette))
{
	for (int scheme = 0; scheme < 4; scheme++) {
		struct trv_palette palette;

		trv_palette_make(scheme & 1, scheme & 2, &palette);
		check(&palette);
	}
}

static void test_text_can_be_read(void **state)
{
	for_each_scheme(check_text);
}

static void test_marks_can_be_seen(void **state)
{
	for_each_scheme(check_marks);
}

static void test_hues_are_apart_for_all_eyes(void **state)
{
	for_each_scheme(check_eyes);
}

/* In one colour, as on paper. */
static struct picture hatching(unsigned what)
{
	const int side = 48;
	graphene_rect_t area = GRAPHENE_RECT_INIT(0, 0, (float)side, (float)side);
	struct picture picture = {side, side, g_new0(guint32, (size_t)side * (size_t)side)};
	cairo_surface_t *surface = cairo_image_surface_create_for_data(
		(guchar *)picture.pixels, CAIRO_FORMAT_ARGB32, side, side, side * 4);
	cairo_t *cairo = cairo_create(surface);
	GtkSnapshot *snapshot = gtk_snapshot_new();
	GskRenderNode *node;

	trv_hatch(snapshot, &area, what, (GdkRGBA){0, 0, 0, 1});
	node = gtk_snapshot_free_to_node(snapshot);
	gsk_render_node_draw(node, cairo);
	gsk_render_node_unref(node);
	cairo_destroy(cairo);
	cairo_surface_destroy(surface);
	return picture;
}

static void test_waits_differ_without_colours(void **state)
{
	for (unsigned a = TRC_WHAT_REPLY; a <= TRC_WHAT_OUTSIDE; a++) {
		struct picture first = hatching(a);

		for (unsigned b = TRC_WHAT_REPLY; b < a; b++) {
			struct picture second = hatching(b);
			struct picture_difference difference =
				picture_compare(&first, &second, NULL);

			if (difference.squares < difference.of_squares / 3)
				fail_msg("waits for %u and %u are hatched alike: %zu of %zu", b, a,
					 difference.squares, difference.of_squares);
			picture_clear(&second);
		}
		picture_clear(&first);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_can_be_read),
		cmocka_unit_test(test_marks_can_be_seen),
		cmocka_unit_test(test_hues_are_apart_for_all_eyes),
		cmocka_unit_test(test_waits_differ_without_colours),
	};

	g_type_ensure(GSK_TYPE_COLOR_NODE); /* GTK is not initialised: there is no display */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
