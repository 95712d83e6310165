/*
 * address.h - numeric addresses of sockets, to and from text
 */
#ifndef RUNTIME_NET_ADDRESS_H
#define RUNTIME_NET_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

#include <sys/socket.h>

/* 0 or -EINVAL. `address` is an IPv4 or IPv6 address, NULL: 127.0.0.1. */
int act__address_parse(const char *address, uint16_t port, struct sockaddr_storage *ret);
socklen_t act__address_size(const struct sockaddr_storage *address);
uint16_t act__address_port(const struct sockaddr_storage *address);

/* What the longest text takes, with its NUL. */
enum { ACT__PEER_SIZE = 64 };

/* "127.0.0.1:6789", "[::1]:6789", "?" */
void act__address_print(const struct sockaddr_storage *address, char *text, size_t size);

#endif
