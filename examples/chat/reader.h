/*
 * reader.h - reads a socket: its first frame makes a connection, the others are said in the room
 *
 * It waits for the room on its own, so that the connection can write while the room is busy.
 */
#ifndef CHAT_READER_H
#define CHAT_READER_H

#include <act/act.h>

extern const struct act_kind reader_kind;

ACT_MESSAGE(ReaderInit, (handle, socket), (handle, rooms))

#endif
