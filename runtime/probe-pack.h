/*
 * probe-pack.h - fields of messages and states as an event's payload
 */
#ifndef RUNTIME_PROBE_PACK_H
#define RUNTIME_PROBE_PACK_H

#include "runtime/probe.h"
#include "tracer/event/payload.h"

enum { ACT__SMALL_PAYLOAD = 512 };

struct act__packed {
	struct trc_packer packer;
	uint8_t *large; /* when `small` is not enough; to be freed */
	uint8_t small[ACT__SMALL_PAYLOAD];
};

/* What a field's place names, as a trace knows it; 0: nobody, none. */
uint64_t act__handle_number(const struct act_handle *handle);

/* Packs fields as far as the recording wants them. */
void act__pack(struct act_self *self, struct act__packed *packed, const struct act_type *type,
	       const void *fields);

#endif
