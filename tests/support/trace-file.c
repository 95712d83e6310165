#include "tests/support/trace-file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static char program[] = "./program", version[] = "test";

uint64_t tf_wall_start = 1000000000;

static struct trc_store_info info_of(const struct tb *tb, bool complete)
{
	return (struct trc_store_info){
		.program = program,
		.tool_version = version,
		.wall_start = tf_wall_start,
		.payload_limit = 1000,
		.closed = tb != NULL,
		.complete = complete,
		.exit_status = 0,
		.events = tb ? tb->count : 0,
		.lost = tb ? trc_model_lost(tb->model) : 0,
	};
}

static void check(int result, const struct trc_error *error)
{
	if (result < 0)
		fail_msg("%s", error->text);
}

struct trc_store *tf_create(const char *path)
{
	struct trc_store_info info = info_of(NULL, false);
	struct trc_error error = {""};
	struct trc_store *store;

	check(trc_store_create(path, true, &info, &store, &error), &error);
	return store;
}

void tf_add(struct trc_store *store, const struct tb *tb, size_t first, size_t end, size_t batch)
{
	struct trc_error error = {""};

	while (first < end) {
		check(trc_store_begin(store, &error), &error);
		for (size_t i = 0; i < batch && first < end; i++, first++)
			check(trc_store_add(store, tb->events[first].ring, &tb->events[first].event,
					    &error),
			      &error);
		check(trc_store_commit(store, &error), &error);
	}
}

void tf_close(struct trc_store *store, const struct tb *tb, bool finish, bool complete)
{
	struct trc_store_info info = info_of(tb, complete);
	struct trc_error error = {""};

	if (finish)
		check(trc_store_finish(store, &info, &error), &error);
	trc_store_close(store);
}

void tf_write(const char *path, const struct tb *tb, size_t batch)
{
	struct trc_store *store = tf_create(path);

	tf_add(store, tb, 0, tb->count, batch);
	tf_close(store, tb, true, true);
}
