#include "runtime/world.h"

#include "tracer/event/ring.h"
#include "tracer/event/session.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NANOSECONDS_PER_MILLISECOND = 1000000, NANOSECONDS_PER_SECOND = 1000000000 };

/* 0: the environment asks for none. */
static uint64_t seed_asked_for(void)
{
	const char *text = secure_getenv(TRC_SEED_ENV);
	unsigned long long seed;
	char *end;

	if (!text || !*text)
		return 0;
	errno = 0;
	seed = strtoull(text, &end, 10);
	if (errno == 0 && *end == '\0' && *text >= '0' && *text <= '9' && seed > 0)
		return seed;
	fprintf(stderr,
		"actorscope: " TRC_SEED_ENV
		"=%s is not a number from 1 on; this run has no seed and "
		"will not repeat itself\n",
		text);
	return 0;
}

int act__world_init(struct act__world *world, uint64_t seed)
{
	uint64_t noise;
	int r;

	if (!seed)
		seed = seed_asked_for();
	*world = (struct act__world){.seeded = seed != 0, .start = uv_hrtime()};
	/* Time 0 says "never" in traces. */
	atomic_init(&world->clock, 1);
	if (!seed) {
		r = uv_random(NULL, NULL, &noise, sizeof(noise), 0, NULL);
		if (r < 0)
			return r;
		seed = noise;
	}
	atomic_init(&world->sequence, seed);
	return 0;
}

uint64_t act__world_now(const struct act__world *world)
{
	if (world->seeded)
		return atomic_load_explicit(&world->clock, memory_order_relaxed);
	return uv_hrtime() - world->start;
}

uint64_t act__world_event_time(const struct act__world *world, struct trc_ring *ring)
{
	return world->seeded ? act__world_now(world) : trc_ring_now(ring);
}

/* splitmix64: any thread may draw, since all its state is a counter. */
uint64_t act__world_random(struct act__world *world)
{
	uint64_t step = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t z = atomic_fetch_add_explicit(&world->sequence, step, memory_order_relaxed) + step;

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

size_t act__world_choose(struct act__world *world, size_t count)
{
	assert(count > 0);
	return world->seeded && count > 1 ? act__world_random(world) % count : 0;
}

unsigned act__world_cores(void)
{
	unsigned cores = uv_available_parallelism();

	return cores ? cores : 1;
}

static void on_wake(uv_async_t *handle)
{
	/* Being woken is all. */
}

static void on_alarm(uv_timer_t *handle)
{
	/* The worker looks at its timers after each wait. But this may be called before the loop
	 * begins to wait, which it then must not do. */
	uv_stop(handle->loop);
}

int act__port_open(struct act__port *port, struct act__world *world)
{
	int r;

	port->world = world;
	r = uv_loop_init(&port->loop);
	if (r < 0)
		return r;
	port->loop.data = port;
	r = uv_async_init(&port->loop, &port->wake, on_wake);
	if (r < 0) {
		uv_loop_close(&port->loop);
		return r;
	}
	r = uv_timer_init(&port->loop, &port->alarm);
	assert(r == 0);
	return 0;
}

void act__port_close(struct act__port *port)
{
	int r;

	uv_close((uv_handle_t *)&port->wake, NULL);
	uv_close((uv_handle_t *)&port->alarm, NULL);
	uv_run(&port->loop, UV_RUN_DEFAULT);
	r = uv_loop_close(&port->loop);
	assert(r == 0 && "a native actor ended with an open uv handle");
	(void)r;
}

void act__port_poll(struct act__port *port)
{
	uv_run(&port->loop, UV_RUN_NOWAIT);
}

static void wait_seeded(struct act__port *port, uint64_t until)
{
	struct act__world *world = port->world;

	if (until == ACT__NEVER) {
		uv_run(&port->loop, UV_RUN_ONCE);
		return;
	}
	uv_run(&port->loop, UV_RUN_NOWAIT);
	if (until > atomic_load_explicit(&world->clock, memory_order_relaxed))
		atomic_store_explicit(&world->clock, until, memory_order_relaxed);
}

void act__port_wait(struct act__port *port, uint64_t until)
{
	uint64_t now, left;

	if (port->world->seeded) {
		wait_seeded(port, until);
		return;
	}
	if (until == ACT__NEVER) {
		uv_run(&port->loop, UV_RUN_ONCE);
		return;
	}
	now = act__world_now(port->world);
	left = until > now ? until - now : 0;
	if (left == 0) {
		uv_run(&port->loop, UV_RUN_NOWAIT);
		return;
	}
	/* libuv counts in milliseconds; rounded up, so that nothing fires early. */
	uv_update_time(&port->loop);
	uv_timer_start(
		&port->alarm, on_alarm,
		left / NANOSECONDS_PER_MILLISECOND + (left % NANOSECONDS_PER_MILLISECOND != 0), 0);
	uv_run(&port->loop, UV_RUN_ONCE);
	uv_timer_stop(&port->alarm);
}

void act__port_nap(struct act__port *port, uint64_t until)
{
	struct pollfd input = {.fd = uv_backend_fd(&port->loop), .events = POLLIN};
	uint64_t now;
	struct timespec left;

	/* Has the loop tell the system what it waits for, and serves what is there. */
	uv_run(&port->loop, UV_RUN_NOWAIT);
	now = act__world_now(port->world);
	if (until <= now || uv_backend_timeout(&port->loop) == 0)
		return;
	left.tv_sec = (time_t)((until - now) / NANOSECONDS_PER_SECOND);
	left.tv_nsec = (long)((until - now) % NANOSECONDS_PER_SECOND);
	if (ppoll(&input, 1, &left, NULL) > 0)
		uv_run(&port->loop, UV_RUN_NOWAIT);
}

static void run_job(uv_work_t *work)
{
	struct act__job *job = work->data;

	job->run(job);
}

static void end_job(uv_work_t *work, int status)
{
	struct act__job *job = work->data;

	job->done(job);
}

static void note_ear(uv_handle_t *handle, void *context)
{
	struct act__port *port = handle->loop->data;
	bool *silent = context;

	*silent &= handle == (uv_handle_t *)&port->wake || handle == (uv_handle_t *)&port->alarm;
}

bool act__port_is_silent(struct act__port *port)
{
	bool silent = port->world->seeded;

	if (silent)
		uv_walk(&port->loop, note_ear, &silent);
	return silent;
}

void act__port_run_aside(struct act__port *port, struct act__job *job)
{
	int r;

	if (port->world->seeded) {
		job->run(job);
		job->done(job);
		return;
	}
	job->work.data = job;
	r = uv_queue_work(&port->loop, &job->work, run_job, end_job);
	assert(r == 0);
	(void)r;
}

void act__port_wake(struct act__port *port)
{
	uv_async_send(&port->wake);
}

/* --- pauses --------------------------------------------------------------------------------- */

int act__pause_init(struct act__pause *pause)
{
	int r;

	pause->ended = false;
	r = uv_mutex_init(&pause->mutex);
	if (r < 0)
		return r;
	r = uv_cond_init(&pause->cond);
	if (r < 0)
		uv_mutex_destroy(&pause->mutex);
	return r;
}

void act__pause_fini(struct act__pause *pause)
{
	uv_cond_destroy(&pause->cond);
	uv_mutex_destroy(&pause->mutex);
}

bool act__pause_wait(struct act__pause *pause, uint64_t nanoseconds)
{
	bool goes_on;

	uv_mutex_lock(&pause->mutex);
	/* It may return early without a reason; a pause need not be exact. */
	if (!pause->ended)
		uv_cond_timedwait(&pause->cond, &pause->mutex, nanoseconds);
	goes_on = !pause->ended;
	uv_mutex_unlock(&pause->mutex);
	return goes_on;
}

void act__pause_end(struct act__pause *pause)
{
	uv_mutex_lock(&pause->mutex);
	pause->ended = true;
	uv_cond_signal(&pause->cond);
	uv_mutex_unlock(&pause->mutex);
}
