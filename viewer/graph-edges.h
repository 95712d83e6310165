/*
 * graph-edges.h - what the panel of graphs shows as edges, whatever the graph
 */
#ifndef VIEWER_GRAPH_EDGES_H
#define VIEWER_GRAPH_EDGES_H

#include "viewer/palette.h"
#include "viewer/session.h"

enum trv_graph_mode {
	TRV_GRAPH_WAITS,   /* who waits for whom, at the playhead */
	TRV_GRAPH_HANDLES, /* who holds whose handle, at the playhead */
	TRV_GRAPH_ASKS,    /* who asked whom, in the whole trace */
	TRV_GRAPH_MODES
};

/* "Who waits for whom" */
const char *trv_graph_title(enum trv_graph_mode mode);

enum trv_graph_style {
	TRV_EDGE_PLAIN,    /* solid, thin */
	TRV_EDGE_CERTAIN,  /* of a deadlock: solid, heavy */
	TRV_EDGE_POSSIBLE, /* could be: long dashes */
	TRV_EDGE_NEVER,    /* cannot: dots */
	TRV_EDGE_ANY,      /* one of several will do: short dashes */
};

struct trv_graph_edge {
	uint64_t from, to;
	uint64_t weight; /* how long it has been waited for; how many handles or asks */
	enum trv_graph_style style;
	GdkRGBA colour;
	double width;
	bool ring;                /* beside its opposite, perhaps */
	const char *what;         /* "reply" */
	char label[96];           /* "reply to Join" */
	char time[TRV_TIME_TEXT]; /* so far; "" for what has no time */
};

/* Of struct trv_graph_edge; free with g_array_unref(). The session is ready. */
GArray *trv_graph_edges(TrvSession *session, const struct trv_palette *palette,
			enum trv_graph_mode mode);

/* The dashes of a style for cairo; returns how many there are. */
int trv_graph_dashes(enum trv_graph_style style, double dashes[2]);

/* The same graph for graphviz; to be freed with g_free(). */
char *trv_graph_dot(TrvSession *session, const struct trv_palette *palette,
		    enum trv_graph_mode mode);

#endif
