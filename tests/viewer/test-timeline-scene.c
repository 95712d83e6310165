/*
 * test-timeline-scene.c - what the timeline shows of real trace files; no display
 */
#include "viewer/timeline-scene.h"

#include "tests/viewer/sample-trace.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { WIDTH = 1200, HEIGHT = 700, FEW = 20, MANY = 5000 };

static char *path;

static TrvSession *open_session(unsigned rounds, bool hang)
{
	TrvSession *session = trv_session_new();

	sample_chat(path, rounds, hang);
	trv_session_open(session, path);
	while (trv_session_state(session) == TRV_LOADING)
		g_main_context_iteration(NULL, TRUE);
	assert_int_equal(trv_session_state(session), TRV_READY);
	trv_session_fit(session);
	return session;
}

static const struct trv_scene_lane *lane_of(const struct trv_scene *scene, uint64_t actor)
{
	for (size_t i = 0; i < scene->lane_count; i++) {
		if (scene->lanes[i].actor && scene->lanes[i].actor->id == actor)
			return &scene->lanes[i];
	}
	fail_msg("no lane of actor %d", (int)actor);
	return NULL;
}

static size_t spans_shown(const struct trv_scene_lane *lane)
{
	size_t count = 0;

	for (size_t i = 0; i < lane->handler_count; i++)
		count += lane->handlers[i].folded;
	for (size_t i = 0; i < lane->wait_count; i++)
		count += lane->waits[i].folded;
	for (size_t i = 0; i < lane->crowd_count; i++)
		count += lane->crowds[i].folded;
	return count;
}

static void test_everything_of_a_small_trace_is_there(void **state)
{
	TrvSession *session = open_session(FEW, false);
	struct trv_scene scene;

	trv_scene_build(session, WIDTH, HEIGHT, 0, &scene);
	assert_int_equal(scene.lane_count, 5);
	/* start, two joins, and what ann says */
	assert_int_equal(spans_shown(lane_of(&scene, 1)), 1 + 2 + FEW);
	/* start, connect, and what the room tells bob; and the wait for the room's welcome */
	assert_int_equal(spans_shown(lane_of(&scene, 3)), 1 + 1 + FEW + 1);
	assert_false(scene.crowded);
	assert_int_equal(scene.message_total, 4 + 2 * FEW);
	assert_int_equal(scene.arrow_count, scene.message_total);
	trv_scene_clear(&scene);
	g_object_unref(session);
}

static void test_arrows_of_hidden_lanes_are_counted(void **state)
{
	TrvSession *session = open_session(FEW, false);
	struct trv_scene scene;
	size_t arrows;

	trv_scene_build(session, WIDTH, HEIGHT, 0, &scene);
	assert_int_equal(scene.hidden_arrows, 0);
	arrows = scene.arrow_count;
	trv_scene_clear(&scene);
	/* Lanes of the finding in focus would be shown all the same. */
	trv_session_select_none(session);
	trv_session_select_none(session);
	trv_session_hide(session, 3);
	trv_scene_build(session, WIDTH, HEIGHT, 0, &scene);
	/* bob's Connect, and what the room tells him; what he sends the room drops in from above */
	assert_int_equal(arrows - scene.arrow_count, 1 + FEW);
	assert_int_equal(scene.hidden_arrows, 1 + FEW + 1);
	assert_int_equal(scene.hidden_lanes, 1);
	trv_scene_clear(&scene);
	g_object_unref(session);
}

static void test_crowds_lose_nobody(void **state)
{
	TrvSession *session = open_session(MANY, true);
	const struct trv_scene_lane *lane;
	struct trv_scene scene;

	trv_scene_build(session, WIDTH, HEIGHT, 0, &scene);
	lane = lane_of(&scene, 1);
	assert_true(lane->crowd_count > 0);
	/* as before, and the handler and the wait in which it hangs */
	assert_int_equal(spans_shown(lane), 1 + 2 + MANY + 2);
	assert_true(scene.crowded);
	assert_int_equal(scene.arrow_count, 0);
	trv_scene_clear(&scene);
	g_object_unref(session);
}

static void test_messages_too_many_for_arrows_are_counted(void **state)
{
	TrvSession *session = open_session(MANY, false);
	struct trv_scene scene;
	uint64_t slices = 0, bursts = 0;
	struct trv_hit hit;

	trv_scene_build(session, WIDTH, HEIGHT, 0, &scene);
	assert_true(scene.crowded);
	for (size_t i = 0; i < scene.slice_count; i++)
		slices += scene.slices[i];
	for (size_t i = 0; i < scene.burst_count; i++)
		bursts += scene.bursts[i].folded;
	assert_int_equal(slices, trv_session_info(session)->messages);
	assert_int_equal(bursts, slices);
	hit = trv_scene_hit(&scene, (scene.bursts[0].x0 + scene.bursts[0].x1) / 2, HEIGHT - 5);
	assert_int_equal(hit.kind, TRV_HIT_BURST);
	assert_ptr_equal(hit.box, &scene.bursts[0]);
	trv_scene_clear(&scene);
	g_object_unref(session);
}

static void test_bursts_join_what_is_near(void **state)
{
	const uint32_t slices[] = {0, 5, 0, 0, 2, 0, 0, 0, 0, 9};
	struct trv_box bursts[G_N_ELEMENTS(slices)];

	assert_int_equal(trv_bursts_find(slices, G_N_ELEMENTS(slices), 3, bursts), 2);
	assert_int_equal(bursts[0].folded, 7);
	assert_true(bursts[0].x0 == 1 * TRV_BAND_SLICE && bursts[0].x1 == 5 * TRV_BAND_SLICE);
	assert_int_equal(bursts[1].folded, 9);
	assert_int_equal(trv_bursts_find(slices, 1, 3, bursts), 0);
}

static void test_arrows_of_the_selection_are_always_there(void **state)
{
	TrvSession *session = open_session(MANY, false);
	struct trv_scene scene;
	size_t related = 0;

	trv_session_select_message(session, 1000 + 10 * (MANY / 2));
	trv_scene_build(session, WIDTH, HEIGHT, 0, &scene);
	assert_true(scene.crowded);
	for (size_t i = 0; i < scene.arrow_count; i++)
		related += scene.arrows[i].related;
	assert_int_equal(related, 2); /* itself and its effect */
	trv_scene_clear(&scene);
	g_object_unref(session);
}

static void test_the_stuck_come_first_and_are_hit(void **state)
{
	TrvSession *session = open_session(FEW, true);
	const struct trc_finding *deadlock;
	struct trv_scene scene;
	struct trv_hit hit;
	double x, y;

	trv_session_frame_focus(session);
	deadlock = trv_session_focus(session);
	assert_non_null(deadlock);
	trv_scene_build(session, WIDTH, HEIGHT, 0, &scene);
	assert_int_equal(scene.rows->focus_count, 2);
	assert_int_equal(scene.lanes[0].actor->id, deadlock->actors[0]);
	assert_int_equal(scene.lanes[1].actor->id, deadlock->actors[1]);
	/* the room's wait, in its middle */
	x = (trv_axis_x(&scene.axis, (int64_t)deadlock->edges[0].since) +
	     trv_axis_x(&scene.axis, scene.now)) /
	    2;
	y = trv_scene_bar_y(&scene, (size_t)trv_session_row_of(session, 1));
	hit = trv_scene_hit(&scene, x, y);
	assert_int_equal(hit.kind, TRV_HIT_WAIT);
	assert_int_equal(hit.lane->actor->id, 1);
	assert_int_equal(hit.lane->spans[hit.box->span].type, TRC_WHAT_SPACE);
	hit = trv_scene_hit(&scene, x, y + 5 * trv_metrics()->lane); /* below the last lane */
	assert_int_equal(hit.kind, TRV_HIT_NONE);
	trv_scene_clear(&scene);
	g_object_unref(session);
}

static void test_a_folded_group_counts_what_its_members_do(void **state)
{
	TrvSession *session = open_session(FEW, true);
	const struct trv_scene_lane *group = NULL;
	struct trv_scene scene;
	uint64_t spans = 0, waiting = 0;
	float depth = 0;

	trv_session_select_none(session);
	trv_session_select_none(session); /* its actors return to their groups */
	assert_null(trv_session_focus(session));
	trv_session_set_grouping(session, TRV_GROUP_KIND);
	trv_session_fold_all(session, true);
	trv_scene_build(session, WIDTH, HEIGHT, 0, &scene);
	for (size_t i = 0; i < scene.lane_count; i++) {
		if (scene.lanes[i].row->folded && scene.lanes[i].heat_count > 0 && !group)
			group = &scene.lanes[i];
	}
	assert_non_null(group);
	for (size_t i = 0; i < group->heat_count; i++) {
		spans += group->heats[i].spans;
		waiting += group->heats[i].waiting;
		depth = MAX(depth, group->heats[i].depth);
		assert_true(group->heats[i].waiting <= group->row->count);
	}
	assert_true(spans > 0);
	assert_true(waiting > 0); /* somebody waits to the end */
	assert_true(depth > 0 && depth <= 1);
	trv_scene_clear(&scene);
	g_object_unref(session);
}

static uint64_t count_spans(const struct trv_scene_lane *group)
{
	uint64_t spans = 0;

	for (size_t i = 0; i < group->heat_count; i++)
		spans += group->heats[i].spans;
	return spans;
}

static void test_a_large_group_is_completed_between_frames(void **state)
{
	enum { CROWD = 1100 };
	struct sample *sample = sample_new(path);
	TrvSession *session = trv_session_new();
	const struct trv_scene_lane *group;
	struct trv_scene scene;
	unsigned rounds = 0;

	build_definitions(sample_builder(sample));
	for (uint64_t actor = 1; actor <= CROWD; actor++)
		build_spawn(sample_builder(sample), 0, actor, KIND_CONNECTION, "ann", 2);
	sample_end(sample, true);
	trv_session_open(session, path);
	while (trv_session_state(session) == TRV_LOADING)
		g_main_context_iteration(NULL, TRUE);
	trv_session_set_grouping(session, TRV_GROUP_KIND);
	trv_session_fold_all(session, true);
	trv_scene_build(session, WIDTH, HEIGHT, 0, &scene);
	group = &scene.lanes[0];
	assert_int_equal(group->row->count, CROWD);
	assert_false(trv_scene_is_whole(&scene));
	assert_in_range(group->heat_members, 1, CROWD / 2);
	/* Each has started, and that is seen in one slice, or in the two that it touches. */
	assert_in_range(count_spans(group), group->heat_members, 2 * group->heat_members);
	for (; !trv_scene_is_whole(&scene); rounds++)
		trv_scene_go_on(session, &scene);
	assert_in_range(rounds, 1, CROWD / 100);
	assert_int_equal(group->heat_members, CROWD);
	assert_in_range(count_spans(group), CROWD, 2 * CROWD);
	trv_scene_clear(&scene);
	g_object_unref(session);
}

static void test_lines_logged_stand_above_their_lanes(void **state)
{
	struct sample *sample = sample_new(path);
	TrvSession *session = trv_session_new();
	const struct trv_survey *survey;
	struct trv_scene scene;
	double x, y;

	build_chat(sample_builder(sample), FEW, false);
	build_log(sample_builder(sample), 2, "bad \xff byte");
	build_log(sample_builder(sample), 1, "closing");
	build_log(sample_builder(sample), 1, "");
	sample_end(sample, true);
	trv_session_open(session, path);
	while (trv_session_state(session) == TRV_LOADING)
		g_main_context_iteration(NULL, TRUE);
	trv_session_fit(session);
	survey = trv_session_survey(session);
	assert_int_equal(survey->log_count, 3);
	assert_int_equal(survey->log_total, 3);
	assert_true(g_utf8_validate(survey->logs[0].text, -1, NULL));
	assert_string_equal(survey->logs[1].text, "closing");
	assert_string_equal(survey->logs[2].text, "");
	assert_int_equal(trv_survey_log_from(survey, (int64_t)survey->logs[1].time), 1);
	assert_int_equal(trv_survey_log_from(survey, (int64_t)survey->logs[1].time + 1), 2);
	trv_scene_build(session, WIDTH, HEIGHT, 0, &scene);
	assert_true(trv_scene_log_point(session, &scene, &survey->logs[1], &x, &y));
	assert_ptr_equal(trv_scene_log_at(session, &scene, x, y), &survey->logs[1]);
	assert_null(trv_scene_log_at(session, &scene, x - 200, y));
	trv_scene_clear(&scene);
	g_object_unref(session);
}

static void test_scrolled_lanes_are_not_asked_for(void **state)
{
	TrvSession *session = open_session(FEW, false);
	struct trv_scene scene;

	trv_scene_build(session, WIDTH, trv_metrics()->lane, 3 * trv_metrics()->lane, &scene);
	assert_int_equal(scene.first, 3);
	assert_int_equal(scene.lane_count, 1);
	trv_scene_clear(&scene);
	g_object_unref(session);
}

static int set_up(void **state)
{
	int file = g_file_open_tmp("actorscope-scene-XXXXXX.db", &path, NULL);

	assert_true(file >= 0);
	g_close(file, NULL);
	return 0;
}

static int tear_down(void **state)
{
	g_unlink(path);
	g_free(path);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_of_a_small_trace_is_there),
		cmocka_unit_test(test_arrows_of_hidden_lanes_are_counted),
		cmocka_unit_test(test_crowds_lose_nobody),
		cmocka_unit_test(test_messages_too_many_for_arrows_are_counted),
		cmocka_unit_test(test_bursts_join_what_is_near),
		cmocka_unit_test(test_arrows_of_the_selection_are_always_there),
		cmocka_unit_test(test_the_stuck_come_first_and_are_hit),
		cmocka_unit_test(test_a_folded_group_counts_what_its_members_do),
		cmocka_unit_test(test_a_large_group_is_completed_between_frames),
		cmocka_unit_test(test_lines_logged_stand_above_their_lanes),
		cmocka_unit_test(test_scrolled_lanes_are_not_asked_for),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
