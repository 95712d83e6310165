/*
 * error.h - what calls return: 0, or one of these, all negative
 *
 * Errors of the operating system are returned as -errno; our own lie below all of those.
 */
#ifndef ACT_ERROR_H
#define ACT_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

#define ACT_ERROR_MAP(X)                                                               \
	X(ACT_EFULL, -10001, "the mailbox is full")                                    \
	X(ACT_EGONE, -10002, "the actor has ended")                                    \
	X(ACT_EDROPPED, -10003, "the reply token was dropped without a reply")         \
	X(ACT_EDEADLINE, -10004, "the deadline passed")                                \
	X(ACT_ECANCELLED, -10005, "the waiting actor is being stopped")                \
	X(ACT_ESTALE, -10006, "the handle or token was already given away or dropped") \
	X(ACT_EPROTOCOL, -10007, "the peer broke the protocol")                        \
	X(ACT_ECLOSED, -10008, "the connection is closed")                             \
	X(ACT_ENETWORK, -10009, "a run with a seed has no network")

enum act_error {
#define ACT__ERROR_ENUM(name, number, text) name = number,
	ACT_ERROR_MAP(ACT__ERROR_ENUM)
#undef ACT__ERROR_ENUM
};

/* One sentence without a full stop; for -errno what strerror() says. Never NULL. */
const char *act_strerror(int error);

/* "ACT_EFULL", or the name of an errno. Never NULL. */
const char *act_error_name(int error);

#ifdef __cplusplus
}
#endif

#endif
