#include "viewer/state-reader.h"

#include "tracer/model/memory.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* One of the two traces. */
struct copy {
	struct trc_trace *trace; /* NULL: not opened yet */
	uint64_t version;
	const struct trc_model *model; /* the answer */
	uint64_t time;
};

struct trv_state_reader {
	char *path;
	uint64_t wall_start;
	pthread_t thread;
	int fd;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t asked;
	bool wanted, over, failed;
	uint64_t time, version; /* wanted */
	struct copy copies[2];
	struct copy *shown;  /* the main thread's; NULL: none so far */
	struct copy *answer; /* that can be taken; NULL: none */
};

/* --- in the thread -----------------------------------------------------------------------------
 */

static bool go_on(double share, void *context)
{
	struct trv_state_reader *reader = context;
	bool over;

	pthread_mutex_lock(&reader->lock);
	over = reader->over;
	pthread_mutex_unlock(&reader->lock);
	return !over;
}

static bool open_copy(struct trv_state_reader *reader, struct copy *copy)
{
	struct trc_trace_error unwanted;
	struct trc_trace_info info;

	if (trc_trace_open(reader->path, go_on, reader, &copy->trace, &unwanted) < 0)
		return false;
	trc_trace_info(copy->trace, &info);
	return info.wall_start == reader->wall_start;
}

static bool read_state(struct trv_state_reader *reader, struct copy *copy, uint64_t time,
		       uint64_t version)
{
	struct trc_trace_error unwanted;

	if (!copy->trace && !open_copy(reader, copy))
		return false;
	/* When that fails, the main thread's own trace says so. */
	if (copy->version != version)
		trc_trace_refresh(copy->trace, &unwanted);
	copy->version = version;
	copy->model = trc_trace_state_at(copy->trace, time);
	copy->time = time;
	return true;
}

static void tell(const struct trv_state_reader *reader)
{
	uint64_t one = 1;
	ssize_t written = write(reader->fd, &one, sizeof one);

	(void)written; /* it is readable already when there is no more room */
}

/* Begins and ends with the lock. */
static void answer(struct trv_state_reader *reader)
{
	struct copy *copy = &reader->copies[reader->shown == &reader->copies[0]];
	uint64_t time = reader->time, version = reader->version;
	bool good;

	reader->wanted = false;
	reader->answer = NULL; /* an answer that was not taken is out of date */
	pthread_mutex_unlock(&reader->lock);
	good = read_state(reader, copy, time, version);
	pthread_mutex_lock(&reader->lock);
	reader->failed = !good;
	reader->answer = good ? copy : NULL;
	tell(reader);
}

/* One that has not been opened yet, so that the next question finds it open; NULL: they are. */
static struct copy *unopened(struct trv_state_reader *reader)
{
	for (int i = 0; i < 2; i++)
		if (!reader->copies[i].trace)
			return &reader->copies[i];
	return NULL;
}

/* Begins and ends with the lock. */
static void prepare(struct trv_state_reader *reader, struct copy *copy)
{
	bool good;

	pthread_mutex_unlock(&reader->lock);
	good = open_copy(reader, copy);
	pthread_mutex_lock(&reader->lock);
	reader->failed = !good;
	if (!good)
		tell(reader);
}

static void *work(void *context)
{
	struct trv_state_reader *reader = context;
	struct copy *copy;

	pthread_mutex_lock(&reader->lock);
	while (!reader->over && !reader->failed) {
		if (reader->wanted)
			answer(reader);
		else if ((copy = unopened(reader)))
			prepare(reader, copy);
		else
			pthread_cond_wait(&reader->asked, &reader->lock);
	}
	pthread_mutex_unlock(&reader->lock);
	return NULL;
}

/* --- in the main thread ------------------------------------------------------------------------
 */

struct trv_state_reader *trv_state_reader_new(const char *path, uint64_t wall_start)
{
	struct trv_state_reader *reader = trc_zalloc(1, sizeof *reader);

	reader->path = trc_strdup(path);
	reader->wall_start = wall_start;
	pthread_mutex_init(&reader->lock, NULL);
	pthread_cond_init(&reader->asked, NULL);
	reader->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (reader->fd >= 0 && pthread_create(&reader->thread, NULL, work, reader) == 0)
		return reader;
	if (reader->fd >= 0)
		close(reader->fd);
	free(reader->path);
	free(reader);
	return NULL;
}

void trv_state_reader_free(struct trv_state_reader *reader)
{
	if (!reader)
		return;
	pthread_mutex_lock(&reader->lock);
	reader->over = true;
	pthread_cond_signal(&reader->asked);
	pthread_mutex_unlock(&reader->lock);
	pthread_join(reader->thread, NULL);
	for (int i = 0; i < 2; i++)
		trc_trace_close(reader->copies[i].trace);
	pthread_mutex_destroy(&reader->lock);
	pthread_cond_destroy(&reader->asked);
	close(reader->fd);
	free(reader->path);
	free(reader);
}

int trv_state_reader_fd(const struct trv_state_reader *reader)
{
	return reader->fd;
}

void trv_state_reader_ask(struct trv_state_reader *reader, uint64_t time, uint64_t version)
{
	pthread_mutex_lock(&reader->lock);
	reader->wanted = true;
	reader->time = time;
	reader->version = version;
	pthread_cond_signal(&reader->asked);
	pthread_mutex_unlock(&reader->lock);
}

enum trv_state_answer trv_state_reader_take(struct trv_state_reader *reader,
					    const struct trc_model **ret_model, uint64_t *ret_time)
{
	enum trv_state_answer result = TRV_STATE_NONE;
	uint64_t count;
	ssize_t got = read(reader->fd, &count, sizeof count);

	(void)got; /* nothing: it was not readable, and there is no answer */
	pthread_mutex_lock(&reader->lock);
	if (reader->failed) {
		result = TRV_STATE_FAILED;
	} else if (reader->answer) {
		reader->shown = reader->answer;
		reader->answer = NULL;
		*ret_model = reader->shown->model;
		*ret_time = reader->shown->time;
		result = TRV_STATE_READ;
	}
	pthread_mutex_unlock(&reader->lock);
	return result;
}
