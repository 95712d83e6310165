/*
 * trace-builder.h - small actor programs written down as the events they leave
 *
 * Each call adds one event (some add a few), one microsecond after the last, and applies it to
 * `model`. Numbers of actors, messages and tokens are made up; definitions are written when first
 * used. Every event belongs to ring 0 unless `ring` is changed. The events stay in `events`, to be
 * applied again elsewhere or written to a file.
 */
#ifndef TESTS_SUPPORT_TRACE_BUILDER_H
#define TESTS_SUPPORT_TRACE_BUILDER_H

#include "tracer/model/model.h"
#include "tracer/model/table.h"

struct tb_event {
	struct trc_event event; /* owns its payload */
	unsigned ring;
};

struct tb {
	struct trc_model *model;
	struct tb_event *events;
	size_t count, room;
	uint64_t now; /* time of the last event */
	unsigned ring;
	uint32_t site;       /* of the next events, see tb_at() */
	uint64_t deadline;   /* of the next wait */
	unsigned send_flags; /* of the next send */
	uint64_t last_id;
	uint32_t kind_count, type_count, site_count;
	struct trc_table aseqs;   /* 1 + aseq, by actor */
	struct trc_table numbers; /* of kinds, types and sites, by hash of their text */
	/* called with each event after it was applied; may be NULL */
	void (*before)(const struct trc_event *event, void *context);
	void (*after)(const struct trc_event *event, void *context);
	void *context;
};

void tb_init(struct tb *tb);
void tb_fini(struct tb *tb);

/* Any event; fills in time and aseq. */
void tb_add(struct tb *tb, struct trc_event event);

/* Where in the source the next events come from. */
void tb_at(struct tb *tb, const char *file, const char *function, uint32_t line);

/* An actor that has run its start handler and is idle. `parent` 0: spawned by main. */
uint64_t tb_spawn(struct tb *tb, uint64_t parent, const char *kind, const char *name,
		  uint64_t capacity);
uint64_t tb_spawn_source(struct tb *tb, uint64_t parent, const char *kind, const char *name,
			 uint64_t capacity);
/* The same, still in its start handler. */
uint64_t tb_spawn_starting(struct tb *tb, uint64_t parent, const char *kind, const char *name,
			   uint64_t capacity);
void tb_end(struct tb *tb, uint64_t actor, enum trc_end_reason reason);

/* These return the number of the message. A message has one field, `n`, its number. */
uint64_t tb_send(struct tb *tb, uint64_t from, uint64_t to, const char *type);
uint64_t tb_ask(struct tb *tb, uint64_t from, uint64_t to, const char *type); /* does not wait */
/* The number of the next message, for what is moved into it. */
uint64_t tb_next_message(struct tb *tb);
void tb_fill(struct tb *tb, uint64_t from, uint64_t to, unsigned count);

/* The token of an ask. */
uint64_t tb_token(uint64_t message);

void tb_receive(struct tb *tb, uint64_t actor, uint64_t message);
void tb_receive_next(struct tb *tb, uint64_t actor); /* the oldest */
void tb_done(struct tb *tb, uint64_t actor);
void tb_discard(struct tb *tb, uint64_t actor, uint64_t message);
void tb_refused(struct tb *tb, uint64_t from, uint64_t to, const char *type,
		enum trc_refusal refusal);

/* Filters leave out messages to it from now on; the receiver deals with one, if only to do
 * something else. */
void tb_unseen(struct tb *tb, uint64_t from, uint64_t to, bool grants);
void tb_receive_unseen(struct tb *tb, uint64_t actor);
void tb_grant(struct tb *tb, uint64_t by, uint64_t to, uint64_t owner);

void tb_reply(struct tb *tb, uint64_t actor, uint64_t token);
void tb_drop_token(struct tb *tb, uint64_t actor, uint64_t token);
void tb_move_token(struct tb *tb, uint64_t actor, uint64_t token, uint64_t message);

void tb_wait_reply(struct tb *tb, uint64_t actor, uint64_t token);
void tb_wait_space(struct tb *tb, uint64_t actor, uint64_t owner);
/* Before that: what it will send with tb_send(). */
void tb_sending(struct tb *tb, uint64_t actor, uint64_t owner, const char *type);
void tb_wait_end(struct tb *tb, uint64_t actor, uint64_t other);
void tb_wait_timer(struct tb *tb, uint64_t actor);
void tb_wait_many(struct tb *tb, uint64_t actor, bool any, const struct trc_target *targets,
		  size_t count);
void tb_wake(struct tb *tb, uint64_t actor, enum trc_wake wake);

/* Asks and waits for the reply; returns the message. */
uint64_t tb_ask_and_wait(struct tb *tb, uint64_t from, uint64_t to, const char *type);

void tb_clone(struct tb *tb, uint64_t holder, uint64_t target);
void tb_drop(struct tb *tb, uint64_t holder, uint64_t target);
void tb_move(struct tb *tb, uint64_t holder, uint64_t target, uint64_t message);

#endif
