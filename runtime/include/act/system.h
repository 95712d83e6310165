/*
 * system.h - the world of actors, as main sees it
 *
 *     return act_run(NULL, &greeter_kind, "greeter") == 0 ? 0 : 1;
 *
 * makes one, lets a first actor live in it, who spawns all others, and frees it when all have
 * ended. In steps, for those who want to do more:
 *
 *     struct act_system *system = act_system_new(NULL);
 *     struct act_handle root = act_system_spawn(system, &greeter_kind, "greeter");
 *     act_system_drop(system, &root);
 *     act_system_run(system);
 *     act_system_free(system);
 *
 * A run with a seed repeats itself: one worker, whose clock stands still while anybody can run and
 * then jumps to the next timer; and the seed decides who runs next. Any program can be run that
 * way: ACTORSCOPE_SEED=7 ./program. What comes from outside has no part in it: sockets are refused,
 * act_ws_pair() is there instead; and what foreign threads send may change the run, or be too late.
 */
#ifndef ACT_SYSTEM_H
#define ACT_SYSTEM_H

#include <act/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

struct act_system;

struct act_options {
	unsigned workers;  /* threads; 0: one for each core */
	size_t stack_size; /* bytes a handler may use; 0: 256 KiB, which parsers that recurse to
			    * their usual limits need. Memory is taken only where it is touched. */
	uint64_t seed; /* not 0: one worker, a virtual clock, and the same run for the same seed;
			* 0: the one in ACTORSCOPE_SEED, else none. See below. */
};

/* NULL options: all zeros. NULL when there is no memory. Attaches to a recording when there is one.
 */
struct act_system *act_system_new(const struct act_options *options);

/*
 * Runs on the workers (this thread is one of them) until no actor is left, by itself or after
 * act_system_stop() or act_system_drain(). 0, or -errno when threads could not be had.
 *
 * With a seed, also until nothing can happen any more: every actor that is left waits for another
 * one or is idle, and no timer is set. Then stderr says who waits where, and the result is
 * -EDEADLK. The actors are still there: act_system_free() ends them, which is in no trace; or send
 * to one of them and run again.
 */
int act_system_run(struct act_system *system);

/* Any thread, any actor, or a signal handler: ends all actors, each after its present message. */
void act_system_stop(struct act_system *system);

/*
 * The same, in order: sockets are closed and timers that are still set are cancelled first, and
 * none is set any more (act_after() returns 0). All messages that are in mailboxes by then are
 * handled, and what they lead to, handlers that sleep or wait included. When nothing is left to do
 * all actors end. What can never end, a deadlock for one, keeps the system from it:
 * act_system_stop() still may be called then.
 */
void act_system_drain(struct act_system *system);

/* After act_system_run(). NULL is fine. */
void act_system_free(struct act_system *system);

/* A system from beginning to end: makes it, spawns one actor, runs it, and frees it. 0; -ENOMEM or
 * what act_system_run() says when it could not be run. */
#define act_run(options, kind, name) act__run((options), (kind), (name), ACT_HERE)

/* For main and foreign threads: spawn, send without waiting (ACT_EFULL), drop. */
#define act_system_spawn(system, kind, name) \
	act__system_spawn((system), (kind), (name), NULL, NULL, ACT_HERE)
#define act_system_spawn_with(system, kind, name, ...)                      \
	act__system_spawn((system), (kind), (name), ACT__TYPE(__VA_ARGS__), \
			  ACT__FIELDS(__VA_ARGS__), ACT_HERE)
#define act_system_send(system, to, ...) \
	act__system_send((system), (to), ACT__TYPE(__VA_ARGS__), ACT__FIELDS(__VA_ARGS__), ACT_HERE)
struct act_handle act_system_clone(struct act_system *system, struct act_handle handle);
void act_system_drop(struct act_system *system, struct act_handle *handle);

/* The system of a running actor. */
struct act_system *act_system_of(struct act_self *self);

/* private */
int act__run(const struct act_options *options, const struct act_kind *kind, const char *name,
	     struct act_site *site);
struct act_handle act__system_spawn(struct act_system *system, const struct act_kind *kind,
				    const char *name, const struct act_type *type, void *fields,
				    struct act_site *site);
int act__system_send(struct act_system *system, struct act_handle to, const struct act_type *type,
		     void *fields, struct act_site *site);

#ifdef __cplusplus
}
#endif

#endif
