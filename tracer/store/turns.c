#include "tracer/store/turns.h"

void trc__turns_init(struct trc__turns *turns)
{
	pthread_mutex_init(&turns->next, NULL);
	pthread_mutex_init(&turns->now, NULL);
	atomic_init(&turns->wanted, false);
}

void trc__turns_end(struct trc__turns *turns)
{
	pthread_mutex_destroy(&turns->now);
	pthread_mutex_destroy(&turns->next);
}

void trc__turns_take(struct trc__turns *turns)
{
	pthread_mutex_lock(&turns->next);
	atomic_store_explicit(&turns->wanted, true, memory_order_relaxed);
	pthread_mutex_lock(&turns->now);
	atomic_store_explicit(&turns->wanted, false, memory_order_relaxed);
	pthread_mutex_unlock(&turns->next);
}

void trc__turns_give(struct trc__turns *turns)
{
	pthread_mutex_unlock(&turns->now);
}

bool trc__turns_wanted(const struct trc__turns *turns)
{
	return atomic_load_explicit(&turns->wanted, memory_order_relaxed);
}
