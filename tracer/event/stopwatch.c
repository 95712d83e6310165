/*
 * The processor's ticks as a clock for events.
 *
 * An anchor is one instant by both clocks. A time is the anchor's and, at a certain rate, the ticks
 * since. After a millisecond the anchor is too old, and the system is asked for another. So errors
 * do not grow. The rate is measured between two anchors of at least 20 ms apart, over and over,
 * since the system's clock is slowed and sped up a little when somebody sets it right. Anchors are
 * hardly ever wrong by more than 20 ns, which makes 2 ns at the end of a millisecond; setting the
 * clock right makes 500 ns, by the most that Linux does.
 *
 * What an anchor is worth shows in the ticks that pass while it is taken: if they are many, the
 * thread was interrupted, and the anchor is not used. What a rate is worth shows in the next one:
 * before two agree, every time is the system's. They do not when the computer slept in between, or
 * went on elsewhere as a virtual machine.
 *
 * A thread that goes on on another processor keeps its anchor. That is right where all processors
 * count alike and evenly; Linux finds out whether they do, and keeps time by another clock if not.
 * So ticks are used where Linux uses them. Should they go back all the same, they are out of reach,
 * and the system is asked.
 *
 * A processor works ahead: it may read its ticks before all that stands before them is done, as the
 * receipt of a message, and the time of that may be some nanoseconds before that of its sending.
 * Waiting for it would take as long as all the rest. Events are put in order by cause, not by time,
 * and readers raise a time that is before that of its cause.
 */
#include "tracer/event/stopwatch.h"

#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tracer/event/layout.h"

enum {
	REACH_NS = 1000 * 1000,
	MEASURE_NS = 20 * 1000 * 1000,
	ANCHOR_TICKS = 1000, /* taking one takes a tenth of it, unless it is interrupted */
	ANCHOR_TRIES = 3,
	AGREEMENT = 1000, /* two rates agree that differ by less than one part in so many */
};

#if defined(__x86_64__)

static inline uint64_t read_ticks(void)
{
	return __builtin_ia32_rdtsc();
}

static bool system_uses_ticks(void)
{
	char name[16] = "";
	int fd = open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
		      O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	if (read(fd, name, sizeof(name) - 1) < 0)
		name[0] = '\0';
	close(fd);
	return strcmp(name, "tsc\n") == 0;
}

#else

static inline uint64_t read_ticks(void)
{
	return 0;
}

static bool system_uses_ticks(void)
{
	return false;
}

#endif

static bool has_ticks;

static void find_ticks(void)
{
	has_ticks = system_uses_ticks();
}

void trc__stopwatch_init(struct trc__stopwatch *watch)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find_ticks);
	*watch = (struct trc__stopwatch){.has_ticks = has_ticks};
}

/* Takes an anchor. False when the thread was interrupted each time; `ret_time` is right then, too.
 */
static bool take_anchor(uint64_t *ret_ticks, uint64_t *ret_time)
{
	for (int i = 0; i < ANCHOR_TRIES; i++) {
		uint64_t before = read_ticks();

		*ret_time = trc__clock(CLOCK_MONOTONIC);
		uint64_t taken = read_ticks() - before;
		*ret_ticks = before + taken / 2;
		if (taken < ANCHOR_TICKS)
			return true;
	}
	return false;
}

/* Measures the rate up to the anchor, if that is far enough from the first one. */
static void measure(struct trc__stopwatch *watch)
{
	uint64_t elapsed = watch->time - watch->first_time;
	uint64_t before = watch->rate, most = before + before / AGREEMENT;

	if (watch->first_time != 0 && elapsed < MEASURE_NS)
		return;
	if (watch->first_time != 0 && watch->ticks > watch->first_ticks)
		watch->rate = (uint64_t)((double)elapsed * 0x1p32 /
					 (double)(watch->ticks - watch->first_ticks));
	else
		watch->rate = 0;
	if (watch->rate > 0 && watch->rate >= before - before / AGREEMENT && watch->rate <= most)
		watch->reach = ((uint64_t)REACH_NS << 32) / watch->rate;
	else
		watch->reach = 0;
	watch->first_ticks = watch->ticks;
	watch->first_time = watch->time;
}

static uint64_t ask_system(struct trc__stopwatch *watch)
{
	uint64_t ticks, time;

	if (!watch->has_ticks)
		return trc__clock(CLOCK_MONOTONIC);
	if (take_anchor(&ticks, &time)) {
		watch->ticks = ticks;
		watch->time = time;
		measure(watch);
	}
	return time;
}

uint64_t trc__stopwatch_read(struct trc__stopwatch *watch)
{
	uint64_t ticks, time;

	/* A signal handler that has interrupted this. */
	if (atomic_load_explicit(&watch->busy, memory_order_relaxed))
		return trc__clock(CLOCK_MONOTONIC);
	atomic_store_explicit(&watch->busy, true, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	ticks = read_ticks() - watch->ticks;
	if (__builtin_expect(ticks < watch->reach, 1))
		time = watch->time + (ticks * watch->rate >> 32);
	else
		time = ask_system(watch);
	if (time < watch->last)
		time = watch->last;
	watch->last = time;
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&watch->busy, false, memory_order_relaxed);
	return time;
}
