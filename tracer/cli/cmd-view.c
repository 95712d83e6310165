#include "tracer/cli/cli.h"
#include "tracer/cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"Usage: actorscope view [FILE] [--compare OTHER]\n"
	"\n"
	"Opens a trace in a window: lanes, messages, waits, findings. A recording that is still\n"
	"going on is followed.\n"
	"\n"
	"  --compare OTHER  show two runs of a program side by side, and where they differ\n"
	"\n"
	"Example:\n"
	"  actorscope view chat.db\n"
	"  actorscope view good.db --compare hung.db\n";

/* Runs `directory`/`name` instead of this program; returns when it is not there. */
static void run_beside(const char *directory, const char *name, char **argv)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", directory, name) < PATH_MAX)
		execv(path, argv);
}

int trc_cmd_view(int argc, char **argv)
{
	char self[PATH_MAX];
	ssize_t length;
	int option;
	static const struct option options[] = {
		{"help", no_argument, NULL, 'h'}, {"compare", required_argument, NULL, 'c'}, {0}};

	/* What is understood here is only passed on. */
	while ((option = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (option == 'c')
			continue;
		if (option != 'h')
			return trc_option_error("view", argv);
		fputs(help, stdout);
		return TRC_EXIT_OK;
	}
	argv[0] = (char[]){"actorscope-viewer"};
	/* Installed, it is a neighbour; in a build tree it is in viewer/. */
	length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (length > 0) {
		self[length] = '\0';
		*strrchr(self, '/') = '\0';
		run_beside(self, "actorscope-viewer", argv);
		run_beside(self, "../../viewer/actorscope-viewer", argv);
	}
	execvp("actorscope-viewer", argv);
	fprintf(stderr,
		"actorscope view: cannot start actorscope-viewer: %s; install the viewer beside "
		"actorscope or in PATH\n",
		strerror(errno));
	return TRC_EXIT_USE;
}
