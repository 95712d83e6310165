/*
 * inspector-pages.h - what the inspector shows of each kind of thing; each adds to an empty box
 */
#ifndef VIEWER_INSPECTOR_PAGES_H
#define VIEWER_INSPECTOR_PAGES_H

#include "viewer/details.h"
#include "viewer/session.h"

void trv_inspect_finding(GtkBox *box, TrvSession *session, const struct trc_finding *finding);
void trv_inspect_message(GtkBox *box, TrvSession *session, uint64_t message);
void trv_inspect_wait(GtkBox *box, TrvSession *session, uint64_t actor,
		      const struct trc_span *wait);

/* At the playhead. */
void trv_inspect_actor(GtkBox *box, TrvSession *session, uint64_t actor);

/* The trace as a whole, when nothing is selected. */
void trv_inspect_trace(GtkBox *box, TrvSession *session);

#endif
