#include "viewer/graph-edges.h"

#include "viewer/words.h"

#include <math.h>

const char *trv_graph_title(enum trv_graph_mode mode)
{
	static const char *const titles[] = {"Who Waits for Whom", "Who Holds Whose Handle",
					     "Who Asks Whom"};

	G_STATIC_ASSERT(G_N_ELEMENTS(titles) == TRV_GRAPH_MODES);
	return titles[mode];
}

int trv_graph_dashes(enum trv_graph_style style, double dashes[2])
{
	static const double patterns[][2] = {
		[TRV_EDGE_POSSIBLE] = {9, 4}, [TRV_EDGE_NEVER] = {1.5, 4}, [TRV_EDGE_ANY] = {4, 3}};

	if (style == TRV_EDGE_PLAIN || style == TRV_EDGE_CERTAIN)
		return 0;
	dashes[0] = patterns[style][0];
	dashes[1] = patterns[style][1];
	return 2;
}

/* --- waits, at the playhead --------------------------------------------------------------------
 */

static void label_wait(TrvSession *session, const struct trv_wait_edge *wait,
		       struct trv_graph_edge *edge)
{
	const struct trc_model *names = trv_session_names(session);

	edge->what = trc_what_name(wait->what);
	trv_duration_text(trv_session_model_time(session) - (int64_t)wait->since, edge->time);
	if (wait->type != 0)
		g_snprintf(edge->label, sizeof edge->label,
			   wait->what == TRC_WHAT_SPACE ? "space for %s" : "reply to %s",
			   trc_model_type_name(names, wait->type));
	else
		g_snprintf(edge->label, sizeof edge->label, "%s%s", wait->any ? "any " : "",
			   edge->what);
}

static void add_waits(TrvSession *session, const struct trv_palette *palette, GArray *edges)
{
	const struct trv_wait_graph *waits = trv_session_waits(session);

	for (size_t i = 0; i < waits->count; i++) {
		const struct trv_wait_edge *wait = &waits->edges[i];
		struct trv_graph_edge edge = {
			.from = wait->from,
			.to = wait->to,
			.weight = (uint64_t)trv_session_model_time(session) - wait->since,
			.colour = wait->stuck ? palette->error
					      : trv_palette_wait(palette, wait->what),
			.width = wait->core ? 2.6 : 1.6,
			.style = wait->any     ? TRV_EDGE_ANY
				 : wait->stuck ? TRV_EDGE_CERTAIN
					       : TRV_EDGE_PLAIN,
			.ring = wait->core,
		};

		label_wait(session, wait, &edge);
		g_array_append_val(edges, edge);
	}
}

/* --- handles, at the playhead ------------------------------------------------------------------
 */

static void add_handles(TrvSession *session, const struct trv_palette *palette, GArray *edges)
{
	const struct trc_model *model = trv_session_model(session);

	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		for (unsigned k = 0; k < actor->holding_count; k++) {
			struct trv_graph_edge edge = {
				.from = actor->id,
				.to = actor->holdings[k].target,
				.weight = actor->holdings[k].count,
				.colour = palette->dim,
				.width = 1.2,
			};

			if (actor->holdings[k].count > 1)
				g_snprintf(edge.label, sizeof edge.label, "%u handles",
					   actor->holdings[k].count);
			g_array_append_val(edges, edge);
		}
	}
}

/* --- asks, of the whole trace ------------------------------------------------------------------
 */

static void add_asks(TrvSession *session, const struct trv_palette *palette, GArray *edges)
{
	const struct trv_survey *survey = trv_session_survey(session);

	for (size_t i = 0; i < survey->ask_count; i++) {
		const struct trv_link *link = &survey->asks[i];
		g_autofree char *count = trv_words_counted(link->weight, "ask", "asks");
		struct trv_graph_edge edge = {
			.from = link->from,
			.to = link->to,
			.weight = link->weight,
			.colour = trv_palette_wait(palette, TRC_WHAT_REPLY),
			.width = MIN(1.2 + log10((double)link->weight + 1) * 0.5, 3),
		};

		g_strlcpy(edge.label, count, sizeof edge.label);
		g_array_append_val(edges, edge);
	}
}

/* --- findings ----------------------------------------------------------------------------------
 */

static struct trv_graph_edge *find_edge(GArray *edges, uint64_t from, uint64_t to)
{
	for (guint i = 0; i < edges->len; i++) {
		struct trv_graph_edge *edge = &g_array_index(edges, struct trv_graph_edge, i);

		if (edge->from == from && edge->to == to)
			return edge;
	}
	return NULL;
}

static enum trv_graph_style style_of(enum trc_code code)
{
	if (code == TRC_CODE_DEADLOCK || code == TRC_CODE_ORPHAN_WAIT)
		return TRV_EDGE_CERTAIN;
	return code == TRC_CODE_REFUTED ? TRV_EDGE_NEVER : TRV_EDGE_POSSIBLE;
}

/* An edge of a finding that is there already is only dressed as one. */
static void add_finding(const struct trc_finding *finding, const struct trv_palette *palette,
			bool name, GArray *edges)
{
	for (unsigned i = 0; i < finding->core_edge_count; i++) {
		const struct trc_edge *possible = &finding->edges[i];
		struct trv_graph_edge *known = find_edge(edges, possible->from, possible->to);
		struct trv_graph_edge edge = {.from = possible->from, .to = possible->to};

		if (finding->code == TRC_CODE_STALL && !possible->waits) /* it ran */
			continue;
		if (!known) {
			g_array_append_val(edges, edge);
			known = &g_array_index(edges, struct trv_graph_edge, edges->len - 1);
			if (name)
				g_snprintf(known->label, sizeof known->label, "%s for %s",
					   !possible->waits                        ? "never waits"
					   : finding->code == TRC_CODE_DEADLOCK    ? "waited"
					   : finding->code == TRC_CODE_ORPHAN_WAIT ? "waited"
					   : finding->code == TRC_CODE_STALL       ? "waited"
										   : "could wait",
					   trc_what_name(possible->what));
		}
		known->colour = trv_palette_code(palette, finding->code);
		known->style = style_of(finding->code);
		known->width = known->style == TRV_EDGE_CERTAIN ? 2.6 : 1.8;
		known->ring = true;
	}
}

/* Of what is waited for now: what the finding in focus adds, if it only could be. */
static void add_focus(TrvSession *session, const struct trv_palette *palette, GArray *edges)
{
	const struct trc_finding *focus = trv_session_focus(session);
	g_autoptr(GArray) possible = NULL;

	if (!focus || focus->code == TRC_CODE_DEADLOCK || focus->code == TRC_CODE_ORPHAN_WAIT)
		return;
	possible = g_array_new(FALSE, TRUE, sizeof(struct trv_graph_edge));
	add_finding(focus, palette, true, possible);
	for (guint i = 0; i < possible->len; i++) {
		struct trv_graph_edge edge = g_array_index(possible, struct trv_graph_edge, i);

		if (!find_edge(edges, edge.from, edge.to))
			g_array_append_val(edges, edge);
	}
}

/* In the graphs of the whole trace: everything that was found, the gravest on top. */
static void add_findings(TrvSession *session, const struct trv_palette *palette, bool handles,
			 GArray *edges)
{
	const struct trc_findings *findings = &trv_session_survey(session)->findings;

	for (size_t i = trv_session_finding_count(session); i > 0; i--) {
		const struct trc_finding *finding = &findings->items[i - 1];

		if ((finding->code == TRC_CODE_HANDLE_CYCLE) == handles)
			add_finding(finding, palette, !handles, edges);
	}
}

GArray *trv_graph_edges(TrvSession *session, const struct trv_palette *palette,
			enum trv_graph_mode mode)
{
	GArray *edges = g_array_new(FALSE, TRUE, sizeof(struct trv_graph_edge));

	if (mode == TRV_GRAPH_WAITS) {
		add_waits(session, palette, edges);
		add_focus(session, palette, edges);
	} else if (mode == TRV_GRAPH_HANDLES) {
		add_handles(session, palette, edges);
		add_findings(session, palette, true, edges);
	} else {
		add_asks(session, palette, edges);
		add_findings(session, palette, false, edges);
	}
	return edges;
}

/* --- graphviz ----------------------------------------------------------------------------------
 */

static void append_quoted(GString *text, const char *words)
{
	g_string_append_c(text, '"');
	for (; *words; words++) {
		if (*words == '"' || *words == '\\')
			g_string_append_c(text, '\\');
		g_string_append_c(text, *words == '\n' ? ' ' : *words);
	}
	g_string_append_c(text, '"');
}

static void append_node(GString *text, const struct trc_model *names, uint64_t actor,
			GHashTable *known)
{
	g_autofree char *title = trv_words_actor(names, actor);

	if (!g_hash_table_add(known, GSIZE_TO_POINTER(actor)))
		return;
	g_string_append_printf(text, "\ta%" G_GUINT64_FORMAT " [label=", actor);
	append_quoted(text, title);
	g_string_append(text, "];\n");
}

static const char *dot_style(enum trv_graph_style style)
{
	switch (style) {
	case TRV_EDGE_POSSIBLE:
	case TRV_EDGE_ANY:
		return "dashed";
	case TRV_EDGE_NEVER:
		return "dotted";
	case TRV_EDGE_CERTAIN:
		return "bold";
	default:
		return "solid";
	}
}

char *trv_graph_dot(TrvSession *session, const struct trv_palette *palette,
		    enum trv_graph_mode mode)
{
	const struct trc_model *names = trv_session_names(session);
	g_autoptr(GArray) edges = trv_graph_edges(session, palette, mode);
	g_autoptr(GHashTable) known = g_hash_table_new(NULL, NULL);
	GString *text = g_string_new("digraph actors {\n\tlabel=");

	append_quoted(text, trv_graph_title(mode));
	g_string_append(text, ";\n\trankdir=LR;\n\tnode [shape=box, style=rounded];\n");
	for (guint i = 0; i < edges->len; i++) {
		const struct trv_graph_edge *edge = &g_array_index(edges, struct trv_graph_edge, i);
		g_autofree char *label =
			edge->time[0] ? g_strdup_printf("%s, %s", edge->label, edge->time)
				      : g_strdup(edge->label);

		append_node(text, names, edge->from, known);
		append_node(text, names, edge->to, known);
		g_string_append_printf(text,
				       "\ta%" G_GUINT64_FORMAT " -> a%" G_GUINT64_FORMAT " [label=",
				       edge->from, edge->to);
		append_quoted(text, label);
		g_string_append_printf(text, ", style=%s, color=\"#%02x%02x%02x\"];\n",
				       dot_style(edge->style),
				       (unsigned)lround(edge->colour.red * 255),
				       (unsigned)lround(edge->colour.green * 255),
				       (unsigned)lround(edge->colour.blue * 255));
	}
	g_string_append(text, "}\n");
	return g_string_free(text, FALSE);
}
