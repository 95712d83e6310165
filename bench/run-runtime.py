#!/usr/bin/env python3
"""Builds our benchmark of the runtime and its peers', runs them, and sets them side by side.

Every program takes a row's name and a count of operations and prints operations a second; before
the clock starts it does a tenth of the count to warm up. Each count is chosen so that a run takes
about half a second. Runs of all sides take turns, so that whatever else the machine does hits all
of them, and the median of them counts. A peer that cannot be built is said to be missing.

After the tables there is a line a row and peer for scripts, `BENCH row peer ours theirs ratio`; a
ratio above 1 means that ours is better.
"""

import datetime
import glob
import os
import platform
import shutil
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build-bench")
PEERS = os.path.join(ROOT, "bench", "peers")

RUNS = 5
SECONDS = 0.4  # of a run, without what warms up
FIRST_COUNT = 200000  # finds the counts for the runs that matter
TRACED_COUNT = 1000000  # what rings and recorder can hold back no longer matters
TRACED_ROWS = ["ask", "fan-in", "ring"]
IDLE_ACTORS = 1000000
IDLE_BUDGET = 512  # bytes
ACTORS = [10, 1000, 100000]  # to see growth

# name, unit, count is a multiple of
ROWS = [
    ("ask", "round trips", 1000),
    ("fan-in", "messages", 1000),
    ("ring", "hops", 1000),
    ("all-to-all", "messages", 99000),
    ("fork-join", "actors", 100000),
]


class Missing(Exception):
    """Why a side cannot take part."""


def output_of(command, limit=300, **options):
    """Runs a command and returns what it prints; Missing says what went wrong."""
    name = os.path.basename(command[0])
    if not shutil.which(command[0]):
        raise Missing(f"{name} is not installed")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, **options)
    except subprocess.TimeoutExpired:
        raise Missing(f"{name} took longer than {limit} s") from None
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise Missing(f"{name} failed with {done.returncode}: {last}")
    return done.stdout.strip()


# --- sides: each builds into its folder and returns its command and version ----------------------


def build_ours(folder):
    if not os.path.exists(os.path.join(BUILD, "build.ninja")):
        output_of(["meson", "setup", BUILD, ROOT, "-Dbuildtype=release"])
    output_of(["ninja", "-C", BUILD, "bench/bench-runtime", "tracer/cli/actorscope"])
    compiler = output_of(["cc", "--version"]).splitlines()[0]
    commit = output_of(["git", "-C", ROOT, "describe", "--always", "--dirty"])
    return [os.path.join(BUILD, "bench", "bench-runtime")], f"{commit}, {compiler}, release"


def build_tokio(folder):
    # Debian's, whatever else is in the PATH: its registry is made for it.
    paths = dict(os.environ, PATH="/usr/bin:/bin", RUSTC="/usr/bin/rustc",
                 CARGO_HOME=os.path.join(folder, "cargo"))
    registry = glob.glob("/usr/share/cargo/registry/tokio-1.*")
    if not registry:
        raise Missing("librust-tokio-dev is not installed")
    shutil.copytree(os.path.join(PEERS, "tokio"), folder, dirs_exist_ok=True)
    output_of(["/usr/bin/cargo", "build", "--release", "--offline", "--quiet"],
              cwd=folder, env=paths)
    rust = output_of(["/usr/bin/rustc", "--version"])
    return ([os.path.join(folder, "target", "release", "runtime")],
            f"{os.path.basename(registry[0])}, {rust}, release with LTO")


def build_go(folder):
    program = os.path.join(folder, "runtime")
    output_of(["go", "build", "-o", program, "main.go"], cwd=os.path.join(PEERS, "go"),
              env=dict(os.environ, GO111MODULE="off", GOCACHE=os.path.join(folder, "cache")))
    return [program], output_of(["go", "version"])


def build_erlang(folder):
    output_of(["erlc", "-o", folder, os.path.join(PEERS, "erlang", "runtime.erl")])
    version = output_of(["erl", "-noshell", "-eval", 'io:format("OTP ~s, ERTS ~s, ~s",'
                         "[erlang:system_info(I) || I <- [otp_release, version, emu_flavor]]),"
                         "halt()."])
    return ["erl", "-noshell", "-pa", folder, "-run", "runtime", "main"], version


def build_caf(folder):
    program = os.path.join(folder, "runtime")
    output_of(["g++", "-std=c++17", "-O3", "-DNDEBUG", "-o", program,
               os.path.join(PEERS, "caf", "runtime.cpp"), "-lcaf_core", "-pthread"])
    number = output_of(["g++", "-E", "-P", "-include", "caf/config.hpp", "-x", "c++", "-"],
                       input="CAF_VERSION")
    major, rest = divmod(int(number.splitlines()[-1]), 10000)
    return [program], f"{major}.{rest // 100}.{rest % 100}, g++ -O3"


SIDES = {"ours": build_ours, "tokio": build_tokio, "Go": build_go, "Erlang": build_erlang,
         "CAF": build_caf}
PEER_NAMES = [side for side in SIDES if side != "ours"]


def build_all():
    """Commands and versions of the sides that could be built, and why the others could not."""
    commands, versions, missing = {}, {}, {}
    for side, build in SIDES.items():
        folder = os.path.join(BUILD, "peers", side.lower())
        print(f"building {side} ...", file=sys.stderr)
        try:
            if side != "ours":  # meson wants to make its folder itself
                os.makedirs(folder, exist_ok=True)
            commands[side], versions[side] = build(folder)
        except Missing as why:
            missing[side] = str(why)
    return commands, versions, missing


# --- measuring -----------------------------------------------------------------------------------


class Measurements:
    """Runs programs and keeps account of which runs failed; a figure that failed is None."""

    def __init__(self, commands):
        self.commands = commands
        self.failures = []

    def run(self, side, row, count, before=()):
        try:
            return float(output_of([*before, *self.commands[side], row, str(count)], limit=60))
        except (Missing, ValueError) as why:
            self.failures.append((side, row, str(why)))
            return None

    def speeds(self, row, multiple):
        """The median of operations a second of each side that was built."""
        counts = {}
        runs = {side: [] for side in self.commands}
        for turn in range(RUNS + 1):
            sides = [side for side, figures in runs.items() if None not in figures]
            first = turn % max(1, len(sides))  # nobody always comes after the same one
            for side in sides[first:] + sides[:first]:
                figure = self.run(side, row, counts.get(side, FIRST_COUNT))
                if figure is None or side in counts:
                    runs[side].append(figure)
                else:
                    counts[side] = max(1, round(figure * SECONDS / multiple)) * multiple
        return {side: None if None in figures else statistics.median(figures)
                for side, figures in runs.items()}

    def ours(self, row, count, runs):
        figures = [self.run("ours", row, count) for _ in range(runs)]
        return None if None in figures else statistics.median(figures)

    def traced(self, row):
        """Operations a second under `actorscope record`, which fails when an event is lost."""
        trace = os.path.join(BUILD, "bench-runtime.db")
        record = [os.path.join(BUILD, "tracer", "cli", "actorscope"), "record", "--quiet",
                  "--force", "-o", trace, "--"]
        try:
            return self.run("ours", row, TRACED_COUNT, record)
        finally:
            for file in glob.glob(trace + "*"):
                os.remove(file)


# --- printing ------------------------------------------------------------------------------------


def print_conditions(versions, missing):
    with open("/proc/cpuinfo", encoding="ascii") as file:
        models = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
    print(f"{datetime.datetime.now():%Y-%m-%d %H:%M}, {models[0] if models else 'unknown CPU'}, "
          f"{os.cpu_count()} cores, Linux {platform.release()}, load {os.getloadavg()[0]:.1f}")
    for side in SIDES:
        print(f"  {side:8} {versions.get(side) or 'MISSING: ' + missing[side]}")
    print()


def cell(figure, decimals=0):
    return f"{'failed':>10}" if figure is None else f"{figure:10.{decimals}f}"


def print_speeds(speeds):
    print(f"{'millions a second':26}" + "".join(f"{side:>10}" for side in SIDES))
    for row, unit, _ in ROWS:
        figures = {side: figure and figure / 1e6 for side, figure in speeds[row].items()}
        ours = figures["ours"]
        print(f"{row:12}{unit:14}" + "".join(
            cell(figures[side], 2) if side in figures else f"{'missing':>10}" for side in SIDES))
        print(f"{'':12}{'ours is':24}" + "".join(
            f"{ours / figures[side]:9.2f}x" if ours and figures.get(side) else f"{'':10}"
            for side in PEER_NAMES))
    print()


def print_ours(messages, lives, idle, traced):
    print(f"{'ours, as it grows':26}" + "".join(f"{n:10}" for n in ACTORS) + "    actors")
    print(f"{'a message':26}" + "".join(map(cell, messages)) + "    ns")
    print(f"{'an actor, made and ended':26}" + "".join(map(cell, lives)) + "    ns")
    print(f"{'an idle actor':26}{cell(idle)}    bytes of the process, with {IDLE_ACTORS} of them\n")
    print(f"{'ours, recorded, lossless':26}" + "".join(f"{row:>10}" for row in traced))
    print(f"{'millions a second':26}"
          + "".join(cell(figure and figure / 1e6, 2) for figure in traced.values()) + "\n")


def print_line(row, peer, ours, theirs, ratio):
    figures = [f"{figure:.0f}" if figure else "none" for figure in (ours, theirs)]
    print(f"BENCH {row} {peer.lower()} {' '.join(figures)} "
          + (f"{ratio(ours, theirs):.2f}" if ours and theirs else "none"))


def print_lines(speeds, idle, traced):
    def more(ours, theirs):
        return ours / theirs

    def less(ours, theirs):
        return theirs / ours

    for row, figures in speeds.items():
        for peer in PEER_NAMES:
            print_line(row, peer, figures["ours"], figures.get(peer), more)
    for row, figure in traced.items():
        print_line(f"{row}-traced", "tokio", figure, speeds[row].get("tokio"), more)
    print_line("idle-bytes", "budget", idle, IDLE_BUDGET, less)


def main():
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    commands, versions, missing = build_all()
    if "ours" in missing:
        sys.exit(f"run-runtime: cannot build bench-runtime: {missing['ours']}")
    print_conditions(versions, missing)

    measurements = Measurements(commands)
    speeds = {}
    for row, _, multiple in ROWS:
        print(f"measuring {row} ...", file=sys.stderr)
        speeds[row] = measurements.speeds(row, multiple)
    print("measuring size, and what is recorded ...", file=sys.stderr)
    messages = [measurements.ours("message", actors, 3) for actors in ACTORS]
    lives = [measurements.ours("actor", actors, 3) for actors in ACTORS]
    idle = measurements.ours("idle", IDLE_ACTORS, 1)
    traced = {row: measurements.traced(row) for row in TRACED_ROWS}

    print_speeds(speeds)
    print_ours(messages, lives, idle, traced)
    for side, row, why in measurements.failures:
        print(f"FAILED: {side}, {row}: {why}")
    print(f"Medians of {RUNS} runs in turns; idle and recorded: one run. Figures vary, with\n"
          "the machine and with what else it does: compare those of one report only.\n")
    print_lines(speeds, idle, traced)
    if any(side == "ours" for side, _, _ in measurements.failures):
        sys.exit(1)


if __name__ == "__main__":
    main()
