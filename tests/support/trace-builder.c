#include "tests/support/trace-builder.h"

#include "tracer/event/payload.h"
#include "tracer/model/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS_FROM = 1000000000 };

void tb_init(struct tb *tb)
{
	*tb = (struct tb){.model = trc_model_new()};
}

void tb_fini(struct tb *tb)
{
	for (size_t i = 0; i < tb->count; i++)
		free((void *)tb->events[i].event.payload);
	free(tb->events);
	trc_table_clear(&tb->aseqs);
	trc_table_clear(&tb->numbers);
	trc_model_free(tb->model);
}

void tb_add(struct tb *tb, struct trc_event event)
{
	tb->now += 1000;
	event.time = tb->now;
	if (event.actor && event.aseq == 0) {
		uintptr_t last = (uintptr_t)trc_table_find(&tb->aseqs, event.actor);
		uint16_t aseq = (uint16_t)(last ? last - 1 : 0);

		event.aseq = trc_aseq_next(aseq);
		trc_table_put(&tb->aseqs, event.actor, (void *)(uintptr_t)(event.aseq + 1u));
	}
	event.payload = trc_copy(event.payload, event.payload_size);
	tb->events = trc_grow(tb->events, &tb->room, tb->count + 1, sizeof *tb->events);
	tb->events[tb->count++] = (struct tb_event){event, tb->ring};
	if (tb->before)
		tb->before(&event, tb->context);
	trc_model_apply(tb->model, &event);
	if (tb->after)
		tb->after(&event, tb->context);
}

/* --- definitions --------------------------------------------------------------------------------
 */

/* The number of a text; writes its definition when it is new. */
static uint32_t define(struct tb *tb, unsigned kind, uint32_t *count, const void *text, size_t size,
		       uint64_t arg)
{
	uint64_t key = trc_mix(kind, arg) | 1;
	uintptr_t known;

	for (size_t i = 0; i < size; i++)
		key = trc_mix(key, ((const uint8_t *)text)[i]) | 1;
	known = (uintptr_t)trc_table_find(&tb->numbers, key);
	if (known)
		return (uint32_t)known;
	++*count;
	trc_table_put(&tb->numbers, key, (void *)(uintptr_t)*count);
	tb_add(tb, (struct trc_event){.kind = (uint8_t)kind,
				      .id = *count,
				      .arg = arg,
				      .payload = text,
				      .payload_size = (uint32_t)size});
	return *count;
}

static uint16_t type_number(struct tb *tb, const char *name)
{
	char text[64];
	int length = snprintf(text, sizeof text, "%s%cun", name, 0);

	return (uint16_t)define(tb, TRC_DEF_TYPE, &tb->type_count, text, (size_t)length + 1, 0);
}

void tb_at(struct tb *tb, const char *file, const char *function, uint32_t line)
{
	char text[256];
	int length = snprintf(text, sizeof text, "%s%c%s", file, 0, function);

	tb->site = define(tb, TRC_DEF_SITE, &tb->site_count, text, (size_t)length + 1, line);
}

/* --- life ---------------------------------------------------------------------------------------
 */

static uint64_t spawn(struct tb *tb, uint64_t parent, const char *kind, const char *name,
		      uint64_t capacity, unsigned flags)
{
	uint32_t number = define(tb, TRC_DEF_KIND, &tb->kind_count, kind, strlen(kind) + 1, 0);
	uint64_t actor = ++tb->last_id;

	tb_add(tb, (struct trc_event){.kind = TRC_SPAWN,
				      .flags = (uint8_t)flags,
				      .actor = parent,
				      .id = actor,
				      .peer = number,
				      .arg = capacity,
				      .site = tb->site,
				      .payload = (const uint8_t *)name,
				      .payload_size = (uint32_t)strlen(name)});
	tb_add(tb, (struct trc_event){.kind = TRC_START, .actor = actor});
	return actor;
}

uint64_t tb_spawn_starting(struct tb *tb, uint64_t parent, const char *kind, const char *name,
			   uint64_t capacity)
{
	return spawn(tb, parent, kind, name, capacity, 0);
}

uint64_t tb_spawn(struct tb *tb, uint64_t parent, const char *kind, const char *name,
		  uint64_t capacity)
{
	uint64_t actor = spawn(tb, parent, kind, name, capacity, 0);

	tb_done(tb, actor);
	return actor;
}

uint64_t tb_spawn_source(struct tb *tb, uint64_t parent, const char *kind, const char *name,
			 uint64_t capacity)
{
	uint64_t actor = spawn(tb, parent, kind, name, capacity, TRC_F_SOURCE);

	tb_done(tb, actor);
	return actor;
}

void tb_end(struct tb *tb, uint64_t actor, enum trc_end_reason reason)
{
	tb_add(tb, (struct trc_event){.kind = TRC_END, .actor = actor, .type = (uint16_t)reason});
}

/* --- messages -----------------------------------------------------------------------------------
 */

uint64_t tb_token(uint64_t message)
{
	return message + TOKENS_FROM;
}

uint64_t tb_next_message(struct tb *tb)
{
	return tb->last_id + 1;
}

static uint64_t put(struct tb *tb, uint64_t from, uint64_t to, const char *type, bool ask)
{
	uint8_t bytes[8];
	struct trc_packer packer = {.data = bytes, .limit = sizeof bytes};
	uint64_t id = ++tb->last_id;

	trc_pack_u64(&packer, id);
	tb_add(tb, (struct trc_event){.kind = TRC_SEND,
				      .flags = (uint8_t)tb->send_flags,
				      .actor = from,
				      .id = id,
				      .peer = to,
				      .type = type_number(tb, type),
				      .arg = ask ? tb_token(id) : 0,
				      .site = tb->site,
				      .payload = bytes,
				      .payload_size = (uint32_t)packer.size});
	tb->send_flags = 0;
	return id;
}

uint64_t tb_send(struct tb *tb, uint64_t from, uint64_t to, const char *type)
{
	return put(tb, from, to, type, false);
}

void tb_sending(struct tb *tb, uint64_t actor, uint64_t owner, const char *type)
{
	uint8_t bytes[8];
	struct trc_packer packer = {.data = bytes, .limit = sizeof bytes};

	trc_pack_u64(&packer, tb_next_message(tb));
	tb_add(tb, (struct trc_event){.kind = TRC_SENDING,
				      .actor = actor,
				      .peer = owner,
				      .type = type_number(tb, type),
				      .site = tb->site,
				      .payload = bytes,
				      .payload_size = (uint32_t)packer.size});
}

uint64_t tb_ask(struct tb *tb, uint64_t from, uint64_t to, const char *type)
{
	return put(tb, from, to, type, true);
}

void tb_fill(struct tb *tb, uint64_t from, uint64_t to, unsigned count)
{
	while (count-- > 0)
		tb_send(tb, from, to, "Filler");
}

void tb_receive(struct tb *tb, uint64_t actor, uint64_t message)
{
	tb_add(tb, (struct trc_event){.kind = TRC_RECEIVE, .actor = actor, .id = message});
}

void tb_receive_next(struct tb *tb, uint64_t actor)
{
	const struct trc_actor *receiver = trc_model_actor(tb->model, actor);

	assert(receiver && receiver->oldest);
	tb_receive(tb, actor, receiver->oldest->id);
}

void tb_done(struct tb *tb, uint64_t actor)
{
	const struct trc_actor *known = trc_model_actor(tb->model, actor);
	uint64_t message = known && known->current ? known->current->id : 0;

	tb_add(tb, (struct trc_event){.kind = TRC_DONE, .actor = actor, .id = message});
}

void tb_discard(struct tb *tb, uint64_t actor, uint64_t message)
{
	tb_add(tb, (struct trc_event){.kind = TRC_DISCARD, .actor = actor, .id = message});
}

void tb_refused(struct tb *tb, uint64_t from, uint64_t to, const char *type,
		enum trc_refusal refusal)
{
	tb_add(tb, (struct trc_event){.kind = TRC_REFUSED,
				      .flags = (uint8_t)tb->send_flags,
				      .actor = from,
				      .peer = to,
				      .type = type_number(tb, type),
				      .arg = refusal,
				      .site = tb->site});
	tb->send_flags = 0;
}

/* --- tokens -------------------------------------------------------------------------------------
 */

static uint64_t asker_of(const struct tb *tb, uint64_t token)
{
	const struct trc_token *known = trc_model_token(tb->model, token);

	return known ? known->asker : 0;
}

void tb_unseen(struct tb *tb, uint64_t from, uint64_t to, bool grants)
{
	tb_add(tb, (struct trc_event){.kind = TRC_UNSEEN, .actor = from, .id = to, .arg = grants});
}

void tb_receive_unseen(struct tb *tb, uint64_t actor)
{
	tb_add(tb, (struct trc_event){.kind = TRC_RECEIVE, .actor = actor});
}

void tb_grant(struct tb *tb, uint64_t by, uint64_t to, uint64_t owner)
{
	tb_add(tb, (struct trc_event){.kind = TRC_GRANT, .actor = by, .id = to, .peer = owner});
}

void tb_reply(struct tb *tb, uint64_t actor, uint64_t token)
{
	tb_add(tb, (struct trc_event){.kind = TRC_REPLY,
				      .actor = actor,
				      .id = token,
				      .peer = asker_of(tb, token),
				      .site = tb->site});
}

void tb_drop_token(struct tb *tb, uint64_t actor, uint64_t token)
{
	tb_add(tb, (struct trc_event){.kind = TRC_TOKEN_DROP,
				      .actor = actor,
				      .id = token,
				      .peer = asker_of(tb, token),
				      .site = tb->site});
}

void tb_move_token(struct tb *tb, uint64_t actor, uint64_t token, uint64_t message)
{
	tb_add(tb, (struct trc_event){
			   .kind = TRC_TOKEN_MOVE, .actor = actor, .id = token, .arg = message});
}

/* --- waits --------------------------------------------------------------------------------------
 */

void tb_wait_many(struct tb *tb, uint64_t actor, bool any, const struct trc_target *targets,
		  size_t count)
{
	assert(count > 0);
	tb_add(tb, (struct trc_event){.kind = TRC_WAIT,
				      .flags = any ? TRC_F_ANY : 0,
				      .actor = actor,
				      .type = (uint16_t)targets[0].what,
				      .id = targets[0].object,
				      .peer = targets[0].peer,
				      .arg = tb->deadline,
				      .site = tb->site,
				      .payload = (const uint8_t *)(targets + 1),
				      .payload_size = (uint32_t)((count - 1) * sizeof *targets)});
	tb->deadline = 0;
}

static void wait_one(struct tb *tb, uint64_t actor, enum trc_what what, uint64_t object)
{
	struct trc_target target = {what, object, 0};

	target.peer = trc_model_target_party(tb->model, &target);
	tb_wait_many(tb, actor, false, &target, 1);
}

void tb_wait_reply(struct tb *tb, uint64_t actor, uint64_t token)
{
	wait_one(tb, actor, TRC_WHAT_REPLY, token);
}

void tb_wait_space(struct tb *tb, uint64_t actor, uint64_t owner)
{
	wait_one(tb, actor, TRC_WHAT_SPACE, owner);
}

void tb_wait_end(struct tb *tb, uint64_t actor, uint64_t other)
{
	wait_one(tb, actor, TRC_WHAT_END, other);
}

void tb_wait_timer(struct tb *tb, uint64_t actor)
{
	wait_one(tb, actor, TRC_WHAT_TIMER, 0);
}

void tb_wake(struct tb *tb, uint64_t actor, enum trc_wake wake)
{
	tb_add(tb, (struct trc_event){.kind = TRC_WAKE, .actor = actor, .type = (uint16_t)wake});
}

uint64_t tb_ask_and_wait(struct tb *tb, uint64_t from, uint64_t to, const char *type)
{
	uint64_t message = tb_ask(tb, from, to, type);

	tb_wait_reply(tb, from, tb_token(message));
	return message;
}

/* --- handles ------------------------------------------------------------------------------------
 */

void tb_clone(struct tb *tb, uint64_t holder, uint64_t target)
{
	tb_add(tb, (struct trc_event){.kind = TRC_HANDLE_CLONE, .actor = holder, .id = target});
}

void tb_drop(struct tb *tb, uint64_t holder, uint64_t target)
{
	tb_add(tb, (struct trc_event){.kind = TRC_HANDLE_DROP, .actor = holder, .id = target});
}

void tb_move(struct tb *tb, uint64_t holder, uint64_t target, uint64_t message)
{
	tb_add(tb, (struct trc_event){
			   .kind = TRC_HANDLE_MOVE, .actor = holder, .id = target, .arg = message});
}
