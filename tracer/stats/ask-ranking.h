/*
 * ask-ranking.h - answered asks: summed up by type and kind, and the slowest ones; for tracer/stats
 * only
 */
#ifndef TRACER_STATS_ASK_RANKING_H
#define TRACER_STATS_ASK_RANKING_H

#include "tracer/model/table.h"
#include "tracer/stats/asks.h"

struct trc__ask_ranking {
	struct trc_table groups;  /* struct trc_ask_group */
	struct trc_ask **slowest; /* in order */
	size_t slowest_count;
	unsigned slowest_max;
};

void trc__ask_ranking_init(struct trc__ask_ranking *ranking, unsigned slowest);
void trc__ask_ranking_clear(struct trc__ask_ranking *ranking);

/* Counts an ask; of those that are kept, a copy is. */
void trc__ask_ranking_add(struct trc__ask_ranking *ranking, const struct trc_model *model,
			  const struct trc_ask *ask);

/* As trc_asks_groups(). */
struct trc_ask_group **trc__ask_ranking_groups(const struct trc__ask_ranking *ranking,
					       size_t *ret_count);

/* Frees an ask with its brothers and all that is nested in them. */
void trc__asks_free_list(struct trc_ask *ask);

void trc__split_add(struct trc_split *to, const struct trc_split *from);

#endif
