#include "viewer/text-cache.h"

#include "viewer/metrics.h"

#include <math.h>

enum {
	KEPT_MAX = 4000,
	WIDTH_STEP = 8, /* cut texts are made in widths that are multiples of it */
	LEAST_WIDTH = 26,
};

struct key {
	char *text;
	enum trv_text_style style;
	int width; /* -1: whole */
};

struct item {
	struct key key;
	PangoLayout *layout;
	int width, height;
	bool strays; /* beyond them: it is clipped */
};

struct trv_text_cache {
	GtkWidget *widget;
	GHashTable *items; /* by key */
};

static guint hash_key(gconstpointer data)
{
	const struct key *key = data;

	return g_str_hash(key->text) * 31 + (guint)key->style * 7 + (guint)key->width;
}

static gboolean equal_keys(gconstpointer left, gconstpointer right)
{
	const struct key *a = left, *b = right;

	return a->style == b->style && a->width == b->width && g_str_equal(a->text, b->text);
}

static void free_item(gpointer data)
{
	struct item *item = data;

	g_object_unref(item->layout);
	g_free(item->key.text);
	g_free(item);
}

struct trv_text_cache *trv_text_cache_new(GtkWidget *widget)
{
	struct trv_text_cache *cache = g_new0(struct trv_text_cache, 1);

	cache->widget = widget;
	cache->items = g_hash_table_new_full(hash_key, equal_keys, NULL, free_item);
	return cache;
}

void trv_text_cache_free(struct trv_text_cache *cache)
{
	g_hash_table_unref(cache->items);
	g_free(cache);
}

void trv_text_cache_clear(struct trv_text_cache *cache)
{
	g_hash_table_remove_all(cache->items);
}

static PangoLayout *make_layout(struct trv_text_cache *cache, const struct key *key)
{
	PangoLayout *layout = gtk_widget_create_pango_layout(cache->widget, key->text);
	PangoAttrList *attributes = pango_attr_list_new();

	bool name = key->style == TRV_TEXT_BOLD || key->style == TRV_TEXT_SMALL_BOLD;

	if (name)
		pango_attr_list_insert(attributes, pango_attr_weight_new(PANGO_WEIGHT_SEMIBOLD));
	if (key->style == TRV_TEXT_SMALL || key->style == TRV_TEXT_SMALL_BOLD)
		pango_attr_list_insert(attributes, pango_attr_scale_new(0.84));
	pango_attr_list_insert(attributes, pango_attr_font_features_new("tnum=1"));
	pango_layout_set_attributes(layout, attributes);
	pango_attr_list_unref(attributes);
	pango_layout_set_single_paragraph_mode(layout, TRUE);
	if (key->width >= 0) {
		pango_layout_set_width(layout, key->width * PANGO_SCALE);
		pango_layout_set_ellipsize(layout,
					   name ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END);
	}
	return layout;
}

/* Letters reach over their place by a hair. Marks that somebody has stacked upon a letter can reach
 * over the neighbours of the name. */
static bool strays(const PangoRectangle *ink, const PangoRectangle *logical)
{
	const int hair = 2;

	return ink->x < logical->x - hair || ink->y < logical->y - hair ||
	       ink->x + ink->width > logical->x + logical->width + hair ||
	       ink->y + ink->height > logical->y + logical->height + hair;
}

static struct item *find(struct trv_text_cache *cache, const char *text, enum trv_text_style style,
			 int width)
{
	struct key key = {(char *)text, style, width};
	struct item *item = g_hash_table_lookup(cache->items, &key);
	PangoRectangle ink, logical;

	if (item)
		return item;
	if (g_hash_table_size(cache->items) >= KEPT_MAX)
		g_hash_table_remove_all(cache->items);
	item = g_new0(struct item, 1);
	item->key = (struct key){g_strdup(text), style, width};
	item->layout = make_layout(cache, &item->key);
	pango_layout_get_pixel_extents(item->layout, &ink, &logical);
	item->width = logical.width;
	item->height = logical.height;
	item->strays = strays(&ink, &logical);
	g_hash_table_insert(cache->items, &item->key, item);
	return item;
}

double trv_text_width(struct trv_text_cache *cache, const char *text, enum trv_text_style style)
{
	return find(cache, text, style, -1)->width;
}

int trv_text_height(struct trv_text_cache *cache, enum trv_text_style style)
{
	return find(cache, "Ag", style, -1)->height;
}

void trv_text_measure(struct trv_text_cache *cache)
{
	trv_metrics_set(trv_text_height(cache, TRV_TEXT_BOLD),
			trv_text_height(cache, TRV_TEXT_SMALL));
}

double trv_text_draw(struct trv_text_cache *cache, GtkSnapshot *snapshot, const char *text,
		     enum trv_text_style style, const GdkRGBA *colour, double x, double y,
		     double max_width)
{
	struct item *item = find(cache, text, style, -1);

	if (item->width > max_width) {
		int width = (int)max_width / WIDTH_STEP * WIDTH_STEP;

		if (width < LEAST_WIDTH)
			return 0;
		item = find(cache, text, style, width);
	}
	gtk_snapshot_save(snapshot);
	gtk_snapshot_translate(
		snapshot,
		&GRAPHENE_POINT_INIT((float)round(x), (float)round(y - item->height / 2.0)));
	if (item->strays)
		gtk_snapshot_push_clip(
			snapshot, &GRAPHENE_RECT_INIT(0, 0, (float)max_width, (float)item->height));
	gtk_snapshot_append_layout(snapshot, item->layout, colour);
	if (item->strays)
		gtk_snapshot_pop(snapshot);
	gtk_snapshot_restore(snapshot);
	return item->width;
}
