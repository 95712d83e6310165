#include "runtime/net/stream.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct act__write {
	uv_write_t request;
	struct act__write *next;
	struct act__stream *stream;
	struct act_token token;
	size_t size;
	char *data;
};

static bool has_token(const struct act__write *write)
{
	return write->token.ask != NULL;
}

static void report_over(struct act__stream *stream, int error)
{
	if (stream->over || stream->closing)
		return;
	act__stream_read(stream, false);
	stream->over = true;
	stream->events->over(stream, error);
}

/* Writing to a socket whose peer is gone raises a signal that ends the process; the error that
 * comes with it is enough. A program that handles the signal keeps its handler. */
static void ignore_broken_pipes(void)
{
	struct sigaction present;
	if (sigaction(SIGPIPE, NULL, &present) == 0 && present.sa_handler == SIG_DFL)
		signal(SIGPIPE, SIG_IGN);
}

int act__stream_open(struct act__stream *stream, struct act_self *self, int fd,
		     const struct act__stream_events *events)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, ignore_broken_pipes);
	*stream = (struct act__stream){.self = self, .events = events};
	stream->end = &stream->first;
	int error = uv_tcp_init(act_native_loop(self), &stream->tcp);
	if (error) {
		close(fd);
		stream->closing = true;
		return error;
	}
	/* uv_tcp_open() fails for what is no socket only; ours come from accept() and socket(). */
	error = uv_tcp_open(&stream->tcp, fd);
	if (error) {
		close(fd);
		report_over(stream, error);
		return 0;
	}
	uv_tcp_nodelay(&stream->tcp, 1);
	return 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Whoever is given the bytes uses them up before the next read, so one buffer a thread is enough.
 */
static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	static _Thread_local char bytes[65536];
	*buffer = uv_buf_init(bytes, sizeof(bytes));
}

static void take_bytes(uv_stream_t *tcp, ssize_t size, const uv_buf_t *buffer)
{
	struct act__stream *stream = (struct act__stream *)tcp;
	if (size > 0)
		stream->events->data(stream, buffer->base, (size_t)size);
	else if (size < 0)
		report_over(stream, size == UV_EOF ? 0 : (int)size);
}

void act__stream_read(struct act__stream *stream, bool on)
{
	if (stream->closing || stream->over || on == stream->reading)
		return;
	stream->reading = on;
	if (!on) {
		uv_read_stop((uv_stream_t *)&stream->tcp);
		return;
	}
	int error = uv_read_start((uv_stream_t *)&stream->tcp, give_buffer, take_bytes);
	if (error)
		report_over(stream, error);
}

/* --- writing ---------------------------------------------------------------------------------- */

static void unlink_write(struct act__stream *stream, struct act__write *write)
{
	struct act__write **link = &stream->first;
	while (*link != write)
		link = &(*link)->next;
	*link = write->next;
	if (stream->end == &write->next)
		stream->end = link;
}

static void finish_write(uv_write_t *request, int status)
{
	struct act__write *write = (struct act__write *)request;
	struct act__stream *stream = write->stream;
	unlink_write(stream, write);
	if (has_token(write) && status == 0)
		act_answer(stream->self, &write->token, Written);
	else if (has_token(write))
		act_fail(stream->self, &write->token, ACT_ECLOSED);
	else
		stream->unawaited -= write->size;
	free(write->data);
	free(write);
	if (stream->closing)
		return;
	if (status != 0)
		report_over(stream, status);
	else if (stream->events->written)
		stream->events->written(stream);
}

static void refuse_write(struct act__stream *stream, char *data, struct act_token token, int error)
{
	if (token.ask)
		act_fail(stream->self, &token, error);
	free(data);
}

void act__stream_write(struct act__stream *stream, char *data, size_t size, struct act_token token)
{
	if (stream->closing || stream->over) {
		refuse_write(stream, data, token, ACT_ECLOSED);
		return;
	}
	struct act__write *write = malloc(sizeof(*write));
	if (!write) {
		refuse_write(stream, data, token, UV_ENOMEM);
		return;
	}
	*write = (struct act__write){.stream = stream, .token = token, .size = size, .data = data};
	*stream->end = write;
	stream->end = &write->next;
	if (!has_token(write))
		stream->unawaited += size;

	/* libuv's buffers are told apart by an unsigned length. */
	uv_buf_t buffer = uv_buf_init(data, (unsigned)size);
	int error =
		uv_write(&write->request, (uv_stream_t *)&stream->tcp, &buffer, 1, finish_write);
	if (error)
		finish_write(&write->request, error);
}

void act__stream_fail_writers(struct act__stream *stream)
{
	for (struct act__write *write = stream->first; write; write = write->next) {
		if (!has_token(write))
			continue;
		act_fail(stream->self, &write->token, ACT_ECLOSED);
		write->token = (struct act_token){0};
		stream->unawaited += write->size;
	}
}

bool act__stream_is_flushed(const struct act__stream *stream)
{
	return stream->first == NULL;
}

/* --- closing ---------------------------------------------------------------------------------- */

void act__stream_shut_down(struct act__stream *stream)
{
	uv_os_fd_t fd;
	if (!stream->closing && uv_fileno((uv_handle_t *)&stream->tcp, &fd) == 0)
		shutdown(fd, SHUT_WR);
}

static void finish_close(uv_handle_t *handle)
{
	struct act__stream *stream = (struct act__stream *)handle;
	stream->events->closed(stream);
}

void act__stream_close(struct act__stream *stream, bool reset)
{
	if (stream->closing)
		return;
	act__stream_read(stream, false);
	stream->closing = true;
	/* A reset is refused while the socket is shutting down; then it is closed as any other. */
	if (reset && uv_tcp_close_reset(&stream->tcp, finish_close) == 0)
		return;
	uv_close((uv_handle_t *)&stream->tcp, finish_close);
}
