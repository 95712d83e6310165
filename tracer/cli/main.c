#include "tracer/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "tracer/model/memory.h"

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *description;
} verbs[] = {
	{"record", trc_cmd_record, "run a program and record its actors"},
	{"check", trc_cmd_check, "find deadlocks that happened, and that could"},
	{"show", trc_cmd_show, "print the events of a trace"},
	{"stats", trc_cmd_stats, "messages, times and depths of each actor"},
	{"compare", trc_cmd_compare, "say where two runs of a program first differ"},
	{"sql", trc_cmd_sql, "ask questions about a trace in SQL"},
	{"export", trc_cmd_export, "write a trace in the format of another tool"},
	{"merge", trc_cmd_merge, "make one trace of several"},
	{"view", trc_cmd_view, "open a trace in a window"},
	{"version", trc_cmd_version, "print the version"},
};

static void print_help(FILE *file)
{
	fputs("Usage: actorscope VERB [OPTIONS] ...\n"
	      "\n"
	      "Records actor programs and finds their deadlocks.\n"
	      "\n",
	      file);
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		fprintf(file, "  %-10s %s\n", verbs[i].name, verbs[i].description);
	fputs("\n"
	      "`actorscope VERB --help` tells more of one. A first session:\n"
	      "  actorscope record -o chat.db -- ./chat-server\n"
	      "  actorscope check chat.db\n"
	      "  actorscope view chat.db\n",
	      file);
}

/* A closed standard stream would be the next file that is opened, and be taken for a stream. */
static void open_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(TRC_EXIT_USE);
}

/* Whether all that was printed has arrived: a script may rely on it. */
static int close_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "actorscope: cannot write the output: %s\n", strerror(errno));
	return TRC_EXIT_USE;
}

static int run(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return TRC_EXIT_USE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return TRC_EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0)
		return trc_cmd_version(1, argv);
	opterr = 0; /* trc_option_error() tells more */
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(argc - 1, argv + 1);
	fprintf(stderr, "actorscope: there is no verb '%s'\nTry: actorscope --help\n", argv[1]);
	return TRC_EXIT_USE;
}

int main(int argc, char **argv)
{
	open_streams();
	/* By itself it leaves out what there is no memory for. */
	json_set_alloc_funcs(trc_alloc, free);
	return close_output(run(argc, argv));
}
