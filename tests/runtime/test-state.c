/* States that were described: recorded when they change, and known to the model. */
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"
#include "tracer/event/payload.h"
#include "tracer/model/model.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

ACT_STATE(Counts, (u64, visits), (text, last), (handle, friend), (f64, mean))
ACT_MESSAGE(Visit, (text, name))
ACT_SIGNAL(Ignore)

static const struct act_options seeded = {.seed = 4};

/* The described part is only the first of it. */
struct room {
	struct Counts counts;
	char name[20];
	int undescribed;
};

static int open_room(struct act_self *self, void *state, struct act_message *init)
{
	((struct room *)state)->undescribed = 1;
	return 0;
}

static void visit(struct act_self *self, void *state, struct act_message *message)
{
	struct room *room = state;
	struct Visit *visit = act_as(message, Visit);

	room->undescribed++;
	if (!visit)
		return;
	room->counts.visits++;
	room->counts.mean = 0.5;
	snprintf(room->name, sizeof(room->name), "%s", visit->name);
	room->counts.last = room->name;
}

static const struct act_kind room_kind = {.name = "room",
					  .state_size = sizeof(struct room),
					  .start = open_room,
					  .handle = visit,
					  .state_type = &Counts_type};

static void visit_room(struct act_self *self)
{
	struct act_handle room = act_spawn(self, &room_kind, NULL);
	char name[2000];

	expect(act_send(self, room, Visit, .name = "ann") == 0);
	expect(act_send(self, room, Ignore) == 0);
	expect(act_send(self, room, Visit, .name = "bob") == 0);
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	expect(act_send(self, room, Visit, .name = name) == 0);
	act_drop(self, &room);
}

static void check_text(const struct trc_model *model, const struct trc_actor *actor,
		       const char *expected)
{
	size_t size = 0;
	const uint8_t *definition = trc_model_type_definition(model, actor->state_type, &size);
	char text[200];

	trc_payload_text(definition, size, actor->state_bytes, actor->state_size, actor->state_cut,
			 text, sizeof(text));
	assert_string_equal(text, expected);
}

static void test_a_state_is_recorded_when_it_changes(void **state)
{
	static const char *const expected[] = {
		"Counts{visits:0, last:\"\", friend:none, mean:0}",
		"Counts{visits:1, last:\"ann\", friend:none, mean:0.5}",
		"Counts{visits:2, last:\"bob\", friend:none, mean:0.5}",
		"Counts{visits:3, last:\"xxxxxxxxxxxxxxxxxxx\", friend:none, mean:0.5}",
	};
	struct recording recording = recording_of(&seeded, visit_room);
	struct trc_model *model = trc_model_new(), *copy = NULL;
	unsigned seen = 0;
	uint64_t room = 0;

	recording_check(&recording);
	/* One worker, so one ring, whose order is that of all events. */
	for (size_t i = 0; i < recording.count; i++) {
		const struct trc_event *event = &recording.events[i].event;

		trc_model_apply(model, event);
		if (event->kind != TRC_STATE)
			continue;
		assert_true(seen < 4);
		room = event->actor;
		check_text(model, trc_model_actor(model, room), expected[seen]);
		/* Before the DONE of what changed it. */
		assert_int_equal(trc_model_actor(model, room)->state, TRC_RUNNING);
		if (seen == 1)
			copy = trc_model_clone(model);
		seen++;
	}
	assert_int_equal(seen, 4);
	assert_int_equal(trc_model_anomalies(model), 0);
	trc_model_free(model);
	check_text(copy, trc_model_actor(copy, room), expected[1]);
	trc_model_free(copy);
	recording_free(&recording);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_state_is_recorded_when_it_changes),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
