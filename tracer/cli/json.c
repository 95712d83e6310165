#include "tracer/cli/json.h"

#include "tracer/model/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

json_t *trc_json_text(const char *text)
{
	json_t *value = json_string(text);
	char *copy;

	if (value)
		return value;
	copy = trc_strdup(text);
	for (char *at = copy; *at; at++)
		if ((unsigned char)*at >= 0x80)
			*at = '?';
	value = json_string(copy);
	free(copy);
	return value;
}

void trc_json_set(json_t *object, const char *key, json_t *value)
{
	json_object_set_new(object, key, value);
}

void trc_json_set_text(json_t *object, const char *key, const char *text)
{
	trc_json_set(object, key, trc_json_text(text));
}

void trc_json_set_number(json_t *object, const char *key, uint64_t number)
{
	trc_json_set(object, key, json_integer((json_int_t)number));
}

void trc_json_print(json_t *value, size_t flags)
{
	json_dumpf(value, stdout, flags);
	putchar('\n');
	json_decref(value);
}
