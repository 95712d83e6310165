/*
 * let-go.h - a trace that keeps to a size by letting go of its oldest events
 *
 * The trace then begins with a keyframe: whoever reads it restores that instead of applying what
 * was before. All that is older goes in one transaction, with its count, so that whenever the
 * recorder is killed the file has one beginning. SQLite uses the pages again, so the file does not
 * grow any further.
 *
 * What it takes to begin with a keyframe is known in tracer/derive/window.h; here is what it does
 * to the file.
 */
#ifndef TRACER_STORE_LET_GO_H
#define TRACER_STORE_LET_GO_H

#include "tracer/store/store.h"

enum { TRC_STORE_KEEP_MIN = 4 << 20 };

/*
 * From now on the file of a store for writing and its log together do not grow beyond `bytes` (at
 * least TRC_STORE_KEEP_MIN). A transaction for which the file has no room fails with -ENOSPC; it is
 * for the caller to see that it does not come to that. The file remembers it: a store that is gone
 * on with keeps to the same, or to more. 0; -EINVAL, also for a file that began otherwise; -errno.
 */
int trc_store_keep_to(struct trc_store *store, uint64_t bytes, struct trc_error *ret_error);

struct trc_store_room {
	uint64_t used, limit;    /* bytes of the file that are in use, and that may be */
	uint64_t log, log_limit; /* likewise of the log; it is larger while somebody reads for long
				  */
};

/* As of the last commit, of either thread; all 0 when there is no limit. Any thread. */
void trc_store_room(const struct trc_store *store, struct trc_store_room *ret_room);

/* After a transaction failed with -ENOSPC: it wanted more than the size that the file keeps to, for
 * the disk has room. */
bool trc_store_is_too_small(const struct trc_store *store);

/* Empties the log, which readers may have kept from it: the next commit begins it anew. False when
 * somebody still reads what is only there. No transaction of the caller's may be open. */
bool trc_store_empty_log(struct trc_store *store);

/* A segment, without its events. */
struct trc_store_old {
	uint64_t id, batch, bytes;
	uint32_t ring, events;
};

/* The oldest segments, in their order: so many batches as have `bytes`, and those up to number
 * `batch`. In a transaction for rows. To be freed. 0 or -errno. */
int trc_store_list_oldest(struct trc_store *store, uint64_t bytes, uint64_t batch,
			  struct trc_store_old **ret_list, size_t *ret_count,
			  struct trc_error *ret_error);

/* Lets go of all segments before number `segment`, and of all keyframes and summaries of what was
 * before event `keyframe`. In a transaction for rows. 0 or -errno. */
int trc_store_let_go(struct trc_store *store, uint64_t segment, uint64_t keyframe,
		     struct trc_error *ret_error);

/* The same for summaries that reach beyond event `event`: they are to be made anew. */
int trc_store_let_go_summaries(struct trc_store *store, uint64_t event,
			       struct trc_error *ret_error);

/* Opens the file of a store for writing for reading, too. 0 or -errno. */
int trc_store_look(const struct trc_store *store, struct trc_store **ret_reader,
		   struct trc_error *ret_error);

#endif
