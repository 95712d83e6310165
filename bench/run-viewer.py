#!/usr/bin/env python3
"""How the viewer does with traces of 10 and 100 million events, and beside Sysprof.

Ours is measured from inside (bench-viewer): what a frame costs, and how long after the playhead has
moved everything shows the new time. Beside Sysprof, which is asked nothing but to open, both are
measured from outside: from the start of the program until its window shows what it goes on showing,
and the most memory it took until it has come to rest. Ours has more to do then: it looks for deadlocks,
and goes to the first. That counts for its memory, not for its time. Sysprof gets the same trace as a
capture (bench/peers/sysprof/convert.c): a mark for each handled message and each wait, a third of the events.

After the tables there is a line a row for scripts: `BENCH row ours budget ratio` with the budget, `BENCH
row ours theirs ratio` with Sysprof. A ratio above 1 means that ours does better.
"""

import contextlib
import datetime
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build-bench")
OURS = [10, 100]  # million events
THEIRS = [1, 10]
SIZE = "1400x900"
BUDGETS = {  # at 100 M events
    "open_to_first_picture": ("from opening to the first picture", 1000),
    "frame_build_median": ("building a frame of all canvases, median", None),
    "frame_build_worst": ("the same, worst", 8),
    "frame_nodes_most": ("render nodes of that frame, most", 5000),
    "playhead_near_model_median": ("the state at a playhead moved a little, median", None),
    "playhead_near_panels_median": ("until all panels show it, median", 50),
    "playhead_far_model_median": ("the state at a playhead moved far away, median", None),
    "playhead_far_panels_median": ("until all panels show it, median", 50),
    "playhead_far_panels_worst": ("the same, worst", None),
    "playhead_far_longest": ("main thread busy at once meanwhile, worst", None),
    "search_over": ("until the search for deadlocks is over", None),
    "memory_most": ("most memory", 500),
}
RUNS = 3
STAYS, PATIENCE = 2, 120  # seconds: that a picture stays, and that we wait for it


def trace(millions):
    path = os.path.join(BUILD, {10: "small.db", 100: "big.db"}.get(millions, f"events-{millions}M.db"))
    if not os.path.exists(path):
        subprocess.run([os.path.join(BUILD, "bench/big-trace"), path, str(millions * 1000000)], check=True,
                       stderr=subprocess.DEVNULL)
    return path


@contextlib.contextmanager
def display():
    """The environment of programs on a display of its own, with nothing of the user's."""
    read, write = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write), "-screen", "0", f"{SIZE}x24", "-noreset", "-nolisten",
                               "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as number, tempfile.TemporaryDirectory() as home:
        try:
            places = {f"XDG_{place}_HOME": home for place in ("STATE", "DATA", "CONFIG", "CACHE")}
            yield dict(os.environ, **places, DISPLAY=f":{number.readline().strip()}", GSK_RENDERER="cairo",
                       GDK_BACKEND="x11", GTK_A11Y="none", GSETTINGS_BACKEND="memory", NO_AT_BRIDGE="1")
        finally:
            server.terminate()
            server.wait()


# --- ours, from inside ----------------------------------------------------------------------------


def inside_once(millions):
    """Name -> (figure, unit)."""
    with display() as environment:
        run = subprocess.run([os.path.join(BUILD, "bench/bench-viewer"), trace(millions)], env=environment,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if run.returncode:
        sys.exit(f"run-viewer: bench-viewer failed: {run.stderr.strip()}")
    lines = [line.split() for line in run.stdout.splitlines() if line.startswith("BENCH viewer")]
    return {line[2]: (float(line[3]), line[4]) for line in lines}


def inside(millions):
    """The median of some runs: the machine may have other things to do."""
    runs = [inside_once(millions) for _ in range(RUNS)]
    return {name: (statistics.median(run[name][0] for run in runs), unit) for name, (_, unit) in runs[0].items()}


def show_inside(figures):
    print(f"{'':52}" + "".join(f"{f'{size} M events':>14}" for size in OURS) + f"{'budget':>12}")
    for name, (words, budget) in BUDGETS.items():
        unit = figures[OURS[0]][name][1]
        cells = "".join(f"{figures[size][name][0]:14.{0 if unit == 'nodes' else 1}f}" for size in OURS)
        print(f"{words + ', ' + unit:52}{cells}{budget or '':>12}")


# --- both, from outside ---------------------------------------------------------------------------


def rows_of_screen(environment):
    """A checksum for each row of the screen: what of it changes between two looks is told by these."""
    picture = subprocess.run(["xwd", "-root", "-silent"], stdout=subprocess.PIPE, check=True, env=environment).stdout
    width = int(SIZE.split("x", maxsplit=1)[0]) * 4
    return [zlib.crc32(picture[i:i + width]) for i in range(len(picture) % width, len(picture), width)]


def is_alike(a, b):
    """A clock, or how far a search has come, may go on: nine rows of ten have to be the same."""
    return sum(x == y for x, y in zip(a, b)) >= 0.9 * len(a)


def fill_screen(pid, environment):
    found = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(pid)], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True, env=environment).stdout.split()
    if found:
        subprocess.run(["xdotool", "windowmove", found[-1], "0", "0", "windowsize", found[-1], *SIZE.split("x")],
                       check=True, env=environment)
    return bool(found)


def memory_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        return max(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def ticks_of(pid):
    """Of the processor's time that the program has had."""
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def watch(program, environment):
    """The seconds at which the picture changed, until the program has come to rest."""
    start, changes, before, ticks, rest, filled = time.monotonic(), [], [], 0, 0, False
    while (now := time.monotonic() - start) < PATIENCE:
        if program.poll() is not None:
            sys.exit(f"run-viewer: {program.args[0]} ended with {program.returncode}")
        filled = filled or fill_screen(program.pid, environment)
        rows, spent = rows_of_screen(environment), ticks_of(program.pid) - ticks
        ticks += spent
        if not is_alike(rows, before):
            changes.append(time.monotonic() - start)
            before = rows
        if spent > 2 or changes[-1] > now or not filled:
            rest = now
        if now - rest > STAYS:
            break
        time.sleep(0.05)
    return changes


def outside(command, rests):
    """Seconds until the picture that stays, bytes. Or, unless it `rests` then: until one that stays for a while."""
    with display() as environment:
        program = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        changes = watch(program, environment)
        memory = memory_of(program.pid)
        program.kill()
        program.wait()
    if not rests:
        changes = [t for t, following in zip(changes, changes[1:] + [PATIENCE]) if following - t > STAYS][:1]
    return changes[-1], memory


def beside_sysprof():
    """Rows (millions, marks, ours, theirs) of (seconds, bytes)."""
    rows = []
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        for size in THEIRS:
            capture = os.path.join(folder, "trace.syscap")
            marks = subprocess.run([os.path.join(BUILD, "bench/to-sysprof"), trace(size), capture], check=True,
                                   stdout=subprocess.PIPE, text=True).stdout
            ours = outside([os.path.join(BUILD, "viewer/actorscope-viewer"), trace(size)], False)
            rows.append((size, int(marks), ours, outside(["sysprof", capture], True)))
            os.remove(capture)
    return rows


def show_beside(rows):
    print(f"{'from start to the picture that stays':>44}{'actorscope':>20}{'Sysprof':>20}")
    for size, marks, ours, theirs in rows:
        words = f"{size} M events, for Sysprof {marks / 1e6:.1f} M marks"
        print(f"{words:44}{ours[0]:9.1f} s {ours[1] / 1e6:5.0f} MB{theirs[0]:9.1f} s {theirs[1] / 1e6:5.0f} MB")


def main():
    print(f"{datetime.date.today()}, {platform.machine()}, {os.cpu_count()} processors, on Xvfb, drawn by the processor")
    figures = {size: inside(size) for size in OURS}
    show_inside(figures)
    rows = []
    missing = [tool for tool in ("sysprof", "xwd", "xdotool") if not shutil.which(tool)]
    if not os.path.exists(os.path.join(BUILD, "bench/to-sysprof")):
        missing.append("libsysprof-4-dev")
    if missing:
        print(f"Not compared with Sysprof: no {', '.join(missing)}.")
    else:
        rows = beside_sysprof()
        show_beside(rows)
    for size in OURS:
        for name, (_, budget) in BUDGETS.items():
            figure = figures[size][name][0]
            ratio = f"{budget} {budget / figure:.2f}" if budget else "- -"
            print(f"BENCH viewer-{size}M-{name} {figure:.2f} {ratio}")
    for size, _, ours, theirs in rows:
        print(f"BENCH viewer-{size}M-start-seconds {ours[0]:.2f} {theirs[0]:.2f} {theirs[0] / ours[0]:.2f}")
        print(f"BENCH viewer-{size}M-start-bytes {ours[1]} {theirs[1]} {theirs[1] / ours[1]:.2f}")


if __name__ == "__main__":
    main()
