/*
 * components.h - strongly connected sets of a directed graph; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_COMPONENTS_H
#define TRACER_ANALYSIS_COMPONENTS_H

#include <stdint.h>

#define TRC__NO_COMPONENT UINT32_MAX

/*
 * The arrows of node n go to to[first[n]] .. to[first[n + 1] - 1]. Numbers the strongly connected
 * sets that hold a cycle (of one node only when it has an arrow to itself) from 0, and returns how
 * many there are. component[n] is the number of n's set, or TRC__NO_COMPONENT. Tarjan's algorithm,
 * without recursion.
 */
uint32_t trc__components(uint32_t node_count, const uint32_t *first, const uint32_t *to,
			 uint32_t *component);

#endif
