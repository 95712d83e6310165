/*
 * group.h - several questions at once, and one wait for their answers
 *
 *     struct act_question questions[2] = {
 *             ACT_QUESTION(self, stock, Reserve, .item = item),
 *             ACT_QUESTION(self, bank, Charge, .amount = price),
 *     };
 *     int error = act_ask_all(self, questions, 2);
 *     ... each has .reply or .error ...
 *     act_release(self, questions[0].reply);
 *     act_release(self, questions[1].reply);
 *
 * The questions are put into the mailboxes one after the other, in order; where a mailbox is full,
 * the actor waits for space there before it puts the next. Then it waits for answers.
 */
#ifndef ACT_GROUP_H
#define ACT_GROUP_H

#include <act/send.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One question, and after the call what became of it. */
struct act_question {
	struct act_handle to;        /* stays held by the actor */
	struct act_message *message; /* what is asked; private, NULL once it was */
	struct act_message *reply;   /* the answer, to be released by act_release(); or NULL */
	int error;                   /* why there is no answer, as of act_ask(); or 0 */
};

/* Makes a question. The fields are copied, handles and tokens in them move; so it must be asked,
 * once. Without memory it becomes a question that fails with -ENOMEM. */
#define ACT_QUESTION(self, to, ...) \
	act__question((self), (to), ACT__TYPE(__VA_ARGS__), ACT__FIELDS(__VA_ARGS__))

/*
 * Asks all and waits until each has been answered or has failed: 0, and each question has its
 * .reply or its .error. When the deadline passes first or the actor is being stopped, ACT_EDEADLINE
 * or ACT_ECANCELLED, which is also the .error of what had not been answered by then; answers that
 * come later are discarded. Replies that had come are the caller's all the same.
 */
#define act_ask_all(self, questions, count) \
	act__ask_all((self), (questions), (count), ACT_FOREVER, ACT_HERE)
#define act_ask_all_within(self, questions, count, timeout) \
	act__ask_all((self), (questions), (count), (timeout), ACT_HERE)

/*
 * Asks all and waits for the first reply: 0, and questions[*ret_index] has it. The others are
 * abandoned: they have neither .reply nor .error, unless they had failed before; those that were
 * not asked yet are not asked any more. When all fail, the .error of the last of them.
 * ACT_EDEADLINE and ACT_ECANCELLED as above. *ret_index is set on 0 only. `count` is not 0.
 */
#define act_ask_any(self, questions, count, ret_index) \
	act__ask_any((self), (questions), (count), (ret_index), ACT_FOREVER, ACT_HERE)
#define act_ask_any_within(self, questions, count, ret_index, timeout) \
	act__ask_any((self), (questions), (count), (ret_index), (timeout), ACT_HERE)

/* private */
struct act_question act__question(struct act_self *self, struct act_handle to,
				  const struct act_type *type, void *fields);
int act__ask_all(struct act_self *self, struct act_question *questions, size_t count,
		 uint64_t timeout, struct act_site *site);
int act__ask_any(struct act_self *self, struct act_question *questions, size_t count,
		 size_t *ret_index, uint64_t timeout, struct act_site *site);

#ifdef __cplusplus
}
#endif

#endif
