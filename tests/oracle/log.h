/*
 * log.h - what a run of an oracle's program would have left as events
 */
#ifndef TESTS_ORACLE_LOG_H
#define TESTS_ORACLE_LOG_H

#include "tests/oracle/world.h"
#include "tests/support/trace-builder.h"

enum { OR_LOG_QUEUE = OR_CAPACITY + 1 };

struct or_log {
	struct tb tb;
	uint64_t actors[OR_ACTORS];
	uint64_t tokens[OR_ACTORS * OR_TOKENS];
	uint64_t queue[OR_ACTORS][OR_LOG_QUEUE]; /* messages in the mailboxes */
	unsigned count[OR_ACTORS];
	/* As a recording with filters writes it: messages of these types to these actors are left
	 * out, as bits; questions and what carries a token never. Such a message is 0 in `queue`.
	 */
	uint8_t left_types, left_actors;
	unsigned left_out; /* so many were */
	uint8_t unseen;    /* actors of whom that was said */
	uint8_t untold;    /* actors that handle one, and have not said so */
};

/* All of them do nothing when `log` is NULL. Numbers are those of or_world. */
void or_log_spawn(struct or_log *log, const struct or_program *program, unsigned actor);
void or_log_at(struct or_log *log, unsigned actor, unsigned script, unsigned pc);
void or_log_done(struct or_log *log, unsigned actor);
void or_log_clone(struct or_log *log, unsigned actor, unsigned target); /* OR_ACTORS: main */
void or_log_drop(struct or_log *log, unsigned actor, unsigned target);
/* `ask`: 1 + the place of the token that is born with it, or 0; `moved`: of one that goes along. */
void or_log_send(struct or_log *log, unsigned from, unsigned to, unsigned type, unsigned ask,
		 unsigned moved, unsigned flags);
void or_log_refused(struct or_log *log, unsigned from, unsigned to, unsigned type,
		    enum trc_refusal why, unsigned flags);
void or_log_receive(struct or_log *log, unsigned actor);
void or_log_discard(struct or_log *log, unsigned actor);
void or_log_close(struct or_log *log, unsigned actor, unsigned token, bool reply);
void or_log_wait(struct or_log *log, unsigned actor, const struct or_world *world);
void or_log_wake(struct or_log *log, unsigned actor, enum trc_wake wake);
void or_log_end(struct or_log *log, unsigned actor, bool stopped);

#endif
