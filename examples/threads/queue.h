/*
 * queue.h - a bounded queue with a lock, as every program of threads has one, and the traces in it
 *
 * One thread takes out of a queue. Its tracee is the actor, the queue is that actor's mailbox.
 */
#ifndef EXAMPLES_THREADS_QUEUE_H
#define EXAMPLES_THREADS_QUEUE_H

#include <pthread.h>
#include <stdbool.h>

#include "tracer/event/trace.h"

enum { QUEUE_CAPACITY = 8 };

struct item {
	int page;
	int depth;
	struct trc_ticket ticket;
};

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct item items[QUEUE_CAPACITY];
	int first;
	int count;
	bool closed;
	struct trc_tracee *owner; /* who takes out of it */
};

void queue_init(struct queue *queue, struct trc_tracee *owner);

/* Waits for space. `what` names what is sent, for the trace. */
void queue_put(struct queue *queue, const char *what, struct item item);

/* Does not wait: false when there is no space. */
bool queue_try_put(struct queue *queue, const char *what, struct item item);

/* Waits for an item. False when the queue is closed and empty. */
bool queue_take(struct queue *queue, struct item *ret_item);

void queue_close(struct queue *queue);

#endif
