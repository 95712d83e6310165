/*
 * error.h - failures as GError, made from the tracer's sentences
 */
#ifndef VIEWER_ERROR_H
#define VIEWER_ERROR_H

#include <gio/gio.h>

#define TRV_ERROR trv_error_quark()
GQuark trv_error_quark(void);

enum trv_error {
	TRV_ERROR_UNREADABLE, /* not a trace, damaged, of another version, no permission ... */
};

/* `negative_errno` as the tracer returns it; -ECANCELED becomes G_IO_ERROR_CANCELLED. `sentence` is
 * shown to people as it is. */
GError *trv_error_new(int negative_errno, const char *sentence);

#endif
