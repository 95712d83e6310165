/*
 * index.h - the keyframes and summaries of a trace: in its file, or in a temporary one
 *
 * Made by tracer/model/digest.h, which says what is in the bytes. Here they are packed, kept and
 * found again. A trace file from before there were any, or of a recorder that was killed early, has
 * none or not all; then somebody makes them and keeps them in a scratch index.
 */
#ifndef TRACER_STORE_INDEX_H
#define TRACER_STORE_INDEX_H

#include "tracer/store/store.h"

struct trc_index;

/* Of an open trace: for reading, or for putting into its open transactions. The store is borrowed
 * and must live longer. What is in the tables may be damaged, and is checked as it is read. */
int trc_index_open(struct trc_store *store, struct trc_index **ret_index,
		   struct trc_error *ret_error);

/* A new one, empty, in a temporary file that nobody else sees. */
int trc_index_scratch(struct trc_index **ret_index, struct trc_error *ret_error);
void trc_index_close(struct trc_index *index); /* NULL is fine */

/* --- writing ------------------------------------------------------------------------------------
 */

struct trc_index_keyframe {
	uint64_t events, messages; /* until here */
	uint64_t time;
	uint64_t batch;
	const uint8_t *sent, *news, *state;
	size_t sent_size, news_size, state_size;
};
int trc_index_put_keyframe(struct trc_index *index, const struct trc_index_keyframe *keyframe,
			   struct trc_error *ret_error);

/* Puts other news in place of those that a keyframe of the file has. */
int trc_index_put_news(struct trc_index *index, uint64_t keyframe, const uint8_t *news, size_t size,
		       struct trc_error *ret_error);

struct trc_index_summary {
	unsigned level;
	uint64_t first, events; /* events before it, and in it */
	uint64_t begin, end;
	const uint8_t *bytes;
	size_t size;
};
int trc_index_put_summary(struct trc_index *index, const struct trc_index_summary *summary,
			  struct trc_error *ret_error);

/* --- reading ------------------------------------------------------------------------------------
 */

/* Lists what has come since the last call. Returns how many rows, or -errno. */
int trc_index_refresh(struct trc_index *index, struct trc_error *ret_error);

/* Keyframes in order of their events; `sent` stays good until the index is closed, `news` and
 * `state` are NULL: they are loaded. */
size_t trc_index_keyframe_count(const struct trc_index *index);
const struct trc_index_keyframe *trc_index_keyframe(const struct trc_index *index, size_t number);

/* Summaries of one level in order of their events; `bytes` is NULL. */
size_t trc_index_summary_count(const struct trc_index *index, unsigned level);
const struct trc_index_summary *trc_index_summary(const struct trc_index *index, unsigned level,
						  size_t number);

/* The bytes, to be freed by the caller. */
int trc_index_load_state(struct trc_index *index, size_t number, uint8_t **ret_bytes,
			 size_t *ret_size, struct trc_error *ret_error);
int trc_index_load_news(struct trc_index *index, size_t number, uint8_t **ret_bytes,
			size_t *ret_size, struct trc_error *ret_error);
int trc_index_load_summary(struct trc_index *index, unsigned level, size_t number,
			   uint8_t **ret_bytes, size_t *ret_size, struct trc_error *ret_error);

#endif
