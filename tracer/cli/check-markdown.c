/*
 * check-markdown.c - what `check` found, for a merge request, a wiki, a mail
 *
 * Plain CommonMark with tables as code hosts know them. Names and payloads come from the traced
 * program and may hold anything: they go into table cells and sentences with every character
 * escaped that means something there.
 */
#include "tracer/cli/check-report.h"

#include "tracer/analysis/finding-story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_escaped(const char *text)
{
	for (; *text; text++) {
		if (strchr("\\`*_{}[]<>#|~&!", *text))
			putchar('\\');
		putchar((unsigned char)*text < ' ' ? ' ' : *text);
	}
}

static void print_cells(const char *const *cells, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		fputs("| ", stdout);
		print_escaped(cells[i]);
		putchar(' ');
	}
	fputs("|\n", stdout);
}

static void print_rows(const struct trc_story *story)
{
	if (story->row_count == 0)
		return;
	fputs("| actor | waits | since | where | doing | how it came to that "
	      "|\n|---|---|---|---|---|---|\n",
	      stdout);
	for (unsigned i = 0; i < story->row_count; i++) {
		const struct trc_story_row *row = &story->rows[i];
		const char *cells[] = {row->actor, row->waiting, row->since,
				       row->place, row->doing,   row->origin};

		print_cells(cells, sizeof cells / sizeof *cells);
	}
	if (story->rows_left)
		printf("\n... and %u more\n", story->rows_left);
	putchar('\n');
}

static void print_item(const char *text)
{
	fputs("- ", stdout);
	print_escaped(text);
	putchar('\n');
}

static void print_seen(const struct trc_report *report, const struct trc_report_finding *item)
{
	if (report->run_count < 2)
		return;
	fputs("- found in ", stdout);
	for (unsigned i = 0; i < item->seen_count; i++) {
		fputs(i ? ", " : "", stdout);
		print_escaped(report->runs[item->seen[i].run].path);
		if (item->seen[i].code != item->finding.code)
			printf(" (as %s)", trc_code_name(item->seen[i].code));
	}
	putchar('\n');
}

static void print_finding(const struct trc_report *report, const struct trc_report_finding *item)
{
	const struct trc_finding *finding = &item->finding;
	struct trc_story story;

	trc_story_init(&story, finding);
	printf("### %s: ", trc_code_name(finding->code));
	print_escaped(finding->title);
	fputs("\n\n", stdout);
	print_rows(&story);
	printf("- verdict: %s; fingerprint `%s`\n", story.verdict, finding->fingerprint);
	if (story.when[0])
		print_item(story.when);
	for (unsigned i = 0; i < story.note_count; i++)
		print_item(story.notes[i]);
	if (story.proof_count)
		fputs("- these events prove it:\n", stdout);
	for (unsigned i = 0; i < story.proof_count; i++) {
		fputs("  ", stdout);
		print_item(story.proofs[i]);
	}
	print_seen(report, item);
	if (story.cure) {
		fputs("- **cure:** ", stdout);
		print_escaped(story.cure);
		putchar('\n');
	}
	putchar('\n');
	trc_story_clear(&story);
}

void trc_report_markdown(const struct trc_report *report)
{
	char *summary = trc_report_summary(report), *state = NULL;

	fputs("## actorscope\n\n", stdout);
	for (char *line = strtok_r(summary, "\n", &state); line;
	     line = strtok_r(NULL, "\n", &state)) {
		print_escaped(line);
		fputs("\n\n", stdout);
	}
	for (size_t i = 0; i < report->count; i++)
		if (!report->items[i].known)
			print_finding(report, &report->items[i]);
	free(summary);
}
