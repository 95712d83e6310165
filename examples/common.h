/*
 * common.h - what the main() of every small example does
 */
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#include <act/act.h>

/* Whether `name` stands on the command line; takes it away from there. */
bool example_flag(int *argc, char **argv, const char *name);

/* Runs a system that begins with one actor of kind `first`, until no actor is left. With
 * `--seed N` the run is the same for the same N. Returns main()'s result, 1 when it locked up. */
int example_run(int argc, char **argv, const struct act_kind *first);

#endif
