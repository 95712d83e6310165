#include "examples/common.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USE = 2, MOST_FLAGS = 8 };

/* For the usage. */
static const char *flags[MOST_FLAGS];
static int flag_count;

bool example_flag(int *argc, char **argv, const char *name)
{
	if (flag_count < MOST_FLAGS)
		flags[flag_count++] = name;
	for (int i = 1; i < *argc; i++) {
		if (strcmp(argv[i], name) != 0)
			continue;
		memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i) * sizeof(*argv));
		--*argc;
		return true;
	}
	return false;
}

static bool read_seed(const char *text, uint64_t *ret_seed)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret_seed = strtoull(text, &end, 10);
	return errno == 0 && *end == '\0' && *ret_seed > 0;
}

static int explain(const char *program)
{
	fprintf(stderr, "Usage: %s", program);
	for (int i = 0; i < flag_count; i++)
		fprintf(stderr, " [%s]", flags[i]);
	fprintf(stderr, " [--seed N]\nN is a number from 1 on.\n");
	return EXIT_USE;
}

int example_run(int argc, char **argv, const struct act_kind *first)
{
	struct act_options options = {0};
	int r;

	if (argc != 1 &&
	    (argc != 3 || strcmp(argv[1], "--seed") != 0 || !read_seed(argv[2], &options.seed)))
		return explain(argv[0]);
	r = act_run(&options, first, NULL);
	/* What has come to a standstill has been told by the runtime. */
	if (r < 0 && r != -EDEADLK)
		fprintf(stderr, "%s: cannot run: %s\n", argv[0], act_strerror(r));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
