#include "viewer/words.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

char *trv_words_actor(const struct trc_model *names, uint64_t actor)
{
	char *title = trc_model_actor_title(names, actor);
	char *copy = g_strdup(title);

	free(title);
	return copy;
}

char *trv_words_wait(const struct trc_model *names, unsigned what, uint64_t party)
{
	const char *name = trc_model_actor_name(names, party);

	switch (what) {
	case TRC_WHAT_REPLY:
		return party ? g_strdup_printf("reply from %s", name) : g_strdup("reply");
	case TRC_WHAT_SPACE:
		return g_strdup_printf("space in %s’s mailbox", name);
	case TRC_WHAT_END:
		return g_strdup_printf("end of %s", name);
	case TRC_WHAT_TIMER:
		return g_strdup("timer");
	default:
		return g_strdup("outside");
	}
}

char *trv_words_waits(const struct trc_model *names, unsigned what, uint64_t party)
{
	g_autofree char *wait = trv_words_wait(names, what, party);
	const char *article = what == TRC_WHAT_REPLY || what == TRC_WHAT_TIMER ? "a "
			      : what == TRC_WHAT_SPACE                         ? ""
									       : "the ";

	return g_strdup_printf("waits for %s%s", article, wait);
}

char *trv_words_state(const struct trc_model *model, const struct trc_actor *actor)
{
	const struct trc_wait *wait = &actor->wait;

	if (actor->state == TRC_WAITING && wait->target_count == 1)
		return trv_words_waits(model, (unsigned)wait->targets[0].what,
				       trc_model_target_party(model, &wait->targets[0]));
	if (actor->state == TRC_WAITING && wait->target_count > 1)
		return g_strdup_printf("waits for %s of %u", wait->any ? "any" : "all",
				       wait->target_count);
	return trv_words_state_short(model, actor);
}

char *trv_words_state_short(const struct trc_model *model, const struct trc_actor *actor)
{
	switch (actor->state) {
	case TRC_WAITING:
		if (actor->wait.target_count == 0)
			return g_strdup("waits");
		return g_strdup_printf("waits for %s",
				       trc_what_name((unsigned)actor->wait.targets[0].what));
	case TRC_RUNNING:
		if (!actor->current)
			return g_strdup("starts");
		return g_strdup_printf("handles %s",
				       trc_model_type_name(model, actor->current->type));
	case TRC_READY:
		return g_strdup("ready");
	case TRC_ENDED:
		return g_strdup("ended");
	default:
		return g_strdup("idle");
	}
}

char *trv_words_site(const struct trc_model *names, uint32_t site)
{
	struct trc_site place = trc_model_site(names, site);
	const char *slash;

	if (site == 0 || place.line == 0)
		return NULL;
	slash = strrchr(place.file, '/');
	return g_strdup_printf("%s:%u", slash ? slash + 1 : place.file, place.line);
}

char *trv_words_count(uint64_t count)
{
	g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, count);
	GString *text = g_string_new(NULL);
	size_t length = strlen(digits);

	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			g_string_append(text, "\u00a0");
		g_string_append_c(text, digits[i]);
	}
	return g_string_free(text, FALSE);
}

char *trv_words_about(uint64_t count)
{
	static const struct {
		uint64_t unit;
		const char *letter;
	} units[] = {{1000000000, "G"}, {1000000, "M"}, {1000, "k"}};

	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		double share = (double)count / (double)units[i].unit;

		if (share >= 9.95)
			return g_strdup_printf("%.0f%s", share, units[i].letter);
		if (share >= 0.9995)
			return g_strdup_printf("%.1f%s", share, units[i].letter);
	}
	return g_strdup_printf("%" G_GUINT64_FORMAT, count);
}

char *trv_words_counted(uint64_t count, const char *one, const char *many)
{
	g_autofree char *number = trv_words_count(count);

	return g_strdup_printf("%s\u00a0%s", number, count == 1 ? one : many);
}

char *trv_words_hidden(size_t arrows, size_t lanes)
{
	g_autofree char *what = trv_words_counted(arrows, "arrow", "arrows");
	g_autofree char *where = trv_words_counted(lanes, "hidden lane", "hidden lanes");

	return g_strdup_printf("%s to %s", what, where);
}

const char *trv_words_wake(unsigned wake)
{
	switch (wake) {
	case TRC_WAKE_MET:
		return "met";
	case TRC_WAKE_DEADLINE:
		return "its deadline passed";
	case TRC_WAKE_CANCELLED:
		return "cancelled";
	default:
		return "still waiting";
	}
}

char *trv_words_sentence(const char *text)
{
	char *sentence = g_strdup(text);

	sentence[0] = g_ascii_toupper(sentence[0]);
	return sentence;
}

char *trv_words_finding(const struct trc_finding *finding)
{
	const char *code = trc_code_name(finding->code), *verdict = trc_code_verdict(finding->code);
	g_autofree char *name = trv_words_sentence(code);

	g_strdelimit(name, "-", ' ');
	if (g_str_equal(code, verdict))
		return g_steal_pointer(&name);
	if (finding->code == TRC_CODE_POTENTIAL_DEADLOCK && !finding->lowered)
		verdict = finding->likely ? "predicted, likely" : "predicted, possible";
	return g_strdup_printf("%s · %s", name, finding->lowered ? "not certain" : verdict);
}
