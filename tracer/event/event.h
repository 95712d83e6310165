/*
 * event.h - what a traced program says about itself, one record at a time
 *
 * An event is one fact: "actor 7 sent message 912 to actor 3 from room.c:88". Programs write events
 * into rings (ring.h), the recorder puts them into the trace file, and every tool rebuilds the
 * actor system from them (tracer/model). This header owns their layout and their meaning.
 *
 * The record
 *
 *   word 0   u16 words     length of the whole record in 8-byte words, payload and padding included
 *            u8  kind      enum trc_kind
 *            u8  flags     TRC_F_*
 *            u16 aseq      number of this event among its actor's events: 1 to 65535 and round
 *                          again (trc_aseq_next); 0 when `actor` is 0
 *            u16 type      message type, or a kind-specific small number (0 when unused)
 *   word 1   u64 time      nanoseconds since the session began, by CLOCK_MONOTONIC or virtual
 *   word 2   u64 actor     who did it; 0 is "outside" (main, a timer, a foreign thread)
 *   word 3   u64 id        what it was done to: a message, token or actor, see the table
 *   word 4   u64 peer      another actor
 *   word 5   u64 arg       kind-specific
 *   word 6   u32 site, u32 payload_size
 *   then     payload, padded with zeros to a whole word
 *
 * A short record has words 0 to 3 only (32 bytes); a long one has all seven and the payload.
 * trc_kind_is_short() says which kinds are short. All numbers are in the byte order of the machine
 * that writes them; the ring's header names it.
 *
 * Numbers of kinds, flags and reasons are never reused. A reader skips kinds it does not know.
 *
 * Identity: actors, messages and tokens have 64-bit numbers that are unique in one session and
 * never reused; an actor's number is its incarnation. Message and token numbers carry the writing
 * ring in the high 16 bits, so that no two threads share a counter (trc_unique in ring.h).
 *
 * Order: the events of one ring are in order. The events of one actor are in order of `aseq`, even
 * when it moved between threads. Across actors, cause decides: a RECEIVE follows its SEND, a WAKE
 * follows what was waited for (tracer/model/order.h). Time stamps only break the remaining ties.
 *
 * This header and its folder need C11 and POSIX only, so that any program may link them.
 */
#ifndef TRACER_EVENT_EVENT_H
#define TRACER_EVENT_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Below, "site" means that `site` names the source line. Comments stand before what they are of. */
enum trc_kind {
	/* --- definitions: written by the thread that first needs them, before the first use is
	 * written anywhere; strings in the payload end with a NUL and follow each other --- */

	/* id: kind number (from 1), arg: default mailbox capacity; payload: name */
	TRC_DEF_KIND = 1,
	/* id: type number (from 1); payload: name, then for each field one string whose first byte
	 * is a trc_field code and whose rest is the field's name */
	TRC_DEF_TYPE = 2,
	/* id: site number (from 1), arg: line; payload: file, function */
	TRC_DEF_SITE = 3,

	/* --- life --- */

	/* actor: parent, id: the new actor, peer: kind number, arg: mailbox capacity; site;
	 * payload: name (bytes, no NUL), empty: tools call it "kind-N". TRC_F_SOURCE: the outside
	 * world can wake it (sockets, signals). The spawner then holds one handle to the new actor;
	 * no CLONE is written. */
	TRC_SPAWN = 8,
	/* short. actor: begins its start handler, which ends with DONE, id 0 */
	TRC_START = 9,
	/* short. actor: has ended, its last event; type: enum trc_end_reason. Handles and tokens
	 * that it still held were dropped by events before this one. */
	TRC_END = 10,

	/* --- messages --- */

	/* actor: sender, id: message, peer: receiver, type, arg: reply token or 0; site; payload:
	 * fields. Written when the message has its place in the mailbox, just before the receiver
	 * can see it. TRC_F_TRY, TRC_F_TIMER, TRC_F_DEADLINE. */
	TRC_SEND = 16,
	/* actor: sender, id: 0, peer: receiver, type, arg: enum trc_refusal; site. A send that put
	 * nothing into the mailbox: full (try_send), ended, late. */
	TRC_REFUSED = 17,
	/* short. actor: receiver, id: message; its handler begins. id 0: one that is not in the
	 * trace; written late, before the first event in that handler but those of handles, and
	 * not at all when there is none */
	TRC_RECEIVE = 18,
	/* short. actor: receiver, id: message (0 after START and RECEIVE 0); its handler ended */
	TRC_DONE = 19,
	/* short. actor: receiver, id: message that will never be received */
	TRC_DISCARD = 20,
	/* actor: sender, id: receiver, arg: 1 when GRANT events tell who gets space there. From now
	 * on messages may get into that mailbox of which the trace knows nothing, since the
	 * recording's filters leave them out. Written before the first of them is sent. */
	TRC_UNSEEN = 21,
	/* actor: 0, id: a message by a monitor, peer: the actor of whose end it tells; right after
	 * its SEND */
	TRC_TOLD = 22,

	/* --- reply tokens: born in the SEND of an ask and held by that message, then by the
	 * receiver from its RECEIVE on --- */

	/* actor: who replies, id: token, peer: the asker, type, arg: enum trc_outcome; site;
	 * payload: fields. The asker's wait for it is over. TRC_F_LATE: the asker had stopped
	 * waiting. */
	TRC_REPLY = 24,
	/* actor: from, id: token, peer: to, arg: message it travels in; its SEND follows. arg 0: as
	 * for HANDLE_MOVE */
	TRC_TOKEN_MOVE = 25,
	/* actor: who dropped it unanswered, id: token, peer: the asker; site. The asker's wait for
	 * it is over, with an error. TRC_F_LATE as above. */
	TRC_TOKEN_DROP = 26,
	/* actor: who, id: a message that it is handling; site: where it took the reply token out of
	 * that, to answer later or to hand it on. Before the DONE. */
	TRC_TOKEN_KEEP = 27,

	/* --- waits: an actor has at most one open wait --- */

	/* actor; the first target in type (enum trc_what), id (object), peer (who is expected to
	 * act); arg: deadline as a time, 0 for none; site; payload: further targets as struct
	 * trc_target. TRC_F_ANY: any one target ends the wait, otherwise all must be met. */
	TRC_WAIT = 32,
	/* short. actor; type: enum trc_wake, id: object that ended an ANY wait, or 0 */
	TRC_WAKE = 33,
	/* actor: who made room, id: an actor that waits for space, peer: the mailbox's owner. The
	 * place is the waiting actor's now, which may begin its WAIT a little later than this.
	 * Written while filters are on, when nobody can count what is in a mailbox. */
	TRC_GRANT = 34,
	/* actor: sender, id: 0, peer: receiver, type; site; payload: fields. What it will send once
	 * it has a place in that mailbox; right before its WAIT for that. TRC_F_CUT. */
	TRC_SENDING = 35,

	/* --- handles: who holds how many of which actor. A timer that will send to its actor
	 * (act_after) is a handle in the hands of the outside: CLONE by actor 0 when it is set,
	 * DROP by actor 0 after its SEND or when it is cancelled. An actor that nobody else could
	 * wake is known by it to be alive --- */

	/* short. actor: holder, id: target */
	TRC_HANDLE_CLONE = 40,
	/* short. actor: holder, id: target */
	TRC_HANDLE_DROP = 41,
	/* actor: from, id: target, peer: to, arg: message it travels in; SEND follows, and the
	 * receiver holds it from RECEIVE on. arg 0: it goes with a REPLY (which follows) or to a
	 * newly spawned actor, and `peer` holds it from now on. */
	TRC_HANDLE_MOVE = 42,

	/* --- notes --- */

	/* actor; site; payload: text. id: 0, or the message the note is about */
	TRC_LOG = 48,

	/* actor, type; payload: fields. What the described part of its state is after the start
	 * handler or the message being handled, written before the DONE when that changed it.
	 * TRC_F_CUT. */
	TRC_STATE = 49,

	/* --- the stream itself --- */

	/* actor: 0, id: how many events of this ring are missing here, arg: time of the first. What
	 * was not recorded because nobody recorded counts as one event */
	TRC_LOST = 56,
};

enum {
	TRC_F_TRY = 1 << 0,      /* SEND, REFUSED: sent by a form that never waits for space */
	TRC_F_TIMER = 1 << 1,    /* SEND: by a timer or monitor of the receiver's */
	TRC_F_ANY = 1 << 2,      /* WAIT: any target ends it */
	TRC_F_SOURCE = 1 << 3,   /* SPAWN: the outside world can wake this actor */
	TRC_F_LATE = 1 << 4,     /* REPLY, TOKEN_DROP: nobody was waiting any more */
	TRC_F_CUT = 1 << 5,      /* payload was longer than the session's limit and ends early, or
				  * a filter left it out */
	TRC_F_DEADLINE = 1 << 6, /* SEND: by a form that waits for space until a deadline only */
};

/* What a wait is for; `object` is the event's id or trc_target.object. */
enum trc_what {
	TRC_WHAT_REPLY = 1,   /* object: token. Met by REPLY or TOKEN_DROP */
	TRC_WHAT_SPACE = 2,   /* object: the actor that owns the mailbox. Met when depth < capacity,
				 or when that actor ended */
	TRC_WHAT_END = 3,     /* object: actor. Met when it has ended */
	TRC_WHAT_TIMER = 4,   /* object: 0. Time meets it */
	TRC_WHAT_OUTSIDE = 5, /* object: 0. Sockets, files, foreign threads meet it */
	TRC_WHAT_MESSAGE = 6, /* in no WAIT, but idle actors are in need of it (analysis) */
};

enum trc_wake {
	TRC_WAKE_MET = 1,       /* what was waited for happened */
	TRC_WAKE_DEADLINE = 2,  /* the deadline passed first */
	TRC_WAKE_CANCELLED = 3, /* the actor is being stopped */
};

enum trc_end_reason {
	TRC_END_STOPPED = 1,     /* somebody called act_stop */
	TRC_END_UNREACHABLE = 2, /* last handle dropped, mailbox empty */
	TRC_END_FAILED = 3,      /* its start handler refused */
	TRC_END_SHUTDOWN = 4,    /* the system stopped */
};

enum trc_refusal {
	TRC_REFUSED_FULL = 1,
	TRC_REFUSED_ENDED = 2,
	TRC_REFUSED_DEADLINE = 3,
	TRC_REFUSED_CANCELLED = 4,
};

enum trc_outcome {
	TRC_OUTCOME_OK = 0,
	TRC_OUTCOME_ERROR = 1, /* the replier reports a failure */
};

/* A further target in the payload of TRC_WAIT. */
struct trc_target {
	uint64_t what; /* enum trc_what */
	uint64_t object;
	uint64_t peer; /* who was expected to act when the wait began */
};

/* Field codes of message types, see payload.h for how values are packed. */
enum trc_field {
	TRC_FIELD_I64 = 'i',
	TRC_FIELD_U64 = 'u',
	TRC_FIELD_F64 = 'f',
	TRC_FIELD_BOOL = 'b',
	TRC_FIELD_TEXT = 't',
	TRC_FIELD_BYTES = 'y',
	TRC_FIELD_HANDLE = 'h', /* value: the actor's number */
	TRC_FIELD_TOKEN = 'k',  /* value: the token's number */
};

/* An event, decoded. `payload` is not owned; whoever hands the event out says how long it lives. */
struct trc_event {
	uint8_t kind;
	uint8_t flags;
	uint16_t aseq;
	uint16_t type;
	uint32_t site;
	uint64_t time;
	uint64_t actor;
	uint64_t id;
	uint64_t peer;
	uint64_t arg;
	uint32_t payload_size; /* bytes */
	const uint8_t *payload;
};

enum {
	TRC_RECORD_SHORT_WORDS = 4,
	TRC_RECORD_LONG_WORDS = 7,
	TRC_RECORD_MAX_WORDS = UINT16_MAX,
	/* the longest payload that fits */
	TRC_PAYLOAD_MAX = (TRC_RECORD_MAX_WORDS - TRC_RECORD_LONG_WORDS) * 8,
};

/* What follows `aseq` in an actor's count of its events, which begins after 0 and never comes back
 * to it. */
static inline uint16_t trc_aseq_next(uint16_t aseq)
{
	return aseq == UINT16_MAX ? 1 : (uint16_t)(aseq + 1);
}

/* True for kinds whose records have no peer, arg, site and payload. Unknown kinds are long. Asked
 * for each event, by everybody. */
static inline bool trc_kind_is_short(unsigned kind)
{
	const uint64_t kinds = UINT64_C(1) << TRC_START | UINT64_C(1) << TRC_END |
			       UINT64_C(1) << TRC_RECEIVE | UINT64_C(1) << TRC_DONE |
			       UINT64_C(1) << TRC_DISCARD | UINT64_C(1) << TRC_WAKE |
			       UINT64_C(1) << TRC_HANDLE_CLONE | UINT64_C(1) << TRC_HANDLE_DROP;

	return kind < 64 && (kinds >> kind & 1);
}

/* The kind's name as tools print it ("send"), or NULL for an unknown kind. */
const char *trc_kind_name(unsigned kind);

/* The kind whose name is `name`, or 0. */
unsigned trc_kind_from_name(const char *name);

/* "reply", "space", "end", "timer", "outside"; NULL when unknown. */
const char *trc_what_name(unsigned what);

/* Words that the record of `event` takes. */
static inline size_t trc_record_words(const struct trc_event *event)
{
	if (trc_kind_is_short(event->kind))
		return TRC_RECORD_SHORT_WORDS;
	return TRC_RECORD_LONG_WORDS + ((size_t)event->payload_size + 7) / 8;
}

/* Writes the record of `event` to `words`, which has trc_record_words(event) places. */
void trc_record_encode(const struct trc_event *event, uint64_t *words);

/*
 * Reads one record from at most `available` words. Returns the words it takes, or 0 when they do
 * not hold a whole, consistent record (length wrong for the kind, payload longer than the record).
 * `ret_event->payload` points into `words`. Never reads past `available`.
 */
size_t trc_record_decode(const uint64_t *words, size_t available, struct trc_event *ret_event);

#ifdef __cplusplus
}
#endif

#endif
