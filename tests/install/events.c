/* Another runtime that writes events, and a recorder of its own. Valid C11 and valid C++17. */
#include "tracer/event/event.h"
#include "tracer/event/payload.h"
#include "tracer/event/ring.h"
#include "tracer/event/session.h"

#include <stdio.h>

static int count_events(struct trc_session *session)
{
	struct trc_ring_reader *reader;
	struct trc_event event;
	int count = 0;

	if (trc_ring_reader_open(session, 0, &reader) < 0)
		return -1;
	trc_ring_reader_sync(reader);
	while (trc_ring_next(reader, &event))
		count++;
	trc_ring_reader_close(reader);
	return count;
}

int main(void)
{
	struct trc_session_options options = {0, 0, TRC_ON_FULL_DROP};
	struct trc_session *session;
	struct trc_ring *ring;
	struct trc_event event = {0};

	if (trc_session_create(&options, &session) < 0)
		return 1;
	ring = trc_ring_of_thread(session);
	event.kind = TRC_LOG;
	event.time = trc_session_now(session);
	trc_ring_write(ring, &event);
	event.kind = TRC_END;
	trc_ring_write(ring, &event);
	printf("%d events\n", count_events(session));
	trc_session_close(session);
	return 0;
}
