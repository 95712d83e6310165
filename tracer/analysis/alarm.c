/*
 * alarm.c - when to look at the wait table, and what is news
 *
 * Most deadlocks are closed by a WAIT that a short chase recognises; then the next poll looks at
 * once. The others (a token moved, a holder gone idle, a mailbox filled) are found by looking
 * when the program has fallen quiet, and every few polls.
 *
 * A deadlock is a stable property, and the model always is a consistent cut, so one look would do.
 * The second one, a poll later, is for what no event tells: a place in a mailbox that was promised
 * and not yet taken. Orphans need some more: a program that stops drops its handles first and its
 * actors a little later.
 */
#include "tracer/analysis/alarm.h"

#include "tracer/analysis/evidence.h"
#include "tracer/model/memory.h"
#include "tracer/model/table.h"

#include <stdlib.h>

/* A look is due after so many polls; more when there are many actors to look at. */
enum { POLLS_MIN = 4, ACTORS_PER_POLL = 1000 };

enum { LOOKS_FOR_DEADLOCK = 2, LOOKS_FOR_ORPHAN = 5 };

struct trc_alarm {
	const struct trc_model *model;
	bool suspicion;      /* a chase ended where it began */
	uint64_t since_look; /* events since the last look */
	uint64_t since_poll; /* events since the last poll */
	uint64_t polls;      /* since the last look */
	struct trc__gap gap;
	struct trc_table seen;     /* how many looks in a row saw it, by key */
	struct trc_table reported; /* keys; and the waits of cores */
};

struct trc_alarm *trc_alarm_new(const struct trc_model *model)
{
	struct trc_alarm *alarm = trc_zalloc(1, sizeof *alarm);

	alarm->model = model;
	/* What stands already is to be looked at, though nothing happens any more. */
	alarm->since_look = trc_model_events(model) > 0;
	return alarm;
}

void trc_alarm_free(struct trc_alarm *alarm)
{
	if (!alarm)
		return;
	trc_table_clear(&alarm->seen);
	trc_table_clear(&alarm->reported);
	free(alarm);
}

void trc_alarm_event(struct trc_alarm *alarm, const struct trc_event *event)
{
	alarm->since_look++;
	alarm->since_poll++;
	if (event->kind == TRC_LOST)
		trc__gap_note(&alarm->gap, event);
	if (event->kind == TRC_WAIT && !alarm->suspicion)
		alarm->suspicion = trc_stuck_suspected(alarm->model, event->actor);
}

static bool worth_a_look(const struct trc_alarm *alarm)
{
	uint64_t enough = trc_model_actor_count(alarm->model) / ACTORS_PER_POLL;

	if (alarm->suspicion || alarm->seen.count > 0)
		return alarm->polls > enough / 16;
	return alarm->since_look > 0 &&
	       (alarm->since_poll == 0 || alarm->polls >= POLLS_MIN + enough);
}

static void look(struct trc_alarm *alarm, struct trc_findings *findings)
{
	struct trc_stuck stuck;

	trc_stuck_find(alarm->model, &stuck);
	if (stuck.stuck_count)
		trc__evidence(alarm->model, &stuck, &alarm->gap, findings);
	trc_stuck_clear(&stuck);
	alarm->suspicion = false;
	alarm->since_look = 0;
	alarm->polls = 0;
}

static uint64_t wait_key(const struct trc_edge *edge)
{
	return trc_mix(edge->from, edge->since) | 1;
}

/* A deadlock that has grown, because somebody in it who waits for several waits for a newcomer,
 * too, is no news. */
static bool is_known(const struct trc_alarm *alarm, const struct trc_finding *finding)
{
	for (unsigned i = 0; i < finding->core_edge_count; i++)
		if (trc_table_find(&alarm->reported, wait_key(&finding->edges[i])))
			return true;
	return false;
}

void trc_alarm_poll(struct trc_alarm *alarm, void (*report)(const struct trc_finding *, void *),
		    void *context)
{
	struct trc_findings findings = {0};
	struct trc_table seen = {0};
	bool worth;

	alarm->polls++;
	worth = worth_a_look(alarm);
	alarm->since_poll = 0;
	if (!worth)
		return;
	look(alarm, &findings);
	for (size_t i = 0; i < findings.count; i++) {
		const struct trc_finding *finding = &findings.items[i];
		uint64_t key = trc__evidence_key(alarm->model, finding);
		uintptr_t looks = (uintptr_t)trc_table_find(&alarm->seen, key) + 1;
		bool deadlock = finding->code == TRC_CODE_DEADLOCK;

		if (trc_table_find(&alarm->reported, key) || is_known(alarm, finding))
			continue;
		if (looks >= (deadlock ? LOOKS_FOR_DEADLOCK : LOOKS_FOR_ORPHAN)) {
			trc_table_put(&alarm->reported, key, alarm);
			for (unsigned e = 0; e < finding->core_edge_count; e++)
				trc_table_put(&alarm->reported, wait_key(&finding->edges[e]),
					      alarm);
			report(finding, context);
		} else {
			trc_table_put(&seen, key, (void *)looks);
		}
	}
	trc_findings_clear(&findings);
	trc_table_clear(&alarm->seen);
	alarm->seen = seen;
}
