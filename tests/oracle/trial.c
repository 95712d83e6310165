#include "tests/oracle/trial.h"

#include "tests/oracle/log.h"
#include "tests/oracle/plain.h"
#include "tracer/analysis/alarm.h"
#include "tracer/analysis/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 600, CUT_STEPS = 40, LAST_POLLS = 40 };

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
	struct trc_alarm *alarm;
	unsigned polls;  /* by lot: when the alarm looks */
	uint8_t alarmed; /* actors of whom it has said that they are stuck */
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
	case OR_FALSE_ALARM:
		return "false alarm";
	case OR_SILENT_ALARM:
		return "silent alarm";
	case OR_FALSE_LOSSY:
		return "false lossy";
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

static uint8_t bits_of(const struct trial *trial, const uint64_t *actors, unsigned count)
{
	uint8_t bits = 0;

	for (unsigned i = 0; i < count; i++)
		for (unsigned a = 0; a < trial->program->actor_count; a++)
			if (trial->log.actors[a] == actors[i])
				bits |= (uint8_t)(1 << a);
	return bits;
}

static void on_alarm(const struct trc_finding *finding, void *context)
{
	struct trial *trial = context;

	trial->alarmed |= bits_of(trial, finding->actors, finding->actor_count);
	trial->alarmed |= bits_of(trial, finding->victims, finding->victim_count);
}

/* A recorder's batches end anywhere. */
static void feed_alarm(struct trial *trial, const struct trc_event *event)
{
	trc_alarm_event(trial->alarm, event);
	if (or_lot(&trial->polls, 3) == 0)
		trc_alarm_poll(trial->alarm, on_alarm, trial);
}

static void after(const struct trc_event *event, void *context)
{
	struct trial *trial = context;

	trc_check_event(trial->check, event);
	feed_alarm(trial, event);
	/* What closes a ring may be the first half of a step: an ask is sent, then waited for. */
	if (event->kind == TRC_SEND)
		note_cores(trial);
}

static void run(struct trial *trial, unsigned seed)
{
	struct or_step steps[OR_STEPS];
	unsigned count, last = 0, stubborn;

	trial->polls = seed;
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
		if (trial->alarmed & ~trial->may_be_called_stuck)
			trial->result.wrong |= OR_FALSE_ALARM;
		trial->time[++trial->steps] = trial->log.tb.now;
	}
	/* A program that is stuck is silent. */
	for (unsigned i = 0; i < LAST_POLLS; i++)
		trc_alarm_poll(trial->alarm, on_alarm, trial);
	if (trial->alarmed & ~trial->may_be_called_stuck)
		trial->result.wrong |= OR_FALSE_ALARM;
}

/* --- judging ------------------------------------------------------------------------------------
 */

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
	uint8_t core;

	trial->result.hung = stuck != 0;
	for (size_t i = 0; i < trial->findings.count; i++) {
		const struct trc_finding *finding = &trial->findings.items[i];

		if (!is_certain(finding))
			continue;
		if (finding->code == TRC_CODE_DEADLOCK)
			deadlocks++;
		core = bits_of(trial, finding->actors, finding->actor_count);
		if (!(core & trial->alarmed))
			trial->result.wrong |= OR_SILENT_ALARM;
		said |= core | bits_of(trial, finding->victims, finding->victim_count);
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
	trial->alarm = trc_alarm_new(trial->log.tb.model);
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
	trc_alarm_free(trial->alarm);
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
static bool all_lowered(const struct trc_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].code == TRC_CODE_POTENTIAL_DEADLOCK &&
		    !findings->items[i].lowered)
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
	if ((trial.result.wrong & (OR_FALSE_CERTAIN | OR_FALSE_ALARM)) ||
	    (left_out > 0 && !all_lowered(&trial.findings)))
		ret_result->wrong = OR_FALSE_FILTERED;
	end(&trial);
	return left_out;
}

/* --- gaps ---------------------------------------------------------------------------------------
 */

/* What a reader gets that begins anew with the events of a run, some of which are missing. */
struct reading {
	struct trc_model *model;
	struct trc_check *check;
	unsigned lost;
	uint64_t lost_since, lost_until;
};

static void read_event(struct reading *reading, const struct trc_event *event)
{
	trc_check_before(reading->check, event);
	trc_model_apply(reading->model, event);
	trc_check_event(reading->check, event);
}

/* The thread that lost events says so with its next one. */
static void read_gap(struct reading *reading)
{
	read_event(reading, &(struct trc_event){.kind = TRC_LOST,
						.id = reading->lost,
						.arg = reading->lost_since,
						.time = reading->lost_until});
}

static void read_lossy(struct reading *reading, const struct trial *trial, unsigned lot)
{
	unsigned actors = or_lot(&lot, 1 << OR_ACTORS) | 1u << or_lot(&lot, OR_ACTORS);
	unsigned long count = trial->log.tb.count;
	size_t first = or_lot(&lot, (unsigned)count), end = first + 1 + or_lot(&lot, 20);
	bool told = false;

	reading->model = trc_model_new();
	reading->check = trc_check_new(reading->model);
	for (size_t i = 0; i < count; i++) {
		const struct trc_event *event = &trial->log.tb.events[i].event;

		if (i >= first && i < end && event->kind > TRC_SPAWN &&
		    (bits_of(trial, &event->actor, 1) & actors)) {
			reading->lost_since = reading->lost++ ? reading->lost_since : event->time;
			reading->lost_until = event->time;
			continue;
		}
		if (i >= end && reading->lost > 0 && !told) {
			read_gap(reading);
			told = true;
		}
		read_event(reading, event);
	}
	if (reading->lost > 0 && !told)
		read_gap(reading);
}

static void judge_lossy(const struct trial *trial, const struct trc_findings *findings,
			struct or_result *ret_result, bool *ret_missed)
{
	uint8_t stuck = or_waiting(trial->program, &trial->world, UINT8_MAX), said = 0, sure = 0;

	for (size_t i = 0; i < findings->count; i++) {
		const struct trc_finding *finding = &findings->items[i];
		uint8_t core = bits_of(trial, finding->actors, finding->actor_count);
		uint8_t victims = bits_of(trial, finding->victims, finding->victim_count);

		if (!is_certain(finding))
			continue;
		said |= core | victims;
		sure |= finding->lowered ? 0 : core;
		sure |= finding->lowered || finding->victims_lowered ? 0 : victims;
	}
	ret_result->wrong =
		(sure & ~trial->may_be_called_stuck) || !all_lowered(findings) ? OR_FALSE_LOSSY : 0;
	*ret_missed = stuck & trial->dead & ~said;
}

static void print_findings(const struct trc_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct trc_finding *finding = &findings->items[i];
		char *text = trc_finding_text(finding);

		printf("%s at %" PRIu64 "%s\n%s\n", trc_code_name(finding->code), finding->time,
		       finding->likely ? ", likely" : "", text);
		free(text);
	}
}

static unsigned try_lossy(const struct trial *trial, unsigned seed, struct or_result *ret_result,
			  bool *ret_missed, bool print)
{
	struct trc_findings findings;
	struct reading reading = {0};

	read_lossy(&reading, trial, seed);
	trc_check_finish(reading.check, reading.lost == 0, &findings);
	*ret_result = trial->result;
	judge_lossy(trial, &findings, ret_result, ret_missed);
	if (print) {
		printf("%u events missing from %" PRIu64 " to %" PRIu64 "\n", reading.lost,
		       reading.lost_since, reading.lost_until);
		print_findings(&findings);
	}
	trc_findings_clear(&findings);
	trc_check_free(reading.check);
	trc_model_free(reading.model);
	return reading.lost;
}

unsigned or_trial_lossy(const struct or_program *program, const struct or_truth *truth,
			unsigned seed, struct or_result *ret_result, bool *ret_missed)
{
	struct trial trial;
	unsigned lost;

	begin(&trial, program, truth, seed, 0, 0, STEPS_MAX);
	lost = try_lossy(&trial, seed, ret_result, ret_missed, false);
	if (lost == 0)
		ret_result->wrong = 0;
	end(&trial);
	return lost;
}

/* --- showing ------------------------------------------------------------------------------------
 */

static void print_events(const struct trial *trial)
{
	const struct trc_model *model = trial->log.tb.model;

	for (size_t i = 0; i < trial->log.tb.count; i++) {
		const struct trc_event *event = &trial->log.tb.events[i].event;

		if (event->kind < TRC_SPAWN)
			continue;
		printf("%6" PRIu64 " %-12s %-8s id %-12" PRIu64 " peer %-8s arg %" PRIu64 "\n",
		       event->time, trc_kind_name(event->kind),
		       trc_model_actor_name(model, event->actor), event->id,
		       event->peer ? trc_model_actor_name(model, event->peer) : "", event->arg);
	}
}

void or_trial_print(const struct or_program *program, const struct or_truth *truth, unsigned seed,
		    unsigned wrong)
{
	struct or_result result;
	struct trial trial;
	bool missed;

	if (wrong == OR_FALSE_FILTERED)
		begin_filtered(&trial, program, truth, seed);
	else
		begin(&trial, program, truth, seed, 0, 0, STEPS_MAX);
	print_events(&trial);
	if (wrong == OR_FALSE_LOSSY)
		try_lossy(&trial, seed, &result, &missed, true);
	else
		print_findings(&trial.findings);
	end(&trial);
}
