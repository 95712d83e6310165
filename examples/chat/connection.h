/*
 * connection.h - a connected user, as the room sees him: joins, and writes what the room says to
 * his socket
 */
#ifndef CHAT_CONNECTION_H
#define CHAT_CONNECTION_H

#include <act/act.h>

extern const struct act_kind connection_kind;

ACT_MESSAGE(ConnectionInit, (handle, socket), (handle, rooms), (text, room))

/* An ask, answered once the user is in the room. */
ACT_SIGNAL(Enter)
ACT_MESSAGE(Entered, (handle, room), (u64, id))

/* From the room. */
ACT_MESSAGE(Frame, (text, json))

/* From the reader: the user is gone. */
ACT_SIGNAL(HungUp)

#endif
