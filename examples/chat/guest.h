/*
 * guest.h - a client of the chat that is an actor, at the other end of a pair (act_ws_pair)
 */
#ifndef CHAT_GUEST_H
#define CHAT_GUEST_H

#include <act/act.h>

extern const struct act_kind guest_kind;

/* Joins the room under the actor's name. */
ACT_MESSAGE(GuestInit, (handle, socket), (text, room))

/* Asks, answered when it has heard its own Joined; or one more line, in order. */
ACT_SIGNAL(WhenJoined)
ACT_SIGNAL(Joined)
ACT_SIGNAL(Listen)
ACT_MESSAGE(Line, (text, text))

ACT_MESSAGE(Talk, (text, text), (u64, times)) /* while it goes on listening */
ACT_SIGNAL(Freeze)                            /* does not listen for a while, then vanishes */
ACT_SIGNAL(GoAway)                            /* says farewell */

#endif
