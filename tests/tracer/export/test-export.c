/*
 * Each format of one small trace, compared with a file that was looked at: test-export GOLDEN_DIR
 *
 * With UPDATE_GOLDEN in the environment the files are written instead; read them before they are
 * committed.
 */
#include "tracer/export/export.h"

#include "tests/support/random-events.h"
#include "tests/support/trace-builder.h"
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

typedef void story(struct tb *tb);

struct run {
	struct trc_export *export;
	bool stopped;
};

static void before(const struct trc_event *event, void *context)
{
	struct run *run = context;

	if (!run->stopped)
		run->stopped = !trc_export_before(run->export, event);
}

static void after(const struct trc_event *event, void *context)
{
	struct run *run = context;

	if (!run->stopped)
		trc_export_after(run->export, event);
}

static struct trc_export_options whole(void)
{
	return (struct trc_export_options){
		.to = UINT64_MAX,
		.at = UINT64_MAX,
		.program = "./program \"x\"",
		.wall_start = UINT64_C(1700000000000000000),
	};
}

/* The story in a format, to be freed; `ret_note` (may be NULL) likewise. */
static char *exported(const char *format, story *tell, const struct trc_export_options *options,
		      char **ret_note)
{
	struct run run = {0};
	struct tb tb;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	assert_non_null(trc_export_format_find(format));
	tb_init(&tb);
	run.export = trc_export_new(trc_export_format_find(format), options, tb.model, file);
	tb.before = before;
	tb.after = after;
	tb.context = &run;
	tell(&tb);
	trc_export_end(run.export);
	if (ret_note)
		*ret_note = trc_export_note(run.export) ? trc_strdup(trc_export_note(run.export))
							: NULL;
	trc_export_free(run.export);
	tb_fini(&tb);
	assert_int_equal(fclose(file), 0);
	return text;
}

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (!value)
		fail_msg("%s in: %s", error.text, text);
	return value;
}

/* --- stories ------------------------------------------------------------------------------------
 */

static void log_text(struct tb *tb, uint64_t actor, const char *text)
{
	tb_add(tb, (struct trc_event){.kind = TRC_LOG,
				      .actor = actor,
				      .payload = (const uint8_t *)text,
				      .payload_size = (uint32_t)strlen(text)});
}

/* An ask within an ask, a wait for space, a note, a deadlock. */
static void tell_small(struct tb *tb)
{
	uint64_t room, ann, store, outer, inner;

	tb_at(tb, "main.c", "main", 10);
	room = tb_spawn(tb, 0, "room", "lobby", 1);
	ann = tb_spawn(tb, room, "member", "ann", 1);
	store = tb_spawn(tb, 0, "store", "disk", 1);
	tb_send(tb, 0, ann, "Join");
	tb_receive_next(tb, ann);
	tb_at(tb, "member.c", "on_join", 20);
	outer = tb_ask_and_wait(tb, ann, room, "Enter");
	tb_receive_next(tb, room);
	tb_at(tb, "room.c", "on_enter", 30);
	inner = tb_ask_and_wait(tb, room, store, "Load");
	tb_receive_next(tb, store);
	log_text(tb, store, "reads");
	tb_reply(tb, store, tb_token(inner));
	tb_done(tb, store);
	tb_wake(tb, room, TRC_WAKE_MET);
	tb_reply(tb, room, tb_token(outer));
	tb_done(tb, room);
	tb_wake(tb, ann, TRC_WAKE_MET);
	tb_done(tb, ann);

	tb_send(tb, 0, ann, "Go");
	tb_receive_next(tb, ann);
	tb_send(tb, 0, room, "Go");
	tb_receive_next(tb, room);
	tb_at(tb, "member.c", "on_go", 40);
	tb_ask_and_wait(tb, ann, room, "Enter");
	tb_at(tb, "room.c", "on_go", 50);
	tb_ask_and_wait(tb, room, ann, "Who");
	log_text(tb, store, "later");
}

#define HOSTILE "=a\"b\\c\n\x1b[31m;#%%<script>&\xff\xc3\xa9 end\r\n}],\\N"

static void tell_hostile(struct tb *tb)
{
	uint64_t a, b, ask;

	tb_at(tb, "x\"\\\n.c", "f\"", 1);
	a = tb_spawn(tb, 0, "k\"\n\\", HOSTILE, 1);
	b = tb_spawn(tb, 0, "end", "-" HOSTILE, 1);
	tb_send(tb, 0, a, "T\"\n\\;#");
	tb_receive_next(tb, a);
	log_text(tb, a, HOSTILE);
	ask = tb_ask_and_wait(tb, a, b, "end");
	tb_receive_next(tb, b);
	tb_drop_token(tb, b, tb_token(ask));
	tb_wake(tb, a, TRC_WAKE_MET);
	tb_wait_space(tb, a, b);
	tb_wait_space(tb, b, a);
}

static void tell_long(struct tb *tb)
{
	uint64_t a = tb_spawn(tb, 0, "a", "one", 10);

	for (int i = 0; i < 300; i++) {
		tb_send(tb, 0, a, "Tick");
		tb_receive_next(tb, a);
		tb_done(tb, a);
	}
}

static void tell_crowd(struct tb *tb)
{
	for (int i = 0; i < 300; i++) {
		uint64_t a = tb_spawn(tb, 0, "a", "", 10);

		tb_send(tb, 0, a, "Tick");
	}
}

static unsigned seed;

/* Events that nobody would write. */
static void tell_nonsense(struct tb *tb)
{
	uint8_t payload[64];

	srand(seed);
	for (int i = 0; i < 400; i++)
		tb_add(tb, random_event(payload, sizeof payload));
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
	struct trc_export_options options = whole();
	char *text = exported(format, tell_small, &options, NULL);
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
	struct trc_export_options options = whole();
	story *const stories[] = {tell_small, tell_hostile};
	char *text;

	for (size_t i = 0; i < 2; i++) {
		text = exported("chrome", stories[i], &options, NULL);
		check_chrome(text);
		free(text);
		text = exported("otlp", stories[i], &options, NULL);
		check_otlp(text, i == 0 ? 4 : 1);
		free(text);
	}
}

static void an_ask_within_an_ask_is_its_child(void **state)
{
	struct trc_export_options options = whole();
	char *text = exported("otlp", tell_small, &options, NULL);
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
	struct trc_export_options options = whole();

	for (seed = 1; seed <= 100; seed++) {
		for (size_t i = 0; i < trc_export_format_count(); i++) {
			const char *name = trc_export_format_name(trc_export_format_at(i));
			char *text = exported(name, tell_nonsense, &options, NULL);

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
	struct trc_export_options options = whole();
	char *text = exported("csv", tell_hostile, &options, NULL);
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
	struct trc_export_options options = whole();

	for (size_t i = 0; i < 3; i++) {
		char *text = exported(formats[i], tell_hostile, &options, NULL);

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
	struct trc_export_options options = whole();
	char *text = exported("mermaid", tell_hostile, &options, NULL);

	assert_null(strstr(text, " end"));
	assert_null(strstr(text, "%%"));
	assert_null(strstr(text, "<script"));
	assert_non_null(strstr(text, "#101;nd"));
	free(text);
}

static void a_long_diagram_says_what_it_leaves_out(void **state)
{
	struct trc_export_options options = whole();
	char *note = NULL;
	char *text = exported("mermaid", tell_long, &options, &note);

	assert_non_null(note);
	assert_non_null(strstr(note, "100 lines of the diagram were left out"));
	assert_non_null(strstr(text, "100 lines of the diagram were left out"));
	free(note);
	free(text);
}

static void clocks_have_a_limit(void **state)
{
	struct trc_export_options options = whole();
	char *note = NULL;
	char *text = exported("shiviz", tell_crowd, &options, &note);

	assert_non_null(note);
	assert_non_null(strstr(note, "more than 256 actors"));
	free(note);
	free(text);
}

/* --- choosing -----------------------------------------------------------------------------------
 */

static void a_range_cuts_slices_but_leaves_them_whole(void **state)
{
	struct trc_export_options options = whole();

	for (options.from = 0; options.from < 80000; options.from += 1000) {
		char *text;
		json_t *root, *event;
		int depth = 0;
		size_t i;

		options.to = options.from + 15000;
		text = exported("chrome", tell_small, &options, NULL);
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
	struct trc_export_options options = whole();
	char *text;

	options.actor = "di*";
	text = exported("csv", tell_small, &options, NULL);
	assert_non_null(strstr(text, "\"Load\""));
	assert_null(strstr(text, "\"Enter\""));
	free(text);
}

static void the_graph_shows_the_time_it_is_asked_for(void **state)
{
	struct trc_export_options options = whole();
	char *text = exported("dot", tell_small, &options, NULL);

	assert_non_null(strstr(text, "peripheries=2"));
	free(text);
	options.at = 0;
	text = exported("dot", tell_small, &options, NULL);
	assert_null(strstr(text, "->"));
	free(text);
}

static void graphviz_reads_the_graph(void **state)
{
	struct trc_export_options options = whole();
	char path[] = "/tmp/test-export-XXXXXX";
	char *text, *command;
	int fd;

	if (system("command -v dot >/dev/null") != 0)
		skip();
	fd = mkstemp(path);
	assert_true(fd >= 0);
	text = exported("dot", tell_hostile, &options, NULL);
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
