/*
 * evidence.h - findings and their arrows made from the model; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_EVIDENCE_H
#define TRACER_ANALYSIS_EVIDENCE_H

#include "tracer/analysis/check.h"
#include "tracer/analysis/stuck.h"

/* Where events are missing: from the beginning of the first gap to the end of the last. */
struct trc__gap {
	uint64_t begin;
	uint64_t end; /* 0: nothing is missing */
};

/* Takes notice of a LOST event. */
void trc__gap_note(struct trc__gap *gap, const struct trc_event *lost);

/* The findings for all that is stuck, put at the end of `findings`: one for each core, one for each
 * place where orphans wait. */
void trc__evidence(const struct trc_model *model, const struct trc_stuck *stuck,
		   const struct trc__gap *gap, struct trc_findings *findings);

/* A number for the very waits that make up a certain finding. */
uint64_t trc__evidence_key(const struct trc_model *model, const struct trc_finding *finding);

struct trc_finding *trc__finding_new(struct trc_findings *findings, enum trc_code code);
void trc__proof_clear(struct trc_proof *proof);

/* Fills in fingerprint and shape from code and edges. */
void trc__fingerprint(struct trc_finding *finding);

const char *trc__base_name(const char *file);

#endif
