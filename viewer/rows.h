/*
 * rows.h - which rows the timeline has, and in which order; no widgets
 *
 * A row is the lane of one actor, or stands for a group of actors: as a narrow heading above their
 * lanes, or, when the group is folded, as one strip in place of them. From the top: the actors of
 * the finding in focus, its victims, those that are pinned, those that are the only one of their
 * group, and then group by group.
 */
#ifndef VIEWER_ROWS_H
#define VIEWER_ROWS_H

#include "tracer/model/model.h"

enum trv_grouping { TRV_GROUP_NONE, TRV_GROUP_KIND, TRV_GROUP_PARENT, TRV_GROUPINGS };

enum trv_sorting {
	TRV_SORT_SPAWN, /* as they began to live; without groups, kind by kind */
	TRV_SORT_NAME,
	TRV_SORT_DEPTH,   /* deepest mailbox first */
	TRV_SORT_WAIT,    /* longest time spent waiting for others first */
	TRV_SORT_TRAFFIC, /* most messages first */
	TRV_SORT_HAND,    /* as the user has put them */
	TRV_SORTINGS
};

/* What an actor did in the whole trace. */
struct trv_total {
	uint64_t actor;
	uint64_t waited;   /* ns, for other actors */
	uint64_t messages; /* sent and received */
	uint32_t deepest;  /* its mailbox ever was */
};

/* One of `totals`, which are by actor; NULL: it did nothing. */
const struct trv_total *trv_total_of(const struct trv_total *totals, size_t count, uint64_t actor);

struct trv_actors {
	size_t count;
	const uint64_t *items;
};

/* Lists may name an actor twice or one that does not exist. */
struct trv_arrangement {
	enum trv_grouping grouping;
	enum trv_sorting sorting;
	struct trv_actors focus;   /* this and the next two are shown even when hidden */
	struct trv_actors victims; /* of the focus: below it */
	struct trv_actors pinned;
	struct trv_actors hidden;
	struct trv_actors folded; /* keys of groups */
	struct trv_actors by_hand;
	size_t total_count;
	const struct trv_total *totals; /* by actor */
};

struct trv_row {
	uint64_t actor; /* 0: the row of a group */
	uint64_t group; /* its key, also in the rows of its members; 0: none */
	bool folded;
	bool focus; /* of the finding in focus, or a victim of it */
	bool pinned;
	size_t first, count; /* of a group: its members, among `members` */
	double y;            /* pixels below the first row's top */
};

struct trv_rows {
	size_t count;
	struct trv_row *items;
	size_t member_count; /* all actors that are not hidden */
	uint64_t *members;   /* in their order */
	size_t focus_count;  /* rows of the focus, without victims: the first ones */
	size_t hidden;       /* actors that have no row, not even a group's */
	double height;
};

/* Free with trv_rows_clear(). */
void trv_rows_arrange(const struct trc_model *model, const struct trv_arrangement *arrangement,
		      struct trv_rows *ret_rows);
void trv_rows_clear(struct trv_rows *rows);

/* The row at `y` below the first row's top, or -1. */
long trv_rows_at(const struct trv_rows *rows, double y);

int trv_row_height(const struct trv_row *row);

/* The group an actor belongs to. */
uint64_t trv_group_of(const struct trc_actor *actor, enum trv_grouping grouping);

/* What a group has in common: the name of its kind, or of its parent. Belongs to the model. */
const char *trv_group_name(const struct trc_model *model, enum trv_grouping grouping,
			   uint64_t group);

/* Whether actors of this kind stand for sockets, which interest less than the program's own. */
bool trv_kind_is_socket(const char *kind);

/* Words for the menu and the session's file: "kind", "depth"; and back (or -1). */
const char *trv_grouping_name(enum trv_grouping grouping);
const char *trv_sorting_name(enum trv_sorting sorting);
int trv_grouping_parse(const char *name);
int trv_sorting_parse(const char *name);

#endif
