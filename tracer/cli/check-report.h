/*
 * check-report.h - what `check` has to say of one trace or of several, laid out in four ways
 *
 * Several runs of one program tell more than one: what happened in one of them is not shown again
 * as what could have happened in another. Findings with the same fingerprint are one; a finding
 * gives way to a more certain one of the same shape (the same kinds that wait for the same things).
 */
#ifndef TRACER_CLI_CHECK_REPORT_H
#define TRACER_CLI_CHECK_REPORT_H

#include "tracer/analysis/check.h"

/* One trace that was looked at. */
struct trc_report_run {
	const char *path; /* borrowed */
	char *program;    /* its command line, "" when unknown */
	uint64_t events;
	uint64_t actors;
	uint64_t lost;
	uint64_t anomalies;
	uint64_t let_go; /* of its events, the oldest */
	uint64_t begin_time;
	bool closed;
	bool complete;
	char *filters;      /* that the recording had, as one line; NULL: none */
	uint64_t left_out;  /* messages, by them */
	uint64_t bare;      /* messages that lack their fields because of them */
	uint64_t unseen;    /* actors to whom messages were left out */
	uint64_t unsure;    /* of these: who waits for space there may have got it */
	unsigned cut_count; /* what limits of the search cut off, as in trc_findings */
	struct trc_cut cuts[TRC_LIMIT_COUNT];
	unsigned unknown_count; /* what is in no trace, likewise */
	struct trc_unknown unknowns[TRC_UNKNOWN_COUNT];
};

/* One run in which a finding was, and how certain it was there. */
struct trc_report_seen {
	unsigned run;
	enum trc_code code;
};

struct trc_report_finding {
	struct trc_finding finding;
	char **actor_names;  /* of finding.actors */
	char **victim_names; /* of finding.victims */
	unsigned seen_count;
	size_t seen_room;
	struct trc_report_seen *seen; /* the first is the run that it tells of */
	bool known;                   /* stands in the baseline */
};

struct trc_report {
	unsigned run_count;
	size_t run_room;
	struct trc_report_run *runs;
	size_t count;
	size_t room;
	struct trc_report_finding
		*items; /* by certainty, then by run and time; refuted ones last */
};

/* Takes note of a run, and takes over its program, and from `findings` what was cut off. Returns
 * its number. */
unsigned trc_report_add_run(struct trc_report *report, const struct trc_report_run *run,
			    struct trc_findings *findings);

/* Adds a finding of a run, or adds the run to one like it. The finding is copied; `model` names its
 * actors. */
void trc_report_add(struct trc_report *report, unsigned run, const struct trc_finding *finding,
		    const struct trc_model *model);

/* Adds a finding that several runs have together only: runs[i] is that of its arrow i. Not what is
 * known in any one of them. */
void trc_report_add_together(struct trc_report *report, const struct trc_finding *finding,
			     const unsigned *runs);

/* To be called once after all was added: puts the findings in their order. */
void trc_report_finish(struct trc_report *report);

void trc_report_clear(struct trc_report *report);

/* The layouts. Each writes all to stdout; a failure to write is found when the command ends.
 * Known findings are counted in the texts, marked in JSON and suppressed in SARIF. */
void trc_report_text(const struct trc_report *report, bool color);
void trc_report_markdown(const struct trc_report *report);
void trc_report_json(const struct trc_report *report);
void trc_report_sarif(const struct trc_report *report);

/* What texts and Markdown say at the end, line by line: how much was looked at, what was missing.
 */
char *trc_report_summary(const struct trc_report *report);

#endif
