/*
 * sqlite.h - SQLite's functions; in the loadable extension, those of whoever loaded it
 *
 * What is compiled for the extension calls them through a table that its loader hands over: no
 * library need be there whose symbols it could see.
 */
#ifndef TRACER_STORE_SQLITE_H
#define TRACER_STORE_SQLITE_H

#ifdef TRC__SQLITE_EXTENSION
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#else
#include <sqlite3.h>
#endif

#endif
