#include "viewer/palette.h"

static const char *const light_hues[TRV_HUES] = {
	"#3584e4", "#2190a4", "#3a944a", "#9141ac", "#d56199", "#6f8396", "#986a44", "#62a0ea",
};
static const char *const dark_hues[TRV_HUES] = {
	"#62a0ea", "#4fc0d4", "#57c26b", "#c061cb", "#f08fc0", "#9fb2c4", "#cdab8f", "#99c1f1",
};

static GdkRGBA parse(const char *text)
{
	GdkRGBA colour = {0, 0, 0, 1};

	gdk_rgba_parse(&colour, text);
	return colour;
}

static GdkRGBA look_up(GtkStyleContext *style, const char *name, const char *otherwise)
{
	GdkRGBA colour;

	return gtk_style_context_lookup_color(style, name, &colour) ? colour : parse(otherwise);
}

GdkRGBA trv_rgba(GdkRGBA colour, double opacity)
{
	colour.alpha *= (float)opacity;
	return colour;
}

void trv_palette_read(GtkWidget *widget, struct trv_palette *ret_palette)
{
	GtkStyleContext *style = gtk_widget_get_style_context(widget);
	struct trv_palette palette = {0};
	const char *const *hues;

	gtk_style_context_get_color(style, &palette.fg);
	palette.dark = palette.fg.red + palette.fg.green + palette.fg.blue > 1.5;
	palette.dim = trv_rgba(palette.fg, 0.62);
	palette.faint = trv_rgba(palette.fg, 0.12);
	palette.window = look_up(style, "window_bg_color", "#fafafa");
	palette.view = look_up(style, "view_bg_color", "#ffffff");
	palette.accent = look_up(style, "accent_color", "#1c71d8");
	palette.error = look_up(style, "error_color", "#c01c28");
	palette.warning = look_up(style, "warning_color", "#ae7b03");
	hues = palette.dark ? dark_hues : light_hues;
	for (int i = 0; i < TRV_HUES; i++)
		palette.hues[i] = parse(hues[i]);
	*ret_palette = palette;
}

GdkRGBA trv_palette_type(const struct trv_palette *palette, uint16_t type)
{
	return palette->hues[type % TRV_HUES];
}

GdkRGBA trv_palette_wait(const struct trv_palette *palette, unsigned what)
{
	switch (what) {
	case TRC_WHAT_REPLY:
		return parse(palette->dark ? "#f6b73c" : "#b97a00");
	case TRC_WHAT_SPACE:
		return parse(palette->dark ? "#ff7b63" : "#d2382c");
	case TRC_WHAT_END:
		return parse(palette->dark ? "#dc8add" : "#813d9c");
	default:
		return palette->dim;
	}
}

GdkRGBA trv_palette_code(const struct trv_palette *palette, enum trc_code code)
{
	switch (code) {
	case TRC_CODE_DEADLOCK:
	case TRC_CODE_ORPHAN_WAIT:
		return palette->error;
	case TRC_CODE_REFUTED:
	case TRC_CODE_COUNT:
		return palette->dim;
	default:
		return palette->warning;
	}
}

const char *trv_code_icon(enum trc_code code)
{
	switch (code) {
	case TRC_CODE_DEADLOCK:
		return "changes-prevent-symbolic";
	case TRC_CODE_ORPHAN_WAIT:
		return "dialog-error-symbolic";
	case TRC_CODE_POTENTIAL_DEADLOCK:
		return "dialog-warning-symbolic";
	case TRC_CODE_DEADLINE_CYCLE:
		return "alarm-symbolic";
	case TRC_CODE_STALL:
		return "content-loading-symbolic";
	case TRC_CODE_HANDLE_CYCLE:
	case TRC_CODE_KIND_CYCLE:
		return "media-playlist-repeat-symbolic";
	default:
		return "object-select-symbolic";
	}
}

/* Where the stripes' colour changes, as one period's vector and the coloured share of it. */
static const struct hatching {
	float dx, dy, share;
} hatchings[] = {
	[TRC_WHAT_REPLY] = {4, 4, 0.34f},   /* / */
	[TRC_WHAT_SPACE] = {-4, 4, 0.5f},   /* \, heavier */
	[TRC_WHAT_END] = {7, 0, 0.3f},      /* | */
	[TRC_WHAT_TIMER] = {0, 6, 0.25f},   /* - */
	[TRC_WHAT_OUTSIDE] = {7, 7, 0.16f}, /* /, thinner and wider */
};

void trv_hatch(GtkSnapshot *snapshot, const graphene_rect_t *area, unsigned what, GdkRGBA colour)
{
	const struct hatching *hatching =
		&hatchings[what < G_N_ELEMENTS(hatchings) && what > 0 ? what : TRC_WHAT_OUTSIDE];
	GdkRGBA none = trv_rgba(colour, 0);
	float share = hatching->share, soft = 0.06f;
	GskColorStop stops[] = {
		{0, colour}, {share - soft, colour}, {share + soft, none}, {1 - soft, none},
		{1, colour},
	};

	gtk_snapshot_append_repeating_linear_gradient(
		snapshot, area, &GRAPHENE_POINT_INIT(0, 0),
		&GRAPHENE_POINT_INIT(hatching->dx, hatching->dy), stops, G_N_ELEMENTS(stops));
}

void trv_grid(GtkSnapshot *snapshot, const graphene_rect_t *area, GdkRGBA colour)
{
	const float step = 4; /* pixels; the line takes one of them */
	GdkRGBA none = trv_rgba(colour, 0);
	GskColorStop stops[] = {{0, colour}, {1 / step, colour}, {1 / step, none}, {1, none}};

	gtk_snapshot_append_repeating_linear_gradient(snapshot, area, &GRAPHENE_POINT_INIT(0, 0),
						      &GRAPHENE_POINT_INIT(step, 0), stops,
						      G_N_ELEMENTS(stops));
}
