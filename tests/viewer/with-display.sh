#!/bin/sh
# Runs a test on a display, a D-Bus and in a home of its own: nothing of the user's is read or
# written, nothing is left to the next run. Exit 77 (skipped) when there is no Xvfb.
for tool in Xvfb dbus-run-session; do
	command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }
done

# The server picks a free number itself: tests that start at the same time do not collide. It does
# not repeat keys: one that is let go late, on a busy machine, would count as pressed many times.
scratch=$(mktemp -d)
mkfifo "$scratch/number"
Xvfb -displayfd 3 -screen 0 1400x900x24 -noreset -nolisten tcp -r 3>"$scratch/number" 2>"$scratch/log" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null; rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
read -r number <"$scratch/number" || { cat "$scratch/log" >&2; exit 1; }

export DISPLAY=":$number"
export GDK_BACKEND=x11 GSK_RENDERER=cairo GTK_A11Y=none LC_ALL=C.UTF-8
export G_DEBUG=fatal-warnings NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory
for place in STATE DATA CONFIG CACHE; do
	mkdir "$scratch/$place"
	export "XDG_${place}_HOME=$scratch/$place"
done
# Leaks fail a test of the sanitizers' builds. GL is left out: its driver is unloaded before leaks
# are looked for, and then what it keeps cannot be told from what we lose.
export GDK_DEBUG=gl-disable
export LSAN_OPTIONS="suppressions=$(dirname "$0")/leaks.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"
unset WAYLAND_DISPLAY XAUTHORITY
dbus-run-session -- "$@"
