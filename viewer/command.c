#include "viewer/command.h"

#include <gio/gio.h>

/* The first of `places`, which are relative to this program, that can be run. */
static char *find_near(const char *const *places)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = self ? g_path_get_dirname(self) : NULL;

	for (; folder && *places; places++) {
		g_autofree char *path = g_canonicalize_filename(*places, folder);

		if (g_file_test(path, G_FILE_TEST_IS_EXECUTABLE) &&
		    !g_file_test(path, G_FILE_TEST_IS_DIR))
			return g_steal_pointer(&path);
	}
	return NULL;
}

char *trv_command_find(void)
{
	static const char *const places[] = {"actorscope", "../tracer/cli/actorscope", NULL};
	char *found = find_near(places);

	return found ? found : g_find_program_in_path("actorscope");
}

char *trv_command_find_demo(void)
{
	static const char *const places[] = {TRV_LIBEXEC "/chat-rehearsal",
					     "../examples/chat/chat-rehearsal", NULL};
	char *found = find_near(places);

	return found ? found : g_find_program_in_path("chat-rehearsal");
}
