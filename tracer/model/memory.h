/*
 * memory.h - memory for the tracer's tools, which have nothing useful left to do without it
 *
 * None of these returns NULL: when there is no memory, they print one line and end the process with
 * status 2. Sizes that overflow count as no memory. Everything is released with free().
 */
#ifndef TRACER_MODEL_MEMORY_H
#define TRACER_MODEL_MEMORY_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

void *trc_alloc(size_t size);                  /* not initialised */
void *trc_zalloc(size_t count, size_t size);   /* zeroed array */
void *trc_resize(void *memory, size_t size);   /* as realloc() does */
void *trc_copy(const void *from, size_t size); /* NULL when size is 0 */
char *trc_strdup(const char *text);
char *trc_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes place for at least `need` items of `size` bytes. `*room` is the number of items there is
 * place for; it grows by halves, so that adding one by one costs constant time. */
void *trc_grow(void *array, size_t *room, size_t need, size_t size);

/* Text that is put together piece by piece. `data` is always NUL-terminated once something was
 * added; the owner frees it. Start with zeros. */
struct trc_text {
	char *data;
	size_t length;
	size_t room;
};

void trc_text_add(struct trc_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
