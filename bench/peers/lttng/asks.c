/*
 * The traced program of bench-recording, traced by LTTng-UST instead.
 *
 *   asks EVENTS THREADS     each thread writes EVENTS / THREADS
 *
 * Prints the processor nanoseconds that an event took its thread, the first twentieth of the events
 * not counted.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "bench/peers/lttng/tracepoints.h"

#include "bench/ask-stream.h"

enum { THREADS_MAX = 64 };

struct writer {
	pthread_t thread;
	uint64_t events;
	double cost; /* ns */
	struct ask_stream stream;
};

static double nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void write_events(struct ask_stream *stream, uint64_t count)
{
	struct trc_event event;

	for (uint64_t i = 0; i < count; i++) {
		if (ask_stream_next(stream, &event))
			lttng_ust_tracepoint(ask, shorter, event.kind, event.type, event.aseq,
					     event.actor, event.id);
		else
			lttng_ust_tracepoint(ask, longer, event.kind, event.type, event.aseq,
					     event.actor, event.id, event.peer, event.arg,
					     event.site);
	}
}

static void *run_writer(void *context)
{
	struct writer *writer = context;
	uint64_t untimed = writer->events / 20;
	double begin;

	write_events(&writer->stream, untimed);
	begin = nanoseconds();
	write_events(&writer->stream, writer->events - untimed);
	writer->cost = (nanoseconds() - begin) / (double)(writer->events - untimed);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct writer writers[THREADS_MAX];
	uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
	unsigned threads = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
	double cost = 0;

	if (events == 0 || threads < 1 || threads > THREADS_MAX) {
		fprintf(stderr, "usage: asks EVENTS THREADS\n");
		return 2;
	}
	for (unsigned i = 0; i < threads; i++) {
		writers[i].events = events / threads;
		writers[i].stream.thread = i;
		if (pthread_create(&writers[i].thread, NULL, run_writer, &writers[i]) != 0) {
			fprintf(stderr, "asks: cannot make a thread\n");
			return 1;
		}
	}
	for (unsigned i = 0; i < threads; i++) {
		pthread_join(writers[i].thread, NULL);
		cost += writers[i].cost / threads;
	}
	printf("%.1f\n", cost);
	return 0;
}
