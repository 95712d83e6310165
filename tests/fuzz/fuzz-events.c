/* Any events, through order, model, alarm and all analyses, to the text of the findings. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "tracer/analysis/alarm.h"
#include "tracer/analysis/check.h"
#include "tracer/model/order.h"

struct run {
	struct trc_check *check;
	struct trc_alarm *alarm;
};

static void before(const struct trc_event *event, void *context)
{
	trc_check_before(((struct run *)context)->check, event);
}

static void after(const struct trc_event *event, void *context)
{
	trc_check_event(((struct run *)context)->check, event);
	trc_alarm_event(((struct run *)context)->alarm, event);
}

static void tell(const struct trc_finding *finding, void *context)
{
	char *text = trc_finding_text(finding);

	fuzz_assert(text[0] != '\0');
	free(text);
}

/* Small numbers, so that events meet. */
static struct trc_event next_event(struct fuzz_input *input)
{
	struct trc_event event = {.kind = 1 + fuzz_byte(input) % 57, .flags = fuzz_byte(input)};
	uint8_t who = fuzz_byte(input), what = fuzz_byte(input), rest = fuzz_byte(input);
	size_t payload = rest & 31;

	event.actor = who & 7;
	event.peer = who >> 3 & 7;
	event.aseq = (uint16_t)(who >> 6 ? who >> 6 : event.time);
	event.id = what & 15;
	event.arg = what >> 4;
	event.type = rest >> 5;
	event.time = fuzz_byte(input);
	event.site = rest & 3;
	if (payload > input->size)
		payload = input->size;
	event.payload = input->data;
	event.payload_size = (uint32_t)payload;
	input->data += payload;
	input->size -= payload;
	return event;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct trc_model *model = trc_model_new();
	struct run run = {trc_check_new(model), trc_alarm_new(model)};
	struct trc_order *order = trc_order_new(model, after, &run);
	struct trc_findings findings;
	bool complete = fuzz_byte(&input) & 1;

	trc_order_before(order, before);
	while (input.size > 0) {
		uint8_t how = fuzz_byte(&input);
		struct trc_event event = next_event(&input);

		trc_order_push(order, how & 3, &event);
		if ((how & 0x1c) == 0)
			trc_order_drain(order, false);
		if ((how & 0xfc) == 0)
			trc_alarm_poll(run.alarm, tell, NULL);
	}
	trc_order_drain(order, true);
	fuzz_assert(trc_order_pending(order) == 0);
	trc_check_finish(run.check, complete, &findings);
	for (size_t i = 0; i < findings.count; i++)
		tell(&findings.items[i], NULL);
	trc_findings_clear(&findings);
	trc_order_free(order);
	trc_alarm_free(run.alarm);
	trc_check_free(run.check);
	trc_model_free(model);
	return 0;
}
