/*
 * A desk hands questions on to those who know the answer.
 *
 * Shows a reply token inside a message: the desk does not wait for the expert, and the expert
 * answers the visitor directly. A token that nobody uses is dropped with its message; the visitor
 * then learns that there is no answer, and never waits in vain.
 */
#include "examples/common.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

ACT_MESSAGE(Question, (text, text))
ACT_MESSAGE(Forwarded, (token, visitor), (text, text))
ACT_MESSAGE(Answer, (text, text))

/* --- experts -------------------------------------------------------------------------------- */

static void square(struct act_self *self, void *state, struct act_message *message)
{
	struct Forwarded *question = act_as(message, Forwarded);
	uint64_t number = strtoull(question->text, NULL, 10);
	char text[64];

	if (number > UINT32_MAX)
		return; /* does not know: the token goes with the message */
	snprintf(text, sizeof(text), "its square is %" PRIu64, number * number);
	act_answer(self, &question->visitor, Answer, .text = text);
}

static void spell(struct act_self *self, void *state, struct act_message *message)
{
	struct Forwarded *question = act_as(message, Forwarded);
	char text[64];

	snprintf(text, sizeof(text), "it has %zu letters", strlen(question->text));
	act_answer(self, &question->visitor, Answer, .text = text);
}

static const struct act_kind mathematician_kind = {.name = "mathematician", .handle = square};
static const struct act_kind linguist_kind = {.name = "linguist", .handle = spell};

/* --- the desk ------------------------------------------------------------------------------- */

struct desk {
	struct act_handle mathematician;
	struct act_handle linguist;
};

static int open_desk(struct act_self *self, void *state, struct act_message *init)
{
	struct desk *desk = state;

	desk->mathematician = act_spawn(self, &mathematician_kind, NULL);
	desk->linguist = act_spawn(self, &linguist_kind, NULL);
	return 0;
}

static void hand_on(struct act_self *self, void *state, struct act_message *message)
{
	struct desk *desk = state;
	struct Question *question = act_as(message, Question);
	bool number = isdigit((unsigned char)question->text[0]);

	act_send(self, number ? desk->mathematician : desk->linguist, Forwarded,
		 .visitor = act_token_of(message), .text = question->text);
}

static void close_desk(struct act_self *self, void *state)
{
	struct desk *desk = state;

	act_drop(self, &desk->mathematician);
	act_drop(self, &desk->linguist);
}

static const struct act_kind desk_kind = {.name = "desk",
					  .state_size = sizeof(struct desk),
					  .start = open_desk,
					  .handle = hand_on,
					  .stop = close_desk};

/* --- a visitor ------------------------------------------------------------------------------ */

static int visit(struct act_self *self, void *state, struct act_message *init)
{
	static const char *const questions[] = {"12", "actor", "99999999999"};
	struct act_handle desk = act_spawn(self, &desk_kind, NULL);
	struct act_message *reply;

	for (int i = 0; i < 3; i++) {
		int r = act_ask(self, desk, &reply, Question, .text = questions[i]);

		printf("%s? %s\n", questions[i],
		       r < 0 ? act_strerror(r) : act_as(reply, Answer)->text);
		act_release(self, reply);
	}
	act_drop(self, &desk);
	return 0;
}

static const struct act_kind visitor_kind = {.name = "visitor", .start = visit};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &visitor_kind);
}
