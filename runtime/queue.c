#include "runtime/queue.h"

enum { MOST_LOOT = 64 };

/* --- the owner ------------------------------------------------------------------------------ */

void act__queue_append(struct act__queue *queue, const struct act__loot *loot)
{
	unsigned pushed;

	loot->last->run_next = NULL;
	act__lock(&queue->lock);
	if (queue->last)
		queue->last->run_next = loot->first;
	else
		queue->first = loot->first;
	queue->last = loot->last;
	pushed = atomic_load_explicit(&queue->pushed, memory_order_relaxed);
	/* Sequentially consistent: see the header. */
	atomic_store(&queue->pushed, pushed + loot->count);
	act__unlock(&queue->lock);
}

void act__queue_push(struct act__queue *queue, struct act__actor *actor)
{
	act__queue_append(queue, &(struct act__loot){actor, actor, 1});
}

/* Takes the actor at `index`. */
static struct act__actor *take_locked(struct act__queue *queue, size_t index)
{
	unsigned popped = atomic_load_explicit(&queue->popped, memory_order_relaxed);
	struct act__actor *before = NULL, *actor = queue->first;

	while (index-- > 0) {
		before = actor;
		actor = actor->run_next;
	}
	if (before)
		before->run_next = actor->run_next;
	else
		queue->first = actor->run_next;
	if (queue->last == actor)
		queue->last = before;
	/* Who is next was put here a while ago, maybe by another core. */
	__builtin_prefetch(queue->first);
	atomic_store_explicit(&queue->popped, popped + 1, memory_order_relaxed);
	return actor;
}

struct act__actor *act__queue_pop(struct act__queue *queue, struct act__world *world)
{
	struct act__actor *actor = NULL;
	unsigned count;

	if (act__queue_count(queue) == 0)
		return NULL;
	act__lock(&queue->lock);
	count = act__queue_count(queue);
	if (count > 0)
		actor = take_locked(queue, act__world_choose(world, count));
	act__unlock(&queue->lock);
	return actor;
}

/* --- others --------------------------------------------------------------------------------- */

/* How many are before the mark, which is at least so old. Sets it anew where none is. */
static unsigned count_old_locked(struct act__queue *queue, uint64_t now)
{
	unsigned pushed = atomic_load_explicit(&queue->pushed, memory_order_relaxed);
	unsigned popped = atomic_load_explicit(&queue->popped, memory_order_relaxed);
	unsigned old = queue->mark - popped;

	/* Both counters wrap, and a mark that was passed long ago may look like one far ahead. */
	if (old == 0 || old > pushed - popped) {
		queue->mark = pushed;
		queue->marked_at = now;
		return 0;
	}
	return now - queue->marked_at >= ACT__QUEUE_AGE ? old : 0;
}

bool act__queue_rob(struct act__queue *queue, uint64_t now, struct act__loot *ret_loot)
{
	struct act__actor *actor;
	unsigned count;

	act__lock(&queue->lock);
	count = (count_old_locked(queue, now) + 1) / 2;
	if (count > MOST_LOOT)
		count = MOST_LOOT;
	*ret_loot = (struct act__loot){.count = count};
	for (unsigned i = 0; i < count; i++) {
		actor = take_locked(queue, 0);
		if (ret_loot->last)
			ret_loot->last->run_next = actor;
		else
			ret_loot->first = actor;
		ret_loot->last = actor;
	}
	act__unlock(&queue->lock);
	return count > 0;
}
