#include "viewer/canvas-words.h"

#include "viewer/words.h"

#include <inttypes.h>

static char *message_words(TrvSession *session, uint64_t id)
{
	const struct trc_model *names = trv_session_names(session);
	struct trc_message_info message;

	if (!trc_trace_message(trv_session_trace(session), id, &message))
		return NULL;
	return g_strdup_printf("message #%" PRIu64 " %s from %s to %s", id,
			       trc_model_type_name(names, message.type),
			       message.sender ? trc_model_actor_name(names, message.sender)
					      : "outside",
			       trc_model_actor_name(names, message.receiver));
}

static char *wait_words(TrvSession *session, const struct trv_selection *selection)
{
	const struct trc_model *names = trv_session_names(session);
	g_autofree char *what = trv_words_wait(names, selection->wait.type, selection->wait.peer);

	return g_strdup_printf("wait of %s for %s", trc_model_actor_name(names, selection->actor),
			       what);
}

char *trv_canvas_selected(TrvSession *session)
{
	const struct trv_selection *selection = trv_session_selection(session);
	const struct trc_finding *focus = trv_session_focus(session);

	switch (selection->kind) {
	case TRV_SELECTED_FINDING:
		return focus ? g_strdup_printf("finding %s", focus->title) : NULL;
	case TRV_SELECTED_ACTOR:
		return g_strdup_printf("actor %s", trc_model_actor_name(trv_session_names(session),
									selection->actor));
	case TRV_SELECTED_MESSAGE:
		return message_words(session, selection->message);
	case TRV_SELECTED_WAIT:
		return wait_words(session, selection);
	case TRV_SELECTED_NONE:
		break;
	}
	return NULL;
}

char *trv_canvas_timeline(TrvSession *session)
{
	g_autofree char *lanes =
		trv_words_counted(trv_session_actor_count(session), "actor", "actors");
	g_autofree char *selected = trv_canvas_selected(session);
	size_t hidden = trv_session_rows(session)->hidden;
	g_autofree char *less = hidden ? g_strdup_printf(" (%zu hidden)", hidden) : g_strdup("");
	struct trv_span view = trv_session_view(session);
	char from[TRV_TIME_TEXT], to[TRV_TIME_TEXT], time[TRV_TIME_TEXT];

	return g_strdup_printf("%s%s from %s to %s, playhead at %s%s%s", lanes, less,
			       trv_time_text(view.from, 1, from), trv_time_text(view.to, 1, to),
			       trv_time_text(trv_session_time(session), 1, time),
			       selected ? ". Selected: " : "", selected ? selected : "");
}

char *trv_canvas_overview(TrvSession *session)
{
	const struct trc_trace_info *info = trv_session_info(session);
	g_autofree char *findings =
		trv_words_counted(trv_session_finding_count(session), "finding", "findings");
	g_autofree char *marks =
		trv_words_counted(trv_session_bookmark_count(session), "bookmark", "bookmarks");
	struct trv_hits hits = trv_session_hits(session);
	g_autofree char *found = trv_words_counted(hits.total, "message", "messages");
	char length[TRV_TIME_TEXT];

	if (!info)
		return g_strdup("");
	return g_strdup_printf(
		"%s, %s, %s%s%s",
		trv_duration_text((int64_t)(info->last_time - info->first_time), length), findings,
		marks, hits.active ? ", found: " : "", hits.active ? found : "");
}

void trv_canvas_describe(GtkWidget *canvas, char *words)
{
	gtk_accessible_update_property(GTK_ACCESSIBLE(canvas), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
				       words, -1);
	g_free(words);
}
