#include "tracer/cli/json.h"
#include "tracer/cli/stats-report.h"
#include "tracer/model/memory.h"

#include <stdlib.h>

static void set_figures(json_t *object, const struct trc_stats_report *report,
			const struct trc_figures *figures)
{
	uint64_t span = trc_stats_span(report->stats);
	json_t *what = json_object();

	trc_json_set_number(object, "in", figures->in);
	trc_json_set_number(object, "out", figures->out);
	trc_json_set_number(object, "asks", figures->asks);
	trc_json_set_number(object, "refused", figures->refused);
	trc_json_set(object, "in_per_second",
		     json_real(span ? (double)figures->in * 1e9 / (double)span : 0));
	trc_json_set_number(object, "queued_p50_ns", trc_histogram_share(&figures->in_mailbox, 50));
	trc_json_set_number(object, "queued_p99_ns", trc_histogram_share(&figures->in_mailbox, 99));
	trc_json_set_number(object, "queued_ns", figures->in_mailbox.sum);
	trc_json_set_number(object, "handled_p50_ns", trc_histogram_share(&figures->handled, 50));
	trc_json_set_number(object, "handled_p99_ns", trc_histogram_share(&figures->handled, 99));
	trc_json_set_number(object, "handling_ns", figures->handling);
	trc_json_set_number(object, "waiting_ns", figures->waiting);
	for (unsigned i = 1; i < TRC_WHAT_COUNT; i++)
		if (figures->waiting_for[i] > 0)
			trc_json_set_number(what, trc_what_name(i), figures->waiting_for[i]);
	trc_json_set(object, "waiting_for_ns", what);
}

static int compare_awaited(const void *a, const void *b)
{
	const struct trc_awaited *x = a, *y = b;

	if (x->time != y->time)
		return x->time > y->time ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* Who was waited for, the longest first. Of what is no actor, the name is missing. */
static json_t *awaited_json(const struct trc_stats_report *report,
			    const struct trc_figures *figures)
{
	const struct trc_model *model = report->stream->model;
	struct trc_awaited *list =
		trc_copy(figures->awaited, figures->awaited_count * sizeof *list);
	json_t *array = json_array();

	if (list)
		qsort(list, figures->awaited_count, sizeof *list, compare_awaited);
	for (size_t i = 0; i < figures->awaited_count; i++) {
		json_t *one = json_object();

		if (figures->id && list[i].id)
			trc_json_set_number(one, "id", list[i].id);
		if (list[i].id)
			trc_json_set_text(
				one, "name",
				figures->id ? trc_model_actor_name(model, list[i].id)
					    : trc_model_kind_name(model, (uint32_t)list[i].id));
		trc_json_set_number(one, "waits", list[i].count);
		trc_json_set_number(one, "ns", list[i].time);
		json_array_append_new(array, one);
	}
	free(list);
	return array;
}

static json_t *figures_json(const struct trc_stats_report *report,
			    const struct trc_figures *figures)
{
	const struct trc_model *model = report->stream->model;
	json_t *object = json_object();

	if (figures->id) {
		trc_json_set_number(object, "id", figures->id);
		trc_json_set_text(object, "name", trc_model_actor_name(model, figures->id));
	} else {
		trc_json_set_number(object, "actors", figures->actors);
	}
	if (figures != trc_stats_all(report->stats)) {
		trc_json_set_text(object, "kind", trc_model_kind_name(model, figures->kind));
		trc_json_set_number(object, "deepest", figures->deepest);
		trc_json_set_number(object, "capacity", figures->capacity);
	}
	set_figures(object, report, figures);
	if (figures != trc_stats_all(report->stats))
		trc_json_set(object, "waits_for", awaited_json(report, figures));
	return object;
}

static json_t *list_json(const struct trc_stats_report *report, struct trc_figures **list,
			 size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(array, figures_json(report, list[i]));
	free(list);
	return array;
}

/* --- asks ---------------------------------------------------------------------------------------
 */

static json_t *split_json(const struct trc_split *split)
{
	json_t *object = json_object();

	for (int i = 0; i < TRC_PLACE_COUNT; i++) {
		char *key = trc_format("%s_ns", trc_place_name((enum trc_place)i));

		trc_json_set_number(object, key, split->places[i]);
		free(key);
	}
	trc_json_set_number(object, "nested_ns", split->nested);
	return object;
}

static json_t *groups_json(const struct trc_stats_report *report)
{
	const struct trc_model *model = report->stream->model;
	json_t *array = json_array();
	size_t count;
	struct trc_ask_group **groups = trc_asks_groups(report->asks, &count);

	for (size_t i = 0; i < count; i++) {
		const struct trc_ask_group *group = groups[i];
		json_t *object = json_object();

		trc_json_set_text(object, "type", trc_model_type_name(model, group->type));
		trc_json_set_text(object, "to_kind", trc_model_kind_name(model, group->kind));
		trc_json_set_number(object, "count", group->durations.total);
		trc_json_set_number(object, "dropped", group->dropped);
		trc_json_set_number(object, "p50_ns", trc_histogram_share(&group->durations, 50));
		trc_json_set_number(object, "p99_ns", trc_histogram_share(&group->durations, 99));
		trc_json_set_number(object, "longest_ns", group->durations.longest);
		trc_json_set_number(object, "total_ns", group->durations.sum);
		trc_json_set(object, "path", split_json(&group->split));
		json_array_append_new(array, object);
	}
	free(groups);
	return array;
}

static json_t *ask_json(const struct trc_stats_report *report, const struct trc_ask *ask)
{
	const struct trc_model *model = report->stream->model;
	struct trc_site site = trc_model_site(model, ask->site);
	json_t *object = json_object(), *nested = json_array();

	trc_json_set_number(object, "message", ask->message);
	trc_json_set_text(object, "type", trc_model_type_name(model, ask->type));
	trc_json_set_text(object, "asker", trc_model_actor_name(model, ask->asker));
	trc_json_set_number(object, "asker_id", ask->asker);
	trc_json_set_text(object, "receiver", trc_model_actor_name(model, ask->receiver));
	trc_json_set_number(object, "receiver_id", ask->receiver);
	trc_json_set_text(object, "replier", trc_model_actor_name(model, ask->replier));
	if (site.line > 0) {
		trc_json_set_text(object, "file", site.file);
		trc_json_set_number(object, "line", site.line);
	}
	trc_json_set_number(object, "began_ns", ask->began);
	trc_json_set_number(object, "duration_ns", ask->duration);
	trc_json_set(object, "dropped", json_boolean(ask->dropped));
	trc_json_set(object, "path", split_json(&ask->split));
	for (const struct trc_ask *one = ask->nested; one; one = one->next)
		json_array_append_new(nested, ask_json(report, one));
	trc_json_set_number(object, "nested_count", ask->nested_count);
	trc_json_set(object, "nested", nested);
	return object;
}

static json_t *slowest_json(const struct trc_stats_report *report)
{
	json_t *array = json_array();

	for (size_t i = 0; i < trc_asks_slowest_count(report->asks); i++)
		json_array_append_new(array, ask_json(report, trc_asks_slowest(report->asks, i)));
	return array;
}

void trc_stats_print_json(const struct trc_stats_report *report)
{
	json_t *object = json_object();
	char *filters;
	size_t actor_count, kind_count;
	struct trc_figures **actors = trc_stats_actors(report->stats, &actor_count);
	struct trc_figures **kinds = trc_stats_kinds(report->stats, &kind_count);

	trc_json_set_text(object, "file", report->stream->path);
	trc_json_set(object, "live", json_boolean(!report->stream->info.closed));
	trc_json_set_number(object, "events", report->events);
	trc_json_set_number(object, "lost", report->stream->info.lost);
	filters = trc_filters_line(&report->stream->info);
	trc_json_set(object, "filters", filters ? trc_json_text(filters) : json_null());
	trc_json_set_number(object, "left_out", report->stream->info.left_out);
	free(filters);
	trc_json_set_number(object, "let_go", report->stream->info.let_go);
	trc_json_set_number(object, "begins_ns", report->stream->info.begin_time);
	trc_json_set_number(object, "span_ns", trc_stats_span(report->stats));
	trc_json_set(object, "all", figures_json(report, trc_stats_all(report->stats)));
	trc_json_set(object, "kinds", list_json(report, kinds, kind_count));
	trc_json_set(object, "actors", list_json(report, actors, actor_count));
	trc_json_set(object, "asks", groups_json(report));
	trc_json_set(object, "slowest_asks", slowest_json(report));
	trc_json_set_number(object, "open_asks", trc_asks_open(report->asks));
	trc_json_print(object, JSON_INDENT(2));
}
