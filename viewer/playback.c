#include "viewer/playback.h"

#include <assert.h>
#include <math.h>

void trv_playback_start(struct trv_playback *playback, int64_t time, int64_t frame_us)
{
	assert(playback->speed > 0);
	playback->playing = true;
	playback->start_time = time;
	playback->start_us = frame_us;
}

void trv_playback_stop(struct trv_playback *playback)
{
	playback->playing = false;
}

void trv_playback_set_speed(struct trv_playback *playback, double speed, int64_t frame_us)
{
	assert(speed > 0);
	if (playback->playing)
		trv_playback_start(playback, trv_playback_time(playback, frame_us), frame_us);
	playback->speed = speed;
}

int64_t trv_playback_time(const struct trv_playback *playback, int64_t frame_us)
{
	double elapsed_us = (double)(frame_us - playback->start_us);

	int64_t passed = llround(elapsed_us * 1e3 * playback->speed);

	return playback->start_time + (playback->backwards ? -passed : passed);
}
