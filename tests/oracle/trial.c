#include "tests/oracle/trial.h"

#include "tests/oracle/log.h"
#include "tests/oracle/plain.h"
#include "tracer/analysis/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 600, CUT_STEPS = 40 };

/* A core when it came to be. Whoever joins it later does not belong to it. */
struct first {
	uint8_t waiting, all;
	bool kept;
	unsigned step;
};

struct trial {
	const struct or_program *program;
	const struct or_truth *truth;
	struct or_world world;
	struct or_log log;
	struct trc_check *check;
	struct trc_findings findings;
	unsigned steps, limit;
	struct first first[OR_ACTORS];
	unsigned first_count;
	uint8_t dead;                 /* after the last step */
	uint8_t may_be_called_stuck;  /* then, too */
	uint64_t time[STEPS_MAX + 1]; /* before the first, after each */
	struct or_result result;
};

const char *or_wrong_name(unsigned wrong)
{
	switch (wrong) {
	case OR_FALSE_CERTAIN:
		return "false certain";
	case OR_MISSED_CERTAIN:
		return "missed certain";
	case OR_WRONG_CORE:
		return "wrong core";
	case OR_WRONG_INSTANT:
		return "wrong instant";
	case OR_FALSE_LIKELY:
		return "false likely";
	case OR_FALSE_POSSIBLE:
		return "false possible";
	case OR_MISSED:
		return "missed prediction";
	case OR_OTHER_RING:
		return "other ring";
	case OR_FALSE_FILTERED:
		return "false filtered";
	default:
		return "nothing";
	}
}

/* --- the run ------------------------------------------------------------------------------------
 */

static void before(const struct trc_event *event, void *context)
{
	struct trial *trial = context;

	trc_check_before(trial->check, event);
}

/* Some runs go round, in others one actor runs far ahead of the rest. */
static unsigned choose(const struct or_step *steps, unsigned count, unsigned last, unsigned *seed,
		       unsigned stubborn)
{
	if (or_lot(seed, 4) < stubborn)
		for (unsigned i = 0; i < count; i++)
			if (steps[i].actor == last)
				return i;
	return or_lot(seed, count);
}

static void note_cores(struct trial *trial)
{
	uint8_t dead = or_dead(trial->program, &trial->world, 0);
	struct or_cores cores;

	trial->dead = dead;
	/* Traces with filters tell to whom places are given. */
	trial->may_be_called_stuck =
		trial->log.left_types ? or_dead_told(trial->program, &trial->world) : dead;
	if (!dead)
		return;
	or_cores_find(trial->program, &trial->world, dead, &cores);
	for (unsigned i = 0; i < cores.count; i++) {
		uint8_t all = cores.cores[i].waiting | cores.cores[i].idle;
		bool grown = false;

		for (unsigned f = 0; f < trial->first_count; f++)
			grown |= (trial->first[f].all & all) != 0;
		if (!grown)
			trial->first[trial->first_count++] = (struct first){
				cores.cores[i].waiting, all, cores.cores[i].kept, trial->steps};
	}
}

static void after(const struct trc_event *event, void *context)
{
	struct trial *trial = context;

	trc_check_event(trial->check, event);
	/* What closes a ring may be the first half of a step: an ask is sent, then waited for. */
	if (event->kind == TRC_SEND)
		note_cores(trial);
}

static void run(struct trial *trial, unsigned seed)
{
	struct or_step steps[OR_STEPS];
	unsigned count, last = 0, stubborn;

	seed = seed * 2654435761u + 1;
	stubborn = or_lot(&seed, 4);
	or_world_begin(trial->program, &trial->world, &trial->log);
	trial->time[0] = trial->log.tb.now;
	while (trial->steps < trial->limit &&
	       (count = or_world_steps(trial->program, &trial->world, steps))) {
		unsigned next = choose(steps, count, last, &seed, stubborn);

		last = steps[next].actor;
		or_world_step(trial->program, &trial->world, steps[next], &trial->log);
		note_cores(trial);
		trial->time[++trial->steps] = trial->log.tb.now;
	}
}

/* --- judging ------------------------------------------------------------------------------------
 */

static uint8_t bits_of(const struct trial *trial, const uint64_t *actors, unsigned count)
{
	uint8_t bits = 0;

	for (unsigned i = 0; i < count; i++)
		for (unsigned a = 0; a < trial->program->actor_count; a++)
			if (trial->log.actors[a] == actors[i])
				bits |= (uint8_t)(1 << a);
	return bits;
}

static bool is_certain(const struct trc_finding *finding)
{
	return finding->code == TRC_CODE_DEADLOCK || finding->code == TRC_CODE_ORPHAN_WAIT;
}

static void judge_core(struct trial *trial, const struct first *first)
{
	for (size_t i = 0; i < trial->findings.count; i++) {
		const struct trc_finding *finding = &trial->findings.items[i];
		uint8_t actors = bits_of(trial, finding->actors, finding->actor_count);

		if (finding->code != TRC_CODE_DEADLOCK ||
		    or_waiting(trial->program, &trial->world, actors) != first->waiting)
			continue;
		if (finding->time <= trial->time[first->step] ||
		    finding->time > trial->time[first->step + 1])
			trial->result.wrong |= OR_WRONG_INSTANT;
		return;
	}
	trial->result.wrong |= OR_WRONG_CORE;
}

static void judge_certain(struct trial *trial)
{
	uint8_t stuck = or_waiting(trial->program, &trial->world, UINT8_MAX), said = 0;
	unsigned deadlocks = 0;

	trial->result.hung = stuck != 0;
	for (size_t i = 0; i < trial->findings.count; i++) {
		const struct trc_finding *finding = &trial->findings.items[i];

		if (!is_certain(finding))
			continue;
		if (finding->code == TRC_CODE_DEADLOCK)
			deadlocks++;
		said |= bits_of(trial, finding->actors, finding->actor_count);
		said |= bits_of(trial, finding->victims, finding->victim_count);
	}
	if (said & ~trial->may_be_called_stuck)
		trial->result.wrong |= OR_FALSE_CERTAIN;
	/* As long as main cannot put an input into a full mailbox, it could still do other things.
	 */
	if (stuck & trial->dead & ~said)
		trial->result.wrong |= OR_MISSED_CERTAIN;
	for (unsigned i = 0; i < trial->first_count; i++) {
		if (trial->first[i].kept)
			continue;
		deadlocks--;
		judge_core(trial, &trial->first[i]);
	}
	if (deadlocks != 0)
		trial->result.wrong |= OR_WRONG_CORE;
}

/* Who would wait; locks are idle then. */
static uint8_t waiting_in(const struct trial *trial, const struct trc_finding *finding)
{
	uint8_t bits = 0;

	for (unsigned i = 0; i < finding->core_edge_count; i++)
		if (finding->edges[i].what != TRC_WHAT_MESSAGE)
			bits |= bits_of(trial, &finding->edges[i].from, 1);
	return bits;
}

static void judge_predicted(struct trial *trial)
{
	const struct or_truth *truth = trial->truth;
	bool other = false;

	for (size_t i = 0; i < trial->findings.count; i++) {
		const struct trc_finding *finding = &trial->findings.items[i];

		if (finding->code != TRC_CODE_POTENTIAL_DEADLOCK)
			continue;
		trial->result.likely |= finding->likely;
		trial->result.possible |= !finding->likely;
		other |= finding->likely && !(truth->deadlocks >> waiting_in(trial, finding) & 1);
	}
	if (!truth->deadlocks && trial->result.likely)
		trial->result.wrong |= OR_FALSE_LIKELY;
	else if (!truth->deadlocks && trial->result.possible)
		trial->result.wrong |= OR_FALSE_POSSIBLE;
	else if (truth->deadlocks && other)
		trial->result.wrong |= OR_OTHER_RING;
	if (truth->deadlocks && !trial->result.hung && !trial->result.likely &&
	    !trial->result.possible)
		trial->result.wrong |= OR_MISSED;
}

static void begin(struct trial *trial, const struct or_program *program,
		  const struct or_truth *truth, unsigned seed, unsigned left_types,
		  unsigned left_actors, unsigned limit)
{
	memset(trial, 0, sizeof *trial);
	trial->log.left_types = (uint8_t)left_types;
	trial->log.left_actors = (uint8_t)left_actors;
	trial->limit = limit;
	trial->program = program;
	trial->truth = truth;
	tb_init(&trial->log.tb);
	trial->check = trc_check_new(trial->log.tb.model);
	trial->log.tb.before = before;
	trial->log.tb.after = after;
	trial->log.tb.context = trial;
	run(trial, seed);
	trial->result.events = (unsigned)trial->log.tb.count;
	trc_check_finish(trial->check, true, &trial->findings);
	judge_certain(trial);
	judge_predicted(trial);
}

static void end(struct trial *trial)
{
	trc_findings_clear(&trial->findings);
	trc_check_free(trial->check);
	tb_fini(&trial->log.tb);
}

void or_trial(const struct or_program *program, const struct or_truth *truth, unsigned seed,
	      struct or_result *ret_result)
{
	struct trial trial;

	begin(&trial, program, truth, seed, 0, 0, STEPS_MAX);
	*ret_result = trial.result;
	end(&trial);
}

/* What is foretold although something is missing is not foretold with certainty. */
static bool all_lowered(const struct trial *trial)
{
	for (size_t i = 0; i < trial->findings.count; i++)
		if (trial->findings.items[i].code == TRC_CODE_POTENTIAL_DEADLOCK &&
		    !trial->findings.items[i].lowered)
			return false;
	return true;
}

static void begin_filtered(struct trial *trial, const struct or_program *program,
			   const struct or_truth *truth, unsigned seed)
{
	unsigned lot = seed, limit = STEPS_MAX, types, actors;

	/* Half of the recordings end before the program does. */
	if (or_lot(&lot, 2))
		limit = or_lot(&lot, CUT_STEPS);
	actors = or_lot(&lot, 1 << OR_ACTORS);
	types = or_lot(&lot, 1 << (OR_TYPES + 1)) | 1 << 1;
	begin(trial, program, truth, seed, types, actors, limit);
}

unsigned or_trial_filtered(const struct or_program *program, const struct or_truth *truth,
			   unsigned seed, struct or_result *ret_result, bool *ret_missed)
{
	struct trial trial;
	unsigned left_out;

	begin_filtered(&trial, program, truth, seed);
	left_out = trial.log.left_out;
	*ret_result = trial.result;
	*ret_missed = trial.result.wrong & OR_MISSED_CERTAIN;
	ret_result->wrong = 0;
	if ((trial.result.wrong & OR_FALSE_CERTAIN) || (left_out > 0 && !all_lowered(&trial)))
		ret_result->wrong = OR_FALSE_FILTERED;
	end(&trial);
	return left_out;
}

void or_trial_print(const struct or_program *program, const struct or_truth *truth, unsigned seed,
		    bool filtered)
{
	struct trial trial;

	if (filtered)
		begin_filtered(&trial, program, truth, seed);
	else
		begin(&trial, program, truth, seed, 0, 0, STEPS_MAX);
	for (size_t i = 0; i < trial.log.tb.count; i++) {
		const struct trc_event *event = &trial.log.tb.events[i].event;

		if (event->kind < TRC_SPAWN)
			continue;
		printf("%6" PRIu64 " %-12s %-8s id %-12" PRIu64 " peer %-8s arg %" PRIu64 "\n",
		       event->time, trc_kind_name(event->kind),
		       trc_model_actor_name(trial.log.tb.model, event->actor), event->id,
		       event->peer ? trc_model_actor_name(trial.log.tb.model, event->peer) : "",
		       event->arg);
	}
	for (size_t i = 0; i < trial.findings.count; i++) {
		char *text = trc_finding_text(&trial.findings.items[i]);

		printf("%s at %" PRIu64 "%s\n%s\n", trc_code_name(trial.findings.items[i].code),
		       trial.findings.items[i].time,
		       trial.findings.items[i].likely ? ", likely" : "", text);
		free(text);
	}
	end(&trial);
}
