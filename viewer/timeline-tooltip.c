#include "viewer/timeline-tooltip.h"

#include "viewer/words.h"

#include <glib.h>
#include <stdlib.h>

static char *describe_message(TrvSession *session, uint64_t id)
{
	struct trc_trace *trace = trv_session_trace(session);
	const struct trc_model *names = trv_session_names(session);
	struct trc_message_info message;
	g_autofree char *site = NULL;
	char *payload, *text;

	if (!trc_trace_message(trace, id, &message))
		return NULL;
	site = trv_words_site(names, message.site);
	payload = trc_trace_message_text(trace, id, false);
	text = g_strdup_printf(
		"%s\n%s → %s%s%s", payload, trc_model_actor_name(names, message.sender),
		trc_model_actor_name(names, message.receiver), site ? "\n" : "", site ? site : "");
	free(payload);
	return text;
}

static char *describe_wait(TrvSession *session, const struct trc_span *span)
{
	const struct trc_model *names = trv_session_names(session);
	int64_t now = (int64_t)trv_session_info(session)->last_time;
	bool open = span->end > (uint64_t)INT64_MAX;
	g_autofree char *wait = trv_words_waits(names, span->type, span->peer);
	g_autofree char *site = trv_words_site(names, span->site);
	char length[TRV_TIME_TEXT];

	trv_duration_text((open ? now : (int64_t)span->end) - (int64_t)span->begin, length);
	wait[0] = g_ascii_toupper(wait[0]);
	return g_strdup_printf("%s\n%s, %s%s%s", wait, length, trv_words_wake(span->wake),
			       site ? "\n" : "", site ? site : "");
}

char *trv_describe_hit(TrvSession *session, const struct trv_scene *scene,
		       const struct trv_hit *hit)
{
	struct trc_span span;

	if (hit->kind == TRV_HIT_ARROW)
		return describe_message(session, hit->message->id);
	if (!hit->box)
		return NULL;
	if (hit->kind == TRV_HIT_BURST) {
		g_autofree char *sent =
			trv_words_counted(hit->box->folded, "message sent", "messages sent");

		return g_strdup_printf("%s\nClick to zoom in", sent);
	}
	if (hit->box->folded > 1 || hit->kind == TRV_HIT_CROWD) {
		g_autofree char *count = trv_words_count(hit->box->folded);

		return g_strdup_printf(
			"%s %s, too short to tell apart here\nDouble-click to zoom in", count,
			hit->kind == TRV_HIT_WAIT      ? "waits"
			: hit->kind == TRV_HIT_HANDLER ? "messages handled"
						       : "messages and waits");
	}
	if (!trv_scene_hit_span(session, scene, hit, &span))
		return NULL;
	if (hit->kind == TRV_HIT_WAIT)
		return describe_wait(session, &span);
	return span.message ? describe_message(session, span.message)
			    : g_strdup("Start of the actor");
}
