/*
 * A ring: one writing thread, one reader in another process, no lock.
 *
 * The memory is a file in the session's directory: a header (layout.h), then `size` bytes of data,
 * which both sides map twice in a row, so that a record that runs over the end is still one piece
 * of memory. The file is allocated whole when it is made: a full tmpfs fails there, and not with a
 * SIGBUS in the middle of somebody's program.
 *
 * head and tail count words since the ring began. head - tail words are in use, from place
 * tail % size on. The protocol has two pairs:
 *
 *   writer                                    reader
 *   record's words, plain stores
 *   head = head + words, release     ------>  head, acquire        (P1)
 *                                             record's words, plain loads
 *                                             ... until they are committed to the file ...
 *   tail, acquire                    <------  tail = tail + words, release   (P2)
 *   may store over these words
 *
 * P1: who sees the new head sees the whole record. A writer that is killed between its stores and
 * the store of head leaves words that nobody ever looks at. P2: who sees the new tail knows that
 * the reader has finished with the words before it. The writer keeps the tail that it saw last and
 * loads it again only when the ring looks full by that, so an event costs no shared cache line.
 *
 * A full ring makes its writer wait, in short sleeps, as long as the recorder makes progress: its
 * heartbeat moves while it works on what it has read, and the ring's tail when that is safe. A
 * second without either, or some seconds in which this one ring's tail stands still, and the writer
 * gives up: this event and all that follow are counted in `lost`, without waiting, until the tail
 * moves again. So a recorder that hangs costs a thread a second, once. Before the next event that
 * finds room, a LOST event says how many are missing here. The second is one of the writer's own
 * short sleeps: while it was stopped, or had no processor, the recorder may have had none either.
 *
 * The end of a ring is closed to the kinds that come in floods. The last eighth is for waits,
 * tokens and what is rarer; the last 32nd for definitions and for the beginning and end of actors,
 * which are said once and without which all the rest has no names.
 *
 * While nobody records, because nobody has begun to or the recorder has left, nothing is written
 * but definitions and the beginning and end of actors: these fill the ring, and whoever comes to
 * record finds them there. Programs look by themselves whether the session rests, and leave out the
 * rest; what a thread still writes meanwhile is counted as lost. How much was left out nobody
 * knows, so the first event after that follows a LOST event of one more. When the file is full, all
 * is counted.
 *
 * A signal handler may interrupt a write and write itself. `busy` tells it so, and its record goes
 * into the ring's stash, from which the interrupted write takes it when it has finished. Handlers
 * that interrupt each other end in the opposite order, so all records in the stash are whole by
 * then. One that finds the stash full is counted as lost.
 */
#include "tracer/event/ring.h"

#include <pthread.h>
#include <time.h>

#include "tracer/event/layout.h"

enum {
	WAIT_STEP_NS = 100 * 1000,
	LONG_STEP_NS = 100 * WAIT_STEP_NS, /* no step counts for more */
	GIVE_UP_NS = 1000 * 1000 * 1000,
	LINE_WORDS = 8,
	AHEAD_WORDS = 64,
};

/* While the recorder lives, but this ring gets no room. */
static const uint64_t give_up_ring_ns = UINT64_C(3) * GIVE_UP_NS;

/* --- room ------------------------------------------------------------------------------------- */

/* How many words an event must leave free. */
static uint64_t reserve_of(const struct trc_ring *ring, const struct trc_event *event)
{
	switch (event->kind) {
	case TRC_DEF_KIND:
	case TRC_DEF_TYPE:
	case TRC_DEF_SITE:
	case TRC_SPAWN:
	case TRC_END:
		return 0;
	case TRC_SEND:
		/* An ask gives its token to somebody. */
		return event->arg != 0 ? ring->map.words / 32 : ring->map.words / 8;
	case TRC_REFUSED:
	case TRC_SENDING:
	case TRC_RECEIVE:
	case TRC_DONE:
	case TRC_HANDLE_CLONE:
	case TRC_HANDLE_DROP:
	case TRC_HANDLE_MOVE:
	case TRC_LOG:
	case TRC_STATE:
		return ring->map.words / 8;
	default:
		return ring->map.words / 32;
	}
}

static bool is_too_long(const struct trc_ring *ring, uint64_t words)
{
	return words > TRC_RECORD_MAX_WORDS || words > ring->map.words / 8;
}

/* Whether `words` fit, leaving `reserve` free, by the tail as it is now. */
static bool fits(struct trc_ring *ring, uint64_t words, uint64_t reserve)
{
	uint64_t tail;

	if (ring->map.words - (ring->head - ring->tail) >= words + reserve)
		return true;
	/* acquire: P2. A tail that cannot be is not believed. */
	tail = atomic_load_explicit(&ring->map.header->tail, memory_order_acquire);
	if (tail - ring->tail > ring->head - ring->tail)
		return false;
	ring->tail = tail;
	return ring->map.words - (ring->head - ring->tail) >= words + reserve;
}

/* Sleeps until the words fit, or the recorder has made no progress for too long. */
static bool sleep_until_fits(struct trc_ring *ring, uint64_t words, uint64_t reserve)
{
	const struct timespec step = {.tv_nsec = WAIT_STEP_NS};
	struct trc__control *control = ring->session->control;
	uint64_t before = trc_session_now(ring->session), tail = ring->tail;
	uint64_t without_beat = 0, without_tail = 0;
	/* relaxed: only its change matters. */
	uint64_t beat = atomic_load_explicit(&control->heartbeat, memory_order_relaxed);

	while (!fits(ring, words, reserve)) {
		uint64_t now = trc_session_now(ring->session), last_beat = beat;
		uint64_t slept = now - before < LONG_STEP_NS ? now - before : LONG_STEP_NS;

		beat = atomic_load_explicit(&control->heartbeat, memory_order_relaxed);
		without_tail = ring->tail != tail ? 0 : without_tail + slept;
		without_beat = ring->tail != tail || beat != last_beat ? 0 : without_beat + slept;
		tail = ring->tail;
		before = now;
		if (without_beat >= GIVE_UP_NS || without_tail >= give_up_ring_ns)
			return false;
		nanosleep(&step, NULL);
	}
	return true;
}

/* Nobody stores what is written. relaxed: nothing else is read because of it. */
static bool is_paused(const struct trc_ring *ring)
{
	const struct trc__control *control = ring->session->control;

	return __builtin_expect((atomic_load_explicit(&control->paused, memory_order_relaxed) |
				 atomic_load_explicit(&control->resting, memory_order_relaxed)) !=
					0,
				0);
}

static bool wait_until_fits(struct trc_ring *ring, uint64_t words, uint64_t reserve)
{
	int cancelling;
	bool fit;

	if (ring->session->fixed.on_full == TRC_ON_FULL_DROP || is_paused(ring) ||
	    (ring->given_up && ring->given_up_at == ring->tail))
		return false;
	/* A thread that is cancelled in here would leave the ring to the next one in the middle of
	 * a write. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelling);
	fit = sleep_until_fits(ring, words, reserve);
	pthread_setcancelstate(cancelling, NULL);
	ring->given_up = !fit;
	ring->given_up_at = ring->tail;
	return fit;
}

uint64_t trc_ring_now(struct trc_ring *ring)
{
	uint64_t now = ring ? trc__stopwatch_read(&ring->stopwatch) : 0;

	return ring ? now - ring->session->fixed.start : 0;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void count_lost(struct trc_ring *ring, uint64_t time)
{
	uint64_t none = 0;

	/* relaxed: written by this thread and its signal handlers, read by the recorder for its
	 * accounts only. */
	atomic_fetch_add_explicit(&ring->map.header->lost, 1, memory_order_relaxed);
	atomic_compare_exchange_strong_explicit(&ring->lost_time, &none, time ? time : 1,
						memory_order_relaxed, memory_order_relaxed);
}

static uint64_t *place(struct trc_ring *ring)
{
	return ring->map.data + (ring->head & (ring->map.words - 1));
}

static void publish(struct trc_ring *ring)
{
	struct trc__ring_header *header = ring->map.header;

	atomic_store_explicit(&header->head, ring->head, memory_order_release); /* P1 */
	/* relaxed, and after head: a writer killed in between has told of one record less, and the
	 * reader, who counts too, takes the larger number. */
	atomic_store_explicit(&header->written, ring->written, memory_order_relaxed);
}

/* What follows `head` by some records is fetched into the cache, for as long as `words` that were
 * written. By the time it is written to it is there: stores that miss the cache cost their thread
 * nothing by themselves, but its next locked instruction waits for all of them. */
static void fetch_ahead(const struct trc_ring *ring, uint64_t words)
{
	const uint64_t *ahead =
		ring->map.data + ((ring->head - words + AHEAD_WORDS) & (ring->map.words - 1));

	for (uint64_t i = 0; i < words; i += LINE_WORDS)
		__builtin_prefetch(ahead + i, 1);
}

/* Lost events of which no LOST event has told. */
static uint64_t untold(const struct trc_ring *ring)
{
	return atomic_load_explicit(&ring->map.header->lost, memory_order_relaxed) -
	       ring->lost_told;
}

/* Puts a LOST event beyond head; there is room. */
static void put_lost(struct trc_ring *ring, uint64_t count)
{
	struct trc_event lost = {.kind = TRC_LOST, .id = count};

	lost.arg = atomic_exchange_explicit(&ring->lost_time, 0, memory_order_relaxed);
	lost.time = trc_ring_now(ring);
	if (lost.arg == 0)
		lost.arg = lost.time;
	trc_record_encode(&lost, place(ring));
	ring->head += TRC_RECORD_LONG_WORDS;
	ring->written++;
	ring->lost_told += count;
}

/* Since the last event the session has rested. */
static void note_visit(struct trc_ring *ring, uint32_t visits)
{
	ring->visit = visits;
	if (untold(ring) == 0)
		count_lost(ring, ring->last_time);
}

/* One event, for which there is room. */
static inline void put_event(struct trc_ring *ring, const struct trc_event *event, uint64_t words)
{
	trc_record_encode(event, place(ring));
	ring->head += words;
	ring->written++;
	ring->last_time = event->time;
	publish(ring);
	fetch_ahead(ring, words);
}

/* One event, or its loss, whatever the ring's state is. */
static bool put_or_lose(struct trc_ring *ring, const struct trc_event *event, uint64_t words,
			uint32_t visits)
{
	uint64_t reserve = reserve_of(ring, event), lost, need;

	if (visits != ring->visit)
		note_visit(ring, visits);
	lost = untold(ring);
	need = words + (lost > 0 ? TRC_RECORD_LONG_WORDS : 0);
	if (is_too_long(ring, words) || (reserve > 0 && is_paused(ring)) ||
	    (!fits(ring, need, reserve) && !wait_until_fits(ring, need, reserve))) {
		count_lost(ring, event->time);
		return false;
	}
	if (lost > 0)
		put_lost(ring, lost);
	put_event(ring, event, words);
	return true;
}

/* One event, or its loss. Nearly always there is more room than any kind must leave free, somebody
 * records, and no loss is to be told: that is found out at once. */
static inline bool write_event(struct trc_ring *ring, const struct trc_event *event)
{
	uint64_t words = trc_record_words(event);
	uint64_t room = ring->map.words - (ring->head - ring->tail);
	/* relaxed: nothing else is read because of it. */
	uint32_t visits =
		atomic_load_explicit(&ring->session->control->visits, memory_order_relaxed);

	if (__builtin_expect(room < words + ring->map.words / 8 || visits != ring->visit ||
				     untold(ring) != 0 || is_too_long(ring, words) ||
				     is_paused(ring),
			     0))
		return put_or_lose(ring, event, words, visits);
	put_event(ring, event, words);
	return true;
}

bool trc__ring_tell_losses(struct trc_ring *ring)
{
	uint64_t lost = untold(ring);

	if (lost == 0)
		return true;
	if (!fits(ring, TRC_RECORD_LONG_WORDS, 0))
		return false;
	put_lost(ring, lost);
	publish(ring);
	return true;
}

/* In a signal handler that has interrupted a write. */
static bool stash_event(struct trc_ring *ring, const struct trc_event *event)
{
	uint64_t words = trc_record_words(event);
	uint32_t used = atomic_load_explicit(&ring->stash_used, memory_order_relaxed);

	do {
		if (words > TRC__STASH_WORDS - used) {
			count_lost(ring, event->time);
			return false;
		}
	} while (!atomic_compare_exchange_weak_explicit(
		&ring->stash_used, &used, used + (uint32_t)words, memory_order_relaxed,
		memory_order_relaxed));
	trc_record_encode(event, ring->stash + used);
	return true;
}

/* More may come while it works, behind what it has seen. */
static void write_stashed(struct trc_ring *ring)
{
	uint32_t at = 0, used;

	do {
		used = atomic_load_explicit(&ring->stash_used, memory_order_relaxed);
		atomic_signal_fence(memory_order_seq_cst);
		while (at < used) {
			struct trc_event event;

			at += (uint32_t)trc_record_decode(ring->stash + at, used - at, &event);
			write_event(ring, &event);
		}
	} while (!atomic_compare_exchange_strong_explicit(
		&ring->stash_used, &used, 0, memory_order_relaxed, memory_order_relaxed));
}

bool trc_ring_write(struct trc_ring *ring, const struct trc_event *event)
{
	bool written;

	if (!ring || trc__forked_child)
		return false;
	if (atomic_load_explicit(&ring->busy, memory_order_relaxed))
		return stash_event(ring, event);
	atomic_store_explicit(&ring->busy, true, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	written = write_event(ring, event);
	for (;;) {
		atomic_signal_fence(memory_order_seq_cst);
		atomic_store_explicit(&ring->busy, false, memory_order_relaxed);
		atomic_signal_fence(memory_order_seq_cst);
		if (atomic_load_explicit(&ring->stash_used, memory_order_relaxed) == 0)
			return written;
		atomic_store_explicit(&ring->busy, true, memory_order_relaxed);
		atomic_signal_fence(memory_order_seq_cst);
		write_stashed(ring);
	}
}

/* relaxed: written by this thread alone, read by the recorder for its accounts. */
static void count_one(_Atomic uint64_t *count)
{
	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

void trc_ring_count_choice(struct trc_ring *ring, struct trc_choice choice)
{
	struct trc__ring_header *header;

	if (!ring || trc__forked_child || choice.rule == TRC_NO_RULE)
		return;
	header = ring->map.header;
	count_one(&header->chosen[choice.rule]);
	if (choice.fate == TRC_FATE_LEFT_OUT)
		count_one(&header->left_out);
	else if (choice.fate == TRC_FATE_BARE)
		count_one(&header->bare);
}

uint64_t trc_unique(struct trc_ring *ring)
{
	uint64_t number;

	if (!ring)
		return 0;
	/* A signal handler takes its numbers from the upper half then. */
	if (atomic_load_explicit(&ring->numbering, memory_order_relaxed))
		return ring->unique_base | UINT64_C(1) << 47 |
		       (atomic_fetch_add_explicit(&ring->nested_unique, 1, memory_order_relaxed) +
			1);
	atomic_store_explicit(&ring->numbering, true, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	number = ring->unique_base | ++ring->unique;
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&ring->numbering, false, memory_order_relaxed);
	return number;
}
