/*
 * json.h - what the verbs add to jansson
 */
#ifndef TRACER_CLI_JSON_H
#define TRACER_CLI_JSON_H

#include <jansson.h>
#include <stdint.h>

/* A string from a trace: what is not UTF-8 becomes '?'. */
json_t *trc_json_text(const char *text);

/* Puts a value, a string or a number under a key. The value is given away. */
void trc_json_set(json_t *object, const char *key, json_t *value);
void trc_json_set_text(json_t *object, const char *key, const char *text);
void trc_json_set_number(json_t *object, const char *key, uint64_t number);

/* Prints the value and a newline to stdout, and gives it back. */
void trc_json_print(json_t *value, size_t flags);

#endif
