#include <act/error.h>

#include <stddef.h>
#include <string.h>

const char *act_strerror(int error)
{
	const char *text = NULL;

	switch (error) {
	case 0:
		return "no error";
#define TEXT(name, number, text) \
	case name:               \
		return text;
		ACT_ERROR_MAP(TEXT)
#undef TEXT
	default:
		if (error < 0 && error > -10000)
			text = strerrordesc_np(-error);
		return text ? text : "unknown error";
	}
}

const char *act_error_name(int error)
{
	const char *name = NULL;

	switch (error) {
	case 0:
		return "0";
#define NAME(name, number, text) \
	case name:               \
		return #name;
		ACT_ERROR_MAP(NAME)
#undef NAME
	default:
		if (error < 0 && error > -10000)
			name = strerrorname_np(-error);
		return name ? name : "?";
	}
}
