#include "tracer/record/attach.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <uv.h>

enum { DEAD_RETRIES = 100, DEAD_RETRY_MS = 10 };

static int find_by_output(const char *file, char *ret_path)
{
	char output[PATH_MAX];

	if (realpath(file, output) && trc_session_find_output(output, ret_path) == 0)
		return 0;
	fprintf(stderr,
		"actorscope: cannot attach to the program that was recorded into %s: what it did "
		"after its recorder stopped is no longer in memory\n",
		file);
	return TRC_RECORD_USE;
}

/* The session's directory that `what` means. */
static int find(const char *what, char *ret_path)
{
	char *end;
	long pid = strtol(what, &end, 10);
	struct stat status;

	/* The session itself, as a recorder says it that follows children. */
	if (what[0] == '/' && stat(what, &status) == 0 && S_ISDIR(status.st_mode) &&
	    strlen(what) < PATH_MAX) {
		strcpy(ret_path, what);
		return 0;
	}
	if (*end || end == what || pid <= 0 || pid > INT_MAX)
		return find_by_output(what, ret_path);
	if (trc_session_find((pid_t)pid, ret_path) == 0)
		return 0;
	fprintf(stderr,
		"actorscope: cannot attach to process %ld: it is not yours, not there, or was "
		"started without tracing; start it with %s=allow in its environment\n",
		pid, TRC_ALLOW_ENV);
	return TRC_RECORD_USE;
}

/* Nobody records, but the lock is held: by a child that a killed recorder has left, until that has
 * become the program to be recorded; or for a moment by somebody who clears away what is dead. */
static bool nobody_records(uint32_t recorder)
{
	return recorder == 0 || (kill((pid_t)recorder, 0) < 0 && errno == ESRCH);
}

static int adopt(const char *path, struct trc_session **ret_session, uint32_t *ret_recorder)
{
	int result = trc_session_adopt(path, ret_session, ret_recorder);

	for (int i = 0; i < DEAD_RETRIES && result == -EBUSY && nobody_records(*ret_recorder);
	     i++) {
		uv_sleep(DEAD_RETRY_MS);
		result = trc_session_adopt(path, ret_session, ret_recorder);
	}
	return result;
}

int trc_attach_session(const char *what, struct trc_session **ret_session)
{
	char path[PATH_MAX];
	uint32_t recorder = 0;
	int result = find(what, path);

	if (result != 0)
		return result;
	result = adopt(path, ret_session, &recorder);
	if (result == 0)
		return 0;
	if (result == -EBUSY)
		fprintf(stderr, "actorscope: cannot attach to %s: process %" PRIu32 " records it\n",
			what, recorder);
	else
		fprintf(stderr,
			"actorscope: cannot attach to %s: there is no session of this user and "
			"version in %s\n",
			what, path);
	return TRC_RECORD_USE;
}

int trc_attach_filters(struct trc_session *session, const char *rules)
{
	char *there = trc_session_rules(session), output[PATH_MAX];
	bool same = there && strcmp(there, rules) == 0;
	int result;

	free(there);
	if (same)
		return 0;
	if (trc_session_output(session, output) == 0) {
		fprintf(stderr,
			"actorscope: this program has been recorded into %s with other filters, or "
			"with none, and it can only be gone on with as it was (leave out --only "
			"and --skip)\n",
			output);
		return TRC_RECORD_USE;
	}
	result = trc_session_set_filters(session, rules);
	if (result == 0)
		return 0;
	fprintf(stderr, "actorscope: cannot put the filters into shared memory: %s\n",
		strerror(-result));
	return TRC_RECORD_USE;
}

static int fail(const struct trc_error *error)
{
	fprintf(stderr, "actorscope: %s\n", error->text);
	return TRC_RECORD_USE;
}

static int create(struct trc_session *session, const struct trc_record_options *options,
		  const struct trc_store_info *info, char *ret_output, struct trc_store **ret_store)
{
	const char *output = options->output ? options->output : TRC_RECORD_DEFAULT_OUTPUT;
	struct trc_error error;

	if (trc_store_create(output, options->force, info, ret_store, &error) < 0)
		return fail(&error);
	if (!realpath(output, ret_output) || trc_session_set_output(session, ret_output) < 0) {
		fprintf(stderr, "actorscope: cannot keep the name of %s for a recorder to come\n",
			output);
		return TRC_RECORD_USE;
	}
	return 0;
}

int trc_attach_file(struct trc_session *session, const struct trc_record_options *options,
		    struct trc_store_info *info, char *ret_output, struct trc_store **ret_store)
{
	char wanted[PATH_MAX];
	struct trc_error error;

	if (trc_session_output(session, ret_output) < 0)
		return create(session, options, info, ret_output, ret_store);
	if (access(ret_output, F_OK) < 0) {
		fprintf(stderr,
			"actorscope: %s, where this program was recorded, is gone: the beginning, "
			"with all names, is missing\n",
			ret_output);
		return create(session, options, info, ret_output, ret_store);
	}
	if (options->output &&
	    (!realpath(options->output, wanted) || strcmp(wanted, ret_output) != 0)) {
		fprintf(stderr,
			"actorscope: this program has been recorded into %s, which has the "
			"beginning "
			"and all names; it can only be gone on with there (leave out --output)\n",
			ret_output);
		return TRC_RECORD_USE;
	}
	/* They are known there, and better. */
	free(info->program);
	free(info->filters);
	info->program = info->filters = NULL;
	if (trc_store_resume(ret_output, info->wall_start, ret_store, &error) < 0)
		return fail(&error);
	return 0;
}
