/*
 * How fast the runtime is: asks answered, messages sent by four to one, hops in a ring of a
 * hundred, actors made and ended; and how large an idle actor is. Prints operations a second; run
 * it under `actorscope record` for the figures when traced.
 *
 *     bench-runtime [workers]
 */
#include <act/act.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { ASKS = 1000000, SENDERS = 4, SENDS = 1000000, RING = 100, HOPS = 3000000, ACTORS = 300000 };

ACT_MESSAGE(Number, (u64, value))
ACT_MESSAGE(Peer, (handle, to))

static void count(struct act_self *self, void *state, struct act_message *message)
{
	if (act_as(message, Number))
		++*(uint64_t *)state;
}

static void echo(struct act_self *self, void *state, struct act_message *message)
{
	act_reply(self, message, Number, .value = act_as(message, Number)->value);
}

static int ask(struct act_self *self, void *state, struct act_message *init)
{
	struct act_message *reply;

	for (uint64_t i = 0; i < ASKS; i++) {
		if (act_ask(self, act_as(init, Peer)->to, &reply, Number, .value = i) != 0)
			break;
		act_release(self, reply);
	}
	return -1;
}

static int send(struct act_self *self, void *state, struct act_message *init)
{
	for (uint64_t i = 0; i < SENDS / SENDERS; i++)
		act_send(self, act_as(init, Peer)->to, Number, .value = i);
	return -1;
}

static void pass(struct act_self *self, void *state, struct act_message *message)
{
	struct act_handle *next = state;
	struct Number *number = act_as(message, Number);

	if (!number)
		*next = act_take(&act_as(message, Peer)->to);
	else if (number->value == 0)
		act_system_stop(act_system_of(self));
	else
		act_send(self, *next, Number, .value = number->value - 1);
}

static void let_go(struct act_self *self, void *state)
{
	act_drop(self, state);
}

static const struct act_kind counter_kind = {
	.name = "counter", .state_size = sizeof(uint64_t), .handle = count};
static const struct act_kind echo_kind = {.name = "echo", .handle = echo};
static const struct act_kind asker_kind = {.name = "asker", .start = ask, .handle = count};
static const struct act_kind sender_kind = {.name = "sender", .start = send, .handle = count};
static const struct act_kind ring_kind = {
	.name = "ring", .state_size = sizeof(struct act_handle), .handle = pass, .stop = let_go};

static long resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long total, resident;

	if (!file || fscanf(file, "%ld %ld", &total, &resident) != 2)
		abort();
	fclose(file);
	return resident * sysconf(_SC_PAGESIZE);
}

static int make_many(struct act_self *self, void *state, struct act_message *init)
{
	static struct act_handle actors[ACTORS];
	long before;

	memset(actors, 1, sizeof(actors)); /* in memory before it is measured */
	before = resident_bytes();
	for (int i = 0; i < ACTORS; i++)
		actors[i] = act_spawn(self, &counter_kind, NULL);
	act_sleep(self, 0); /* lets them all begin */
	printf("%-28s %8ld bytes\n", "idle actor", (resident_bytes() - before) / ACTORS);
	for (int i = 0; i < ACTORS; i++)
		act_drop(self, &actors[i]);
	return -1;
}

static const struct act_kind maker_kind = {.name = "maker", .start = make_many, .handle = count};

static void begin_many(struct act_system *system)
{
	struct act_handle maker = act_system_spawn(system, &maker_kind, NULL);

	act_system_drop(system, &maker);
}

static void begin_asks(struct act_system *system)
{
	struct act_handle to = act_system_spawn(system, &echo_kind, NULL);
	struct act_handle asker = act_system_spawn_with(system, &asker_kind, NULL, Peer, .to = to);

	act_system_drop(system, &asker);
}

static void begin_sends(struct act_system *system)
{
	struct act_handle to = act_system_spawn(system, &counter_kind, NULL);

	for (int i = 0; i < SENDERS; i++) {
		struct act_handle sender = act_system_spawn_with(
			system, &sender_kind, NULL, Peer, .to = act_system_clone(system, to));

		act_system_drop(system, &sender);
	}
	act_system_drop(system, &to);
}

static void begin_ring(struct act_system *system)
{
	struct act_handle ring[RING];

	for (int i = 0; i < RING; i++)
		ring[i] = act_system_spawn(system, &ring_kind, NULL);
	for (int i = 0; i < RING; i++)
		act_system_send(system, ring[i], Peer,
				.to = act_system_clone(system, ring[(i + 1) % RING]));
	act_system_send(system, ring[0], Number, .value = HOPS);
	for (int i = 0; i < RING; i++)
		act_system_drop(system, &ring[i]);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void measure(const char *what, const struct act_options *options, unsigned operations,
		    void (*begin)(struct act_system *system))
{
	struct act_system *system = act_system_new(options);
	double started;

	if (!system)
		abort();
	begin(system);
	started = seconds();
	if (act_system_run(system) != 0)
		abort();
	printf("%-28s %8.3f M/s\n", what, operations / (seconds() - started) / 1e6);
	act_system_free(system);
}

int main(int argc, char **argv)
{
	struct act_options options = {.workers = argc > 1 ? (unsigned)atoi(argv[1]) : 0};

	measure("ask round trips", &options, ASKS, begin_asks);
	measure("sends, four to one", &options, SENDS, begin_sends);
	measure("hops in a ring of 100", &options, HOPS, begin_ring);
	measure("actors made and ended", &options, ACTORS, begin_many);
	return 0;
}
