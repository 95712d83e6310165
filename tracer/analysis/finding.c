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
} codes[TRC_CODE_COUNT] = {
	[TRC_CODE_DEADLOCK] = {"deadlock", "certain"},
	[TRC_CODE_ORPHAN_WAIT] = {"orphan-wait", "certain"},
	[TRC_CODE_POTENTIAL_DEADLOCK] = {"potential-deadlock", "predicted"},
	[TRC_CODE_DEADLINE_CYCLE] = {"deadline-cycle", "hazard"},
	[TRC_CODE_STALL] = {"stall", "hazard"},
	[TRC_CODE_HANDLE_CYCLE] = {"handle-cycle", "hazard"},
	[TRC_CODE_REFUTED] = {"refuted", "refuted"},
};

const char *trc_code_name(enum trc_code code)
{
	return (unsigned)code < TRC_CODE_COUNT ? codes[code].name : "?";
}

const char *trc_code_verdict(enum trc_code code)
{
	return (unsigned)code < TRC_CODE_COUNT ? codes[code].verdict : "?";
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

void trc__edge_clear(struct trc_edge *edge)
{
	free(edge->from_name);
	free(edge->to_name);
	free(edge->from_kind);
	free(edge->to_kind);
	free(edge->doing);
	free(edge->sending);
	free(edge->file);
	free(edge->function);
	*edge = (struct trc_edge){0};
}

void trc__edge_copy(const struct trc_edge *edge, struct trc_edge *ret_copy)
{
	*ret_copy = *edge;
	ret_copy->from_name = trc_strdup(edge->from_name);
	ret_copy->to_name = trc_strdup(edge->to_name);
	ret_copy->from_kind = trc_strdup(edge->from_kind);
	ret_copy->to_kind = trc_strdup(edge->to_kind);
	ret_copy->doing = trc_strdup(edge->doing);
	ret_copy->sending = trc_strdup(edge->sending);
	ret_copy->file = trc_strdup(edge->file);
	ret_copy->function = trc_strdup(edge->function);
}

void trc_finding_clear(struct trc_finding *finding)
{
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
 * Each arrow of the core has its own hash, of kinds and source line but not of names, numbers and
 * times. Sorted and each taken once they do not depend on where the ring is entered, nor on how
 * many actors of a kind stand in it this time.
 */
void trc__fingerprint(struct trc_finding *finding)
{
	bool predicted =
		finding->code != TRC_CODE_DEADLOCK && finding->code != TRC_CODE_ORPHAN_WAIT;
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	uint64_t *parts = trc_alloc(finding->core_edge_count * sizeof *parts);

	for (unsigned i = 0; i < finding->core_edge_count; i++) {
		const struct trc_edge *edge = &finding->edges[i];
		const char *what = trc_what_name(edge->what);
		char line[16];

		parts[i] = hash_text(UINT64_C(0xcbf29ce484222325), edge->from_kind);
		parts[i] = hash_text(parts[i], what ? what : "?");
		parts[i] = hash_text(parts[i], edge->to_kind);
		/* Which of several lines stands for a predicted arrow differs between runs. */
		if (predicted)
			continue;
		snprintf(line, sizeof line, "%" PRIu32, edge->line);
		parts[i] = hash_text(parts[i], trc__base_name(edge->file));
		parts[i] = hash_text(parts[i], line);
	}
	qsort(parts, finding->core_edge_count, sizeof *parts, compare_numbers);
	hash = hash_text(hash, trc_code_name(finding->code));
	for (unsigned i = 0; i < finding->core_edge_count; i++) {
		char digits[17];

		if (i > 0 && parts[i] == parts[i - 1])
			continue;
		snprintf(digits, sizeof digits, "%016" PRIx64, parts[i]);
		hash = hash_text(hash, digits);
	}
	free(parts);
	snprintf(finding->fingerprint, sizeof finding->fingerprint, "%016" PRIx64, hash);
}
