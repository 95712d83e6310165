/*
 * world.h - the one place through which all that is not deterministic comes in
 *
 * The clock, random numbers, which of several ready actors runs next, and input from outside
 * (sockets, timers that fire, work done aside, wake-ups by other threads). Nothing else in the
 * runtime reads a clock or calls libuv, except for the socket actors that stand behind native.h.
 *
 * There are two worlds. The real one tells the time, runs what became ready first, and waits in
 * libuv. The seeded one has a single worker and a clock of its own that stands still while any
 * actor can run and then jumps to the next timer; what is a matter of chance is drawn from the
 * seed. The same seed gives the same run. It has no network, and it ends when nothing can happen
 * any more (standstill.h).
 */
#ifndef RUNTIME_WORLD_H
#define RUNTIME_WORLD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

struct trc_ring;

#define ACT__NEVER UINT64_MAX

/* One for each system. */
struct act__world {
	bool seeded;
	uint64_t start;            /* of the real clock */
	_Atomic uint64_t clock;    /* nanoseconds, seeded only */
	_Atomic uint64_t sequence; /* state of the random numbers */
};

/* One for each worker: its ear to the outside. Belongs to the worker's thread. */
struct act__port {
	struct act__world *world;
	uv_loop_t loop;
	uv_async_t wake;
	uv_timer_t alarm;
};

/* For a thread that is no worker: a pause that can be cut short. */
struct act__pause {
	uv_mutex_t mutex;
	uv_cond_t cond;
	bool ended;
};

/* Work for another thread. */
struct act__job {
	void (*run)(struct act__job *job);  /* there */
	void (*done)(struct act__job *job); /* afterwards, on the worker's thread */
	uv_work_t work;
};

/* `seed` 0: the one in the environment, and without one the real world. 0 or -errno. */
int act__world_init(struct act__world *world, uint64_t seed);

/* Nanoseconds since the system began; never goes back. */
uint64_t act__world_now(const struct act__world *world);

/* The time that events of a thread are stamped with. */
uint64_t act__world_event_time(const struct act__world *world, struct trc_ring *ring);

uint64_t act__world_random(struct act__world *world);

/* Which of `count` ready actors, oldest first, runs next. */
size_t act__world_choose(struct act__world *world, size_t count);

/* How many processors there are. */
unsigned act__world_cores(void);

/* 0 or -errno. */
int act__port_open(struct act__port *port, struct act__world *world);
/* All handles but the port's own must be closed or closing. */
void act__port_close(struct act__port *port);

/* Serves the input that is there. */
void act__port_poll(struct act__port *port);

/* Waits for input, act__port_wake(), or the time `until` (ACT__NEVER: none), and serves it. */
void act__port_wait(struct act__port *port, uint64_t until);

/* Whether nothing can come from outside any more: only in the seeded world, without sockets. */
bool act__port_is_silent(struct act__port *port);

/* Likewise, but to the nanosecond, as far as the system can; and it may be over early. */
void act__port_nap(struct act__port *port, uint64_t until);

/* Runs a job aside and serves its end like input from outside; in the seeded world, at once. */
void act__port_run_aside(struct act__port *port, struct act__job *job);

/* Makes a present or the next act__port_wait() return. Any thread, also a signal handler. */
void act__port_wake(struct act__port *port);

/* 0 or -errno. */
int act__pause_init(struct act__pause *pause);
void act__pause_fini(struct act__pause *pause);

/* Waits by the real clock. False once the pause has been ended. */
bool act__pause_wait(struct act__pause *pause, uint64_t nanoseconds);

/* Ends a present and all later waits. Any thread. */
void act__pause_end(struct act__pause *pause);

#endif
