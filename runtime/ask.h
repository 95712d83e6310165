/*
 * ask.h - one question under way, and the one-shot token that answers it
 *
 * The asker makes an ask and waits; the token that names it travels with the message. Whoever uses
 * the token first raises the ask's generation: any copy of it is stale from then on. Then they
 * claim the asker's wait (wait.h). If they get it, the answer is handed over and the asker frees
 * the ask; if they do not (its deadline passed, it was stopped), nobody waits any more and they
 * free it.
 */
#ifndef RUNTIME_ASK_H
#define RUNTIME_ASK_H

#include "runtime/actor.h"
#include "runtime/message.h"

enum act__ask_progress { ACT__ASK_OPEN, ACT__ASK_CLAIMED, ACT__ASK_SETTLED };

struct act__ask {
	struct act__block block;
	_Atomic uint32_t generation;
	uint8_t progress; /* of one of a group (enum act__ask_progress; lock of the group) */
	bool bare;        /* the trace does not want its fields, nor those of its reply */
	union {
		struct act__actor *asker;
		struct act__group *group; /* with ACT__TICKET_OF_GROUP */
	};
	uint64_t asker_number;
	uint64_t ticket; /* of the asker's wait */
	uint64_t number; /* of the token, in the trace */
	struct act_message *reply;
	int error; /* instead of a reply */
};

/* No wait has it: several questions share a wait, see group.h. */
#define ACT__TICKET_OF_GROUP 0

/* NULL: no memory. */
struct act__ask *act__ask_new(struct act_self *self);
void act__ask_free(struct act_self *self, struct act__ask *ask);
struct act_token act__ask_token(struct act__ask *ask);

/* The token's number in traces; 0 for zeros. */
uint64_t act__token_number(struct act_token token);

/* Gives a token up; the asker gets `error`. Zeroes it. */
int act__token_drop(struct act_self *self, struct act_token *token, int error,
		    struct act_site *site);

#endif
