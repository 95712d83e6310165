#include "tests/tracer/event/ring-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct rf rf_open(enum trc_on_full on_full)
{
	const struct trc_session_options options = {
		.ring_bytes = RING_BYTES, .payload_limit = 256, .on_full = on_full};
	struct rf fixture = {0};

	assert_int_equal(trc_session_create(&options, &fixture.session), 0);
	fixture.ring = trc_ring_of_thread(fixture.session);
	assert_non_null(fixture.ring);
	assert_int_equal(trc_session_ring_count(fixture.session), 1);
	assert_int_equal(trc_ring_reader_open(fixture.session, 0, &fixture.reader), 0);
	return fixture;
}

void rf_close(struct rf *fixture)
{
	trc_ring_reader_close(fixture->reader);
	trc_session_close(fixture->session);
}

struct trc_ring_counts rf_counts(const struct rf *fixture)
{
	struct trc_ring_counts counts;

	trc_ring_reader_counts(fixture->reader, &counts);
	return counts;
}

bool rf_write(struct trc_ring *ring, unsigned kind, uint64_t number)
{
	return trc_ring_write(ring, &(struct trc_event){.kind = (uint8_t)kind,
							.actor = 1,
							.aseq = 1,
							.id = number,
							.time = number});
}
