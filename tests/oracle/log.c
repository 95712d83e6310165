#include "tests/oracle/log.h"

static const char *const kinds[OR_ACTORS] = {"A", "B", "C", "D", "E", "F"};
static const char *const types[OR_TYPES + 1] = {"Start", "One", "Two", "Three"};

static uint64_t number(const struct or_log *log, unsigned actor)
{
	return actor < OR_ACTORS ? log->actors[actor] : 0;
}

void or_log_spawn(struct or_log *log, const struct or_program *program, unsigned actor)
{
	if (log)
		log->actors[actor] = tb_spawn_starting(
			&log->tb, 0, actor < program->lock_count ? "lock" : kinds[actor],
			kinds[actor], program->actors[actor].capacity);
}

void or_log_at(struct or_log *log, unsigned actor, unsigned script, unsigned pc)
{
	if (log)
		tb_at(&log->tb, "program.c", types[script], (actor * 10 + script) * 10 + pc + 1);
}

/* Before an event of an actor that says that it is in a handler. */
static void begin_event(struct or_log *log, unsigned actor)
{
	if (actor < OR_ACTORS && log->untold >> actor & 1)
		tb_receive_unseen(&log->tb, log->actors[actor]);
	log->untold &= (uint8_t) ~(1 << actor);
}

void or_log_done(struct or_log *log, unsigned actor)
{
	uint8_t bit = (uint8_t)(1 << actor);

	if (!log)
		return;
	if (!(log->untold & bit))
		tb_done(&log->tb, log->actors[actor]);
	log->untold &= (uint8_t)~bit;
}

void or_log_clone(struct or_log *log, unsigned actor, unsigned target)
{
	if (log)
		tb_clone(&log->tb, number(log, actor), log->actors[target]);
}

void or_log_drop(struct or_log *log, unsigned actor, unsigned target)
{
	if (log)
		tb_drop(&log->tb, number(log, actor), log->actors[target]);
}

/* Whether the message is left out; it then has only its place. */
static bool leave_out(struct or_log *log, unsigned from, unsigned to, unsigned type)
{
	uint8_t bit = (uint8_t)(1 << to);

	if (!(log->left_types >> type & 1) || !(log->left_actors & bit))
		return false;
	if (!(log->unseen & bit))
		tb_unseen(&log->tb, number(log, from), log->actors[to], true);
	log->unseen |= bit;
	log->left_out++;
	log->queue[to][log->count[to]++] = 0;
	return true;
}

void or_log_send(struct or_log *log, unsigned from, unsigned to, unsigned type, unsigned ask,
		 unsigned moved, unsigned flags)
{
	uint64_t message;

	if (!log || (!ask && !moved && leave_out(log, from, to, type)))
		return;
	begin_event(log, from);
	if (moved)
		tb_move_token(&log->tb, number(log, from), log->tokens[moved - 1],
			      tb_next_message(&log->tb));
	log->tb.send_flags = flags;
	message = ask ? tb_ask(&log->tb, number(log, from), log->actors[to], types[type])
		      : tb_send(&log->tb, number(log, from), log->actors[to], types[type]);
	if (ask)
		log->tokens[ask - 1] = tb_token(message);
	log->queue[to][log->count[to]++] = message;
}

void or_log_refused(struct or_log *log, unsigned from, unsigned to, unsigned type,
		    enum trc_refusal why, unsigned flags)
{
	if (!log)
		return;
	begin_event(log, from);
	log->tb.send_flags = flags;
	tb_refused(&log->tb, number(log, from), log->actors[to], types[type], why);
}

static uint64_t take(struct or_log *log, unsigned actor)
{
	uint64_t message = log->queue[actor][0];

	log->count[actor]--;
	for (unsigned i = 0; i < log->count[actor]; i++)
		log->queue[actor][i] = log->queue[actor][i + 1];
	return message;
}

/* There is space now. In these programs whoever comes first takes it; all that wait may. */
static void grant_space(struct or_log *log, unsigned actor)
{
	for (unsigned a = 0; a < OR_ACTORS && log->left_types && log->left_actors; a++) {
		const struct trc_actor *waiting = trc_model_actor(log->tb.model, log->actors[a]);

		if (waiting && waiting->wait.target_count == 1 &&
		    waiting->wait.targets[0].what == TRC_WHAT_SPACE &&
		    waiting->wait.targets[0].object == log->actors[actor])
			tb_grant(&log->tb, log->actors[actor], log->actors[a], log->actors[actor]);
	}
}

void or_log_receive(struct or_log *log, unsigned actor)
{
	uint64_t message;

	if (!log)
		return;
	message = take(log, actor);
	if (message)
		tb_receive(&log->tb, log->actors[actor], message);
	else
		log->untold |= (uint8_t)(1 << actor);
	grant_space(log, actor);
}

void or_log_discard(struct or_log *log, unsigned actor)
{
	uint64_t message;

	if (!log)
		return;
	message = take(log, actor);
	if (message)
		tb_discard(&log->tb, log->actors[actor], message);
	grant_space(log, actor);
}

void or_log_close(struct or_log *log, unsigned actor, unsigned token, bool reply)
{
	if (!log)
		return;
	begin_event(log, actor);
	if (reply)
		tb_reply(&log->tb, log->actors[actor], log->tokens[token - 1]);
	else
		tb_drop_token(&log->tb, log->actors[actor], log->tokens[token - 1]);
}

void or_log_wait(struct or_log *log, unsigned actor, const struct or_world *world)
{
	static const enum trc_what whats[] = {[OR_REPLIES] = TRC_WHAT_REPLY,
					      [OR_SPACE] = TRC_WHAT_SPACE,
					      [OR_END] = TRC_WHAT_END,
					      [OR_TIME] = TRC_WHAT_TIMER};
	const struct or_state *state = &world->actors[actor];
	struct trc_target targets[OR_TOKENS] = {{whats[state->what], 0, 0}};
	unsigned count = 1;

	if (!log)
		return;
	begin_event(log, actor);
	if (state->what == OR_SPACE || state->what == OR_END)
		targets[0].object = targets[0].peer = log->actors[state->object];
	if (state->what == OR_REPLIES) {
		count = 0;
		for (unsigned i = 0; i < OR_TOKENS; i++)
			if (state->asked & 1 << i)
				targets[count++] = (struct trc_target){
					TRC_WHAT_REPLY, log->tokens[actor * OR_TOKENS + i], 0};
	}
	if (state->deadline)
		log->tb.deadline = log->tb.now + 1000000000;
	tb_wait_many(&log->tb, log->actors[actor], state->any, targets, count);
}

void or_log_wake(struct or_log *log, unsigned actor, enum trc_wake wake)
{
	if (log)
		tb_wake(&log->tb, log->actors[actor], wake);
}

void or_log_end(struct or_log *log, unsigned actor, bool stopped)
{
	if (log)
		tb_end(&log->tb, log->actors[actor],
		       stopped ? TRC_END_STOPPED : TRC_END_UNREACHABLE);
}
