/*
 * explore.h - all that can become of a program: every interleaving, each state once
 */
#ifndef TESTS_ORACLE_EXPLORE_H
#define TESTS_ORACLE_EXPLORE_H

#include "tests/oracle/world.h"

struct or_truth {
	bool complete; /* false: too many states, or an overflow; the rest means nothing then */
	unsigned states;
	uint64_t deadlocks; /* bit n: the actors whose bits make up n are the core of a deadlock
			       that can happen */
	bool orphans;       /* a wait for what an idle actor keeps can happen */
	bool unstable;      /* somebody came back from the dead: then the definition is wrong */
	bool ends;          /* a run in which nobody is left waiting exists */
};

void or_explore(const struct or_program *program, struct or_truth *ret_truth);

#endif
