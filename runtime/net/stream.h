/*
 * stream.h - a connected TCP socket on a native actor's loop, shared by tcp.c and ws.c
 *
 * The actor embeds a struct act__stream and is called back on its own thread. Writes may carry the
 * reply token of the ask that wanted them: it is answered with Written when the kernel has taken
 * all of it, and fails with ACT_ECLOSED when that will never be.
 */
#ifndef RUNTIME_NET_STREAM_H
#define RUNTIME_NET_STREAM_H

#include "runtime/native.h"

ACT_SIGNAL(Written)

struct act__stream;

struct act__stream_events {
	/* Bytes arrived; they live as long as the call. */
	void (*data)(struct act__stream *stream, const char *data, size_t size);

	/* Nothing will arrive any more: 0 for an orderly end, or -errno. Called at most once; the
	 * stream is to be closed, soon or at once. */
	void (*over)(struct act__stream *stream, int error);

	/* A write is done. May be NULL. */
	void (*written)(struct act__stream *stream);

	/* The uv handle is closed. */
	void (*closed)(struct act__stream *stream);
};

struct act__stream {
	uv_tcp_t tcp;
	uv_connect_t connect;
	struct act_self *self;
	const struct act__stream_events *events;
	struct act__write *first, **end; /* under way, oldest first */
	size_t unawaited;                /* bytes under way that carry no token */
	bool reading, over, closing;
};

/* Takes the socket `fd` over. 0, or -errno: the socket is closed then, nothing is called back. */
int act__stream_open(struct act__stream *stream, struct act_self *self, int fd,
		     const struct act__stream_events *events);

/* Starts or stops reading. Fine in any state. */
void act__stream_read(struct act__stream *stream, bool on);

/* Writes `data`, which came from malloc() and is given away. `token` may be zeros. */
void act__stream_write(struct act__stream *stream, char *data, size_t size, struct act_token token);

/* Tells all who wait for a write that it will not be; the bytes still go out if they can. */
void act__stream_fail_writers(struct act__stream *stream);

/* Whether all that was written is with the kernel. */
bool act__stream_is_flushed(const struct act__stream *stream);

/* Tells the peer that nothing more will be written. Only when all is flushed. */
void act__stream_shut_down(struct act__stream *stream);

/* Closes, at once: what is not written is lost, whoever waits for it is told. With `reset` the
 * kernel forgets what it has, too. Fine when closing already. */
void act__stream_close(struct act__stream *stream, bool reset);

#endif
