/*
 * finding.h - one row of what `check` says
 */
#ifndef TRACER_ANALYSIS_FINDING_H
#define TRACER_ANALYSIS_FINDING_H

#include "tracer/model/model.h"

/* Codes are stable; a retired one is never reused. In order of certainty. */
enum trc_code {
	TRC_CODE_DEADLOCK,           /* "deadlock", certain */
	TRC_CODE_ORPHAN_WAIT,        /* "orphan-wait", certain */
	TRC_CODE_POTENTIAL_DEADLOCK, /* "potential-deadlock", predicted */
	TRC_CODE_DEADLINE_CYCLE,     /* "deadline-cycle", hazard */
	TRC_CODE_STALL,              /* "stall", hazard */
	TRC_CODE_HANDLE_CYCLE,       /* "handle-cycle", hazard */
	TRC_CODE_KIND_CYCLE,         /* "kind-cycle", hazard */
	TRC_CODE_REFUTED,            /* "refuted", shown on request */
	TRC_CODE_COUNT,
};

/* One arrow: `from` waits, or could wait, for `to`. Everything here outlives the model. */
struct trc_edge {
	uint64_t from; /* actors */
	uint64_t to;
	char *from_name;
	char *to_name;
	char *from_kind;
	char *to_kind;
	unsigned what;     /* enum trc_what */
	bool waits;        /* false: this form never waits (try_send), the reason of a refutation;
			      of a stall: `from` did not wait, it ran */
	bool any;          /* `from` waits for several, and one of them is enough */
	uint64_t since;    /* time; of a predicted edge: when it was last seen used */
	uint64_t deadline; /* 0: none */
	uint64_t message;  /* the message in whose handler `from` waits, 0: none */
	char *doing;   /* that message as text, `Say{user:"ann", text:"hi"}`; "start"; "" when it is
			  between messages, as sockets may be; never NULL */
	char *origin;  /* how that message came about, in words, to be freed; NULL unless somebody
			  who has the whole trace at hand has filled it in */
	char *sending; /* type of the message that is being sent or was asked; "" when none */
	char *sending_text; /* that message with its fields; NULL when they are not known */
	uint32_t depth;     /* of `to`'s mailbox: now, or the deepest seen */
	uint32_t capacity;  /* of `to`'s mailbox */
	char *file;         /* where it waits; "" when unknown */
	char *function;
	uint32_t line;
};

/* An event that a verdict rests on. */
struct trc_proof {
	uint64_t time;
	unsigned kind;   /* enum trc_kind */
	uint64_t actor;  /* who did it; 0: the outside */
	uint64_t object; /* the message, token or actor that it was about, as the event's id */
	uint32_t order;  /* among those of one time: a cause has a smaller number; 0: unknown */
	char *says;      /* `a "A" sent Ping to b "B"` */
	char *file;      /* "" when unknown */
	char *function;
	uint32_t line;
};

struct trc_finding {
	enum trc_code code;
	bool likely;  /* potential-deadlock: in another order of messages in which every actor
			 still does the same as in this run; false: merely possible */
	bool lowered; /* touches a gap in the trace: not as certain as its code says */
	bool victims_lowered; /* the same of its victims: some may not be stuck */
	char *title;          /* one line */
	char *reason;  /* refuted: why it cannot; predicted: which order reaches it; orphan: how it
			  came to be; else "" */
	uint64_t time; /* first instant from which it was unavoidable; predicted: last seen */
	unsigned actor_count;
	uint64_t *actors; /* the core, in ring order */
	unsigned victim_count;
	uint64_t *victims; /* stuck because of the core */
	unsigned edge_count;
	struct trc_edge *edges; /* the core's, in ring order; then the victims' */
	unsigned core_edge_count;
	unsigned proof_count;
	struct trc_proof *proofs; /* refuted: the events that make it impossible, as they came one
				     after the other; else none */
	unsigned instances; /* alike findings merged into this one, itself included; of a stall:
			       waits that were held up */
	uint64_t held; /* stall: the longest time that a wait was held up, the victim's; else 0 */
	/* mailbox arithmetic: a ring of full mailboxes needs `needed` live messages; this run had
	 * at most `peak` at once in them. 0 when it does not apply. */
	uint64_t needed;
	uint64_t peak;
	uint64_t fitting; /* if no mailbox of the ring held more than this, the messages of this
			     run would have been enough to fill them; 0: unknown, or they are
			     not enough for any */
	/* 16 hex digits each. The fingerprint is made of code, kinds and source functions: the same
	 * for the same fault in another run, also after other lines were edited. The shape is made
	 * of kinds alone: a deadlock has the shape of the prediction that foretold it. */
	char fingerprint[17];
	char shape[17];
};

const char *trc_code_name(enum trc_code code);    /* "deadlock" */
const char *trc_code_verdict(enum trc_code code); /* "certain", "predicted", "hazard", "refuted" */
const char *trc_code_meaning(enum trc_code code); /* one sentence without a full stop */
/* The code named `name`, or TRC_CODE_COUNT. */
enum trc_code trc_code_from_name(const char *name);

void trc_finding_clear(struct trc_finding *finding);
/* A deep copy. */
void trc_finding_copy(const struct trc_finding *finding, struct trc_finding *ret_copy);

/* A short story for a terminal, several lines, each ending in a newline: what, who waits for whom
 * since when and where, how it came about, what usually cures it. To be freed by the caller. */
char *trc_finding_text(const struct trc_finding *finding);

#endif
