/*
 * rooms.h - the one actor that knows all rooms: makes them when somebody looks for them, forgets
 * them when nobody is left
 */
#ifndef CHAT_ROOMS_H
#define CHAT_ROOMS_H

#include <act/act.h>

extern const struct act_kind rooms_kind;

ACT_MESSAGE(RoomsInit, (boolean, drops_slow))

/* An ask. Whoever gets the room has to join it. */
ACT_MESSAGE(FindRoom, (text, name))
ACT_MESSAGE(FoundRoom, (handle, room))

/* From a room without members: so many have joined it in its life. */
ACT_MESSAGE(Vacant, (text, name), (u64, visits))

#endif
