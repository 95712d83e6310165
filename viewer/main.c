#include "viewer/app.h"

int main(int argc, char **argv)
{
	g_autoptr(TrvApp) app = trv_app_new();
	int status = g_application_run(G_APPLICATION(app), argc, argv);

	return trv_app_exit_status(app, status);
}
