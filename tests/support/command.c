#include "tests/support/command.h"

#include "tracer/model/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

static char *program;
static char directory[40];
static char *output;

void cmd_open(const char *path)
{
	program = realpath(path, NULL); /* commands run in another directory */
	assert_non_null(program);
	setenv("ACTORSCOPE", program, true);
	strcpy(directory, "/tmp/test-command-XXXXXX");
	assert_non_null(mkdtemp(directory));
}

void cmd_close(void)
{
	char *line = trc_format("rm -rf %s", directory);

	assert_int_equal(system(line), 0);
	free(line);
	free(output);
	free(program);
	output = program = NULL;
}

char *cmd_path(const char *name)
{
	return trc_format("%s/%s", directory, name);
}

void cmd_write_text(const char *name, const char *text)
{
	char *path = cmd_path(name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	free(path);
}

void cmd_write_trace(const char *name, const struct tb *tb, size_t batch)
{
	char *path = cmd_path(name);

	tf_write(path, tb, batch);
	free(path);
}

void cmd_write_live(const char *name, const struct tb *tb, size_t batch)
{
	char *path = cmd_path(name);
	struct trc_store *store = tf_create(path);

	tf_add(store, tb, 0, tb->count, batch);
	tf_close(store, tb, false, false);
	free(path);
}

int cmd_shell(const char *line)
{
	char *whole = trc_format("cd %s && exec 2>&1; %s", directory, line);
	FILE *pipe = popen(whole, "r");
	struct trc_text text = {0};
	char part[4096];
	int status;

	assert_non_null(pipe);
	trc_text_add(&text, "%s", "");
	while (fgets(part, sizeof part, pipe))
		trc_text_add(&text, "%s", part);
	status = pclose(pipe);
	free(whole);
	free(output);
	output = text.data;
	if (!WIFEXITED(status))
		fail_msg("'%s' was killed: %s", line, output);
	return WEXITSTATUS(status);
}

int cmd_run(const char *arguments)
{
	char *line = trc_format("$ACTORSCOPE %s", arguments);
	int status = cmd_shell(line);

	free(line);
	return status;
}

const char *cmd_output(void)
{
	return output;
}

unsigned cmd_lines(void)
{
	unsigned count = 0;

	for (const char *at = output; *at; at++)
		count += *at == '\n';
	return count;
}

void cmd_says(const char *text)
{
	if (!strstr(output, text))
		fail_msg("'%s' is not in: %s", text, output);
}

void cmd_does_not_say(const char *text)
{
	if (strstr(output, text))
		fail_msg("'%s' is in: %s", text, output);
}

json_t *cmd_json(void)
{
	json_error_t error;
	json_t *value = json_loads(output, 0, &error);

	if (!value)
		fail_msg("%s in: %s", error.text, output);
	return value;
}

json_t *cmd_member(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	if (!value)
		fail_msg("there is no '%s' in %s", key, output);
	return value;
}

long long cmd_number(json_t *object, const char *key)
{
	json_t *value = cmd_member(object, key);

	if (!json_is_integer(value))
		fail_msg("'%s' is no whole number in %s", key, output);
	return json_integer_value(value);
}

const char *cmd_text(json_t *object, const char *key)
{
	json_t *value = cmd_member(object, key);

	if (!json_is_string(value))
		fail_msg("'%s' is no text in %s", key, output);
	return json_string_value(value);
}
