/*
 * command.h - a program as its users run it: from a shell, in a directory that is gone afterwards
 *
 * Failures fail the test, and say what the command printed.
 */
#ifndef TESTS_SUPPORT_COMMAND_H
#define TESTS_SUPPORT_COMMAND_H

#include "tests/support/trace-file.h"

#include <jansson.h>

/* Makes the directory. `program` is what cmd_run() runs. */
void cmd_open(const char *program);
void cmd_close(void);

/* The path of a file in the directory, to be freed. */
char *cmd_path(const char *name);

/* Writes a file in the directory: a text, a whole trace, or one whose recording never ended. */
void cmd_write_text(const char *name, const char *text);
void cmd_write_trace(const char *name, const struct tb *tb, size_t batch);
void cmd_write_live(const char *name, const struct tb *tb, size_t batch);

/* Runs `program ARGUMENTS`, or a line of shell, in the directory; returns its exit status. The line
 * may name the program as $ACTORSCOPE. */
int cmd_run(const char *arguments);
int cmd_shell(const char *line);

/* What the last of them printed, errors included. */
const char *cmd_output(void);
unsigned cmd_lines(void);
void cmd_says(const char *text);
void cmd_does_not_say(const char *text);

/* The same as one JSON value; to be released. */
json_t *cmd_json(void);

/* A member that must be there. */
json_t *cmd_member(json_t *object, const char *key);
long long cmd_number(json_t *object, const char *key);
const char *cmd_text(json_t *object, const char *key);

#endif
