/*
 * registry.h - actors that can be found by name
 *
 * Names are known in the whole system. The registry holds no handle: an actor whose last handle is
 * dropped ends, and its name goes with it. Any actor may call these at any time; they never wait.
 */
#ifndef ACT_REGISTRY_H
#define ACT_REGISTRY_H

#include <act/actor.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Gives this actor a name, until it has ended or gives it up; the text is copied, and is not the
 * name given at spawn, which tools show. 0; -EEXIST when another actor has it that has not ended
 * yet; -EALREADY when this actor has a name; -EINVAL for an empty one; -ENOMEM. */
int act_register(struct act_self *self, const char *name);

/* Gives the name up: another actor may have it, this one another. Fine when it has none. */
void act_unregister(struct act_self *self);

/* A new handle to the actor of that name, held by this actor; or nobody (all zeros) when there is
 * none, or it is about to end. */
struct act_handle act_whereis(struct act_self *self, const char *name);

#ifdef __cplusplus
}
#endif

#endif
