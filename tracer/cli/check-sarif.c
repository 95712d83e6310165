/*
 * check-sarif.c - what `check` found, for code hosts
 *
 * SARIF 2.1.0 (OASIS): one run of one tool, a rule for each code, a result for each finding. A
 * finding's first arrow is its location; every arrow with a source line is a related location and a
 * step of the code flow, so that a code host shows the whole ring. Paths are given as the compiler
 * saw them, made relative to where `check` runs: leading "../" of a build directory are taken off.
 */
#include "tracer/cli/check-report.h"

#include "tracer/analysis/finding-story.h"
#include "tracer/cli/check-json.h"
#include "tracer/cli/json.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t *text_object(const char *text)
{
	json_t *object = json_object();

	trc_json_set_text(object, "text", text);
	return object;
}

static const char *level_of(enum trc_code code)
{
	switch (code) {
	case TRC_CODE_DEADLOCK:
	case TRC_CODE_ORPHAN_WAIT:
		return "error";
	case TRC_CODE_REFUTED:
		return "note";
	default:
		return "warning";
	}
}

static json_t *rules_json(void)
{
	json_t *rules = json_array();

	for (unsigned code = 0; code < TRC_CODE_COUNT; code++) {
		json_t *rule = json_object(), *configuration = json_object();

		trc_json_set_text(rule, "id", trc_code_name(code));
		trc_json_set(rule, "shortDescription", text_object(trc_code_meaning(code)));
		trc_json_set_text(configuration, "level", level_of(code));
		trc_json_set(rule, "defaultConfiguration", configuration);
		json_array_append_new(rules, rule);
	}
	return rules;
}

/* --- places -------------------------------------------------------------------------------------
 */

/* What follows a path that is part of the other's beginning; else `path`. */
static const char *below(const char *path, const char *folder)
{
	size_t length = strlen(folder);

	return strncmp(path, folder, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

/* A URI reference: bytes that may not stand in one are percent-encoded. To be freed. */
static char *uri_of(const char *path)
{
	char here[4096];
	struct trc_text uri = {0};

	if (getcwd(here, sizeof here))
		path = below(path, here);
	while (strncmp(path, "../", 3) == 0 || strncmp(path, "./", 2) == 0)
		path = strchr(path, '/') + 1;
	trc_text_add(&uri, path[0] == '/' ? "file://" : "");
	for (; *path; path++) {
		unsigned char byte = (unsigned char)*path;
		bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
			     (byte >= '0' && byte <= '9') || strchr("/-._~+", byte);

		trc_text_add(&uri, plain ? "%c" : "%%%02X", byte);
	}
	return uri.data;
}

static json_t *location_json(const struct trc_edge *edge, const char *says)
{
	json_t *location = json_object(), *physical = json_object(), *artifact = json_object(),
	       *region = json_object(), *logical = json_object();
	char *uri = uri_of(edge->file);

	trc_json_set_text(artifact, "uri", uri);
	trc_json_set_number(region, "startLine", edge->line);
	trc_json_set(physical, "artifactLocation", artifact);
	trc_json_set(physical, "region", region);
	trc_json_set(location, "physicalLocation", physical);
	trc_json_set_text(logical, "name", edge->function);
	trc_json_set_text(logical, "kind", "function");
	if (edge->function[0])
		trc_json_set(location, "logicalLocations", json_pack("[o]", logical));
	else
		json_decref(logical);
	trc_json_set(location, "message", text_object(says));
	free(uri);
	return location;
}

/* --- results ------------------------------------------------------------------------------------
 */

static char *message_of(const struct trc_finding *finding, const struct trc_story *story)
{
	struct trc_text text = {0};

	trc_text_add(&text, "%s (%s).", finding->title, story->verdict);
	for (unsigned i = 0; i < story->row_count; i++) {
		const struct trc_story_row *row = &story->rows[i];

		trc_text_add(&text, "\n%s%s%s%s%s%s%s.%s%s%s", row->actor, row->actor[0] ? " " : "",
			     row->waiting, row->place[0] ? " at " : "", row->place,
			     row->doing[0] ? ", " : "", row->doing, row->origin[0] ? " " : "",
			     row->origin, row->origin[0] ? "." : "");
	}
	for (unsigned i = 0; i < story->note_count; i++)
		trc_text_add(&text, "\n%s.", story->notes[i]);
	for (unsigned i = 0; i < story->proof_count; i++)
		trc_text_add(&text, "\n%s.", story->proofs[i]);
	if (story->cure)
		trc_text_add(&text, "\nCure: %s.", story->cure);
	return text.data;
}

static void add_places(json_t *result, const struct trc_finding *finding,
		       const struct trc_story *story)
{
	json_t *related = json_array(), *steps = json_array(), *first = NULL;

	for (unsigned i = 0; i < story->row_count; i++) {
		const struct trc_edge *edge = &finding->edges[story->rows[i].edge];
		json_t *location, *step;
		char *says;

		if (edge->line == 0)
			continue;
		says = trc_format("%s %s", story->rows[i].actor, story->rows[i].waiting);
		location = location_json(edge, says);
		step = json_object();
		trc_json_set(step, "location", json_incref(location));
		json_array_append_new(steps, step);
		first = first ? first : json_incref(location);
		json_array_append_new(related, location);
		free(says);
	}
	trc_json_set(result, "locations", first ? json_pack("[o]", first) : json_array());
	if (json_array_size(steps))
		trc_json_set(result, "codeFlows",
			     json_pack("[{s:[{s:O}]}]", "threadFlows", "locations", steps));
	trc_json_set(result, "relatedLocations", related);
	json_decref(steps);
}

static json_t *result_json(const struct trc_report *report, const struct trc_report_finding *item)
{
	const struct trc_finding *finding = &item->finding;
	json_t *result = json_object(), *prints = json_object(), *seen = json_array(),
	       *properties = json_object();
	struct trc_story story;
	char *text;

	trc_story_init(&story, finding);
	text = message_of(finding, &story);
	trc_json_set_text(result, "ruleId", trc_code_name(finding->code));
	trc_json_set_number(result, "ruleIndex", finding->code);
	trc_json_set_text(result, "level", level_of(finding->code));
	trc_json_set(result, "message", text_object(text));
	add_places(result, finding, &story);
	trc_json_set_text(prints, "actorscope/v1", finding->fingerprint);
	trc_json_set(result, "partialFingerprints", prints);
	if (item->known)
		trc_json_set(result, "suppressions",
			     json_pack("[{s:s, s:s}]", "kind", "external", "justification",
				       "accepted in the baseline"));
	for (unsigned i = 0; i < item->seen_count; i++)
		json_array_append_new(seen, trc_json_text(report->runs[item->seen[i].run].path));
	trc_json_set_text(properties, "verdict", story.verdict);
	trc_json_set(properties, "seenIn", seen);
	if (finding->proof_count)
		trc_json_set(properties, "proofs", trc_proofs_json(finding));
	trc_json_set(result, "properties", properties);
	trc_story_clear(&story);
	free(text);
	return result;
}

/* What was not looked at, or could not be: every line of the summary but the first. */
static json_t *notifications_json(const struct trc_report *report)
{
	char *summary = trc_report_summary(report), *state = NULL;
	json_t *list = json_array();

	strtok_r(summary, "\n", &state);
	for (char *line; (line = strtok_r(NULL, "\n", &state)) != NULL;) {
		json_t *notification = json_object();

		trc_json_set_text(notification, "level", "warning");
		trc_json_set(notification, "message", text_object(line));
		json_array_append_new(list, notification);
	}
	free(summary);
	return list;
}

void trc_report_sarif(const struct trc_report *report)
{
	json_t *results = json_array();

	for (size_t i = 0; i < report->count; i++)
		json_array_append_new(results, result_json(report, &report->items[i]));
	trc_json_print(
		json_pack("{s:s, s:s, s:[{s:{s:{s:s, s:s, s:o}}, s:[{s:b, s:o}], s:s, s:o}]}",
			  "$schema",
			  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
			  "sarif-schema-2.1.0.json",
			  "version", "2.1.0", "runs", "tool", "driver", "name", "actorscope",
			  "version", ACTORSCOPE_VERSION, "rules", rules_json(), "invocations",
			  "executionSuccessful", 1, "toolExecutionNotifications",
			  notifications_json(report), "columnKind", "unicodeCodePoints", "results",
			  results),
		JSON_INDENT(2));
}
