#include "examples/chat/protocol.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

/* Frames are flat. The JSON parser recurses once a level, and an actor's stack is small. */
enum { DEPTH_LIMIT = 8 };

static const struct shape {
	const char *name;
	bool room, user, text;
} shapes[] = {
	[CHAT_CONNECT] = {"Connect", .room = true, .user = true},
	[CHAT_SEND_MESSAGE] = {"SendMessage", .text = true},
	[CHAT_JOINED] = {"Joined", .user = true},
	[CHAT_MESSAGE] = {"Message", .text = true, .user = true},
	[CHAT_LEFT] = {"Left", .user = true},
};

static bool is_too_deep(const char *json, size_t size)
{
	unsigned depth = 0;
	bool in_string = false;
	for (size_t i = 0; i < size; i++) {
		char c = json[i];
		if (in_string && c == '\\')
			i++;
		else if (c == '"')
			in_string = !in_string;
		else if (!in_string && (c == '{' || c == '['))
			depth++;
		else if (!in_string && (c == '}' || c == ']') && depth > 0)
			depth--;
		if (depth > DEPTH_LIMIT)
			return true;
	}
	return false;
}

static enum chat_type type_named(const char *name)
{
	for (size_t i = CHAT_CONNECT; i < sizeof(shapes) / sizeof(*shapes); i++) {
		if (strcmp(shapes[i].name, name) == 0)
			return (enum chat_type)i;
	}
	return 0;
}

static bool is_name(const char *text)
{
	size_t size = strlen(text);
	for (size_t i = 0; i < size; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	}
	return size > 0 && size <= CHAT_NAME_LIMIT;
}

static bool is_text(const char *text)
{
	return strlen(text) <= CHAT_TEXT_LIMIT;
}

/* Reads the member `key` if the frame's shape wants it. */
static bool read_field(json_t *object, const char *key, bool wanted, bool (*is_valid)(const char *),
		       const char **ret_value, char error[CHAT_ERROR])
{
	if (!wanted)
		return true;
	json_t *member = json_object_get(object, key);
	if (!member) {
		snprintf(error, CHAT_ERROR, "\"%s\" is missing", key);
	} else if (!json_is_string(member)) {
		snprintf(error, CHAT_ERROR, "\"%s\" is not a string", key);
	} else if (!is_valid(json_string_value(member))) {
		snprintf(error, CHAT_ERROR, "\"%s\" is empty, too long or not printable", key);
	} else {
		*ret_value = json_string_value(member);
		return true;
	}
	return false;
}

static bool read_frame(json_t *object, struct chat_frame *frame, char error[CHAT_ERROR])
{
	const char *name = json_string_value(json_object_get(object, "type"));
	if (!name) {
		snprintf(error, CHAT_ERROR, "not an object with a \"type\"");
		return false;
	}
	frame->type = type_named(name);
	if (!frame->type) {
		snprintf(error, CHAT_ERROR, "unknown type");
		return false;
	}
	const struct shape *shape = &shapes[frame->type];
	return read_field(object, "room", shape->room, is_name, &frame->room, error) &&
	       read_field(object, "user", shape->user, is_name, &frame->user, error) &&
	       read_field(object, "text", shape->text, is_text, &frame->text, error);
}

bool chat_decode(const char *json, size_t size, struct chat_frame *ret_frame,
		 char error[CHAT_ERROR])
{
	if (is_too_deep(json, size)) {
		snprintf(error, CHAT_ERROR, "JSON nested too deeply");
		return false;
	}
	json_error_t problem;
	json_t *object = json_loadb(json, size, JSON_REJECT_DUPLICATES, &problem);
	if (!object) {
		if (json_error_code(&problem) == json_error_null_character)
			snprintf(error, CHAT_ERROR, "a text holds a NUL");
		else
			snprintf(error, CHAT_ERROR, "not JSON: line %d, column %d", problem.line,
				 problem.column);
		return false;
	}
	struct chat_frame frame = {.memory = object};
	if (!read_frame(object, &frame, error)) {
		json_decref(object);
		return false;
	}
	*ret_frame = frame;
	return true;
}

void chat_frame_free(struct chat_frame *frame)
{
	json_decref(frame->memory);
	*frame = (struct chat_frame){0};
}

char *chat_encode(const struct chat_frame *frame)
{
	const struct shape *shape = &shapes[frame->type];
	json_t *object = json_object();
	int failed = json_object_set_new(object, "type", json_string(shape->name));
	if (shape->room)
		failed |= json_object_set_new(object, "room", json_string(frame->room));
	if (shape->text)
		failed |= json_object_set_new(object, "text", json_string(frame->text));
	if (shape->user)
		failed |= json_object_set_new(object, "user", json_string(frame->user));
	char *json = failed ? NULL : json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return json;
}
