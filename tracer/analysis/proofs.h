/*
 * proofs.h - the events that a verdict rests on, as a finding tells them; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_PROOFS_H
#define TRACER_ANALYSIS_PROOFS_H

#include "tracer/analysis/arrows.h"
#include "tracer/analysis/causes.h"
#include "tracer/analysis/finding.h"

/* An event with what it says; takes `says` over. */
void trc__proof_add(struct trc_finding *finding, const struct trc_model *model,
		    const struct trc__fact *fact, char *says);

/* The event behind a node. */
void trc__proof_add_node(struct trc_finding *finding, const struct trc__causes *causes,
			 uint32_t node);

/* Nodes each of which was needed for the next. Of those in one handler only the first and the last
 * are told, and of a long way the middle is left out. */
void trc__proof_add_path(struct trc_finding *finding, const struct trc__causes *causes,
			 const uint32_t *nodes, size_t count);

/* The last message along an arrow between mailboxes; and when a mailbox was deepest. */
void trc__proof_add_arrow(struct trc_finding *finding, const struct trc_model *model,
			  const struct trc__arrow *arrow);
void trc__proof_add_peak(struct trc_finding *finding, const struct trc__arrows *arrows,
			 uint64_t mailbox);

/* Puts them into the order in which they happened, each once. */
void trc__proofs_sort(struct trc_finding *finding);

#endif
