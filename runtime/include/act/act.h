/*
 * act.h - actors: private state, a bounded mailbox, handles, one-shot replies
 *
 *     ACT_MESSAGE(Greet, (text, name))
 *     ACT_MESSAGE(Greeting, (text, line))
 *
 *     static void greeter(struct act_self *self, void *state, struct act_message *m)
 *     {
 *             struct Greet *greet = act_as(m, Greet);
 *             if (greet)
 *                     act_reply(self, m, Greeting, .line = greet->name);
 *     }
 *
 *     static const struct act_kind greeter_kind = { .name = "greeter", .handle = greeter };
 *
 * Read message.h, then actor.h, send.h and system.h. When these are not enough: group.h (several
 * questions at once), registry.h (names), monitor.h (who ended, and why), blocking.h (calls that
 * block). Sockets are actors, too: tcp.h, ws.h.
 *
 * Run any program under `actorscope record` and every call here leaves an event behind, with the
 * source line it was made from; that is why many of them are macros.
 */
#ifndef ACT_ACT_H
#define ACT_ACT_H

#include <act/actor.h>
#include <act/blocking.h>
#include <act/error.h>
#include <act/group.h>
#include <act/message.h>
#include <act/monitor.h>
#include <act/registry.h>
#include <act/send.h>
#include <act/system.h>

#endif
