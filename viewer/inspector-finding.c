#include "viewer/inspector-pages.h"

#include "tracer/analysis/finding-story.h"
#include "tracer/query/origin.h"
#include "viewer/words.h"

#include <stdlib.h>

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

/* Small text below the heading of a card; nothing when there is none. */
static GtkWidget *add_caption(GtkBox *card, const char *text, int lines)
{
	GtkWidget *label = line(text, "caption");

	gtk_label_set_lines(GTK_LABEL(label), lines);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
	gtk_widget_set_tooltip_text(label, text);
	gtk_widget_set_visible(label, text[0] != '\0');
	gtk_box_append(card, label);
	return label;
}

static void add_site(GtkBox *card, const char *file, unsigned line, const char *function)
{
	g_autofree char *base = g_path_get_basename(file);
	g_autofree char *site = g_strdup_printf("%s:%u in %s", base, line, function);

	if (file[0])
		gtk_widget_add_css_class(add_caption(card, site, 1), "monospace");
}

/* A card that leads to where `action` goes with an actor and a time. */
static void add_card(GtkBox *box, GtkWidget *card, const char *action, uint64_t actor,
		     uint64_t time)
{
	GtkWidget *button = gtk_button_new();

	gtk_button_set_child(GTK_BUTTON(button), card);
	gtk_widget_add_css_class(button, "card-button");
	gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
	gtk_actionable_set_action_target_value(GTK_ACTIONABLE(button),
					       g_variant_new("(tt)", actor, time));
	gtk_box_append(box, button);
}

static void add_name(GtkWidget *card, const char *name, const char *words)
{
	gtk_accessible_update_property(GTK_ACCESSIBLE(gtk_widget_get_parent(card)),
				       GTK_ACCESSIBLE_PROPERTY_LABEL, name,
				       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
}

/* One wait of the finding, as a card that leads to it. */
static void add_wait(GtkBox *box, struct trc_trace *trace, const struct trc_edge *edge,
		     const struct trc_story_row *row)
{
	GtkWidget *card = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
	g_autofree char *words = trv_words_sentence(row->waiting);
	g_autofree char *doing = trv_words_sentence(row->doing);
	g_autofree char *since = trv_words_sentence(row->since);
	char *origin = edge->message ? trc_origin_text(trace, edge->message) : NULL;

	gtk_box_append(GTK_BOX(card), line(row->actor, "heading"));
	gtk_box_append(GTK_BOX(card), line(words, NULL));
	add_caption(GTK_BOX(card), since, 1);
	add_caption(GTK_BOX(card), doing, 3);
	if (origin)
		add_caption(GTK_BOX(card), origin, 4);
	add_site(GTK_BOX(card), edge->file, edge->line, edge->function);
	add_card(box, card, "win.show-wait", edge->from, edge->since);
	add_name(card, row->actor, words);
	free(origin);
}

static void add_waits(GtkBox *box, TrvSession *session, const struct trc_finding *finding,
		      const struct trc_story *story)
{
	if (story->row_count == 0)
		return;
	trv_details_heading(box,
			    finding->code == TRC_CODE_REFUTED ? "The ring" : "Who waits for whom");
	for (unsigned i = 0; i < story->row_count; i++)
		add_wait(box, trv_session_trace(session), &finding->edges[story->rows[i].edge],
			 &story->rows[i]);
	if (story->rows_left) {
		g_autofree char *more = g_strdup_printf("and %u more", story->rows_left);

		trv_details_text(box, more);
	}
}

/* The events that make a refuted ring impossible; the finding stays in sight while one walks them.
 */
static void add_proofs(GtkBox *box, const struct trc_finding *finding)
{
	if (finding->proof_count == 0)
		return;
	trv_details_heading(box, "What rules it out");
	for (unsigned i = 0; i < finding->proof_count; i++) {
		const struct trc_proof *proof = &finding->proofs[i];
		GtkWidget *card = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
		g_autofree char *words = trv_words_sentence(proof->says);
		char time[TRV_TIME_TEXT];

		gtk_box_append(GTK_BOX(card), line(words, NULL));
		trv_time_text((int64_t)proof->time, 1000, time);
		gtk_widget_add_css_class(add_caption(GTK_BOX(card), time, 1), "numeric");
		add_site(GTK_BOX(card), proof->file, proof->line, proof->function);
		add_card(box, card, "win.show-deed", proof->actor, proof->time);
		add_name(card, words, time);
	}
}

static void add_victims(GtkBox *box, TrvSession *session, const struct trc_finding *finding)
{
	const struct trc_model *names = trv_session_names(session);
	g_autofree char *heading = NULL;
	GtkWidget *flow;

	if (finding->victim_count == 0)
		return;
	heading = g_strdup_printf("%s (%u)",
				  finding->code == TRC_CODE_STALL ? "Held up by it"
								  : "Also stuck because of it",
				  finding->victim_count);
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

/* What the rest of the page does not tell. */
static void add_notes(GtkBox *box, const struct trc_finding *finding, const struct trc_story *story)
{
	bool any = false;

	for (unsigned i = 0; i < story->note_count; i++) {
		g_autofree char *sentence = trv_words_sentence(story->notes[i]);

		if (g_str_equal(story->notes[i], finding->reason))
			continue;
		if (!any)
			trv_details_heading(box, "In words");
		any = true;
		trv_details_text(box, sentence);
	}
	if (story->cure) {
		g_autofree char *sentence = trv_words_sentence(story->cure);

		trv_details_heading(box, "What helps");
		trv_details_text(box, sentence);
	}
}

void trv_inspect_finding(GtkBox *box, TrvSession *session, const struct trc_finding *finding)
{
	g_autofree char *kind = trv_words_finding(finding);
	g_autofree char *reason = trv_words_sentence(finding->reason);
	struct trc_story story;

	trc_story_init(&story, finding);
	trv_details_title(box, kind, finding->title);
	if (reason[0])
		trv_details_text(box, reason);
	trv_details_time(trv_details_grid(box), has_happened(finding) ? "Unavoidable" : "Seen",
			 finding->time);
	add_waits(box, session, finding, &story);
	add_proofs(box, finding);
	add_victims(box, session, finding);
	add_notes(box, finding, &story);
	trc_story_clear(&story);
}
