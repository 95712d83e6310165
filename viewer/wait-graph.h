/*
 * wait-graph.h - who waits for whom in one state of the model; no widgets
 */
#ifndef VIEWER_WAIT_GRAPH_H
#define VIEWER_WAIT_GRAPH_H

#include "tracer/model/model.h"

struct trv_wait_edge {
	uint64_t from;
	uint64_t to;
	unsigned what; /* enum trc_what */
	bool any;      /* one of several that `from` waits for, any will do */
	bool stuck;    /* `from` can never go on */
	bool core;     /* both ends are in one cycle of the stuck */
	uint64_t since;
	uint64_t deadline; /* 0: none */
	uint64_t message;  /* asked; 0 for other waits */
	uint16_t type;     /* of that message, or of the one to be sent; 0: unknown */
};

struct trv_wait_graph {
	size_t count;
	struct trv_wait_edge *edges;
	size_t waiting;   /* actors in a wait */
	size_t elsewhere; /* of these, those that wait for no actor: timers, the outside */
};

/* Free with trv_wait_graph_clear(). */
void trv_wait_graph_build(const struct trc_model *model, struct trv_wait_graph *ret_graph);
void trv_wait_graph_clear(struct trv_wait_graph *graph);

/* The type of an ask whose answer is still to come; 0: unknown. The model tells, even of one that
 * has been received and put by: nothing has to be read from the trace for it. */
uint16_t trv_ask_type(const struct trc_model *model, uint64_t asker, uint64_t message);

#endif
