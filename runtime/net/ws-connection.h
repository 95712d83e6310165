/*
 * ws-connection.h - the native actor that is one WebSocket connection, and what it is sent
 */
#ifndef RUNTIME_NET_WS_CONNECTION_H
#define RUNTIME_NET_WS_CONNECTION_H

#include <act/ws.h>

/* Makes one for the socket `fd`; once hands are shaken, `acceptor` gets WsAccepted. Both are given
 * away. */
void act__ws_spawn(struct act_self *self, int fd, const char *peer,
		   const struct act_ws_options *options, struct act_handle acceptor);

ACT_MESSAGE(WsServe, (handle, acceptor))
ACT_MESSAGE(WsOwn, (handle, owner))
ACT_MESSAGE(WsSend, (text, text)) /* an ask, answered with Written */
ACT_MESSAGE(WsClose, (u64, code), (text, reason))

#endif
