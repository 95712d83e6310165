/*
 * probe-define.h - the numbers under which a trace knows types, places in the source, and kinds
 *
 * A number is given out once in the process, under a lock, and becomes visible to other threads
 * only after its definition has been written.
 */
#ifndef RUNTIME_PROBE_DEFINE_H
#define RUNTIME_PROBE_DEFINE_H

#include "runtime/probe.h"

/* Writes an event, as the running actor or the outside. False: it was counted as lost. */
bool act__emit(struct act_self *self, struct trc_event *event);

/* The first time; 0 when it cannot be defined, which is said as "unknown". */
uint32_t act__define_type(struct act_self *self, const struct act_type *type);
uint32_t act__define_site(struct act_self *self, struct act_site *site);

uint32_t act__kind_number(struct act_self *self, const struct act_kind *kind);

static inline uint16_t act__type_number(struct act_self *self, const struct act_type *type)
{
	/* Pairs with the release in define(). */
	uint32_t number = __atomic_load_n(type->trace_number, __ATOMIC_ACQUIRE);

	return (uint16_t)(number ? number : act__define_type(self, type));
}

/* `site` may be NULL. */
static inline uint32_t act__site_number(struct act_self *self, struct act_site *site)
{
	uint32_t number = site ? __atomic_load_n(&site->trace_number, __ATOMIC_ACQUIRE) : 0;

	return number || !site ? number : act__define_site(self, site);
}

#endif
