/*
 * orphans.c - waits that no one is left to end
 */
#include "tracer/analysis/orphans.h"

#include "tracer/model/memory.h"

/* Whether there is no one left to meet this: gone, or asleep. */
static bool nobody_meets(const struct trc__dead *dead, const struct trc_target *target)
{
	uint32_t party =
		trc__life_place(&dead->life, trc_model_target_party(dead->life.model, target));

	return party == TRC__NOBODY ||
	       (trc__is_dead(&dead->life, party) && !trc__is_waiting(&dead->life, party));
}

/* Whether somebody who waits could not end the wait either; with `all` not even the last way out of
 * several. */
static bool is_orphan(const struct trc__dead *dead, uint32_t place, bool all)
{
	const struct trc_wait *wait = &dead->life.nodes[place].actor->wait;

	for (unsigned i = 0; i < wait->target_count; i++) {
		bool nobody;

		if (trc__outside_meets(dead->life.model, &wait->targets[i]))
			continue;
		nobody = nobody_meets(dead, &wait->targets[i]);
		if (nobody != (wait->any && all))
			return nobody;
	}
	return wait->any && all;
}

/* Everybody who needs `place`, directly or not. */
static void mark_behind(struct trc__dead *dead, uint32_t place)
{
	dead->life.stack[dead->life.depth++] = place;
	dead->behind[place] = true;
	while (dead->life.depth > 0) {
		uint32_t at = dead->life.stack[--dead->life.depth];

		for (uint32_t i = dead->life.nodes[at].dependents; i != TRC__NOBODY;
		     i = dead->life.links[i].next) {
			uint32_t dependent = dead->life.links[i].dependent;

			if (!trc__is_dead(&dead->life, dependent) || dead->behind[dependent])
				continue;
			dead->behind[dependent] = true;
			dead->life.stack[dead->life.depth++] = dependent;
		}
	}
}

/* The second time takes those who have several ways out, none of them a way: left over are only
 * they, and who waits for them. */
void trc__orphans(struct trc__dead *dead, struct trc_stuck *stuck)
{
	dead->behind = trc_zalloc(dead->life.count, sizeof *dead->behind);
	for (uint32_t i = 0; i < dead->life.count; i++)
		if (dead->taken[i] && !dead->behind[i])
			mark_behind(dead, i);
	for (int all = 1; all >= 0; all--) {
		unsigned first = stuck->orphan_count;

		for (uint32_t i = 0; i < dead->life.count; i++)
			if (trc__is_dead(&dead->life, i) && trc__is_waiting(&dead->life, i) &&
			    !dead->behind[i] && is_orphan(dead, i, all))
				stuck->orphans[stuck->orphan_count++] =
					dead->life.nodes[i].actor->id;
		for (unsigned i = first; i < stuck->orphan_count; i++)
			mark_behind(dead, trc__life_place(&dead->life, stuck->orphans[i]));
	}
}
