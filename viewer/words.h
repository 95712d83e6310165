/*
 * words.h - how things are called in the window; the same words everywhere
 *
 * What is returned as `char *` is to be freed with g_free().
 */
#ifndef VIEWER_WORDS_H
#define VIEWER_WORDS_H

#include "tracer/analysis/finding.h"
#include "tracer/query/trace.h"

/* An actor with its kind, as the command line names it: room "lobby". */
char *trv_words_actor(const struct trc_model *names, uint64_t actor);

/* What a wait is for, with whom: "reply from room-1", "space in ann's mailbox", "timer". */
char *trv_words_wait(const struct trc_model *names, unsigned what, uint64_t party);

/* "waits for a reply from room-1" */
char *trv_words_waits(const struct trc_model *names, unsigned what, uint64_t party);

/* What an actor is doing in `model`: "handles Join", "waits for a reply from room-1", "idle". */
char *trv_words_state(const struct trc_model *model, const struct trc_actor *actor);

/* The same where there is little room: "waits for reply". */
char *trv_words_state_short(const struct trc_model *model, const struct trc_actor *actor);

/* "room.c:88", the file without its folders; NULL when the site is unknown. */
char *trv_words_site(const struct trc_model *names, uint32_t site);

/* A number with spaces between thousands; the same in a few letters, "12k", "3.4M". */
char *trv_words_count(uint64_t count);
char *trv_words_about(uint64_t count);

/* "1 message", "12 480 messages" */
char *trv_words_counted(uint64_t count, const char *one, const char *many);

/* "12 arrows to 3 hidden lanes" */
char *trv_words_hidden(size_t arrows, size_t lanes);

/* "Potential deadlock · predicted" */
char *trv_words_finding(const struct trc_finding *finding);

/* `text` with a capital first letter. */
char *trv_words_sentence(const char *text);

/* How a wait ended: "met", "deadline passed", "cancelled", "still waiting" */
const char *trv_words_wake(unsigned wake);

#endif
