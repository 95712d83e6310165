/*
 * check-baseline.h - findings that were looked at and accepted, so that only new ones fail
 *
 * A text file to be kept beside the program's sources, one accepted finding a line:
 *
 *     1f2e3d4c5b6a7988 0a1b2c3d4e5f6071 deadlock room "lobby" and connection "slow" wait for
 * each...
 *
 * The first three words count: fingerprint, shape and code; what follows is for people. A finding
 * is known when its fingerprint stands there, or its shape with a code more certain than its own:
 * who has accepted a deadlock has accepted that it is predicted in other runs, but not the other
 * way round. Empty lines and lines that begin with # are skipped.
 */
#ifndef TRACER_CLI_CHECK_BASELINE_H
#define TRACER_CLI_CHECK_BASELINE_H

#include "tracer/cli/check-report.h"

/* Marks the findings that stand in the baseline at `path` as known. False, having said on stderr
 * what is wrong and where, when it cannot be read. */
bool trc_baseline_apply(const char *path, struct trc_report *report);

/* Writes a baseline in which all findings but refuted ones stand, over a file that is there. False,
 * having said so, when it cannot be written; an older file is whole then. */
bool trc_baseline_write(const char *path, const struct trc_report *report);

#endif
