#include "tracer/record/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tracer/event/filter.h"
#include "tracer/model/memory.h"

enum {
	NAMES_MAX = 10000, /* of each sort; programs may make actors without end */
	NAME_SIZE = 64,
	NEAR = 3
};

enum { KINDS, TYPES, ACTORS, LISTS };

struct list {
	char **names;
	size_t count, room;
};

struct trc_names {
	struct list lists[LISTS];
};

struct trc_names *trc_names_new(void)
{
	return trc_zalloc(1, sizeof(struct trc_names));
}

static void clear(struct list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
}

void trc_names_free(struct trc_names *names)
{
	if (!names)
		return;
	for (int i = 0; i < LISTS; i++)
		clear(&names->lists[i]);
	free(names);
}

/* --- taking notice ---------------------------------------------------------------------------- */

static void add(struct list *list, char *name)
{
	if (list->count == NAMES_MAX) {
		free(name);
		return;
	}
	list->names = trc_grow(list->names, &list->room, list->count + 1, sizeof *list->names);
	list->names[list->count++] = name;
}

static char *name_in(const struct trc_event *event)
{
	size_t size = event->payload_size < NAME_SIZE ? event->payload_size : NAME_SIZE;

	return trc_format("%.*s", (int)size, size ? (const char *)event->payload : "");
}

void trc_names_note(struct trc_names *names, const struct trc_event *event)
{
	const struct list *kinds = &names->lists[KINDS];

	switch (event->kind) {
	case TRC_DEF_KIND:
		add(&names->lists[KINDS], name_in(event));
		break;
	case TRC_DEF_TYPE:
		add(&names->lists[TYPES], name_in(event));
		break;
	case TRC_SPAWN:
		/* Kinds are defined in the order of their numbers. */
		if (event->payload_size > 0)
			add(&names->lists[ACTORS], name_in(event));
		else if (event->peer > 0 && event->peer <= kinds->count)
			add(&names->lists[ACTORS],
			    trc_format("%s-%" PRIu64, kinds->names[event->peer - 1], event->id));
		break;
	}
}

/* --- what is near ----------------------------------------------------------------------------- */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters are to be changed, put in or taken out to make one of the other (Levenshtein);
 * capitals do not matter, and a star is a letter too many. */
static size_t distance(const char *a, const char *b)
{
	size_t row[NAME_SIZE + 2], width = least(strlen(b), NAME_SIZE);

	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] && i <= NAME_SIZE; i++) {
		size_t corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			bool same = strncasecmp(&a[i - 1], &b[j - 1], 1) == 0;
			size_t changed = corner + !same;

			corner = row[j];
			row[j] = least(changed, 1 + least(row[j], row[j - 1]));
		}
	}
	return row[width];
}

static bool is_known(const struct list *list, const char *pattern)
{
	for (size_t i = 0; i < list->count; i++)
		if (trc_name_is_like(list->names[i], pattern))
			return true;
	return list->count == NAMES_MAX;
}

/* The nearest names, each once, nearest first. Returns how many there are. */
static size_t find_near(const struct list *list, const char *pattern, const char *near[NEAR])
{
	size_t distances[NEAR], count = 0;

	for (size_t i = 0; i < list->count; i++) {
		size_t away = distance(pattern, list->names[i]), place = count;
		bool known = false;

		for (size_t k = 0; k < count; k++)
			known |= strcmp(near[k], list->names[i]) == 0;
		while (place > 0 && distances[place - 1] > away)
			place--;
		if (known || place == NEAR)
			continue;
		if (count < NEAR)
			count++;
		for (size_t k = count - 1; k > place; k--) {
			near[k] = near[k - 1];
			distances[k] = distances[k - 1];
		}
		near[place] = list->names[i];
		distances[place] = away;
	}
	return count;
}

static void tell_near(const struct list *list, const char *what, const char *pattern,
		      struct trc_text *text)
{
	const char *near[NEAR];
	size_t count = find_near(list, pattern, near);

	trc_text_add(text, "%s", text->length > 0 ? "; " : "");
	if (count == 0)
		trc_text_add(text, "there was no %s at all", what);
	else
		trc_text_add(text, "there %s %s%s", count == 1 ? "was the" : "were", what,
			     count == 1 ? " " : "s ");
	for (size_t i = 0; i < count; i++)
		trc_text_add(text, "%s%s", i == 0 ? "" : i + 1 == count ? " and " : ", ", near[i]);
}

char *trc_names_near(const struct trc_names *names, const char *rule)
{
	static const struct {
		const char *field, *what;
		int list;
	} fields[] = {
		{"from:", "actor", ACTORS},       {"to:", "actor", ACTORS},
		{"actor:", "actor", ACTORS},      {"kind:", "kind", KINDS},
		{"type:", "message type", TYPES},
	};
	struct trc_text text = {0};
	const char *at = strchr(rule, ' ');

	/* A name in quotes is taken as its first word: it is near enough. */
	while (at && *(at += strspn(at, " \""))) {
		size_t length = strcspn(at, " \"");

		for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
			size_t field = strlen(fields[i].field);
			char *pattern;

			if (length <= field || strncasecmp(at, fields[i].field, field) != 0)
				continue;
			pattern = trc_format("%.*s", (int)(length - field), at + field);
			if (!is_known(&names->lists[fields[i].list], pattern) &&
			    strcasecmp(pattern, "outside") != 0)
				tell_near(&names->lists[fields[i].list], fields[i].what, pattern,
					  &text);
			free(pattern);
		}
		at += length;
	}
	return text.data ? text.data : trc_strdup("");
}
