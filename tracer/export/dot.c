/*
 * Who waits for whom at one instant, as a Graphviz graph.
 *
 * Without a time it is the instant at which the first deadlock closed, or the end when there was
 * none. Only who waits and who is waited for is drawn; who is deadlocked has a double line, who is
 * stuck because of them a dashed one, so that it can be read without its colours.
 */
#include "tracer/analysis/stuck.h"
#include "tracer/export/format.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>

static bool contains(const uint64_t *actors, unsigned count, uint64_t actor)
{
	for (unsigned i = 0; i < count; i++)
		if (actors[i] == actor)
			return true;
	return false;
}

static bool in_core(const struct trc_stuck *stuck, uint64_t actor)
{
	for (unsigned i = 0; i < stuck->core_count; i++)
		if (contains(stuck->cores[i].actors, stuck->cores[i].count, actor))
			return true;
	return false;
}

static void write_node(struct trc_export *export, const struct trc_stuck *stuck, uint64_t actor)
{
	uint32_t known = export->actor_count;
	uint32_t number = trc__export_actor(export, actor);
	char *title;

	if (number <= known)
		return;
	title = trc_model_actor_title(export->model, actor);
	fprintf(export->file, "\ta%" PRIu32 " [label=", number);
	trc__write_dot(export->file, title);
	if (in_core(stuck, actor))
		fputs(" color=\"#c01c28\" peripheries=2", export->file);
	else if (contains(stuck->stuck, stuck->stuck_count, actor))
		fputs(" color=\"#c64600\" style=dashed", export->file);
	fputs("]\n", export->file);
	free(title);
}

/* Whoever ends the wait is nobody inside: the wait points at what it is for. */
static void write_outside(struct trc_export *export, uint32_t from, const char *what, bool token)
{
	fprintf(export->file,
		"\tn%" PRIu32 " [label=\"%s\" shape=plaintext]\n\ta%" PRIu32 " -> n%" PRIu32, from,
		token ? "nobody" : what, from, from);
}

static void write_edge(struct trc_export *export, const struct trc_stuck *stuck,
		       const struct trc_actor *actor, const struct trc_target *target)
{
	uint64_t party = trc_model_target_party(export->model, target);
	struct trc_site site = trc_model_site(export->model, actor->wait.site);
	const char *what = trc_what_name((unsigned)target->what);
	uint32_t from;
	char *place;

	what = what ? what : "?";
	write_node(export, stuck, actor->id);
	if (party)
		write_node(export, stuck, party);
	from = trc__export_actor(export, actor->id);
	if (party)
		fprintf(export->file, "\ta%" PRIu32 " -> a%" PRIu32, from,
			trc__export_actor(export, party));
	else
		write_outside(export, from, what, target->what == TRC_WHAT_REPLY);
	fprintf(export->file, " [label=\"%s\"", what);
	if (in_core(stuck, actor->id) && party && in_core(stuck, party))
		fputs(" color=\"#c01c28\" penwidth=2", export->file);
	if (actor->wait.any)
		fputs(" style=dotted", export->file);
	if (site.line) {
		place = trc_format("%s:%" PRIu32, site.file, site.line);
		fputs(" tooltip=", export->file);
		trc__write_dot(export->file, place);
		free(place);
	}
	fputs("]\n", export->file);
}

static void write_waits(struct trc_export *export, const struct trc_stuck *stuck,
			const struct trc_actor *actor)
{
	for (unsigned i = 0; i < actor->wait.target_count; i++) {
		const struct trc_target *target = &actor->wait.targets[i];
		uint64_t party = trc_model_target_party(export->model, target);

		if (trc_model_target_met(export->model, target))
			continue;
		if (trc__export_wants_actor(export, actor->id) ||
		    (party && trc__export_wants_actor(export, party)))
			write_edge(export, stuck, actor, target);
	}
}

static void write_graph(struct trc_export *export, uint64_t time)
{
	struct trc_stuck stuck;

	export->stopped = true;
	trc_stuck_find(export->model, &stuck);
	fprintf(export->file,
		"// who waits for whom at %" PRIu64 ".%09" PRIu64
		" s\ndigraph waits {\n\tnode [shape=box]\n",
		time / 1000000000, time % 1000000000);
	for (size_t i = 0; i < trc_model_actor_count(export->model); i++)
		write_waits(export, &stuck, trc_model_actor_at(export->model, i));
	fputs("}\n", export->file);
	trc_stuck_clear(&stuck);
}

static void dot_before(struct trc_export *export, const struct trc_event *event)
{
	if (event->time > export->options.at)
		write_graph(export, export->options.at);
}

static bool is_deadlocked(const struct trc_export *export, uint64_t actor)
{
	struct trc_stuck stuck;
	bool found;

	if (!trc_stuck_suspected(export->model, actor))
		return false;
	trc_stuck_find(export->model, &stuck);
	found = stuck.core_count > 0;
	trc_stuck_clear(&stuck);
	return found;
}

static void dot_after(struct trc_export *export, const struct trc_event *event)
{
	if (export->options.at == UINT64_MAX && event->kind == TRC_WAIT &&
	    is_deadlocked(export, event->actor))
		write_graph(export, event->time);
}

static void dot_end(struct trc_export *export)
{
	if (!export->stopped)
		write_graph(export,
			    export->options.at == UINT64_MAX ? export->last : export->options.at);
}

const struct trc_export_format trc__format_dot = {
	.name = "dot",
	.description = "who waits for whom at --at TIME, as a graph for Graphviz",
	.everything = true,
	.before = dot_before,
	.after = dot_after,
	.end = dot_end,
};
