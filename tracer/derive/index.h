/*
 * index.h - keyframes and summaries, by which a trace is opened, searched and seen from afar
 */
#ifndef TRACER_DERIVE_INDEX_H
#define TRACER_DERIVE_INDEX_H

#include "tracer/derive/derive.h"

extern const struct trc_derived trc_derived_index;

#endif
