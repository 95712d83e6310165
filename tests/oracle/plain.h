/*
 * plain.h - who is stuck in a world, by the definition, computed in the plainest way
 *
 * Dead is who can never do anything again whatever the others do: waiting actors, and idle ones
 * that nobody can wake. A core is a largest set of the dead that hang together by their waits, each
 * reachable from each other, and would stay dead if everybody else were free. It is a deadlock
 * unless all its rings lead through one idle actor: that one keeps what it owes.
 */
#ifndef TESTS_ORACLE_PLAIN_H
#define TESTS_ORACLE_PLAIN_H

#include "tests/oracle/world.h"

/* Bits of the dead; those in `free` count as free to do anything. Who waits for space in a mailbox
 * with an empty place is not, even if that is promised to somebody else. */
uint8_t or_dead(const struct or_program *program, const struct or_world *world, uint8_t free);

/* The same, when it is known to whom places are promised: some are dead a step earlier. */
uint8_t or_dead_told(const struct or_program *program, const struct or_world *world);

/* Those of them that wait. */
uint8_t or_waiting(const struct or_program *program, const struct or_world *world, uint8_t actors);

struct or_cores {
	unsigned count;
	struct {
		uint8_t waiting, idle; /* bits */
		bool kept;             /* by one idle actor */
	} cores[OR_ACTORS];
};

void or_cores_find(const struct or_program *program, const struct or_world *world, uint8_t dead,
		   struct or_cores *ret_cores);

#endif
