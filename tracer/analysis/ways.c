#include "tracer/analysis/ways.h"

#include "tracer/analysis/edges.h"
#include "tracer/model/memory.h"

static uint32_t kind_of(const struct trc_model *model, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(model, id);

	return actor ? actor->kind : 0;
}

static struct trc__way *find_way(struct trc__causes *causes, const struct trc_event *event,
				 uint64_t to, uint8_t what)
{
	uint64_t site = (uint64_t)event->site << 8 | what;
	uint64_t key = trc_mix(trc_mix(event->actor, to), site) | 1;
	struct trc__way *chain = trc_table_find(&causes->way_keys, key), *way = chain;
	const struct trc_actor *actor = trc_model_actor(causes->model, event->actor);

	while (way && (way->from != event->actor || way->to != to || way->site != event->site ||
		       way->what != what))
		way = way->next;
	if (way)
		return way;
	way = trc_zalloc(1, sizeof *way);
	*way = (struct trc__way){
		.from = event->actor,
		.to = to,
		.from_kind = kind_of(causes->model, event->actor),
		.to_kind = kind_of(causes->model, to),
		.site = event->site,
		.type = event->kind == TRC_SEND ? event->type : 0,
		.what = what,
		.number = (uint32_t)causes->way_count,
		.message = actor && actor->current ? actor->current->id : 0,
		.doing = actor ? trc__doing(causes->model, actor) : trc_strdup(""),
		.next = chain,
	};
	trc_table_put(&causes->way_keys, key, way);
	causes->ways =
		trc_grow(causes->ways, &causes->way_room, causes->way_count + 1, sizeof(way));
	causes->ways[causes->way_count++] = way;
	return way;
}

/* The place in way->awaits that the next one takes. */
static uint32_t *next_await(struct trc__way *way)
{
	unsigned late = TRC__AWAITS_MAX - TRC__AWAITS_EARLY;

	if (way->kept == TRC__AWAITS_MAX)
		return &way->awaits[TRC__AWAITS_EARLY + way->count % late];
	way->awaits = trc_grow(way->awaits, &way->room, way->kept + 1, sizeof *way->awaits);
	way->awaits[way->kept] = 0;
	return &way->awaits[way->kept++];
}

static uint32_t new_await(struct trc__causes *causes)
{
	causes->awaits = trc_grow(causes->awaits, &causes->await_room, causes->await_count + 1,
				  sizeof *causes->awaits);
	return (uint32_t)causes->await_count++;
}

uint32_t trc__await_add(struct trc__causes *causes, const struct trc_event *event, uint64_t to,
			uint8_t what, uint32_t request)
{
	struct trc__way *way = find_way(causes, event, to, what);
	uint32_t *kept = next_await(way), number;

	/* Nobody asks about a send that is not kept any more. */
	number = what == TRC_WHAT_SPACE && *kept ? *kept : new_await(causes);
	*kept = number;
	causes->awaits[number] = (struct trc__await){
		.party = to,
		.stretch = causes->nodes[request].stretch,
		.request = request,
		.way = way->number,
	};
	way->count++;
	way->last = event->time;
	return number;
}
