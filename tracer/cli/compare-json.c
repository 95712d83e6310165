#include "tracer/cli/compare-report.h"
#include "tracer/cli/json.h"

static json_t *trace_json(const struct trc_compare_report *report, int run)
{
	struct trc_comparison_totals totals = trc_comparison_totals(report->comparison);
	struct trc_trace_info info;
	json_t *object = json_object();

	trc_trace_info(report->traces[run], &info);
	trc_json_set_text(object, "file", info.path);
	trc_json_set(object, "live", json_boolean(totals.live[run]));
	trc_json_set_number(object, "events", totals.events[run]);
	trc_json_set_number(object, "lost", totals.lost[run]);
	trc_json_set_number(object, "cut_payloads", totals.cut[run]);
	trc_json_set_number(object, "steps", totals.steps[run]);
	trc_json_set_number(object, "actors_only_here", totals.only[run]);
	return object;
}

static json_t *step_json(const struct trc_model *model, const struct trc_step *step)
{
	struct trc_site site = trc_model_site(model, step->site);
	json_t *object = json_object();

	trc_json_set_text(object, "event", trc_kind_name(step->kind));
	trc_json_set_text(object, "text", step->text);
	trc_json_set_number(object, "number", step->event);
	if (step->type)
		trc_json_set_text(object, "type", trc_model_type_name(model, step->type));
	if (step->message)
		trc_json_set_number(object, "message", step->message);
	if (step->peer) {
		trc_json_set_number(object, "peer_id", step->peer);
		trc_json_set_text(object, "peer", trc_model_actor_name(model, step->peer));
	}
	if (site.line > 0) {
		trc_json_set_text(object, "file", site.file);
		trc_json_set_number(object, "line", site.line);
	}
	trc_json_set(object, "cut", json_boolean(step->cut));
	return object;
}

static json_t *side_json(const struct trc_compare_report *report,
			 const struct trc_difference *difference, int run)
{
	const struct trc_model *model = trc_trace_model(report->traces[run]);
	json_t *object = json_object();

	if (difference->actors[run]) {
		trc_json_set_number(object, "actor_id", difference->actors[run]);
		trc_json_set_text(object, "actor",
				  trc_model_actor_name(model, difference->actors[run]));
	}
	trc_json_set_number(object, "time_ns", difference->times[run]);
	if (difference->kind == TRC_DIFFERENT_WAITS)
		trc_json_set_number(object, "waited_ns", difference->waited[run]);
	if (difference->has[run])
		trc_json_set(object, "step", step_json(model, &difference->steps[run]));
	return object;
}

static json_t *difference_json(const struct trc_compare_report *report, size_t index)
{
	const struct trc_difference *difference =
		trc_comparison_difference(report->comparison, index);
	json_t *object = json_object();

	trc_json_set_text(object, "kind", trc_difference_name(difference->kind));
	trc_json_set(object, "first", json_boolean(difference->first));
	if (!difference->first && difference->after != index)
		trc_json_set_number(object, "follows_from", difference->after);
	if (difference->kind >= TRC_DIFFERENT_END || difference->kind == TRC_DIFFERENT_MORE ||
	    difference->stuck)
		trc_json_set_text(object, "run", trc_run_name(difference->run));
	trc_json_set_text(object, "title", difference->title);
	if (difference->reason)
		trc_json_set_text(object, "reason", difference->reason);
	trc_json_set_number(object, "equal_steps", difference->equal);
	if (difference->kind == TRC_DIFFERENT_MORE || difference->kind == TRC_DIFFERENT_ACTORS)
		trc_json_set_number(object, "count", difference->count);
	trc_json_set(object, "gap", json_boolean(difference->gap));
	for (int run = 0; run < TRC_RUNS; run++)
		trc_json_set(object, run ? "b" : "a", side_json(report, difference, run));
	return object;
}

void trc_compare_print_json(const struct trc_compare_report *report)
{
	const struct trc_comparison *comparison = report->comparison;
	struct trc_comparison_totals totals = trc_comparison_totals(comparison);
	json_t *object = json_object(), *array = json_array();

	trc_json_set(object, "a", trace_json(report, TRC_RUN_A));
	trc_json_set(object, "b", trace_json(report, TRC_RUN_B));
	trc_json_set_number(object, "actors_in_both", totals.paired);
	trc_json_set_number(object, "equal_steps", totals.equal);
	trc_json_set(object, "payload_compared", json_boolean(!report->ignore_payload));
	trc_json_set(object, "same", json_boolean(trc_comparison_serious_count(comparison) == 0));
	trc_json_set_number(object, "first_differences", trc_comparison_first_count(comparison));
	for (size_t i = 0; i < trc_comparison_count(comparison); i++)
		json_array_append_new(array, difference_json(report, i));
	trc_json_set(object, "differences", array);
	trc_json_print(object, JSON_INDENT(2));
}
