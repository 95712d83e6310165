/*
 * query TRACE - how long a large trace makes somebody wait who looks at it
 *
 * Asks for what a viewer asks for, at places by lot, and prints for each question the median and
 * the longest time. What was read before is kept, as in a viewer: each place is new unless said
 * otherwise. BENCH lines: name, median and longest in ms; or name and a figure.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tracer/model/memory.h"
#include "tracer/query/trace.h"

enum { TURNS = 60, LANES = 40, CELLS = 1900, SLICES = 1900 };

static struct trc_trace *trace;
static struct trc_trace_info info;
static uint64_t lot = 88172645463325252u;
static double times[TURNS], busy[TURNS];
static uint64_t message; /* one of the trace's */

static uint64_t draw(uint64_t below)
{
	lot ^= lot << 13;
	lot ^= lot >> 7;
	lot ^= lot << 17;
	return lot % below;
}

static double milliseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double memory(const char *key)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[128];
	double kib = 0;

	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, key, strlen(key)) == 0)
			kib = strtod(line + strlen(key), NULL);
	if (file)
		fclose(file);
	return kib / 1024;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static uint64_t any_time(void)
{
	return info.first_time + draw(info.last_time - info.first_time);
}

static void state(void)
{
	trc_trace_state_at(trace, any_time());
}

static void next_state(void)
{
	static uint64_t time;

	if (time == 0)
		time = info.first_time + (info.last_time - info.first_time) / 2;
	time += 1000000;
	trc_trace_state_at(trace, time);
}

static void cells_of(uint64_t from, uint64_t to)
{
	static struct trc_cell cells[CELLS];
	const struct trc_model *names = trc_trace_model(trace);
	size_t actors = trc_model_actor_count(names);

	for (size_t i = 0; i < LANES && i < actors; i++)
		trc_trace_cells(trace, trc_model_actor_at(names, i)->id, from, to, cells, CELLS);
}

static void all_lanes(void)
{
	cells_of(info.first_time, info.last_time);
}

static void tenth_of_lanes(void)
{
	uint64_t length = (info.last_time - info.first_time) / 10;
	uint64_t from = info.first_time + draw(length * 9);

	cells_of(from, from + length);
}

static void panned_lanes(void)
{
	static uint64_t by;
	uint64_t length = (info.last_time - info.first_time) / 10;

	by += length / 200;
	cells_of(info.first_time + by, info.first_time + by + length);
}

static void density(void)
{
	static struct trc_density slices[SLICES];

	trc_trace_density(trace, info.first_time, info.last_time, slices, SLICES);
}

static void detail(void)
{
	static struct trc_span spans[2000];
	static struct trc_message_info messages[300];
	const struct trc_model *names = trc_trace_model(trace);
	size_t actors = trc_model_actor_count(names);
	uint64_t from = any_time(), to = from + 200000;
	size_t found;

	for (size_t i = 0; i < LANES && i < actors; i++)
		trc_trace_spans(trace, trc_model_actor_at(names, i)->id, from, to, spans, 2000);
	found = trc_trace_messages(trace, from, to, messages, 300);
	if (found > 0)
		message = messages[0].id;
}

static void by_id(void)
{
	struct trc_message_info found;

	trc_trace_message(trace, message, &found);
}

static void step(void)
{
	const struct trc_model *names = trc_trace_model(trace);
	uint64_t actor = trc_model_actor_at(names, draw(trc_model_actor_count(names)))->id;

	trc_trace_step(trace, any_time(), actor, draw(2));
}

static bool count_event(const struct trc_model *model, const struct trc_event *event, void *context)
{
	++*(uint64_t *)context;
	return true;
}

static void measure(const char *name, void (*ask)(void), int turns)
{
	for (int i = 0; i < turns; i++) {
		double start = milliseconds(CLOCK_MONOTONIC);
		double start_busy = milliseconds(CLOCK_PROCESS_CPUTIME_ID);

		ask();
		times[i] = milliseconds(CLOCK_MONOTONIC) - start;
		busy[i] = milliseconds(CLOCK_PROCESS_CPUTIME_ID) - start_busy;
	}
	qsort(times, (size_t)turns, sizeof times[0], compare);
	qsort(busy, (size_t)turns, sizeof busy[0], compare);
	printf("BENCH query %-22s %9.3f ms %9.3f at most; processor %9.3f ms %9.3f at most\n", name,
	       times[turns / 2], times[turns - 1], busy[turns / 2], busy[turns - 1]);
}

int main(int argc, char **argv)
{
	struct trc_trace_error error;
	uint64_t count = 0;
	double start = milliseconds(CLOCK_MONOTONIC);

	if (argc != 2) {
		fprintf(stderr, "usage: query TRACE\n");
		return 2;
	}
	if (trc_trace_open(argv[1], NULL, NULL, &trace, &error) < 0) {
		fprintf(stderr, "query: %s\n", error.text);
		return 1;
	}
	printf("BENCH query %-22s %9.3f ms; processor %9.3f ms\n", "open",
	       milliseconds(CLOCK_MONOTONIC) - start, milliseconds(CLOCK_PROCESS_CPUTIME_ID));
	trc_trace_info(trace, &info);
	printf("%" PRIu64 " events, %zu actors, %.0f MiB after opening\n", info.events,
	       trc_model_actor_count(trc_trace_model(trace)), memory("VmRSS:"));
	measure("whole trace, first", all_lanes, 1);
	measure("whole trace, again", all_lanes, 20);
	measure("density, first", density, 1);
	measure("density, again", density, 20);
	measure("tenth of it", tenth_of_lanes, TURNS);
	measure("panning in a tenth", panned_lanes, TURNS);
	measure("state at t", state, TURNS);
	measure("state 1 ms later", next_state, TURNS);
	measure("200 us in detail", detail, TURNS);
	measure("message by number", by_id, TURNS);
	measure("next event of an actor", step, TURNS);
	printf("BENCH query %-22s %9.0f MiB at most\n", "memory", memory("VmHWM:"));
	start = milliseconds(CLOCK_PROCESS_CPUTIME_ID);
	trc_trace_each_event(trace, 0, UINT64_MAX, NULL, count_event, &count, &error);
	printf("BENCH query %-22s %9.2f M events a second of processor time\n", "whole pass",
	       (double)count / (milliseconds(CLOCK_PROCESS_CPUTIME_ID) - start) / 1e3);
	printf("BENCH query %-22s %9.0f MiB at most\n", "memory", memory("VmHWM:"));
	trc_trace_close(trace);
	return 0;
}
