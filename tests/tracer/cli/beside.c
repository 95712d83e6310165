/*
 * Actors, and what is in no trace beside them.
 *
 *     beside calls      two actors wait for each other's lock in act_blocking(): hangs
 *     beside handler    an actor waits in its handler for a lock that is never given back: hangs
 *     beside threads    two threads that are no actors send to one that ends by that
 *     beside nothing    an actor asks another one
 *
 * Says "hangs" when it is about to, all that anybody will say of it being in the trace.
 */
#include <act/act.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ACT_MESSAGE(Save, (u64, side))
ACT_MESSAGE(Saved, (u64, side))
ACT_SIGNAL(News)

static pthread_mutex_t locks[2] = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER};
static pthread_barrier_t both;
static const char *mode;

static void say_that_it_hangs(void)
{
	puts("hangs");
	fflush(stdout);
}

static int take_both(void *argument)
{
	const uint64_t side = *(uint64_t *)argument;

	pthread_mutex_lock(&locks[side]);
	if (pthread_barrier_wait(&both) == PTHREAD_BARRIER_SERIAL_THREAD)
		say_that_it_hangs();
	pthread_mutex_lock(&locks[1 - side]);
	return 0;
}

static void save(struct act_self *self, void *state, struct act_message *message)
{
	struct Save *wanted = act_as(message, Save);

	if (strcmp(mode, "calls") == 0) {
		act_blocking(self, take_both, &wanted->side);
	} else if (strcmp(mode, "handler") == 0) {
		say_that_it_hangs();
		pthread_mutex_lock(&locks[0]);
	}
	act_reply(self, message, Saved, .side = wanted->side);
}

static const struct act_kind store_kind = {.name = "store", .handle = save};

static int ask_both(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle stores[2] = {act_spawn(self, &store_kind, "left"),
				       act_spawn(self, &store_kind, "right")};
	struct act_question questions[2] = {
		ACT_QUESTION(self, stores[0], Save, .side = 0),
		ACT_QUESTION(self, stores[1], Save, .side = 1),
	};

	act_ask_all(self, questions, 2);
	for (int i = 0; i < 2; i++) {
		act_release(self, questions[i].reply);
		act_drop(self, &stores[i]);
	}
	return 0;
}

static const struct act_kind asker_kind = {.name = "asker", .start = ask_both};

/* --- threads ------------------------------------------------------------------------------------
 */

static struct act_system *actors;
static struct act_handle reader;

static void *send_news(void *unused)
{
	act_system_send(actors, reader, News);
	return NULL;
}

static void read_news(struct act_self *self, void *state, struct act_message *message)
{
	int *count = state;

	if (++*count == 2)
		act_stop_self(self);
}

static const struct act_kind reader_kind = {
	.name = "reader", .state_size = sizeof(int), .handle = read_news};

static int run_with_threads(void)
{
	pthread_t threads[2];
	int r;

	actors = act_system_new(NULL);
	reader = act_system_spawn(actors, &reader_kind, "reader");
	for (int i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, send_news, NULL);
	r = act_system_run(actors);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	act_system_drop(actors, &reader);
	act_system_free(actors);
	return r;
}

int main(int argc, char **argv)
{
	struct act_options options = {.workers = 1};

	mode = argc == 2 ? argv[1] : "";
	if (strcmp(mode, "threads") == 0)
		return run_with_threads() == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	pthread_barrier_init(&both, NULL, 2);
	if (strcmp(mode, "handler") == 0)
		pthread_mutex_lock(&locks[0]);
	return act_run(&options, &asker_kind, "asker") == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
