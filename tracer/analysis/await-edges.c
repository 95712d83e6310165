#include "tracer/analysis/await-edges.h"

#include "tracer/analysis/patterns.h"
#include "tracer/model/memory.h"

enum { RING_MAX = 64 };

static void add_actor(struct trc_finding *finding, uint64_t actor)
{
	size_t room = finding->actor_count;

	for (unsigned i = 0; i < finding->actor_count; i++)
		if (finding->actors[i] == actor)
			return;
	finding->actors = trc_grow(finding->actors, &room, room + 1, sizeof(uint64_t));
	finding->actors[finding->actor_count++] = actor;
}

/* The actor is idle, but has given itself to one that waits. */
static void add_lock_edge(struct trc_finding *finding, const struct trc__causes *causes,
			  const struct trc__held *held)
{
	const struct trc__hold *hold = &causes->locks.holds[held->hold - 1];
	const struct trc_model *model = causes->model;
	uint64_t lock = trc__lock_actor(hold->lock);
	const struct trc_actor *actor = trc_model_actor(model, lock);
	const struct trc_actor *holder = trc_model_actor(model, hold->holder);
	size_t room = finding->edge_count;

	add_actor(finding, lock);
	finding->edges =
		trc_grow(finding->edges, &room, finding->edge_count + 1, sizeof *finding->edges);
	finding->edges[finding->edge_count++] = (struct trc_edge){
		.from = lock,
		.to = hold->holder,
		.from_name = trc_strdup(trc_model_actor_name(model, lock)),
		.to_name = trc_strdup(trc_model_actor_name(model, hold->holder)),
		.from_kind = trc_strdup(trc_model_kind_name(model, actor ? actor->kind : 0)),
		.to_kind = trc_strdup(trc_model_kind_name(model, holder ? holder->kind : 0)),
		.what = TRC_WHAT_MESSAGE,
		.waits = true,
		.since = trc__facts_at(&causes->facts, hold->begin).time,
		.doing = trc_strdup(""),
		.sending = trc_strdup(""),
		.depth = holder ? holder->peak : 0,
		.capacity = holder ? holder->capacity : 0,
		.file = trc_strdup(""),
		.function = trc_strdup(""),
	};
}

/* The actor that stands before this one, or before the locks that it has. */
static unsigned actor_before(const struct trc__held *held, unsigned at)
{
	do {
		at--;
	} while (held[at].hold);
	return at;
}

static void add_edge(struct trc_finding *finding, const struct trc__causes *causes,
		     const struct trc__way *way, uint64_t to)
{
	const struct trc_model *model = causes->model;
	struct trc_site site = trc_model_site(model, way->site);
	const struct trc_actor *party = trc_model_actor(model, to);
	size_t room = finding->edge_count;

	finding->edges =
		trc_grow(finding->edges, &room, finding->edge_count + 1, sizeof *finding->edges);
	add_actor(finding, way->from);
	finding->edges[finding->edge_count++] = (struct trc_edge){
		.from = way->from,
		.to = to,
		.from_name = trc_strdup(trc_model_actor_name(model, way->from)),
		.to_name = trc_strdup(trc_model_actor_name(model, to)),
		.from_kind = trc_strdup(trc_model_kind_name(model, way->from_kind)),
		.to_kind = trc_strdup(trc_model_kind_name(model, party ? party->kind : 0)),
		.what = way->what,
		.waits = true,
		.since = way->last,
		.message = way->message,
		.doing = trc_strdup(way->doing),
		.sending = trc_strdup(way->type ? trc_model_type_name(model, way->type) : ""),
		.depth = party ? party->peak : 0,
		.capacity = party ? party->capacity : 0,
		.file = trc_strdup(site.file),
		.function = trc_strdup(site.function),
		.line = site.line,
	};
	if (way->last > finding->time)
		finding->time = way->last;
}

void trc__add_await(struct trc_finding *finding, const struct trc__causes *causes, uint32_t await,
		    uint64_t enters, bool *deadline)
{
	struct trc__held held[TRC__HELD_MAX];
	unsigned count = trc__held(causes, await, held), at = 0;

	while (at + 1 < count && held[at].actor != enters)
		at++;
	*deadline |= held[at].deadline;
	if (held[at].hold) {
		add_lock_edge(finding, causes, &held[at]);
		at = actor_before(held, at);
	}
	while (at > 0 && finding->edge_count < RING_MAX) {
		unsigned next = actor_before(held, at);

		add_edge(finding, causes, causes->ways[causes->awaits[held[at].await].way],
			 held[next].actor);
		at = next;
	}
	add_edge(finding, causes, causes->ways[causes->awaits[await].way],
		 trc__lock_actor(causes->awaits[await].party));
}
