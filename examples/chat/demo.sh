#!/usr/bin/env bash
# demo.sh BUILD-FOLDER - records the chat session that hangs, prints what `check` finds, opens the
# viewer on it, or writes chat-deadlock.png where there is no display.
set -euo pipefail
build=$1
actorscope=$build/tracer/cli/actorscope
viewer=$build/viewer/actorscope-viewer
chat=$build/examples/chat
trace=chat.db
output=$(mktemp)
recorder=
finish() {
  [ -z "$recorder" ] || kill "$recorder" 2>/dev/null || true
  rm -f "$output"
}
trap finish EXIT

echo "== recording a chat server: actorscope record -o $trace -- chat-server"
"$actorscope" record --force -o "$trace" -- "$chat/chat-server" --port 0 >"$output" &
recorder=$!
port=
for _ in $(seq 200); do
  port=$(sed -n 's/.*listening on .*:\([0-9]*\)$/\1/p' "$output")
  [ -z "$port" ] || break
  kill -0 "$recorder" 2>/dev/null || { cat "$output"; echo "demo: the chat server did not start" >&2; exit 1; }
  sleep 0.05
done
[ -n "$port" ] || { echo "demo: the chat server did not say its port within 10 s" >&2; exit 1; }

echo "== people chat; one of them stops reading, then vanishes: chat-session hang --port $port"
"$chat/chat-session" hang --port "$port"

echo "== the room hangs. Stopping the server"
kill -INT "$recorder"
wait "$recorder" || true
recorder=

echo "== actorscope check $trace"
"$actorscope" check "$trace" || [ $? = 1 ]

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  echo "== actorscope view $trace   (close the window to end)"
  "$viewer" "$trace"
else
  GSK_RENDERER=cairo xvfb-run -a -s "-screen 0 1600x1000x24" \
    "$viewer" --screenshot chat-deadlock.png --size 1440x900 "$trace"
  echo "== no display here: the viewer's window is in chat-deadlock.png"
fi
