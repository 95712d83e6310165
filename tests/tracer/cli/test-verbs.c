/*
 * check, show and stats as their users run them: test-verbs ACTORSCOPE
 */
#include "tests/support/command.h"

#include "tracer/event/payload.h"
#include "tracer/model/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static const char *program;

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, 0, &error);

	if (!value)
		fail_msg("%s in: %s", error.text, text);
	return value;
}

/* --- traces -------------------------------------------------------------------------------------
 */

struct chat {
	struct tb tb;
	uint64_t socket, room, ann;
};

static void open_chat(struct chat *chat, unsigned room_flags)
{
	struct tb *tb = &chat->tb;

	tb_init(tb);
	chat->socket = tb_spawn_source(tb, 0, "socket", "s", 10);
	chat->room = tb_spawn(tb, 0, "room", "lobby", 2);
	chat->ann = tb_spawn(tb, 0, "connection", "ann \"the\" \x1b[31m\xff", 2);
	for (int i = 0; i < 3; i++) {
		tb_send(tb, chat->socket, chat->ann, "Text");
		tb_receive_next(tb, chat->ann);
		tb_at(tb, "src/connection.c", "on_text", 44);
		tb_send(tb, chat->ann, chat->room, "Say");
		tb_done(tb, chat->ann);
		tb_receive_next(tb, chat->room);
		tb_at(tb, "src/room.c", "broadcast", 41);
		tb->send_flags = room_flags;
		tb_send(tb, chat->room, chat->ann, "Frame");
		tb_done(tb, chat->room);
		tb_receive_next(tb, chat->ann);
		tb_done(tb, chat->ann);
	}
}

static void hang_chat(struct chat *chat)
{
	struct tb *tb = &chat->tb;

	tb_send(tb, 0, chat->room, "Say");
	tb_send(tb, 0, chat->ann, "HungUp");
	tb_receive_next(tb, chat->room);
	tb_receive_next(tb, chat->ann);
	tb_fill(tb, 0, chat->room, 2);
	tb_fill(tb, 0, chat->ann, 2);
	tb_at(tb, "src/room.c", "broadcast", 41);
	tb_wait_space(tb, chat->room, chat->ann);
	tb_at(tb, "src/connection.c", "leave", 52);
	tb_wait_space(tb, chat->ann, chat->room);
}

/* Names that are hard to print. */
static void write_names(void)
{
	struct chat chat = {0};
	struct tb *tb = &chat.tb;
	char text[401];
	uint8_t bytes[450];
	struct trc_packer packer = {.data = bytes, .limit = sizeof bytes};
	uint64_t web;

	memset(text, 'a', 400);
	text[400] = '\0';
	tb_init(tb);
	web = tb_spawn(tb, 0, "web", "", 2);
	tb_spawn(tb, 0, "listener", "127.0.0.1:40001", 2);
	tb_spawn(tb, 0, "listener", "127.0.0.1:40002", 2);
	tb_spawn(tb, 0, "web", "\xff\xfe", 2);
	trc_pack_bytes(&packer, text, 400);
	tb_add(tb, (struct trc_event){.kind = TRC_DEF_TYPE,
				      .id = 999,
				      .payload = (const uint8_t *)"Long\0ttext",
				      .payload_size = 11});
	tb_add(tb, (struct trc_event){.kind = TRC_SEND,
				      .id = 1000,
				      .peer = tb_spawn(tb, 0, "web", text, 2),
				      .type = 999,
				      .payload = bytes,
				      .payload_size = (uint32_t)packer.size});
	tb_add(tb, (struct trc_event){.kind = TRC_STATE,
				      .actor = web,
				      .type = 999,
				      .payload = bytes,
				      .payload_size = (uint32_t)packer.size});
	cmd_write_trace("names.db", tb, 50);
	tb_fini(tb);
}

static int set_up(void **state)
{
	struct chat chat;

	cmd_open(program);
	open_chat(&chat, 0);
	cmd_write_trace("friendly.db", &chat.tb, 50);
	hang_chat(&chat);
	cmd_write_trace("hung.db", &chat.tb, 50);
	cmd_write_live("live.db", &chat.tb, 50);
	tb_add(&chat.tb, (struct trc_event){.kind = TRC_LOST, .id = 7});
	cmd_write_trace("gap.db", &chat.tb, 50);
	tb_fini(&chat.tb);
	open_chat(&chat, TRC_F_TRY);
	cmd_write_trace("cured.db", &chat.tb, 50);
	tb_fini(&chat.tb);
	write_names();
	return 0;
}

static int tear_down(void **state)
{
	cmd_close();
	return 0;
}

/* --- check --------------------------------------------------------------------------------------
 */

static void check_has_exit_codes_for_scripts(void **state)
{
	assert_int_equal(cmd_run("check friendly.db"), 1);
	cmd_says("potential-deadlock  predicted");
	cmd_says("needs 6 messages");
	assert_int_equal(cmd_run("check hung.db"), 1);
	cmd_says("deadlock  certain");
	cmd_does_not_say("potential");
	assert_int_equal(cmd_run("check cured.db"), 0);
	cmd_says("nothing found");
	cmd_does_not_say("refuted");
	assert_int_equal(cmd_run("check --refuted cured.db"), 0);
	cmd_says("room never waits for connection: act_try_send() at room.c:41");
	cmd_says("nothing found, 1 ring of waits refuted, in ");
	assert_int_equal(cmd_run("check --fail-on deadlock friendly.db"), 0);
	assert_int_equal(cmd_run("check --fail-on deadlock hung.db"), 1);
	assert_int_equal(cmd_run("check --fail-on none hung.db"), 0);
}

/* The file says that it is complete, an event that seven others are missing. */
static void a_trace_with_a_gap_is_not_complete_whatever_it_claims(void **state)
{
	json_t *result, *seen;

	cmd_run("check --json gap.db");
	result = cmd_json();
	seen = json_array_get(cmd_member(result, "runs"), 0);
	assert_true(json_is_false(cmd_member(seen, "complete")));
	assert_int_equal(cmd_number(seen, "lost"), 7);
	json_decref(result);
	cmd_run("check gap.db");
	cmd_says("7 events are missing in this trace");
}

static void check_never_lets_a_trace_write_to_the_terminal(void **state)
{
	cmd_run("check hung.db");
	assert_null(strchr(cmd_output(), '\x1b'));
	cmd_run("check --json hung.db");
	assert_null(strchr(cmd_output(), '\x1b'));
	cmd_run("show hung.db");
	assert_null(strchr(cmd_output(), '\x1b'));
	cmd_run("stats hung.db");
	assert_null(strchr(cmd_output(), '\x1b'));
}

static void check_colours_when_asked(void **state)
{
	cmd_run("check --color friendly.db");
	assert_non_null(strchr(cmd_output(), '\x1b'));
}

static void check_speaks_json(void **state)
{
	json_t *result, *seen, *finding, *edge;

	assert_int_equal(cmd_run("check --json hung.db"), 1);
	result = cmd_json();
	assert_int_equal(json_array_size(cmd_member(result, "runs")), 1);
	seen = json_array_get(cmd_member(result, "runs"), 0);
	assert_string_equal(json_string_value(cmd_member(seen, "file")), "hung.db");
	assert_true(json_is_true(cmd_member(seen, "complete")));
	assert_true(json_is_false(cmd_member(seen, "live")));
	assert_true(json_integer_value(cmd_member(seen, "events")) > 50);
	assert_int_equal(json_array_size(cmd_member(result, "findings")), 1);
	finding = json_array_get(cmd_member(result, "findings"), 0);
	assert_string_equal(json_string_value(cmd_member(finding, "code")), "deadlock");
	assert_string_equal(json_string_value(cmd_member(finding, "verdict")), "certain");
	assert_int_equal(json_array_size(cmd_member(finding, "actors")), 2);
	assert_int_equal(strlen(json_string_value(cmd_member(finding, "fingerprint"))), 16);
	assert_true(json_integer_value(cmd_member(finding, "unavoidable_since_ns")) > 0);
	assert_int_equal(json_array_size(cmd_member(finding, "edges")), 2);
	edge = json_array_get(cmd_member(finding, "edges"), 0);
	assert_string_equal(json_string_value(cmd_member(edge, "from")), "lobby");
	assert_string_equal(json_string_value(cmd_member(edge, "waits_for")), "space");
	assert_string_equal(json_string_value(cmd_member(edge, "file")), "src/room.c");
	assert_int_equal(json_integer_value(cmd_member(edge, "line")), 41);
	assert_true(json_integer_value(cmd_member(edge, "since_ns")) > 0);
	assert_non_null(cmd_member(edge, "to"));
	json_decref(result);
	cmd_run("check --json cured.db");
	result = cmd_json();
	assert_int_equal(json_array_size(cmd_member(result, "findings")), 0);
	json_decref(result);
}

static void check_says_when_it_cannot_know_all(void **state)
{
	assert_int_equal(cmd_run("check live.db"), 1);
	cmd_says("this trace is still being recorded, or was cut off: verdicts as of its last "
		 "event");
	assert_int_equal(cmd_run("check gap.db"), 1);
	cmd_says("certain but for missing events");
	cmd_says("7 events are missing in this trace");
}

/* --- show ---------------------------------------------------------------------------------------
 */

static void show_prints_what_is_wanted(void **state)
{
	assert_int_equal(cmd_run("show friendly.db"), 0);
	cmd_says("room \"lobby\", mailbox of 2");
	cmd_says("Frame{n:");
	cmd_says("room.c:41");
	assert_int_equal(cmd_run("show --event send,receive --actor lobby friendly.db"), 0);
	/* Three Says and three Frames, each sent and received. */
	assert_int_equal((int)cmd_lines(), 12);
}

static void show_filters(void **state)
{
	assert_int_equal(cmd_run("show --type Frame --event send friendly.db"), 0);
	assert_int_equal((int)cmd_lines(), 3);
	assert_int_equal(cmd_run("show --kind so* --event send friendly.db"), 0);
	assert_int_equal((int)cmd_lines(), 3);
	cmd_does_not_say("Frame");
	assert_int_equal(cmd_run("show --limit 4 friendly.db"), 0);
	assert_int_equal((int)cmd_lines(), 4);
	assert_int_equal(cmd_run("show --from 10us --to 12us friendly.db"), 0);
	assert_int_equal((int)cmd_lines(), 3);
	assert_int_equal(cmd_run("show --event wait hung.db"), 0);
	assert_int_equal((int)cmd_lines(), 2);
	cmd_says("for space in the mailbox of room \"lobby\"");
}

static void show_names_actors_so_that_they_can_be_told_apart(void **state)
{
	assert_int_equal(cmd_run("show --actor web-1* names.db"), 0);
	cmd_says("spawn         web-1, mailbox of 2");
	cmd_run("show names.db");
	cmd_says("listener \"127.0.0.1:40001\"      start");
	cmd_says("listener \"127.0.0.1:40002\"      start");
	cmd_says("\\xff\\xfe");
	assert_null(strchr(cmd_output(), '\xff'));
	cmd_run("stats names.db");
	cmd_says("listener \"127.0.0.1:40001\"  ");
	cmd_says("...");
}

static void show_says_how_long_messages_begin(void **state)
{
	assert_int_equal(cmd_run("show --event send names.db"), 0);
	cmd_says("Long{text:\"aaaa");
	cmd_says("... to web \"aaaa");
	assert_true(strlen(cmd_output()) < 700);
	cmd_run("show --event send --full names.db");
	cmd_says("aaaa\"} to web");
	cmd_run("show --event send --json names.db");
	cmd_says("aaaa\"}");
}

static void show_tells_states(void **state)
{
	assert_int_equal(cmd_run("show --event state names.db"), 0);
	assert_int_equal((int)cmd_lines(), 1);
	cmd_says("web-1");
	cmd_says("state         Long{text:\"aaaa");
	assert_int_equal(cmd_run("show --event state --json --type Long names.db"), 0);
	cmd_says("\"payload\":{\"text\":\"aaaa");
}

static void a_full_disk_under_the_output_is_an_error(void **state)
{
	static const char *const commands[] = {
		"check cured.db 2>&1 >/dev/full #", "show hung.db 2>&1 >/dev/full #",
		"stats --json hung.db 2>&1 >/dev/full #", "check hung.db 2>&1 >/dev/full #",
		"--help 2>&1 >/dev/full #"};

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		assert_int_equal(cmd_run(commands[i]), 2);
		cmd_says("cannot write the output: No space left on device");
	}
}

static void show_speaks_json(void **state)
{
	char *line, *rest = NULL, *text;

	assert_int_equal(cmd_run("show --json --event send,wait,spawn hung.db"), 0);
	text = trc_strdup(cmd_output());
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		json_t *event = parse(line);

		assert_true(json_is_integer(json_object_get(event, "time_ns")));
		assert_true(json_is_string(json_object_get(event, "event")));
		if (strcmp(json_string_value(json_object_get(event, "event")), "send") == 0)
			assert_true(json_is_object(json_object_get(event, "payload")));
		json_decref(event);
	}
	free(text);
}

/* --- bad use ------------------------------------------------------------------------------------
 */

static void bad_files_are_named(void **state)
{
	static const char *const verbs[] = {"check", "show", "stats"};

	cmd_write_text("text.db", "This is no trace.");
	cmd_write_text("empty.db", "");
	for (size_t i = 0; i < 3; i++) {
		char *arguments = trc_format("%s missing.db", verbs[i]);

		assert_int_equal(cmd_run(arguments), 2);
		cmd_says("missing.db");
		free(arguments);
		arguments = trc_format("%s text.db", verbs[i]);
		assert_int_equal(cmd_run(arguments), 2);
		cmd_says("text.db");
		free(arguments);
		arguments = trc_format("%s empty.db", verbs[i]);
		assert_int_equal(cmd_run(arguments), 2);
		free(arguments);
		arguments = trc_format("%s .", verbs[i]);
		assert_int_equal(cmd_run(arguments), 2);
		free(arguments);
	}
}

static void a_truncated_file_never_crashes(void **state)
{
	char *path = cmd_path("cut.db"), *from = cmd_path("hung.db");
	struct stat whole;

	assert_int_equal(stat(from, &whole), 0);
	for (off_t size = 0; size < whole.st_size; size += whole.st_size / 13 + 1) {
		char *command = trc_format("cp %s %s", from, path);
		int status;

		assert_int_equal(system(command), 0);
		free(command);
		assert_int_equal(truncate(path, size), 0);
		status = cmd_run("check cut.db");
		assert_in_range(status, 0, 2);
		assert_true(cmd_output()[0] != '\0');
	}
	free(path);
	free(from);
}

static void bad_use_is_explained(void **state)
{
	assert_int_equal(cmd_run("check"), 2);
	cmd_says("a trace file is missing");
	assert_int_equal(cmd_run("check a b"), 2);
	assert_int_equal(cmd_run("check --fail-on nonsense hung.db"), 2);
	cmd_says("nonsense");
	assert_int_equal(cmd_run("check --fail-on refuted hung.db"), 2);
	assert_int_equal(cmd_run("check --nonsense hung.db"), 2);
	assert_int_equal(cmd_run("show --event nonsense hung.db"), 2);
	cmd_says("there is no event 'nonsense'");
	assert_int_equal(cmd_run("show --from soon hung.db"), 2);
	assert_int_equal(cmd_run("show --limit -1 hung.db"), 2);
	assert_int_equal(cmd_run("stats --limit x hung.db"), 2);
	assert_int_equal(cmd_run("check --help"), 0);
	cmd_says("Example:");
	assert_int_equal(cmd_run("show --help"), 0);
	cmd_says("Example:");
	assert_int_equal(cmd_run("stats --help"), 0);
	cmd_says("Example:");
}

static void the_version_is_told(void **state)
{
	json_t *version;

	assert_int_equal(cmd_run("--version"), 0);
	cmd_says("actorscope ");
	assert_int_equal(cmd_run("version --json"), 0);
	version = cmd_json();
	assert_int_equal(cmd_number(version, "trace_format"), TRC_STORE_FORMAT);
	json_decref(version);
	assert_int_equal(cmd_run("version 7"), 2);
	cmd_says("it takes no argument");
	assert_int_equal(cmd_run("version --help"), 0);
	cmd_says("Example:");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(check_has_exit_codes_for_scripts),
		cmocka_unit_test(a_trace_with_a_gap_is_not_complete_whatever_it_claims),
		cmocka_unit_test(check_never_lets_a_trace_write_to_the_terminal),
		cmocka_unit_test(check_colours_when_asked),
		cmocka_unit_test(check_speaks_json),
		cmocka_unit_test(check_says_when_it_cannot_know_all),
		cmocka_unit_test(show_prints_what_is_wanted),
		cmocka_unit_test(show_filters),
		cmocka_unit_test(show_names_actors_so_that_they_can_be_told_apart),
		cmocka_unit_test(show_says_how_long_messages_begin),
		cmocka_unit_test(show_tells_states),
		cmocka_unit_test(show_speaks_json),
		cmocka_unit_test(a_full_disk_under_the_output_is_an_error),
		cmocka_unit_test(bad_files_are_named),
		cmocka_unit_test(a_truncated_file_never_crashes),
		cmocka_unit_test(bad_use_is_explained),
		cmocka_unit_test(the_version_is_told),
	};

	assert_int_equal(argc, 2);
	program = argv[1];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
