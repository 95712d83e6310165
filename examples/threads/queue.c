#include "examples/threads/queue.h"

void queue_init(struct queue *queue, struct trc_tracee *owner)
{
	*queue = (struct queue){.owner = owner};
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->changed, NULL);
}

/* With the lock held, and space. */
static void put(struct queue *queue, struct item item)
{
	queue->items[(queue->first + queue->count++) % QUEUE_CAPACITY] = item;
	pthread_cond_broadcast(&queue->changed);
}

void queue_put(struct queue *queue, const char *what, struct item item)
{
	pthread_mutex_lock(&queue->lock);
	if (queue->count == QUEUE_CAPACITY) {
		trc_trace_wait_space(queue->owner);
		while (queue->count == QUEUE_CAPACITY)
			pthread_cond_wait(&queue->changed, &queue->lock);
		trc_trace_wake();
	}
	item.ticket = trc_trace_send_text(queue->owner, what, "page %d", item.page);
	put(queue, item);
	pthread_mutex_unlock(&queue->lock);
}

bool queue_try_put(struct queue *queue, const char *what, struct item item)
{
	bool space;

	pthread_mutex_lock(&queue->lock);
	space = queue->count < QUEUE_CAPACITY;
	if (space) {
		item.ticket = trc_trace_try_send_text(queue->owner, what, "page %d", item.page);
		put(queue, item);
	} else {
		trc_trace_refused(queue->owner, what);
	}
	pthread_mutex_unlock(&queue->lock);
	return space;
}

bool queue_take(struct queue *queue, struct item *ret_item)
{
	bool taken;

	pthread_mutex_lock(&queue->lock);
	while (queue->count == 0 && !queue->closed)
		pthread_cond_wait(&queue->changed, &queue->lock);
	taken = queue->count > 0;
	if (taken) {
		*ret_item = queue->items[queue->first];
		queue->first = (queue->first + 1) % QUEUE_CAPACITY;
		queue->count--;
		trc_trace_receive(&ret_item->ticket);
		pthread_cond_broadcast(&queue->changed);
	}
	pthread_mutex_unlock(&queue->lock);
	return taken;
}

void queue_close(struct queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->closed = true;
	pthread_cond_broadcast(&queue->changed);
	pthread_mutex_unlock(&queue->lock);
}
