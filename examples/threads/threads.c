/*
 * threads - a crawler of two threads and two bounded queues, without actorscope's runtime
 *
 *     Url                     Page
 *   ------> [] fetcher ------> [] parser ---
 *           ^                               |
 *            ------------- Url -------------
 *
 * The fetcher gives each page to the parser, the parser gives each link to the fetcher, and both
 * wait when the other's queue is full. A page has three links: soon both queues are full, both
 * threads wait for space, and that is that.
 *
 *   actorscope record -o crawl.db -- threads          tells of the deadlock; Ctrl-C ends it
 *   actorscope check crawl.db
 *   threads --drop                                    the parser never waits: links that find no
 *                                                     space are left out, and the crawl ends
 *
 * docs/any-program.md goes through this program.
 */
#include "examples/threads/queue.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { LINKS = 3, DEPTH = 5 };

static struct trc_tracee fetcher, parser;
static struct queue urls, pages;
static bool drops;
static atomic_int unfinished = 1; /* urls and pages that are on their way */
static atomic_int left_out;

static void finish(void)
{
	if (atomic_fetch_sub(&unfinished, 1) == 1) {
		queue_close(&urls);
		queue_close(&pages);
	}
}

static void *fetch(void *unused)
{
	struct item url;

	trc_trace_begin(&fetcher);
	while (queue_take(&urls, &url)) {
		queue_put(&pages, "Page", url);
		trc_trace_done(&url.ticket);
	}
	trc_trace_end();
	return NULL;
}

static void follow(const struct item *page, int link)
{
	struct item url = {.page = page->page * LINKS + link, .depth = page->depth + 1};

	atomic_fetch_add(&unfinished, 1);
	if (!drops) {
		queue_put(&urls, "Url", url);
	} else if (!queue_try_put(&urls, "Url", url)) {
		left_out++;
		finish();
	}
}

static void *parse(void *unused)
{
	struct item page;

	trc_trace_begin(&parser);
	while (queue_take(&pages, &page)) {
		for (int link = 0; link < LINKS && page.depth < DEPTH; link++)
			follow(&page, link);
		trc_trace_done(&page.ticket);
		finish();
	}
	trc_trace_end();
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t threads[2];

	drops = argc > 1 && strcmp(argv[1], "--drop") == 0;
	queue_init(&urls, &fetcher);
	queue_init(&pages, &parser);
	trc_trace_spawn(&fetcher, "fetcher", "fetcher", QUEUE_CAPACITY);
	trc_trace_spawn(&parser, "parser", "parser", QUEUE_CAPACITY);
	pthread_create(&threads[0], NULL, fetch, NULL);
	pthread_create(&threads[1], NULL, parse, NULL);
	queue_put(&urls, "Url", (struct item){.page = 1});
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	printf("done, %d pages left out\n", atomic_load(&left_out));
	return 0;
}
