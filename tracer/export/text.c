/*
 * Names and texts come from the traced program and from files that anybody may have made: they
 * hold quotation marks, line ends, escape sequences of terminals, and bytes that are no UTF-8. None
 * of it may end a string early, start a line of its own, or be taken for the format's own words.
 */
#include "tracer/export/format.h"

#include <ctype.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

unsigned trc__utf8_length(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	unsigned length = at[0] < 0x80   ? 1
			  : at[0] < 0xc2 ? 0
			  : at[0] < 0xe0 ? 2
			  : at[0] < 0xf0 ? 3
					 : 4;

	if (at[0] == 0 || at[0] > 0xf4)
		return 0;
	for (unsigned i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

/* Writes the character at `*text` as it is, or U+FFFD for a byte that is none, and steps over. */
static void write_character(FILE *file, const char **text)
{
	unsigned length = trc__utf8_length(*text);

	if (length == 0)
		fputs(REPLACEMENT, file);
	else
		fwrite(*text, 1, length, file);
	*text += length ? length : 1;
}

static bool is_control(char byte)
{
	return iscntrl((unsigned char)byte) != 0;
}

void trc__write_json(FILE *file, const char *text)
{
	fputc('"', file);
	while (*text) {
		if (*text == '"' || *text == '\\')
			fprintf(file, "\\%c", *text++);
		else if (is_control(*text))
			fprintf(file, "\\u%04x", (unsigned char)*text++);
		else
			write_character(file, &text);
	}
	fputc('"', file);
}

/* A spreadsheet takes what begins with one of these for a formula and would run it. */
static bool begins_formula(const char *text)
{
	return *text && strchr("=+-@\t\r", *text);
}

void trc__write_csv(FILE *file, const char *text)
{
	fputc('"', file);
	if (begins_formula(text))
		fputc('\'', file);
	while (*text) {
		if (*text == '"')
			fputc('"', file);
		write_character(file, &text);
	}
	fputc('"', file);
}

void trc__write_dot(FILE *file, const char *text)
{
	fputc('"', file);
	while (*text) {
		if (*text == '"' || *text == '\\')
			fprintf(file, "\\%c", *text++);
		else if (*text == '\n' && text++)
			fputs("\\n", file);
		else if (is_control(*text) && text++)
			fputc(' ', file);
		else if (*text == '&' && text++) /* or it would begin an entity */
			fputs("&amp;", file);
		else
			write_character(file, &text);
	}
	fputc('"', file);
}

/* In Mermaid a '#' begins an entity, ';' ends a statement, '%%' begins a comment, and the word
 * "end" ends a block even in a text. */
void trc__write_mermaid(FILE *file, const char *text, unsigned max)
{
	for (unsigned written = 0; *text; written++) {
		if (written == max) {
			fputs("...", file);
			return;
		}
		if (is_control(*text) && text++)
			fputc(' ', file);
		else if (strchr("#;%<>&", *text) || strncasecmp(text, "end", 3) == 0)
			fprintf(file, "#%d;", *text++);
		else
			write_character(file, &text);
	}
}

void trc__write_line(FILE *file, const char *text)
{
	while (*text) {
		if (is_control(*text) && text++)
			fputc(' ', file);
		else
			write_character(file, &text);
	}
}

void trc__write_word(FILE *file, const char *text)
{
	for (; *text; text++)
		fputc(isalnum((unsigned char)*text) || strchr("._-", *text) ? *text : '_', file);
}
