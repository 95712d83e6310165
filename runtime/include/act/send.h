/*
 * send.h - sending, asking, replying, and the other ways to wait
 *
 * Fields are given by name; what is left out is zero:
 *
 *     act_send(self, room, Say, .user = "ann", .text = "hi");
 *
 * So the "..." of the macros below is the message's type and then its fields, or none. (In C++17,
 * where compilers take fields by name as an extension, they can also be given in order.)
 *
 * `self` is the running actor. Outside of actors (main, foreign threads) use the forms of system.h.
 * Timeouts are nanoseconds from now; a wait that runs out returns ACT_EDEADLINE. All waits return
 * ACT_ECANCELLED when the waiting actor is being stopped.
 *
 * Handles and tokens in the fields move, also when a call fails: they are then dropped.
 */
#ifndef ACT_SEND_H
#define ACT_SEND_H

#include <act/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ACT_MILLISECOND UINT64_C(1000000)
#define ACT_SECOND      UINT64_C(1000000000)
#define ACT_FOREVER     UINT64_MAX

/* Puts a message into `to`'s mailbox; waits while it is full. Senders get space in the order in
 * which they came. 0, ACT_EGONE, ACT_ECANCELLED. */
#define act_send(self, to, ...)                                                                \
	act__send((self), (to), ACT__TYPE(__VA_ARGS__), ACT__FIELDS(__VA_ARGS__), ACT_FOREVER, \
		  ACT_HERE)

/* The same with a deadline: also ACT_EDEADLINE. */
#define act_send_within(self, to, timeout, ...)                                              \
	act__send((self), (to), ACT__TYPE(__VA_ARGS__), ACT__FIELDS(__VA_ARGS__), (timeout), \
		  ACT_HERE)

/* The same without waiting: ACT_EFULL when there is no space. */
#define act_try_send(self, to, ...) \
	act__try_send((self), (to), ACT__TYPE(__VA_ARGS__), ACT__FIELDS(__VA_ARGS__), ACT_HERE)

/*
 * Sends and waits for the reply. On 0, *ret_reply is the reply, to be released with act_release().
 * Otherwise *ret_reply is NULL and the result says why: ACT_EGONE (`to` had ended, or ended with
 * the question in its mailbox), ACT_EDROPPED (token dropped), ACT_EDEADLINE, ACT_ECANCELLED, or the
 * error that the replier gave to act_fail().
 */
#define act_ask(self, to, ret_reply, ...)                                                     \
	act__ask((self), (to), (ret_reply), ACT__TYPE(__VA_ARGS__), ACT__FIELDS(__VA_ARGS__), \
		 ACT_FOREVER, ACT_HERE)
#define act_ask_within(self, to, ret_reply, timeout, ...)                                     \
	act__ask((self), (to), (ret_reply), ACT__TYPE(__VA_ARGS__), ACT__FIELDS(__VA_ARGS__), \
		 (timeout), ACT_HERE)

/* Gives a reply back. NULL is fine. */
void act_release(struct act_self *self, struct act_message *reply);

/* Answers the ask that `message` is. Never waits. ACT_ESTALE when it is no ask or was answered;
 * ACT_EGONE when the asker no longer waits (nothing is wrong then). */
#define act_reply(self, message, ...) \
	act__reply_to((self), (message), ACT__TYPE(__VA_ARGS__), ACT__FIELDS(__VA_ARGS__), ACT_HERE)

/* Answers it with an error (negative) instead of a reply. The results are the same. */
#define act_reply_error(self, message, error) act__reply_error((self), (message), (error), ACT_HERE)

/* Answers by a token taken earlier; zeroes it. Results as of act_reply(). */
#define act_answer(self, token, ...) \
	act__answer((self), (token), ACT__TYPE(__VA_ARGS__), ACT__FIELDS(__VA_ARGS__), ACT_HERE)

/* Answers by it with an error (negative); zeroes it. */
#define act_fail(self, token, error) act__fail((self), (token), (error), ACT_HERE)

/* Gives a token up unanswered; the asker gets ACT_EDROPPED. */
#define act_drop_token(self, token) act__drop_token((self), (token), ACT_HERE)

/* Suspends this actor. */
#define act_sleep(self, nanoseconds) act__sleep((self), (nanoseconds), ACT_HERE)

/* Waits until `actor` has ended. The handle stays held, so an idle actor ends only if somebody
 * stops it, or it stops itself; act_monitor() keeps no handle. 0, ACT_EDEADLINE, ACT_ECANCELLED. */
#define act_join(self, actor)                 act__join((self), (actor), ACT_FOREVER, ACT_HERE)
#define act_join_within(self, actor, timeout) act__join((self), (actor), (timeout), ACT_HERE)

/* Sends a message to this actor itself after a while, without waiting. The number is for
 * act_cancel_timer(); 0 when out of memory or draining. A timer finds a full mailbox: it is
 * delivered as soon as there is space. While it is set it keeps the actor from ending for want of
 * handles. */
#define act_after(self, nanoseconds, ...)                                                   \
	act__after((self), (nanoseconds), ACT__TYPE(__VA_ARGS__), ACT__FIELDS(__VA_ARGS__), \
		   ACT_HERE)
void act_cancel_timer(struct act_self *self, uint64_t timer);

/* private */
int act__send(struct act_self *self, struct act_handle to, const struct act_type *type,
	      void *fields, uint64_t timeout, struct act_site *site);
int act__try_send(struct act_self *self, struct act_handle to, const struct act_type *type,
		  void *fields, struct act_site *site);
int act__ask(struct act_self *self, struct act_handle to, struct act_message **ret_reply,
	     const struct act_type *type, void *fields, uint64_t timeout, struct act_site *site);
int act__reply_to(struct act_self *self, struct act_message *message, const struct act_type *type,
		  void *fields, struct act_site *site);
int act__reply_error(struct act_self *self, struct act_message *message, int error,
		     struct act_site *site);
int act__answer(struct act_self *self, struct act_token *token, const struct act_type *type,
		void *fields, struct act_site *site);
int act__fail(struct act_self *self, struct act_token *token, int error, struct act_site *site);
void act__drop_token(struct act_self *self, struct act_token *token, struct act_site *site);
int act__sleep(struct act_self *self, uint64_t nanoseconds, struct act_site *site);
int act__join(struct act_self *self, struct act_handle actor, uint64_t timeout,
	      struct act_site *site);
uint64_t act__after(struct act_self *self, uint64_t nanoseconds, const struct act_type *type,
		    void *fields, struct act_site *site);

#ifdef __cplusplus
}
#endif

#endif
