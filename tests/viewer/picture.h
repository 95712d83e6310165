/*
 * picture.h - pictures of pixels, and whether two of them show the same
 *
 * Another release of cairo, FreeType or a font puts the edges of letters and curves a fraction of a
 * pixel elsewhere; a wait of another colour, or an arrow to another lane, is more than that. So
 * pictures are compared by the mean colour of small squares, in which such fractions vanish, and a
 * few squares may differ, but not many close together: that is a thing that changed.
 */
#ifndef TESTS_VIEWER_PICTURE_H
#define TESTS_VIEWER_PICTURE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct picture {
	int width, height;
	guint32 *pixels; /* row by row, four channels of 8 bits each */
};

/* Of a PNG file; false, with `error` set, when that cannot be read. To be cleared. */
bool picture_load(const char *path, struct picture *ret_picture, GError **error);
void picture_clear(struct picture *picture);

/* A part of it, as a picture of its own; to be cleared. The part must lie inside. */
struct picture picture_part(const struct picture *picture, int x, int y, int width, int height);

/* False when the file cannot be written. */
bool picture_save(const struct picture *picture, const char *path);

/* How many squares differ altogether, and in the neighbourhood where most do. Both pictures are of
 * one size. `marks` may be NULL; else it becomes `got`, faint, with the squares in red: a picture
 * that is to be cleared. */
struct picture_difference {
	size_t squares, of_squares;
	size_t close, of_close;
};
struct picture_difference picture_compare(const struct picture *expected, const struct picture *got,
					  struct picture *marks);

/* Whether such a difference is one that people would see. */
bool picture_differs(const struct picture_difference *difference);

#endif
