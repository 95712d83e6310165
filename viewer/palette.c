#include "viewer/palette.h"

#include <adwaita.h>

/* As texts, so that they can be found by those who know them from elsewhere. The first ones are
 * libadwaita's, or, in high contrast, those of style-hc.css and style-hc-dark.css. */
struct scheme {
	const char *fg, *window, *view, *accent, *error, *warning, *on_accent;
	const char *hues[TRV_HUES];
	const char *reply, *space, *end;
	double dim, line, guide, faint; /* opacities of fg */
	double fill, strip, hatch, aside;
};

static const struct scheme schemes[2][2] =
	{
		/* dark, contrast */
		[false][false] =
			{
				.fg = "rgba(0,0,0,0.8)",
				.window = "#fafafa",
				.view = "#ffffff",
				.accent = "#1c71d8",
				.error = "#c01c28",
				.warning = "#9c6e03",
				.on_accent = "#ffffff",
				.hues = {"#3184e6", "#1c92a5", "#3b9853", "#8735a0", "#e30087",
					 "#3e5458", "#6a4419", "#7c7b18"},
				.reply = "#966100",
				.space = "#d2382c",
				.end = "#813d9c",
				.dim = 0.72,
				.line = 0.62,
				.guide = 0.2,
				.faint = 0.12,
				.fill = 0.28,
				.strip = 0.84,
				.hatch = 0.5,
				.aside = 0.4,
			},
		[true][false] =
			{
				.fg = "#ffffff",
				.window = "#242424",
				.view = "#1e1e1e",
				.accent = "#78aeed",
				.error = "#ff7b63",
				.warning = "#f8e45c",
				.on_accent = "rgba(0,0,0,0.85)",
				.hues = {"#59b2ff", "#5bdbfe", "#52ae51", "#ba5fbb", "#d8557a",
					 "#9bacb6", "#e1bca0", "#e7d564"},
				.reply = "#f6b73c",
				.space = "#ff7b63",
				.end = "#dc8add",
				.dim = 0.72,
				.line = 0.5,
				.guide = 0.2,
				.faint = 0.12,
				.fill = 0.42,
				.strip = 0.72,
				.hatch = 0.5,
				.aside = 0.4,
			},
		[false][true] =
			{
				.fg = "#000000",
				.window = "#fafafa",
				.view = "#ffffff",
				.accent = "#1a5fb4",
				.error = "#a51d2d",
				.warning = "#7a4d00",
				.on_accent = "#ffffff",
				.hues = {"#0068ce", "#04748f", "#003d00", "#6c178c", "#6d0950",
					 "#646d66", "#756940", "#706c06"},
				.reply = "#6e4500",
				.space = "#a51d2d",
				.end = "#613583",
				.dim = 0.8,
				.line = 0.8,
				.guide = 0.6,
				.faint = 0.5,
				.fill = 0.12,
				.strip = 1,
				.hatch = 0.9,
				.aside = 0.7,
			},
		[true][true] =
			{
				.fg = "#ffffff",
				.window = "#242424",
				.view = "#1e1e1e",
				.accent = "#a4cbf5",
				.error = "#ffaa9a",
				.warning = "#f8e45c",
				.on_accent = "#000000",
				.hues = {"#4fa4f7", "#00d6ff", "#4eb85f", "#c68ac5", "#ffccde",
					 "#a79b9c", "#e4bda4", "#e2d05d"},
				.reply = "#ffcf70",
				.space = "#ffaa9a",
				.end = "#ecbfed",
				.dim = 0.85,
				.line = 0.8,
				.guide = 0.6,
				.faint = 0.5,
				.fill = 0.2,
				.strip = 1,
				.hatch = 0.9,
				.aside = 0.7,
			},
};

static GdkRGBA parse(const char *text)
{
	GdkRGBA colour = {0, 0, 0, 1};

	gdk_rgba_parse(&colour, text);
	return colour;
}

static void look_up(GtkStyleContext *style, const char *name, GdkRGBA *colour)
{
	GdkRGBA found;

	if (gtk_style_context_lookup_color(style, name, &found))
		*colour = found;
}

GdkRGBA trv_rgba(GdkRGBA colour, double opacity)
{
	colour.alpha *= (float)opacity;
	return colour;
}

static void derive(const struct scheme *scheme, struct trv_palette *palette)
{
	palette->dim = trv_rgba(palette->fg, scheme->dim);
	palette->line = trv_rgba(palette->fg, scheme->line);
	palette->guide = trv_rgba(palette->fg, scheme->guide);
	palette->faint = trv_rgba(palette->fg, scheme->faint);
	palette->waits[TRC_WHAT_TIMER] = palette->waits[TRC_WHAT_OUTSIDE] = palette->dim;
}

void trv_palette_make(bool dark, bool contrast, struct trv_palette *ret_palette)
{
	const struct scheme *scheme = &schemes[dark][contrast];
	struct trv_palette palette = {
		.fg = parse(scheme->fg),
		.window = parse(scheme->window),
		.view = parse(scheme->view),
		.accent = parse(scheme->accent),
		.error = parse(scheme->error),
		.warning = parse(scheme->warning),
		.on_accent = parse(scheme->on_accent),
		.waits = {[TRC_WHAT_REPLY] = parse(scheme->reply),
			  [TRC_WHAT_SPACE] = parse(scheme->space),
			  [TRC_WHAT_END] = parse(scheme->end)},
		.fill = scheme->fill,
		.strip = scheme->strip,
		.hatch = scheme->hatch,
		.aside = scheme->aside,
		.dark = dark,
		.contrast = contrast,
	};

	for (int i = 0; i < TRV_HUES; i++)
		palette.hues[i] = parse(scheme->hues[i]);
	derive(scheme, &palette);
	*ret_palette = palette;
}

/* High contrast is the wish of the desktop: by its settings portal or its GSettings, which
 * libadwaita follows. */
static bool wants_contrast(GtkWidget *widget)
{
	GdkDisplay *display = gtk_widget_get_display(widget);

	return adw_style_manager_get_high_contrast(adw_style_manager_get_for_display(display));
}

void trv_palette_read(GtkWidget *widget, struct trv_palette *ret_palette)
{
	GtkStyleContext *style = gtk_widget_get_style_context(widget);
	struct trv_palette palette;
	GdkRGBA fg;
	bool dark;

	gtk_style_context_get_color(style, &fg);
	dark = fg.red + fg.green + fg.blue > 1.5;
	trv_palette_make(dark, wants_contrast(widget), &palette);
	palette.fg = fg;
	look_up(style, "window_bg_color", &palette.window);
	look_up(style, "view_bg_color", &palette.view);
	look_up(style, "accent_color", &palette.accent);
	look_up(style, "error_color", &palette.error);
	look_up(style, "warning_color", &palette.warning);
	derive(&schemes[dark][palette.contrast], &palette);
	*ret_palette = palette;
}

GdkRGBA trv_palette_type(const struct trv_palette *palette, uint16_t type)
{
	return palette->hues[type % TRV_HUES];
}

GdkRGBA trv_palette_wait(const struct trv_palette *palette, unsigned what)
{
	return palette->waits[what > 0 && what <= TRC_WHAT_OUTSIDE ? what : TRC_WHAT_OUTSIDE];
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
