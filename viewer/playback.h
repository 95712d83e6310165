/*
 * playback.h - the transport's clock: which trace time is shown at which frame; no widgets
 */
#ifndef VIEWER_PLAYBACK_H
#define VIEWER_PLAYBACK_H

#include <stdbool.h>
#include <stdint.h>

struct trv_playback {
	bool playing;
	double speed; /* trace seconds a second */
	bool backwards;
	int64_t start_time; /* trace time, ns, that was shown ... */
	int64_t start_us;   /* ... at this frame time */
};

void trv_playback_start(struct trv_playback *playback, int64_t time, int64_t frame_us);
void trv_playback_stop(struct trv_playback *playback);

/* Goes on at another speed from where it is. */
void trv_playback_set_speed(struct trv_playback *playback, double speed, int64_t frame_us);

/* The trace time to show; only while playing. */
int64_t trv_playback_time(const struct trv_playback *playback, int64_t frame_us);

#endif
