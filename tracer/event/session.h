/*
 * session.h - one recording as the traced program and the recorder share it
 *
 * The recorder makes a session: a directory in shared memory with a control page and, later, one
 * ring file a thread (ring.h). Its path stands in the environment variable TRC_SESSION_ENV of the
 * program, which attaches on its first traced act. The memory outlives the program: whatever kills
 * it, the recorder reads on.
 */
#ifndef TRACER_EVENT_SESSION_H
#define TRACER_EVENT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRC_SESSION_ENV "ACTORSCOPE_SESSION"

/* With this variable set to "allow", a program that is not recorded makes a session by itself,
 * which `actorscope record --attach` can take up at any time. */
#define TRC_ALLOW_ENV "ACTORSCOPE"

/* Names the seed of a run that shall be repeatable. Read by the runtime, with a recording or
 * without. */
#define TRC_SEED_ENV "ACTORSCOPE_SEED"

struct trc_session;

/* What happens to an event that finds its ring full. */
enum trc_on_full {
	TRC_ON_FULL_WAIT =
		0, /* wait while the recorder makes progress, at most one second without */
	TRC_ON_FULL_DROP = 1, /* count it as lost at once */
};

struct trc_session_options {
	/* Data bytes of each ring, a power of two of at least 64 KiB; 0: 4 MiB. Where there are
	 * more than 16, the later ones are smaller. */
	size_t ring_bytes;
	uint32_t payload_limit; /* bytes of a message's fields that are kept */
	enum trc_on_full on_full;
};

/* --- the program's side ------------------------------------------------------------------------
 */

/* Attaches to the session named by the environment, or makes one where that is allowed. Returns
 * NULL when there is none, or when it cannot be used; then a line on stderr says why. Thread-safe;
 * the session lives until the process ends. A child made by fork() is not attached, and of several
 * processes that inherit the variable the first one has the session; the others have one each when
 * the recorder follows them, and none when it does not. */
struct trc_session *trc_session_attach(void);

/* Nanoseconds since the session began, by CLOCK_MONOTONIC. */
uint64_t trc_session_now(const struct trc_session *session);

uint32_t trc_session_payload_limit(const struct trc_session *session);

/*
 * Whether somebody records: 0 while that is so. Of a session that was allowed, before the recorder
 * comes and after it has left, it is 1: only definitions and the beginning and end of actors are
 * worth writing then. To be read atomically, relaxed; whoever sees it fall calls
 * trc_session_visited() before writing anything else.
 */
const uint32_t *trc_session_resting(const struct trc_session *session);

/* How often a recorder has come so far to a session that nobody recorded; the actor of whose events
 * some may be missing therefore is to leave out a number of its count of events. Reads what the
 * recorder wants to be left out. */
uint32_t trc_session_visited(struct trc_session *session);

/* What is to be left out; NULL: nothing. It stays the same once there is something. */
struct trc_filters;
struct trc_filters *trc_session_filters(const struct trc_session *session);

/* --- the recorder's side -----------------------------------------------------------------------
 */

/* Makes a session. Returns 0 or -errno. Its directory is readable by this user alone. */
int trc_session_create(const struct trc_session_options *options, struct trc_session **ret_session);

/*
 * Goes on with the session in directory `path`, whose recorder was killed or has left it. Returns
 * 0; -EBUSY with the number of the process that records it now; -ENOENT; -EINVAL when it is no
 * session of this user and version.
 */
int trc_session_adopt(const char *path, struct trc_session **ret_session, uint32_t *ret_recorder);

/* Finds the session of a running program. `ret_path` has PATH_MAX bytes. Returns 0 or -ENOENT. */
int trc_session_find(pid_t pid, char *ret_path);

/* Finds the session that is recorded into `output`, a path without links. Its program may have
 * ended, and what it did last may still be in the rings. */
int trc_session_find_output(const char *output, char *ret_path);

/* The path of the trace file, kept for the recorder that goes on. 0 or -errno. `ret_output` has
 * PATH_MAX bytes. */
int trc_session_set_output(struct trc_session *session, const char *output);
int trc_session_output(const struct trc_session *session, char *ret_output);

/*
 * Processes that find the session taken, because the program has started them or has become another
 * one, make sessions of their own from now on, and tell this one. Numbers run from 0; `ret_path`
 * has PATH_MAX bytes and is for trc_session_adopt(). -ENOENT while a child has a number and no
 * more.
 */
void trc_session_follow(struct trc_session *session);
unsigned trc_session_child_count(const struct trc_session *session);
int trc_session_child(const struct trc_session *session, unsigned number, pid_t *ret_pid,
		      char *ret_path);

/* Of such a session, the process that has started its program, and the command line of that; 0, and
 * -ENOENT, of others. `ret_command` has PATH_MAX bytes. */
uint32_t trc_session_parent(const struct trc_session *session);
int trc_session_command(const struct trc_session *session, char *ret_command);

/* Whether events other than definitions and the lives of actors are merely counted: there is no
 * room for them any more. */
void trc_session_pause(struct trc_session *session, bool pause);

/* Whether nobody records, so that the program need not even count. A session that is adopted stays
 * as it is until it is told. */
void trc_session_rest(struct trc_session *session, bool rest);

/* The rules by which the program leaves messages out (filter.h), before it attaches or while the
 * session rests. 0 or -errno. */
int trc_session_set_filters(struct trc_session *session, const char *rules);

/* The rules, to be freed; NULL: there are none, or they cannot be read. */
char *trc_session_rules(const struct trc_session *session);

/* Like trc_session_close(), but leaves the session to the next recorder. */
void trc_session_leave(struct trc_session *session);

/* The directory, to be put into the program's environment. */
const char *trc_session_path(const struct trc_session *session);

/* How many rings programs have asked for so far; ring numbers run from 0. */
unsigned trc_session_ring_count(const struct trc_session *session);

/* How many threads of the program could not get a ring; what they did is missing. */
unsigned trc_session_ringless_count(const struct trc_session *session);

/* The process that has attached; 0 while none has. */
uint32_t trc_session_attached(const struct trc_session *session);

/* The process that the recorder has started, and which may attach yet. */
void trc_session_set_program(struct trc_session *session, pid_t pid);

/* The process that has attached, or else that which was started; 0: neither. */
uint32_t trc_session_program(const struct trc_session *session);

/* Whether that process still runs. */
bool trc_session_program_lives(const struct trc_session *session);

/* Tells waiting writers that the recorder lives and makes progress. Call at least every 100 ms. */
void trc_session_heartbeat(struct trc_session *session);

/* CLOCK_REALTIME nanoseconds at session time 0. */
uint64_t trc_session_wall_start(const struct trc_session *session);

/* Unmaps; the recorder's side also removes the directory and its files. NULL is fine. Only the
 * calling thread may still have a ring in it. */
void trc_session_close(struct trc_session *session);

#ifdef __cplusplus
}
#endif

#endif
