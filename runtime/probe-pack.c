#include "runtime/probe-pack.h"

#include "runtime/system.h"
#include "tracer/event/session.h"

#include <stdlib.h>
#include <string.h>

/* Messages have no NULL in them, but states may. */
static const char *text_at(const void *place)
{
	const char *text = *(const char *const *)place;

	return text ? text : "";
}

/* No payload of these fields is longer than this. */
static size_t payload_bound(const struct act_type *type, const void *fields)
{
	size_t bound = 0;

	for (unsigned i = 0; i < type->field_count; i++) {
		const void *place = act__field(&type->fields[i], fields);

		bound += 8;
		if (type->fields[i].code == TRC_FIELD_TEXT)
			bound += strlen(text_at(place));
		else if (type->fields[i].code == TRC_FIELD_BYTES)
			bound += ((const struct act_bytes *)place)->size;
	}
	return bound;
}

uint64_t act__handle_number(const struct act_handle *handle)
{
	return act__handle_good(*handle) ? handle->actor->number : 0;
}

static void pack_field(struct trc_packer *packer, const struct act_field *field, const void *place)
{
	const char *text;
	const struct act_bytes *bytes;

	switch (field->code) {
	case TRC_FIELD_I64:
	case TRC_FIELD_U64:
		trc_pack_u64(packer, *(const uint64_t *)place);
		break;
	case TRC_FIELD_F64:
		trc_pack_f64(packer, *(const double *)place);
		break;
	case TRC_FIELD_BOOL:
		trc_pack_bool(packer, *(const bool *)place);
		break;
	case TRC_FIELD_TEXT:
		text = text_at(place);
		trc_pack_bytes(packer, text, strlen(text));
		break;
	case TRC_FIELD_BYTES:
		bytes = place;
		trc_pack_bytes(packer, bytes->data, bytes->size);
		break;
	case TRC_FIELD_HANDLE:
		trc_pack_u64(packer, act__handle_number(place));
		break;
	case TRC_FIELD_TOKEN:
		trc_pack_u64(packer, act__token_number(*(const struct act_token *)place));
		break;
	}
}

static void pack_fields(struct trc_packer *packer, const struct act_type *type, const void *fields)
{
	for (unsigned i = 0; i < type->field_count; i++)
		pack_field(packer, &type->fields[i], act__field(&type->fields[i], fields));
}

void act__pack(struct act_self *self, struct act__packed *packed, const struct act_type *type,
	       const void *fields)
{
	size_t limit = trc_session_payload_limit(self->system->session), size;

	if (limit > TRC_PAYLOAD_MAX)
		limit = TRC_PAYLOAD_MAX;
	packed->large = NULL;
	packed->packer = (struct trc_packer){
		.data = packed->small,
		.limit = limit < sizeof(packed->small) ? limit : sizeof(packed->small),
	};
	/* Most fit. How long texts are is then found out once, by packing them. */
	pack_fields(&packed->packer, type, fields);
	if (!packed->packer.cut || limit <= sizeof(packed->small))
		return;
	size = payload_bound(type, fields);
	if (size > limit)
		size = limit;
	packed->large = malloc(size);
	if (!packed->large)
		return;
	packed->packer = (struct trc_packer){.data = packed->large, .limit = size};
	pack_fields(&packed->packer, type, fields);
}
