#!/usr/bin/env python3
"""How long `actorscope check` takes, and how much memory, for 1, 10 and 100 million events.

The traces are made by big-trace: clients and servers that ask, notify, sleep and are flooded. Time
is processor time, user and system: the machine may have other things to do. The budget is that of
100 million events: 30 s and 1 GiB.

Then programs that have locked up as a whole, made by stuck-trace: a ring of 10 000 actors, and a hundred
with 100 000 who wait behind them. They must be found with all their actors.

After the table there is a line a row for scripts, `BENCH row budget ours theirs ratio`; a ratio above
1 means that it is kept.
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
SIZES = [1, 10, 100]  # million events
STUCK = [(10000, 0), (100, 100000)]  # actors in the ring, and behind it
SECONDS_BUDGET, BYTES_BUDGET = 30, 1 << 30


def measure(trace):
    """Seconds by the clock, seconds of processor, bytes of memory at most."""
    begin = time.monotonic()
    pid = os.posix_spawn(os.path.join(BUILD, "tracer/cli/actorscope"), ["actorscope", "check", trace], os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"run-check: check {trace} failed")
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def found(trace):
    """Core and victims of the one deadlock that must be there."""
    out = subprocess.run([os.path.join(BUILD, "tracer/cli/actorscope"), "check", "--json", trace],
                         stdout=subprocess.PIPE).stdout
    deadlocks = [finding for finding in json.loads(out)["findings"] if finding["code"] == "deadlock"]
    return [(len(deadlock["actors"]), len(deadlock["victims"])) for deadlock in deadlocks]


def measure_stuck(folder):
    print(f"{'in a ring':>10} {'behind it':>10} {'processor':>10} {'memory':>9}")
    for ring, waiters in STUCK:
        trace = os.path.join(folder, "stuck.db")
        subprocess.run([os.path.join(BUILD, "bench/stuck-trace"), trace, str(ring), str(waiters)], check=True)
        _, seconds, memory = measure(trace)
        if found(trace) != [(ring, waiters)]:
            sys.exit(f"run-check: {ring} actors in a ring and {waiters} behind it: {found(trace)}")
        print(f"{ring:10} {waiters:10} {seconds:8.2f} s {memory / 1e6:6.0f} MB", flush=True)
        os.remove(trace)


def main():
    rows = []
    print(f"{datetime.date.today()}, {platform.machine()}, {os.cpu_count()} processors")
    print(f"{'events':>8} {'file':>9} {'by the clock':>13} {'processor':>10} {'memory':>9}")
    with tempfile.TemporaryDirectory() as folder:
        for size in SIZES:
            trace = os.path.join(folder, "trace.db")
            subprocess.run([os.path.join(BUILD, "bench/big-trace"), trace, str(size * 1000000)], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            clock, seconds, memory = measure(trace)
            print(f"{size:6} M {os.path.getsize(trace) / 1e6:6.0f} MB {clock:11.1f} s {seconds:8.1f} s "
                  f"{memory / 1e6:6.0f} MB", flush=True)
            rows.append((size, seconds, memory))
            os.remove(trace)
        measure_stuck(folder)
    for size, seconds, memory in rows:
        print(f"BENCH check-{size}M-seconds budget {seconds:.2f} {SECONDS_BUDGET} {SECONDS_BUDGET / seconds:.2f}")
        print(f"BENCH check-{size}M-bytes budget {memory} {BYTES_BUDGET} {BYTES_BUDGET / memory:.2f}")


if __name__ == "__main__":
    main()
