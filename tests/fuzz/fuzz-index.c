/* Keyframes and summaries: the state of a model and of the order, news, ranges, nodes. A state that
 * was taken must take any events that follow, and be saved again. */
#include "tests/fuzz/fuzz.h"

#include "tracer/model/digest.h"
#include "tracer/model/news.h"
#include "tracer/model/snapshot.h"

enum { EVENTS = 60, PARTS = 4 };

struct holder {
	struct trc_order *order;
};

static void place(unsigned ring, uint64_t waiting, void *context)
{
	struct holder *holder = context;
	const struct trc_event event = {.kind = TRC_LOG, .actor = 1, .time = waiting};

	trc_order_push_of(holder->order, 0, ring, &event);
}

static void go_on(struct trc_model *model, const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};

	for (int i = 0; i < EVENTS && input.size > 0; i++) {
		struct trc_event event = {
			.kind = fuzz_byte(&input) % 60,
			.time = trc_model_time(model),
		};

		event.actor = fuzz_byte(&input) % 8;
		event.id = fuzz_byte(&input) % 8;
		event.peer = fuzz_byte(&input) % 8;
		event.arg = fuzz_byte(&input) % 8;
		event.type = fuzz_byte(&input) % 6;
		trc_model_apply(model, &event);
	}
}

static void restore(const uint8_t *data, size_t size)
{
	struct trc_model *model = trc_model_new();
	struct trc_input input = {data, data + size, false};
	struct trc_bytes saved = {0};
	struct holder holder;

	holder.order = trc_order_new(model, NULL, &holder);
	if (trc_order_restore(holder.order, &input, place, &holder) &&
	    trc_snapshot_decode(&input, model)) {
		trc_order_drain(holder.order, false);
		go_on(model, data, size);
		trc_order_drain(holder.order, true);
		trc_snapshot_encode(model, &saved);
		trc_model_free(trc_model_clone(model));
	}
	free(saved.data);
	trc_order_free(holder.order);
	trc_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trc_summary_node node;
	struct trc_model *model;

	if (size == 0)
		return 0;
	switch (data[0] % PARTS) {
	case 0:
		restore(data + 1, size - 1);
		break;
	case 1:
		if (trc_summary_node_decode(data + 1, size - 1, &node)) {
			for (size_t i = 0; i < node.lane_count; i++)
				fuzz_assert(trc_summary_lane(&node, node.lanes[i].actor) != NULL);
			trc_summary_node_clear(&node);
		}
		if (trc_summary_head_decode(data + 1, size - 1, &node))
			trc_summary_node_clear(&node);
		break;
	case 2:
		model = trc_model_new();
		trc_news_learn(data + 1, size - 1, model);
		trc_model_free(model);
		break;
	default:
		trc_digest_sent(data + 1, size - 1, data[0] * UINT64_C(1000));
		break;
	}
	return 0;
}
