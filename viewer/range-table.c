#include "viewer/range-table.h"

#include <glib.h>

struct trv_range_table {
	GPtrArray *rows;   /* struct trv_range_row */
	GHashTable *index; /* of the same, by sender, receiver and type */
};

static guint hash_row(gconstpointer key)
{
	const struct trv_range_row *row = key;
	uint64_t mixed = row->sender * 0x9e3779b97f4a7c15u ^ row->receiver * 0xc2b2ae3d27d4eb4fu ^
			 row->type * 0x165667b19e3779f9u;

	return (guint)(mixed >> 32);
}

static gboolean equal_rows(gconstpointer left, gconstpointer right)
{
	const struct trv_range_row *a = left, *b = right;

	return a->sender == b->sender && a->receiver == b->receiver && a->type == b->type;
}

static void row_free(void *data)
{
	struct trv_range_row *row = data;

	g_free(row->buckets);
	g_free(row);
}

struct trv_range_table *trv_range_table_new(void)
{
	struct trv_range_table *table = g_new0(struct trv_range_table, 1);

	table->rows = g_ptr_array_new_with_free_func(row_free);
	table->index = g_hash_table_new(hash_row, equal_rows);
	return table;
}

void trv_range_table_free(struct trv_range_table *table)
{
	if (!table)
		return;
	g_hash_table_unref(table->index);
	g_ptr_array_unref(table->rows);
	g_free(table);
}

/* The three bits after the leading one choose among the eight buckets of a power of two. */
static unsigned bucket_of(uint64_t value)
{
	unsigned power;

	if (value < 8)
		return (unsigned)value;
	power = 63 - (unsigned)__builtin_clzll(value);
	return (power - 2) * 8 + (unsigned)((value >> (power - 3)) & 7);
}

/* The middle of a bucket. */
static uint64_t value_of(unsigned bucket)
{
	unsigned power = bucket / 8 + 2;
	uint64_t step;

	if (bucket < 8)
		return bucket;
	step = UINT64_C(1) << (power - 3);
	return (8 + bucket % 8) * step + step / 2;
}

static uint64_t wait_of(const struct trc_message_info *message, uint64_t now)
{
	uint64_t begin = message->space_since ? message->space_since : message->sent;
	uint64_t end = message->sent;

	if (message->token != 0)
		end = message->replied ? message->replied : now;
	return end > begin ? end - begin : 0;
}

static void add_time(struct trv_range_row *row, uint64_t from, uint64_t to)
{
	if (to < from)
		return;
	row->buckets[bucket_of(to - from)]++;
	row->timed++;
}

void trv_range_table_add(struct trv_range_table *table, const struct trc_message_info *message,
			 uint64_t now)
{
	struct trv_range_row key = {
		.sender = message->sender, .receiver = message->receiver, .type = message->type};
	struct trv_range_row *row = g_hash_table_lookup(table->index, &key);

	if (!row) {
		row = g_memdup2(&key, sizeof key);
		row->buckets = g_new0(uint32_t, TRV_RANGE_BUCKETS);
		g_ptr_array_add(table->rows, row);
		g_hash_table_add(table->index, row);
	}
	row->count++;
	row->longest_wait = MAX(row->longest_wait, wait_of(message, now));
	if (message->token != 0) {
		row->asks = true;
		if (message->replied)
			add_time(row, message->sent, message->replied);
		else
			row->unanswered++;
	} else if (message->received) {
		add_time(row, message->sent, message->received);
	}
}

size_t trv_range_table_count(const struct trv_range_table *table)
{
	return table->rows->len;
}

const struct trv_range_row *trv_range_table_row(const struct trv_range_table *table, size_t index)
{
	return g_ptr_array_index(table->rows, index);
}

int64_t trv_range_percentile(const struct trv_range_row *row, double share)
{
	double wanted = share * (double)row->timed, seen = 0;

	if (row->timed == 0)
		return -1;
	for (unsigned i = 0; i < TRV_RANGE_BUCKETS; i++) {
		seen += row->buckets[i];
		if (row->buckets[i] > 0 && seen >= wanted)
			return (int64_t)value_of(i);
	}
	return -1;
}
