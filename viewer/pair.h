/*
 * pair.h - two runs of one program side by side: two sessions that move together
 *
 * A time of the one is shown with the time of the other that belongs to it by cause
 * (tracer/compare), so that the playheads stand at the same step of both, however long each took to
 * get there. Lanes stand in the same order: who differs, the first difference first, then all
 * others, and those that only one run has below. Emits "changed" when anything told of here is
 * different; what is in the sessions they tell themselves. Main thread only.
 */
#ifndef VIEWER_PAIR_H
#define VIEWER_PAIR_H

#include "tracer/compare/compare.h"
#include "viewer/session.h"

#define TRV_TYPE_PAIR (trv_pair_get_type())
G_DECLARE_FINAL_TYPE(TrvPair, trv_pair, TRV, PAIR, GObject)

TrvPair *trv_pair_new(void);

/* Loads and compares in the background; once it is there, goes to the first difference. */
void trv_pair_open(TrvPair *pair, const char *a, const char *b);
void trv_pair_reload(TrvPair *pair);
void trv_pair_cancel(TrvPair *pair); /* then the state is TRV_EMPTY */

enum trv_state trv_pair_state(TrvPair *pair);
double trv_pair_progress(TrvPair *pair);                    /* 0..1, while loading */
const char *trv_pair_error(TrvPair *pair);                  /* a sentence, when failed */
const char *trv_pair_path(TrvPair *pair, enum trc_run run); /* NULL before the first open */
TrvSession *trv_pair_session(TrvPair *pair, enum trc_run run);

/* NULL unless ready. */
const struct trc_comparison *trv_pair_comparison(TrvPair *pair);

/* The difference that is looked at; SIZE_MAX: none. */
size_t trv_pair_current(TrvPair *pair);
void trv_pair_go_to(TrvPair *pair, size_t difference);

/* To the next (1) or previous (-1) one. False: there is none. */
bool trv_pair_go_to_neighbour(TrvPair *pair, int by);

/* Whether types, senders and receivers of messages alone are compared; changing it compares again.
 */
bool trv_pair_ignores_payload(TrvPair *pair);
void trv_pair_set_ignore_payload(TrvPair *pair, bool ignore);

/* Whether moving the one moves the other. */
bool trv_pair_is_linked(TrvPair *pair);
void trv_pair_set_linked(TrvPair *pair, bool linked);

#endif
