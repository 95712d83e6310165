#include "tracer/cli/cli.h"
#include "tracer/cli/options.h"
#include "tracer/cli/stream.h"
#include "tracer/export/export.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] = "Usage: actorscope export --format FORMAT [OPTIONS] FILE\n"
			   "\n"
			   "Writes a trace in the format of another tool. Formats:\n"
			   "\n";

static const char help_options[] =
	"\n"
	"  --format FORMAT    see above\n"
	"  -o, --output FILE  where to; '-' or nothing: to standard output\n"
	"  --from TIME        from this time on (1.2s, 300ms, 17us; a bare number is seconds)\n"
	"  --to TIME          up to this time\n"
	"  --actor GLOB       only what actors with such a name take part in ('room*')\n"
	"  --at TIME          dot: the time to show (default: the first deadlock, or the end)\n"
	"\n"
	"Example:\n"
	"  actorscope export --format chrome -o chat.json chat.db\n";

struct run {
	struct trc_stream stream;
	struct trc_export *export;
};

static void before(const struct trc_event *event, void *context)
{
	struct run *run = context;

	if (!trc_export_before(run->export, event))
		run->stream.stopped = true;
}

static void after(const struct trc_event *event, void *context)
{
	const struct run *run = context;

	trc_export_after(run->export, event);
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* NULL, having said why. */
static FILE *open_output(const char *path, const char *trace)
{
	FILE *file;

	if (!path || strcmp(path, "-") == 0)
		return stdout;
	if (same_file(path, trace)) {
		fprintf(stderr, "actorscope export: %s is the trace itself; choose another name\n",
			path);
		return NULL;
	}
	file = fopen(path, "we");
	if (!file)
		fprintf(stderr, "actorscope export: cannot write %s: %s\n", path, strerror(errno));
	return file;
}

static bool close_output(FILE *file, const char *path)
{
	bool good = fflush(file) == 0 && !ferror(file);
	int error = errno;

	if (file != stdout && fclose(file) != 0 && good) {
		error = errno;
		good = false;
	}
	if (!good)
		fprintf(stderr, "actorscope export: cannot write %s: %s\n",
			path ? path : "the output", strerror(error));
	return good;
}

static int export(const char *trace, const char *output, const struct trc_export_format *format,
		  struct trc_export_options *options)
{
	struct run run;
	FILE *file;
	bool good;

	if (!trc_stream_open(&run.stream, "export", trace))
		return TRC_EXIT_USE;
	file = open_output(output, trace);
	if (!file) {
		trc_stream_close(&run.stream);
		return TRC_EXIT_USE;
	}
	trc_stream_tell_beginning(&run.stream, "export");
	options->program = run.stream.info.program;
	options->wall_start = run.stream.info.wall_start;
	run.export = trc_export_new(format, options, run.stream.model, file);
	good = trc_stream_run(&run.stream, "export", before, after, &run);
	trc_export_end(run.export);
	if (trc_export_note(run.export))
		fprintf(stderr, "actorscope export: %s\n", trc_export_note(run.export));
	trc_export_free(run.export);
	good &= close_output(file, output);
	trc_stream_close(&run.stream);
	return good ? TRC_EXIT_OK : TRC_EXIT_USE;
}

static void print_help(void)
{
	fputs(help, stdout);
	for (size_t i = 0; i < trc_export_format_count(); i++)
		printf("  %-9s %s\n", trc_export_format_name(trc_export_format_at(i)),
		       trc_export_format_description(trc_export_format_at(i)));
	fputs(help_options, stdout);
}

static bool parse_time(const char *text, uint64_t *ret_time)
{
	if (trc_parse_duration(text, ret_time))
		return true;
	trc_usage_error("export", "'%s' is not a time (try 1.2s or 300ms)", text);
	return false;
}

int trc_cmd_export(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"format", required_argument, NULL, 'f'}, {"output", required_argument, NULL, 'o'},
		{"from", required_argument, NULL, 'F'},   {"to", required_argument, NULL, 'T'},
		{"actor", required_argument, NULL, 'a'},  {"at", required_argument, NULL, 'A'},
		{"help", no_argument, NULL, 'h'},         {0},
	};
	struct trc_export_options options = {.to = UINT64_MAX, .at = UINT64_MAX};
	const struct trc_export_format *format = NULL;
	const char *path, *output = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
		switch (option) {
		case 'h':
			print_help();
			return TRC_EXIT_OK;
		case 'f':
			format = trc_export_format_find(optarg);
			if (!format)
				return trc_usage_error("export", "there is no format '%s'", optarg);
			break;
		case 'o':
			output = optarg;
			break;
		case 'a':
			options.actor = optarg;
			break;
		case 'F':
		case 'T':
		case 'A':
			if (!parse_time(optarg, option == 'F'   ? &options.from
						: option == 'T' ? &options.to
								: &options.at))
				return TRC_EXIT_USE;
			break;
		default:
			return trc_option_error("export", argv);
		}
	}
	if (!format)
		return trc_usage_error("export", "--format is missing");
	path = trc_only_argument("export", argc, argv, "a trace file");
	return path ? export(path, output, format, &options) : TRC_EXIT_USE;
}
