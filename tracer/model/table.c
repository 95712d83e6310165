#include "tracer/model/table.h"

#include "tracer/model/memory.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

static uint64_t salt;
static pthread_once_t salted = PTHREAD_ONCE_INIT;

uint64_t trc_mix(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ (b * UINT64_C(0x9e3779b97f4a7c15))) + UINT64_C(0x632be59bd9b4e019);

	h = (h ^ (h >> 32)) * UINT64_C(0xd6e8feb86659fd93);
	h = (h ^ (h >> 32)) * UINT64_C(0xd6e8feb86659fd93);
	return h ^ (h >> 32);
}

/* A salted product, its upper half folded into the lower: one multiplication, where trc_mix() needs
 * three. This is most of what a look into a table costs. */
static inline size_t home(const struct trc_table *table, uint64_t key)
{
	unsigned __int128 product =
		(unsigned __int128)(key ^ salt) * (UINT64_C(0x9e3779b97f4a7c15) ^ (salt << 1));

	return (size_t)((uint64_t)(product >> 64) ^ (uint64_t)product) & table->mask;
}

static void set(struct trc_table *table, uint64_t key, void *value)
{
	size_t place = home(table, key);

	while (table->slots[place].key != 0 && table->slots[place].key != key)
		place = (place + 1) & table->mask;
	if (table->slots[place].key == 0)
		table->count++;
	table->slots[place] = (struct trc_slot){key, value};
}

/* Threads share it: it is made before the first table has a slot. */
static void make_salt(void)
{
	while (salt == 0)
		if (getrandom(&salt, sizeof salt, GRND_NONBLOCK) != sizeof salt)
			salt = (uintptr_t)&salt | 1;
}

static void enlarge(struct trc_table *table)
{
	struct trc_table larger = {0};
	size_t old = table->slots ? table->mask + 1 : 0;
	size_t size = old ? old * 2 : 16;

	pthread_once(&salted, make_salt);
	larger.slots = trc_zalloc(size, sizeof *larger.slots);
	larger.mask = size - 1;
	for (size_t i = 0; i < old; i++)
		if (table->slots[i].key != 0)
			set(&larger, table->slots[i].key, table->slots[i].value);
	free(table->slots);
	*table = larger;
}

void *trc_table_find(const struct trc_table *table, uint64_t key)
{
	size_t place;

	if (table->count == 0 || key == 0)
		return NULL;
	for (place = home(table, key); table->slots[place].key != 0;
	     place = (place + 1) & table->mask)
		if (table->slots[place].key == key)
			return table->slots[place].value;
	return NULL;
}

void trc_table_put(struct trc_table *table, uint64_t key, void *value)
{
	assert(key != 0 && value);

	/* At most three quarters full. */
	if (!table->slots || (table->count + 1) * 4 > (table->mask + 1) * 3)
		enlarge(table);
	set(table, key, value);
}

void *trc_table_take(struct trc_table *table, uint64_t key)
{
	size_t hole, place;
	void *value;

	if (table->count == 0 || key == 0)
		return NULL;
	for (hole = home(table, key); table->slots[hole].key != key;
	     hole = (hole + 1) & table->mask)
		if (table->slots[hole].key == 0)
			return NULL;
	value = table->slots[hole].value;

	/* Move back every later entry of the run whose home does not lie behind the hole. */
	for (place = (hole + 1) & table->mask; table->slots[place].key != 0;
	     place = (place + 1) & table->mask) {
		size_t wanted = home(table, table->slots[place].key);

		if (((place - wanted) & table->mask) >= ((place - hole) & table->mask)) {
			table->slots[hole] = table->slots[place];
			hole = place;
		}
	}
	table->slots[hole] = (struct trc_slot){0};
	table->count--;
	return value;
}

void *trc_table_next(const struct trc_table *table, size_t *place)
{
	size_t size = table->slots ? table->mask + 1 : 0;

	while (*place < size) {
		const struct trc_slot *slot = &table->slots[(*place)++];

		if (slot->key != 0)
			return slot->value;
	}
	return NULL;
}

void trc_table_clear(struct trc_table *table)
{
	free(table->slots);
	*table = (struct trc_table){0};
}
