#include "tracer/cli/cli.h"
#include "tracer/cli/options.h"
#include "tracer/cli/sql-output.h"
#include "tracer/model/memory.h"
#include "tracer/derive/fill.h"
#include "tracer/store/sql.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"Usage: actorscope sql [OPTIONS] FILE [QUERY]\n"
	"\n"
	"Answers questions in SQL about a whole trace. Without a query it reads them from its\n"
	"input; each ends with a semicolon. Tables: event, event_count, message, send, receive,\n"
	"ask, reply, wait, actor, meta; docs/sql.md has examples. Nothing is changed.\n"
	"\n"
	"  --json   rows as JSON, an array for each query\n"
	"  --csv    rows as CSV\n"
	"\n"
	"At the prompt: .tables lists the tables and their columns, .quit ends.\n"
	"\n"
	"Example:\n"
	"  actorscope sql chat.db \"SELECT type, count(*) FROM message GROUP BY type\"\n";

/* --- asking -------------------------------------------------------------------------------------
 */

/* The tables, when there is no text. */
static bool ask(struct trc_sql *sql, const char *text, enum trc_sql_form form)
{
	struct trc_sql_output *output = trc_sql_output_new(form);
	struct trc_error error;
	int result = text ? trc_sql_run(sql, text, trc_sql_output_row, output, &error)
			  : trc_sql_list_tables(sql, trc_sql_output_row, output, &error);

	trc_sql_output_end(output);
	fflush(stdout);
	if (result < 0)
		fprintf(stderr, "actorscope sql: %s\n", error.text);
	return result == 0;
}

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* A line that begins with a dot. False: the prompt is to end. */
static bool obey(struct trc_sql *sql, const char *line, enum trc_sql_form form, bool *ret_good)
{
	size_t length = strcspn(line, " \t\r\n");

	if (length == 5 && strncmp(line, ".quit", length) == 0)
		return false;
	if (length == 7 && strncmp(line, ".tables", length) == 0) {
		*ret_good = ask(sql, NULL, form);
		return true;
	}
	fprintf(stderr, "actorscope sql: there is no '%.*s'; there are .tables and .quit\n",
		(int)length, line);
	*ret_good = false;
	return true;
}

/* Reads questions until the input ends. Somebody at a terminal can try again after a mistake. */
static bool converse(struct trc_sql *sql, enum trc_sql_form form)
{
	bool terminal = isatty(STDIN_FILENO), good = true, going = true;
	struct trc_text text = {0};
	char *line = NULL;
	size_t room = 0;

	while (going) {
		if (terminal) {
			fputs(text.length ? "       ...> " : "actorscope> ", stdout);
			fflush(stdout);
		}
		if (getline(&line, &room, stdin) < 0)
			break;
		if (text.length == 0 && line[0] == '.') {
			going = obey(sql, line, form, &good);
		} else if (text.length > 0 || !is_blank(line)) {
			trc_text_add(&text, "%s", line);
			if (!trc_sql_is_complete(text.data))
				continue;
			good = ask(sql, text.data, form);
			text.length = 0;
		}
		going &= good || terminal;
	}
	if (going && text.length > 0 && !is_blank(text.data))
		good = ask(sql, text.data, form); /* the last semicolon may be missing */
	free(text.data);
	free(line);
	return good || terminal;
}

static int run(const char *path, const char *query, enum trc_sql_form form)
{
	struct trc_store *trace = NULL;
	struct trc_sql *sql = NULL;
	struct trc_error error;
	bool good;

	/* Somebody at a prompt takes too long to hold it meanwhile. */
	if (trc_store_open(path, &trace, &error) < 0 ||
	    (query && trc_store_hold(trace, &error) < 0) ||
	    trc_sql_open(trace, trc_rows_fill, &sql, &error) < 0) {
		fprintf(stderr, "actorscope sql: %s\n", error.text);
		trc_store_close(trace);
		return TRC_EXIT_USE;
	}
	trc_store_loosen(trace);
	good = query ? ask(sql, query, form) : converse(sql, form);
	trc_sql_close(sql);
	trc_store_close(trace);
	if (ferror(stdout)) {
		fputs("actorscope sql: cannot write the answer\n", stderr);
		good = false;
	}
	return good ? TRC_EXIT_OK : TRC_EXIT_USE;
}

int trc_cmd_sql(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"json", no_argument, NULL, 'j'},
		{"csv", no_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	enum trc_sql_form form = TRC_SQL_TABLE;
	int option;

	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		switch (option) {
		case 'h':
			fputs(help, stdout);
			return TRC_EXIT_OK;
		case 'j':
			form = TRC_SQL_JSON;
			break;
		case 'c':
			form = TRC_SQL_CSV;
			break;
		default:
			return trc_option_error("sql", argv);
		}
	}
	if (optind == argc)
		return trc_usage_error("sql", "a trace file is missing");
	if (optind + 2 < argc)
		return trc_usage_error("sql", "a query is one argument; '%s' is one too many",
				       argv[optind + 2]);
	return run(argv[optind], optind + 1 < argc ? argv[optind + 1] : NULL, form);
}
