/*
 * session.h - the two sessions that chat-session plays against a server
 */
#ifndef CHAT_SESSION_H
#define CHAT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

enum session_outcome {
	SESSION_FAILED, /* a sentence on stderr says why */
	SESSION_ALIVE,  /* everybody was served */
	SESSION_HANGS,  /* the room does not answer any more */
};

/* Two rooms, five users: they join, talk and leave, and each hears all that it should. */
enum session_outcome session_friendly(uint16_t port);

/* One user stops reading while others flood the room, then vanishes; another comes late. */
enum session_outcome session_hang(uint16_t port);

#endif
