/*
 * Each format of one small trace, compared with a file that was looked at: test-export GOLDEN_DIR
 *
 * With UPDATE_GOLDEN in the environment the files are written instead; read them before they are
 * committed.
 */
#include "tests/tracer/export/stories.h"

#include "tracer/model/memory.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static const char *golden_directory;

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!value)
		fail_msg("%s in: %s", error.text, text);
	return value;
}

/* --- golden files -------------------------------------------------------------------------------
 */

static char *read_file(const char *path)
{
	struct trc_text text = {0};
	char part[4096];
	FILE *file = fopen(path, "r");
	size_t size;

	if (!file)
		fail_msg("cannot read %s", path);
	trc_text_add(&text, "%s", "");
	while ((size = fread(part, 1, sizeof part, file)) > 0)
		trc_text_add(&text, "%.*s", (int)size, part);
	fclose(file);
	return text.data;
}

static void check_golden(const char *format)
{
	char *path = trc_format("%s/small.%s", golden_directory, format);
	struct trc_export_options options = story_whole();
	char *text = story_exported(format, story_small, &options, NULL);
	char *golden;

	if (getenv("UPDATE_GOLDEN")) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	golden = read_file(path);
	assert_string_equal(text, golden);
	free(golden);
	free(text);
	free(path);
}

static void each_format_is_as_it_was(void **state)
{
	assert_int_equal(trc_export_format_count(), 6);
	for (size_t i = 0; i < trc_export_format_count(); i++)
		check_golden(trc_export_format_name(trc_export_format_at(i)));
}

static void there_is_no_other_format(void **state)
{
	assert_null(trc_export_format_find("png"));
	assert_null(trc_export_format_find(""));
}

/* --- what readers of the formats rely on --------------------------------------------------------
 */

/* Slices nest and end, on each track; each flow that arrives had started. */
static void check_chrome(const char *text)
{
	json_t *root = parse(text), *events = json_object_get(root, "traceEvents"), *event;
	int depth[16] = {0};
	size_t i;

	assert_true(json_array_size(events) > 10);
	json_array_foreach(events, i, event)
	{
		const char *phase = json_string_value(json_object_get(event, "ph"));
		json_int_t track = json_integer_value(json_object_get(event, "tid"));

		assert_in_range(track, 0, 15);
		assert_true(json_is_real(json_object_get(event, "ts")));
		depth[track] += *phase == 'B' ? 1 : *phase == 'E' ? -1 : 0;
		assert_in_range(depth[track], 0, 2);
		if (*phase == 's' || *phase == 'f')
			assert_true(json_is_string(json_object_get(event, "id")));
	}
	for (i = 0; i < 16; i++)
		assert_int_equal(depth[i], 0);
	json_decref(root);
}

static void check_otlp(const char *text, size_t count)
{
	json_t *root = parse(text), *spans;

	spans = json_object_get(root, "resourceSpans");
	spans = json_object_get(json_array_get(spans, 0), "scopeSpans");
	spans = json_object_get(json_array_get(spans, 0), "spans");
	assert_int_equal(json_array_size(spans), count);
	for (size_t i = 0; i < count; i++) {
		json_t *span = json_array_get(spans, i);

		assert_int_equal(strlen(json_string_value(json_object_get(span, "traceId"))), 32);
		assert_int_equal(strlen(json_string_value(json_object_get(span, "spanId"))), 16);
	}
	json_decref(root);
}

static void json_is_json(void **state)
{
	struct trc_export_options options = story_whole();
	story *const stories[] = {story_small, story_hostile};
	char *text;

	for (size_t i = 0; i < 2; i++) {
		text = story_exported("chrome", stories[i], &options, NULL);
		check_chrome(text);
		free(text);
		text = story_exported("otlp", stories[i], &options, NULL);
		check_otlp(text, i == 0 ? 4 : 1);
		free(text);
	}
}

static void an_ask_within_an_ask_is_its_child(void **state)
{
	struct trc_export_options options = story_whole();
	char *text = story_exported("otlp", story_small, &options, NULL);
	json_t *root = parse(text), *spans, *load, *enter;

	spans = json_object_get(root, "resourceSpans");
	spans = json_object_get(json_array_get(spans, 0), "scopeSpans");
	spans = json_object_get(json_array_get(spans, 0), "spans");
	load = json_array_get(spans, 0);
	enter = json_array_get(spans, 1);
	assert_string_equal(json_string_value(json_object_get(load, "name")), "Load");
	assert_string_equal(json_string_value(json_object_get(enter, "name")), "Enter");
	assert_string_equal(json_string_value(json_object_get(load, "parentSpanId")),
			    json_string_value(json_object_get(enter, "spanId")));
	assert_string_equal(json_string_value(json_object_get(load, "traceId")),
			    json_string_value(json_object_get(enter, "traceId")));
	assert_null(json_object_get(enter, "parentSpanId"));
	json_decref(root);
	free(text);
}

static void nonsense_is_borne(void **state)
{
	struct trc_export_options options = story_whole();

	for (story_seed = 1; story_seed <= 100; story_seed++) {
		for (size_t i = 0; i < trc_export_format_count(); i++) {
			const char *name = trc_export_format_name(trc_export_format_at(i));
			char *text = story_exported(name, story_nonsense, &options, NULL);

			if (strcmp(name, "chrome") == 0 || strcmp(name, "otlp") == 0)
				json_decref(parse(text));
			free(text);
		}
	}
}

/* Reads one CSV field; returns what follows it. */
static const char *skip_field(const char *at)
{
	if (*at != '"')
		return at + strcspn(at, ",\r");
	for (at++; *at != '"' || at[1] == '"'; at++) {
		assert_int_not_equal(*at, 0);
		at += *at == '"';
	}
	return at + 1;
}

static void csv_rows_have_all_their_fields(void **state)
{
	struct trc_export_options options = story_whole();
	char *text = story_exported("csv", story_hostile, &options, NULL);
	const char *at = text;
	unsigned rows = 0;

	for (; *at; rows++) {
		unsigned fields = 1;

		for (at = skip_field(at); *at == ','; fields++)
			at = skip_field(at + 1);
		assert_int_equal(fields, 19);
		assert_memory_equal(at, "\r\n", 2);
		at += 2;
	}
	assert_int_equal(rows, 3);
	assert_non_null(strstr(text, "\"'=a\"\"b\\c")); /* no formula */
	free(text);
}

static void lines_stay_lines(void **state)
{
	static const char *const formats[] = {"mermaid", "shiviz", "dot"};
	struct trc_export_options options = story_whole();

	for (size_t i = 0; i < 3; i++) {
		char *text = story_exported(formats[i], story_hostile, &options, NULL);

		assert_null(strchr(text, '\x1b'));
		assert_null(strchr(text, '\r'));
		assert_null(strstr(text, "\n\x1b"));
		assert_null(strchr(text, '\xff'));
		assert_null(strstr(text, "\n}],"));
		free(text);
	}
}

static void mermaid_text_has_none_of_its_words(void **state)
{
	struct trc_export_options options = story_whole();
	char *text = story_exported("mermaid", story_hostile, &options, NULL);

	assert_null(strstr(text, " end"));
	assert_null(strstr(text, "%%"));
	assert_null(strstr(text, "<script"));
	assert_non_null(strstr(text, "#101;nd"));
	free(text);
}

static void a_long_diagram_says_what_it_leaves_out(void **state)
{
	struct trc_export_options options = story_whole();
	char *note = NULL;
	char *text = story_exported("mermaid", story_long, &options, &note);

	assert_non_null(note);
	assert_non_null(strstr(note, "100 lines of the diagram were left out"));
	assert_non_null(strstr(text, "100 lines of the diagram were left out"));
	free(note);
	free(text);
}

static void clocks_have_a_limit(void **state)
{
	struct trc_export_options options = story_whole();
	char *note = NULL;
	char *text = story_exported("shiviz", story_crowd, &options, &note);

	assert_non_null(note);
	assert_non_null(strstr(note, "more than 256 actors"));
	free(note);
	free(text);
}

/* --- choosing -----------------------------------------------------------------------------------
 */

static void a_range_cuts_slices_but_leaves_them_whole(void **state)
{
	struct trc_export_options options = story_whole();

	for (options.from = 0; options.from < 80000; options.from += 1000) {
		char *text;
		json_t *root, *event;
		int depth = 0;
		size_t i;

		options.to = options.from + 15000;
		text = story_exported("chrome", story_small, &options, NULL);
		root = parse(text);
		json_array_foreach(json_object_get(root, "traceEvents"), i, event)
		{
			const char *phase = json_string_value(json_object_get(event, "ph"));

			depth += *phase == 'B' ? 1 : *phase == 'E' ? -1 : 0;
			assert_true(depth >= 0);
		}
		assert_int_equal(depth, 0);
		json_decref(root);
		free(text);
	}
}

static void an_actor_can_be_chosen(void **state)
{
	struct trc_export_options options = story_whole();
	char *text;

	options.actor = "di*";
	text = story_exported("csv", story_small, &options, NULL);
	assert_non_null(strstr(text, "\"Load\""));
	assert_null(strstr(text, "\"Enter\""));
	free(text);
}

static void the_graph_shows_the_time_it_is_asked_for(void **state)
{
	struct trc_export_options options = story_whole();
	char *text = story_exported("dot", story_small, &options, NULL);

	assert_non_null(strstr(text, "peripheries=2"));
	free(text);
	options.at = 0;
	text = story_exported("dot", story_small, &options, NULL);
	assert_null(strstr(text, "->"));
	free(text);
}

static void graphviz_reads_the_graph(void **state)
{
	struct trc_export_options options = story_whole();
	char path[] = "/tmp/test-export-XXXXXX";
	char *text, *command;
	int fd;

	if (system("command -v dot >/dev/null") != 0)
		skip();
	fd = mkstemp(path);
	assert_true(fd >= 0);
	text = story_exported("dot", story_hostile, &options, NULL);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	command = trc_format("dot -Tsvg %s >/dev/null", path);
	assert_int_equal(system(command), 0);
	unlink(path);
	free(command);
	free(text);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_format_is_as_it_was),
		cmocka_unit_test(there_is_no_other_format),
		cmocka_unit_test(json_is_json),
		cmocka_unit_test(an_ask_within_an_ask_is_its_child),
		cmocka_unit_test(nonsense_is_borne),
		cmocka_unit_test(csv_rows_have_all_their_fields),
		cmocka_unit_test(lines_stay_lines),
		cmocka_unit_test(mermaid_text_has_none_of_its_words),
		cmocka_unit_test(a_long_diagram_says_what_it_leaves_out),
		cmocka_unit_test(clocks_have_a_limit),
		cmocka_unit_test(a_range_cuts_slices_but_leaves_them_whole),
		cmocka_unit_test(an_actor_can_be_chosen),
		cmocka_unit_test(the_graph_shows_the_time_it_is_asked_for),
		cmocka_unit_test(graphviz_reads_the_graph),
	};

	assert_int_equal(argc, 2);
	golden_directory = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
