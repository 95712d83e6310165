/*
 * attach.h - the session of a program that runs already
 *
 * Either its recorder was killed or has left it, and then its trace is gone on with; or the program
 * was started with tracing allowed (session.h), and nobody has recorded it yet.
 */
#ifndef TRACER_RECORD_ATTACH_H
#define TRACER_RECORD_ATTACH_H

#include "tracer/record/record.h"
#include "tracer/store/store.h"

/* `what` is the number of a process, or the trace file of a recorder that was killed. Returns 0, or
 * an exit status after the reason was said. */
int trc_attach_session(const char *what, struct trc_session **ret_session);

/* Gives the session rules by which messages are left out, when nobody has recorded it yet. Returns
 * as above. */
int trc_attach_filters(struct trc_session *session, const char *rules);

/* Opens the session's trace to go on with it, or begins `options->output` with `info`. `ret_output`
 * has PATH_MAX bytes. Returns as above. */
int trc_attach_file(struct trc_session *session, const struct trc_record_options *options,
		    struct trc_store_info *info, char *ret_output, struct trc_store **ret_store);

#endif
