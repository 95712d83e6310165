#!/usr/bin/env python3
"""Builds our benchmark of the runtime and those of its peers, runs them, and sets them side by side.

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
IDLE_BUDGET = 512  # bytes

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


def run(command, row, count):
    return float(output_of(command + [row, str(count)], limit=60))


def measure_row(commands, row, multiple):
    """The median of operations a second of each side, or why there is none."""
    counts, runs, failed = {}, {}, {}
    for turn in range(RUNS + 1):
        sides = [side for side in commands if side not in failed]
        # Nobody always comes after the same one.
        for side in sides[turn % len(sides):] + sides[:turn % len(sides)]:
            try:
                figure = run(commands[side], row, counts.get(side, FIRST_COUNT))
            except Missing as why:
                failed[side] = str(why)
                continue
            if side in counts:
                runs.setdefault(side, []).append(figure)
            else:
                counts[side] = max(1, round(figure * SECONDS / multiple)) * multiple
    return {side: statistics.median(figures) for side, figures in runs.items()
            if side not in failed}, failed


def measure_ours(command, row, counts, runs):
    return [statistics.median(run(command, row, count) for _ in range(runs)) for count in counts]


def measure_traced(command):
    """Operations a second under `actorscope record`, which fails when an event is lost."""
    trace = os.path.join(BUILD, "bench-runtime.db")
    record = [os.path.join(BUILD, "tracer", "cli", "actorscope"), "record", "--quiet", "--force",
              "-o", trace, "--"]
    try:
        return {row: run(record + command, row, TRACED_COUNT) for row in TRACED_ROWS}
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


def print_table(results):
    print(f"{'millions a second':26}" + "".join(f"{side:>10}" for side in SIDES))
    for (row, unit, _), (figures, _) in zip(ROWS, results):
        cells = [f"{figures[side] / 1e6:10.2f}" if side in figures else f"{'missing':>10}"
                 for side in SIDES]
        ratios = [f"{figures['ours'] / figures[side]:9.2f}x" if side in figures else f"{'':10}"
                  for side in list(SIDES)[1:]]
        print(f"{row:12}{unit:14}" + "".join(cells))
        print(f"{'':12}{'ours is':24}" + "".join(ratios))
    for (row, _, _), (_, failed) in zip(ROWS, results):
        for side, why in failed.items():
            print(f"  {side} failed in {row}: {why}")
    print()


def print_growth(command):
    actors = [10, 1000, 100000]
    messages = measure_ours(command, "message", actors, 3)
    lives = measure_ours(command, "actor", actors, 3)
    [idle] = measure_ours(command, "idle", [1000000], 1)
    print(f"{'ours, as it grows':26}" + "".join(f"{n:>10}" for n in actors) + "    actors")
    print(f"{'a message':26}" + "".join(f"{n:10.0f}" for n in messages) + "    ns")
    print(f"{'an actor, made and ended':26}" + "".join(f"{n:10.0f}" for n in lives) + "    ns")
    print(f"{'an idle actor':26}{idle:10.0f}    bytes of the process, with 1000000 of them\n")
    return idle


def print_traced(command):
    traced = measure_traced(command)
    print(f"{'ours, recorded, lossless':26}"
          + "".join(f"{row:>10}" for row in traced) + "\n"
          + f"{'millions a second':26}"
          + "".join(f"{figure / 1e6:10.2f}" for figure in traced.values()) + "\n")
    return traced


def print_line(row, side, ours, theirs):
    print(f"BENCH {row} {side.lower()} {ours:.0f} "
          + (f"{theirs:.0f} {ours / theirs:.2f}" if theirs else "missing missing"))


def main():
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    commands, versions, missing = build_all()
    if "ours" in missing:
        sys.exit(f"run-runtime: cannot build bench-runtime: {missing['ours']}")
    print_conditions(versions, missing)

    results = []
    for row, _, multiple in ROWS:
        print(f"measuring {row} ...", file=sys.stderr)
        results.append(measure_row(commands, row, multiple))
        if "ours" not in results[-1][0]:
            sys.exit(f"run-runtime: our own {row} failed: {results[-1][1]['ours']}")
    print_table(results)
    idle = print_growth(commands["ours"])
    traced = print_traced(commands["ours"])
    print(f"Medians of {RUNS} runs in turns; idle and recorded: one. Figures vary from run to run,\n"
          "with the machine and with what else it does; compare within one run only.\n")

    for (row, _, _), (figures, _) in zip(ROWS, results):
        for side in list(SIDES)[1:]:
            print_line(row, side, figures["ours"], figures.get(side))
    for (row, _, _), (figures, _) in zip(ROWS, results):
        if row in traced:
            print_line(f"{row}-traced", "tokio", traced[row], figures.get("tokio"))
    print(f"BENCH idle-bytes budget {idle:.0f} {IDLE_BUDGET} {IDLE_BUDGET / idle:.2f}")


if __name__ == "__main__":
    main()
