/*
 * cli.h - the verbs of the `actorscope` command, one file each
 *
 * A verb gets its own arguments, argv[0] being its name, reads them with getopt_long(), and
 * returns an enum trc_exit. `--help` is the verb's own: it prints to stdout what the verb does, its
 * options and an example, and returns TRC_EXIT_OK.
 */
#ifndef TRACER_CLI_CLI_H
#define TRACER_CLI_CLI_H

enum trc_exit {
	TRC_EXIT_OK = 0,
	TRC_EXIT_FINDINGS = 1, /* check: findings at or above --fail-on; compare: differences */
	TRC_EXIT_USE = 2,      /* bad use, or a file that cannot be read */
};

int trc_cmd_check(int argc, char **argv);
int trc_cmd_compare(int argc, char **argv);
int trc_cmd_export(int argc, char **argv);
int trc_cmd_merge(int argc, char **argv);
int trc_cmd_record(int argc, char **argv);
int trc_cmd_show(int argc, char **argv);
int trc_cmd_sql(int argc, char **argv);
int trc_cmd_stats(int argc, char **argv);
int trc_cmd_version(int argc, char **argv);
int trc_cmd_view(int argc, char **argv);

#endif
