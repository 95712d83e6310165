/*
 * reader.h - reads a socket: its first frame makes a connection, the others are said in the room
 *
 * It waits for the room on its own, so that the connection can write while the room is busy.
 */
#ifndef CHAT_READER_H
#define CHAT_READER_H

#include <act/act.h>

/* Gives a connection its reader, who lives as long as the connection, which is going to have a
 * handle to it. `socket` moves; `rooms` stays the caller's. */
void reader_welcome(struct act_self *self, struct act_handle socket, const char *peer,
		    struct act_handle rooms);

#endif
