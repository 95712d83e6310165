/*
 * metrics.h - sizes of drawn things, which follow the size of text; no widgets
 *
 * There is one desktop, and so one size of text for all windows: it is told here when it is known
 * or has changed, and all that is drawn is as much larger as a line of text is. Main thread only.
 */
#ifndef VIEWER_METRICS_H
#define VIEWER_METRICS_H

struct trv_metrics {  /* pixels, but for `scale` */
	double scale; /* 1: text is of the usual size, or smaller */
	int header;   /* the column of names at the left */
	int lane;     /* also of a folded group */
	int group;    /* heading */
	int bar_top;  /* handler bar; this and the next three inside a lane */
	int bar;
	int depth_top; /* strip of mailbox depth */
	int depth;
	int log_top; /* the middle of the marks of lines logged, below a lane's top */
	int first;   /* the middle of the name, and of the line below it */
	int second;
	int band; /* in which messages are counted */
};

const struct trv_metrics *trv_metrics(void);

/* How high a line of usual text is, and of small text. Until this is called they are those of the
 * usual font at its usual size. */
void trv_metrics_set(int line, int small_line);

/* So many pixels at the usual size of text, at the size it has. */
int trv_px(double usual);

#endif
