/*
 * dial.h - connects to a server that may still be starting
 */
#ifndef CHAT_DIAL_H
#define CHAT_DIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dial_options {
	int receive_buffer; /* bytes of the kernel's receive buffer; 0: its default */
	int send_buffer;    /* likewise for sending */
};

/* Milliseconds of a clock that never goes back; deadlines are times of this clock. */
int64_t dial_clock_ms(void);

/* Waits until the socket can be read or written (POLLIN, POLLOUT); false when time is up. */
bool dial_wait(int socket, short events, int64_t deadline);

/* Returns a connected, non-blocking socket. Tries again until `deadline` while nobody listens. -1
 * when it failed: `error` then has a sentence. */
int dial(const char *host, uint16_t port, const struct dial_options *options, int64_t deadline,
	 char *error, size_t error_size);

#endif
