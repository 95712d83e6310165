#include "viewer/rows.h"

#include "viewer/metrics.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

bool trv_kind_is_socket(const char *kind)
{
	static const char *const names[] = {"ws", "tcp", "udp", "socket"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		size_t length = strlen(names[i]);

		if (strncmp(kind, names[i], length) == 0 &&
		    (kind[length] == '\0' || strchr("-_.", kind[length])))
			return true;
	}
	return false;
}

/* --- words -------------------------------------------------------------------------------------
 */

static const char *const groupings[] = {"none", "kind", "parent"};
static const char *const sortings[] = {"spawn", "name", "depth", "wait", "traffic", "hand"};
G_STATIC_ASSERT(G_N_ELEMENTS(groupings) == TRV_GROUPINGS);
G_STATIC_ASSERT(G_N_ELEMENTS(sortings) == TRV_SORTINGS);

static int find_name(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++) {
		if (g_str_equal(names[i], name))
			return i;
	}
	return -1;
}

const char *trv_grouping_name(enum trv_grouping grouping)
{
	return groupings[grouping];
}

const char *trv_sorting_name(enum trv_sorting sorting)
{
	return sortings[sorting];
}

int trv_grouping_parse(const char *name)
{
	return find_name(groupings, TRV_GROUPINGS, name);
}

int trv_sorting_parse(const char *name)
{
	return find_name(sortings, TRV_SORTINGS, name);
}

/* --- groups ------------------------------------------------------------------------------------
 */

/* One more than the number of the kind or parent, since 0 is no group. */
uint64_t trv_group_of(const struct trc_actor *actor, enum trv_grouping grouping)
{
	switch (grouping) {
	case TRV_GROUP_KIND:
		return (uint64_t)actor->kind + 1;
	case TRV_GROUP_PARENT:
		return actor->parent + 1;
	default:
		return 0;
	}
}

const char *trv_group_name(const struct trc_model *model, enum trv_grouping grouping,
			   uint64_t group)
{
	return grouping == TRV_GROUP_PARENT ? trc_model_actor_name(model, group - 1)
					    : trc_model_kind_name(model, (uint32_t)(group - 1));
}

struct group {
	uint64_t key;
	size_t first; /* spawn index of its first actor */
	size_t count;
	uint64_t best; /* largest measure of a member */
	bool socket;
};

/* --- lanes -------------------------------------------------------------------------------------
 */

enum section { FOCUS, VICTIM, PINNED, ALONE, GROUPED };

struct lane {
	const struct trc_actor *actor;
	enum section section;
	size_t place; /* in the list that put it into the first three */
	struct group *group;
	uint64_t measure; /* more comes first */
	size_t hand;      /* place the user gave it, or SIZE_MAX */
	size_t index;     /* of its spawn */
};

#define COMPARE(a, b)   \
	if ((a) != (b)) \
	return (a) < (b) ? -1 : 1

static int compare_lanes(const void *left, const void *right, void *context)
{
	const struct lane *a = left, *b = right;
	enum trv_sorting sorting = *(const enum trv_sorting *)context;

	COMPARE(a->section, b->section);
	COMPARE(a->place, b->place);
	COMPARE(a->group->socket, b->group->socket);
	COMPARE(b->group->best, a->group->best);
	COMPARE(a->group->first, b->group->first);
	COMPARE(b->measure, a->measure);
	COMPARE(a->hand, b->hand);
	if (sorting == TRV_SORT_NAME) {
		int order = strcmp(a->actor->name, b->actor->name);

		if (order != 0)
			return order;
	}
	COMPARE(a->index, b->index);
	return 0;
}

/* Actor or key to 1 + its first place in the list. */
static GHashTable *index_list(struct trv_actors list)
{
	GHashTable *index = g_hash_table_new(g_int64_hash, g_int64_equal);

	for (size_t i = list.count; i > 0; i--)
		g_hash_table_insert(index, (void *)&list.items[i - 1], GSIZE_TO_POINTER(i));
	return index;
}

static size_t place_in(GHashTable *index, uint64_t key)
{
	return GPOINTER_TO_SIZE(g_hash_table_lookup(index, &key)) - 1;
}

static int compare_total(const void *key, const void *item)
{
	COMPARE(*(const uint64_t *)key, ((const struct trv_total *)item)->actor);
	return 0;
}

const struct trv_total *trv_total_of(const struct trv_total *totals, size_t count, uint64_t actor)
{
	return count == 0 ? NULL : bsearch(&actor, totals, count, sizeof totals[0], compare_total);
}

static uint64_t measure_of(const struct trv_arrangement *arrangement, const struct trc_actor *actor)
{
	const struct trv_total *total =
		trv_total_of(arrangement->totals, arrangement->total_count, actor->id);

	switch (arrangement->sorting) {
	case TRV_SORT_DEPTH:
		return total ? total->deepest : 0;
	case TRV_SORT_WAIT:
		return total ? total->waited : 0;
	case TRV_SORT_TRAFFIC:
		return total ? total->messages : 0;
	default:
		return 0;
	}
}

struct making {
	const struct trc_model *model;
	const struct trv_arrangement *arrangement;
	GHashTable *first[ALONE]; /* lists of the first three sections */
	GHashTable *hidden, *folded, *by_hand;
	GHashTable *groups; /* of struct group, by key */
	struct group nobody;
	struct lane *lanes;
	size_t count;
};

/* Without headings, actors still come kind by kind, unless they are sorted by something else. */
static uint64_t key_of(const struct making *making, const struct trc_actor *actor)
{
	enum trv_grouping grouping = making->arrangement->grouping;

	if (grouping == TRV_GROUP_NONE && making->arrangement->sorting == TRV_SORT_SPAWN)
		grouping = TRV_GROUP_KIND;
	return trv_group_of(actor, grouping);
}

static struct group *join_group(struct making *making, const struct trc_actor *actor, size_t index)
{
	uint64_t key = key_of(making, actor);
	struct group *group = g_hash_table_lookup(making->groups, &key);

	if (!group) {
		group = g_new0(struct group, 1);
		group->key = key;
		group->first = index;
		group->socket = making->arrangement->grouping != TRV_GROUP_PARENT &&
				trv_kind_is_socket(trc_model_kind_name(making->model, actor->kind));
		g_hash_table_insert(making->groups, &group->key, group);
	}
	group->count++;
	group->best = MAX(group->best, measure_of(making->arrangement, actor));
	return group;
}

static void add_lane(struct making *making, const struct trc_actor *actor, size_t index)
{
	struct lane *lane = &making->lanes[making->count];

	*lane = (struct lane){.actor = actor, .group = &making->nobody, .index = index};
	for (int section = FOCUS; section < ALONE; section++) {
		lane->place = place_in(making->first[section], actor->id);
		if (lane->place != SIZE_MAX) {
			lane->section = (enum section)section;
			making->count++;
			return;
		}
	}
	if (place_in(making->hidden, actor->id) != SIZE_MAX)
		return;
	making->count++;
	lane->section = GROUPED;
	lane->place = 0;
	lane->group = join_group(making, actor, index);
	lane->measure = measure_of(making->arrangement, actor);
	lane->hand = making->arrangement->sorting == TRV_SORT_HAND
			     ? place_in(making->by_hand, actor->id)
			     : 0;
}

/* A heading for one lane would only take its place away. */
static void settle_lonely(struct making *making)
{
	for (size_t i = 0; i < making->count; i++) {
		struct lane *lane = &making->lanes[i];

		if (lane->section == GROUPED && lane->group->count == 1 &&
		    making->arrangement->grouping != TRV_GROUP_NONE && !lane->group->socket)
			lane->section = ALONE;
	}
}

/* --- rows --------------------------------------------------------------------------------------
 */

int trv_row_height(const struct trv_row *row)
{
	return row->actor != 0 || row->folded ? trv_metrics()->lane : trv_metrics()->group;
}

static void add_row(struct trv_rows *rows, struct trv_row row)
{
	row.y = rows->height;
	rows->height += trv_row_height(&row);
	rows->items[rows->count++] = row;
}

static void make_rows(const struct making *making, struct trv_rows *rows)
{
	bool headings = making->arrangement->grouping != TRV_GROUP_NONE, folded = false;
	const struct group *group = NULL;

	for (size_t i = 0; i < making->count; i++) {
		const struct lane *lane = &making->lanes[i];
		bool grouped = headings && lane->section == GROUPED;

		rows->members[rows->member_count++] = lane->actor->id;
		rows->focus_count += lane->section == FOCUS;
		if (grouped && lane->group != group) {
			group = lane->group;
			folded = place_in(making->folded, group->key) != SIZE_MAX;
			add_row(rows, (struct trv_row){.group = group->key,
						       .folded = folded,
						       .first = i,
						       .count = group->count});
		}
		if (grouped && folded)
			continue;
		add_row(rows, (struct trv_row){.actor = lane->actor->id,
					       .group = grouped ? group->key : 0,
					       .focus = lane->section <= VICTIM,
					       .pinned = lane->section == PINNED});
	}
}

void trv_rows_arrange(const struct trc_model *model, const struct trv_arrangement *arrangement,
		      struct trv_rows *ret_rows)
{
	size_t count = trc_model_actor_count(model);
	enum trv_sorting sorting = arrangement->sorting;
	struct trv_rows rows = {0};
	struct making making = {
		.model = model,
		.arrangement = arrangement,
		.first = {index_list(arrangement->focus), index_list(arrangement->victims),
			  index_list(arrangement->pinned)},
		.hidden = index_list(arrangement->hidden),
		.folded = index_list(arrangement->folded),
		.by_hand = index_list(arrangement->by_hand),
		.groups = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, g_free),
		.lanes = g_new0(struct lane, count + 1),
	};

	for (size_t i = 0; i < count; i++)
		add_lane(&making, trc_model_actor_at(model, i), i);
	settle_lonely(&making);
	if (making.count > 0)
		g_qsort_with_data(making.lanes, (int)making.count, sizeof making.lanes[0],
				  compare_lanes, &sorting);
	rows.items = g_new0(struct trv_row, 2 * making.count + 1);
	rows.members = g_new0(uint64_t, making.count + 1);
	rows.hidden = count - making.count;
	make_rows(&making, &rows);
	for (int section = FOCUS; section < ALONE; section++)
		g_hash_table_unref(making.first[section]);
	g_hash_table_unref(making.hidden);
	g_hash_table_unref(making.folded);
	g_hash_table_unref(making.by_hand);
	g_hash_table_unref(making.groups);
	g_free(making.lanes);
	*ret_rows = rows;
}

void trv_rows_clear(struct trv_rows *rows)
{
	g_free(rows->items);
	g_free(rows->members);
	*rows = (struct trv_rows){0};
}

long trv_rows_at(const struct trv_rows *rows, double y)
{
	size_t low = 0, high = rows->count;

	if (y < 0 || y >= rows->height)
		return -1;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (rows->items[middle].y <= y)
			low = middle;
		else
			high = middle;
	}
	return (long)low;
}
