#include "tests/oracle/program.h"

#include <stddef.h>
#include <string.h>

/* xorshift32: the same on every machine */
unsigned or_lot(unsigned *seed, unsigned count)
{
	unsigned x = *seed ? *seed : 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	*seed = x;
	return (x >> 8) % count;
}

/* --- drawing ------------------------------------------------------------------------------------
 */

/* How often each kind of operation is drawn. */
struct weight {
	uint8_t kind, plain, state;
};

static const struct weight weights[] = {
	{OR_SEND, 12, 12}, {OR_SEND_BY, 1, 1}, {OR_TRY, 1, 1},     {OR_ASK, 24, 20},
	{OR_ASK_BY, 1, 1}, {OR_ASK_ALL, 4, 3}, {OR_ASK_ANY, 2, 2}, {OR_REPLY, 5, 5},
	{OR_DROP, 1, 1},   {OR_FORWARD, 4, 3}, {OR_KEEP, 0, 4},    {OR_ANSWER, 0, 4},
	{OR_JOIN, 0, 2},   {OR_SLEEP, 1, 1},   {OR_AFTER, 1, 1},   {OR_STOP, 0, 2},
	{OR_LET_GO, 0, 1}, {OR_SET, 0, 4},     {OR_UNLESS, 0, 4},
};

enum { WEIGHTS = sizeof weights / sizeof *weights };

static uint8_t draw_kind(bool state, unsigned *seed)
{
	unsigned sum = 0, drawn;

	for (size_t i = 0; i < WEIGHTS; i++)
		sum += state ? weights[i].state : weights[i].plain;
	drawn = or_lot(seed, sum);
	for (size_t i = 0; i < WEIGHTS; i++) {
		unsigned weight = state ? weights[i].state : weights[i].plain;

		if (drawn < weight)
			return weights[i].kind;
		drawn -= weight;
	}
	return OR_NONE;
}

static bool sends(unsigned kind)
{
	return (kind >= OR_SEND && kind <= OR_ASK_ANY) || kind == OR_FORWARD || kind == OR_AFTER;
}

static uint8_t draw_type(unsigned above, unsigned *seed)
{
	return (uint8_t)(above + 1 + or_lot(seed, OR_TYPES - above));
}

/* Seldom itself: that would be a deadlock at once. */
static uint8_t draw_target(unsigned own, unsigned servers, unsigned *seed)
{
	unsigned drawn = or_lot(seed, servers);

	if (drawn == own && or_lot(seed, 16))
		drawn = (drawn + 1) % servers;
	return (uint8_t)drawn;
}

static bool draw_op(struct or_op *op, unsigned actor, unsigned servers, unsigned script, bool state,
		    unsigned *seed)
{
	*op = (struct or_op){.kind = draw_kind(state, seed)};
	if (sends(op->kind) && script == OR_TYPES)
		return false;
	op->to = draw_target(actor, servers, seed);
	op->to2 = draw_target(actor, servers, seed);
	if (sends(op->kind)) {
		op->type = draw_type(script, seed);
		op->type2 = draw_type(script, seed);
	}
	op->value = (uint8_t)or_lot(seed, 2);
	return true;
}

/* Servers seldom do anything at the start, clients nothing else. */
static unsigned draw_length(unsigned script, bool client, unsigned *seed)
{
	if (script == 0)
		return client ? 1 + or_lot(seed, 2) : or_lot(seed, 10) == 0;
	return client || or_lot(seed, 3) == 0 ? 0 : 1 + or_lot(seed, or_lot(seed, OR_OPS - 1) + 1);
}

/* Actors that give themselves to one at a time, and others that take two of them. */
static void draw_locks(struct or_program *program, unsigned *seed)
{
	static const struct or_op take[OR_OPS] = {{.kind = OR_UNLESS, .value = 1},
						  {.kind = OR_REPLY},
						  {.kind = OR_KEEP},
						  {.kind = OR_SET, .value = 1}};
	unsigned locks = 2 + (or_lot(seed, 4) == 0), clients = 2 + (or_lot(seed, 4) == 0);

	program->lock_count = (uint8_t)locks;
	program->actor_count = (uint8_t)(locks + clients);
	for (unsigned a = 0; a < program->actor_count; a++) {
		struct or_actor *actor = &program->actors[a];
		uint8_t first = (uint8_t)or_lot(seed, locks);
		uint8_t second = (uint8_t)((first + 1 + or_lot(seed, locks - 1)) % locks);
		bool at_once = or_lot(seed, 4) != 0;
		const struct or_op client[OR_OPS] = {
			{.kind = OR_ASK, .to = first, .type = 1},
			{.kind = at_once ? OR_ASK : OR_SEND,
			 .to = at_once ? second : first,
			 .type = at_once ? 1 : 2},
			{.kind = at_once ? OR_SEND : OR_ASK, .to = second, .type = at_once ? 2 : 1},
			{.kind = OR_SEND, .to = at_once ? first : second, .type = 2},
		};

		actor->capacity = OR_CAPACITY;
		if (a >= locks) {
			memcpy(actor->scripts[0], client, sizeof client);
			continue;
		}
		memcpy(actor->scripts[1], take, sizeof take);
		actor->scripts[2][0] = (struct or_op){.kind = OR_GIVE};
	}
	/* Now and then something is not as it should be. */
	if (or_lot(seed, 3) == 0) {
		struct or_actor *actor = &program->actors[or_lot(seed, program->actor_count)];
		unsigned script = or_lot(seed, 3);

		draw_op(&actor->scripts[script][or_lot(seed, OR_OPS)], 0, locks, script, true,
			seed);
		program->lock_count = 0; /* not all of one kind any more */
	}
}

void or_program_draw(struct or_program *program, bool state, unsigned *seed)
{
	unsigned servers = 2 + or_lot(seed, 3), clients = or_lot(seed, 3);

	memset(program, 0, sizeof *program);
	if (state && or_lot(seed, 6) == 0) {
		draw_locks(program, seed);
		program->remembers = true;
		return;
	}
	program->actor_count = (uint8_t)(servers + clients);
	for (unsigned a = 0; a < program->actor_count; a++) {
		struct or_actor *actor = &program->actors[a];
		bool client = a >= servers;

		actor->capacity = (uint8_t)(1 + or_lot(seed, OR_CAPACITY));
		for (unsigned s = 0; s < OR_SCRIPTS; s++) {
			unsigned count = draw_length(s, client, seed), drawn = 0;

			for (unsigned i = 0; i < count; i++)
				drawn += draw_op(&actor->scripts[s][drawn], a, servers, s, state,
						 seed);
			actor->scripts[s][drawn] = (struct or_op){0};
		}
	}
	program->input_count = (uint8_t)or_lot(seed, OR_INPUTS + 1);
	if (clients == 0 && program->input_count == 0)
		program->input_count = 2;
	for (unsigned i = 0; i < program->input_count; i++) {
		program->inputs[i].to = (uint8_t)or_lot(seed, servers);
		program->inputs[i].type = (uint8_t)(1 + or_lot(seed, 2));
	}
	program->remembers = or_program_remembers(program);
}

/* --- looking at it ------------------------------------------------------------------------------
 */

uint8_t or_program_mentions(const struct or_program *program, unsigned actor)
{
	uint8_t mentioned = 0;

	for (unsigned s = 0; s < OR_SCRIPTS; s++)
		for (unsigned i = 0; i < OR_OPS; i++) {
			const struct or_op *op = &program->actors[actor].scripts[s][i];

			if ((sends(op->kind) && op->kind != OR_AFTER) || op->kind == OR_JOIN)
				mentioned |= (uint8_t)(1 << op->to);
			if (op->kind == OR_ASK_ALL || op->kind == OR_ASK_ANY)
				mentioned |= (uint8_t)(1 << op->to2);
		}
	return mentioned;
}

bool or_program_remembers(const struct or_program *program)
{
	for (unsigned a = 0; a < program->actor_count; a++)
		for (unsigned s = 0; s < OR_SCRIPTS; s++)
			for (unsigned i = 0; i < OR_OPS; i++)
				switch (program->actors[a].scripts[s][i].kind) {
				case OR_KEEP:
				case OR_ANSWER:
				case OR_GIVE:
				case OR_STOP:
				case OR_JOIN:
				case OR_LET_GO:
				case OR_SET:
				case OR_UNLESS:
					return true;
				}
	return false;
}

static const char *const names[] = {
	[OR_NONE] = "OR_NONE",       [OR_SEND] = "OR_SEND",       [OR_SEND_BY] = "OR_SEND_BY",
	[OR_TRY] = "OR_TRY",         [OR_ASK] = "OR_ASK",         [OR_ASK_BY] = "OR_ASK_BY",
	[OR_ASK_ALL] = "OR_ASK_ALL", [OR_ASK_ANY] = "OR_ASK_ANY", [OR_REPLY] = "OR_REPLY",
	[OR_DROP] = "OR_DROP",       [OR_FORWARD] = "OR_FORWARD", [OR_KEEP] = "OR_KEEP",
	[OR_ANSWER] = "OR_ANSWER",   [OR_JOIN] = "OR_JOIN",       [OR_SLEEP] = "OR_SLEEP",
	[OR_AFTER] = "OR_AFTER",     [OR_STOP] = "OR_STOP",       [OR_LET_GO] = "OR_LET_GO",
	[OR_SET] = "OR_SET",         [OR_UNLESS] = "OR_UNLESS",   [OR_GIVE] = "OR_GIVE",
};

static void print_op(const struct or_op *op, FILE *stream)
{
	fprintf(stream, "{%s", names[op->kind]);
	if (op->kind == OR_ASK_ALL || op->kind == OR_ASK_ANY)
		fprintf(stream, ", %u, %u, %u, %u", op->to, op->type, op->to2, op->type2);
	else if (sends(op->kind))
		fprintf(stream, ", %u, %u", op->to, op->type);
	else if (op->kind == OR_JOIN || op->kind == OR_LET_GO)
		fprintf(stream, ", %u", op->to);
	else if (op->kind == OR_SET || op->kind == OR_UNLESS || op->kind == OR_GIVE)
		fprintf(stream, ", .value = %u", op->value);
	fprintf(stream, "}");
}

void or_program_print(const struct or_program *program, FILE *stream)
{
	fprintf(stream,
		"{\n\t.actor_count = %u, .input_count = %u, .remembers = %s,\n\t.actors = {\n",
		program->actor_count, program->input_count, program->remembers ? "true" : "false");
	for (unsigned a = 0; a < program->actor_count; a++) {
		const struct or_actor *actor = &program->actors[a];

		fprintf(stream, "\t\t{%u, {", actor->capacity);
		for (unsigned s = 0; s < OR_SCRIPTS; s++) {
			if (actor->scripts[s][0].kind == OR_NONE)
				continue;
			fprintf(stream, "[%u] = {", s);
			for (unsigned i = 0; i < OR_OPS && actor->scripts[s][i].kind; i++) {
				fprintf(stream, "%s", i ? ", " : "");
				print_op(&actor->scripts[s][i], stream);
			}
			fprintf(stream, "}, ");
		}
		fprintf(stream, "}},\n");
	}
	fprintf(stream, "\t},\n\t.inputs = {");
	for (unsigned i = 0; i < program->input_count; i++)
		fprintf(stream, "%s{%u, %u}", i ? ", " : "", program->inputs[i].to,
			program->inputs[i].type);
	fprintf(stream, "},\n}\n");
}
