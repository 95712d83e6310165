#include "tracer/record/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/event/filter.h"
#include "tracer/model/memory.h"
#include "tracer/model/number.h"
#include "tracer/record/names.h"

enum { DISPLAY_MS = 500 };

#define CLEAR_LINE "\r\033[K"

void trc_say_init(struct trc_say *say, const char *output, bool quiet)
{
	*say = (struct trc_say){.output = output, .quiet = quiet};
	say->terminal = isatty(STDERR_FILENO);
	/* The line would run into what the program prints to the same terminal. */
	say->shows = !quiet && say->terminal && !isatty(STDOUT_FILENO);
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static uint64_t size_of(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

static uint64_t file_size(const char *path)
{
	char *log = trc_format("%s-wal", path);
	uint64_t size = size_of(path) + size_of(log);

	free(log);
	return size;
}

/* --- the line of progress --------------------------------------------------------------------- */

/* A tenth of a second is what people notice. */
static void add_lag(struct trc_text *text, const struct trc_follower_state *state,
		    uint64_t session_now)
{
	uint64_t behind = state->given.events - state->done.events;
	uint64_t lag = session_now - state->done_time;
	char number[TRC_NUMBER_SIZE];

	if (state->done.batch >= state->given.batch || behind == 0)
		return;
	/* A session with a clock of its own says nothing about ours. */
	if (state->done_time > session_now)
		trc_text_add(text, ", alarm %s events behind", trc_format_count(behind, number));
	else if (lag >= 100000000)
		trc_text_add(text, ", alarm %.1f s behind", (double)lag / 1e9);
}

void trc_say_progress(struct trc_say *say, const struct trc_recorder *recorder, uint64_t now,
		      uint64_t session_now)
{
	uint64_t since = now - say->shown_at;
	unsigned alarms = atomic_load(&say->alarms);
	struct trc_recorder_totals totals;
	char events[TRC_NUMBER_SIZE], size[TRC_NUMBER_SIZE], count[TRC_NUMBER_SIZE];
	struct trc_text text = {0};

	if (!say->shows || since < DISPLAY_MS)
		return;
	trc_recorder_totals(recorder, &totals);
	trc_text_add(&text, CLEAR_LINE "actorscope: %s events, %s/s, %s",
		     trc_format_count(totals.stored, events),
		     trc_format_count((totals.stored - say->shown_events) * 1000 / since, count),
		     trc_format_bytes(file_size(say->output), size));
	trc_text_add(&text, ", %s actor%s", trc_format_count(totals.follower.actors, count),
		     plural(totals.follower.actors));
	add_lag(&text, &totals.follower, session_now);
	if (totals.lost > 0)
		trc_text_add(&text, ", %s lost", trc_format_count(totals.lost, count));
	if (alarms > 0)
		trc_text_add(&text, ", %u alarm%s", alarms, plural(alarms));
	say->shown_at = now;
	say->shown_events = totals.stored;
	fputs(text.data, stderr);
	fflush(stderr);
	free(text.data);
}

void trc_say_catching_up(struct trc_say *say, const struct trc_follower_state *state, uint64_t now)
{
	uint64_t since = now - say->shown_at;
	uint64_t done = state->done.events, all = state->given.events, rate;

	if (say->quiet || !say->terminal || since < DISPLAY_MS)
		return;
	rate = (done - say->shown_done) * 1000 / since;
	fprintf(stderr, CLEAR_LINE "actorscope: writing rows, %u %%",
		all > 0 ? (unsigned)(done * 100 / all) : 100);
	if (rate > 0 && say->shown_done > 0)
		fprintf(stderr, ", %" PRIu64 " s left", (all - done + rate - 1) / rate);
	fputs(" (Ctrl-C: leave them out)", stderr);
	fflush(stderr);
	say->shown_at = now;
	say->shown_done = done;
}

void trc_say_clear(const struct trc_say *say)
{
	if (say->terminal && !say->quiet)
		fputs(CLEAR_LINE, stderr);
}

/* --- news ------------------------------------------------------------------------------------- */

void trc_say_alarm(const struct trc_finding *finding, void *context)
{
	struct trc_say *say = context;
	char *text = trc_finding_text(finding);

	atomic_fetch_add(&say->alarms, 1);
	fprintf(stderr, "%sactorscope: %s", say->shows ? CLEAR_LINE : "", text);
	fflush(stderr);
	free(text);
}

void trc_say_failing(struct trc_say *say, const struct trc_error *error)
{
	if (say->failing)
		return;
	say->failing = true;
	fprintf(stderr,
		"%sactorscope: %s. The program runs on; events wait in memory as long as there is "
		"room, and are written when it works again.\n",
		say->shows ? CLEAR_LINE : "", error->text);
}

void trc_say_full(const struct trc_say *say, const char *why)
{
	fprintf(stderr,
		"%sactorscope: %s is as large as it may be (--%s)%s; what the program does from "
		"now on is counted, and looked at for deadlocks, but not stored\n",
		say->shows ? CLEAR_LINE : "", say->output, why,
		strcmp(why, "flight-recorder") == 0
			? ", and how things stand in the program does not fit in it"
			: "");
}

void trc_say_let_go(const struct trc_say *say)
{
	char time[TRC_NUMBER_SIZE], count[TRC_NUMBER_SIZE];
	struct trc_store_info info;
	struct trc_store *store;
	struct trc_error error;

	if (say->quiet || trc_store_open(say->output, &store, &error) < 0)
		return;
	trc_store_info(store, &info);
	if (info.let_go > 0)
		fprintf(stderr,
			"actorscope: it begins %s after the recording did: the %s events before "
			"that were let go\n",
			trc_format_duration(info.begin_time, time),
			trc_format_count(info.let_go, count));
	trc_store_close(store);
}

void trc_say_working(struct trc_say *say)
{
	if (!say->failing)
		return;
	say->failing = false;
	fprintf(stderr, "%sactorscope: %s can be written again, the recording goes on\n",
		say->shows ? CLEAR_LINE : "", say->output);
}

void trc_say_clock(const struct trc_say *say, int64_t step)
{
	char time[TRC_NUMBER_SIZE];

	if (!say->quiet)
		fprintf(stderr,
			"%sactorscope: the wall clock was set %s by %s; times in %s go on evenly, "
			"and it "
			"says by how much they differ from the clock's\n",
			say->shows ? CLEAR_LINE : "", step < 0 ? "back" : "forward",
			trc_format_duration((uint64_t)llabs(step), time), say->output);
}

void trc_say_held(struct trc_say *say, bool held)
{
	char size[TRC_NUMBER_SIZE];
	char *log;

	if (held && !say->held && !say->quiet) {
		log = trc_format("%s-wal", say->output);
		fprintf(stderr,
			"%sactorscope: somebody has been reading %s for so long that its log has "
			"grown to %s; it is begun anew when they are done\n",
			say->shows ? CLEAR_LINE : "", say->output,
			trc_format_bytes(size_of(log), size));
		free(log);
	}
	say->held = held;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void say_gaps(const struct trc_recorder_totals *totals)
{
	char lost[TRC_NUMBER_SIZE], corrupt[TRC_NUMBER_SIZE];

	if (totals->lost == 0 && totals->corrupt == 0 && totals->ringless == 0)
		return;
	fprintf(stderr,
		"actorscope: the trace has gaps: %s event%s lost, %s word%s damaged, %u thread%s "
		"not recorded\n",
		trc_format_count(totals->lost, lost), plural(totals->lost),
		trc_format_count(totals->corrupt, corrupt), plural(totals->corrupt),
		totals->ringless, plural(totals->ringless));
}

void trc_say_rows_behind(const struct trc_say *say, uint64_t events)
{
	char count[TRC_NUMBER_SIZE];

	if (events > 0 && !say->quiet)
		fprintf(stderr,
			"actorscope: tables like `message` lack what follows from the last %s "
			"events; 'actorscope record --finish=%s' adds it. Actorscope's own tools "
			"do without\n",
			trc_format_count(events, count), say->output);
}

/* A rule that matched nothing is mostly a slip of the pen. */
static void say_unused(const char *rule, const struct trc_names *names)
{
	char *near = trc_names_near(names, rule);

	fprintf(stderr, "actorscope: %s matched no message%s%s\n", rule, near[0] ? ": " : "", near);
	free(near);
}

void trc_say_filters(const struct trc_say *say, const struct trc_recorder *recorder,
		     const struct trc_filters *filters, const struct trc_names *names)
{
	unsigned rules = filters ? trc_filters_count(filters) : 0;
	struct trc_recorder_totals totals;
	char left_out[TRC_NUMBER_SIZE], bare[TRC_NUMBER_SIZE];
	uint64_t *chosen;

	if (rules == 0 || say->quiet)
		return;
	trc_recorder_totals(recorder, &totals);
	fprintf(stderr,
		"actorscope: recorded with filters: %s message%s left out, %s without fields\n",
		trc_format_count(totals.left_out, left_out), plural(totals.left_out),
		trc_format_count(totals.bare, bare));
	chosen = trc_recorder_chosen(recorder, rules);
	for (unsigned i = 0; i < rules; i++)
		if (chosen[i] == 0)
			say_unused(trc_filters_rule(filters, i), names);
	free(chosen);
}

void trc_say_summary(const struct trc_say *say, const struct trc_recorder *recorder, bool complete)
{
	struct trc_recorder_totals totals;
	char events[TRC_NUMBER_SIZE], messages[TRC_NUMBER_SIZE], actors[TRC_NUMBER_SIZE];
	char size[TRC_NUMBER_SIZE];

	trc_recorder_totals(recorder, &totals);
	say_gaps(&totals);
	if (totals.complete && !complete)
		fprintf(stderr,
			"actorscope: the accounts of %s do not agree with its segments; it is "
			"marked "
			"as incomplete\n",
			say->output);
	trc_say_rows_behind(say, totals.rows_behind);
	if (say->quiet)
		return;
	fprintf(stderr, "actorscope: %s: %s events, %s message%s, %s actor%s, %s%s\n", say->output,
		trc_format_count(totals.stored, events),
		trc_format_count(totals.messages, messages), plural(totals.messages),
		trc_format_count(totals.follower.actors, actors), plural(totals.follower.actors),
		trc_format_bytes(file_size(say->output), size), complete ? ", nothing lost" : "");
}
