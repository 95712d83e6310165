#include "viewer/inspector-pages.h"

#include "tracer/event/payload.h"
#include "viewer/words.h"

#include <string.h>

enum { MAILBOX_MAX = 60, HOLDINGS_MAX = 30, TYPES_MAX = 4 };

/* How many of each type, most first. */
static void add_types(GtkBox *box, TrvSession *session, const struct trc_actor *actor)
{
	const struct trc_model *names = trv_session_names(session);
	g_autofree unsigned *counts = g_new0(unsigned, UINT16_MAX + 1);
	g_autoptr(GString) text = g_string_new(NULL);
	unsigned left = actor->depth;

	for (const struct trc_message *message = actor->oldest; message; message = message->next)
		counts[message->type]++;
	for (int shown = 0; shown < TYPES_MAX; shown++) {
		unsigned best = 0;

		for (unsigned type = 1; type <= UINT16_MAX; type++) {
			if (counts[type] > counts[best])
				best = type;
		}
		if (counts[best] == 0)
			break;
		g_string_append_printf(text, "%s%u %s", shown ? ", " : "", counts[best],
				       trc_model_type_name(names, (uint16_t)best));
		left -= MIN(left, counts[best]);
		counts[best] = 0;
	}
	if (left > 0)
		g_string_append_printf(text, ", %u others", left);
	trv_details_text(box, text->str);
}

static void add_mailbox(GtkBox *box, TrvSession *session, const struct trc_actor *actor)
{
	const struct trc_model *names = trv_session_names(session);
	int64_t now = trv_session_model_time(session);
	g_autofree char *heading =
		actor->capacity > 0
			? g_strdup_printf("Mailbox: %u of %u", actor->depth, actor->capacity)
			: g_strdup_printf("Mailbox: %u", actor->depth);
	unsigned shown = 0;
	GtkGrid *grid;

	trv_details_heading(box, heading);
	if (actor->depth == 0) {
		trv_details_text(box, "Empty");
		return;
	}
	if (actor->depth > 1)
		add_types(box, session, actor);
	grid = trv_details_grid(box);
	for (const struct trc_message *message = actor->oldest; message && shown < MAILBOX_MAX;
	     message = message->next) {
		char length[TRV_TIME_TEXT];
		g_autofree char *text =
			g_strdup_printf("%s from %s", trc_model_type_name(names, message->type),
					trc_model_actor_name(names, message->sender));

		trv_details_row_widget(grid,
				       trv_duration_text(now - (int64_t)message->sent, length),
				       trv_link_message(text, message->id));
		shown++;
	}
	if (actor->depth > shown) {
		g_autofree char *more =
			g_strdup_printf("and %u younger ones", actor->depth - shown);

		trv_details_text(box, more);
	}
}

static char *payload_text(const struct trc_model *names, uint16_t type, const uint8_t *payload,
			  size_t payload_size, bool cut)
{
	size_t size = 0, length;
	const uint8_t *definition = trc_model_type_definition(names, type, &size);
	char *text;

	length = trc_payload_text(definition, size, payload, payload_size, cut, NULL, 0);
	text = g_malloc(length + 1);
	trc_payload_text(definition, size, payload, payload_size, cut, text, length + 1);
	return text;
}

/* What it waits for space to send. */
static void add_sending(GtkBox *box, GtkGrid *grid, const struct trc_model *names,
			const struct trc_model *model, const struct trc_actor *actor)
{
	const struct trc_target *target = &actor->wait.targets[0];
	const struct trc_message *message = trc_model_target_message(model, actor, target);
	uint16_t type = trc_model_target_type(model, actor, target);
	g_autofree char *text = NULL;

	if (target->what != TRC_WHAT_SPACE || type == 0)
		return;
	trv_details_row(grid, "To send", trc_model_type_name(names, type));
	if (!message)
		return;
	text = payload_text(names, type, message->payload, message->payload_size, message->cut);
	trv_details_code(box, text);
}

static void add_wait(GtkBox *box, TrvSession *session, const struct trc_model *model,
		     const struct trc_actor *actor)
{
	const struct trc_model *names = trv_session_names(session);
	const struct trc_wait *wait = &actor->wait;
	char length[TRV_TIME_TEXT];
	GtkGrid *grid;

	if (wait->target_count == 0)
		return;
	trv_details_heading(box, wait->target_count == 1 ? "Waits"
				 : wait->any             ? "Waits for any of"
							 : "Waits for all of");
	grid = trv_details_grid(box);
	for (unsigned i = 0; i < wait->target_count; i++) {
		const struct trc_target *target = &wait->targets[i];
		uint64_t party = trc_model_target_party(model, target);
		g_autofree char *what = trv_words_wait(names, (unsigned)target->what, party);

		trv_details_row_widget(grid, trc_model_target_met(model, target) ? "Met" : "For",
				       trv_link(what, "win.show-wait",
						g_variant_new("(tt)", actor->id, wait->since)));
	}
	trv_details_row(
		grid, "So far",
		trv_duration_text(trv_session_model_time(session) - (int64_t)wait->since, length));
	if (wait->deadline != 0)
		trv_details_time(grid, "Deadline", wait->deadline);
	trv_details_site(grid, "Source", names, wait->site);
	add_sending(box, grid, names, model, actor);
}

static void add_current(GtkGrid *grid, TrvSession *session, const struct trc_actor *actor)
{
	const struct trc_model *names = trv_session_names(session);

	if (actor->current)
		trv_details_row_widget(
			grid, "Handles",
			trv_link_message(trc_model_type_name(names, actor->current->type),
					 actor->current->id));
}

static void add_holdings(GtkBox *box, TrvSession *session, const struct trc_actor *actor)
{
	const struct trc_model *names = trv_session_names(session);
	g_autofree char *heading = NULL;
	GtkBox *list;

	if (actor->holding_count == 0)
		return;
	heading = g_strdup_printf("Holds handles of (%u)", actor->holding_count);
	trv_details_heading(box, heading);
	list = trv_details_list(box);
	for (unsigned i = 0; i < MIN(actor->holding_count, HOLDINGS_MAX); i++)
		trv_details_item(list, trv_link_actor(names, actor->holdings[i].target));
	if (actor->holding_count > HOLDINGS_MAX) {
		g_autofree char *more =
			g_strdup_printf("and %u more", actor->holding_count - HOLDINGS_MAX);

		trv_details_text(box, more);
	}
}

struct tokens {
	GtkBox *box;
	GtkGrid *grid;
	TrvSession *session;
	unsigned count;
};

static void add_token(const struct trc_token *token, void *context)
{
	struct tokens *tokens = context;
	const struct trc_model *names = trv_session_names(tokens->session);
	char length[TRV_TIME_TEXT];
	g_autofree char *text = NULL;
	uint16_t type;

	if (tokens->count++ >= HOLDINGS_MAX)
		return;
	if (!tokens->grid) {
		trv_details_heading(tokens->box, "Owes replies");
		tokens->grid = trv_details_grid(tokens->box);
	}
	type = trv_ask_type(trv_session_model(tokens->session), token->asker, token->message);
	text = g_strdup_printf("%s to %s%s", type ? trc_model_type_name(names, type) : "a message",
			       trc_model_actor_name(names, token->asker),
			       token->in_message ? ", in its mailbox" : "");
	trv_details_row_widget(
		tokens->grid,
		trv_duration_text(trv_session_model_time(tokens->session) - (int64_t)token->asked,
				  length),
		trv_link_message(text, token->message));
}

static void add_tokens(GtkBox *box, TrvSession *session, const struct trc_model *model,
		       uint64_t actor)
{
	struct tokens tokens = {.box = box, .session = session};

	trc_model_tokens_of(model, actor, add_token, &tokens);
	if (tokens.count > HOLDINGS_MAX) {
		g_autofree char *more = g_strdup_printf("and %u more", tokens.count - HOLDINGS_MAX);

		trv_details_text(box, more);
	}
}

/* What it has said of its state, when its kind describes it. */
static void add_state(GtkBox *box, TrvSession *session, const struct trc_actor *actor)
{
	g_autofree char *text = NULL;

	if (actor->state_type == 0)
		return;
	text = payload_text(trv_session_names(session), actor->state_type, actor->state_bytes,
			    actor->state_size, actor->state_cut);
	trv_details_heading(box, "Its own state");
	trv_details_code(box, text);
}

static const char *end_reason(unsigned reason)
{
	switch (reason) {
	case TRC_END_STOPPED:
		return "stopped";
	case TRC_END_UNREACHABLE:
		return "nobody could reach it any more";
	case TRC_END_FAILED:
		return "its start failed";
	case TRC_END_SHUTDOWN:
		return "the system stopped";
	default:
		return "unknown reason";
	}
}

void trv_inspect_actor(GtkBox *box, TrvSession *session, uint64_t id)
{
	const struct trc_model *names = trv_session_names(session);
	const struct trc_actor *known = trc_model_actor(names, id);
	const struct trc_model *model = trv_session_model(session);
	const struct trc_actor *actor = trc_model_actor(model, id);
	const struct trv_survey *survey = trv_session_survey(session);
	const struct trv_total *total =
		survey ? trv_total_of(survey->totals, survey->total_count, id) : NULL;
	g_autofree char *kind = NULL, *state = NULL, *peak = NULL;
	GtkGrid *grid;

	if (!known)
		return;
	kind = g_strdup_printf("Actor · %s", trc_model_kind_name(names, known->kind));
	trv_details_title(box, kind, known->name);
	state = actor ? trv_words_state(model, actor) : g_strdup("not there yet");
	grid = trv_details_grid(box);
	trv_details_row(grid, "State", state);
	if (actor)
		add_current(grid, session, actor);
	if (known->parent != 0)
		trv_details_row_widget(grid, "Parent", trv_link_actor(names, known->parent));
	trv_details_time(grid, "Spawned", known->spawned);
	trv_details_site(grid, "Source", names, known->site);
	if (known->ended != 0) {
		trv_details_time(grid, "Ended", known->ended);
		trv_details_row(grid, "Because", end_reason(known->end_reason));
	}
	if (total) {
		peak = g_strdup_printf("%u of %u", total->deepest, known->capacity);
		trv_details_row(grid, "Deepest", peak);
	}
	if (known->gap)
		trv_details_row(grid, "Note", "some of its events are missing");
	if (!actor)
		return;
	add_wait(box, session, model, actor);
	add_state(box, session, actor);
	add_mailbox(box, session, actor);
	add_tokens(box, session, model, actor->id);
	add_holdings(box, session, actor);
}

void trv_inspect_wait(GtkBox *box, TrvSession *session, uint64_t id, const struct trc_span *wait)
{
	const struct trc_model *names = trv_session_names(session);
	bool open = wait->end > (uint64_t)INT64_MAX;
	uint64_t end = open ? trv_session_info(session)->last_time : wait->end;
	g_autofree char *what = trv_words_wait(names, wait->type, wait->peer);
	char length[TRV_TIME_TEXT];
	struct trc_message_info asked;
	GtkGrid *grid;

	what[0] = g_ascii_toupper(what[0]);
	trv_details_title(box, "Wait", what);
	grid = trv_details_grid(box);
	trv_details_row_widget(grid, "Who", trv_link_actor(names, id));
	if (wait->peer != 0)
		trv_details_row_widget(grid, "For", trv_link_actor(names, wait->peer));
	if (wait->message != 0 &&
	    trc_trace_message(trv_session_trace(session), wait->message, &asked))
		trv_details_row_widget(
			grid, "Asked",
			trv_link_message(trc_model_type_name(names, asked.type), wait->message));
	trv_details_time(grid, "Since", wait->begin);
	if (!open)
		trv_details_time(grid, "Until", wait->end);
	trv_details_row(grid, "Length", trv_duration_text((int64_t)(end - wait->begin), length));
	trv_details_row(grid, "End", trv_words_wake(wait->wake));
	if (wait->deadline != 0)
		trv_details_time(grid, "Deadline", wait->deadline);
	trv_details_site(grid, "Source", names, wait->site);
}
