#include "runtime/probe-define.h"

#include "runtime/system.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t definitions = PTHREAD_MUTEX_INITIALIZER;

/* Calls `write`, unless another thread was faster, and keeps the number it gives. */
static uint32_t define(struct act_self *self, uint32_t *place, const void *what,
		       uint32_t (*write)(struct act_self *self, const void *what))
{
	uint32_t number;

	pthread_mutex_lock(&definitions);
	number = __atomic_load_n(place, __ATOMIC_RELAXED);
	if (!number) {
		number = write(self, what);
		__atomic_store_n(place, number, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&definitions);
	return number;
}

static void write_definition(struct act_self *self, unsigned kind, uint32_t number, uint64_t arg,
			     const void *payload, size_t size)
{
	struct act_self outside = act__outside_of(self);

	act__emit(&outside, &(struct trc_event){.kind = (uint8_t)kind,
						.id = number,
						.arg = arg,
						.payload = payload,
						.payload_size = (uint32_t)size});
}

static uint32_t write_type(struct act_self *self, const void *what)
{
	static uint32_t last;
	const struct act_type *type = what;
	size_t size = strlen(type->name) + 1, used = size;
	char *text;

	for (unsigned i = 0; i < type->field_count; i++)
		size += strlen(type->fields[i].name) + 2;
	text = size <= TRC_PAYLOAD_MAX ? malloc(size) : NULL;
	if (!text || last == UINT16_MAX) {
		free(text);
		return 0;
	}
	memcpy(text, type->name, used);
	for (unsigned i = 0; i < type->field_count; i++) {
		size_t length = strlen(type->fields[i].name) + 1;

		text[used++] = type->fields[i].code;
		memcpy(text + used, type->fields[i].name, length);
		used += length;
	}
	write_definition(self, TRC_DEF_TYPE, ++last, 0, text, used);
	free(text);
	return last;
}

uint32_t act__define_type(struct act_self *self, const struct act_type *type)
{
	return define(self, type->trace_number, type, write_type);
}

static uint32_t write_site(struct act_self *self, const void *what)
{
	static uint32_t last;
	const struct act_site *site = what;
	size_t file = strlen(site->file) + 1, function = strlen(site->function) + 1;
	char *text = file + function <= TRC_PAYLOAD_MAX ? malloc(file + function) : NULL;

	if (!text)
		return 0;
	memcpy(text, site->file, file);
	memcpy(text + file, site->function, function);
	write_definition(self, TRC_DEF_SITE, ++last, site->line, text, file + function);
	free(text);
	return last;
}

uint32_t act__define_site(struct act_self *self, struct act_site *site)
{
	return define(self, &site->trace_number, site, write_site);
}

/* Kinds are constant and have no place for a number: they are kept in a list. */
struct known_kind {
	struct known_kind *next;
	const struct act_kind *kind;
	const char *name;
	uint32_t number;
};

uint32_t act__kind_number(struct act_self *self, const struct act_kind *kind)
{
	static struct known_kind *kinds;
	struct known_kind *known;
	uint32_t number = 0;

	pthread_mutex_lock(&definitions);
	for (known = kinds; known; known = known->next)
		if (known->kind == kind && known->name == kind->name)
			break;
	if (!known && (known = malloc(sizeof(*known)))) {
		*known =
			(struct known_kind){kinds, kind, kind->name, kinds ? kinds->number + 1 : 1};
		kinds = known;
		write_definition(self, TRC_DEF_KIND, known->number,
				 kind->mailbox ? kind->mailbox : ACT__DEFAULT_MAILBOX, kind->name,
				 strlen(kind->name) + 1);
	}
	if (known)
		number = known->number;
	pthread_mutex_unlock(&definitions);
	return number;
}
