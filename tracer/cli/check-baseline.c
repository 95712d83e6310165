#include "tracer/cli/check-baseline.h"

#include "tracer/model/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIGITS = 16 };

static void mark(struct trc_report *report, const char *fingerprint, const char *shape,
		 enum trc_code code)
{
	for (size_t i = 0; i < report->count; i++) {
		struct trc_report_finding *item = &report->items[i];

		if (strcmp(item->finding.fingerprint, fingerprint) == 0 ||
		    (strcmp(item->finding.shape, shape) == 0 && code < item->finding.code))
			item->known = true;
	}
}

static bool is_hash(const char *word)
{
	return word && strlen(word) == DIGITS && strspn(word, "0123456789abcdef") == DIGITS;
}

/* Whether the line is well formed. */
static bool apply_line(struct trc_report *report, char *line)
{
	char *state = NULL, *fingerprint = strtok_r(line, " \t\r\n", &state), *shape, *name;

	if (!fingerprint || fingerprint[0] == '#')
		return true;
	shape = strtok_r(NULL, " \t\r\n", &state);
	name = strtok_r(NULL, " \t\r\n", &state);
	if (!is_hash(fingerprint) || !is_hash(shape) || !name ||
	    trc_code_from_name(name) == TRC_CODE_COUNT)
		return false;
	mark(report, fingerprint, shape, trc_code_from_name(name));
	return true;
}

bool trc_baseline_apply(const char *path, struct trc_report *report)
{
	FILE *file = fopen(path, "r");
	unsigned number = 0;
	bool good = true;
	char *line = NULL;
	size_t room = 0;

	if (!file) {
		fprintf(stderr,
			"actorscope check: cannot read the baseline %s: %s; --write-baseline makes "
			"one\n",
			path, strerror(errno));
		return false;
	}
	while (good && getline(&line, &room, file) >= 0) {
		number++;
		good = apply_line(report, line);
		if (!good)
			fprintf(stderr,
				"actorscope check: line %u of the baseline %s does not begin with "
				"a "
				"fingerprint of 16 digits; take it out, or put a # before it\n",
				number, path);
	}
	if (good && ferror(file)) {
		fprintf(stderr, "actorscope check: cannot read the baseline %s: %s\n", path,
			strerror(errno));
		good = false;
	}
	free(line);
	fclose(file);
	return good;
}

static void write_line(const struct trc_finding *finding, FILE *file)
{
	fprintf(file, "%s %s %s ", finding->fingerprint, finding->shape,
		trc_code_name(finding->code));
	for (const char *at = finding->title; *at; at++)
		putc((unsigned char)*at < ' ' ? ' ' : *at, file);
	putc('\n', file);
}

/* Refuted findings need no acceptance. */
static bool write_all(FILE *file, const struct trc_report *report)
{
	bool good;

	fputs("# Accepted findings of actorscope check. A line goes when its fault is mended.\n",
	      file);
	for (size_t i = 0; i < report->count; i++)
		if (report->items[i].finding.code != TRC_CODE_REFUTED)
			write_line(&report->items[i].finding, file);
	good = fflush(file) == 0 && !ferror(file);
	return fclose(file) == 0 && good;
}

bool trc_baseline_write(const char *path, const struct trc_report *report)
{
	char *half = trc_format("%s.tmp", path);
	FILE *file = fopen(half, "w");
	bool good = file && write_all(file, report) && rename(half, path) == 0;

	if (!good) {
		fprintf(stderr, "actorscope check: cannot write the baseline %s: %s\n", path,
			strerror(errno));
		if (file)
			unlink(half);
	}
	free(half);
	return good;
}
