#include "tracer/event/payload.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/event/event.h"

/* --- packing ---------------------------------------------------------------------------------- */

static void pack(struct trc_packer *packer, const void *bytes, size_t size)
{
	if (packer->cut || size > packer->limit - packer->size) {
		packer->cut = true;
		return;
	}
	memcpy(packer->data + packer->size, bytes, size);
	packer->size += size;
}

void trc_pack_u64(struct trc_packer *packer, uint64_t value)
{
	pack(packer, &value, sizeof(value));
}

void trc_pack_f64(struct trc_packer *packer, double value)
{
	pack(packer, &value, sizeof(value));
}

void trc_pack_bool(struct trc_packer *packer, bool value)
{
	uint8_t byte = value;

	pack(packer, &byte, 1);
}

void trc_pack_bytes(struct trc_packer *packer, const void *bytes, size_t size)
{
	uint32_t sizes[2];
	size_t room = packer->limit - packer->size;

	if (packer->cut || room < sizeof(sizes)) {
		packer->cut = true;
		return;
	}
	room -= sizeof(sizes);
	sizes[0] = (uint32_t)(size < room ? size : room);
	sizes[1] = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
	pack(packer, sizes, sizeof(sizes));
	if (sizes[0] > 0)
		pack(packer, bytes, sizes[0]);
	if (sizes[0] < size)
		packer->cut = true;
}

/* --- writing text, like snprintf -------------------------------------------------------------- */

struct text {
	char *data;
	size_t size;
	size_t length; /* of all that was put, written or not */
};

static void put(struct text *text, const char *bytes, size_t count)
{
	if (text->length < text->size) {
		size_t room = text->size - text->length;

		memcpy(text->data + text->length, bytes, count < room ? count : room);
	}
	text->length += count;
}

static void put_string(struct text *text, const char *string)
{
	put(text, string, strlen(string));
}

__attribute__((format(printf, 2, 3))) static void put_format(struct text *text, const char *format,
							     ...)
{
	char buffer[64];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(buffer, sizeof(buffer), format, arguments);
	va_end(arguments);
	put_string(text, buffer);
}

/* Numbers are most of what payloads have, and snprintf takes several times as long for them. */
static void put_unsigned(struct text *text, uint64_t value)
{
	char digits[20];
	size_t first = sizeof(digits);

	do
		digits[--first] = (char)('0' + value % 10);
	while (value /= 10);
	put(text, digits + first, sizeof(digits) - first);
}

static void put_signed(struct text *text, int64_t value)
{
	if (value < 0)
		put_string(text, "-");
	put_unsigned(text, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

/* Puts the NUL, and takes away a character that was cut in two by the end of the buffer. */
static size_t finish(struct text *text)
{
	size_t end;

	if (text->size == 0)
		return text->length;
	if (text->length < text->size) {
		text->data[text->length] = '\0';
		return text->length;
	}
	end = text->size - 1;
	while (end > 0 && ((unsigned char)text->data[end] & 0xc0) == 0x80)
		end--;
	text->data[end] = '\0';
	return text->length;
}

/* --- escaping --------------------------------------------------------------------------------- */

enum style { STYLE_TEXT, STYLE_JSON };

/* The character at the start of `bytes`; 0 with *ret_size 1 when it is not valid UTF-8 (a real NUL
 * is told by the byte). */
static uint32_t next_character(const uint8_t *bytes, size_t size, size_t *ret_size)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t count = bytes[0] < 0x80   ? 1
		       : bytes[0] < 0xc2 ? 0
		       : bytes[0] < 0xe0 ? 2
		       : bytes[0] < 0xf0 ? 3
		       : bytes[0] < 0xf5 ? 4
					 : 0;
	uint32_t character;

	*ret_size = 1;
	if (count == 1)
		return bytes[0];
	if (count == 0 || count > size)
		return 0;
	character = bytes[0] & (0x7fu >> count);
	for (size_t i = 1; i < count; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		character = character << 6 | (bytes[i] & 0x3f);
	}
	if (character < smallest[count] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return 0;
	*ret_size = count;
	return character;
}

/* Characters that would change how the rest of a line is shown. */
static bool is_unsafe(uint32_t character)
{
	return character < 0x20 || (character >= 0x7f && character <= 0x9f) ||
	       (character >= 0x2028 && character <= 0x202e) ||
	       (character >= 0x2066 && character <= 0x2069) || character == 0xfeff;
}

size_t trc_printable(const uint8_t *bytes, size_t size)
{
	size_t length;
	uint32_t character = next_character(bytes, size, &length);

	return is_unsafe(character) ? 0 : length;
}

static void put_escaped(struct text *text, enum style style, uint32_t character)
{
	switch (character) {
	case '\n':
		put_string(text, "\\n");
		break;
	case '\r':
		put_string(text, "\\r");
		break;
	case '\t':
		put_string(text, "\\t");
		break;
	default:
		if (style == STYLE_TEXT && character < 0x100)
			put_format(text, "\\x%02" PRIx32, character);
		else
			put_format(text, "\\u%04" PRIx32, character);
	}
}

static void put_quoted(struct text *text, enum style style, const uint8_t *bytes, size_t size)
{
	put_string(text, "\"");
	for (size_t i = 0; i < size;) {
		size_t count;
		uint32_t character = next_character(bytes + i, size - i, &count);

		if (character == 0 && bytes[i] != 0) { /* not UTF-8 */
			if (style == STYLE_TEXT)
				put_format(text, "\\x%02x", bytes[i]);
			else
				put_string(text, "\\ufffd");
		} else if (character == '"' || character == '\\') {
			put_format(text, "\\%c", (char)character);
		} else if (is_unsafe(character)) {
			put_escaped(text, style, character);
		} else {
			put(text, (const char *)bytes + i, count);
		}
		i += count;
	}
	put_string(text, "\"");
}

/* A name from a definition: as it is when it looks like one. */
static void put_name(struct text *text, enum style style, const uint8_t *name, size_t size)
{
	bool plain = size > 0;

	for (size_t i = 0; i < size; i++)
		plain = plain &&
			(name[i] == '_' || name[i] == '-' || name[i] == '.' ||
			 (name[i] >= '0' && name[i] <= '9') || (name[i] >= 'a' && name[i] <= 'z') ||
			 (name[i] >= 'A' && name[i] <= 'Z'));
	if (plain && style == STYLE_TEXT)
		put(text, (const char *)name, size);
	else
		put_quoted(text, style, name, size);
}

static void put_hex(struct text *text, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	put_string(text, "\"");
	for (size_t i = 0; i < size; i++)
		put(text, (char[]){digits[bytes[i] >> 4], digits[bytes[i] & 15]}, 2);
	put_string(text, "\"");
}

/* --- rendering -------------------------------------------------------------------------------- */

struct input {
	const uint8_t *bytes;
	size_t size;
};

static bool take(struct input *input, void *ret_bytes, size_t size)
{
	if (input->size < size)
		return false;
	memcpy(ret_bytes, input->bytes, size);
	input->bytes += size;
	input->size -= size;
	return true;
}

/* The next string of a definition. Its last may lack the NUL. */
static bool take_string(struct input *input, struct input *ret_string)
{
	const uint8_t *end;

	if (input->size == 0)
		return false;
	end = memchr(input->bytes, 0, input->size);
	ret_string->bytes = input->bytes;
	ret_string->size = end ? (size_t)(end - input->bytes) : input->size;
	input->bytes += ret_string->size + (end ? 1 : 0);
	input->size -= ret_string->size + (end ? 1 : 0);
	return true;
}

static void put_double(struct text *text, enum style style, double value)
{
	char buffer[40];

	if (!isfinite(value)) {
		put_string(text, style == STYLE_JSON ? "null"
				 : isnan(value)      ? "nan"
				 : value < 0         ? "-inf"
						     : "inf");
		return;
	}
	snprintf(buffer, sizeof(buffer), "%.15g", value);
	if (strtod(buffer, NULL) != value)
		snprintf(buffer, sizeof(buffer), "%.17g", value);
	put_string(text, buffer);
}

/* Fields whose value is a number of eight bytes. */
static bool put_number(struct text *text, enum style style, char code, struct input *payload)
{
	uint64_t value;
	double real;

	if (!take(payload, &value, sizeof(value)))
		return false;
	switch (code) {
	case TRC_FIELD_I64:
		put_signed(text, (int64_t)value);
		break;
	case TRC_FIELD_F64:
		memcpy(&real, &value, sizeof(real));
		put_double(text, style, real);
		break;
	case TRC_FIELD_U64:
		put_unsigned(text, value);
		break;
	default: /* handles and tokens */
		if (value == 0) {
			put_string(text, style == STYLE_JSON ? "null" : "none");
			break;
		}
		if (style == STYLE_TEXT)
			put_string(text, "#");
		put_unsigned(text, value);
	}
	return true;
}

static bool put_sized(struct text *text, enum style style, char code, struct input *payload)
{
	uint32_t sizes[2];
	size_t kept;

	if (!take(payload, sizes, sizeof(sizes)))
		return false;
	kept = sizes[0] < payload->size ? sizes[0] : payload->size;
	if (code == TRC_FIELD_TEXT)
		put_quoted(text, style, payload->bytes, kept);
	else
		put_hex(text, payload->bytes, kept);
	payload->bytes += kept;
	payload->size -= kept;
	if (kept < sizes[1] && style == STYLE_TEXT)
		put_string(text, "...");
	return kept == sizes[0];
}

/* True when the value was there, whole or in part as the writer kept it. */
static bool put_value(struct text *text, enum style style, char code, struct input *payload)
{
	uint8_t byte;

	switch (code) {
	case TRC_FIELD_I64:
	case TRC_FIELD_U64:
	case TRC_FIELD_F64:
	case TRC_FIELD_HANDLE:
	case TRC_FIELD_TOKEN:
		return put_number(text, style, code, payload);
	case TRC_FIELD_BOOL:
		if (!take(payload, &byte, 1))
			return false;
		put_string(text, byte ? "true" : "false");
		return true;
	case TRC_FIELD_TEXT:
	case TRC_FIELD_BYTES:
		return put_sized(text, style, code, payload);
	default:
		return false;
	}
}

/* A definition with a field code this version does not know, or a payload that ends early. */
static bool value_is_there(char code, const struct input *payload)
{
	switch (code) {
	case TRC_FIELD_BOOL:
		return payload->size >= 1;
	case TRC_FIELD_I64:
	case TRC_FIELD_U64:
	case TRC_FIELD_F64:
	case TRC_FIELD_HANDLE:
	case TRC_FIELD_TOKEN:
	case TRC_FIELD_TEXT:
	case TRC_FIELD_BYTES:
		return payload->size >= 8;
	default:
		return false;
	}
}

/* The fields between the braces. Returns how many were put; *ret_whole says whether all of them. */
static size_t put_fields(struct text *text, enum style style, struct input *definition,
			 struct input *payload, bool *ret_whole)
{
	struct input field;
	size_t count = 0;
	bool whole = true;

	while (whole && take_string(definition, &field)) {
		char code = field.size > 0 ? (char)field.bytes[0] : '\0';

		if (!value_is_there(code, payload)) {
			whole = false;
			break;
		}
		if (count > 0)
			put_string(text, style == STYLE_TEXT ? ", " : ",");
		put_name(text, style, field.bytes + 1, field.size - 1);
		put_string(text, ":");
		whole = put_value(text, style, code, payload);
		count++;
	}
	*ret_whole = whole && payload->size == 0;
	return count;
}

static void put_unknown(struct text *text, enum style style, const struct input *payload)
{
	size_t shown = payload->size < 64 ? payload->size : 64;

	put_string(text, style == STYLE_TEXT ? "?{" : "{\"$payload\":");
	if (style == STYLE_JSON || payload->size > 0)
		put_hex(text, payload->bytes, shown);
	put_string(text, shown < payload->size && style == STYLE_TEXT ? "...}" : "}");
}

static size_t render(enum style style, const uint8_t *definition, size_t definition_size,
		     const uint8_t *payload, size_t payload_size, bool cut, char *buffer,
		     size_t size)
{
	struct text text = {.data = buffer, .size = size};
	struct input types = {definition, definition ? definition_size : 0};
	struct input fields = {payload, payload ? payload_size : 0};
	struct input name;
	size_t count;
	bool whole;

	if (!take_string(&types, &name)) {
		put_unknown(&text, style, &fields);
		return finish(&text);
	}
	if (style == STYLE_TEXT) {
		put_name(&text, style, name.bytes, name.size);
		if (types.size == 0 && fields.size == 0 && !cut)
			return finish(&text); /* a signal */
	}
	put_string(&text, "{");
	count = put_fields(&text, style, &types, &fields, &whole);
	/* A text that was cut shows that itself. */
	if (!whole || (cut && style == STYLE_JSON)) {
		const char *comma = count > 0 ? "," : "";

		if (style == STYLE_JSON)
			put_format(&text, "%s\"$%s\":true", comma, cut ? "cut" : "damaged");
		else
			put_format(&text, "%s...", count > 0 ? ", " : "");
	}
	put_string(&text, "}");
	return finish(&text);
}

size_t trc_payload_text(const uint8_t *definition, size_t definition_size, const uint8_t *payload,
			size_t payload_size, bool cut, char *text, size_t size)
{
	return render(STYLE_TEXT, definition, definition_size, payload, payload_size, cut, text,
		      size);
}

size_t trc_payload_json(const uint8_t *definition, size_t definition_size, const uint8_t *payload,
			size_t payload_size, bool cut, char *text, size_t size)
{
	return render(STYLE_JSON, definition, definition_size, payload, payload_size, cut, text,
		      size);
}
