/*
 * pass.c - reading both traces at the same time, one thread each
 */
#include "tracer/compare/compare-private.h"

#include "tracer/model/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { TELL_EVERY = 8192 }; /* events */

struct trc__seat *trc__reader_seat(struct trc__reader *reader, uint64_t actor)
{
	size_t seat = trc__seat_of(&reader->comparison->seats, reader->run, actor);

	return seat ? &reader->comparison->seated[seat - 1] : NULL;
}

/* --- steps --------------------------------------------------------------------------------------
 */

static void begin_wait(struct trc__part *part, const struct trc_event *event)
{
	size_t more = event->payload_size / sizeof(struct trc_target);

	part->targets =
		trc_grow(part->targets, &part->target_room, more + 1, sizeof *part->targets);
	part->targets[0] = (struct trc_target){event->type, event->id, event->peer};
	if (more > 0)
		memcpy(part->targets + 1, event->payload, more * sizeof *part->targets);
	part->target_count = more + 1;
	part->choosing = event->flags & TRC_F_ANY;
	part->wait_since = event->time;
}

/* Which of several targets ended a wait, from 1; 0: all of them, or none. */
static unsigned choice_of(const struct trc__part *part, const struct trc_event *event)
{
	for (size_t i = 0; part->choosing && event->id && i < part->target_count; i++)
		if (part->targets[i].object == event->id)
			return (unsigned)i + 1;
	return 0;
}

bool trc__reader_step(struct trc__reader *reader, const struct trc_event *event,
		      struct trc__part *part, struct trc__step *ret_step)
{
	unsigned choice = 0;

	if (event->kind == TRC_WAIT)
		begin_wait(part, event);
	else if (event->kind == TRC_WAKE)
		choice = choice_of(part, event);
	return trc__step_read(&reader->stepper, reader->model, event, choice, ret_step);
}

/* --- reading ------------------------------------------------------------------------------------
 */

/* The caller's thread reads run A and tells of both. */
static void tell(struct trc__reader *reader)
{
	struct trc__pass *pass = reader->pass;
	uint64_t done = atomic_fetch_add_explicit(&pass->done, TELL_EVERY, memory_order_relaxed);
	double share = pass->events ? (double)done / (double)pass->events : 0;

	if (reader->run != TRC_RUN_A || !pass->options->progress)
		return;
	share = (pass->number + (share < 1 ? share : 1)) / pass->count;
	if (!pass->options->progress(share, pass->options->context))
		atomic_store_explicit(&pass->cancelled, true, memory_order_relaxed);
}

static bool on_event(const struct trc_model *model, const struct trc_event *event, void *context)
{
	struct trc__reader *reader = context;

	reader->model = model;
	reader->pass->visit(reader, event);
	if (++reader->visited % TELL_EVERY != 0)
		return true;
	tell(reader);
	return !atomic_load_explicit(&reader->pass->cancelled, memory_order_relaxed);
}

static void *read_run(void *context)
{
	struct trc__reader *reader = context;
	struct trc__pass *pass = reader->pass;

	reader->result = trc_trace_each_event(pass->traces[reader->run], 0, UINT64_MAX, NULL,
					      on_event, reader, &reader->error);
	if (reader->result < 0)
		atomic_store_explicit(&pass->cancelled, true, memory_order_relaxed);
	return NULL;
}

static int result_of(struct trc__pass *pass, struct trc__reader readers[TRC_RUNS],
		     struct trc_trace_error *ret_error)
{
	for (int run = 0; run < TRC_RUNS; run++)
		if (readers[run].result < 0) {
			*ret_error = readers[run].error;
			return readers[run].result;
		}
	if (!atomic_load_explicit(&pass->cancelled, memory_order_relaxed))
		return 0;
	snprintf(ret_error->text, sizeof ret_error->text, "The comparison was cancelled.");
	return -ECANCELED;
}

int trc__pass_run(struct trc__pass *pass, struct trc_trace_error *ret_error)
{
	struct trc_comparison *comparison = pass->comparison;
	struct trc__reader readers[TRC_RUNS];
	pthread_t other;
	bool threaded;

	atomic_store_explicit(&pass->done, 0, memory_order_relaxed);
	for (int run = 0; run < TRC_RUNS; run++) {
		readers[run] = (struct trc__reader){
			.pass = pass, .comparison = comparison, .run = (enum trc_run)run};
		trc__stepper_init(&readers[run].stepper, (enum trc_run)run, &comparison->seats,
				  pass->options->ignore_payload);
	}
	threaded = pthread_create(&other, NULL, read_run, &readers[TRC_RUN_B]) == 0;
	read_run(&readers[TRC_RUN_A]);
	if (threaded)
		pthread_join(other, NULL);
	else
		read_run(&readers[TRC_RUN_B]);
	for (int run = 0; run < TRC_RUNS; run++) {
		comparison->totals.cut[run] = readers[run].stepper.cut;
		trc__reader_clear(&readers[run]);
	}
	return result_of(pass, readers, ret_error);
}
