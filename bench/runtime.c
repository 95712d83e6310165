/*
 * runtime.c - how fast the runtime is, and how large: measures one row, prints one number
 *
 *     bench-runtime ROW [COUNT [WORKERS]]
 *
 * The programs in peers/ do the same work with what others made; run-runtime.py sets them side by
 * side. Rows of speed are in operations a second: COUNT of them, after a tenth of it to warm up.
 * Rows of size are for COUNT actors. One actor conducts: it makes those of the row, waits for the
 * end of them, and looks at the clock, as the main task of the peers' programs does.
 */
#include <act/act.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	SENDERS = 4,
	RING = 100,
	ALL = 100,            /* actors in all-to-all; each is sent at most two rounds at once */
	FORKS = 100000,       /* actors of one fork and join */
	TOKENS = 10,          /* in the rings of different sizes */
	RING_HOPS = 2000000,  /* likewise, of all tokens together */
	LEAST_SPAWNS = 300000 /* actors to be made for a figure */
};

ACT_MESSAGE(Number, (u64, value))
ACT_MESSAGE(Work, (handle, to), (u64, count))
ACT_MESSAGE(Wire, (handle, next), (handle, finish))

struct row {
	const char *name;
	uint64_t count; /* when none is given */
	double (*measure)(struct act_self *self, const struct row *row, uint64_t count);
	void (*work)(struct act_self *self, uint64_t count); /* for rows of speed */
	const char *unit;
};

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double measure_speed(struct act_self *self, const struct row *row, uint64_t count)
{
	double started;

	row->work(self, count / 10);
	started = seconds();
	row->work(self, count);
	return (double)count / (seconds() - started);
}

/* Ends an actor, and waits until it has. */
static void finish(struct act_self *self, struct act_handle *actor)
{
	act_stop(self, *actor);
	act_join(self, *actor);
	act_drop(self, actor);
}

/* A counter: ends when it has got as many messages as it was made for. */

static int begin_count(struct act_self *self, void *state, struct act_message *init)
{
	uint64_t *left = state;

	*left = act_as(init, Number)->value;
	return *left ? 0 : -1;
}

static void count_down(struct act_self *self, void *state, struct act_message *message)
{
	uint64_t *left = state;

	if (--*left == 0)
		act_stop_self(self);
}

static const struct act_kind counter_kind = {.name = "counter",
					     .state_size = sizeof(uint64_t),
					     .start = begin_count,
					     .handle = count_down};

/* ask: one actor asks another and waits for the reply, again and again. */

static void echo(struct act_self *self, void *state, struct act_message *message)
{
	act_reply(self, message, Number, .value = act_as(message, Number)->value);
}

static int ask(struct act_self *self, void *state, struct act_message *init)
{
	struct Work *work = act_as(init, Work);
	struct act_message *reply;

	for (uint64_t i = 0; i < work->count; i++) {
		if (act_ask(self, work->to, &reply, Number, .value = i) != 0)
			abort();
		act_release(self, reply);
	}
	return -1;
}

static const struct act_kind echo_kind = {.name = "echo", .handle = echo};
static const struct act_kind asker_kind = {.name = "asker", .start = ask};

static void run_ask(struct act_self *self, uint64_t count)
{
	struct act_handle to = act_spawn(self, &echo_kind, NULL);
	struct act_handle asker =
		act_spawn_with(self, &asker_kind, NULL, Work, .to = to, .count = count);

	act_join(self, asker);
	act_drop(self, &asker);
}

/* fan-in: four actors send to one, as fast as its mailbox takes it. */

static int send(struct act_self *self, void *state, struct act_message *init)
{
	struct Work *work = act_as(init, Work);

	for (uint64_t i = 0; i < work->count; i++)
		act_send(self, work->to, Number, .value = i);
	return -1;
}

static const struct act_kind sender_kind = {.name = "sender", .start = send};

static void run_fan_in(struct act_self *self, uint64_t count)
{
	uint64_t each = count / SENDERS;
	struct act_handle to =
		act_spawn_with(self, &counter_kind, NULL, Number, .value = each * SENDERS);

	for (int i = 0; i < SENDERS; i++) {
		struct act_handle sender = act_spawn_with(self, &sender_kind, NULL, Work,
							  .to = act_clone(self, to), .count = each);

		act_drop(self, &sender);
	}
	act_join(self, to);
	act_drop(self, &to);
}

/* ring: tokens go round; each has the number of hops that are left to it. */

struct link {
	struct act_handle next, finish;
};

static void pass(struct act_self *self, void *state, struct act_message *message)
{
	struct link *link = state;
	struct Number *token = act_as(message, Number);
	struct Wire *wire = act_as(message, Wire);

	if (wire) {
		act_drop(self, &link->finish);
		link->next = act_take(&wire->next);
		link->finish = act_take(&wire->finish);
	} else if (token->value > 0) {
		act_send(self, link->next, Number, .value = token->value - 1);
	} else {
		act_send(self, link->finish, Number);
	}
}

static void unlink_all(struct act_self *self, void *state)
{
	struct link *link = state;

	act_drop(self, &link->next);
	act_drop(self, &link->finish);
}

static const struct act_kind link_kind = {
	.name = "link", .state_size = sizeof(struct link), .handle = pass, .stop = unlink_all};

static struct act_handle *make_ring(struct act_self *self, uint64_t actors,
				    struct act_handle finish)
{
	struct act_handle *ring = calloc(actors, sizeof(*ring));

	if (!ring)
		abort();
	for (uint64_t i = 0; i < actors; i++)
		ring[i] = act_spawn(self, &link_kind, NULL);
	for (uint64_t i = 0; i < actors; i++)
		act_send(self, ring[i], Wire, .next = act_clone(self, ring[(i + 1) % actors]),
			 .finish = act_clone(self, finish));
	return ring;
}

static void end_ring(struct act_self *self, struct act_handle *ring, uint64_t actors)
{
	for (uint64_t i = 0; i < actors; i++)
		finish(self, &ring[i]);
	free(ring);
}

/* The time that all tokens need together. */
static double spin(struct act_self *self, uint64_t actors, uint64_t tokens, uint64_t hops)
{
	struct act_handle done = act_spawn_with(self, &counter_kind, NULL, Number, .value = tokens);
	struct act_handle *ring = make_ring(self, actors, done);
	double started = seconds(), taken;

	for (uint64_t i = 0; i < tokens; i++)
		act_send(self, ring[i * actors / tokens], Number, .value = hops / tokens);
	act_join(self, done);
	taken = seconds() - started;
	act_drop(self, &done);
	end_ring(self, ring, actors);
	return taken;
}

static void run_ring(struct act_self *self, uint64_t count)
{
	spin(self, RING, 1, count);
}

/* all-to-all: each of a hundred sends to all others, then waits for as many messages, and so on.
 * None gets more than a round ahead, so that the mailboxes have space for all: nobody can be stuck.
 */

struct peer {
	struct act_handle peers[ALL - 1];
	unsigned peer_count;
	uint64_t received; /* messages */
	uint64_t sent;     /* rounds */
	uint64_t rounds;   /* to be sent */
};

static int begin_rounds(struct act_self *self, void *state, struct act_message *init)
{
	((struct peer *)state)->rounds = act_as(init, Number)->value;
	return 0;
}

static void exchange(struct act_self *self, void *state, struct act_message *message)
{
	struct peer *peer = state;
	struct Wire *wire = act_as(message, Wire);

	if (wire)
		peer->peers[peer->peer_count++] = act_take(&wire->next);
	else
		peer->received++;
	/* Others may have been wired, and have sent, before this one. */
	while (peer->peer_count == ALL - 1 && peer->received >= peer->sent * (ALL - 1)) {
		if (peer->sent == peer->rounds) {
			act_stop_self(self);
			return;
		}
		peer->sent++;
		for (int i = 0; i < ALL - 1; i++)
			act_send(self, peer->peers[i], Number, .value = peer->sent);
	}
}

static void forget_peers(struct act_self *self, void *state)
{
	struct peer *peer = state;

	for (unsigned i = 0; i < peer->peer_count; i++)
		act_drop(self, &peer->peers[i]);
}

static const struct act_kind peer_kind = {.name = "peer",
					  .state_size = sizeof(struct peer),
					  .mailbox = 3 * ALL, /* two rounds, and the wiring */
					  .start = begin_rounds,
					  .handle = exchange,
					  .stop = forget_peers};

static void run_all_to_all(struct act_self *self, uint64_t count)
{
	uint64_t rounds = count / (ALL * (ALL - 1));
	struct act_handle peers[ALL];

	for (int i = 0; i < ALL; i++)
		peers[i] = act_spawn_with(self, &peer_kind, NULL, Number, .value = rounds);
	for (int i = 0; i < ALL; i++) {
		for (int j = 1; j < ALL; j++)
			act_send(self, peers[i], Wire,
				 .next = act_clone(self, peers[(i + j) % ALL]));
	}
	for (int i = 0; i < ALL; i++) {
		act_join(self, peers[i]);
		act_drop(self, &peers[i]);
	}
}

/* fork-join: many actors are made, each ends as soon as it has begun, and all are waited for. */

static int end_at_once(struct act_self *self, void *state, struct act_message *init)
{
	return -1;
}

static const struct act_kind short_lived_kind = {.name = "short-lived", .start = end_at_once};

static void fork_join(struct act_self *self, uint64_t actors)
{
	struct act_handle *forks = calloc(actors, sizeof(*forks));

	if (!forks)
		abort();
	for (uint64_t i = 0; i < actors; i++)
		forks[i] = act_spawn_with(self, &short_lived_kind, NULL, Number, .value = i);
	for (uint64_t i = 0; i < actors; i++) {
		act_join(self, forks[i]);
		act_drop(self, &forks[i]);
	}
	free(forks);
}

static void run_fork_join(struct act_self *self, uint64_t count)
{
	for (uint64_t made = 0; made < count; made += FORKS)
		fork_join(self, FORKS);
}

/* The rows of size. */

/* Actors that have answered a question and now have nothing to do; all the memory of the program.
 */

static const struct act_kind idle_kind = {
	.name = "idle", .state_size = sizeof(struct link), .handle = echo};

static double measure_idle(struct act_self *self, const struct row *row, uint64_t count)
{
	struct act_handle *actors = calloc(count, sizeof(*actors));
	FILE *file = fopen("/proc/self/statm", "r");
	struct act_message *reply;
	long resident;

	if (!actors)
		abort();
	for (uint64_t i = 0; i < count; i++)
		actors[i] = act_spawn(self, &idle_kind, NULL);
	for (uint64_t i = 0; i < count; i++) {
		if (act_ask(self, actors[i], &reply, Number) != 0)
			abort();
		act_release(self, reply);
	}
	if (!file || fscanf(file, "%*d %ld", &resident) != 1)
		abort();
	fclose(file);
	for (uint64_t i = 0; i < count; i++)
		act_drop(self, &actors[i]);
	free(actors);
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / (double)count;
}

static double measure_message(struct act_self *self, const struct row *row, uint64_t count)
{
	spin(self, count, TOKENS, RING_HOPS / 10);
	return spin(self, count, TOKENS, RING_HOPS) / RING_HOPS * 1e9;
}

static double measure_actor(struct act_self *self, const struct row *row, uint64_t count)
{
	uint64_t made = 0;
	double started;

	fork_join(self, count);
	started = seconds();
	for (; made < LEAST_SPAWNS; made += count)
		fork_join(self, count);
	return (seconds() - started) / (double)made * 1e9;
}

static const struct row rows[] = {
	{"ask", 2000000, measure_speed, run_ask, "round trips/s"},
	{"fan-in", 3000000, measure_speed, run_fan_in, "messages/s"},
	{"ring", 4000000, measure_speed, run_ring, "hops/s"},
	{"all-to-all", 3000000, measure_speed, run_all_to_all, "messages/s"},
	{"fork-join", 1000000, measure_speed, run_fork_join, "actors/s"},
	{"idle", 1000000, measure_idle, NULL, "bytes an idle actor, with COUNT of them"},
	{"message", 1000, measure_message, NULL, "ns a message between COUNT actors"},
	{"actor", 1000, measure_actor, NULL, "ns to make and end one of COUNT actors"},
};
enum { ROWS = sizeof(rows) / sizeof(*rows) };

static int usage(void)
{
	fprintf(stderr, "usage: bench-runtime ROW [COUNT [WORKERS]]\n");
	for (int i = 0; i < ROWS; i++)
		fprintf(stderr, "  %-12s %s (%" PRIu64 ")\n", rows[i].name, rows[i].unit,
			rows[i].count);
	return 2;
}

static const struct row *chosen_row;
static uint64_t chosen_count;

static int conduct(struct act_self *self, void *state, struct act_message *init)
{
	printf("%.0f\n", chosen_row->measure(self, chosen_row, chosen_count));
	return -1;
}

static const struct act_kind conductor_kind = {.name = "conductor", .start = conduct};

int main(int argc, char **argv)
{
	struct act_options options = {.workers = argc > 3 ? (unsigned)atoi(argv[3]) : 0};
	struct act_system *system;
	struct act_handle conductor;

	for (int i = 0; i < ROWS && argc > 1; i++) {
		if (strcmp(rows[i].name, argv[1]) == 0)
			chosen_row = &rows[i];
	}
	if (!chosen_row)
		return usage();
	chosen_count = argc > 2 ? strtoull(argv[2], NULL, 10) : chosen_row->count;

	system = act_system_new(&options);
	if (!system)
		abort();
	conductor = act_system_spawn(system, &conductor_kind, NULL);
	act_system_drop(system, &conductor);
	if (act_system_run(system) != 0)
		abort();
	act_system_free(system);
	return 0;
}
