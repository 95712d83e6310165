#include "tests/viewer/sample-trace.h"

#include "tracer/store/store.h"

#include <stdio.h>
#include <stdlib.h>

struct sample {
	struct trc_store *store;
	struct builder builder;
	struct trc_store_info info;
};

static void check(int result, const struct trc_error *error)
{
	if (result < 0) {
		fprintf(stderr, "sample trace: %s\n", error->text);
		abort();
	}
}

static void add(const struct trc_event *event, void *context)
{
	struct sample *sample = context;
	struct trc_error error;

	check(trc_store_add(sample->store, 0, event, &error), &error);
	sample->info.events++;
	sample->info.last_time = event->time;
}

struct sample *sample_new(const char *path)
{
	struct sample *sample = calloc(1, sizeof *sample);
	struct trc_error error;

	if (!sample)
		abort();
	sample->info = (struct trc_store_info){.program = (char *)"chat-server --port 6789",
					       .tool_version = (char *)ACTORSCOPE_VERSION,
					       .wall_start = UINT64_C(1700000000000000000),
					       .payload_limit = 4096,
					       .exit_status = -1};
	sample->builder = (struct builder){.sink = add, .context = sample, .time = 1000000};
	check(trc_store_create(path, true, &sample->info, &sample->store, &error), &error);
	check(trc_store_begin(sample->store, &error), &error);
	return sample;
}

struct builder *sample_builder(struct sample *sample)
{
	return &sample->builder;
}

void sample_commit(struct sample *sample)
{
	struct trc_error error;

	check(trc_store_commit(sample->store, &error), &error);
	check(trc_store_begin(sample->store, &error), &error);
}

void sample_end(struct sample *sample, bool properly)
{
	struct trc_error error;

	check(trc_store_commit(sample->store, &error), &error);
	if (properly) {
		sample->info.closed = sample->info.complete = true;
		sample->info.exit_status = 0;
		check(trc_store_finish(sample->store, &sample->info, &error), &error);
	}
	trc_store_close(sample->store);
	free(sample);
}

void sample_chat(const char *path, unsigned rounds, bool hang)
{
	struct sample *sample = sample_new(path);

	build_chat(sample_builder(sample), rounds, hang);
	sample_end(sample, true);
}
