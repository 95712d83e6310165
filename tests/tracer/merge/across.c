/*
 * Two processes whose actors have numbers of their own, the same in both, for merge's test:
 *
 *   across ROUNDS hang|part
 *
 * Ann lives in the first process, which starts the second, where Ben lives. They ask each other in
 * turn through pipes. In the end each of them asks the other while the other asks, and waits; or
 * both stop.
 */
#include "tracer/event/payload.h"
#include "tracer/event/ring.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANN = 1, BEN = 2, QUESTION = 1, ANSWER = 2 };
enum { IN = 90, OUT = 91 }; /* out of the way of what the recorder hands on */

static struct trc_session *session;
static struct trc_ring *ring;
static uint64_t me, other, numbers;
static uint16_t aseq;

/* --- events -------------------------------------------------------------------------------------
 */

static void put(struct trc_event event, const char *text)
{
	event.time = trc_session_now(session);
	event.payload = (const uint8_t *)text;
	event.payload_size = text ? (uint32_t)strlen(text) : 0;
	if (event.actor != 0)
		event.aseq = aseq = trc_aseq_next(aseq);
	trc_ring_write(ring, &event);
}

#define PUT(...) put((struct trc_event){__VA_ARGS__}, NULL)

/* Of messages and tokens: Ann's are odd, Ben's even. */
static uint64_t next_number(void)
{
	return 100 + 2 * ++numbers + me;
}

static void begin(void)
{
	put((struct trc_event){.kind = TRC_DEF_KIND, .id = 1, .arg = 100}, "person");
	put((struct trc_event){.kind = TRC_DEF_TYPE, .id = QUESTION}, "Question");
	put((struct trc_event){.kind = TRC_DEF_TYPE, .id = ANSWER}, "Answer");
	put((struct trc_event){.kind = TRC_SPAWN, .id = me, .peer = 1, .arg = 100},
	    me == ANN ? "ann" : "ben");
	PUT(.kind = TRC_START, .actor = me);
	PUT(.kind = TRC_DONE, .actor = me);
}

/* --- what goes between the processes -------------------------------------------------------------
 */

struct mail {
	uint64_t message, token;
};

static void post(struct mail mail)
{
	if (write(OUT, &mail, sizeof mail) != sizeof mail)
		_exit(3);
}

static struct mail collect(void)
{
	struct mail mail;

	if (read(IN, &mail, sizeof mail) != sizeof mail)
		_exit(4);
	return mail;
}

static struct mail ask(void)
{
	struct mail mail = {next_number(), next_number()};

	PUT(.kind = TRC_SEND, .actor = me, .id = mail.message, .peer = other, .type = QUESTION,
	    .arg = mail.token);
	PUT(.kind = TRC_WAIT, .actor = me, .type = TRC_WHAT_REPLY, .id = mail.token, .peer = other);
	post(mail);
	return mail;
}

static void answer(struct mail mail)
{
	PUT(.kind = TRC_RECEIVE, .actor = me, .id = mail.message);
	PUT(.kind = TRC_REPLY, .actor = me, .id = mail.token, .peer = other, .type = ANSWER);
	post(mail);
	PUT(.kind = TRC_DONE, .actor = me, .id = mail.message);
}

/* --- the processes ------------------------------------------------------------------------------
 */

/* A question from outside, in whose handler it asks the other. */
static uint64_t take_from_outside(void)
{
	uint64_t message = next_number();

	PUT(.kind = TRC_SEND, .id = message, .peer = me, .type = QUESTION);
	PUT(.kind = TRC_RECEIVE, .actor = me, .id = message);
	return message;
}

static void ask_and_go_on(void)
{
	uint64_t message = take_from_outside();

	ask();
	collect();
	PUT(.kind = TRC_WAKE, .actor = me, .type = TRC_WAKE_MET);
	PUT(.kind = TRC_DONE, .actor = me, .id = message);
}

static void talk(long rounds, bool hang)
{
	for (long i = 0; i < rounds; i++) {
		if (me == ANN)
			ask_and_go_on();
		answer(collect());
		if (me == BEN)
			ask_and_go_on();
	}
	if (hang) {
		take_from_outside();
		ask();
		collect(); /* the other's question, which nobody will handle */
		return;
	}
	PUT(.kind = TRC_END, .actor = me, .type = TRC_END_STOPPED);
}

static pid_t start_ben(char **argv)
{
	int there[2], back[2];
	pid_t child;

	if (pipe(there) < 0 || pipe(back) < 0)
		exit(5);
	child = fork();
	if (child < 0)
		exit(5);
	if (child == 0) {
		dup2(there[0], IN);
		dup2(back[1], OUT);
		execl("/proc/self/exe", "across", argv[1], argv[2], "ben", NULL);
		_exit(99);
	}
	dup2(back[0], IN);
	dup2(there[1], OUT);
	return child;
}

int main(int argc, char **argv)
{
	pid_t child = 0;
	int status = 0;

	me = argc > 3 ? BEN : ANN;
	other = ANN + BEN - me;
	if (me == ANN)
		child = start_ben(argv);
	session = trc_session_attach();
	if (!session)
		return 2;
	ring = trc_ring_of_thread(session);
	begin();
	talk(atol(argv[1]), strcmp(argv[2], "hang") == 0);
	if (child > 0 && waitpid(child, &status, 0) != child)
		return 6;
	return status != 0;
}
