/*
 * convert TRACE CAPTURE - a trace as a capture that Sysprof opens
 *
 * Each time an actor handled a message, and each time it waited, becomes a mark: its group is the
 * actor, its name the message's type, or what was waited for. A mark is the nearest thing that
 * Sysprof knows; it has no messages between actors.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysprof-capture.h>

#include "tracer/model/memory.h"
#include "tracer/model/table.h"
#include "tracer/query/trace.h"

/* When an actor began what it does. */
struct since {
	uint64_t handler, wait;
	uint16_t type;
	const char *what;
};

struct conversion {
	SysprofCaptureWriter *writer;
	int64_t start;          /* of the capture, by Sysprof's clock */
	struct trc_table since; /* struct since, by actor */
	uint64_t marks;
};

static struct since *since_of(struct conversion *conversion, uint64_t actor)
{
	struct since *since = trc_table_find(&conversion->since, actor);

	if (!since) {
		since = trc_zalloc(1, sizeof *since);
		trc_table_put(&conversion->since, actor, since);
	}
	return since;
}

static void mark(struct conversion *conversion, const struct trc_model *model, uint64_t actor,
		 uint64_t begin, uint64_t end, const char *name)
{
	if (!sysprof_capture_writer_add_mark(conversion->writer, conversion->start + (int64_t)begin,
					     -1, -1, end - begin,
					     trc_model_actor_name(model, actor), name, "")) {
		perror("convert: cannot write the capture");
		exit(1);
	}
	conversion->marks++;
}

static bool visit(const struct trc_model *model, const struct trc_event *event, void *context)
{
	struct conversion *conversion = context;
	const struct trc_actor *actor = trc_model_actor(model, event->actor);
	struct since *since;

	if (!actor)
		return true;
	since = since_of(conversion, event->actor);
	switch (event->kind) {
	case TRC_RECEIVE:
		since->handler = event->time;
		since->type = actor->current ? actor->current->type : 0;
		break;
	case TRC_DONE:
		if (since->handler)
			mark(conversion, model, event->actor, since->handler, event->time,
			     trc_model_type_name(model, since->type));
		since->handler = 0;
		break;
	case TRC_WAIT:
		since->wait = event->time;
		since->what = actor->wait.target_count
				      ? trc_what_name((unsigned)actor->wait.targets[0].what)
				      : "nothing";
		break;
	case TRC_WAKE:
		if (since->wait)
			mark(conversion, model, event->actor, since->wait, event->time,
			     since->what);
		since->wait = 0;
		break;
	}
	return true;
}

int main(int argc, char **argv)
{
	struct conversion conversion = {0};
	struct trc_trace_error error;
	struct trc_trace *trace;

	if (argc != 3) {
		fputs("usage: convert TRACE CAPTURE\n", stderr);
		return 2;
	}
	if (trc_trace_open(argv[1], NULL, NULL, &trace, &error) < 0) {
		fprintf(stderr, "convert: %s\n", error.text);
		return 1;
	}
	conversion.start = SYSPROF_CAPTURE_CURRENT_TIME;
	conversion.writer = sysprof_capture_writer_new(argv[2], 0);
	if (!conversion.writer) {
		perror(argv[2]);
		return 1;
	}
	if (trc_trace_each_event(trace, 0, UINT64_MAX, NULL, visit, &conversion, &error) < 0) {
		fprintf(stderr, "convert: %s\n", error.text);
		return 1;
	}
	sysprof_capture_writer_flush(conversion.writer);
	sysprof_capture_writer_unref(conversion.writer);
	printf("%" PRIu64 "\n", conversion.marks);
	trc_trace_close(trace);
	return 0;
}
