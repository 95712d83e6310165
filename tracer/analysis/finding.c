#include "tracer/analysis/edges.h"
#include "tracer/analysis/evidence.h"
#include "tracer/analysis/finding.h"

#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	const char *verdict;
	const char *meaning;
} codes[TRC_CODE_COUNT] = {
	[TRC_CODE_DEADLOCK] = {"deadlock", "certain",
			       "actors waited for each other and could never go on, whatever the "
			       "others did"},
	[TRC_CODE_ORPHAN_WAIT] = {"orphan-wait", "certain",
				  "an actor waited for something that no one was left to bring "
				  "about"},
	[TRC_CODE_POTENTIAL_DEADLOCK] = {"potential-deadlock", "predicted",
					 "it did not happen in this run, but another order of its "
					 "messages, or more of them at once, reaches a deadlock"},
	[TRC_CODE_DEADLINE_CYCLE] = {"deadline-cycle", "hazard",
				     "actors waited for each other until a deadline passed"},
	[TRC_CODE_STALL] = {"stall", "hazard",
			    "a long wait for a timer or the outside world held others up"},
	[TRC_CODE_HANDLE_CYCLE] = {"handle-cycle", "hazard",
				   "actors hold each other's handles and so never end by "
				   "themselves"},
	[TRC_CODE_KIND_CYCLE] = {"kind-cycle", "hazard",
				 "actors of these kinds could wait for each other, but none did "
				 "so all around"},
	[TRC_CODE_REFUTED] = {"refuted", "refuted",
			      "a ring of waits that cannot deadlock, with the reason"},
};

const char *trc_code_name(enum trc_code code)
{
	return (unsigned)code < TRC_CODE_COUNT ? codes[code].name : "?";
}

const char *trc_code_verdict(enum trc_code code)
{
	return (unsigned)code < TRC_CODE_COUNT ? codes[code].verdict : "?";
}

const char *trc_code_meaning(enum trc_code code)
{
	return (unsigned)code < TRC_CODE_COUNT ? codes[code].meaning : "?";
}

enum trc_code trc_code_from_name(const char *name)
{
	unsigned code = 0;

	while (code < TRC_CODE_COUNT && strcmp(codes[code].name, name) != 0)
		code++;
	return code;
}

/* --- memory -------------------------------------------------------------------------------------
 */

void trc__proof_clear(struct trc_proof *proof)
{
	free(proof->says);
	free(proof->file);
	free(proof->function);
}

static void proof_copy(const struct trc_proof *proof, struct trc_proof *ret_copy)
{
	*ret_copy = *proof;
	ret_copy->says = trc_strdup(proof->says);
	ret_copy->file = trc_strdup(proof->file);
	ret_copy->function = trc_strdup(proof->function);
}

void trc_finding_clear(struct trc_finding *finding)
{
	for (unsigned i = 0; i < finding->proof_count; i++)
		trc__proof_clear(&finding->proofs[i]);
	free(finding->proofs);
	for (unsigned i = 0; i < finding->edge_count; i++)
		trc__edge_clear(&finding->edges[i]);
	free(finding->edges);
	free(finding->title);
	free(finding->reason);
	free(finding->actors);
	free(finding->victims);
	*finding = (struct trc_finding){0};
}

void trc_finding_copy(const struct trc_finding *finding, struct trc_finding *ret_copy)
{
	*ret_copy = *finding;
	ret_copy->title = trc_strdup(finding->title);
	ret_copy->reason = trc_strdup(finding->reason);
	ret_copy->actors = trc_copy(finding->actors, finding->actor_count * sizeof(uint64_t));
	ret_copy->victims = trc_copy(finding->victims, finding->victim_count * sizeof(uint64_t));
	ret_copy->edges = trc_alloc(finding->edge_count * sizeof *finding->edges);
	for (unsigned i = 0; i < finding->edge_count; i++)
		trc__edge_copy(&finding->edges[i], &ret_copy->edges[i]);
	ret_copy->proofs = trc_alloc(finding->proof_count * sizeof *finding->proofs);
	for (unsigned i = 0; i < finding->proof_count; i++)
		proof_copy(&finding->proofs[i], &ret_copy->proofs[i]);
}

/* --- fingerprints -------------------------------------------------------------------------------
 */

static uint64_t hash_text(uint64_t hash, const char *text)
{
	/* FNV-1a; the NUL counts, so that parts cannot run into each other. */
	for (;; text++) {
		hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
		if (*text == '\0')
			return hash;
	}
}

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

const char *trc__base_name(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

/*
 * An arrow's shape is that of its kinds. Its place is the function, not the line, so that an
 * accepted finding stays known when lines above it are edited; a program that does not tell
 * functions has lines.
 */
static uint64_t hash_arrow(const struct trc_edge *edge, bool with_place)
{
	const char *what = trc_what_name(edge->what);
	uint64_t hash = hash_text(UINT64_C(0xcbf29ce484222325), edge->from_kind);
	char line[16];

	hash = hash_text(hash, what ? what : "?");
	hash = hash_text(hash, edge->to_kind);
	if (!with_place)
		return hash;
	snprintf(line, sizeof line, "%" PRIu32, edge->line);
	hash = hash_text(hash, trc__base_name(edge->file));
	hash = hash_text(hash, edge->function[0] ? edge->function : line);
	return hash_text(hash, edge->sending);
}

/*
 * The arrows' hashes, sorted and each taken once, do not depend on where the ring is entered, nor
 * on how many actors of a kind stand in it this time.
 */
static void hash_ring(const struct trc_finding *finding, const char *start, bool with_place,
		      char *ret_digits)
{
	uint64_t hash = hash_text(UINT64_C(0xcbf29ce484222325), start);
	uint64_t *parts = trc_alloc(finding->core_edge_count * sizeof *parts);

	for (unsigned i = 0; i < finding->core_edge_count; i++)
		parts[i] = hash_arrow(&finding->edges[i], with_place);
	qsort(parts, finding->core_edge_count, sizeof *parts, compare_numbers);
	for (unsigned i = 0; i < finding->core_edge_count; i++) {
		char digits[17];

		if (i > 0 && parts[i] == parts[i - 1])
			continue;
		snprintf(digits, sizeof digits, "%016" PRIx64, parts[i]);
		hash = hash_text(hash, digits);
	}
	free(parts);
	snprintf(ret_digits, sizeof finding->fingerprint, "%016" PRIx64, hash);
}

void trc__fingerprint(struct trc_finding *finding)
{
	/* Which of several places stands for a predicted arrow differs between runs. */
	bool happened = finding->code == TRC_CODE_DEADLOCK ||
			finding->code == TRC_CODE_ORPHAN_WAIT || finding->code == TRC_CODE_STALL;

	hash_ring(finding, trc_code_name(finding->code), happened, finding->fingerprint);
	hash_ring(finding, "shape", false, finding->shape);
}
