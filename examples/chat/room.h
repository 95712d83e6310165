/*
 * room.h - a chat room: tells each of its members whatever happens in it
 */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include <act/act.h>

extern const struct act_kind room_kind;

ACT_MESSAGE(RoomInit, (handle, rooms), (boolean, drops_slow))

/* An ask: `member` gets Frames from now on. The answer is his number in this room. */
ACT_MESSAGE(Join, (text, user), (handle, member), (handle, socket))
ACT_MESSAGE(Welcome, (u64, id))

/* From members. */
ACT_MESSAGE(Say, (u64, id), (text, text))
ACT_MESSAGE(Leave, (u64, id))

#endif
