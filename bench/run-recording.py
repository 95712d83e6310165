#!/usr/bin/env python3
"""Records the same events with actorscope and with LTTng-UST, and sets the two side by side; then
programs, with and without a recorder.

Both sides write the events of ask-stream.h, number for number, from the same number of threads.
LTTng records losslessly, in blocking mode, and babeltrace2 reads its traces. Runs take turns, so
that whatever else the machine does hits both, and the median of them counts.

A session daemon of LTTng that runs already is used and left alone; otherwise one is started, and
ended at the end. A peer that is not there is said to be missing.

After the table there is a line a row for scripts, `BENCH row peer ours theirs ratio`; a ratio above
1 means that ours is better.
"""

import datetime
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import recorded

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build-bench")

RUNS = 3
SUSTAINED_RUNS = 7  # single ones of LTTng's differ by a factor of three
CHAT_RUNS = 9  # pairs: what they differ by is small
THREADS = [1, 2, 4]
SUSTAINED_THREADS = [1, 2, 4, 16]
EVENTS = 8000000  # of a run to a file
MANY_EVENTS = 100000000  # of the one long run
MEMORY_BUDGET = 300e6  # bytes of the recorder
CHAT_BUDGET = 1.05  # processor time of the server, recorded to alone
COST_EVENTS = 2000000
PAYLOAD = 16  # bytes
EVENT_BYTES = 31  # of the fields of an event, on average
DAEMON_SECONDS = 10  # to start or to end

# The same questions to both: how many events; how many of each kind; those of one kind.
SQL_COUNT = "SELECT sum(events) FROM event_count"
SQL_KINDS = "SELECT kind, sum(events) FROM event_count GROUP BY kind"
SQL_FILTER = "SELECT count(*), max(time_ns) FROM event_row WHERE kind = 'reply'"
AWK_KINDS = r"""{ count[$2 + 0]++ } END { for (kind in count) print kind, count[kind] }"""
AWK_FILTER = r"""$2 + 0 == 24 { count++; last = $1 } END { print count, last }"""

# A count of everything, from the rows that the recorder left: plain SQL, no tool of ours.
FIRST_QUESTION = "SELECT type, count(*), max(done_ns - sent_ns) FROM message_row GROUP BY type"


class Missing(Exception):
    """Why a side cannot take part."""


def output_of(command, **options):
    """Runs a command and returns what it prints; Missing says what went wrong."""
    name = os.path.basename(command[0])
    if not shutil.which(command[0]):
        raise Missing(f"{name} is not installed")
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, **options)
    except subprocess.TimeoutExpired:
        raise Missing(f"{name} took longer than 600 s") from None
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise Missing(f"{name} failed with {done.returncode}: {last}")
    return done.stdout.strip()


def size_of(directory):
    return sum(os.path.getsize(os.path.join(place, name))
               for place, _, names in os.walk(directory) for name in names)


class Ours:
    """Every method returns a figure, or a dict of them."""

    def __init__(self, directory):
        self.program = os.path.join(BUILD, "bench", "bench-recording")
        self.actorscope = os.path.join(BUILD, "tracer", "cli", "actorscope")
        self.file = os.path.join(directory, "ours.db")

    def numbers(self, *arguments):
        return [float(part) for part in
                output_of([self.program, *map(str, arguments)]).split()]

    def clocks(self):
        return self.numbers("clock")

    def cost(self, threads):
        return self.numbers("cost", COST_EVENTS, threads)[0]

    def segments(self, threads):
        seconds, size = self.numbers("segments", self.file, EVENTS, threads)
        return {"rate": EVENTS / seconds, "bytes": size / EVENTS}

    def record(self, threads, payload=0, events=EVENTS):
        stored, seconds, size, memory = self.numbers("record", self.file, events, threads,
                                                     payload)
        return {"rate": events / seconds, "stored": events / stored, "bytes": size / events,
                "memory": memory}

    def read(self):
        """Needs a file that `segments` or `record` has left."""
        return self.numbers("read", self.file)[0]

    def ask(self, query):
        """From the file to the answer, the start of the command included. Needs a file, too."""
        begin = time.monotonic()
        output_of([self.actorscope, "sql", self.file, query])
        return EVENTS / (time.monotonic() - begin)

    def answer(self):
        """Needs a file that `record` has left."""
        begin = time.monotonic()
        output_of(["sqlite3", "-readonly", self.file, FIRST_QUESTION])
        return EVENTS / (time.monotonic() - begin)


class Lttng:
    """LTTng-UST, with a session daemon of its own unless there is one."""

    def __init__(self, directory):
        self.directory = directory
        self.program = os.path.join(directory, "asks")
        self.daemon = None
        self.session = None
        self.held = 0  # events of the last trace
        # without the second a program that the daemon is slow to notice runs untraced
        self.environment = dict(os.environ, LTTNG_UST_ALLOW_BLOCKING="1",
                                LTTNG_UST_REGISTER_TIMEOUT="-1")
        output_of(["gcc", "-O2", "-I", ROOT, "-I", os.path.join(ROOT, "bench/peers/lttng"),
                   os.path.join(ROOT, "bench/peers/lttng/asks.c"), "-o", self.program,
                   "-llttng-ust", "-ldl", "-pthread"])
        if not self.daemon_runs():
            self.start_daemon()

    @staticmethod
    def daemon_runs():
        if not shutil.which("lttng"):
            raise Missing("lttng is not installed")
        # without --no-sessiond the command would start a daemon that nobody ends
        return subprocess.run(["lttng", "--no-sessiond", "list"], capture_output=True,
                              check=False).returncode == 0

    def start_daemon(self):
        if not shutil.which("lttng-sessiond"):
            raise Missing("lttng-sessiond is not installed")
        log = os.path.join(self.directory, "sessiond.log")
        with open(log, "w", encoding="utf-8") as out:
            self.daemon = subprocess.Popen(["lttng-sessiond", "--no-kernel"], stdout=out,
                                           stderr=out, stdin=subprocess.DEVNULL)
        end = time.monotonic() + DAEMON_SECONDS
        while not self.daemon_runs():
            if self.daemon.poll() is not None or time.monotonic() > end:
                self.close()
                raise Missing("lttng-sessiond does not start; see what `lttng-sessiond "
                              "--no-kernel` says")
            time.sleep(0.1)

    def lttng(self, *arguments):
        return output_of(["lttng", "--no-sessiond", *arguments])

    def close(self):
        if self.session:
            subprocess.run(["lttng", "--no-sessiond", "destroy", self.session],
                           capture_output=True, check=False)
        if not self.daemon:
            return
        self.daemon.terminate()
        try:
            self.daemon.wait(DAEMON_SECONDS)
        except subprocess.TimeoutExpired:
            self.daemon.kill()
            self.daemon.wait()

    def open_session(self, create, channel):
        name = f"actorscope-bench-{os.getpid()}"
        self.lttng("create", name, *create)
        self.session = name
        self.lttng("enable-channel", "--userspace", "--session", name, *channel, "asks")
        self.lttng("enable-event", "--userspace", "--session", name, "--channel", "asks",
                   "ask:*")
        self.lttng("start", name)

    def close_session(self):
        self.lttng("destroy", self.session)
        self.session = None

    def cost(self, threads):
        """Into memory only, overwriting the oldest: what an event costs its thread at best."""
        self.open_session(["--snapshot"], ["--overwrite", "--subbuf-size=1M", "--num-subbuf=4"])
        cost = float(output_of([self.program, str(COST_EVENTS), str(threads)],
                               env=self.environment))
        self.close_session()
        return cost

    def record(self, threads, events=EVENTS):
        trace = os.path.join(self.directory, "lttng")
        shutil.rmtree(trace, ignore_errors=True)
        self.open_session([f"--output={trace}"], ["--blocking-timeout=inf", "--subbuf-size=1M",
                                                  "--num-subbuf=4"])
        begin = time.monotonic()
        output_of([self.program, str(events), str(threads)], env=self.environment)
        self.lttng("stop", self.session)
        seconds = time.monotonic() - begin
        self.close_session()
        size = size_of(trace)
        self.held = events
        if events == EVENTS and shutil.which("babeltrace2"):
            self.read()
        if self.held < events:
            # a program that the daemon is slow to notice begins without it
            print(f"run-recording: LTTng's trace has {self.held} of {events} events; its rate and "
                  "size are by those", file=sys.stderr)
        if size < EVENT_BYTES * self.held:
            raise Missing(f"LTTng's trace has {size / self.held:.1f} bytes an event: it is not "
                          "whole")
        return {"rate": self.held / seconds, "bytes": size / self.held}

    def read(self):
        """Counts the events of the trace that `record` has left."""
        begin = time.monotonic()
        told = output_of(["babeltrace2", os.path.join(self.directory, "lttng"), "--component",
                          "sink.utils.counter"])
        seconds = time.monotonic() - begin
        counted = [line.split()[0] for line in told.splitlines() if "Event messages" in line]
        if not counted or counted[-1] == "0":
            raise Missing("babeltrace2 finds no events in LTTng's trace")
        self.held = int(counted[-1])
        return self.held / seconds

    def ask(self, program):
        """The same by reading what babeltrace2 prints."""
        begin = time.monotonic()
        output_of(["bash", "-o", "pipefail", "-c", 'babeltrace2 --no-delta "$1" | awk -F "kind = " "$2"', "bash",
                   os.path.join(self.directory, "lttng"), program])
        return self.held / (time.monotonic() - begin)


class Table:
    """Takes turns, keeps the medians, prints what it has."""

    def __init__(self, lttng):
        self.lttng = lttng
        self.lines = []

    @staticmethod
    def median(runs):
        if isinstance(runs[0], dict):
            return {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        return statistics.median(runs)

    def pair(self, ours, theirs, count=RUNS):
        """Medians of both; None for a peer that is missing."""
        runs = {"ours": [], "theirs": []}
        for _ in range(count):
            runs["ours"].append(ours())
            if not self.lttng:
                continue
            try:
                runs["theirs"].append(theirs(self.lttng))
            except Missing as why:
                print(f"run-recording: goes on without a peer: {why}", file=sys.stderr)
                self.lttng.close()
                self.lttng = None
        whole = len(runs["theirs"]) == count
        return self.median(runs["ours"]), self.median(runs["theirs"]) if whole else None

    def add(self, row, what, unit, peer, ours, theirs, less_is_better=False):
        """Prints a line of the table and keeps the one for scripts."""
        ratio = None if theirs is None else theirs / ours if less_is_better else ours / theirs
        print(f"{what:54}{ours:10.4g}"
              + (f"{theirs:10.4g}{ratio:9.2f}" if ratio else f"{'-':>10}{'-':>9}")
              + f"  {unit}", flush=True)
        self.lines.append(f"BENCH {row} {peer} {ours:.4g} "
                          + (f"{theirs:.4g} {ratio:.2f}" if ratio else "missing missing"))


def plural(threads):
    return f"{threads} thread" + ("s" if threads > 1 else "")


def measure(table, ours):
    print(f"{'':54}{'ours':>10}{'peer':>10}{'better':>9}")
    for threads in THREADS:
        mine, other = table.pair(lambda: ours.cost(threads), lambda it: it.cost(threads))
        table.add(f"event-cost-{threads}", f"an event to its thread, {plural(threads)}", "ns",
                  "lttng", mine, other, less_is_better=True)
    alone = table.median([ours.segments(1) for _ in range(RUNS)])
    for threads in SUSTAINED_THREADS:
        mine, other = table.pair(lambda: ours.record(threads), lambda it: it.record(threads),
                                 SUSTAINED_RUNS)
        rate = other and other["rate"] / 1e6
        table.add(f"sustained-{threads}", f"lossless, events to the file, {plural(threads)}",
                  "M/s", "lttng", mine["stored"] / 1e6, rate)
        table.add(f"sustained-rows-{threads}", "the same, until all that follows is there, too",
                  "M/s", "lttng", mine["rate"] / 1e6, rate)
        table.add(f"memory-{threads}", "recorder's memory, rings included", "MB", "budget",
                  mine["memory"] / 1e6, MEMORY_BUDGET / 1e6, less_is_better=True)
    table.add("bytes", "an event in the file", "bytes", "lttng", alone["bytes"],
              other and other["bytes"], less_is_better=True)
    table.add("bytes-rows", "an event in the file, SQL rows and index included", "bytes", "lttng",
              mine["bytes"], other and other["bytes"], less_is_better=True)
    mine, counter = table.pair(ours.read, lambda it: it.read())
    counter = counter and counter / 1e6
    table.add("read", "counting events by kind, every one looked at", "M/s", "babeltrace2",
              mine / 1e6, counter)
    mine = table.median([ours.ask(SQL_COUNT) for _ in range(RUNS)])
    table.add("answer-count", "from file to answer: how many events", "M/s", "babeltrace2",
              mine / 1e6, counter)
    for row, what, query, program in (
            ("answer-kinds", "from file to answer: how many of each kind", SQL_KINDS, AWK_KINDS),
            ("answer-filter", "from file to answer: those of one kind, and the last", SQL_FILTER, AWK_FILTER)):
        mine, other = table.pair(lambda: ours.ask(query), lambda it: it.ask(program))
        table.add(row, what, "M/s", "babeltrace2+awk", mine / 1e6, other and other / 1e6)
    mine = table.median([ours.answer() for _ in range(RUNS)])
    table.add("first-answer", "the longest message of each type, rows in plain sqlite3", "M/s",
              "babeltrace2", mine / 1e6, counter)


def measure_many(table, ours):
    """One run."""
    mine = ours.record(1, events=MANY_EVENTS)
    other = table.lttng and table.lttng.record(1, events=MANY_EVENTS)
    table.add("many-stored", "100 M events, until all are stored", "s", "lttng",
              MANY_EVENTS / mine["stored"], other and MANY_EVENTS / other["rate"],
              less_is_better=True)
    table.add("many-rows", "until all that follows is there, too", "s", "lttng",
              MANY_EVENTS / mine["rate"], other and MANY_EVENTS / other["rate"],
              less_is_better=True)
    table.add("many-size", "the file then", "MB", "lttng", mine["bytes"] * MANY_EVENTS / 1e6,
              other and other["bytes"] * MANY_EVENTS / 1e6, less_is_better=True)
    table.add("many-memory", "recorder's memory", "MB", "budget", mine["memory"] / 1e6,
              MEMORY_BUDGET / 1e6, less_is_better=True)


def measure_programs(table, directory):
    """Real programs, recorded and not, in turns."""
    trace = os.path.join(directory, "chat.db")
    erlang, peer, runs, alone, traced = [], None, [], [], []
    try:
        recorded.build_erlang(output_of, directory)
        peer = True
    except Missing as why:
        print(f"run-recording: goes on without Erlang: {why}", file=sys.stderr)
    for _ in range(RUNS):
        runs.append(recorded.asks(output_of, directory))
        if peer:
            erlang.append(recorded.erlang_asks(output_of, directory))
    for _ in range(CHAT_RUNS):
        alone.append(recorded.chat(output_of, directory))
        traced.append(recorded.chat(output_of, directory, trace))
    ratio = table.median([with_it["server"] / without["server"]
                          for without, with_it in zip(alone, traced)])
    mine, other = table.median(runs), table.median(erlang) if erlang else None
    alone, traced = table.median(alone), table.median(traced)
    table.add("ask-recorded", "asks a second, recorded", "M/s", "erlang", mine["traced"] / 1e6,
              other and other["traced"] / 1e6)
    table.add("ask-slowdown", "asks become slower by", "times", "erlang",
              mine["alone"] / mine["traced"], other and other["alone"] / other["traced"],
              less_is_better=True)
    table.add("chat-processor", "chat server's processor time, recorded to not", "times",
              "budget", ratio, CHAT_BUDGET, less_is_better=True)
    print(f"{'':6}server {alone['server']:.2f} s alone, {traced['server']:.2f} s recorded; "
          f"its recorder {traced['recorder']:.2f} s")


def main():
    if len(sys.argv) > 1:
        sys.exit("usage: run-recording.py")
    with tempfile.TemporaryDirectory(prefix="bench-recording-") as directory:
        ours, lttng = Ours(directory), None
        try:
            lttng = Lttng(directory)
        except Missing as why:
            print(f"run-recording: goes on without LTTng: {why}", file=sys.stderr)
        table = Table(lttng)
        print(f"Recording beside LTTng-UST, {datetime.date.today()}, {platform.machine()}, "
              f"{os.cpu_count()} processors, {EVENTS} events a run, median of {RUNS} runs, of "
              f"{SUSTAINED_RUNS} to the file\n")
        try:
            measure(table, ours)
            measure_programs(table, directory)
            measure_many(table, ours)
            events, system = ours.clocks()
            print(f"\nreading the clock of events: {events:.1f} ns, the system's: "
                  f"{system:.1f} ns; recorder with "
                  f"{PAYLOAD} bytes of payload in every third event: "
                  f"{ours.record(1, PAYLOAD)['rate'] / 1e6:.2f} M/s with all rows\n")
        finally:
            if lttng:
                lttng.close()
        print("\n".join(table.lines))


if __name__ == "__main__":
    main()
