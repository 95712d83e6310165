/*
 * app.h - the application: command line, one window a trace, about
 */
#ifndef VIEWER_APP_H
#define VIEWER_APP_H

#include <adwaita.h>

#define TRV_TYPE_APP (trv_app_get_type())
G_DECLARE_FINAL_TYPE(TrvApp, trv_app, TRV, APP, AdwApplication)

enum trv_exit {
	TRV_EXIT_OK = 0,
	TRV_EXIT_BAD = 2, /* bad use, or an unreadable trace */
	TRV_EXIT_NO_DISPLAY = 3,
};

TrvApp *trv_app_new(void);

/* What the process exits with, after g_application_run(). */
int trv_app_exit_status(TrvApp *app, int run_status);

#endif
