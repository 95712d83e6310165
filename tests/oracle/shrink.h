/*
 * shrink.h - the smallest program that still shows what is wrong
 */
#ifndef TESTS_ORACLE_SHRINK_H
#define TESTS_ORACLE_SHRINK_H

#include "tests/oracle/trial.h"

/* Takes out of the program whatever it can while some run of it is still wrong in the way `wrong`
 * says; *seed becomes the one of that run. */
void or_shrink(struct or_program *program, unsigned wrong, unsigned *seed);

#endif
