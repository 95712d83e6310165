/*
 * playback-bar.h - the transport: to findings, step, play, speed, time
 */
#ifndef VIEWER_PLAYBACK_BAR_H
#define VIEWER_PLAYBACK_BAR_H

#include "viewer/session.h"

#include <gtk/gtk.h>

#define TRV_TYPE_PLAYBACK_BAR (trv_playback_bar_get_type())
G_DECLARE_FINAL_TYPE(TrvPlaybackBar, trv_playback_bar, TRV, PLAYBACK_BAR, GtkWidget)

/* Once, before it is shown. */
void trv_playback_bar_set_session(TrvPlaybackBar *bar, TrvSession *session);

bool trv_playback_bar_is_playing(TrvPlaybackBar *bar);
void trv_playback_bar_set_playing(TrvPlaybackBar *bar, bool playing);

/* Plays forwards or backwards; pauses when it does that already. */
void trv_playback_bar_toggle(TrvPlaybackBar *bar, bool backwards);

/* By one notch (1: faster, -1: slower). */
void trv_playback_bar_change_speed(TrvPlaybackBar *bar, int by);

/* By an event, a message, or an event of the selected actor, as the bar says. False: there is none.
 */
bool trv_playback_bar_step(TrvPlaybackBar *bar, bool forward);

#endif
