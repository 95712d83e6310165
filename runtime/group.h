/*
 * group.h - several questions under way that share one wait of their asker
 *
 * An ask of a group is answered in two steps, since its reply must be there, and said in the trace,
 * before the asker looks: it is claimed, which fails when the asker no longer cares (the answer is
 * late), and then settled. Whoever settles the one that the asker waits for ends its wait. An asker
 * that leaves lets nobody claim any more, waits the moment until what was claimed is settled, and
 * takes those asks with it; the others belong to whoever has their tokens. The last of them all
 * frees the group.
 */
#ifndef RUNTIME_GROUP_H
#define RUNTIME_GROUP_H

#include "runtime/ask.h"
#include "runtime/lock.h"
#include "tracer/event/event.h"

struct act__group {
	struct act__lock lock;

	/* lock */
	bool left;             /* the asker no longer cares */
	uint64_t ticket;       /* of the asker's wait; 0: it does not wait now */
	size_t references;     /* the asker, and each ask that was not settled */
	size_t open;           /* asks that are not settled */
	size_t unsettled;      /* of these, claimed */
	struct act__ask *won;  /* any: has a reply, or will have it at once */
	struct act__ask *last; /* was settled last */

	/* the asker */
	int over;                   /* ACT_EDEADLINE, ACT_ECANCELLED: time is up */
	struct trc_target *targets; /* room for as many as there are places */

	struct act__actor *asker;
	bool any;
	size_t count;
	struct act__group_place {      /* one for each question */
		struct act__ask *ask;  /* lock; NULL: not asked, or abandoned */
		struct act__actor *to; /* NULL: not asked */
	} places[];
};

/* False: nobody cares for the answer any more. `succeeds`: it is a reply. */
bool act__group_claim(struct act__ask *ask, bool succeeds);

/* What was claimed has its reply or error. */
void act__group_settle(struct act_self *self, struct act__ask *ask);

/* What could not be claimed is about to be freed. */
void act__group_forget(struct act__group *group);

#endif
