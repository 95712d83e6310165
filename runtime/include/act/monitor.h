/*
 * monitor.h - learning that an actor has ended, and ending together
 */
#ifndef ACT_MONITOR_H
#define ACT_MONITOR_H

#include <act/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Why an actor ended. */
enum act_reason {
	ACT_REASON_UNKNOWN = 0,     /* it ended so long ago that nobody knows */
	ACT_REASON_STOPPED = 1,     /* by act_stop(), or by a link */
	ACT_REASON_UNREACHABLE = 2, /* its last handle was dropped and its mailbox was empty */
	ACT_REASON_FAILED = 3,      /* its start handler returned something else than 0 */
	ACT_REASON_SHUTDOWN = 4,    /* the system is stopping */
};

/* To the actor that called act_monitor(). */
ACT_MESSAGE(ActorEnded, (u64, monitor), (i64, reason), (text, name))

/*
 * Lets ActorEnded come to this actor when that one has ended; at once when it has already. Returns
 * the number that the message will have, 0 when out of memory. The handle may be dropped: a monitor
 * does not keep the watched actor from ending.
 *
 * It keeps this one from ending for want of handles, like a timer, since a message is still to
 * come. And like a timer it waits for space when the mailbox is full; the other ends all the same.
 */
uint64_t act_monitor(struct act_self *self, struct act_handle handle);

/* No message comes any more, unless it is in the mailbox already. Unknown numbers are fine. */
void act_unmonitor(struct act_self *self, uint64_t monitor);

/*
 * Ties this actor's end to the other's: when one of them ends in any way but for want of handles
 * (ACT_REASON_UNREACHABLE), the other is stopped, as by act_stop(), and so on along its own links.
 * Links keep nobody from ending. When the other had ended already, that counts as if it did now.
 * 0; ACT_ESTALE when the handle is to nobody; -ENOMEM.
 */
int act_link(struct act_self *self, struct act_handle handle);

/*
 * Unties what act_link() tied, whichever of the two had called it, and how often. Fine when nothing
 * ties them. When the other is ending at this very moment, this actor may be stopped all the same.
 */
void act_unlink(struct act_self *self, struct act_handle handle);

#ifdef __cplusplus
}
#endif

#endif
