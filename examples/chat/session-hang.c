/*
 * How to hang a chat room, from the outside.
 *
 * "slow" joins and stops reading. The others send large messages, each as fast as it hears its own
 * ones again, so that nobody but slow falls behind. Soon the kernel takes no more bytes for slow,
 * then the server's buffers for slow are full, and a room that waits for space in them stands
 * still. Now the others flood it without hearing anything, until the room's own buffers are full,
 * too. (Not more than that: in full buffers of the kernel packets get lost, and it takes long until
 * those stand still.) This is only a stall as yet; a slow client that reads again would end it. So,
 * when nothing moves any more, slow vanishes: the server learns of it by an error. Now either the
 * room goes on, or it never will, and "late", who joins at last, shows which.
 *
 * Every decision is by progress: no message went out or came in for much longer than ever before,
 * or so many did that no buffers could have taken them. So a busy machine takes longer, and that is
 * all. A server that throws people out for being slow has given itself away, whoever it was: it may
 * be that on a busy machine others are slow, too.
 */
#include <stdio.h>
#include <string.h>

#include "examples/chat/person.h"
#include "examples/chat/session.h"

enum {
	SLOW,
	LATE,
	ELSEWHERE,
	FLOODERS,
	PEOPLE = FLOODERS + 4,

	TEXT_SIZE = 16384,
	WINDOW = 16,     /* messages that each has under way while the room answers */
	FLOOD = 150,     /* and when it does not: far more than all of the room's buffers take */
	ENDLESS = 50000, /* messages: slow's buffers are full after a few thousand */
	SMALL_BUFFER = 4096,
	FLOODER_BUFFER = 65536,

	JOIN_MS = 60000,
	QUIET_MS = 400,
	STILL_MS = 1500,
	STILL_FACTOR = 4, /* times the longest pause so far */
	LATE_MS = 3000,
	LATE_FACTOR = 20, /* times what the slowest of the others needed */

	POLICY_VIOLATION = 1008, /* what a server says to whom it throws out */
};

/* How long it took the slowest to join. */
static int64_t slowest_join_ms;

static const struct person cast[PEOPLE] = {
	[SLOW] = {.name = "slow", .room = "lobby"},
	[LATE] = {.name = "late", .room = "lobby"},
	[ELSEWHERE] = {.name = "erin", .room = "kitchen"},
	[FLOODERS] = {.name = "ann", .room = "lobby"},
	{.name = "bob", .room = "lobby"},
	{.name = "carol", .room = "lobby"},
	{.name = "dave", .room = "lobby"},
};

/* Enters and waits for the room's answer. Everybody else is served meanwhile. */
static bool join(struct person *people, int who, uint16_t port, int receive_buffer, int64_t wait_ms)
{
	struct ws_client_options options = {
		.dial = {.receive_buffer = receive_buffer, .send_buffer = FLOODER_BUFFER},
	};
	if (!person_enter(&people[who], port, &options))
		return false;
	int64_t start = dial_clock_ms();
	while (!people[who].has_joined && ws_client_is_open(people[who].client) &&
	       dial_clock_ms() < start + wait_ms)
		people_poll(people, PEOPLE, 100);
	if (people[who].has_joined && dial_clock_ms() - start > slowest_join_ms)
		slowest_join_ms = dial_clock_ms() - start;
	return people[who].has_joined;
}

static bool everybody_joins(struct person *people, uint16_t port)
{
	for (int i = FLOODERS; i < PEOPLE; i++) {
		if (!join(people, i, port, 0, JOIN_MS))
			return false;
	}
	return join(people, SLOW, port, SMALL_BUFFER, JOIN_MS);
}

static const char *long_text(void)
{
	static const char sentence[] = "The quick brown fox jumps over the lazy dog. ";
	static char text[TEXT_SIZE + 1];
	for (size_t i = 0; i < TEXT_SIZE; i++)
		text[i] = sentence[i % (sizeof(sentence) - 1)];
	return text;
}

static unsigned heard_by_all(const struct person *people)
{
	unsigned heard = 0;
	for (int i = 0; i < PEOPLE; i++)
		heard += people[i].heard;
	return heard;
}

/* Messages that went out or came in so far. */
static unsigned progress(const struct person *people)
{
	unsigned messages = heard_by_all(people);
	for (int i = FLOODERS; i < PEOPLE; i++)
		messages += people[i].said - (unsigned)ws_client_queued(people[i].client);
	return messages;
}

/* Whether nothing moves any more. */
struct stillness {
	unsigned progress;
	int64_t moved_at, longest_ms;
};

static bool is_still(struct stillness *stillness, const struct person *people, int64_t now)
{
	int64_t pause_ms = now - stillness->moved_at;
	if (progress(people) != stillness->progress) {
		if (pause_ms > stillness->longest_ms)
			stillness->longest_ms = pause_ms;
		stillness->progress = progress(people);
		stillness->moved_at = now;
		return false;
	}
	return pause_ms >= STILL_MS && pause_ms >= STILL_FACTOR * stillness->longest_ms;
}

enum flood_end { FLOOD_STANDS_STILL, FLOOD_DROPS_SOMEBODY, FLOOD_LOST_SOMEBODY, FLOOD_GOES_ON };

/* Who was thrown out for being slow, or NULL. Not even slow hears it himself: he does not read. */
static const char *find_dropped(const struct person *people)
{
	for (int i = FLOODERS; i < PEOPLE; i++) {
		if (people[i].misses_slow)
			return people[SLOW].name;
		if (!ws_client_is_open(people[i].client) &&
		    ws_client_close_code(people[i].client) == POLICY_VIOLATION)
			return people[i].name;
	}
	return NULL;
}

/* Whether somebody's connection is gone for another reason. */
static bool lost_somebody(const struct person *people)
{
	for (int i = FLOODERS; i < PEOPLE; i++) {
		if (ws_client_is_open(people[i].client))
			continue;
		fprintf(stderr, "chat-session: the server closed %s's connection (%u) %s\n",
			people[i].name, ws_client_close_code(people[i].client),
			ws_client_close_reason(people[i].client));
		return true;
	}
	return false;
}

static void say_more(struct person *people, bool room_is_quiet)
{
	const char *text = long_text();
	unsigned window = room_is_quiet ? FLOOD : WINDOW;
	for (int i = FLOODERS; i < PEOPLE; i++) {
		struct person *flooder = &people[i];
		while (flooder->said - flooder->echoed < window)
			person_say(flooder, text);
	}
}

/* Floods until nothing moves any more, or until the server throws somebody out. */
static enum flood_end flood(struct person *people)
{
	int64_t now = dial_clock_ms();
	int64_t heard_at = now;
	struct stillness stillness = {.moved_at = now};
	unsigned heard = 0;
	for (; progress(people) < ENDLESS; now = dial_clock_ms()) {
		if (find_dropped(people))
			return FLOOD_DROPS_SOMEBODY;
		if (lost_somebody(people))
			return FLOOD_LOST_SOMEBODY;
		say_more(people, now - heard_at >= QUIET_MS);
		people_poll(people, PEOPLE, 100);
		if (is_still(&stillness, people, now))
			return FLOOD_STANDS_STILL;
		if (heard_by_all(people) != heard) {
			heard = heard_by_all(people);
			heard_at = now;
		}
	}
	return FLOOD_GOES_ON;
}

static void wait_until_still(struct person *people)
{
	int64_t now = dial_clock_ms();
	struct stillness stillness = {.progress = progress(people), .moved_at = now};
	for (; !is_still(&stillness, people, now); now = dial_clock_ms())
		people_poll(people, PEOPLE, 100);
}

static enum session_outcome judge(struct person *people, uint16_t port)
{
	int64_t limit_ms = LATE_FACTOR * slowest_join_ms;
	if (limit_ms < LATE_MS)
		limit_ms = LATE_MS;
	printf("late joins the lobby\n");
	if (join(people, LATE, port, 0, limit_ms)) {
		printf("late was let in: the room lives on\n");
		return SESSION_ALIVE;
	}
	if (!people[LATE].client)
		return SESSION_FAILED;
	printf("late got no answer within %d s: the room hangs\n", (int)(limit_ms / 1000));
	if (join(people, ELSEWHERE, port, 0, JOIN_MS))
		printf("erin was let into the kitchen: the server itself is well\n");
	return SESSION_HANGS;
}

static enum session_outcome play(struct person *people, uint16_t port)
{
	if (!everybody_joins(people, port)) {
		fprintf(stderr, "chat-session: not everybody could join the lobby\n");
		return SESSION_FAILED;
	}
	printf("ann, bob, carol, dave and slow are in the lobby; slow stops reading\n");
	ws_client_stop_reading(people[SLOW].client);

	switch (flood(people)) {
	case FLOOD_STANDS_STILL:
		printf("after %u frames nothing moves any more; slow vanishes\n",
		       heard_by_all(people));
		ws_client_vanish(people[SLOW].client);
		break;
	case FLOOD_DROPS_SOMEBODY:
		printf("after %u frames the server dropped %s\n", heard_by_all(people),
		       find_dropped(people));
		break;
	case FLOOD_LOST_SOMEBODY:
		return SESSION_FAILED;
	case FLOOD_GOES_ON:
		fprintf(stderr,
			"chat-session: still neither stalled nor dropped after %d messages\n",
			ENDLESS);
		return SESSION_FAILED;
	}
	wait_until_still(people);
	return judge(people, port);
}

enum session_outcome session_hang(uint16_t port)
{
	struct person people[PEOPLE];
	memcpy(people, cast, sizeof(people));
	enum session_outcome outcome = play(people, port);
	for (int i = 0; i < PEOPLE; i++)
		person_free(&people[i]);
	return outcome;
}
