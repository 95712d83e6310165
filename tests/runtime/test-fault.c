/* A handler that needs more stack than it has: the program dies, and says whose fault it was. */
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

ACT_SIGNAL(Dig)

static int dig(int depth)
{
	volatile char here[1024];

	here[depth % 1024] = (char)depth;
	return depth == 0 ? 0 : dig(depth - 1) + here[depth % 1024];
}

static void handle_dig(struct act_self *self, void *state, struct act_message *message)
{
	printf("%d\n", dig(1000000));
}

static const struct act_kind digger_kind = {.name = "digger", .handle = handle_dig};

static void let_dig(struct act_self *self)
{
	struct act_handle digger = act_spawn(self, &digger_kind, "deep thought");

	act_send(self, digger, Dig);
	act_drop(self, &digger);
}

static void test_the_actor_is_named(void **state)
{
	char said[65536];
	size_t length = 0;
	ssize_t got;
	int ends[2], status;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		run_body(NULL, let_dig);
		_exit(0);
	}
	close(ends[1]);
	while ((got = read(ends[0], said + length, sizeof(said) - 1 - length)) > 0)
		length += (size_t)got;
	said[length] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_non_null(strstr(said, "actor \"deep thought\" overflowed its stack"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_actor_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
