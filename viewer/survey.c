#include "viewer/survey.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

/* Whom an actor began to wait for, until it wakes. */
struct open_wait {
	uint64_t actor;
	uint64_t since;
	size_t count;
	uint64_t parties[];
};

struct pass {
	struct trv_survey *survey;
	struct trc_check *check;
	bool complete;                      /* the trace lacks nothing */
	GHashTable *links, *asks, *handles; /* of struct trv_link, by from and to */
	GArray *logs;                       /* struct trv_log */
	GHashTable *waits;                  /* of struct open_wait, by actor */
	GHashTable *totals;                 /* of struct trv_total, by actor */
	trv_survey_progress *progress;
	void *context;
	uint64_t done, events;
	bool given_up;
};

static void log_clear(void *log)
{
	g_free(((struct trv_log *)log)->text);
}

static guint hash_link(gconstpointer key)
{
	const struct trv_link *link = key;
	uint64_t mixed = (link->from * 0x9e3779b97f4a7c15u) ^ (link->to * 0xc2b2ae3d27d4eb4fu);

	return (guint)(mixed >> 32);
}

static gboolean equal_links(gconstpointer left, gconstpointer right)
{
	const struct trv_link *a = left, *b = right;

	return a->from == b->from && a->to == b->to;
}

static guint hash_actor(gconstpointer key)
{
	return g_int64_hash(key);
}

static void add_link(GHashTable *links, uint64_t from, uint64_t to, uint64_t weight)
{
	struct trv_link key = {from, to, weight};
	struct trv_link *known = g_hash_table_lookup(links, &key);

	if (known)
		known->weight += weight;
	else
		g_hash_table_add(links, g_memdup2(&key, sizeof key));
}

static struct trv_total *total_of(struct pass *pass, uint64_t actor)
{
	struct trv_total *total = g_hash_table_lookup(pass->totals, &actor);

	if (!total) {
		total = g_new0(struct trv_total, 1);
		total->actor = actor;
		g_hash_table_insert(pass->totals, &total->actor, total);
	}
	return total;
}

static void begin_wait(struct pass *pass, const struct trc_model *model, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(model, id);
	struct open_wait *wait;

	if (!actor || actor->wait.target_count == 0)
		return;
	wait = g_malloc0(sizeof *wait + actor->wait.target_count * sizeof wait->parties[0]);
	wait->actor = id;
	wait->since = actor->wait.since;
	for (unsigned i = 0; i < actor->wait.target_count; i++) {
		uint64_t party = trc_model_target_party(model, &actor->wait.targets[i]);

		if (party != 0 && party != id)
			wait->parties[wait->count++] = party;
	}
	g_hash_table_replace(pass->waits, &wait->actor, wait);
}

static void end_wait(struct pass *pass, const struct open_wait *wait, uint64_t now)
{
	uint64_t length = now > wait->since ? now - wait->since : 0;

	for (size_t i = 0; i < wait->count; i++)
		add_link(pass->links, wait->actor, wait->parties[i], length + 1);
	if (wait->count > 0)
		total_of(pass, wait->actor)->waited += length;
}

static void before(const struct trc_model *model, const struct trc_event *event, void *context)
{
	struct pass *pass = context;

	if (!pass->check)
		pass->check = trc_check_new(model);
	trc_check_before(pass->check, event);
}

static void add_log(struct pass *pass, const struct trc_event *event)
{
	struct trv_log log = {.time = event->time, .actor = event->actor};
	g_autofree char *text = NULL;

	pass->survey->log_total++;
	if (pass->logs->len == TRV_SURVEY_LOGS)
		return;
	text = event->payload_size ? g_strndup((const char *)event->payload, event->payload_size)
				   : g_strdup("");
	log.text = g_utf8_make_valid(text, -1);
	g_array_append_val(pass->logs, log);
}

static void note_send(struct pass *pass, const struct trc_model *model,
		      const struct trc_event *event)
{
	const struct trc_actor *receiver = trc_model_actor(model, event->peer);
	struct trv_total *total = total_of(pass, event->peer);

	total->messages++;
	if (receiver)
		total->deepest = MAX(total->deepest, receiver->depth);
	total_of(pass, event->actor)->messages++;
	if (event->arg != 0 && event->actor != 0)
		add_link(pass->asks, event->actor, event->peer, 1);
}

static void note_event(struct pass *pass, const struct trc_model *model,
		       const struct trc_event *event)
{
	struct open_wait *wait;

	switch (event->kind) {
	case TRC_SEND:
		note_send(pass, model, event);
		break;
	case TRC_SPAWN:
	case TRC_HANDLE_CLONE:
		if (event->actor != 0)
			add_link(pass->handles, event->actor, event->id, 1);
		break;
	case TRC_HANDLE_MOVE:
		if (event->peer != 0)
			add_link(pass->handles, event->peer, event->id, 1);
		break;
	case TRC_WAIT:
		begin_wait(pass, model, event->actor);
		break;
	case TRC_WAKE:
		wait = g_hash_table_lookup(pass->waits, &event->actor);
		if (wait) {
			end_wait(pass, wait, event->time);
			g_hash_table_remove(pass->waits, &event->actor);
		}
		break;
	case TRC_LOG:
		add_log(pass, event);
		break;
	default:
		break;
	}
}

static bool visit(const struct trc_model *model, const struct trc_event *event, void *context)
{
	struct pass *pass = context;

	trc_check_event(pass->check, event);
	note_event(pass, model, event);
	/* The model is gone after the last visit: the verdicts must be had now. */
	if (++pass->done == pass->events)
		trc_check_finish(pass->check, pass->complete, &pass->survey->findings);
	if ((pass->done & 0xfff) == 0 && pass->progress)
		pass->given_up = !pass->progress(
			pass->events ? MIN(1.0, (double)pass->done / (double)pass->events) : 1,
			pass->context);
	return !pass->given_up;
}

static int compare_links(const void *left, const void *right)
{
	const struct trv_link *a = left, *b = right;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

static struct trv_link *take_links(GHashTable *table, size_t *ret_count)
{
	struct trv_link *links = g_new0(struct trv_link, g_hash_table_size(table) + 1);
	GHashTableIter each;
	gpointer item;

	*ret_count = 0;
	g_hash_table_iter_init(&each, table);
	while (g_hash_table_iter_next(&each, &item, NULL))
		links[(*ret_count)++] = *(struct trv_link *)item;
	qsort(links, *ret_count, sizeof links[0], compare_links);
	return links;
}

static void collect_links(struct pass *pass, uint64_t now)
{
	GHashTableIter each;
	gpointer item;

	g_hash_table_iter_init(&each, pass->waits);
	while (g_hash_table_iter_next(&each, NULL, &item))
		end_wait(pass, item, now);
	pass->survey->links = take_links(pass->links, &pass->survey->link_count);
	pass->survey->asks = take_links(pass->asks, &pass->survey->ask_count);
	pass->survey->handles = take_links(pass->handles, &pass->survey->handle_count);
	pass->survey->log_count = pass->logs->len;
	pass->survey->logs = (struct trv_log *)(void *)g_array_steal(pass->logs, NULL);
}

static int compare_totals(const void *left, const void *right)
{
	const struct trv_total *a = left, *b = right;

	return a->actor < b->actor ? -1 : a->actor > b->actor;
}

static void collect_totals(struct pass *pass)
{
	GHashTableIter each;
	gpointer item;
	size_t count = 0;

	pass->survey->total_count = g_hash_table_size(pass->totals);
	pass->survey->totals = g_new0(struct trv_total, pass->survey->total_count + 1);
	g_hash_table_iter_init(&each, pass->totals);
	while (g_hash_table_iter_next(&each, NULL, &item))
		pass->survey->totals[count++] = *(struct trv_total *)item;
	qsort(pass->survey->totals, count, sizeof pass->survey->totals[0], compare_totals);
}

struct trv_survey *trv_survey_make(struct trc_trace *trace, trv_survey_progress *progress,
				   void *context, struct trc_trace_error *ret_error)
{
	struct trc_trace_info info;
	struct pass pass = {.progress = progress, .context = context};
	int failed;

	trc_trace_info(trace, &info);
	pass.events = info.events;
	pass.complete = info.complete;
	pass.survey = g_new0(struct trv_survey, 1);
	pass.links = g_hash_table_new_full(hash_link, equal_links, g_free, NULL);
	pass.asks = g_hash_table_new_full(hash_link, equal_links, g_free, NULL);
	pass.handles = g_hash_table_new_full(hash_link, equal_links, g_free, NULL);
	pass.logs = g_array_new(FALSE, FALSE, sizeof(struct trv_log));
	g_array_set_clear_func(pass.logs, log_clear);
	pass.waits = g_hash_table_new_full(hash_actor, g_int64_equal, NULL, g_free);
	pass.totals = g_hash_table_new_full(hash_actor, g_int64_equal, NULL, g_free);
	failed = trc_trace_each_event(trace, 0, UINT64_MAX, before, visit, &pass, ret_error);
	if (failed == 0 && !pass.given_up) {
		collect_links(&pass, info.last_time);
		collect_totals(&pass);
	} else {
		if (failed == 0)
			g_strlcpy(ret_error->text, "Cancelled.", sizeof ret_error->text);
		g_clear_pointer(&pass.survey, trv_survey_free);
	}
	trc_check_free(pass.check);
	g_hash_table_unref(pass.waits);
	g_hash_table_unref(pass.totals);
	g_hash_table_unref(pass.links);
	g_hash_table_unref(pass.asks);
	g_hash_table_unref(pass.handles);
	g_array_unref(pass.logs);
	return pass.survey;
}

void trv_survey_free(struct trv_survey *survey)
{
	if (!survey)
		return;
	trc_findings_clear(&survey->findings);
	g_free(survey->links);
	g_free(survey->totals);
	g_free(survey->asks);
	g_free(survey->handles);
	for (size_t i = 0; i < survey->log_count; i++)
		log_clear(&survey->logs[i]);
	g_free(survey->logs);
	g_free(survey);
}

size_t trv_survey_log_from(const struct trv_survey *survey, int64_t time)
{
	size_t low = 0, high = survey->log_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if ((int64_t)survey->logs[middle].time < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
