#include "viewer/inspector-pages.h"

#include "viewer/words.h"

#include <stdlib.h>
#include <string.h>

enum { VICTIMS_MAX = 40 };

static GtkWidget *line(const char *text, const char *style)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	if (style)
		gtk_widget_add_css_class(label, style);
	return label;
}

static bool has_happened(const struct trc_finding *finding)
{
	return finding->code == TRC_CODE_DEADLOCK || finding->code == TRC_CODE_ORPHAN_WAIT;
}

static char *edge_words(const struct trc_model *names, const struct trc_finding *finding,
			const struct trc_edge *edge)
{
	g_autofree char *to = trv_words_actor(names, edge->to);
	const char *verb = has_happened(finding) ? "waits"
			   : edge->waits         ? "can wait"
						 : "never waits";

	if (edge->what == TRC_WHAT_SPACE)
		return g_strdup_printf("%s for space in the mailbox of %s (%s%u of %u)%s%s", verb,
				       to, has_happened(finding) ? "" : "deepest ", edge->depth,
				       edge->capacity, edge->sending[0] ? " to send " : "",
				       edge->sending);
	if (edge->what == TRC_WHAT_REPLY)
		return g_strdup_printf("%s for the reply of %s%s%s", verb, to,
				       edge->sending[0] ? " to " : "", edge->sending);
	return g_strdup_printf("%s for %s: %s", verb, trc_what_name(edge->what), to);
}

static void add_line(GtkBox *card, const char *name, const char *text, const char *style)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
	GtkWidget *label = line(name, "caption"), *value = line(text, style);

	gtk_widget_add_css_class(label, "dim-label");
	gtk_widget_set_valign(label, GTK_ALIGN_START);
	gtk_widget_set_size_request(label, 58, -1);
	gtk_widget_set_hexpand(value, TRUE);
	gtk_label_set_lines(GTK_LABEL(value), 3);
	gtk_label_set_ellipsize(GTK_LABEL(value), PANGO_ELLIPSIZE_END);
	gtk_widget_set_tooltip_text(value, text);
	gtk_widget_add_css_class(value, "caption");
	gtk_box_append(GTK_BOX(row), label);
	gtk_box_append(GTK_BOX(row), value);
	gtk_box_append(card, row);
}

/* One wait of the finding, as a card that leads to it. */
static void add_edge(GtkBox *box, const struct trc_model *names, const struct trc_finding *finding,
		     const struct trc_edge *edge)
{
	GtkWidget *button = gtk_button_new();
	GtkWidget *card = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
	g_autofree char *words = edge_words(names, finding, edge);
	g_autofree char *from = trv_words_actor(names, edge->from);
	char time[TRV_TIME_TEXT];

	gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, from,
				       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
	gtk_box_append(GTK_BOX(card), line(from, "heading"));
	gtk_box_append(GTK_BOX(card), line(words, NULL));
	if (edge->doing[0])
		add_line(GTK_BOX(card), "handling", edge->doing, "monospace");
	if (edge->file[0]) {
		const char *slash = strrchr(edge->file, '/');
		g_autofree char *site = g_strdup_printf(
			"%s:%u in %s", slash ? slash + 1 : edge->file, edge->line, edge->function);

		add_line(GTK_BOX(card), "at", site, "monospace");
	}
	add_line(GTK_BOX(card), has_happened(finding) ? "since" : "seen",
		 trv_time_text((int64_t)edge->since, 1000, time), "numeric");
	gtk_button_set_child(GTK_BUTTON(button), card);
	gtk_widget_add_css_class(button, "card-button");
	gtk_actionable_set_action_name(GTK_ACTIONABLE(button), "win.show-wait");
	gtk_actionable_set_action_target_value(GTK_ACTIONABLE(button),
					       g_variant_new("(tt)", edge->from, edge->since));
	gtk_box_append(box, button);
}

static void add_victims(GtkBox *box, TrvSession *session, const struct trc_finding *finding)
{
	const struct trc_model *names = trv_session_names(session);
	g_autofree char *heading = NULL;
	GtkWidget *flow;

	if (finding->victim_count == 0)
		return;
	heading = g_strdup_printf("Also stuck because of it (%u)", finding->victim_count);
	trv_details_heading(box, heading);
	flow = gtk_flow_box_new();
	gtk_flow_box_set_selection_mode(GTK_FLOW_BOX(flow), GTK_SELECTION_NONE);
	gtk_flow_box_set_max_children_per_line(GTK_FLOW_BOX(flow), 4);
	for (unsigned i = 0; i < MIN(finding->victim_count, VICTIMS_MAX); i++)
		gtk_flow_box_append(GTK_FLOW_BOX(flow), trv_link_actor(names, finding->victims[i]));
	gtk_box_append(box, flow);
	if (finding->victim_count > VICTIMS_MAX) {
		g_autofree char *more =
			g_strdup_printf("and %u more", finding->victim_count - VICTIMS_MAX);

		trv_details_text(box, more);
	}
}

/* A line of the text for terminals as a sentence: its columns become clauses. */
static char *sentence_of(const char *columns)
{
	g_auto(GStrv) parts = g_regex_split_simple(" {2,}", columns, 0, 0);
	GString *text = g_string_new(NULL);

	for (size_t i = 0; parts[i]; i++)
		g_string_append_printf(text, "%s%s", i == 0 ? "" : i == 1 ? " " : ", ", parts[i]);
	text->str[0] = g_ascii_toupper(text->str[0]);
	return g_string_free(text, FALSE);
}

/* The text for terminals, without its title. */
static void add_story(GtkBox *box, const struct trc_finding *finding)
{
	char *text = trc_finding_text(finding);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

	free(text);
	trv_details_heading(box, "In Words");
	for (size_t i = 1; lines[0] && lines[i]; i++) {
		g_autofree char *sentence = sentence_of(g_strstrip(lines[i]));

		if (sentence[0])
			trv_details_text(box, sentence);
	}
}

void trv_inspect_finding(GtkBox *box, TrvSession *session, const struct trc_finding *finding)
{
	g_autofree char *kind = trv_words_finding(finding);
	g_autofree char *reason = trv_words_sentence(finding->reason);
	GtkGrid *grid;

	trv_details_title(box, kind, finding->title);
	if (finding->lowered)
		trv_details_text(box, "Events are missing near it, so this is not certain.");
	if (reason[0])
		trv_details_text(box, reason);
	grid = trv_details_grid(box);
	trv_details_time(grid, has_happened(finding) ? "Unavoidable" : "Seen", finding->time);
	if (finding->needed > 0) {
		g_autofree char *sum = g_strdup_printf("needs %" G_GUINT64_FORMAT
						       " live messages; this run had at most "
						       "%" G_GUINT64_FORMAT,
						       finding->needed, finding->peak);

		trv_details_row(grid, "Mailboxes", sum);
	}
	if (finding->instances > 1) {
		g_autofree char *alike = g_strdup_printf("%u times", finding->instances);

		trv_details_row(grid, "Found", alike);
	}
	if (finding->core_edge_count > 0)
		trv_details_heading(box, "Who waits for whom");
	for (unsigned i = 0; i < finding->core_edge_count; i++)
		add_edge(box, trv_session_names(session), finding, &finding->edges[i]);
	add_victims(box, session, finding);
	add_story(box, finding);
}
