#include "tracer/model/definitions.h"

#include "tracer/event/payload.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct trc__definitions *trc__definitions_new(void)
{
	struct trc__definitions *definitions = trc_zalloc(1, sizeof *definitions);

	definitions->users = 1;
	return definitions;
}

struct trc__definitions *trc__definitions_share(struct trc__definitions *definitions)
{
	definitions->users++;
	return definitions;
}

static void free_table(struct trc_table *table)
{
	size_t place = 0;
	void *value;

	while ((value = trc_table_next(table, &place)))
		free(value);
	trc_table_clear(table);
}

void trc__definitions_drop(struct trc__definitions *definitions)
{
	if (!definitions || --definitions->users > 0)
		return;
	free_table(&definitions->kinds);
	free_table(&definitions->types);
	free_table(&definitions->sites);
	free_table(&definitions->actors);
	free_table(&definitions->strangers);
	free(definitions);
}

/* Names are shown on terminals and in windows, and may come from a hostile file: what is not a
 * printable character becomes '?'. NULs are left. */
static void clean(uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size;) {
		size_t length = bytes[i] ? trc_printable(bytes + i, size - i) : 1;

		if (length == 0) {
			bytes[i] = '?';
			length = 1;
		}
		i += length;
	}
}

/* A NUL-terminated, clean copy of bytes that may or may not end in one. */
static char *copy_text(const uint8_t *bytes, size_t size)
{
	size_t length = size ? strnlen((const char *)bytes, size) : 0;
	char *text = trc_alloc(length + 1);

	if (length)
		memcpy(text, bytes, length);
	text[length] = '\0';
	clean((uint8_t *)text, length);
	return text;
}

static bool define_kind(struct trc__definitions *definitions, const struct trc_event *event)
{
	char *name = copy_text(event->payload, event->payload_size);
	const char *known = trc_table_find(&definitions->kinds, event->id);

	if (event->id == 0 || event->id > UINT32_MAX || known) {
		bool same = known && strcmp(known, name) == 0;

		free(name);
		return same;
	}
	trc_table_put(&definitions->kinds, event->id, name);
	return true;
}

static bool define_type(struct trc__definitions *definitions, const struct trc_event *event)
{
	const struct trc__type *known = trc_table_find(&definitions->types, event->id);
	size_t size = event->payload_size;
	struct trc__type *type;

	if (event->id == 0 || event->id > UINT16_MAX || size == 0)
		return false;
	type = trc_alloc(sizeof *type + size + 1);
	type->size = size;
	memcpy(type->payload, event->payload, size);
	type->payload[size] = '\0';
	clean(type->payload, size);
	if (known) {
		bool same = known->size == size && memcmp(known->payload, type->payload, size) == 0;

		free(type);
		return same;
	}
	trc_table_put(&definitions->types, event->id, type);
	return true;
}

static bool define_site(struct trc__definitions *definitions, const struct trc_event *event)
{
	size_t size = event->payload_size;
	struct trc__site *site;
	size_t file_length;

	if (event->id == 0 || event->id > UINT32_MAX || event->arg > UINT32_MAX)
		return false;
	if ((site = trc_table_find(&definitions->sites, event->id)))
		return site->site.line == event->arg;
	site = trc_alloc(sizeof *site + size + 2);
	if (size)
		memcpy(site->strings, event->payload, size);
	site->strings[size] = '\0';
	site->strings[size + 1] = '\0';
	clean((uint8_t *)site->strings, size);
	file_length = strlen(site->strings);
	site->sent_type = 0;
	site->site.file = site->strings;
	site->site.function = site->strings + file_length + 1;
	site->site.line = (uint32_t)event->arg;
	trc_table_put(&definitions->sites, event->id, site);
	return true;
}

bool trc__define(struct trc__definitions *definitions, const struct trc_event *event)
{
	switch (event->kind) {
	case TRC_DEF_KIND:
		return define_kind(definitions, event);
	case TRC_DEF_TYPE:
		return define_type(definitions, event);
	case TRC_DEF_SITE:
		return define_site(definitions, event);
	default:
		return false;
	}
}

const char *trc__define_actor(struct trc__definitions *definitions, uint64_t actor, uint32_t kind,
			      const uint8_t *name, size_t size)
{
	const char *kind_name = trc__kind_name(definitions, kind);
	char *text = trc_table_find(&definitions->actors, actor);

	if (text)
		return text;
	if (size > 0 && name[0] != '\0')
		text = copy_text(name, size);
	else
		text = trc_format("%s-%" PRIu64, kind_name ? kind_name : "actor", actor);
	trc_table_put(&definitions->actors, actor, text);
	return text;
}

const char *trc__define_stranger(struct trc__definitions *definitions, uint64_t actor)
{
	char *text = trc_table_find(&definitions->strangers, actor);

	if (!text) {
		text = trc_format("actor-%" PRIu64, actor);
		trc_table_put(&definitions->strangers, actor, text);
	}
	return text;
}

const char *trc__kind_name(const struct trc__definitions *definitions, uint32_t kind)
{
	return trc_table_find(&definitions->kinds, kind);
}

struct trc__type *trc__type(const struct trc__definitions *definitions, uint16_t type)
{
	return trc_table_find(&definitions->types, type);
}

struct trc__site *trc__site(const struct trc__definitions *definitions, uint32_t site)
{
	return trc_table_find(&definitions->sites, site);
}
