#include "viewer/inspector-pages.h"

#include "viewer/critical-path.h"
#include "viewer/phase-bar.h"
#include "viewer/words.h"

#include <stdlib.h>
#include <string.h>

enum { EFFECTS_MAX = 40 };

#define PATH_SHARE_MIN 0.02 /* shorter stretches are told together */

/* "Say → ann" */
static GtkWidget *link_other(TrvSession *session, uint64_t id)
{
	const struct trc_model *names = trv_session_names(session);
	struct trc_message_info other;
	g_autofree char *text = NULL;

	if (!trc_trace_message(trv_session_trace(session), id, &other))
		return gtk_label_new("unknown");
	text = g_strdup_printf("%s → %s", trc_model_type_name(names, other.type),
			       trc_model_actor_name(names, other.receiver));
	return trv_link_message(text, id);
}

static void add_payload(GtkBox *box, TrvSession *session, uint64_t id, bool reply)
{
	char *text = trc_trace_message_text(trv_session_trace(session), id, reply);

	trv_details_code(box, text);
	free(text);
}

static int64_t between(uint64_t from, uint64_t to)
{
	return from != 0 && to > from ? (int64_t)(to - from) : 0;
}

/* How its time was spent. What has not ended yet counts up to the trace's end. */
static void add_phases(GtkBox *box, TrvSession *session, const struct trc_message_info *message)
{
	uint64_t now = trv_session_info(session)->last_time;
	uint64_t received = message->received ? message->received : now;
	uint64_t done = message->done ? message->done : now;
	uint64_t since = message->space_since ? message->space_since : message->sent;
	struct trv_phase phases[4] = {
		{"Waited for space", between(since, message->sent), false},
		{"In mailbox", between(message->sent, received), message->received == 0},
		{"Handled", message->received ? between(received, done) : 0,
		 message->received != 0 && message->done == 0},
		{"Until reply", 0, false},
	};

	if (message->discarded)
		phases[1] = (struct trv_phase){"In mailbox", between(message->sent, message->done),
					       false};
	if (message->token != 0) {
		uint64_t end = message->replied ? message->replied : now;

		phases[3] = (struct trv_phase){"Until reply", between(message->sent, end),
					       message->replied == 0 && !message->dropped};
	}
	trv_details_heading(box, "Times");
	gtk_box_append(box, trv_phase_bar_new(phases, message->token != 0 ? 4 : 3));
}

static char *describe_stretch(const struct trc_model *names, const struct trv_stretch *stretch)
{
	const char *name = trc_model_actor_name(names, stretch->actor);

	switch (stretch->kind) {
	case TRV_STRETCH_SPACE:
		return g_strdup_printf("waits for space at %s", name);
	case TRV_STRETCH_QUEUE:
		return g_strdup_printf("in %s’s mailbox", name);
	case TRV_STRETCH_WAIT:
		return g_strdup_printf("%s waits: %s", name, trc_what_name(stretch->what));
	case TRV_STRETCH_HELD:
		return g_strdup_printf("kept by %s", name);
	default:
		return g_strdup_printf("%s works", name);
	}
}

/* The longest stretches first in the eye, but in order of time: short ones are summed up. */
static void add_path(GtkBox *box, TrvSession *session, uint64_t ask)
{
	const struct trc_model *names = trv_session_names(session);
	g_autofree struct trv_path *path = g_new(struct trv_path, 1);
	uint64_t now = trv_session_info(session)->last_time, rest = 0;
	size_t short_ones = 0;
	GtkGrid *grid;

	if (!trv_path_find(trv_session_trace(session), ask, now, path) || path->count == 0)
		return;
	trv_details_heading(box, path->open ? "Where the time goes" : "Where the time went");
	grid = trv_details_grid(box);
	for (size_t i = 0; i < path->count; i++) {
		const struct trv_stretch *stretch = &path->items[i];
		double share = (double)(stretch->end - stretch->begin) /
			       (double)MAX(path->end - path->begin, 1);
		g_autofree char *text = NULL, *part = NULL;

		if (share < PATH_SHARE_MIN) {
			rest += stretch->end - stretch->begin;
			short_ones++;
			continue;
		}
		part = g_strdup_printf("%.0f %%", share * 100);
		text = describe_stretch(names, stretch);
		trv_details_row_widget(
			grid, part,
			trv_link(text, "win.go-to-time", g_variant_new_uint64(stretch->begin)));
	}
	if (path->coarse || path->shortened)
		trv_details_text(box, "Not all of it can be told: it takes too long.");
	if (short_ones > 0) {
		char length[TRV_TIME_TEXT];
		g_autofree char *text = g_strdup_printf("%zu shorter ones, %s together", short_ones,
							trv_duration_text((int64_t)rest, length));

		trv_details_row(grid, "rest", text);
	}
}

static void add_reply(GtkBox *box, TrvSession *session, const struct trc_message_info *message)
{
	const struct trc_model *names = trv_session_names(session);
	GtkGrid *grid;

	if (message->token == 0)
		return;
	trv_details_heading(box, "Reply");
	grid = trv_details_grid(box);
	if (message->replied == 0) {
		trv_details_row(grid, "State",
				message->dropped ? "dropped unanswered" : "none yet");
		return;
	}
	trv_details_row_widget(grid, "By", trv_link_actor(names, message->replier));
	trv_details_time(grid, "At", message->replied);
	trv_details_site(grid, "Source", names, message->reply_site);
	if (!message->dropped)
		add_payload(box, session, message->id, true);
}

static void add_effects(GtkBox *box, TrvSession *session, uint64_t id)
{
	uint64_t effects[EFFECTS_MAX];
	size_t count = trc_trace_effects(trv_session_trace(session), id, effects, EFFECTS_MAX);
	g_autofree char *heading = NULL;
	GtkBox *list;

	if (count == 0)
		return;
	heading = count > 1 ? g_strdup_printf("Effects (%zu)", count) : g_strdup("Effect");
	trv_details_heading(box, heading);
	list = trv_details_list(box);
	for (size_t i = 0; i < MIN(count, EFFECTS_MAX); i++)
		trv_details_item(list, link_other(session, effects[i]));
	if (count > EFFECTS_MAX) {
		g_autofree char *more = g_strdup_printf("and %zu more", count - EFFECTS_MAX);

		trv_details_text(box, more);
	}
}

static GtkWidget *chain_button(const char *label, const char *icon, const char *action, bool on)
{
	GtkWidget *button = gtk_button_new();
	GtkWidget *content = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

	gtk_widget_set_halign(content, GTK_ALIGN_CENTER);
	gtk_box_append(GTK_BOX(content), gtk_image_new_from_icon_name(icon));
	gtk_box_append(GTK_BOX(content), gtk_label_new(label));
	gtk_button_set_child(GTK_BUTTON(button), content);
	gtk_widget_set_hexpand(button, TRUE);
	gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
				       -1);
	if (on)
		gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
	else
		gtk_widget_set_sensitive(button, FALSE);
	return button;
}

static void add_chain(GtkBox *box, TrvSession *session, const struct trc_message_info *message)
{
	GtkWidget *buttons = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
	size_t effects = trc_trace_effects(trv_session_trace(session), message->id, NULL, 0);

	gtk_widget_add_css_class(buttons, "linked");
	gtk_box_append(GTK_BOX(buttons), chain_button("Cause", "go-previous-symbolic", "win.cause",
						      message->cause != 0));
	gtk_box_append(GTK_BOX(buttons),
		       chain_button("Effect", "go-next-symbolic", "win.effect", effects > 0));
	gtk_box_append(box, buttons);
}

void trv_inspect_message(GtkBox *box, TrvSession *session, uint64_t id)
{
	const struct trc_model *names = trv_session_names(session);
	struct trc_message_info message;
	GtkGrid *grid;

	if (!trc_trace_message(trv_session_trace(session), id, &message))
		return;
	trv_details_title(box, message.token ? "Ask" : "Message",
			  trc_model_type_name(names, message.type));
	add_payload(box, session, id, false);
	add_chain(box, session, &message);
	grid = trv_details_grid(box);
	trv_details_row_widget(grid, "From", trv_link_actor(names, message.sender));
	trv_details_row_widget(grid, "To", trv_link_actor(names, message.receiver));
	trv_details_time(grid, "Sent", message.sent);
	trv_details_site(grid, "Source", names, message.site);
	if (message.flags & TRC_F_TIMER)
		trv_details_row(grid, "By", "a timer");
	else if (message.flags & TRC_F_TRY)
		trv_details_row(grid, "Form", "try-send, never waits");
	if (message.cause != 0)
		trv_details_row_widget(grid, "Cause", link_other(session, message.cause));
	if (message.discarded)
		trv_details_row(grid, "State", "discarded, never received");
	else if (message.received == 0)
		trv_details_row(grid, "State", "still in the mailbox");
	add_phases(box, session, &message);
	if (message.token != 0)
		add_path(box, session, id);
	add_reply(box, session, &message);
	add_effects(box, session, id);
}
