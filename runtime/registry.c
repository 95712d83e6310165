#include "runtime/registry.h"

#include "runtime/probe.h"
#include "runtime/system.h"

#include <act/registry.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FEWEST_CHAINS = 16 };

struct act__registration {
	struct act__registration *next; /* in its chain */
	struct act__actor *actor;
	uint64_t hash;
	char name[];
};

void act__registry_init(struct act__registry *registry)
{
	*registry = (struct act__registry){.mutex = PTHREAD_MUTEX_INITIALIZER};
}

void act__registry_fini(struct act__registry *registry)
{
	assert(registry->count == 0 && "actors that ended took their names with them");
	free(registry->chains);
	pthread_mutex_destroy(&registry->mutex);
}

/* FNV-1a */
static uint64_t hash_of(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return hash;
}

static struct act__registration **chain_of(const struct act__registry *registry, uint64_t hash)
{
	return &registry->chains[(hash ^ hash >> 32) & (registry->chain_count - 1)];
}

static struct act__registration *find(const struct act__registry *registry, const char *name,
				      uint64_t hash)
{
	struct act__registration *entry = registry->chain_count ? *chain_of(registry, hash) : NULL;

	while (entry && (entry->hash != hash || strcmp(entry->name, name) != 0))
		entry = entry->next;
	return entry;
}

static void put(struct act__registry *registry, struct act__registration *entry)
{
	struct act__registration **chain = chain_of(registry, entry->hash);

	entry->next = *chain;
	*chain = entry;
}

/* Makes room for one more. */
static bool grow(struct act__registry *registry)
{
	struct act__registry old = *registry;
	struct act__registration *entry, *next, **chains;
	size_t count = old.chain_count ? 2 * old.chain_count : FEWEST_CHAINS;

	if (old.count < old.chain_count)
		return true;
	chains = calloc(count, sizeof(*chains));
	if (!chains)
		return false;
	registry->chains = chains;
	registry->chain_count = count;
	for (size_t i = 0; i < old.chain_count; i++) {
		for (entry = old.chains[i]; entry; entry = next) {
			next = entry->next;
			put(registry, entry);
		}
	}
	free(old.chains);
	return true;
}

static int enter_locked(struct act__registry *registry, struct act__actor *actor, const char *name)
{
	size_t size = strlen(name) + 1;
	uint64_t hash = hash_of(name);
	struct act__registration *entry;

	if (actor->registration)
		return -EALREADY;
	if (find(registry, name, hash))
		return -EEXIST;
	entry = malloc(sizeof(*entry) + size);
	if (!entry || !grow(registry)) {
		free(entry);
		return -ENOMEM;
	}
	entry->actor = actor;
	entry->hash = hash;
	memcpy(entry->name, name, size);
	put(registry, entry);
	registry->count++;
	actor->registration = entry;
	return 0;
}

int act_register(struct act_self *self, const char *name)
{
	struct act__registry *registry = &self->system->registry;
	int r;

	assert(self->actor && "act_register() is for actors");
	if (!name || !name[0])
		return -EINVAL;
	pthread_mutex_lock(&registry->mutex);
	r = enter_locked(registry, self->actor, name);
	if (r == 0) {
		struct act_self outside = act__outside_of(self);

		act__probe_handle_clone(&outside, self->actor);
	}
	pthread_mutex_unlock(&registry->mutex);
	return r;
}

void act_unregister(struct act_self *self)
{
	struct act_self outside = act__outside_of(self);

	assert(self->actor && "act_unregister() is for actors");
	act__registry_leave(&outside, self->actor);
}

struct act_handle act_whereis(struct act_self *self, const char *name)
{
	struct act__registry *registry = &self->system->registry;
	struct act_handle handle = ACT_NOBODY;
	struct act__registration *entry;

	pthread_mutex_lock(&registry->mutex);
	entry = find(registry, name, hash_of(name));
	if (entry)
		handle = act__handle_acquire(entry->actor, atomic_load(&entry->actor->generation));
	pthread_mutex_unlock(&registry->mutex);
	if (handle.actor)
		act__probe_handle_clone(self, handle.actor);
	return handle;
}

void act__registry_leave(struct act_self *outside, struct act__actor *actor)
{
	struct act__registry *registry = &outside->system->registry;
	struct act__registration *entry = actor->registration, **place;

	if (!entry)
		return;
	pthread_mutex_lock(&registry->mutex);
	place = chain_of(registry, entry->hash);
	while (*place != entry)
		place = &(*place)->next;
	*place = entry->next;
	registry->count--;
	pthread_mutex_unlock(&registry->mutex);
	actor->registration = NULL;
	free(entry);
	act__probe_handle_drop(outside, actor);
}
