/*
 * arithmetic.h - how many messages it takes to fill the mailboxes of a ring; for tracer/analysis
 * only
 *
 * k mailboxes of n1 .. nk places block in a ring when (n1 + 1) + ... + (nk + 1) messages are at
 * once in them and on their way. How many there were in a run says how far away it was, and with
 * which smaller mailboxes that many would have been enough.
 */
#ifndef TRACER_ANALYSIS_ARITHMETIC_H
#define TRACER_ANALYSIS_ARITHMETIC_H

#include "tracer/analysis/finding.h"

/* Fills in `needed`, `peak` and `fitting` by the finding's arrows that are for space. */
void trc__arithmetic(struct trc_finding *finding);

#endif
