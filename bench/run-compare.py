#!/usr/bin/env python3
"""How long `actorscope compare` takes, and how much memory, for two traces of 1 and of 10 million events.

Both are made by big-trace (clients and servers that ask, notify, sleep and are flooded) from the same lots:
the second runs a hundredth longer. So nearly all steps are equal and must be read and matched, and the first
trace's actors stop where the second's go on, which must be found. Time is processor time, user and system
of all threads: the machine may have other things to do. There is no budget.

After the table there is a line a row for scripts, `BENCH row none ours - -`.
"""

import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build-bench")
SIZES = [1, 10]  # million events


def make(trace, events):
    subprocess.run([os.path.join(BUILD, "bench/big-trace"), trace, str(events)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(a, b, out):
    """Seconds by the clock, seconds of processor, bytes of memory at most."""
    begin = time.monotonic()
    pid = os.posix_spawn(os.path.join(BUILD, "tracer/cli/actorscope"), ["actorscope", "compare", "--json", a, b],
                         os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, out, os.O_WRONLY | os.O_CREAT, 0o600)])
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) != 1:  # they differ
        sys.exit(f"run-compare: compare {a} {b} should find differences")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main():
    rows = []
    print(f"{datetime.date.today()}, {platform.machine()}, {os.cpu_count()} processors")
    print(f"{'events':>8} {'differences':>12} {'by the clock':>13} {'processor':>10} {'memory':>9}")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            a, b, out = (os.path.join(folder, name) for name in ("a.db", "b.db", "out.json"))
            make(a, size * 1000000)
            make(b, size * 1010000)
            clock, seconds, memory = measure(a, b, out)
            with open(out, encoding="utf-8") as file:
                count = len(json.load(file)["differences"])
        print(f"{size:6} M {count:12} {clock:11.1f} s {seconds:8.1f} s {memory / 1e6:6.0f} MB", flush=True)
        rows.append((size, seconds, memory))
    for size, seconds, memory in rows:
        print(f"BENCH compare-{size}M-seconds none {seconds:.2f} - -")
        print(f"BENCH compare-{size}M-bytes none {memory} - -")


if __name__ == "__main__":
    main()
