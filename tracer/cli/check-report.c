#include "tracer/cli/check-report.h"

#include "tracer/cli/print.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* While a recording goes on, there are always handlers that have not ended. */
static void take_unknowns(struct trc_report_run *run, struct trc_findings *findings)
{
	run->unknown_count = 0;
	for (unsigned i = 0; i < findings->unknown_count; i++)
		if (!run->closed && findings->unknowns[i].of == TRC_UNKNOWN_HANDLERS)
			free(findings->unknowns[i].text);
		else
			run->unknowns[run->unknown_count++] = findings->unknowns[i];
	findings->unknown_count = 0;
}

unsigned trc_report_add_run(struct trc_report *report, const struct trc_report_run *run,
			    struct trc_findings *findings)
{
	struct trc_report_run *added;

	report->runs = trc_grow(report->runs, &report->run_room, report->run_count + 1,
				sizeof *report->runs);
	added = &report->runs[report->run_count];
	*added = *run;
	added->cut_count = findings->cut_count;
	memcpy(added->cuts, findings->cuts, sizeof added->cuts);
	findings->cut_count = 0;
	take_unknowns(added, findings);
	return report->run_count++;
}

/* --- one finding of several runs ----------------------------------------------------------------
 */

static char **names_of(const struct trc_model *model, const uint64_t *actors, unsigned count)
{
	char **names = trc_zalloc(count, sizeof *names);

	for (unsigned i = 0; i < count; i++)
		names[i] = trc_strdup(trc_model_actor_name(model, actors[i]));
	return names;
}

static void names_clear(char **names, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

static void fill(struct trc_report_finding *item, const struct trc_finding *finding,
		 const struct trc_model *model)
{
	trc_finding_copy(finding, &item->finding);
	item->actor_names = names_of(model, finding->actors, finding->actor_count);
	item->victim_names = names_of(model, finding->victims, finding->victim_count);
}

static void drain(struct trc_report_finding *item)
{
	names_clear(item->actor_names, item->finding.actor_count);
	names_clear(item->victim_names, item->finding.victim_count);
	trc_finding_clear(&item->finding);
}

/* Notes a run in which the finding was; `first` is the one that it tells of. */
static void add_seen(struct trc_report_finding *item, unsigned run, enum trc_code code, bool first)
{
	for (unsigned i = 0; i < item->seen_count; i++)
		if (item->seen[i].run == run)
			return;
	item->seen =
		trc_grow(item->seen, &item->seen_room, item->seen_count + 1, sizeof *item->seen);
	item->seen[item->seen_count++] = (struct trc_report_seen){run, code};
	if (first) {
		item->seen[item->seen_count - 1] = item->seen[0];
		item->seen[0] = (struct trc_report_seen){run, code};
	}
}

/* Findings of one run are never merged with each other: `check` itself told them apart. */
static struct trc_report_finding *find_like(struct trc_report *report, unsigned run,
					    const struct trc_finding *finding)
{
	for (size_t i = 0; i < report->count; i++) {
		struct trc_report_finding *item = &report->items[i];

		if (item->seen_count == 1 && item->seen[0].run == run)
			continue;
		if (strcmp(item->finding.fingerprint, finding->fingerprint) == 0)
			return item;
		if (item->finding.code != finding->code &&
		    strcmp(item->finding.shape, finding->shape) == 0)
			return item;
	}
	return NULL;
}

void trc_report_add(struct trc_report *report, unsigned run, const struct trc_finding *finding,
		    const struct trc_model *model)
{
	struct trc_report_finding *item = find_like(report, run, finding);

	if (!item) {
		report->items = trc_grow(report->items, &report->room, report->count + 1,
					 sizeof *report->items);
		item = &report->items[report->count++];
		*item = (struct trc_report_finding){0};
		fill(item, finding, model);
		add_seen(item, run, finding->code, true);
	} else if (finding->code < item->finding.code) {
		drain(item);
		fill(item, finding, model);
		add_seen(item, run, finding->code, true);
	} else {
		add_seen(item, run, finding->code, false);
	}
}

void trc_report_add_together(struct trc_report *report, const struct trc_finding *finding,
			     const unsigned *runs)
{
	struct trc_report_finding *item;

	for (size_t i = 0; i < report->count; i++)
		if (strcmp(report->items[i].finding.shape, finding->shape) == 0)
			return;
	report->items =
		trc_grow(report->items, &report->room, report->count + 1, sizeof *report->items);
	item = &report->items[report->count++];
	*item = (struct trc_report_finding){0};
	trc_finding_copy(finding, &item->finding);
	item->actor_names = trc_zalloc(finding->actor_count, sizeof *item->actor_names);
	for (unsigned i = 0; i < finding->actor_count; i++) {
		item->actor_names[i] = trc_strdup(finding->edges[i].from_name);
		add_seen(item, runs[i], finding->code, false);
	}
}

static int compare(const void *a, const void *b)
{
	const struct trc_report_finding *x = a, *y = b;

	if (x->finding.code != y->finding.code)
		return x->finding.code < y->finding.code ? -1 : 1;
	if (x->seen[0].run != y->seen[0].run)
		return x->seen[0].run < y->seen[0].run ? -1 : 1;
	if (x->finding.time != y->finding.time)
		return x->finding.time < y->finding.time ? -1 : 1;
	return strcmp(x->finding.fingerprint, y->finding.fingerprint);
}

void trc_report_finish(struct trc_report *report)
{
	if (report->count > 0)
		qsort(report->items, report->count, sizeof *report->items, compare);
}

void trc_report_clear(struct trc_report *report)
{
	for (unsigned i = 0; i < report->run_count; i++) {
		free(report->runs[i].program);
		free(report->runs[i].filters);
		for (unsigned c = 0; c < report->runs[i].cut_count; c++)
			free(report->runs[i].cuts[c].text);
		for (unsigned u = 0; u < report->runs[i].unknown_count; u++)
			free(report->runs[i].unknowns[u].text);
	}
	free(report->runs);
	for (size_t i = 0; i < report->count; i++) {
		drain(&report->items[i]);
		free(report->items[i].seen);
	}
	free(report->items);
	*report = (struct trc_report){0};
}

/* --- the summary --------------------------------------------------------------------------------
 */

static void add_found(struct trc_text *text, size_t shown, size_t known, size_t refuted)
{
	if (shown == 0)
		trc_text_add(text, known ? "nothing new found" : "nothing found");
	else
		trc_text_add(text, "%zu %sfinding%s", shown, known ? "new " : "",
			     shown == 1 ? "" : "s");
	if (known)
		trc_text_add(text, " (%zu known one%s not shown)", known,
			     known == 1 ? " is" : "s are");
	if (refuted)
		trc_text_add(text, ", %zu ring%s of waits refuted,", refuted,
			     refuted == 1 ? "" : "s");
}

/* What cannot be said because of the recording's filters. */
static void add_filters(struct trc_text *text, const struct trc_report *report,
			const struct trc_report_run *run)
{
	const char *in = report->run_count > 1 ? run->path : "this trace";
	char number[TRC_NUMBER_SIZE];

	if (!run->filters)
		return;
	trc_text_add(text, "%s was recorded with filters: %s\n", in, run->filters);
	if (run->unseen == 0)
		return;
	trc_text_add(text,
		     "  %s messages to %" PRIu64 " actor%s are not in it: what could happen is "
		     "foretold by the others alone,\n  and who waits for one of these actors while "
		     "it is idle is not called stuck\n",
		     trc_format_count(run->left_out, number), run->unseen,
		     run->unseen == 1 ? "" : "s");
	if (run->unsure > 0)
		trc_text_add(text, "  nor is who waits for space in %s\n",
			     run->unsure == 1 ? "its mailbox" : "their mailboxes");
}

/* What cannot be said because it is in no trace. */
static void add_unknowns(struct trc_text *text, const struct trc_report *report,
			 const struct trc_report_run *run)
{
	bool several = report->run_count > 1;

	for (unsigned i = 0; i < run->unknown_count; i++)
		trc_text_add(text, "not recorded%s%s: %s\n", several ? " in " : "",
			     several ? run->path : "", run->unknowns[i].text);
	if (run->unknown_count > 0)
		trc_text_add(text,
			     "  a deadlock that leads through that can be neither found nor ruled "
			     "out\n");
}

static void add_limits(struct trc_text *text, const struct trc_report *report,
		       const struct trc_report_run *run)
{
	const char *in = report->run_count > 1 ? run->path : "this trace";
	char lost[TRC_NUMBER_SIZE], begin[TRC_NUMBER_SIZE];

	if (!run->closed)
		trc_text_add(text,
			     "%s is still being recorded, or was cut off: verdicts as of its last "
			     "event\n",
			     in);
	if (run->let_go)
		trc_text_add(
			text,
			"%s begins after %s, the %s events before that were let go: who waits, and "
			"since when, is known; what could have locked up, only by what came "
			"after\n",
			in, trc_format_duration(run->begin_time, begin),
			trc_format_count(run->let_go, lost));
	if (run->lost)
		trc_text_add(
			text,
			"%s events are missing in %s; `actorscope show --event lost` says "
			"where\n"
			"  what they could change is told with \"but for missing events\", and "
			"there may be more than was found;\n"
			"  to lose nothing, record without --on-full=drop, or less (--skip, "
			"--payload)\n",
			trc_format_count(run->lost, lost), in);
	else if (run->closed && !run->complete)
		trc_text_add(text, "%s is not complete\n", in);
	add_filters(text, report, run);
	add_unknowns(text, report, run);
	for (unsigned i = 0; i < run->cut_count; i++)
		trc_text_add(text, "limited%s%s: %s\n", report->run_count > 1 ? " in " : "",
			     report->run_count > 1 ? run->path : "", run->cuts[i].text);
}

char *trc_report_summary(const struct trc_report *report)
{
	struct trc_text text = {0};
	size_t known = 0, refuted = 0;
	uint64_t events = 0, actors = 0;
	char number[2][TRC_NUMBER_SIZE];

	for (size_t i = 0; i < report->count; i++) {
		const struct trc_report_finding *item = &report->items[i];

		known += item->known;
		refuted += !item->known && item->finding.code == TRC_CODE_REFUTED;
	}
	for (unsigned i = 0; i < report->run_count; i++) {
		events += report->runs[i].events;
		actors += report->runs[i].actors;
	}
	add_found(&text, report->count - known - refuted, known, refuted);
	trc_text_add(&text, " in %s events of %s actors", trc_format_count(events, number[0]),
		     trc_format_count(actors, number[1]));
	if (report->run_count > 1)
		trc_text_add(&text, " in %u runs", report->run_count);
	trc_text_add(&text, "\n");
	for (unsigned i = 0; i < report->run_count; i++)
		add_limits(&text, report, &report->runs[i]);
	return text.data;
}
