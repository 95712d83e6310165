/*
 * No memory: every allocation of the runtime fails once, and each time the program gets a result
 * that says so, goes on, and leaves nothing behind (which the sanitizers check).
 *
 * The allocators are wrapped by the linker; see meson.build.
 */
#include "runtime/native.h"
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"
#include "tracer/event/ring.h"
#include "tracer/event/session.h"

#include <act/ws.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <errno.h>
#include <stdatomic.h>

#include <cmocka.h>

static _Atomic long until_failure; /* allocations; 0: none fails any more */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
char *__real_strdup(const char *text);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
char *__wrap_strdup(const char *text);

static bool fails(void)
{
	return until_failure > 0 && --until_failure == 0;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __real_aligned_alloc(alignment, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : __real_strdup(text);
}

/* --- a program that uses everything --------------------------------------------------------- */

ACT_MESSAGE(Init, (handle, other), (text, text))
ACT_MESSAGE(Question, (text, text), (handle, who))
ACT_MESSAGE(Answer, (text, text), (handle, who))
ACT_SIGNAL(Tick)

struct server {
	struct act_handle other;
	char large[2000];
};

static int keep_other(struct act_self *self, void *state, struct act_message *init)
{
	struct server *server = state;

	server->other = act_take(&act_as(init, Init)->other);
	act_after(self, ACT_SECOND, Tick);
	return 0;
}

static void serve(struct act_self *self, void *state, struct act_message *message)
{
	int r;

	if (!act_as(message, Question))
		return;
	r = act_reply(self, message, Answer, .text = "so that it ends", .who = act_me(self));
	expect(r == 0 || r == ACT_ESTALE || r == -ENOMEM);
}

static void let_go(struct act_self *self, void *state)
{
	act_drop(self, &((struct server *)state)->other);
}

static const struct act_kind server_kind = {.name = "server",
					    .state_size = sizeof(struct server),
					    .mailbox = 1,
					    .start = keep_other,
					    .handle = serve,
					    .stop = let_go};

static void sent_later(struct act_self *self, void *data, int error)
{
	expect(error == 0 || error == ACT_EGONE);
}

static void native_handle(struct act_self *self, void *data, struct act_message *message)
{
	struct Question *question = act_as(message, Question);
	int r = act_native_send(self, question->who, sent_later, Tick);

	expect(r == 0 || r == ACT_NATIVE_LATER || r == -ENOMEM);
}

static void native_stop(struct act_self *self, void *data)
{
	act_native_end(self);
}

static int freed;

static void native_free(void *data)
{
	freed++;
}

static const struct act_native_kind native_kind = {
	.kind = {.name = "native"},
	.handle = native_handle,
	.stop = native_stop,
	.free = native_free,
};

static void use_groups(struct act_self *self, struct act_handle server)
{
	struct act_question questions[2];
	size_t index;
	int r;

	for (int i = 0; i < 2; i++)
		questions[i] = ACT_QUESTION(self, server, Question, .text = "why",
					    .who = act_clone(self, server));
	expect(act_ask_all(self, questions, 2) == 0);
	for (int i = 0; i < 2; i++) {
		expect((questions[i].error == 0) == (questions[i].reply != NULL));
		act_release(self, questions[i].reply);
	}
	questions[0] = ACT_QUESTION(self, server, Question, .who = act_me(self));
	r = act_ask_any(self, questions, 1, &index);
	expect((r == 0) == (questions[0].reply != NULL));
	act_release(self, questions[0].reply);
}

static void use_ends(struct act_self *self, struct act_handle server)
{
	uint64_t monitor = act_monitor(self, server);
	int r = act_register(self, "body");
	struct act_handle found = act_whereis(self, "body");

	expect(r == (found.actor ? 0 : -ENOMEM));
	act_drop(self, &found);
	r = act_link(self, server);
	expect(r == 0 || r == -ENOMEM || (r == ACT_ESTALE && !server.actor));
	act_unmonitor(self, monitor);
	act_unlink(self, server);
	act_link(self, server);
	act_monitor(self, server);
	act_unregister(self);
}

static void use_pairs(struct act_self *self)
{
	struct act_handle ends[2];
	int r = act_ws_pair(self, NULL, ends);

	expect(r == 0 || r == -ENOMEM);
	if (r < 0)
		return;
	/* The body does not listen: an end without memory hangs up. */
	r = act_ws_own(self, ends[1]);
	expect(r == 0 || r == -ENOMEM);
	for (int i = 0; i < 2; i++) {
		r = act_ws_send(self, ends[0], "text");
		expect(r == 0 || r == ACT_ECLOSED || r == -ENOMEM);
	}
	act_drop(self, &ends[0]);
	act_drop(self, &ends[1]);
}

static void use_everything(struct act_self *self)
{
	struct act_handle server = act_spawn_with(
		self, &server_kind, "a name that does not fit into the actor's block", Init,
		.other = act_me(self), .text = "to be copied");
	struct act_handle native =
		act_native_spawn(self, &native_kind, NULL, NULL, ACT_NATIVE_HERE, ACT_HERE);
	struct act_message *reply;
	int r;

	if (server.actor) {
		r = act_send(self, server, Tick);
		expect(r == 0 || r == -ENOMEM);
		r = act_try_send(self, server, Question, .who = act_me(self));
		expect(r == 0 || r == ACT_EFULL || r == -ENOMEM);
		r = act_ask(self, server, &reply, Question, .text = "why", .who = act_me(self));
		expect(r == 0 || r == -ENOMEM);
		expect((r == 0) == (reply != NULL));
		act_release(self, reply);
	}
	use_groups(self, server);
	use_ends(self, server);
	use_pairs(self);
	if (native.actor && server.actor)
		act_send(self, native, Question, .who = act_clone(self, server));
	act_drop(self, &server);
	act_drop(self, &native);
}

static int run_it(struct act_self *self, void *state, struct act_message *init)
{
	use_everything(self);
	return 0;
}

static const struct act_kind body_kind = {
	.name = "body", .start = run_it, .handle = ignore_message};

static void run_once(void)
{
	struct act_options options = {.seed = 1};
	struct act_system *system = act_system_new(&options);
	struct act_handle body;
	int r;

	if (!system)
		return;
	body = act_system_spawn(system, &body_kind, "body");
	act_system_drop(system, &body);
	r = act_system_run(system);
	assert_true(r == 0 || r == -ENOMEM);
	act_system_free(system);
}

static bool recorded;

static size_t forget_recording(void)
{
	struct recording recording = recording_take();
	size_t count = recording.count;

	recording_free(&recording);
	return count;
}

static void test_every_allocation_may_fail(void **state)
{
	bool reached;
	long n = 0;

	do {
		freed = 0;
		until_failure = ++n;
		run_once();
		assert_true(freed <= 1);
		reached = until_failure == 0;
		until_failure = 0;
		if (recorded)
			assert_true(forget_recording() > 0 || reached);
	} while (reached);
	assert_true(n > 10);
	/* The last run had all it wanted. */
	assert_int_equal(freed, 1);
}

static int begin(void **state)
{
	if (recorded) {
		recording_begin(NULL);
		/* Who has no memory for a ring is not recorded: have one first. */
		assert_non_null(trc_ring_of_thread(trc_session_attach()));
	}
	return 0;
}

static int end(void **state)
{
	if (recorded)
		recording_end(NULL);
	return 0;
}

/* With any argument: while the program is recorded. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	recorded = argc > 1;
	return cmocka_run_group_tests(tests, begin, end);
}
