/*
 * The two scripted sessions against real servers: the default one hangs, the cured one does not.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/examples/chat-fixture.h"

static const char *server_program, *session_program;

static void play(const char *backpressure, const char *session, const char *expect)
{
	struct server server;
	char port[8];
	int status;
	server_start(&server, server_program, backpressure, 0);
	snprintf(port, sizeof(port), "%u", server.port);
	pid_t process = fork();
	assert_true(process >= 0);
	if (process == 0) {
		execl(session_program, session_program, session, "--port", port, expect,
		      (char *)NULL);
		_exit(127);
	}
	assert_int_equal(waitpid(process, &status, 0), process);
	assert_int_equal(status, 0);
	/* Also a server with a hung room can be stopped. */
	assert_int_equal(server_stop(&server), 0);
}

static void test_friendly(void **state)
{
	play("--backpressure=wait", "friendly", "--expect=alive");
	play("--backpressure=drop-slow", "friendly", "--expect=alive");
}

static void test_the_default_hangs(void **state)
{
	play(NULL, "hang", "--expect=hang");
}

static void test_the_cure_lives(void **state)
{
	play("--backpressure=drop-slow", "hang", "--expect=alive");
}

int main(int argc, char **argv)
{
	server_program = argv[1];
	session_program = argv[2];
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_friendly),
		cmocka_unit_test(test_the_default_hangs),
		cmocka_unit_test(test_the_cure_lives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
