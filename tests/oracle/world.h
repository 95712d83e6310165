/*
 * world.h - an interpreter of the oracle's programs: every state, every step from it
 *
 * It knows nothing of the tracer, nor of the real runtime: what a program can do is written down
 * here once more, as plainly as possible. A world is a flat array of small numbers, to be copied,
 * compared and hashed as bytes.
 */
#ifndef TESTS_ORACLE_WORLD_H
#define TESTS_ORACLE_WORLD_H

#include "tests/oracle/program.h"

enum { OR_TOKENS = 4, OR_KEPT = 2, OR_STEPS = 3 * OR_ACTORS + OR_INPUTS + 1 };

enum or_phase { OR_IDLE, OR_RUNNING, OR_WAITING, OR_ENDED };
enum or_what { OR_NOTHING, OR_REPLIES, OR_SPACE, OR_END, OR_TIME };

struct or_letter {
	uint8_t type, token; /* token: 0, or 1 + its place in or_world.open */
};

struct or_state {
	uint8_t phase;
	uint8_t script, pc, part; /* part: of a question to several */
	uint8_t token;            /* of the message being handled, as in or_letter */
	uint8_t kept[OR_KEPT];
	uint8_t memory, stopping, timer; /* timer: type of what it will send */
	uint8_t handles;                 /* bits: to whom */
	uint8_t count, reserved;         /* in its mailbox; places that are promised */
	struct or_letter box[OR_CAPACITY];
	uint8_t line_length, line[OR_ACTORS]; /* who waits for space here */
	uint8_t what, object;                 /* its wait */
	uint8_t any, deadline, granted, won, poked;
	uint8_t asked; /* bits of its tokens that it asked for and that are open */
};

struct or_world {
	struct or_state actors[OR_ACTORS];
	uint8_t open[OR_ACTORS * OR_TOKENS]; /* asker * OR_TOKENS + n: not answered yet */
	uint8_t main_handles, inputs_done;   /* bits */
	uint8_t overflow; /* more tokens than there is room for: this program is of no use */
};

enum or_step_kind { OR_DO_INPUT, OR_DO_LET_GO, OR_DO_NEXT, OR_DO_DEADLINE, OR_DO_TIMER };

struct or_step {
	uint8_t kind, actor; /* OR_DO_INPUT: the number of the input */
};

struct or_log;

/* Everybody spawned. `log` may be NULL, here and below. */
void or_world_begin(const struct or_program *program, struct or_world *world, struct or_log *log);

/* All steps that can be next; none: nothing will ever happen again. */
unsigned or_world_steps(const struct or_program *program, const struct or_world *world,
			struct or_step steps[OR_STEPS]);
void or_world_step(const struct or_program *program, struct or_world *world, struct or_step step,
		   struct or_log *log);

/* Who has the token; OR_ACTORS: nobody. */
unsigned or_world_holder(const struct or_program *program, const struct or_world *world,
			 unsigned token);

/* Whether the wait of the actor is over, though it has not gone on yet. */
bool or_world_met(const struct or_world *world, unsigned actor);

#endif
