/*
 * check-json.c - what `check` found, for programs; docs/findings.md describes it
 */
#include "tracer/cli/check-json.h"

#include "tracer/cli/check-report.h"
#include "tracer/cli/json.h"

static json_t *edge_json(const struct trc_edge *edge)
{
	json_t *object = json_object();
	const char *what = trc_what_name(edge->what);

	trc_json_set_text(object, "from", edge->from_name);
	trc_json_set_number(object, "from_id", edge->from);
	trc_json_set_text(object, "from_kind", edge->from_kind);
	trc_json_set_text(object, "to", edge->to_name);
	trc_json_set_number(object, "to_id", edge->to);
	trc_json_set_text(object, "to_kind", edge->to_kind);
	trc_json_set_text(object, "waits_for", what ? what : "?");
	trc_json_set(object, "waits", json_boolean(edge->waits));
	trc_json_set(object, "any", json_boolean(edge->any));
	trc_json_set_number(object, "since_ns", edge->since);
	trc_json_set_number(object, "deadline_ns", edge->deadline);
	trc_json_set_number(object, "message", edge->message);
	trc_json_set_text(object, "doing", edge->doing);
	trc_json_set_text(object, "origin", edge->origin ? edge->origin : "");
	trc_json_set_text(object, "sending", edge->sending);
	trc_json_set_text(object, "sending_text", edge->sending_text ? edge->sending_text : "");
	trc_json_set_number(object, "depth", edge->depth);
	trc_json_set_number(object, "capacity", edge->capacity);
	trc_json_set_text(object, "file", edge->file);
	trc_json_set_number(object, "line", edge->line);
	trc_json_set_text(object, "function", edge->function);
	return object;
}

static json_t *proof_json(const struct trc_proof *proof)
{
	json_t *object = json_object();
	const char *kind = trc_kind_name(proof->kind);

	trc_json_set_number(object, "time_ns", proof->time);
	trc_json_set_text(object, "event", kind ? kind : "?");
	trc_json_set_number(object, "actor_id", proof->actor);
	trc_json_set_number(object, "object", proof->object);
	trc_json_set_text(object, "says", proof->says);
	trc_json_set_text(object, "file", proof->file);
	trc_json_set_number(object, "line", proof->line);
	trc_json_set_text(object, "function", proof->function);
	return object;
}

json_t *trc_proofs_json(const struct trc_finding *finding)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < finding->proof_count; i++)
		json_array_append_new(array, proof_json(&finding->proofs[i]));
	return array;
}

static json_t *names_json(char *const *names, unsigned count)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(array, trc_json_text(names[i]));
	return array;
}

static json_t *ids_json(const uint64_t *actors, unsigned count)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(array, json_integer((json_int_t)actors[i]));
	return array;
}

static json_t *seen_json(const struct trc_report *report, const struct trc_report_finding *item)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < item->seen_count; i++) {
		json_t *object = json_object();

		trc_json_set_text(object, "file", report->runs[item->seen[i].run].path);
		trc_json_set_text(object, "code", trc_code_name(item->seen[i].code));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *finding_json(const struct trc_report *report, const struct trc_report_finding *item)
{
	const struct trc_finding *finding = &item->finding;
	json_t *object = json_object(), *edges = json_array(), *stuck = json_array();
	bool certain = finding->code == TRC_CODE_DEADLOCK || finding->code == TRC_CODE_ORPHAN_WAIT;

	for (unsigned i = 0; i < finding->edge_count; i++)
		json_array_append_new(i < finding->core_edge_count ? edges : stuck,
				      edge_json(&finding->edges[i]));
	trc_json_set_text(object, "code", trc_code_name(finding->code));
	trc_json_set_text(object, "verdict", trc_code_verdict(finding->code));
	trc_json_set(object, "rank",
		     finding->code != TRC_CODE_POTENTIAL_DEADLOCK
			     ? json_null()
			     : json_string(finding->likely ? "likely" : "possible"));
	trc_json_set(object, "lowered", json_boolean(finding->lowered));
	trc_json_set(object, "victims_lowered", json_boolean(finding->victims_lowered));
	trc_json_set(object, "known", json_boolean(item->known));
	trc_json_set_text(object, "title", finding->title);
	trc_json_set_text(object, "reason", finding->reason);
	trc_json_set(object, "actors", names_json(item->actor_names, finding->actor_count));
	trc_json_set(object, "actor_ids", ids_json(finding->actors, finding->actor_count));
	trc_json_set(object, "victims", names_json(item->victim_names, finding->victim_count));
	trc_json_set(object, "victim_ids", ids_json(finding->victims, finding->victim_count));
	trc_json_set(object, "edges", edges);
	trc_json_set(object, "victim_edges", stuck);
	trc_json_set_text(object, "fingerprint", finding->fingerprint);
	trc_json_set_text(object, "shape", finding->shape);
	trc_json_set(object, "unavoidable_since_ns",
		     certain ? json_integer((json_int_t)finding->time) : json_null());
	trc_json_set_number(object, "time_ns", finding->time);
	trc_json_set_number(object, "needed", finding->needed);
	trc_json_set_number(object, "peak", finding->peak);
	trc_json_set_number(object, "fitting", finding->fitting);
	trc_json_set(object, "proofs", trc_proofs_json(finding));
	trc_json_set_number(object, "held_ns", finding->held);
	trc_json_set_number(object, "instances", finding->instances);
	trc_json_set(object, "seen_in", seen_json(report, item));
	return object;
}

static json_t *limits_json(const struct trc_report_run *run)
{
	json_t *limits = json_array();

	for (unsigned i = 0; i < run->cut_count; i++) {
		json_t *limit = json_object();

		trc_json_set_text(limit, "limit", trc_limit_name(run->cuts[i].limit));
		trc_json_set_text(limit, "text", run->cuts[i].text);
		json_array_append_new(limits, limit);
	}
	return limits;
}

static json_t *unknowns_json(const struct trc_report_run *run)
{
	json_t *unknowns = json_array();

	for (unsigned i = 0; i < run->unknown_count; i++) {
		json_t *unknown = json_object();

		trc_json_set_text(unknown, "of", trc_unknown_name(run->unknowns[i].of));
		trc_json_set_number(unknown, "count", run->unknowns[i].count);
		trc_json_set_text(unknown, "text", run->unknowns[i].text);
		json_array_append_new(unknowns, unknown);
	}
	return unknowns;
}

static json_t *run_json(const struct trc_report_run *run)
{
	json_t *object = json_object();

	trc_json_set_text(object, "file", run->path);
	trc_json_set_text(object, "program", run->program);
	trc_json_set(object, "live", json_boolean(!run->closed));
	trc_json_set(object, "complete", json_boolean(run->complete));
	trc_json_set_number(object, "events", run->events);
	trc_json_set_number(object, "lost", run->lost);
	trc_json_set_number(object, "let_go", run->let_go);
	trc_json_set_number(object, "begins_ns", run->begin_time);
	trc_json_set_number(object, "actors", run->actors);
	trc_json_set_number(object, "anomalies", run->anomalies);
	trc_json_set(object, "filters", run->filters ? trc_json_text(run->filters) : json_null());
	trc_json_set_number(object, "left_out", run->left_out);
	trc_json_set_number(object, "without_fields", run->bare);
	trc_json_set_number(object, "actors_left_out", run->unseen);
	trc_json_set(object, "limited", json_boolean(run->cut_count > 0));
	trc_json_set(object, "limits", limits_json(run));
	trc_json_set(object, "not_recorded", unknowns_json(run));
	return object;
}

void trc_report_json(const struct trc_report *report)
{
	json_t *object = json_object(), *runs = json_array(), *findings = json_array();

	for (unsigned i = 0; i < report->run_count; i++)
		json_array_append_new(runs, run_json(&report->runs[i]));
	for (size_t i = 0; i < report->count; i++)
		json_array_append_new(findings, finding_json(report, &report->items[i]));
	trc_json_set(object, "runs", runs);
	trc_json_set(object, "findings", findings);
	trc_json_print(object, JSON_INDENT(2));
}
