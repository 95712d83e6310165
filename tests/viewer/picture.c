#include "tests/viewer/picture.h"

#include <gtk/gtk.h>
#include <stdlib.h>

enum {
	SIDE = 4,     /* pixels: of a square */
	NOTICED = 22, /* of 255: between the means of a channel */
	NEAR = 8,     /* squares: the side of a neighbourhood */
	CLOSE = 7,    /* that may differ in one neighbourhood */
	CHANNELS = 4,
};
static const double TOLERATED = 0.004; /* of all squares */

bool picture_load(const char *path, struct picture *ret_picture, GError **error)
{
	g_autoptr(GdkTexture) texture = gdk_texture_new_from_filename(path, error);
	struct picture picture;

	if (!texture)
		return false;
	picture.width = gdk_texture_get_width(texture);
	picture.height = gdk_texture_get_height(texture);
	picture.pixels = g_new(guint32, (size_t)picture.width * (size_t)picture.height);
	gdk_texture_download(texture, (guchar *)picture.pixels,
			     (size_t)picture.width * sizeof *picture.pixels);
	*ret_picture = picture;
	return true;
}

void picture_clear(struct picture *picture)
{
	g_free(picture->pixels);
	*picture = (struct picture){0};
}

struct picture picture_part(const struct picture *picture, int x, int y, int width, int height)
{
	struct picture part = {width, height, g_new(guint32, (size_t)width * (size_t)height)};

	g_assert(x >= 0 && y >= 0 && x + width <= picture->width && y + height <= picture->height);
	for (int row = 0; row < height; row++)
		memcpy(part.pixels + (size_t)row * (size_t)width,
		       picture->pixels + (size_t)(y + row) * (size_t)picture->width + x,
		       (size_t)width * sizeof *part.pixels);
	return part;
}

bool picture_save(const struct picture *picture, const char *path)
{
	size_t stride = (size_t)picture->width * sizeof *picture->pixels;
	g_autoptr(GBytes) bytes = g_bytes_new(picture->pixels, stride * (size_t)picture->height);
	g_autoptr(GdkTexture) texture = gdk_memory_texture_new(picture->width, picture->height,
							       GDK_MEMORY_DEFAULT, bytes, stride);

	return gdk_texture_save_to_png(texture, path);
}

/* --- squares -----------------------------------------------------------------------------------
 */

/* The sum of each channel in the square whose top left is (x, y); returns its pixels: those at the
 * right and at the bottom are cut. */
static int sum_square(const struct picture *picture, int x, int y, int sums[CHANNELS])
{
	int right = MIN(x + SIDE, picture->width), bottom = MIN(y + SIDE, picture->height);

	for (int i = 0; i < CHANNELS; i++)
		sums[i] = 0;
	for (int row = y; row < bottom; row++) {
		for (int column = x; column < right; column++) {
			guint32 pixel = picture->pixels[row * picture->width + column];

			for (int i = 0; i < CHANNELS; i++)
				sums[i] += (int)(pixel >> (8 * i) & 0xff);
		}
	}
	return (right - x) * (bottom - y);
}

static bool square_differs(const struct picture *a, const struct picture *b, int x, int y)
{
	int sums_a[CHANNELS], sums_b[CHANNELS];
	int pixels = sum_square(a, x, y, sums_a);

	sum_square(b, x, y, sums_b);
	for (int i = 0; i < CHANNELS; i++) {
		if (abs(sums_a[i] - sums_b[i]) > NOTICED * pixels)
			return true;
	}
	return false;
}

/* Of a grid of so many columns and rows. */
static size_t count_near(const bool *squares, int columns, int rows, int column, int row)
{
	size_t count = 0;

	for (int y = row; y < MIN(row + NEAR, rows); y++)
		for (int x = column; x < MIN(column + NEAR, columns); x++)
			count += squares[y * columns + x];
	return count;
}

static struct picture draw_marks(const struct picture *got, const bool *squares, int columns)
{
	struct picture marks = picture_part(got, 0, 0, got->width, got->height);

	for (int y = 0; y < got->height; y++) {
		for (int x = 0; x < got->width; x++) {
			guint32 *pixel = &marks.pixels[y * got->width + x];

			if (squares[y / SIDE * columns + x / SIDE])
				*pixel = 0xffe01b24;
			else /* a quarter of it, over white */
				*pixel = (*pixel >> 2 & 0x3f3f3f3f) + 0xc0c0c0c0;
		}
	}
	return marks;
}

struct picture_difference picture_compare(const struct picture *expected, const struct picture *got,
					  struct picture *marks)
{
	int columns = (got->width + SIDE - 1) / SIDE, rows = (got->height + SIDE - 1) / SIDE;
	struct picture_difference difference = {.of_squares = (size_t)columns * (size_t)rows,
						.of_close = (size_t)NEAR * NEAR};
	g_autofree bool *squares = g_new0(bool, difference.of_squares);

	g_assert(expected->width == got->width && expected->height == got->height);
	for (int row = 0; row < rows; row++) {
		for (int column = 0; column < columns; column++) {
			bool differs = square_differs(expected, got, column * SIDE, row * SIDE);

			squares[row * columns + column] = differs;
			difference.squares += differs;
		}
	}
	for (int row = 0; difference.squares > 0 && row < rows; row += NEAR / 4)
		for (int column = 0; column < columns; column += NEAR / 4)
			difference.close = MAX(difference.close,
					       count_near(squares, columns, rows, column, row));
	if (marks)
		*marks = draw_marks(got, squares, columns);
	return difference;
}

bool picture_differs(const struct picture_difference *difference)
{
	return difference->close > CLOSE ||
	       (double)difference->squares > TOLERATED * (double)difference->of_squares;
}
