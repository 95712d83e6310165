#include "viewer/error.h"

#include <errno.h>

G_DEFINE_QUARK(trv - error - quark, trv_error)

GError *trv_error_new(int negative_errno, const char *sentence)
{
	if (negative_errno == -ECANCELED)
		return g_error_new_literal(G_IO_ERROR, G_IO_ERROR_CANCELLED, sentence);
	return g_error_new_literal(TRV_ERROR, TRV_ERROR_UNREADABLE, sentence);
}
