/*
 * command.h - the command `actorscope`, which records and answers SQL for the window
 */
#ifndef VIEWER_COMMAND_H
#define VIEWER_COMMAND_H

/* Where it is: beside this program, in the build folder, or on the path. To be freed with g_free();
 * NULL when there is none. */
char *trv_command_find(void);

/* The chat that plays itself, for a first look: where it was installed, in the build folder, or on
 * the path. NULL when there is none. */
char *trv_command_find_demo(void);

#endif
