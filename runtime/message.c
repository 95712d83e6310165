#include "runtime/message.h"

#include "runtime/ask.h"
#include "runtime/pool.h"

#include <string.h>

enum { BYTES_ALIGNMENT = 16 };

static size_t aligned(size_t size)
{
	return (size + BYTES_ALIGNMENT - 1) & ~(size_t)(BYTES_ALIGNMENT - 1);
}

/* Bytes that texts and byte fields need behind the struct. */
static size_t tail_size(const struct act_type *type, const void *fields)
{
	size_t size = 0;

	for (unsigned i = 0; i < type->field_count; i++) {
		const void *place = act__field(&type->fields[i], fields);

		if (type->fields[i].code == 't') {
			const char *text = *(const char *const *)place;
			size += text ? strlen(text) + 1 : 0;
		} else if (type->fields[i].code == 'y') {
			size = aligned(size) + ((const struct act_bytes *)place)->size;
		}
	}
	return size;
}

static void copy_tail(struct act_message *message, unsigned char *tail)
{
	const struct act_type *type = message->type;
	size_t used = 0;

	for (unsigned i = 0; i < type->field_count; i++) {
		void *place = act__field(&type->fields[i], message->fields);

		if (type->fields[i].code == 't') {
			const char **text = place;
			size_t size;

			if (!*text) {
				*text = "";
				continue;
			}
			size = strlen(*text) + 1;
			*text = memcpy(tail + used, *text, size);
			used += size;
		} else if (type->fields[i].code == 'y') {
			struct act_bytes *bytes = place;

			used = aligned(used);
			if (bytes->size)
				bytes->data = memcpy(tail + used, bytes->data, bytes->size);
			used += bytes->size;
		}
	}
}

struct act_message *act__message_new(struct act_self *self, const struct act_type *type,
				     const void *fields)
{
	size_t head = sizeof(struct act_message) + aligned(type->size);
	size_t tail = type->care & ACT__COPIED ? tail_size(type, fields) : 0;
	unsigned memory;
	struct act_message *message = act__pool_take(self, head + tail, &memory);

	if (!message)
		return NULL;
	message->next = NULL;
	message->type = type;
	message->token = (struct act_token){0};
	message->number = 0;
	message->kept = NULL;
	message->memory = memory;
	message->fate = 0;
	memcpy(message->fields, fields, type->size);
	if (type->care & ACT__COPIED)
		copy_tail(message, (unsigned char *)message + head);
	return message;
}

void act__fields_drop(struct act_self *self, const struct act_type *type, void *fields)
{
	for (unsigned i = 0; i < type->field_count; i++) {
		void *place = act__field(&type->fields[i], fields);

		if (type->fields[i].code == 'h')
			act_drop(self, place);
		else if (type->fields[i].code == 'k')
			act__token_drop(self, place, ACT_EDROPPED, NULL);
	}
}

void act__message_free(struct act_self *self, struct act_message *message, int error)
{
	if (!message)
		return;
	if (message->token.ask)
		act__token_drop(self, &message->token, error, NULL);
	if (message->type->care & ACT__DROPPED)
		act__fields_drop(self, message->type, message->fields);
	act__pool_give(self, message, message->memory);
}

void act_release(struct act_self *self, struct act_message *reply)
{
	act__message_free(self, reply, ACT_EDROPPED);
}

void *act__fields_of(struct act_message *message, const struct act_type *type)
{
	return message && message->type == type ? message->fields : NULL;
}

const struct act_type *act_type_of(const struct act_message *message)
{
	return message->type;
}

struct act_handle act_take(struct act_handle *handle)
{
	struct act_handle taken = *handle;

	*handle = (struct act_handle){0};
	return taken;
}

struct act_token act_take_token(struct act_token *token)
{
	struct act_token taken = *token;

	*token = (struct act_token){0};
	return taken;
}

struct act_token act__token_of(struct act_message *message, struct act_site *site)
{
	if (message->token.ask)
		message->kept = site;
	return act_take_token(&message->token);
}
