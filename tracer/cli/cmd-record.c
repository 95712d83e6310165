#include "tracer/cli/cli.h"
#include "tracer/cli/options.h"
#include "tracer/event/event.h"
#include "tracer/event/filter.h"
#include "tracer/model/memory.h"
#include "tracer/record/record.h"
#include "tracer/store/let-go.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
	"Usage: actorscope record [OPTIONS] [-o FILE] [--] PROGRAM [ARGUMENTS]\n"
	"       actorscope record [OPTIONS] [-o FILE] --attach=PID\n"
	"       actorscope record --finish=FILE\n"
	"\n"
	"Runs PROGRAM and records what its actors do into FILE, an SQLite database that can be\n"
	"looked at while it grows. A deadlock is reported here as it forms.\n"
	"\n"
	"  -o, --output=FILE    the trace; default: actorscope.db\n"
	"      --attach=PID     record a program that runs already: one whose recorder was killed "
	"or\n"
	"                       has left it, whose trace is then gone on with; or one that was\n"
	"                       started with ACTORSCOPE=allow in its environment. Ctrl-C leaves "
	"the\n"
	"                       program alone again. With a trace file instead of PID, what is\n"
	"                       still in memory of its program is stored, also when that has "
	"ended\n"
	"      --force          replace FILE when it is a trace already\n"
	"      --payload=N|all  bytes of each message's fields to keep; default: 1024\n"
	"      --skip=TERMS     leave out messages for which all TERMS hold: type:NAME, "
	"from:NAME,\n"
	"                       to:NAME, actor:NAME (from or to), kind:NAME (of either); * stands "
	"for\n"
	"                       any letters, a minus before a term for its opposite. May be given\n"
	"                       several times. Questions, and messages with handles or reply "
	"tokens\n"
	"                       in them, are kept without their fields: deadlocks are found as\n"
	"                       without filters. What is left out costs the program next to "
	"nothing\n"
	"      --only=TERMS     leave out all messages but these; likewise\n"
	"      --on-full=MODE   when events come faster than they can be stored: 'wait' makes the\n"
	"                       program wait (never for a recorder that hangs), 'drop' counts "
	"them\n"
	"                       as lost; default: wait\n"
	"      --on-deadlock=ACTION  'report' it here; 'stop' the program, too, for a debugger; "
	"or\n"
	"                       'exec COMMAND': run it in a shell, the finding in its environment\n"
	"                       (ACTORSCOPE_CODE, _TITLE, _FINGERPRINT, _STORY, _PID, _FILE)\n"
	"      --rows=auto|off  whether rows for SQL (tables message, wait, actor, ...) are added, "
	"when\n"
	"                       there is time; Ctrl-C ends that early; default: auto\n"
	"      --finish=FILE    add rows that are missing in a trace: it was recorded with "
	"--rows=off,\n"
	"                       its recorder was interrupted or killed. Nothing is recorded\n"
	"      --max-size=SIZE  stop storing when FILE is about so large (500M, 2G); the program "
	"goes\n"
	"                       on; what it does from then on is counted, and deadlocks are still\n"
	"                       reported\n"
	"      --flight-recorder=SIZE  keep the newest events only: FILE and its log stay within "
	"SIZE\n"
	"                       (from 4M on), what is older is let go. Without rows for SQL\n"
	"      --sync=SECONDS   what was stored is on the disk at most so much later, also when "
	"the\n"
	"                       power fails; 0: when 16 MB have come together, and at the end;\n"
	"                       default: 5. Whatever else dies costs nothing that was stored\n"
	"      --follow-children  record the processes that PROGRAM starts, too, and theirs, each\n"
	"                       into FILE with its number before .db; ends when all have ended\n"
	"      --seed=N         run PROGRAM on one thread with a virtual clock: the same N, from "
	"1\n"
	"                       on, gives the same run, event for event\n"
	"  -q, --quiet          no summary\n"
	"  -h, --help           this text\n"
	"\n"
	"Ctrl-C goes to the program; the recording ends when the program has.\n"
	"\n"
	"Exit status: the program's, 128 + N when signal N ended it; 2: bad use, or FILE cannot "
	"be\n"
	"written (the program was not started); 3: nothing, or not all, was recorded; 126: "
	"PROGRAM\n"
	"cannot be executed; 127: there is no such program.\n"
	"\n"
	"Example:\n"
	"  actorscope record -o chat.db -- ./chat-server --port 6789\n"
	"  actorscope record --on-deadlock=stop -o chat.db -- ./chat-server\n"
	"  actorscope record --skip 'type:Tick*' --skip kind:metrics -- ./server\n";

enum {
	OPTION_FORCE = 256,
	OPTION_PAYLOAD,
	OPTION_ON_FULL,
	OPTION_SKIP,
	OPTION_ONLY,
	OPTION_ON_DEADLOCK,
	OPTION_SEED,
	OPTION_ATTACH,
	OPTION_MAX_SIZE,
	OPTION_FLIGHT,
	OPTION_SYNC,
	OPTION_FOLLOW,
	OPTION_ROWS,
	OPTION_FINISH
};

static const struct option long_options[] = {
	{"output", required_argument, NULL, 'o'},
	{"force", no_argument, NULL, OPTION_FORCE},
	{"payload", required_argument, NULL, OPTION_PAYLOAD},
	{"on-full", required_argument, NULL, OPTION_ON_FULL},
	{"skip", required_argument, NULL, OPTION_SKIP},
	{"only", required_argument, NULL, OPTION_ONLY},
	{"on-deadlock", required_argument, NULL, OPTION_ON_DEADLOCK},
	{"seed", required_argument, NULL, OPTION_SEED},
	{"attach", required_argument, NULL, OPTION_ATTACH},
	{"max-size", required_argument, NULL, OPTION_MAX_SIZE},
	{"flight-recorder", required_argument, NULL, OPTION_FLIGHT},
	{"sync", required_argument, NULL, OPTION_SYNC},
	{"follow-children", no_argument, NULL, OPTION_FOLLOW},
	{"rows", required_argument, NULL, OPTION_ROWS},
	{"finish", required_argument, NULL, OPTION_FINISH},
	{"quiet", no_argument, NULL, 'q'},
	{"help", no_argument, NULL, 'h'},
	{0},
};

/* What the command line asks for. */
struct request {
	struct trc_record_options options;
	struct trc_text filters; /* rules, a line each */
	const char *finish;      /* the trace to finish, instead of recording; or NULL */
	bool rows;               /* are asked for by name */
};

/* The functions take_...() put an option's value into the request. They return false when it is
 * not what the option `expects` (below). */

static bool take_payload(struct request *request, const char *text)
{
	uint64_t limit = TRC_PAYLOAD_MAX;

	if (strcmp(text, "all") != 0 && !trc_parse_number(text, TRC_PAYLOAD_MAX, &limit))
		return false;
	request->options.payload_limit = (uint32_t)limit;
	return true;
}

static bool take_on_full(struct request *request, const char *text)
{
	if (strcmp(text, "wait") == 0)
		request->options.on_full = TRC_ON_FULL_WAIT;
	else if (strcmp(text, "drop") == 0)
		request->options.on_full = TRC_ON_FULL_DROP;
	else
		return false;
	return true;
}

static bool take_on_deadlock(struct request *request, const char *text)
{
	struct trc_record_options *options = &request->options;

	if (strcmp(text, "report") == 0) {
		options->on_deadlock = TRC_ON_DEADLOCK_REPORT;
	} else if (strcmp(text, "stop") == 0) {
		options->on_deadlock = TRC_ON_DEADLOCK_STOP;
	} else if (strncmp(text, "exec ", 5) == 0) {
		options->on_deadlock = TRC_ON_DEADLOCK_EXEC;
		options->command = text + 5;
	} else {
		return false;
	}
	return true;
}

static bool take_rows(struct request *request, const char *text)
{
	request->rows = strcmp(text, "auto") == 0;
	request->options.no_rows = strcmp(text, "off") == 0;
	return request->rows || request->options.no_rows;
}

/* The program finds it in its environment, as it would without a recorder. */
static bool take_seed(struct request *request, const char *text)
{
	uint64_t seed;

	(void)request;
	return trc_parse_number(text, UINT64_MAX, &seed) && seed > 0 &&
	       setenv(TRC_SEED_ENV, text, 1) == 0;
}

static bool take_max_size(struct request *request, const char *text)
{
	return trc_parse_size(text, &request->options.max_size) && request->options.max_size > 0;
}

static bool take_flight_recorder(struct request *request, const char *text)
{
	return trc_parse_size(text, &request->options.keep_to) &&
	       request->options.keep_to >= TRC_STORE_KEEP_MIN;
}

static bool take_sync(struct request *request, const char *text)
{
	return trc_parse_number(text, 3600, &request->options.sync);
}

_Static_assert(TRC_PAYLOAD_MAX == 524224, "as --payload says");

static const struct setting {
	int option;
	bool (*take)(struct request *request, const char *text);
	const char *expects;
} settings[] = {
	{OPTION_PAYLOAD, take_payload, "--payload is 'all' or a number of bytes up to 524224"},
	{OPTION_ON_FULL, take_on_full, "--on-full is 'wait' or 'drop'"},
	{OPTION_ON_DEADLOCK, take_on_deadlock,
	 "--on-deadlock is 'report', 'stop' or 'exec COMMAND'"},
	{OPTION_SEED, take_seed, "--seed is a number from 1 on"},
	{OPTION_MAX_SIZE, take_max_size, "--max-size is a size like 500M or 2G"},
	{OPTION_FLIGHT, take_flight_recorder,
	 "--flight-recorder is a size of 4M or more, like 500M or 2G"},
	{OPTION_SYNC, take_sync, "--sync is a number of seconds up to 3600"},
	{OPTION_ROWS, take_rows, "--rows is 'auto' or 'off'"},
};

/* The next three return TRC_EXIT_OK, or, having said what is wrong, what to end with. */

static int add_filter(struct trc_text *rules, const char *how, const char *terms)
{
	char why[TRC_FILTER_ERROR];
	struct trc_filters *filters;

	if (strchr(terms, '\n'))
		return trc_usage_error("record", "%s is one line of terms", how);
	trc_text_add(rules, "%s %s\n", how, terms);
	filters = trc_filters_parse(rules->data, why);
	if (!filters)
		return trc_usage_error("record", "%s '%s': %s", how, terms, why);
	trc_filters_free(filters);
	return TRC_EXIT_OK;
}

static int set_option(struct request *request, int option, const char *value, char **argv)
{
	switch (option) {
	case 'o':
		request->options.output = value;
		return TRC_EXIT_OK;
	case OPTION_ATTACH:
		request->options.attach = value;
		return TRC_EXIT_OK;
	case OPTION_FINISH:
		request->finish = value;
		return TRC_EXIT_OK;
	case OPTION_FORCE:
		request->options.force = true;
		return TRC_EXIT_OK;
	case OPTION_FOLLOW:
		request->options.follow = true;
		return TRC_EXIT_OK;
	case 'q':
		request->options.quiet = true;
		return TRC_EXIT_OK;
	case OPTION_SKIP:
		return add_filter(&request->filters, "--skip", value);
	case OPTION_ONLY:
		return add_filter(&request->filters, "--only", value);
	default:
		break;
	}
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (settings[i].option == option) {
			if (settings[i].take(request, value))
				return TRC_EXIT_OK;
			return trc_usage_error("record", "%s, not '%s'", settings[i].expects,
					       value);
		}
	return trc_option_error("record", argv);
}

/* What does not go together. */
static int check_request(const struct request *request, bool program)
{
	const struct trc_record_options *options = &request->options;

	if (request->finish && (program || options->attach))
		return trc_usage_error("record", "--finish records nothing, so there is no program "
						 "to start or attach to");
	if (request->finish)
		return TRC_EXIT_OK;
	if (options->attach && program)
		return trc_usage_error("record", "--attach records a program that runs already, so "
						 "there is none to start");
	if (!options->attach && !program)
		return trc_usage_error("record", "the program to run is missing");
	if (options->max_size > 0 && options->keep_to > 0)
		return trc_usage_error("record", "--max-size keeps the oldest events, "
						 "--flight-recorder the newest; only one of them "
						 "can be had");
	if (request->rows && options->keep_to > 0)
		return trc_usage_error(
			"record", "--flight-recorder has no rows, which would take most of its "
				  "size; 'actorscope sql' makes them when they are asked for");
	return TRC_EXIT_OK;
}

static int record(int argc, char **argv, struct request *request)
{
	int option, status = TRC_EXIT_OK;

	/* "+": options after the program's name are the program's. */
	while (status == TRC_EXIT_OK &&
	       (option = getopt_long(argc, argv, "+o:qh", long_options, NULL)) != -1) {
		if (option == 'h') {
			fputs(help, stdout);
			return TRC_EXIT_OK;
		}
		status = set_option(request, option, optarg, argv);
	}
	if (status == TRC_EXIT_OK)
		status = check_request(request, optind < argc);
	if (status != TRC_EXIT_OK)
		return status;
	if (request->finish)
		return trc_record_finish(request->finish, request->options.quiet);
	request->options.argv = argv + optind;
	request->options.filters = request->filters.data;
	return trc_record(&request->options);
}

int trc_cmd_record(int argc, char **argv)
{
	struct request request = {
		.options = {.payload_limit = 1024, .sync = 5, .tool_version = ACTORSCOPE_VERSION},
	};
	int status = record(argc, argv, &request);

	free(request.filters.data);
	return status;
}
