#include "tracer/analysis/limits.h"

#include "tracer/model/memory.h"
#include "tracer/model/number.h"
#include "tracer/model/table.h"

#include <stdlib.h>

enum { NAMED_MAX = 3 }; /* undecided rings */

static int compare_arrows(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t trc__limits_key(uint64_t *arrows, unsigned count)
{
	uint64_t key = 1;

	qsort(arrows, count, sizeof *arrows, compare_arrows);
	for (unsigned i = 0; i < count; i++)
		if (i == 0 || arrows[i] != arrows[i - 1])
			key = trc_mix(key, arrows[i]);
	return key | 1;
}

static struct trc__undecided *find(const struct trc__limits *limits, uint64_t key)
{
	for (size_t i = 0; i < limits->count; i++)
		if (limits->undecided[i].key == key)
			return &limits->undecided[i];
	return NULL;
}

void trc__limits_leave(struct trc__limits *limits, uint64_t key, char *who)
{
	if (find(limits, key)) {
		free(who);
		return;
	}
	limits->undecided = trc_grow(limits->undecided, &limits->room, limits->count + 1,
				     sizeof *limits->undecided);
	limits->undecided[limits->count++] = (struct trc__undecided){key, who};
}

bool trc__limits_left(const struct trc__limits *limits, uint64_t key)
{
	return find(limits, key) != NULL;
}

void trc__limits_settle(struct trc__limits *limits, uint64_t key)
{
	struct trc__undecided *undecided = find(limits, key);

	if (!undecided)
		return;
	free(undecided->who);
	*undecided = limits->undecided[--limits->count];
}

void trc__limits_clear(struct trc__limits *limits)
{
	for (size_t i = 0; i < limits->count; i++)
		free(limits->undecided[i].who);
	free(limits->undecided);
	*limits = (struct trc__limits){0};
}

/* --- in words -----------------------------------------------------------------------------------
 */

const char *trc_limit_name(enum trc_limit limit)
{
	static const char *const names[TRC_LIMIT_COUNT] = {"steps",  "sends",     "waits", "rings",
							   "length", "mailboxes", "orders"};

	return limit < TRC_LIMIT_COUNT ? names[limit] : "?";
}

static char *steps_text(const struct trc__limits *limits)
{
	char steps[TRC_NUMBER_SIZE];

	return trc_format("what could have happened was looked for in the first %s steps only, "
			  "until %.3f s of %.3f s; what did happen was found in all of it",
			  trc_format_count(TRC__NODES_MAX, steps), (double)limits->kept_until / 1e9,
			  (double)limits->end / 1e9);
}

static char *sends_text(const struct trc__limits *limits)
{
	char of_flow[TRC_NUMBER_SIZE], all[TRC_NUMBER_SIZE];

	return trc_format("of the sends between two kinds of actors only the first %s different "
			  "ones, and %s of all, were searched for rings of full mailboxes; some "
			  "that first came after %.3f s were not",
			  trc_format_count(TRC__ARROWS_OF_FLOW_MAX, of_flow),
			  trc_format_count(TRC__ARROWS_MAX, all),
			  (double)limits->sends_until / 1e9);
}

static char *undecided_text(const struct trc__limits *limits)
{
	struct trc_text text = {0};
	char steps[2][TRC_NUMBER_SIZE];

	trc_text_add(&text, "left undecided: whether ");
	for (size_t i = 0; i < limits->count && i < NAMED_MAX; i++)
		trc_text_add(&text, "%s%s", i ? "; whether " : "", limits->undecided[i].who);
	if (limits->count > NAMED_MAX)
		trc_text_add(&text, "; and %zu more of the kind", limits->count - NAMED_MAX);
	trc_text_add(&text, " (%d orders of each are tried, with %s steps for one and %s for all)",
		     TRC__ORDERS_MAX, trc_format_count(TRC__ORDER_STEPS_MAX, steps[0]),
		     trc_format_count(TRC__ALL_STEPS_MAX, steps[1]));
	return text.data;
}

static char *more_text(const char *format, uint64_t limit)
{
	char count[TRC_NUMBER_SIZE];

	trc_format_count(limit, count);
	return trc_format("%s%s steps; there may be more of them", format, count);
}

static void add(struct trc_findings *findings, enum trc_limit limit, char *text)
{
	findings->cuts[findings->cut_count++] = (struct trc_cut){limit, text};
}

void trc__limits_tell(const struct trc__limits *limits, struct trc_findings *findings)
{
	char count[TRC_NUMBER_SIZE];

	if (limits->kept_until)
		add(findings, TRC_LIMIT_STEPS, steps_text(limits));
	if (limits->sends_until)
		add(findings, TRC_LIMIT_SENDS, sends_text(limits));
	if (limits->waits)
		add(findings, TRC_LIMIT_WAITS,
		    trc_format("only the first %s different waits were searched for rings",
			       trc_format_count(TRC__WAITS_MAX, count)));
	if (limits->rings)
		add(findings, TRC_LIMIT_RINGS,
		    more_text("the search for rings of waits ended after ", TRC__RING_STEPS_MAX));
	if (limits->length)
		add(findings, TRC_LIMIT_LENGTH,
		    trc_format("rings of more than %d waits were not searched", TRC__RING_MAX));
	if (limits->mailboxes)
		add(findings, TRC_LIMIT_MAILBOXES,
		    more_text("the search for rings of full mailboxes ended after ",
			      TRC__MAILBOX_STEPS_MAX));
	if (limits->count)
		add(findings, TRC_LIMIT_ORDERS, undecided_text(limits));
}
