#include "tests/oracle/shrink.h"

#include <string.h>

enum { SEEDS = 40 };

static bool still_wrong(const struct or_program *program, unsigned wrong, unsigned *seed)
{
	struct or_truth truth;
	struct or_result result;
	bool missed;

	or_explore(program, &truth);
	if (!truth.complete)
		return false;
	for (unsigned s = 0; s < SEEDS; s++) {
		unsigned tried = s ? s : *seed;

		if (wrong == OR_FALSE_FILTERED)
			or_trial_filtered(program, &truth, tried, &result, &missed);
		else if (wrong == OR_FALSE_LOSSY)
			or_trial_lossy(program, &truth, tried, &result, &missed);
		else
			or_trial(program, &truth, tried, &result);
		if (result.wrong & wrong) {
			*seed = tried;
			return true;
		}
	}
	return false;
}

static bool try_it(struct or_program *program, struct or_program *tried, unsigned wrong,
		   unsigned *seed)
{
	tried->remembers = or_program_remembers(tried);
	/* What was wrong with a program without memory is to stay so. */
	if (tried->remembers && !program->remembers)
		return false;
	if (!still_wrong(tried, wrong, seed))
		return false;
	*program = *tried;
	return true;
}

static bool drop_input(struct or_program *program, unsigned wrong, unsigned *seed)
{
	for (unsigned i = 0; i < program->input_count; i++) {
		struct or_program tried = *program;

		tried.input_count--;
		memmove(&tried.inputs[i], &tried.inputs[i + 1],
			sizeof *tried.inputs * (tried.input_count - i));
		if (try_it(program, &tried, wrong, seed))
			return true;
	}
	return false;
}

/* Only the last, so that nobody's number changes. */
static bool drop_actor(struct or_program *program, unsigned wrong, unsigned *seed)
{
	struct or_program tried = *program;
	uint8_t last = (uint8_t)(program->actor_count - 1);

	for (unsigned a = 0; a < last; a++)
		if (or_program_mentions(program, a) & 1 << last)
			return false;
	for (unsigned i = 0; i < program->input_count; i++)
		if (program->inputs[i].to == last)
			return false;
	tried.actor_count = last;
	memset(&tried.actors[last], 0, sizeof tried.actors[last]);
	return last > 0 && try_it(program, &tried, wrong, seed);
}

static bool simplify_op(struct or_program *program, unsigned a, unsigned s, unsigned i,
			unsigned wrong, unsigned *seed)
{
	struct or_program tried = *program;
	struct or_op *ops = tried.actors[a].scripts[s];

	memmove(&ops[i], &ops[i + 1], sizeof *ops * (OR_OPS - i - 1));
	ops[OR_OPS - 1] = (struct or_op){0};
	if (try_it(program, &tried, wrong, seed))
		return true;
	tried = *program;
	if (ops[i].kind != OR_ASK_ALL && ops[i].kind != OR_ASK_ANY)
		return false;
	ops[i].kind = OR_ASK;
	return try_it(program, &tried, wrong, seed);
}

static bool simplify(struct or_program *program, unsigned wrong, unsigned *seed)
{
	if (drop_input(program, wrong, seed) || drop_actor(program, wrong, seed))
		return true;
	for (unsigned a = 0; a < program->actor_count; a++)
		for (unsigned s = 0; s < OR_SCRIPTS; s++)
			for (unsigned i = 0; i < OR_OPS && program->actors[a].scripts[s][i].kind;
			     i++)
				if (simplify_op(program, a, s, i, wrong, seed))
					return true;
	return false;
}

void or_shrink(struct or_program *program, unsigned wrong, unsigned *seed)
{
	while (simplify(program, wrong, seed))
		;
}
