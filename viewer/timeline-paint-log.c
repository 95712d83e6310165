/*
 * timeline-paint-log.c - what actors logged, above their bars
 */
#include "viewer/timeline-paint.h"

enum { SIZE = 6, ROOM_MIN = 60, WORDS_MAX = 260 };

static void paint_mark(const struct trv_painter *painter, double x, double y)
{
	GskRoundedRect disc;
	graphene_rect_t area =
		GRAPHENE_RECT_INIT((float)x - SIZE / 2.0f, (float)y - SIZE / 2.0f, SIZE, SIZE);

	gsk_rounded_rect_init_from_rect(&disc, &area, SIZE / 2.0f);
	gtk_snapshot_push_rounded_clip(painter->snapshot, &disc);
	gtk_snapshot_append_color(painter->snapshot, &painter->palette->fg, &area);
	gtk_snapshot_pop(painter->snapshot);
}

/* Below the bar, on a plate over the strip of the mailbox. */
static void paint_words(const struct trv_painter *painter, const char *words, double x, double y,
			double room)
{
	double width = MIN(trv_text_width(painter->text, words, TRV_TEXT_SMALL), room);
	GdkRGBA ground = trv_rgba(painter->palette->view, 0.9);

	gtk_snapshot_append_color(painter->snapshot, &ground,
				  &GRAPHENE_RECT_INIT((float)x + 2,
						      (float)y - (float)trv_px(16) / 2,
						      (float)width + 8, (float)trv_px(16)));
	trv_text_draw(painter->text, painter->snapshot, words, TRV_TEXT_SMALL,
		      &painter->palette->fg, x + SIZE, y, width + 1);
}

/* Where the next mark of the same lane stands, or the canvas' end. */
static double room_after(const struct trv_painter *painter, const struct trv_survey *survey,
			 size_t index, double x)
{
	for (size_t i = index + 1; i < survey->log_count; i++) {
		double next_x, next_y;

		if (survey->logs[i].actor != survey->logs[index].actor)
			continue;
		if (trv_scene_log_point(painter->session, painter->scene, &survey->logs[i], &next_x,
					&next_y))
			return next_x - x;
		break;
	}
	return painter->scene->axis.width - x;
}

/* Marks on the same pixels are one mark; pointing at it tells the first. Words only stand where the
 * lane's marks are few, so looking for the next one is short. */
void trv_paint_logs(const struct trv_painter *painter)
{
	const struct trv_survey *survey = trv_session_survey(painter->session);
	const struct trv_scene *scene = painter->scene;
	size_t first = trv_survey_log_from(survey, scene->axis.span.from);
	size_t end = trv_survey_log_from(survey, scene->axis.span.to + 1);
	bool few = end - first <= 60;
	double last_x = -SIZE, last_y = -1;

	for (size_t i = first; i < end; i++) {
		double x, y, room;

		if (!trv_scene_log_point(painter->session, scene, &survey->logs[i], &x, &y) ||
		    (x - last_x < 1 && y == last_y))
			continue;
		paint_mark(painter, x, y);
		last_x = x;
		last_y = y;
		room = few ? MIN(room_after(painter, survey, i, x) - 2 * SIZE, trv_px(WORDS_MAX))
			   : 0;
		if (room >= trv_px(ROOM_MIN) && survey->logs[i].text[0])
			paint_words(painter, survey->logs[i].text, x,
				    y - trv_metrics()->log_top + trv_metrics()->depth_top +
					    trv_metrics()->depth / 2.0,
				    room);
	}
}
