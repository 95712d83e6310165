/*
 * children.h - the processes that a recorded program starts, each recorded by a recorder of its own
 *
 * A process whose session is beside the program's (trc_session_follow) is recorded as if somebody
 * had attached to it, into NAME.PID.db beside NAME.db. So whatever happens to one of the processes,
 * or to its recorder, is no matter of the others.
 */
#ifndef TRACER_RECORD_CHILDREN_H
#define TRACER_RECORD_CHILDREN_H

#include "tracer/event/session.h"
#include "tracer/record/launch.h"
#include "tracer/record/record.h"

struct trc_children;

/* All are borrowed; `output` is the trace file of `program`, which need not have been started yet.
 * From now on children are followed, and those whose parents end become children of this process
 * (prctl(2), PR_SET_CHILD_SUBREAPER), as its recorders are. */
struct trc_children *trc_children_new(struct trc_session *session,
				      const struct trc_record_options *options,
				      const struct trc_program *program, const char *output);

/* Starts recorders for the children that have come, and buries those that have ended. */
void trc_children_look(struct trc_children *children);

/* Starts recorders for the children that come, and waits until all descendants of the program have
 * ended, be they recorded or not; a signal that comes after the first `signals`
 * (trc_program_signal_count()) has their recorders leave them alone and ends the waiting for the
 * others. Returns how many were recorded. */
unsigned trc_children_wait(struct trc_children *children, int signals);

void trc_children_free(struct trc_children *children); /* NULL is fine */

#endif
