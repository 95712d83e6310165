/*
 * A program that writes events by itself, without the runtime, for the recorder's tests.
 *
 *   program talk N           two actors, N asks, each answered; exit status 7
 *   program wait-talk N      the same, once it could read a byte from its standard input
 *   program backwards N      the same by a clock that jumps, for hours and backwards
 *   program names            two actors and more whose names do harm to terminals; exit status 7
 *   program abort N          the same, and then SIGABRT
 *   program count N FILE     N messages, then makes FILE
 *   program flood            messages for ever
 *   program flood-until FILE MARK  until there is FILE, and makes MARK then
 *   program deadlock         two actors ask each other, then it sleeps until a signal ends it
 *   program threads N        N threads one after the other
 *   program forks N          N children that try to write, while the parent writes; exit status 7
 *   program storm N          N threads in turn that write while a timer's signals write, too
 *   program drown N          two actors deadlock in the middle of N messages of two others
 *   program bury N      the same at their beginning, each with a KiB that cannot be packed
 *   program crowd N     N actors with long names, and then as many messages
 *   program brood N     starts itself as `bury N` and waits for it
 *   program family N    starts itself N times as `talk 100`, four at a time, while it writes
 *   program leave HOW FILE  starts itself as `HOW FILE` (linger, dawdle) and ends
 *   program linger FILE      talks when there is FILE
 *   program dawdle FILE      attaches when there is FILE, and talks then
 *   program none             does not attach; exit status 5
 */
#include "tracer/event/payload.h"
#include "tracer/event/ring.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct trc_session *session;
static struct trc_ring *ring;
static uint16_t aseqs[5];
static bool jumps;

/* A clock as none should be. */
static uint64_t jumping_now(void)
{
	static const uint64_t hour = 3600 * 1000000000ULL;
	uint64_t now = trc_session_now(session) + hour;

	switch (rand() % 100) {
	case 0:
		return now + hour;
	case 1:
		return now - hour;
	case 2:
		return 0;
	default:
		return now - (uint64_t)rand() % 1000000;
	}
}

static void put(struct trc_event event, const void *payload, size_t size)
{
	event.time = jumps ? jumping_now() : trc_session_now(session);
	event.payload = payload;
	event.payload_size = (uint32_t)size;
	if (event.actor != 0)
		event.aseq = aseqs[event.actor] = trc_aseq_next(aseqs[event.actor]);
	trc_ring_write(ring, &event);
}

#define PUT(...)               put((struct trc_event){__VA_ARGS__}, NULL, 0)
#define PUT_TEXT(literal, ...) put((struct trc_event){__VA_ARGS__}, literal, sizeof(literal))

static void put_definitions(void)
{
	PUT_TEXT("person", .kind = TRC_DEF_KIND, .id = 1, .arg = 100);
	PUT_TEXT("Question\0ttext\0unumber", .kind = TRC_DEF_TYPE, .id = 1);
	PUT_TEXT("Answer\0bright", .kind = TRC_DEF_TYPE, .id = 2);
	PUT_TEXT("talk.c\0ask", .kind = TRC_DEF_SITE, .id = 1, .arg = 11);
	PUT_TEXT("talk.c\0answer", .kind = TRC_DEF_SITE, .id = 2, .arg = 22);
	put((struct trc_event){.kind = TRC_SPAWN, .id = 1, .peer = 1, .arg = 100, .site = 1}, "ann",
	    3);
	put((struct trc_event){.kind = TRC_SPAWN, .id = 2, .peer = 1, .arg = 100, .site = 1}, "ben",
	    3);
}

static uint64_t put_ask(uint64_t from, uint64_t to, uint64_t number, uint64_t *ret_token)
{
	uint64_t message = trc_unique(ring);
	uint64_t token = trc_unique(ring);
	uint8_t bytes[64];
	struct trc_packer packer = {.data = bytes, .limit = sizeof(bytes)};

	trc_pack_bytes(&packer, "why?", 4);
	trc_pack_u64(&packer, number);
	put((struct trc_event){.kind = TRC_SEND,
			       .actor = from,
			       .id = message,
			       .peer = to,
			       .type = 1,
			       .arg = token,
			       .site = 1},
	    bytes, packer.size);
	PUT(.kind = TRC_WAIT, .actor = from, .type = TRC_WHAT_REPLY, .id = token, .peer = to,
	    .site = 1);
	*ret_token = token;
	return message;
}

static void talk(long count)
{
	uint8_t yes = 1;

	put_definitions();
	PUT(.kind = TRC_START, .actor = 1);
	for (long i = 0; i < count; i++) {
		uint64_t token, message = put_ask(1, 2, (uint64_t)i, &token);

		PUT(.kind = TRC_RECEIVE, .actor = 2, .id = message);
		put((struct trc_event){.kind = TRC_REPLY,
				       .actor = 2,
				       .id = token,
				       .peer = 1,
				       .type = 2,
				       .site = 2},
		    &yes, 1);
		PUT(.kind = TRC_DONE, .actor = 2, .id = message);
		PUT(.kind = TRC_WAKE, .actor = 1, .type = TRC_WAKE_MET);
	}
	PUT(.kind = TRC_DONE, .actor = 1);
	PUT(.kind = TRC_END, .actor = 2, .type = TRC_END_STOPPED);
	PUT(.kind = TRC_END, .actor = 1, .type = TRC_END_STOPPED);
}

/* Colours, titles and cursors of terminals, markup, quotes, formats, ends of text and lines. */
static void names(void)
{
	static const char evil[] =
		"\x1b[31m\x1b]0;x\x07\r\n<b>&amp;\"'`$(x)%s%n\\\t\xff\xc0\x9b\x7f";
	char text[256];
	size_t size = sizeof(evil) - 1;
	uint64_t message;

	memcpy(text, evil, size);
	PUT_TEXT(evil, .kind = TRC_DEF_KIND, .id = 1, .arg = 100);
	memcpy(text + size, "\0ttext", 7);
	put((struct trc_event){.kind = TRC_DEF_TYPE, .id = 1}, text, size + 7);
	put((struct trc_event){.kind = TRC_DEF_SITE, .id = 1, .arg = 1}, text, size + 7);
	for (uint64_t actor = 1; actor <= 2; actor++)
		put(
			(struct trc_event){
				.kind = TRC_SPAWN, .id = actor, .peer = 1, .arg = 100, .site = 1},
			evil, size);
	for (int i = 0; i < 3; i++) {
		struct trc_packer packer = {.data = (uint8_t *)text, .limit = sizeof(text)};

		message = trc_unique(ring);
		trc_pack_bytes(&packer, evil, size);
		put((struct trc_event){.kind = TRC_SEND,
				       .actor = 1,
				       .id = message,
				       .peer = 2,
				       .type = 1,
				       .site = 1},
		    text, packer.size);
		PUT(.kind = TRC_RECEIVE, .actor = 2, .id = message);
		put((struct trc_event){.kind = TRC_LOG, .actor = 2}, evil, size);
		PUT(.kind = TRC_DONE, .actor = 2, .id = message);
	}
}

static void deadlock(void)
{
	uint64_t token;

	put_definitions();
	PUT(.kind = TRC_START, .actor = 1);
	PUT(.kind = TRC_START, .actor = 2);
	put_ask(1, 2, 1, &token);
	put_ask(2, 1, 2, &token);
}

/* Until there is file `enough`, which may be NULL. */
static void flood(uint64_t count, const char *enough)
{
	put_definitions();
	for (uint64_t number = 0; number < count; number++) {
		uint64_t message = trc_unique(ring);

		PUT(.kind = TRC_SEND, .actor = 1, .id = message, .peer = 2, .type = 1);
		PUT(.kind = TRC_RECEIVE, .actor = 2, .id = message);
		PUT(.kind = TRC_DONE, .actor = 2, .id = message);
		if (enough && number % 1024 == 0 && access(enough, F_OK) == 0)
			break;
	}
}

static void make_file(const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file || fclose(file) != 0)
		abort();
}

static void *thread(void *context)
{
	ring = trc_ring_of_thread(session);
	PUT_TEXT("from a thread", .kind = TRC_LOG);
	return NULL;
}

static void threads(long count)
{
	for (long i = 0; i < count; i++) {
		pthread_t id;

		if (pthread_create(&id, NULL, thread, NULL) != 0)
			abort();
		pthread_join(id, NULL);
	}
}

/* A child has its parent's ring in its memory, and must leave it alone. */
static void forks(long count)
{
	put_definitions();
	for (long i = 0; i < count; i++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			PUT(.kind = TRC_SEND, .actor = 1, .id = 1, .peer = 2);
			_exit(trc_ring_of_thread(session) ? 1 : 0);
		}
		for (int j = 0; j < 10; j++)
			PUT(.kind = TRC_SEND, .actor = 1, .id = trc_unique(ring), .peer = 2);
		if (child < 0 || waitpid(child, &status, 0) != child || status != 0)
			abort();
	}
}

static atomic_bool timer_runs;

static void write_in_handler(int number)
{
	struct trc_ring *mine = trc_ring_if_any(session);

	atomic_store(&timer_runs, false);
	if (mine)
		trc_ring_write(mine, &(struct trc_event){.kind = TRC_LOG,
							 .id = trc_unique(mine),
							 .time = trc_session_now(session)});
}

/* One signal a write at most: no write would end where handlers take longer than the timer does. */
static void *storm_thread(void *context)
{
	const struct itimerval soon = {.it_value = {0, 100}};
	struct trc_ring *mine = trc_ring_of_thread(session);

	for (int i = 0; i < 100; i++) {
		if (!atomic_exchange(&timer_runs, true))
			setitimer(ITIMER_REAL, &soon, NULL);
		trc_ring_write(mine, &(struct trc_event){.kind = TRC_SEND,
							 .id = trc_unique(mine),
							 .time = trc_session_now(session)});
	}
	return NULL;
}

static void storm(long count)
{
	const struct itimerval never = {0};

	signal(SIGALRM, write_in_handler);
	for (long i = 0; i < count; i++) {
		pthread_t id;

		if (pthread_create(&id, NULL, storm_thread, NULL) != 0)
			abort();
		pthread_join(id, NULL);
	}
	setitimer(ITIMER_REAL, &never, NULL);
}

static void drown(uint64_t count)
{
	uint64_t token;

	put_definitions();
	put((struct trc_event){.kind = TRC_SPAWN, .id = 3, .peer = 1, .arg = 100}, "eve", 3);
	put((struct trc_event){.kind = TRC_SPAWN, .id = 4, .peer = 1, .arg = 100}, "tom", 3);
	PUT(.kind = TRC_START, .actor = 1);
	PUT(.kind = TRC_START, .actor = 2);
	for (uint64_t number = 0; number < count; number++) {
		uint64_t message = trc_unique(ring);

		if (number == count / 2) {
			put_ask(1, 2, 1, &token);
			put_ask(2, 1, 2, &token);
		}
		PUT(.kind = TRC_SEND, .actor = 3, .id = message, .peer = 4, .type = 1);
		PUT(.kind = TRC_RECEIVE, .actor = 4, .id = message);
		PUT(.kind = TRC_DONE, .actor = 4, .id = message);
	}
}

static void make_noise(uint64_t *bytes, size_t count)
{
	static uint64_t random = 1;

	for (size_t i = 0; i < count; i++) {
		/* G. Marsaglia, Xorshift RNGs, 2003 */
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		bytes[i] = random;
	}
}

/* A KiB each that cannot be packed. */
static void put_noise(uint64_t count)
{
	uint64_t bytes[128];

	for (uint64_t number = 0; number < count; number++) {
		uint64_t message = trc_unique(ring);

		make_noise(bytes, sizeof(bytes) / sizeof(bytes[0]));
		put(
			(struct trc_event){
				.kind = TRC_SEND, .actor = 3, .id = message, .peer = 4, .type = 1},
			bytes, sizeof(bytes));
		PUT(.kind = TRC_RECEIVE, .actor = 4, .id = message);
		PUT(.kind = TRC_DONE, .actor = 4, .id = message);
	}
}

static void bury(uint64_t count)
{
	uint64_t token;

	put_definitions();
	put((struct trc_event){.kind = TRC_SPAWN, .id = 3, .peer = 1, .arg = 100}, "eve", 3);
	put((struct trc_event){.kind = TRC_SPAWN, .id = 4, .peer = 1, .arg = 100}, "tom", 3);
	PUT(.kind = TRC_START, .actor = 1);
	PUT(.kind = TRC_START, .actor = 2);
	put_ask(1, 2, 1, &token);
	put_ask(2, 1, 2, &token);
	put_noise(count);
}

static void crowd(uint64_t count)
{
	uint64_t name[20];

	put_definitions();
	for (uint64_t i = 0; i < count; i++) {
		make_noise(name, sizeof(name) / sizeof(name[0]));
		put((struct trc_event){.kind = TRC_SPAWN, .id = 3 + i, .peer = 1, .arg = 100}, name,
		    sizeof(name));
	}
	put_noise(count);
}

static pid_t start_self(const char *what, const char *argument)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	execl("/proc/self/exe", "program", what, argument, NULL);
	_exit(99);
}

static void family(long count)
{
	pid_t children[4] = {0};
	uint64_t token;

	put_definitions();
	for (long i = 0; i < count + 4; i++) {
		pid_t *child = &children[i % 4];
		int status;

		if (*child > 0 && (waitpid(*child, &status, 0) != *child || !WIFEXITED(status) ||
				   WEXITSTATUS(status) != 7))
			exit(6);
		*child = i < count ? start_self("talk", "100") : 0;
		put_ask(1, 2, (uint64_t)i, &token);
		PUT(.kind = TRC_WAKE, .actor = 1, .type = TRC_WAKE_CANCELLED);
	}
}

static void brood(const char *count)
{
	int status;

	put_definitions();
	if (waitpid(start_self("bury", count), &status, 0) < 0 || status != 7 << 8)
		exit(6);
}

static void wait_for(const char *path)
{
	const struct timespec moment = {.tv_nsec = 2000000};

	while (access(path, F_OK) < 0)
		nanosleep(&moment, NULL);
}

static void linger(const char *path)
{
	PUT(.kind = TRC_LOG);
	wait_for(path);
	talk(100);
}

static bool is(const char *what, const char *name)
{
	return strcmp(what, name) == 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	long count = argc > 2 ? atol(argv[2]) : 1;

	if (is(what, "none"))
		return 5;
	if (is(what, "dawdle"))
		wait_for(argv[2]);
	session = trc_session_attach();
	if (!session)
		return 9;
	ring = trc_ring_of_thread(session);
	if (is(what, "wait-talk")) {
		PUT(.kind = TRC_LOG);
		if (getchar() == EOF)
			return 8;
	}
	jumps = is(what, "backwards");
	if (is(what, "talk") || is(what, "wait-talk") || is(what, "abort") || jumps)
		talk(count);
	if (is(what, "dawdle"))
		talk(100);
	if (is(what, "names"))
		names();
	if (is(what, "abort"))
		raise(SIGABRT);
	if (is(what, "count")) {
		flood((uint64_t)count, NULL);
		make_file(argv[3]);
	}
	if (is(what, "flood"))
		flood(UINT64_MAX, NULL);
	if (is(what, "flood-until")) {
		flood(UINT64_MAX, argv[2]);
		make_file(argv[3]);
	}
	if (is(what, "threads"))
		threads(count);
	if (is(what, "forks"))
		forks(count);
	if (is(what, "storm"))
		storm(count);
	if (is(what, "drown"))
		drown((uint64_t)count);
	if (is(what, "family"))
		family(count);
	if (is(what, "linger"))
		linger(argv[2]);
	if (is(what, "leave")) {
		put_definitions();
		start_self(argv[2], argv[3]);
	}
	if (is(what, "bury"))
		bury((uint64_t)count);
	if (is(what, "crowd"))
		crowd((uint64_t)count);
	if (is(what, "brood"))
		brood(argv[2]);
	if (is(what, "deadlock")) {
		deadlock();
		pause();
	}
	return 7;
}
