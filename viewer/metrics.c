#include "viewer/metrics.h"

#include <math.h>

enum { LINE = 18, SMALL_LINE = 15 }; /* of GNOME's own font, Cantarell 11 */

static struct trv_metrics metrics;

static int larger(int a, int b)
{
	return a > b ? a : b;
}

int trv_px(double usual)
{
	return (int)lround(usual * trv_metrics()->scale);
}

void trv_metrics_set(int line, int small_line)
{
	double scale = fmax((double)line / LINE, (double)small_line / SMALL_LINE);

	metrics.scale = fmax(scale, 1); /* bars are as hard to hit with smaller text */
	metrics.header = trv_px(204);
	metrics.bar_top = trv_px(7);
	metrics.bar = larger(trv_px(22), small_line + trv_px(6));
	metrics.depth_top = metrics.bar_top + metrics.bar + trv_px(4);
	metrics.depth = trv_px(11);
	metrics.log_top = trv_px(4);
	metrics.first = larger(trv_px(17), trv_px(8) + line / 2);
	metrics.second = metrics.first + larger(trv_px(18), (line + small_line + 1) / 2);
	/* both what is drawn and the two lines of text beside it have to have room */
	metrics.lane = larger(metrics.depth_top + metrics.depth, metrics.second + small_line / 2) +
		       trv_px(6);
	metrics.group = larger(trv_px(26), line + trv_px(8));
	metrics.band = larger(trv_px(22), small_line + trv_px(6));
}

const struct trv_metrics *trv_metrics(void)
{
	if (metrics.scale == 0)
		trv_metrics_set(LINE, SMALL_LINE);
	return &metrics;
}
