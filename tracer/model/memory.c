#include "tracer/model/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void out_of_memory(size_t size)
{
	fprintf(stderr,
		"actorscope: out of memory (asked for %zu bytes); close other programs or use a "
		"machine with more memory\n",
		size);
	exit(2);
}

void *trc_alloc(size_t size)
{
	void *memory = malloc(size ? size : 1);

	if (!memory)
		out_of_memory(size);
	return memory;
}

void *trc_zalloc(size_t count, size_t size)
{
	void *memory = calloc(count ? count : 1, size ? size : 1);

	if (!memory)
		out_of_memory(count);
	return memory;
}

void *trc_resize(void *memory, size_t size)
{
	void *resized = realloc(memory, size ? size : 1);

	if (!resized)
		out_of_memory(size);
	return resized;
}

void *trc_copy(const void *from, size_t size)
{
	return size ? memcpy(trc_alloc(size), from, size) : NULL;
}

char *trc_strdup(const char *text)
{
	return trc_copy(text, strlen(text) + 1);
}

void *trc_grow(void *array, size_t *room, size_t need, size_t size)
{
	size_t more, bytes;

	if (need <= *room)
		return array;
	more = *room + *room / 2;
	if (more < 8)
		more = 8;
	if (more < need)
		more = need;
	if (__builtin_mul_overflow(more, size, &bytes))
		out_of_memory(SIZE_MAX);
	array = trc_resize(array, bytes);
	*room = more;
	return array;
}

__attribute__((format(printf, 2, 0))) static void
add_formatted(struct trc_text *text, const char *format, va_list arguments)
{
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (length < 0)
		return;
	text->data = trc_grow(text->data, &text->room, text->length + (size_t)length + 1, 1);
	vsnprintf(text->data + text->length, (size_t)length + 1, format, arguments);
	text->length += (size_t)length;
}

void trc_text_add(struct trc_text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add_formatted(text, format, arguments);
	va_end(arguments);
}

char *trc_format(const char *format, ...)
{
	struct trc_text text = {0};
	va_list arguments;

	va_start(arguments, format);
	add_formatted(&text, format, arguments);
	va_end(arguments);
	return text.data ? text.data : trc_strdup("");
}
