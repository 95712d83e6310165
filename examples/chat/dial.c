#include "examples/chat/dial.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RETRY_MS = 50 };

int64_t dial_clock_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What is left until `deadline`, for poll(). */
static int remaining_ms(int64_t deadline)
{
	int64_t left = deadline - dial_clock_ms();
	return left > 0 ? (int)left : 0;
}

bool dial_wait(int socket, short events, int64_t deadline)
{
	struct pollfd entry = {.fd = socket, .events = events};
	int ready;
	do {
		ready = poll(&entry, 1, remaining_ms(deadline));
	} while (ready < 0 && errno == EINTR);
	return ready > 0;
}

/* Returns a connected, non-blocking socket, or -1 with errno. */
static int connect_once(const struct addrinfo *address, const struct dial_options *options,
			int64_t deadline)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;

	/* The size of the window is agreed on when connecting, so buffers come first. */
	if (options->receive_buffer)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &options->receive_buffer, sizeof(int));
	if (options->send_buffer)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &options->send_buffer, sizeof(int));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));

	int error = 0;
	if (connect(fd, address->ai_addr, address->ai_addrlen) < 0)
		error = errno;
	if (error == EINPROGRESS) {
		socklen_t size = sizeof(error);
		if (!dial_wait(fd, POLLOUT, deadline))
			error = ETIMEDOUT;
		else if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
			error = errno;
	}
	if (error) {
		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

int dial(const char *host, uint16_t port, const struct dial_options *options, int64_t deadline,
	 char *error, size_t error_size)
{
	char service[8];
	snprintf(service, sizeof(service), "%u", port);
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *addresses;
	int failed = getaddrinfo(host, service, &hints, &addresses);
	if (failed) {
		snprintf(error, error_size, "cannot find host %s: %s", host, gai_strerror(failed));
		return -1;
	}

	int fd = -1;
	for (;;) {
		for (struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next)
			fd = connect_once(a, options, deadline);
		/* "Refused" may only mean that the server is still starting. */
		if (fd >= 0 || errno != ECONNREFUSED || remaining_ms(deadline) == 0)
			break;
		poll(NULL, 0, RETRY_MS);
	}
	if (fd < 0)
		snprintf(error, error_size, "cannot connect to %s port %u: %s; is it running?",
			 host, port, strerror(errno));
	freeaddrinfo(addresses);
	return fd;
}
