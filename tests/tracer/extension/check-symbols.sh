#!/bin/sh
# The extension takes no symbol from SQLite: a program may have loaded that for itself alone, as
# Python does.
# usage: check-symbols.sh EXTENSION
wanted=$(nm -D --undefined-only "$1") || exit 1
echo "$wanted" | grep -q ZSTD_ || { echo "nm names nothing that $1 wants"; exit 1; }
if echo "$wanted" | grep sqlite3_; then
	echo "the extension takes these from the program that loads it, which may not have them"
	exit 1
fi
