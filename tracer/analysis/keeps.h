/*
 * keeps.h - who keeps reply tokens, and since where; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_KEEPS_H
#define TRACER_ANALYSIS_KEEPS_H

#include "tracer/analysis/drops.h"
#include "tracer/analysis/evidence.h"
#include "tracer/model/table.h"

/* Zeroed when empty. */
struct trc__keeps {
	struct trc_table kept; /* struct keep, by open token */
};

/* Each event after it was applied to the model. */
void trc__keeps_event(struct trc__keeps *keeps, const struct trc_model *model,
		      const struct trc_event *event);

/* Says in `orphan`, an orphan wait that is in the model now, how it came to be: where whoever owes
 * the reply put the token, and why nobody wakes it. */
void trc__keeps_tell(const struct trc__keeps *keeps, const struct trc__drops *drops,
		     const struct trc_model *model, struct trc_finding *orphan);

void trc__keeps_clear(struct trc__keeps *keeps);

#endif
