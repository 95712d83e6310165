/*
 * fill.h - the rows of a whole trace, made from its segments
 */
#ifndef TRACER_DERIVE_FILL_H
#define TRACER_DERIVE_FILL_H

#include "tracer/store/store.h"

/* Puts all messages and waits of `trace` into `rows`, a store that has none, as a recorder with
 * time for all of them would have. What the trace does not tell to its end is put as it stands at
 * the last event. 0 or -errno. */
int trc_rows_fill(struct trc_store *trace, struct trc_store *rows, struct trc_error *ret_error);

#endif
