/*
 * check-json.h - parts of a finding as JSON, for whoever writes a format made of it
 */
#ifndef TRACER_CLI_CHECK_JSON_H
#define TRACER_CLI_CHECK_JSON_H

#include "tracer/analysis/finding.h"

#include <jansson.h>

/* The events that refute it, as a new array. */
json_t *trc_proofs_json(const struct trc_finding *finding);

#endif
