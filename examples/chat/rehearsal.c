/*
 * chat-rehearsal - the server of main.c and its clients in one program, without a socket
 *
 *     guest "ann" --Say--> ws ~ ws --WsText--> reader --Say--> room ...
 *
 * Nothing comes from outside, so that with a seed each rehearsal is the same, event for event. The
 * server's actors are those that chat-server has; a guest is an actor at the other end of a pair.
 *
 *     chat-rehearsal [friendly|hang] [--backpressure=wait|drop-slow] [--seed N]
 *
 * plays what chat-session plays against a real server: a conversation, or how to hang a room. The
 * virtual clock makes the latter exact: the frozen guest vanishes when nothing else can happen.
 */
#include <act/act.h>
#include <act/ws.h>

#include <stdio.h>
#include <string.h>

#include "examples/chat/guest.h"
#include "examples/chat/reader.h"
#include "examples/chat/rooms.h"
#include "examples/chat/script.h"
#include "examples/common.h"

static bool hangs, drops_slow, failed;

static const uint64_t step_limit = 10 * ACT_SECOND, late_limit = 3 * ACT_SECOND;

/* --- guests ----------------------------------------------------------------------------------- */

/* Whoever comes gets a reader, as from the server's door. */
static struct act_handle enter(struct act_self *self, struct act_handle rooms, const char *name,
			       const char *room)
{
	struct act_handle ends[2];
	if (act_ws_pair(self, name, ends) != 0)
		return ACT_NOBODY;
	reader_welcome(self, ends[0], name, rooms);
	return act_spawn_with(self, &guest_kind, name, GuestInit, .socket = ends[1], .room = room);
}

static bool joins(struct act_self *self, struct act_handle guest, uint64_t limit)
{
	struct act_message *reply;
	int error = act_ask_within(self, guest, &reply, limit, WhenJoined);
	act_release(self, reply);
	return error == 0;
}

/* --- the conversation ------------------------------------------------------------------------- */

static bool has_heard(struct act_self *self, struct act_handle guest, const char *line)
{
	struct act_message *reply;
	int error = act_ask_within(self, guest, &reply, step_limit, Listen);
	const char *heard = error ? act_strerror(error) : act_as(reply, Line)->text;
	bool right = error == 0 && strcmp(heard, line) == 0;
	if (!right)
		fprintf(stderr, "chat-rehearsal: %s heard \"%s\" instead of \"%s\"\n",
			act_name(guest), heard, line);
	act_release(self, reply);
	return right;
}

static bool play(struct act_self *self, struct act_handle rooms, struct act_handle *guests,
		 const struct script_step *step)
{
	const struct script_person *who = &script_people[step->who];
	struct act_handle *guest = &guests[step->who];
	char line[SCRIPT_LINE];
	script_line(step, line);
	if (step->what == SCRIPT_COMES) {
		*guest = enter(self, rooms, who->name, who->room);
	} else if (step->what == SCRIPT_SAYS) {
		act_send(self, *guest, Talk, .text = step->text, .times = 1);
	} else {
		act_send(self, *guest, GoAway);
		act_drop(self, guest);
	}
	for (int i = 0; i < SCRIPT_PEOPLE; i++)
		if (guests[i].actor && strcmp(script_people[i].room, who->room) == 0 &&
		    !has_heard(self, guests[i], line))
			return false;
	printf("[%s] %s\n", who->room, line);
	return true;
}

static void converse(struct act_self *self, struct act_handle rooms)
{
	struct act_handle guests[SCRIPT_PEOPLE] = {0};
	for (int i = 0; i < SCRIPT_STEPS && !failed; i++)
		failed = !play(self, rooms, guests, &script[i]);
	for (int i = 0; i < SCRIPT_PEOPLE; i++)
		act_drop(self, &guests[i]);
	if (!failed)
		printf("all of it was heard by everybody who should\n");
}

/* --- how to hang a room ----------------------------------------------------------------------- */

enum { TALKERS = 4, TEXT_SIZE = 1024, TIMES = 200 };

static void flood(struct act_self *self, const struct act_handle *talkers)
{
	char text[TEXT_SIZE + 1];
	memset(text, 'x', TEXT_SIZE);
	text[TEXT_SIZE] = '\0';
	for (int i = 0; i < TALKERS; i++)
		act_send(self, talkers[i], Talk, .text = text, .times = TIMES);
}

static void look_who_is_served(struct act_self *self, struct act_handle rooms)
{
	struct act_handle late = enter(self, rooms, "late", "lobby");
	struct act_handle erin = enter(self, rooms, "erin", "kitchen");
	if (joins(self, late, late_limit))
		printf("late was let in: the room lives on\n");
	else
		printf("late got no answer within %d s: the room hangs\n",
		       (int)(late_limit / ACT_SECOND));
	if (joins(self, erin, step_limit))
		printf("erin was let into the kitchen: the server itself is well\n");
	act_drop(self, &late);
	act_drop(self, &erin);
}

static void hang_a_room(struct act_self *self, struct act_handle rooms)
{
	static const char *const names[TALKERS] = {"ann", "bob", "carol", "dave"};
	struct act_handle talkers[TALKERS], slow;
	for (int i = 0; i < TALKERS; i++) {
		talkers[i] = enter(self, rooms, names[i], "lobby");
		failed |= !joins(self, talkers[i], step_limit);
	}
	slow = enter(self, rooms, "slow", "lobby");
	failed |= !joins(self, slow, step_limit);
	printf("ann, bob, carol, dave and slow are in the lobby; slow stops reading\n");
	act_send(self, slow, Freeze);
	flood(self, talkers);
	/* It hears this when it has woken up and vanished. */
	joins(self, slow, ACT_FOREVER);
	printf("slow is gone\n");
	look_who_is_served(self, rooms);
	for (int i = 0; i < TALKERS; i++)
		act_drop(self, &talkers[i]);
	act_drop(self, &slow);
	act_system_stop(act_system_of(self));
}

/* --- the program ------------------------------------------------------------------------------ */

static int rehearse(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle rooms =
		act_spawn_with(self, &rooms_kind, "rooms", RoomsInit, .drops_slow = drops_slow);
	if (hangs)
		hang_a_room(self, rooms);
	else
		converse(self, rooms);
	act_drop(self, &rooms);
	return 0;
}

static const struct act_kind stage_kind = {.name = "stage", .start = rehearse};

int main(int argc, char **argv)
{
	int status;
	hangs = example_flag(&argc, argv, "hang");
	example_flag(&argc, argv, "friendly");
	drops_slow = example_flag(&argc, argv, "--backpressure=drop-slow");
	example_flag(&argc, argv, "--backpressure=wait");
	status = example_run(argc, argv, &stage_kind);
	return status ? status : failed;
}
