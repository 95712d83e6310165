#!/bin/sh
# Runs a test on a display and a D-Bus of its own. Exit 77 (skipped) when there is no Xvfb.
for tool in Xvfb xvfb-run dbus-run-session; do
	command -v $tool >/dev/null || { echo "skipped: no $tool"; exit 77; }
done
export GDK_BACKEND=x11 GSK_RENDERER=cairo GTK_A11Y=none LC_ALL=C.UTF-8
export G_DEBUG=fatal-criticals NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory
# GTK and its friends keep what they allocate once; only their own tests could say if that grows.
export ASAN_OPTIONS="detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
unset WAYLAND_DISPLAY
exec xvfb-run -a -s "-screen 0 1400x900x24 -noreset" dbus-run-session -- "$@"
