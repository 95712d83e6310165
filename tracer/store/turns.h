/*
 * turns.h - a lock that two threads have in turn, and whose holder sees when it is wanted
 *
 * A mutex alone does neither: who lets go of it and takes it again at once mostly has it before the
 * other one has woken up, and who waits cannot make itself known. Private to tracer/store.
 */
#ifndef TRACER_STORE_TURNS_H
#define TRACER_STORE_TURNS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct trc__turns {
	pthread_mutex_t next; /* held while waiting: whoever has it comes next */
	pthread_mutex_t now;
	_Atomic bool wanted; /* relaxed: it is advice */
};

void trc__turns_init(struct trc__turns *turns);
void trc__turns_end(struct trc__turns *turns);

/* Waits for its turn, which is the next one when a single other thread has it. */
void trc__turns_take(struct trc__turns *turns);
void trc__turns_give(struct trc__turns *turns);

/* For who has it: whether somebody waits. */
bool trc__turns_wanted(const struct trc__turns *turns);

#endif
