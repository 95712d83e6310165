/*
 * oracle - random actor programs whose whole truth is known, against the analysis
 *
 * Draws small programs, explores all that can become of each (explore.h), runs each some times, and
 * compares what the analysis says of the run's events with the truth. Ends with the counts; exit
 * status 1 when one is over what is promised.
 */
#include "tests/oracle/shrink.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 4, SHOWN_MAX = 3 };

/* For programs without memory, and with. */
struct counts {
	unsigned programs, never, sometimes, always, too_big, unstable;
	unsigned runs, hung;
	uint64_t states, events;
	unsigned wrong[OR_WRONG_BITS];
	unsigned never_runs, passing, likely, possible;
	/* runs from whose traces filters have left something out */
	unsigned filtered, filtered_hung, filtered_missed;
	uint64_t left_out;
	/* runs in whose traces events are missing */
	unsigned lossy, lossy_hung, lossy_missed;
	uint64_t lost;
};

static struct counts counts[2];
static unsigned shown[OR_WRONG_BITS];
static unsigned show_bits;

static void show(const struct or_program *program, unsigned wrong, unsigned seed)
{
	struct or_program small = *program;
	struct or_truth truth;

	or_shrink(&small, wrong, &seed);
	or_explore(&small, &truth);
	printf("--- %s, run %u, deadlocks %#llx\n", or_wrong_name(wrong), seed,
	       (unsigned long long)truth.deadlocks);
	or_program_print(&small, stdout);
	or_trial_print(&small, &truth, seed, wrong);
	fflush(stdout);
}

static void count_wrong(struct counts *count, const struct or_program *program, unsigned wrong,
			unsigned seed)
{
	for (unsigned b = 0; b < OR_WRONG_BITS; b++) {
		if (!(wrong & 1 << b))
			continue;
		count->wrong[b]++;
		if ((show_bits & 1 << b) && shown[b]++ < SHOWN_MAX)
			show(program, 1 << b, seed);
	}
}

static void count_filtered(struct counts *count, const struct or_program *program,
			   const struct or_truth *truth, unsigned seed)
{
	struct or_result result;
	bool missed;
	unsigned left_out = or_trial_filtered(program, truth, seed, &result, &missed);

	if (left_out == 0)
		return;
	count->filtered++;
	count->left_out += left_out;
	count->filtered_hung += result.hung;
	count->filtered_missed += missed;
	count_wrong(count, program, result.wrong, seed);
}

static void count_lossy(struct counts *count, const struct or_program *program,
			const struct or_truth *truth, unsigned seed)
{
	struct or_result result;
	bool missed;
	unsigned lost = or_trial_lossy(program, truth, seed, &result, &missed);

	if (lost == 0)
		return;
	count->lossy++;
	count->lost += lost;
	count->lossy_hung += result.hung;
	count->lossy_missed += missed;
	count_wrong(count, program, result.wrong, seed);
}

static void count_run(struct counts *count, const struct or_program *program,
		      const struct or_truth *truth, unsigned seed)
{
	struct or_result result;

	or_trial(program, truth, seed, &result);
	count->runs++;
	count->events += result.events;
	count->hung += result.hung;
	if (!truth->deadlocks)
		count->never_runs++;
	else if (!result.hung) {
		count->passing++;
		count->likely += result.likely;
		count->possible += !result.likely && result.possible;
	}
	count_wrong(count, program, result.wrong, seed);
}

static void try_program(unsigned *seed)
{
	struct or_program program;
	struct or_truth truth;
	struct counts *count;

	or_program_draw(&program, or_lot(seed, 2), seed);
	count = &counts[program.remembers];
	or_explore(&program, &truth);
	if (!truth.complete) {
		count->too_big++;
		return;
	}
	count->programs++;
	count->states += truth.states;
	count->unstable += truth.unstable;
	if (!truth.deadlocks)
		count->never++;
	else if (truth.ends)
		count->sometimes++;
	else
		count->always++;
	for (unsigned i = 0; i < RUNS; i++) {
		unsigned order = or_lot(seed, 1u << 24) + 1;

		count_run(count, &program, &truth, order);
		count_filtered(count, &program, &truth, order);
		count_lossy(count, &program, &truth, order);
	}
}

static double percent(unsigned part, unsigned whole)
{
	return whole ? 100.0 * part / whole : 0;
}

static void print_counts(const char *title, const struct counts *count)
{
	printf("%s: %u programs (%u never deadlock, %u sometimes, %u always; %u too big), "
	       "%llu states, %u runs, %llu events\n",
	       title, count->programs, count->never, count->sometimes, count->always,
	       count->too_big, (unsigned long long)count->states, count->runs,
	       (unsigned long long)count->events);
	printf("  came back from the dead    %u\n", count->unstable);
	printf("  runs with somebody stuck   %u: missed %u, wrong core %u, wrong instant %u\n",
	       count->hung, count->wrong[1], count->wrong[2], count->wrong[3]);
	printf("  false certain              %u\n", count->wrong[0]);
	printf("  runs of harmless programs  %u: false likely %u (%.2f %%), false possible %u "
	       "(%.2f %%)\n",
	       count->never_runs, count->wrong[4], percent(count->wrong[4], count->never_runs),
	       count->wrong[5], percent(count->wrong[5], count->never_runs));
	printf("  passing runs of others     %u: likely %u (%.1f %%), possible %u (%.1f %%), "
	       "nothing %u (%.1f %%)\n",
	       count->passing, count->likely, percent(count->likely, count->passing),
	       count->possible, percent(count->possible, count->passing), count->wrong[6],
	       percent(count->wrong[6], count->passing));
	printf("  likely, but other actors   %u\n", count->wrong[7]);
	printf("  with filters               %u runs, %llu messages left out, %u with somebody "
	       "stuck: missed %u, wrong %u\n",
	       count->filtered, (unsigned long long)count->left_out, count->filtered_hung,
	       count->filtered_missed, count->wrong[8]);
	printf("  with a gap                 %u runs, %llu events missing, %u with somebody stuck: "
	       "missed %u, wrong %u\n",
	       count->lossy, (unsigned long long)count->lost, count->lossy_hung,
	       count->lossy_missed, count->wrong[11]);
	printf("  alarms                     false %u, missing %u\n", count->wrong[9],
	       count->wrong[10]);
}

/* Whether most of what can happen is foretold, where it has been seen often enough to say. Without
 * memory, seven to eleven in a hundred are not. */
static bool foretells(const struct counts *count)
{
	return count->passing < 20 || count->wrong[6] * 4 <= count->passing;
}

/* Whether all promises were kept: nothing certain is ever wrong; what is called likely is not
 * without memory, and with it for one run in two hundred; what is only called possible for as many.
 * Without memory little is missed. */
static bool kept(void)
{
	if (!foretells(&counts[0]))
		return false;
	for (unsigned m = 0; m < 2; m++) {
		const struct counts *count = &counts[m];
		unsigned allowed = count->never_runs / 200;

		if (count->wrong[8] || count->wrong[9] || count->wrong[10] || count->wrong[11] ||
		    count->unstable || count->wrong[0] || count->wrong[1] || count->wrong[2] ||
		    count->wrong[3] || count->wrong[4] > (m ? allowed : 0) ||
		    count->wrong[5] > allowed)
			return false;
	}
	return true;
}

static unsigned bit_of(const char *name)
{
	for (unsigned b = 0; b < OR_WRONG_BITS; b++)
		if (strcmp(name, or_wrong_name(1 << b)) == 0)
			return 1 << b;
	fprintf(stderr, "oracle: there is no \"%s\" to show; one of:", name);
	for (unsigned b = 0; b < OR_WRONG_BITS; b++)
		fprintf(stderr, " \"%s\"", or_wrong_name(1 << b));
	fprintf(stderr, "\n");
	exit(2);
}

int main(int argc, char **argv)
{
	unsigned seed = 1, programs = 0;
	double seconds = 0;
	time_t begin = time(NULL);
	bool wrong = false;
	int option;

	while ((option = getopt(argc, argv, "s:n:w:")) != -1) {
		if (option == 's')
			seed = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'n')
			programs = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'w')
			show_bits |= bit_of(optarg);
		else
			wrong = true;
	}
	if (optind + 1 == argc)
		seconds = strtod(argv[optind], NULL);
	if (wrong || (programs == 0 && seconds <= 0)) {
		fprintf(stderr, "usage: oracle [-s SEED] [-n PROGRAMS] [-w WHAT] [SECONDS]\n"
				"  -w WHAT  shows some programs, made small, of which the analysis "
				"said something wrong, such as \"false likely\"\n");
		return 2;
	}
	for (unsigned n = 0; programs ? n < programs : difftime(time(NULL), begin) < seconds; n++) {
		unsigned own = seed + n * 7919;

		try_program(&own);
	}
	print_counts("without memory", &counts[0]);
	print_counts("with memory", &counts[1]);
	printf("%s\n", kept() ? "all promises kept" : "PROMISES BROKEN");
	return kept() ? 0 : 1;
}
