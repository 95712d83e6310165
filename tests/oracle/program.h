/*
 * program.h - small actor programs, drawn by lot, for the oracle
 *
 * A program is a table: each actor has a script that it runs when it starts and one for each type
 * of message. A handler sends only messages of a higher type than its own, so every program comes
 * to an end. Main spawns everybody, puts its inputs into their mailboxes, and lets go of its
 * handles.
 */
#ifndef TESTS_ORACLE_PROGRAM_H
#define TESTS_ORACLE_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
	OR_ACTORS = 6,
	OR_TYPES = 3,
	OR_SCRIPTS = OR_TYPES + 1, /* 0: at the start; n: for messages of type n */
	OR_OPS = 4,
	OR_INPUTS = 4,
	OR_CAPACITY = 3,
};

enum or_op_kind {
	OR_NONE,
	OR_SEND,    /* waits for space */
	OR_SEND_BY, /* until a deadline */
	OR_TRY,     /* never waits */
	OR_ASK,
	OR_ASK_BY,
	OR_ASK_ALL, /* of `to` and `to2` */
	OR_ASK_ANY,
	OR_REPLY,   /* to the message being handled, if it is an ask not answered yet */
	OR_DROP,    /* its token */
	OR_FORWARD, /* sends on with the token, if there is one */
	OR_KEEP,    /* the token, for later */
	OR_ANSWER,  /* the oldest token kept, if any */
	OR_GIVE,    /* the same; if there is none, what it remembers := value */
	OR_JOIN,
	OR_SLEEP,
	OR_AFTER,  /* a timer sends a message of `type` to itself */
	OR_STOP,   /* ends after this handler */
	OR_LET_GO, /* drops the handle to `to` */
	OR_SET,    /* what it remembers := value */
	OR_UNLESS, /* skips the next operation when what it remembers is `value` */
};

struct or_op {
	uint8_t kind; /* enum or_op_kind */
	uint8_t to, type;
	uint8_t to2, type2;
	uint8_t value;
};

struct or_actor {
	uint8_t capacity;
	struct or_op scripts[OR_SCRIPTS][OR_OPS]; /* up to the first OR_NONE */
};

struct or_program {
	uint8_t actor_count, input_count;
	uint8_t lock_count; /* the first of its actors are of one kind: locks */
	bool remembers;     /* what a handler does may depend on what came before */
	struct or_actor actors[OR_ACTORS];
	struct {
		uint8_t to, type;
	} inputs[OR_INPUTS];
};

/* Draws a program. `state`: handlers may remember things. */
void or_program_draw(struct or_program *program, bool state, unsigned *seed);

/* A number from 0 to count - 1. */
unsigned or_lot(unsigned *seed, unsigned count);

/* Bits of the actors to which `actor` holds a handle from the beginning: those it mentions. */
uint8_t or_program_mentions(const struct or_program *program, unsigned actor);

/* Whether any handler may do something else because of what came before. */
bool or_program_remembers(const struct or_program *program);

/* As the initialiser of a struct or_program. */
void or_program_print(const struct or_program *program, FILE *stream);

#endif
