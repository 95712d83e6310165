/*
 * origin.h - how a message came about, in words
 *
 * The cause of a message is the message in whose handling it was sent. The chain of them, followed
 * back, is what put an actor where it is.
 */
#ifndef TRACER_QUERY_ORIGIN_H
#define TRACER_QUERY_ORIGIN_H

#include "tracer/query/trace.h"

enum { TRC_ORIGIN_STEPS = 5 }; /* messages of the chain that are told */

/* `Say came from connection "bob" (connection.c:31), because of WsText from reader "bob"
 * (reader.c:12), because of ...`, to be freed by the caller; "" when the message is not in the
 * trace. Looks up to TRC_ORIGIN_STEPS messages up in the file. */
char *trc_origin_text(struct trc_trace *trace, uint64_t message);

#endif
