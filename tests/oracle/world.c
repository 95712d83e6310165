#include "tests/oracle/world.h"

#include "tests/oracle/log.h"

#include <string.h>

/* What a step works on. */
struct run {
	const struct or_program *program;
	struct or_world *world;
	struct or_log *log;
};

static struct or_state *state_of(const struct run *run, unsigned actor)
{
	return &run->world->actors[actor];
}

static const struct or_op *op_of(const struct or_program *program, const struct or_world *world,
				 unsigned actor)
{
	static const struct or_op none = {0};
	const struct or_state *state = &world->actors[actor];

	return state->pc < OR_OPS ? &program->actors[actor].scripts[state->script][state->pc]
				  : &none;
}

static bool asks(unsigned kind)
{
	return kind >= OR_ASK && kind <= OR_ASK_ANY;
}

static bool asks_several(unsigned kind)
{
	return kind == OR_ASK_ALL || kind == OR_ASK_ANY;
}

static bool has_deadline(unsigned kind)
{
	return kind == OR_SEND_BY || kind == OR_ASK_BY;
}

/* --- tokens -------------------------------------------------------------------------------------
 */

/* Answers or drops the token: its asker's wait for it is over. */
static void close_token(const struct run *run, unsigned actor, uint8_t *token, bool reply)
{
	unsigned place = *token - 1u, asker = place / OR_TOKENS;
	struct or_state *state = state_of(run, asker);
	uint8_t bit = (uint8_t)(1 << place % OR_TOKENS);

	or_log_close(run->log, actor, *token, reply);
	run->world->open[place] = false;
	*token = 0;
	if (!(state->asked & bit))
		return;
	state->asked &= (uint8_t)~bit;
	if (reply)
		state->won = true;
	else
		state->poked = true;
}

/* 1 + the place of a new token of the actor's, or 0 when there is no room. */
static uint8_t new_token(const struct run *run, unsigned actor)
{
	for (unsigned i = 0; i < OR_TOKENS; i++)
		if (!run->world->open[actor * OR_TOKENS + i]) {
			run->world->open[actor * OR_TOKENS + i] = true;
			state_of(run, actor)->asked |= (uint8_t)(1 << i);
			return (uint8_t)(1 + actor * OR_TOKENS + i);
		}
	run->world->overflow = true;
	return 0;
}

/* --- waiting ------------------------------------------------------------------------------------
 */

static void wait_for(const struct run *run, unsigned actor, unsigned what, unsigned object,
		     bool any, bool deadline)
{
	struct or_state *state = state_of(run, actor);

	state->phase = OR_WAITING;
	state->what = (uint8_t)what;
	state->object = (uint8_t)object;
	state->any = any;
	state->deadline = deadline;
	state->granted = state->poked = false;
	or_log_wait(run->log, actor, run->world);
}

static void go_on(const struct run *run, unsigned actor, enum trc_wake wake)
{
	struct or_state *state = state_of(run, actor);

	or_log_wake(run->log, actor, wake);
	state->phase = OR_RUNNING;
	state->what = OR_NOTHING;
	state->object = state->any = state->deadline = 0;
}

static void next_op(const struct run *run, unsigned actor)
{
	struct or_state *state = state_of(run, actor);

	state->pc++;
	state->part = state->asked = state->won = state->poked = state->granted = 0;
}

static void leave_line(const struct run *run, unsigned owner, unsigned actor)
{
	struct or_state *state = state_of(run, owner);
	unsigned kept = 0;

	for (unsigned i = 0; i < state->line_length; i++)
		if (state->line[i] != actor)
			state->line[kept++] = state->line[i];
	for (unsigned i = kept; i < state->line_length; i++)
		state->line[i] = 0;
	state->line_length = (uint8_t)kept;
}

/* A place has become free: it is promised to the first in line. */
static void grant(const struct run *run, unsigned owner)
{
	struct or_state *state = state_of(run, owner);
	unsigned first = state->line[0];

	if (state->line_length == 0)
		return;
	leave_line(run, owner, first);
	state->reserved++;
	state_of(run, first)->granted = true;
}

/* --- sending ------------------------------------------------------------------------------------
 */

static unsigned target(const struct or_op *op, unsigned part)
{
	return part ? op->to2 : op->to;
}

static unsigned send_flags(unsigned kind)
{
	return kind == OR_TRY ? TRC_F_TRY : has_deadline(kind) ? TRC_F_DEADLINE : 0;
}

static void put(const struct run *run, unsigned to, uint8_t type, uint8_t token)
{
	struct or_state *state = state_of(run, to);

	state->box[state->count++] = (struct or_letter){type, token};
}

/* Puts the message of the running operation into a place that is the actor's. */
static void put_own(const struct run *run, unsigned actor, const struct or_op *op)
{
	struct or_state *state = state_of(run, actor);
	unsigned to = target(op, state->part);
	uint8_t type = state->part ? op->type2 : op->type;
	uint8_t token = 0, moved = 0;

	if (asks(op->kind)) {
		token = new_token(run, actor);
	} else if (op->kind == OR_FORWARD) {
		token = moved = state->token;
		state->token = 0;
	}
	/* In this order, so that who looks at each event sees the world as it is after it. */
	put(run, to, type, token);
	or_log_send(run->log, actor, to, type, moved ? 0 : token, moved, send_flags(op->kind));
}

static void refuse(const struct run *run, unsigned actor, const struct or_op *op,
		   enum trc_refusal why)
{
	unsigned part = state_of(run, actor)->part;

	or_log_refused(run->log, actor, target(op, part), part ? op->type2 : op->type, why,
		       send_flags(op->kind));
}

/* The message of this part has been sent, or will not be. */
static void after_part(const struct run *run, unsigned actor, const struct or_op *op)
{
	struct or_state *state = state_of(run, actor);

	if (asks_several(op->kind) && state->part == 0 && !(op->kind == OR_ASK_ANY && state->won)) {
		state->part = 1;
		return;
	}
	if (asks(op->kind) && state->asked && !(op->kind == OR_ASK_ANY && state->won))
		wait_for(run, actor, OR_REPLIES, 0, op->kind == OR_ASK_ANY, has_deadline(op->kind));
	else
		next_op(run, actor);
}

static void send(const struct run *run, unsigned actor, const struct or_op *op)
{
	unsigned to = target(op, state_of(run, actor)->part);
	struct or_state *receiver = state_of(run, to);

	if (receiver->phase == OR_ENDED) {
		refuse(run, actor, op, TRC_REFUSED_ENDED);
	} else if (receiver->count + receiver->reserved < run->program->actors[to].capacity) {
		put_own(run, actor, op);
	} else if (op->kind == OR_TRY) {
		refuse(run, actor, op, TRC_REFUSED_FULL);
	} else {
		receiver->line[receiver->line_length++] = (uint8_t)actor;
		wait_for(run, actor, OR_SPACE, to, false, has_deadline(op->kind));
		return;
	}
	after_part(run, actor, op);
}

/* --- running ------------------------------------------------------------------------------------
 */

static void do_op(const struct run *run, unsigned actor, const struct or_op *op)
{
	struct or_state *state = state_of(run, actor);

	switch (op->kind) {
	case OR_REPLY:
		if (state->token)
			close_token(run, actor, &state->token, true);
		break;
	case OR_DROP:
		if (state->token)
			close_token(run, actor, &state->token, false);
		break;
	case OR_KEEP:
		for (unsigned i = 0; i < OR_KEPT && state->token; i++)
			if (!state->kept[i]) {
				state->kept[i] = state->token;
				state->token = 0;
			}
		break;
	case OR_GIVE:
		if (!state->kept[0])
			state->memory = op->value;
		/* fall through */
	case OR_ANSWER:
		if (state->kept[0])
			close_token(run, actor, &state->kept[0], true);
		for (unsigned i = 0; i + 1 < OR_KEPT && !state->kept[i]; i++) {
			state->kept[i] = state->kept[i + 1];
			state->kept[i + 1] = 0;
		}
		break;
	case OR_JOIN:
		wait_for(run, actor, OR_END, op->to, false, false);
		return;
	case OR_SLEEP:
		wait_for(run, actor, OR_TIME, 0, false, false);
		return;
	case OR_AFTER:
		if (!state->timer) {
			state->timer = op->type;
			or_log_clone(run->log, OR_ACTORS, actor);
		}
		break;
	case OR_STOP:
		state->stopping = true;
		break;
	case OR_LET_GO:
		if (state->handles & 1 << op->to) {
			state->handles &= (uint8_t) ~(1 << op->to);
			or_log_drop(run->log, actor, op->to);
		}
		break;
	case OR_SET:
		state->memory = op->value;
		break;
	case OR_UNLESS:
		state->pc += state->memory == op->value;
		break;
	default:
		send(run, actor, op);
		return;
	}
	next_op(run, actor);
}

/* Operations on actors whose handle was given up do nothing. */
static bool possible(const struct run *run, unsigned actor, const struct or_op *op)
{
	uint8_t handles = state_of(run, actor)->handles;

	if (op->kind == OR_JOIN || op->kind == OR_FORWARD ||
	    (op->kind >= OR_SEND && op->kind <= OR_ASK_ANY))
		return handles & 1 << target(op, state_of(run, actor)->part);
	return true;
}

static void run_on(const struct run *run, unsigned actor)
{
	struct or_state *state = state_of(run, actor);
	const struct or_op *op = op_of(run->program, run->world, actor);

	or_log_at(run->log, actor, state->script, state->pc);
	if (op->kind == OR_NONE || state->stopping) {
		if (state->token)
			close_token(run, actor, &state->token, false);
		or_log_done(run->log, actor);
		state->phase = OR_IDLE;
		state->script = state->pc = 0;
	} else if (!possible(run, actor, op)) {
		after_part(run, actor, op);
	} else {
		do_op(run, actor, op);
	}
}

static void wake(const struct run *run, unsigned actor)
{
	struct or_state *state = state_of(run, actor);
	const struct or_op *op = op_of(run->program, run->world, actor);
	unsigned what = state->what, owner = state->object;

	or_log_at(run->log, actor, state->script, state->pc);
	go_on(run, actor, TRC_WAKE_MET);
	if (what == OR_SPACE) {
		if (state->granted) {
			state_of(run, owner)->reserved--;
			state->granted = false;
			put_own(run, actor, op);
		} else {
			refuse(run, actor, op, TRC_REFUSED_ENDED);
		}
		after_part(run, actor, op);
	} else if (op->kind == OR_ASK_ANY && !state->won && state->asked) {
		wait_for(run, actor, OR_REPLIES, 0, true, false);
	} else {
		next_op(run, actor);
	}
}

static void receive(const struct run *run, unsigned actor)
{
	struct or_state *state = state_of(run, actor);
	struct or_letter letter = state->box[0];

	state->count--;
	memmove(state->box, state->box + 1, sizeof *state->box * state->count);
	state->box[state->count] = (struct or_letter){0};
	or_log_receive(run->log, actor);
	state->phase = OR_RUNNING;
	state->script = letter.type;
	state->pc = 0;
	state->token = letter.token;
	grant(run, actor);
}

static void end(const struct run *run, unsigned actor)
{
	struct or_state *state = state_of(run, actor);
	bool stopping = state->stopping;
	uint8_t handles = state->handles;

	for (unsigned i = 0; i < state->count; i++) {
		if (state->box[i].token)
			close_token(run, actor, &state->box[i].token, false);
		or_log_discard(run->log, actor);
	}
	for (unsigned i = 0; i < OR_KEPT; i++)
		if (state->kept[i])
			close_token(run, actor, &state->kept[i], false);
	if (state->timer)
		or_log_drop(run->log, OR_ACTORS, actor);
	for (unsigned i = 0; i < run->program->actor_count; i++)
		if (handles & 1 << i)
			or_log_drop(run->log, actor, i);
	or_log_end(run->log, actor, stopping);
	memset(state, 0, sizeof *state);
	state->phase = OR_ENDED;
}

static bool is_reachable(const struct or_program *program, const struct or_world *world,
			 unsigned actor)
{
	uint8_t handles = world->main_handles;

	for (unsigned a = 0; a < program->actor_count; a++)
		handles |= world->actors[a].handles;
	return world->actors[actor].timer || (handles & 1 << actor);
}

static void input(const struct run *run, unsigned number)
{
	unsigned to = run->program->inputs[number].to;
	uint8_t type = run->program->inputs[number].type;

	run->world->inputs_done |= (uint8_t)(1 << number);
	if (run->world->actors[to].phase == OR_ENDED) {
		or_log_refused(run->log, OR_ACTORS, to, type, TRC_REFUSED_ENDED, TRC_F_TRY);
		return;
	}
	or_log_send(run->log, OR_ACTORS, to, type, 0, 0, TRC_F_TRY);
	put(run, to, type, 0);
}

static void let_go(const struct run *run)
{
	for (unsigned a = 0; a < run->program->actor_count; a++)
		or_log_drop(run->log, OR_ACTORS, a);
	run->world->main_handles = 0;
}

/* --- steps --------------------------------------------------------------------------------------
 */

bool or_world_met(const struct or_world *world, unsigned actor)
{
	const struct or_state *state = &world->actors[actor];

	switch (state->what) {
	case OR_REPLIES:
		return !state->asked || (state->any && (state->won || state->poked));
	case OR_SPACE:
		return state->granted || world->actors[state->object].phase == OR_ENDED;
	case OR_END:
		return world->actors[state->object].phase == OR_ENDED;
	default:
		return true;
	}
}

static bool can_go_on(const struct or_program *program, const struct or_world *world,
		      unsigned actor)
{
	const struct or_state *state = &world->actors[actor];

	switch (state->phase) {
	case OR_IDLE:
		if (state->stopping)
			return state->reserved == 0;
		return state->count || (!state->reserved && !is_reachable(program, world, actor));
	case OR_RUNNING:
		return true;
	case OR_WAITING:
		return or_world_met(world, actor);
	default:
		return false;
	}
}

static bool has_space(const struct or_program *program, const struct or_world *world,
		      unsigned actor)
{
	const struct or_state *state = &world->actors[actor];

	return state->phase == OR_ENDED ||
	       (state->line_length == 0 &&
		state->count + state->reserved < program->actors[actor].capacity);
}

unsigned or_world_steps(const struct or_program *program, const struct or_world *world,
			struct or_step steps[OR_STEPS])
{
	unsigned count = 0;

	for (uint8_t i = 0; i < program->input_count; i++)
		if (!(world->inputs_done & 1 << i) &&
		    has_space(program, world, program->inputs[i].to))
			steps[count++] = (struct or_step){OR_DO_INPUT, i};
	if (world->main_handles && world->inputs_done + 1 == 1 << program->input_count)
		steps[count++] = (struct or_step){OR_DO_LET_GO, 0};
	for (uint8_t a = 0; a < program->actor_count; a++) {
		const struct or_state *state = &world->actors[a];

		if (can_go_on(program, world, a))
			steps[count++] = (struct or_step){OR_DO_NEXT, a};
		else if (state->phase == OR_WAITING && state->deadline)
			steps[count++] = (struct or_step){OR_DO_DEADLINE, a};
		if (state->timer && !state->stopping && has_space(program, world, a))
			steps[count++] = (struct or_step){OR_DO_TIMER, a};
	}
	return count;
}

static void pass_deadline(const struct run *run, unsigned actor)
{
	struct or_state *state = state_of(run, actor);
	bool space = state->what == OR_SPACE;

	if (space)
		leave_line(run, state->object, actor);
	go_on(run, actor, TRC_WAKE_DEADLINE);
	if (space)
		refuse(run, actor, op_of(run->program, run->world, actor), TRC_REFUSED_DEADLINE);
	next_op(run, actor);
}

static void fire(const struct run *run, unsigned actor)
{
	struct or_state *state = state_of(run, actor);

	or_log_send(run->log, OR_ACTORS, actor, state->timer, 0, 0, TRC_F_TIMER);
	put(run, actor, state->timer, 0);
	state->timer = 0;
	or_log_drop(run->log, OR_ACTORS, actor);
}

void or_world_step(const struct or_program *program, struct or_world *world, struct or_step step,
		   struct or_log *log)
{
	struct run run = {program, world, log};
	const struct or_state *state = &world->actors[step.kind == OR_DO_INPUT ? 0 : step.actor];

	switch (step.kind) {
	case OR_DO_INPUT:
		input(&run, step.actor);
		break;
	case OR_DO_LET_GO:
		let_go(&run);
		break;
	case OR_DO_DEADLINE:
		pass_deadline(&run, step.actor);
		break;
	case OR_DO_TIMER:
		fire(&run, step.actor);
		break;
	default:
		if (state->phase == OR_RUNNING)
			run_on(&run, step.actor);
		else if (state->phase == OR_WAITING)
			wake(&run, step.actor);
		else if (state->count && !state->stopping)
			receive(&run, step.actor);
		else
			end(&run, step.actor);
		break;
	}
}

unsigned or_world_holder(const struct or_program *program, const struct or_world *world,
			 unsigned token)
{
	for (unsigned a = 0; a < program->actor_count; a++) {
		const struct or_state *state = &world->actors[a];

		if (state->token == token)
			return a;
		for (unsigned i = 0; i < OR_KEPT; i++)
			if (state->kept[i] == token)
				return a;
		for (unsigned i = 0; i < state->count; i++)
			if (state->box[i].token == token)
				return a;
	}
	return OR_ACTORS;
}

void or_world_begin(const struct or_program *program, struct or_world *world, struct or_log *log)
{
	memset(world, 0, sizeof *world);
	for (unsigned a = 0; a < program->actor_count; a++) {
		world->actors[a].phase = OR_RUNNING;
		world->actors[a].handles = or_program_mentions(program, a);
		world->main_handles |= (uint8_t)(1 << a);
		or_log_spawn(log, program, a);
	}
	for (unsigned a = 0; a < program->actor_count; a++)
		for (unsigned b = 0; b < program->actor_count; b++)
			if (world->actors[a].handles & 1 << b)
				or_log_clone(log, a, b);
	for (unsigned a = 0; a < program->actor_count; a++)
		if (program->actors[a].scripts[0][0].kind == OR_NONE) {
			world->actors[a].phase = OR_IDLE;
			or_log_done(log, a);
		}
}
