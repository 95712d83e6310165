#!/usr/bin/env bash
# make.sh BUILD - draws the pictures of the documentation anew: records the programs they show, and lets
# the viewer of that build folder write its window into files beside this one. BIG_TRACE names a trace
# of 100 million events (bench/big-trace).
set -euo pipefail
build=$(realpath "$1")
images=$(realpath "$(dirname "$0")")
actorscope=$build/tracer/cli/actorscope
viewer=$build/viewer/actorscope-viewer
chat=$build/examples/chat
folder=$(mktemp -d)
recorder=
finish() {
  [ -z "$recorder" ] || kill "$recorder" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT
cd "$folder"

# chat NAME SESSION [SERVER-OPTION...] records the real server while that session talks to it.
chat() {
  local name=$1 session=$2 port=
  : >"$name.out"
  "$actorscope" record --quiet -o "$name.db" -- "$chat/chat-server" --port 0 "${@:3}" >"$name.out" 2>/dev/null &
  recorder=$!
  for _ in $(seq 200); do
    port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$name.out")
    [ -z "$port" ] || break
    sleep 0.05
  done
  "$chat/chat-session" "$session" --port "$port" >/dev/null
  kill -INT "$recorder"
  wait "$recorder" || true
  recorder=
}

# draw PICTURE TRACE [OPTION...]
draw() {
  echo "$1"
  xvfb-run -a -s "-screen 0 2400x1600x24" dbus-run-session -- \
    "$viewer" --screenshot "$images/$1" "${@:3}" "$2" 2>&1 | grep -v '^dbus-daemon' || true
}

dark() { ADW_DEBUG_COLOR_SCHEME=prefer-dark draw "$@"; }

chat hung hang
chat friendly friendly
# The same without a network, every time alike, and with names instead of addresses.
rehearse() {
  "$actorscope" record --quiet --seed=1 -o "$1.db" -- "$chat/chat-rehearsal" "${@:2}" >/dev/null 2>&1
}
rehearse rehearsed hang
rehearse cured hang --backpressure=drop-slow
# Of the asks to join a room, the one that took longest.
ask=$("$actorscope" sql --csv friendly.db \
  "select id from ask where type = 'Join' and outcome = 'replied' order by duration_ns desc limit 1" | tail -n 1 | tr -d '\r')

draw chat-deadlock.png hung.db --size 1440x900
dark chat-dark.png hung.db --size 1440x900
draw chat-potential.png friendly.db --size 1440x900
draw events-100m.png "$BIG_TRACE" --size 1440x900 --at 20.5s
draw range-and-path.png friendly.db --size 1440x900 --panel messages --message "$ask"
draw compare.png rehearsed.db --size 1400x900 --compare cured.db
draw graph-waits.png rehearsed.db --size 1800x900 --panel waits --only graph
draw graph-handles.png rehearsed.db --size 1800x1500 --panel handles --only graph
draw graph-asks.png rehearsed.db --size 2100x1100 --panel asks --only graph
