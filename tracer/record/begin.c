#include "tracer/record/recording.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/event/filter.h"
#include "tracer/model/memory.h"
#include "tracer/record/attach.h"
#include "tracer/store/let-go.h"

enum {
	BEGIN_RETRY_MS = 10, /* while it is not known which program attaches */
	BEGIN_RETRIES = 200,
};

/* The command as one line, arguments with spaces quoted. */
static char *command_line(char **argv)
{
	struct trc_text text = {0};

	for (size_t i = 0; argv[i]; i++) {
		bool plain = argv[i][0] && !strpbrk(argv[i], " \t\n\"'\\$`*?;&|<>()");

		trc_text_add(&text, plain ? "%s%s" : "%s'%s'", i > 0 ? " " : "", argv[i]);
	}
	return text.data;
}

static void fill_info(struct trc__recording *recording, char *program)
{
	recording->info = (struct trc_store_info){
		.parent = trc_session_parent(recording->session),
		.program = program,
		.tool_version = (char *)recording->options->tool_version,
		.wall_start = trc_session_wall_start(recording->session),
		.payload_limit = trc_session_payload_limit(recording->session),
		.filters = trc_session_rules(recording->session),
		.exit_status = -1,
	};
}

/* Of a session that has its rules. */
static void learn_filters(struct trc__recording *recording)
{
	char why[TRC_FILTER_ERROR], *rules = trc_session_rules(recording->session);

	recording->filters = rules ? trc_filters_parse(rules, why) : NULL;
	recording->names = recording->filters ? trc_names_new() : NULL;
	free(rules);
}

static int set_filters(struct trc__recording *recording)
{
	const char *rules = recording->options->filters;
	int result = rules ? trc_session_set_filters(recording->session, rules) : 0;

	if (result == 0)
		return 0;
	fprintf(stderr, "actorscope: cannot put the filters into shared memory: %s\n",
		strerror(-result));
	return TRC_RECORD_USE;
}

static int open_session(struct trc__recording *recording)
{
	const struct trc_record_options *options = recording->options;
	const struct trc_session_options session = {
		.payload_limit = options->payload_limit,
		.on_full = options->on_full,
	};
	struct trc_error error;
	int result = trc_session_create(&session, &recording->session);

	if (result < 0) {
		fprintf(stderr,
			"actorscope: cannot make a directory for shared memory in /dev/shm, TMPDIR "
			"or /tmp: %s\n",
			strerror(-result));
		return TRC_RECORD_USE;
	}
	result = set_filters(recording);
	if (result != 0)
		return result;
	fill_info(recording, command_line(options->argv));
	recording->output =
		trc_format("%s", options->output ? options->output : TRC_RECORD_DEFAULT_OUTPUT);
	if (trc_store_create(recording->output, options->force, &recording->info, &recording->store,
			     &error) < 0) {
		fprintf(stderr, "actorscope: %s\n", error.text);
		return TRC_RECORD_USE;
	}
	return 0;
}

/* The program's name, as it has left it itself or the system knows it. */
static char *name_of_program(const struct trc_session *session)
{
	uint32_t pid = trc_session_program(session);
	char path[64], name[256] = "", command[PATH_MAX];
	FILE *file;

	if (trc_session_command(session, command) == 0)
		return trc_format("%s", command);
	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/comm", pid);
	file = fopen(path, "r");
	if (file) {
		if (fgets(name, sizeof(name), file))
			name[strcspn(name, "\n")] = '\0';
		fclose(file);
	}
	return name[0] ? trc_format("%s", name) : trc_format("process %" PRIu32, pid);
}

static int attach(struct trc__recording *recording)
{
	char output[PATH_MAX];
	int result = trc_attach_session(recording->options->attach, &recording->session);

	if (result == 0 && recording->options->filters)
		result = trc_attach_filters(recording->session, recording->options->filters);
	if (result != 0)
		return result;
	fill_info(recording, name_of_program(recording->session));
	result = trc_attach_file(recording->session, recording->options, &recording->info, output,
				 &recording->store);
	if (result == 0)
		recording->output = trc_format("%s", output);
	return result;
}

static int watch_program(struct trc__recording *recording,
			 void (*on_end)(struct trc_program *program))
{
	pid_t pid = (pid_t)trc_session_program(recording->session);

	/* The other recorder was killed in the moment in which it started the program, or just
	 * before. */
	for (int i = 0; pid == 0 && i < BEGIN_RETRIES; i++) {
		uv_sleep(BEGIN_RETRY_MS);
		pid = (pid_t)trc_session_program(recording->session);
	}
	if (pid == 0) {
		fprintf(stderr,
			"actorscope: there is nothing to go on with: the recorder of %s was killed "
			"before its program was started, or before that wrote anything\n",
			recording->output);
		return TRC_RECORD_NOTHING;
	}
	recording->program.on_end = on_end;
	recording->program.context = recording;
	if (trc_program_watch(&recording->program, &recording->loop, pid) == 0)
		return 0;
	/* It has ended already: what it left is stored. */
	recording->program.ended = true;
	recording->program.wait_status = -1;
	return 0;
}

static int start_program(struct trc__recording *recording,
			 void (*on_end)(struct trc_program *program))
{
	const char *name = recording->options->argv[0];
	char output[PATH_MAX];
	int result;

	/* For whoever goes on with the session when this recorder is killed. */
	if (realpath(recording->output, output))
		trc_session_set_output(recording->session, output);
	recording->program.on_end = on_end;
	recording->program.context = recording;
	result = trc_program_start(&recording->program, &recording->loop, recording->options->argv,
				   TRC_SESSION_ENV, trc_session_path(recording->session));
	if (result == 0) {
		trc_session_set_program(recording->session, recording->program.process.pid);
		return 0;
	}
	trc__recording_discard(recording);
	if (result == -ENOENT)
		fprintf(stderr, "actorscope: cannot start %s: there is no such program%s\n", name,
			strchr(name, '/') ? "" : " in PATH; write ./ before one in this directory");
	else
		fprintf(stderr, "actorscope: cannot start %s: %s\n", name, strerror(-result));
	return result == -ENOENT ? TRC_RECORD_NOT_FOUND : TRC_RECORD_NOT_EXECUTABLE;
}

/* A file that was begun so is gone on with so. */
static int keep_newest(struct trc__recording *recording)
{
	uint64_t bytes = recording->options->keep_to;
	struct trc_store_room room;
	struct trc_error error;

	if (bytes > 0 && trc_store_keep_to(recording->store, bytes, &error) < 0) {
		fprintf(stderr, "actorscope: %s\n", error.text);
		return TRC_RECORD_USE;
	}
	trc_store_room(recording->store, &room);
	recording->keeps = room.limit > 0;
	return 0;
}

static int start_recorder(struct trc__recording *recording)
{
	struct trc_deriver_options options = {.no_rows = recording->options->no_rows,
					      .alarm = trc_react_alarm,
					      .context = &recording->reaction};
	struct trc_error error;

	if (keep_newest(recording) != 0)
		return TRC_RECORD_USE;
	options.no_rows |= recording->keeps;
	if (recording->options->follow)
		recording->children = trc_children_new(recording->session, recording->options,
						       &recording->program, recording->output);

	trc_say_init(&recording->say, recording->output, recording->options->quiet);
	recording->reaction = (struct trc_reaction){.on_deadlock = recording->options->on_deadlock,
						    .command = recording->options->command,
						    .say = &recording->say,
						    .session = recording->session};
	recording->recorder =
		trc_recorder_new(recording->session, recording->store, &options, &error);
	if (recording->recorder) {
		learn_filters(recording);
		if (recording->filters)
			trc_recorder_filter(recording->recorder,
					    trc_filters_count(recording->filters),
					    recording->names);
		return 0;
	}
	fprintf(stderr, "actorscope: %s\n", error.text);
	return TRC_RECORD_USE;
}

/* Takes hold of a program that runs already. */
static int begin_attached(struct trc__recording *recording,
			  void (*on_end)(struct trc_program *program))
{
	int result = attach(recording);

	if (result == 0)
		result = start_recorder(recording);
	if (result == 0)
		result = watch_program(recording, on_end);
	if (result != 0) {
		/* Another recorder may have better luck. */
		recording->leaves = true;
		return result;
	}
	trc_session_pause(recording->session, false);
	trc_session_rest(recording->session, false);
	return 0;
}

static int begin_new(struct trc__recording *recording, void (*on_end)(struct trc_program *program))
{
	int result = open_session(recording);

	if (result != 0)
		return result;
	result = start_recorder(recording);
	if (result == 0)
		return start_program(recording, on_end);
	trc__recording_discard(recording);
	return result;
}

int trc__recording_begin(struct trc__recording *recording,
			 void (*on_end)(struct trc_program *program))
{
	return recording->options->attach ? begin_attached(recording, on_end)
					  : begin_new(recording, on_end);
}
