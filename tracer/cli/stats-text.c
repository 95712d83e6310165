#include "tracer/cli/describe.h"
#include "tracer/cli/stats-report.h"
#include "tracer/model/memory.h"
#include "tracer/model/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- actors and kinds ---------------------------------------------------------------------------
 */

/* Of actors by their titles, of kinds by their names; to be freed. */
static char *name_of(const struct trc_stats_report *report, const struct trc_figures *figures)
{
	const struct trc_model *model = report->stream->model;

	return figures->id ? trc_model_actor_title(model, figures->id)
			   : trc_format("%s (%" PRIu64 ")",
					trc_model_kind_name(model, figures->kind), figures->actors);
}

static void print_heading(const char *what, unsigned columns)
{
	trc_print_column(what, columns);
	printf(" %9s %9s %7s %9s %10s %10s %11s %11s %10s %10s %11s  %s\n", "in", "out", "refused",
	       "in/s", "queued 50%", "queued 99%", "handled 50%", "handled 99%", "running",
	       "waiting", "deepest", "waits mostly for");
}

static void print_rate(uint64_t count, uint64_t nanoseconds)
{
	double rate = nanoseconds ? (double)count * 1e9 / (double)nanoseconds : 0;

	printf(rate < 100 ? " %9.1f" : " %9.0f", rate);
}

static void print_share(const struct trc_histogram *histogram, unsigned share, int width)
{
	char number[TRC_NUMBER_SIZE];

	printf(" %*s", width,
	       histogram->total ? trc_format_duration(trc_histogram_share(histogram, share), number)
				: "-");
}

static void print_awaited(const struct trc_stats_report *report, const struct trc_figures *figures)
{
	static const unsigned others[] = {TRC_WHAT_TIMER, TRC_WHAT_OUTSIDE}; /* nobody to name */
	const struct trc_awaited *most = trc_figures_most_awaited(figures);
	const struct trc_model *model = report->stream->model;
	uint64_t time = most ? most->time : 0;
	char *name = NULL;

	if (most)
		name = figures->id ? trc_model_actor_title(model, most->id)
				   : trc_strdup(trc_model_kind_name(model, (uint32_t)most->id));
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (figures->waiting_for[others[i]] > time) {
			time = figures->waiting_for[others[i]];
			free(name);
			name = trc_strdup(trc_what_name(others[i]));
		}
	if (name && figures->waiting > 0)
		printf("%s, %.0f%%", name, 100.0 * (double)time / (double)figures->waiting);
	else
		putchar('-');
	free(name);
}

static void print_figures(const struct trc_stats_report *report, const struct trc_figures *figures)
{
	char running[TRC_NUMBER_SIZE], waiting[TRC_NUMBER_SIZE], depth[64];

	printf(" %9" PRIu64 " %9" PRIu64 " %7" PRIu64, figures->in, figures->out, figures->refused);
	print_rate(figures->in, trc_stats_span(report->stats));
	print_share(&figures->in_mailbox, 50, 10);
	print_share(&figures->in_mailbox, 99, 10);
	print_share(&figures->handled, 50, 11);
	print_share(&figures->handled, 99, 11);
	snprintf(depth, sizeof depth, "%" PRIu32 " of %" PRIu32, figures->deepest,
		 figures->capacity);
	printf(" %10s %10s %11s  ", trc_format_duration(figures->handling, running),
	       trc_format_duration(figures->waiting, waiting), figures->capacity ? depth : "-");
	if (figures == trc_stats_all(report->stats))
		putchar('-');
	else
		print_awaited(report, figures);
	putchar('\n');
}

/* The width of the column of names: that of the longest. */
static unsigned widest(const struct trc_stats_report *report, struct trc_figures *const *list,
		       size_t count, unsigned least)
{
	for (size_t i = 0; i < count; i++) {
		char *name = name_of(report, list[i]);
		unsigned columns = trc_columns(name);

		least = columns > least ? columns : least;
		free(name);
	}
	return least;
}

static void print_list(const struct trc_stats_report *report, struct trc_figures *const *list,
		       size_t count, unsigned columns)
{
	for (size_t i = 0; i < count; i++) {
		char *name = name_of(report, list[i]);

		trc_print_column(name, columns);
		print_figures(report, list[i]);
		free(name);
	}
}

static void print_actors(const struct trc_stats_report *report)
{
	size_t kind_count, actor_count, shown;
	struct trc_figures **kinds = trc_stats_kinds(report->stats, &kind_count);
	struct trc_figures **actors = trc_stats_actors(report->stats, &actor_count);
	unsigned columns = trc_columns("all together");
	char number[TRC_NUMBER_SIZE];

	shown = actor_count < report->limit ? actor_count : (size_t)report->limit;
	columns = widest(report, actors, shown, widest(report, kinds, kind_count, columns));
	print_heading("kind", columns);
	print_list(report, kinds, kind_count, columns);
	trc_print_column("all together", columns);
	print_figures(report, trc_stats_all(report->stats));
	putchar('\n');
	print_heading("actor", columns);
	print_list(report, actors, shown, columns);
	if (actor_count > shown)
		printf("... and %s more (--limit)\n",
		       trc_format_count(actor_count - shown, number));
	free(kinds);
	free(actors);
}

/* --- asks ---------------------------------------------------------------------------------------
 */

static uint64_t other_places(const struct trc_split *split)
{
	return split->places[TRC_PLACE_ASLEEP] + split->places[TRC_PLACE_KEPT] +
	       split->places[TRC_PLACE_WAKING] + split->places[TRC_PLACE_UNANSWERED];
}

static void print_percent(uint64_t part, uint64_t whole)
{
	printf(" %6.0f%%", whole ? 100.0 * (double)part / (double)whole : 0);
}

static char *group_name(const struct trc_stats_report *report, const struct trc_ask_group *group)
{
	return trc_format("%s to %s", trc_model_type_name(report->stream->model, group->type),
			  trc_model_kind_name(report->stream->model, group->kind));
}

static void print_groups(const struct trc_stats_report *report)
{
	size_t count;
	struct trc_ask_group **groups = trc_asks_groups(report->asks, &count);
	unsigned columns = trc_columns("ask");

	for (size_t i = 0; i < count; i++) {
		char *name = group_name(report, groups[i]);

		columns = trc_columns(name) > columns ? trc_columns(name) : columns;
		free(name);
	}
	if (count > 0) {
		putchar('\n');
		trc_print_column("ask", columns);
		printf(" %9s %10s %10s %10s %7s %7s %7s %7s %7s\n", "times", "50%", "99%",
		       "longest", "space", "mailbox", "handler", "other", "nested");
	}
	for (size_t i = 0; i < count; i++) {
		const struct trc_ask_group *group = groups[i];
		const struct trc_histogram *durations = &group->durations;
		char *name = group_name(report, group), number[TRC_NUMBER_SIZE];

		trc_print_column(name, columns);
		printf(" %9" PRIu64, durations->total);
		print_share(durations, 50, 10);
		print_share(durations, 99, 10);
		printf(" %10s", trc_format_duration(durations->longest, number));
		print_percent(group->split.places[TRC_PLACE_SPACE], durations->sum);
		print_percent(group->split.places[TRC_PLACE_MAILBOX], durations->sum);
		print_percent(group->split.places[TRC_PLACE_HANDLER], durations->sum);
		print_percent(other_places(&group->split), durations->sum);
		print_percent(group->split.nested, durations->sum);
		putchar('\n');
		free(name);
	}
	free(groups);
}

static void print_split(const struct trc_split *split)
{
	char number[TRC_NUMBER_SIZE];
	const char *comma = ": ";

	for (int i = 0; i < TRC_PLACE_COUNT; i++) {
		if (split->places[i] == 0)
			continue;
		printf("%s%s %s", comma, trc_place_name((enum trc_place)i),
		       trc_format_duration(split->places[i], number));
		comma = ", ";
	}
	if (split->nested > 0)
		printf("; of this %s in nested asks", trc_format_duration(split->nested, number));
}

static void print_ask(const struct trc_stats_report *report, const struct trc_ask *ask,
		      unsigned depth)
{
	const struct trc_model *model = report->stream->model;
	struct trc_site site = trc_model_site(model, ask->site);
	char *asker = trc_model_actor_title(model, ask->asker);
	char *receiver = trc_model_actor_title(model, ask->receiver);
	char number[TRC_NUMBER_SIZE];
	unsigned told = 0;

	printf("%*s%10s  %s by %s to %s", (int)(4 * depth), "",
	       trc_format_duration(ask->duration, number), trc_model_type_name(model, ask->type),
	       asker, receiver);
	if (site.line > 0)
		printf(", %s:%" PRIu32, site.file, site.line);
	if (depth == 0)
		printf(", at %s s", trc_format_time(ask->began, number));
	print_split(&ask->split);
	puts(ask->dropped ? "; never answered, its token was dropped" : "");
	free(asker);
	free(receiver);
	for (const struct trc_ask *one = ask->nested; one; one = one->next, told++)
		print_ask(report, one, depth + 1);
	if (ask->nested_count > told)
		printf("%*s%10s  and %u more\n", (int)(4 * (depth + 1)), "", "...",
		       ask->nested_count - told);
}

static void print_slowest(const struct trc_stats_report *report)
{
	if (trc_asks_slowest_count(report->asks) > 0)
		puts("\nslowest asks:");
	for (size_t i = 0; i < trc_asks_slowest_count(report->asks); i++)
		print_ask(report, trc_asks_slowest(report->asks, i), 0);
}

/* --- all of it ----------------------------------------------------------------------------------
 */

void trc_stats_print_text(const struct trc_stats_report *report)
{
	char number[TRC_NUMBER_SIZE], duration[TRC_NUMBER_SIZE];
	char *filters = trc_filters_line(&report->stream->info);

	print_actors(report);
	print_groups(report);
	print_slowest(report);
	printf("\n%s events in %s", trc_format_count(report->events, number),
	       trc_format_duration(trc_stats_span(report->stats), duration));
	if (trc_asks_open(report->asks) > 0)
		printf("; %s asks without an answer",
		       trc_format_count(trc_asks_open(report->asks), number));
	putchar('\n');
	if (!report->stream->info.closed)
		puts("still recording, or cut off: figures as of the last event");
	if (filters)
		printf("recorded with filters (%s): %s messages were left out; figures are of the "
		       "others\n",
		       filters, trc_format_count(report->stream->info.left_out, number));
	free(filters);
	if (report->stream->info.let_go > 0)
		printf("this trace begins after %s: the %s events before that were let go, and are "
		       "in no figure\n",
		       trc_format_duration(report->stream->info.begin_time, duration),
		       trc_format_count(report->stream->info.let_go, number));
	if (report->stream->info.lost > 0)
		printf("%s events are missing in this trace; figures are of the others\n",
		       trc_format_count(report->stream->info.lost, number));
}
