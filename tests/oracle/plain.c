#include "tests/oracle/plain.h"

/* Bits of those who could end the wait of the actor, or wake it. */
static uint8_t parties(const struct or_program *program, const struct or_world *world,
		       unsigned actor)
{
	const struct or_state *state = &world->actors[actor];
	uint8_t who = 0;

	if (state->phase == OR_IDLE) {
		for (unsigned a = 0; a < program->actor_count; a++)
			if (world->actors[a].handles & 1 << actor)
				who |= (uint8_t)(1 << a);
		return who;
	}
	if (state->what == OR_SPACE || state->what == OR_END)
		return (uint8_t)(1 << state->object);
	for (unsigned i = 0; i < OR_TOKENS; i++)
		if (state->asked & 1 << i)
			who |= (uint8_t)(1 << or_world_holder(program, world,
							      1 + actor * OR_TOKENS + i));
	return who;
}

/* What an event can tell, when nobody says to whom a place was given: a mailbox with an empty place
 * may be promised to the actor. */
static bool seems_met(const struct or_program *program, const struct or_world *world,
		      unsigned actor)
{
	const struct or_state *state = &world->actors[actor];

	return or_world_met(world, actor) ||
	       (state->what == OR_SPACE &&
		world->actors[state->object].count < program->actors[state->object].capacity);
}

static bool goes_on(const struct or_program *program, const struct or_world *world, unsigned actor,
		    uint8_t live, bool told)
{
	const struct or_state *state = &world->actors[actor];
	uint8_t who;

	switch (state->phase) {
	case OR_ENDED:
		return false;
	case OR_RUNNING:
		return true;
	case OR_IDLE:
		who = parties(program, world, actor);
		return state->count || state->stopping || state->timer ||
		       (world->main_handles & 1 << actor) || who == 0 || (who & live);
	default:
		if (state->deadline ||
		    (told ? or_world_met(world, actor) : seems_met(program, world, actor)))
			return true;
		who = parties(program, world, actor);
		return state->any ? (who & live) != 0 : (who & ~live) == 0;
	}
}

static uint8_t dead_of(const struct or_program *program, const struct or_world *world, uint8_t free,
		       bool told)
{
	uint8_t live = free, all = 0;
	bool changed = true;

	while (changed) {
		changed = false;
		for (unsigned a = 0; a < program->actor_count; a++)
			if (!(live & 1 << a) && goes_on(program, world, a, live, told)) {
				live |= (uint8_t)(1 << a);
				changed = true;
			}
	}
	for (unsigned a = 0; a < program->actor_count; a++)
		if (world->actors[a].phase != OR_ENDED)
			all |= (uint8_t)(1 << a);
	return all & (uint8_t)~live;
}

uint8_t or_dead(const struct or_program *program, const struct or_world *world, uint8_t free)
{
	return dead_of(program, world, free, false);
}

uint8_t or_dead_told(const struct or_program *program, const struct or_world *world)
{
	return dead_of(program, world, 0, true);
}

uint8_t or_waiting(const struct or_program *program, const struct or_world *world, uint8_t actors)
{
	uint8_t waiting = 0;

	for (unsigned a = 0; a < program->actor_count; a++)
		if ((actors & 1 << a) && world->actors[a].phase == OR_WAITING)
			waiting |= (uint8_t)(1 << a);
	return waiting;
}

/* Whether from each of the set every one can be reached by at least one arrow, within the set. */
static bool hangs_together(const struct or_program *program, const struct or_world *world,
			   uint8_t set)
{
	for (unsigned a = 0; a < program->actor_count; a++) {
		uint8_t reached = parties(program, world, a) & set, before = 0;

		if (!(set & 1 << a))
			continue;
		while (reached != before) {
			before = reached;
			for (unsigned b = 0; b < program->actor_count; b++)
				if (before & 1 << b)
					reached |= parties(program, world, b) & set;
		}
		if (reached != set)
			return false;
	}
	return true;
}

static bool is_core(const struct or_program *program, const struct or_world *world, uint8_t dead,
		    uint8_t set)
{
	return or_waiting(program, world, set) && hangs_together(program, world, set) &&
	       (or_dead(program, world, dead & (uint8_t)~set) & set) == set;
}

static bool is_one(uint8_t bits)
{
	return bits && !(bits & (bits - 1));
}

/* Whether all rings of the core lead through one idle actor for which its members wait; or only one
 * waits in it, and not for itself. */
static bool is_kept(const struct or_program *program, const struct or_world *world, uint8_t core)
{
	uint8_t waiting = or_waiting(program, world, core), keepers = 0, itself = 0;

	for (unsigned a = 0; a < program->actor_count; a++) {
		if (!(waiting & 1 << a))
			continue;
		keepers |= parties(program, world, a) & core & (uint8_t)~waiting;
		itself |= parties(program, world, a) & (uint8_t)(1 << a);
	}
	if (is_one(waiting) && !itself)
		return true;
	if (!is_one(keepers))
		return false;
	for (unsigned set = 1; set < 1u << program->actor_count; set++)
		if (!(set & ~(core & ~keepers)) && hangs_together(program, world, (uint8_t)set))
			return false;
	return true;
}

void or_cores_find(const struct or_program *program, const struct or_world *world, uint8_t dead,
		   struct or_cores *ret_cores)
{
	struct or_cores cores = {0};

	for (unsigned set = 1; set < 1u << program->actor_count; set++) {
		bool largest = true;
		uint8_t waiting;

		if ((set & ~dead) || !is_core(program, world, dead, (uint8_t)set))
			continue;
		for (unsigned more = set + 1; more < 1u << program->actor_count && largest; more++)
			largest = (more & set) != set || (more & ~dead) ||
				  !is_core(program, world, dead, (uint8_t)more);
		if (!largest)
			continue;
		waiting = or_waiting(program, world, (uint8_t)set);
		cores.cores[cores.count].waiting = waiting;
		cores.cores[cores.count].idle = (uint8_t)(set & ~waiting);
		cores.cores[cores.count++].kept = is_kept(program, world, (uint8_t)set);
	}
	*ret_cores = cores;
}
