#include "tracer/query/origin.h"

#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void add_step(struct trc_text *text, const struct trc_trace *trace,
		     const struct trc_message_info *message)
{
	const struct trc_model *model = trc_trace_model(trace);
	struct trc_site site = trc_model_site(model, message->site);
	char *sender = message->sender ? trc_model_actor_title(model, message->sender)
				       : trc_strdup("outside");
	const char *slash = site.line ? strrchr(site.file, '/') : NULL;

	trc_text_add(text, "%s %s %s", trc_model_type_name(model, message->type),
		     text->length ? "from" : "came from", sender);
	if (site.line)
		trc_text_add(text, " (%s:%" PRIu32 ")", slash ? slash + 1 : site.file, site.line);
	free(sender);
}

char *trc_origin_text(struct trc_trace *trace, uint64_t message)
{
	struct trc_text text = {0};
	struct trc_message_info info;
	unsigned steps = 0;

	/* A cause is always older; damaged files may say otherwise, hence the count. */
	while (message && trc_trace_message(trace, message, &info)) {
		if (steps)
			trc_text_add(&text, ", because of ");
		if (steps == TRC_ORIGIN_STEPS) {
			trc_text_add(&text, "...");
			break;
		}
		add_step(&text, trace, &info);
		message = info.cause;
		steps++;
	}
	return text.data ? text.data : trc_strdup("");
}
