/* The two sizes of our events as LTTng tracepoints; LTTng itself adds the time. */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER ask

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./tracepoints.h"

#if !defined(TRACEPOINTS_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define TRACEPOINTS_H

#include <stdint.h>

#include <lttng/tracepoint.h>

/* clang-format off */
LTTNG_UST_TRACEPOINT_EVENT(ask, shorter,
	LTTNG_UST_TP_ARGS(uint8_t, kind, uint16_t, type, uint16_t, aseq, uint64_t, actor,
			  uint64_t, id),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint8_t, kind, kind)
		lttng_ust_field_integer(uint16_t, type, type)
		lttng_ust_field_integer(uint16_t, aseq, aseq)
		lttng_ust_field_integer(uint64_t, actor, actor)
		lttng_ust_field_integer(uint64_t, id, id)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(ask, longer,
	LTTNG_UST_TP_ARGS(uint8_t, kind, uint16_t, type, uint16_t, aseq, uint64_t, actor,
			  uint64_t, id, uint64_t, peer, uint64_t, arg, uint32_t, site),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint8_t, kind, kind)
		lttng_ust_field_integer(uint16_t, type, type)
		lttng_ust_field_integer(uint16_t, aseq, aseq)
		lttng_ust_field_integer(uint64_t, actor, actor)
		lttng_ust_field_integer(uint64_t, id, id)
		lttng_ust_field_integer(uint64_t, peer, peer)
		lttng_ust_field_integer(uint64_t, arg, arg)
		lttng_ust_field_integer(uint32_t, site, site)
	)
)
/* clang-format on */

#endif

#include <lttng/tracepoint-event.h>
