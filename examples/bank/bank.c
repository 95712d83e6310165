/*
 * Tellers move money between accounts, all at once, and none of it is lost.
 *
 * Shows asks: a transfer is two questions, and act_ask() waits for each answer; in the evening
 * act_ask_all() asks all accounts at once. An account handles one message at a time and so needs no
 * lock around its balance.
 */
#include "examples/common.h"

#include <inttypes.h>
#include <stdio.h>

ACT_MESSAGE(Withdraw, (u64, amount))
ACT_MESSAGE(Deposit, (u64, amount))
ACT_MESSAGE(Receipt, (boolean, done), (u64, balance))
ACT_MESSAGE(TellerInit, (handle, from), (handle, to))

enum { ACCOUNTS = 4, START_BALANCE = 100, TRANSFERS = 100, LARGEST_TRANSFER = 60 };

/* --- accounts ------------------------------------------------------------------------------- */

struct account {
	uint64_t balance;
};

static int open_account(struct act_self *self, void *state, struct act_message *init)
{
	struct account *account = state;

	account->balance = START_BALANCE;
	return 0;
}

static void keep_account(struct act_self *self, void *state, struct act_message *message)
{
	struct account *account = state;
	struct Withdraw *withdraw = act_as(message, Withdraw);
	bool done = true;

	if (!withdraw)
		account->balance += act_as(message, Deposit)->amount;
	else if (withdraw->amount <= account->balance)
		account->balance -= withdraw->amount;
	else
		done = false;
	act_reply(self, message, Receipt, .done = done, .balance = account->balance);
}

static const struct act_kind account_kind = {.name = "account",
					     .state_size = sizeof(struct account),
					     .start = open_account,
					     .handle = keep_account};

/* --- tellers -------------------------------------------------------------------------------- */

/* Whether there was enough money. */
static bool transfer(struct act_self *self, struct act_handle from, struct act_handle to,
		     uint64_t amount)
{
	struct act_message *receipt;
	bool done;

	if (act_ask(self, from, &receipt, Withdraw, .amount = amount) < 0)
		return false;
	done = act_as(receipt, Receipt)->done;
	act_release(self, receipt);
	if (done && act_ask(self, to, &receipt, Deposit, .amount = amount) == 0)
		act_release(self, receipt);
	return done;
}

static int work(struct act_self *self, void *state, struct act_message *init)
{
	struct TellerInit *desk = act_as(init, TellerInit);
	int refused = 0;

	for (int i = 0; i < TRANSFERS; i++)
		refused += !transfer(self, desk->from, desk->to,
				     1 + act_random(self) % LARGEST_TRANSFER);
	printf("from %s to %s: %d transfers, %d refused\n", act_name(desk->from),
	       act_name(desk->to), TRANSFERS, refused);
	act_stop_self(self); /* the bank has a handle to this actor and waits for its end */
	return 0;
}

static const struct act_kind teller_kind = {.name = "teller", .start = work};

/* --- the bank ------------------------------------------------------------------------------- */

static void close_books(struct act_self *self, const struct act_handle *accounts)
{
	struct act_question questions[ACCOUNTS];
	uint64_t total = 0;

	for (int i = 0; i < ACCOUNTS; i++)
		questions[i] = ACT_QUESTION(self, accounts[i], Deposit, .amount = 0);
	act_ask_all(self, questions, ACCOUNTS);
	for (int i = 0; i < ACCOUNTS; i++) {
		if (questions[i].reply)
			total += act_as(questions[i].reply, Receipt)->balance;
		act_release(self, questions[i].reply);
	}
	printf("all accounts together have %" PRIu64 "\n", total);
}

static int open_bank(struct act_self *self, void *state, struct act_message *init)
{
	static const char *const names[ACCOUNTS] = {"ann", "bob", "eve", "tom"};
	struct act_handle accounts[ACCOUNTS], tellers[ACCOUNTS];

	for (int i = 0; i < ACCOUNTS; i++)
		accounts[i] = act_spawn(self, &account_kind, names[i]);
	for (int i = 0; i < ACCOUNTS; i++)
		tellers[i] = act_spawn_with(self, &teller_kind, NULL, TellerInit,
					    .from = act_clone(self, accounts[i]),
					    .to = act_clone(self, accounts[(i + 1) % ACCOUNTS]));
	for (int i = 0; i < ACCOUNTS; i++) {
		act_join(self, tellers[i]);
		act_drop(self, &tellers[i]);
	}
	close_books(self, accounts);
	for (int i = 0; i < ACCOUNTS; i++)
		act_drop(self, &accounts[i]);
	return 0;
}

static const struct act_kind bank_kind = {.name = "bank", .start = open_bank};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &bank_kind);
}
