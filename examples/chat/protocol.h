/*
 * protocol.h - the chat's frames: JSON objects in WebSocket text messages
 *
 *     client   {"type":"Connect","room":R,"user":U}      first, and once
 *              {"type":"SendMessage","text":T}
 *     server   {"type":"Joined","user":U}                to everyone in the room, also to U
 *              {"type":"Message","text":T,"user":U}
 *              {"type":"Left","user":U}
 *
 * Both sides are here, the server's and the clients'. What comes in is never trusted.
 */
#ifndef CHAT_PROTOCOL_H
#define CHAT_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>

enum {
	CHAT_PORT = 6789,
	CHAT_NAME_LIMIT = 64,    /* bytes of a room's or user's name */
	CHAT_TEXT_LIMIT = 32768, /* bytes of one message's text */
};

enum chat_type {
	CHAT_CONNECT = 1,
	CHAT_SEND_MESSAGE,
	CHAT_JOINED,
	CHAT_MESSAGE,
	CHAT_LEFT,
};

/* One frame; fields that its type does not have are NULL. */
struct chat_frame {
	enum chat_type type;
	const char *room;
	const char *user;
	const char *text;
	void *memory; /* private: what a decoded frame's texts live in */
};

enum { CHAT_ERROR = 96 };

/*
 * Decodes a frame. On true, give it back with chat_frame_free(). On false, `error` says what is
 * wrong, in few enough words for a WebSocket close frame. Members that the protocol does not know
 * are ignored. Texts have no NUL inside; names are 1 to CHAT_NAME_LIMIT bytes without control
 * characters.
 */
bool chat_decode(const char *json, size_t size, struct chat_frame *ret_frame,
		 char error[CHAT_ERROR]);
void chat_frame_free(struct chat_frame *frame);

/* The frame as JSON, to be freed with free(). NULL when out of memory or a text is not UTF-8. */
char *chat_encode(const struct chat_frame *frame);

#endif
