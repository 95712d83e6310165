#!/usr/bin/env python3
"""Real faults on real recordings, again and again, and an account of what came of them.

Each scenario does one thing to a program, its recorder or its file, and then checks the promises: every
event that was written is stored or counted as lost, nothing is there twice, nothing crashes, and the file
says whether it is whole.

usage: soak.py ACTORSCOPE PROGRAM FAULT.so [SECONDS]       without SECONDS: each scenario once
"""
import os
import pathlib
import random
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

SCENARIOS = []


def scenario(function):
    SCENARIOS.append(function)
    return function


class Broken(Exception):
    """A promise was not kept."""


def expect(holds, text):
    if not holds:
        raise Broken(text)


class Bench:
    """What the scenarios work with."""

    def __init__(self, actorscope, program, fault, folder):
        self.actorscope, self.program, self.fault, self.folder = actorscope, program, fault, folder
        self.trace, self.mark = folder / 't.db', folder / 'mark'
        self.figures = {}

    def clean(self):
        for path in self.folder.iterdir():
            path.unlink()

    def count(self, name, number=1):
        self.figures[name] = self.figures.get(name, 0) + number

    def record(self, *arguments, fault=None, limit=None, options=()):
        environment = dict(os.environ)
        if fault:
            environment.update(LD_PRELOAD=str(self.fault), FAULT=fault)

        def narrow():
            if limit:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

        return subprocess.Popen([self.actorscope, 'record', '-o', self.trace, *options, '--', self.program,
                                 *map(str, arguments)], env=environment, preexec_fn=narrow,
                                stderr=subprocess.PIPE, text=True)

    def attach(self, what):
        return subprocess.Popen([self.actorscope, 'record', '--attach', str(what)],
                                stderr=subprocess.PIPE, text=True)

    def end(self, recorder, codes):
        said = recorder.communicate(timeout=300)[1]
        expect(recorder.returncode in codes, f'the recorder ended with {recorder.returncode}: {said}')
        expect('Sanitizer' not in said and 'runtime error' not in said, said)
        return said

    def query(self, sql):
        try:
            with sqlite3.connect(f'file:{self.trace}?mode=ro', uri=True, timeout=30) as db:
                return db.execute(sql).fetchall()
        except sqlite3.Error:
            return []

    def one(self, sql, default=0):
        rows = self.query(sql)
        return rows[0][0] if rows and rows[0][0] is not None else default

    def meta(self, key):
        return self.one(f"SELECT value FROM meta WHERE key = '{key}'")

    def until_segments(self, count, recorder):
        """Waits until there are so many; the number of the recorded process, 0 when all is over."""
        while self.one('SELECT count(*) FROM segment') < count:
            if recorder.poll() is not None:
                return 0
            time.sleep(0.002)
        return self.one('SELECT pid FROM ring')

    def check(self, complete):
        """The file itself and its accounts."""
        expect(self.one('PRAGMA integrity_check', '') == 'ok', 'the file is damaged')
        events = self.one('SELECT sum(count) FROM segment')
        expect(events == self.meta('events'), f'{events} events, but {self.meta("events")} are told')
        expect(events == self.one('SELECT sum(stored) FROM ring'), 'the rings tell another number')
        if complete:
            expect(self.meta('closed') == 1 and self.meta('complete') == 1, 'it is not complete')
        if self.meta('closed') == 1:
            expect(self.meta('rows_behind') == 0, 'rows are missing')
        if self.meta('complete') == 1:
            expect(self.one('SELECT count(*) FROM ring WHERE written != stored OR lost > 0') == 0,
                   'it is not complete, but says so')
        self.count('events', events)
        return events

    def check_flood(self, complete):
        """The flood's messages, of which none may be missing in the middle."""
        events = self.check(complete)
        first, last, count = self.query('SELECT min(id), max(id), count(*) FROM message')[0]
        if self.meta('closed') == 1 and count and self.meta('lost') == 0:
            expect(last - first + 1 == count, f'{last - first + 1 - count} messages are missing')
            expect(count == (events - 7 + 2) // 3, f'{count} messages in {events} events')
        return events


@scenario
def a_program_is_killed(bench):
    """kill -9 of the program at any moment: all that it published is stored."""
    recorder = bench.record('flood')
    pid = bench.until_segments(1, recorder)
    time.sleep(random.random() * 0.05)
    os.kill(pid, signal.SIGKILL)
    bench.end(recorder, [137])
    bench.check_flood(complete=True)
    bench.count('programs killed')


@scenario
def recorders_are_killed(bench):
    """kill -9 of one recorder after the other: the last one has it all, once."""
    recorder = bench.record('count', 400000, bench.mark)
    pid = bench.until_segments(1, recorder)
    for _ in range(random.randint(1, 4)):
        time.sleep(random.random() * 0.03)
        if recorder.poll() is not None:
            break
        recorder.kill()
        recorder.wait()
        bench.count('recorders killed')
        recorder = bench.attach(bench.trace)
        if pid == 0:
            pid = bench.until_segments(1, recorder)
    said = bench.end(recorder, [0, 2, 7])
    if recorder.returncode == 2:  # the one before had done its work when it was killed
        expect('no longer in memory' in said and bench.meta('closed') == 1, said)
    if bench.meta('closed') == 0:  # it was killed after the program had ended
        bench.end(bench.attach(bench.trace), [0])
    bench.check_flood(complete=True)
    expect(bench.one('SELECT count(*) FROM message') == 400000, 'messages are missing')


@scenario
def both_are_killed(bench):
    """What was in memory is stored later, from there."""
    recorder = bench.record('flood')
    pid = bench.until_segments(1, recorder)
    time.sleep(random.random() * 0.05)
    for victim in random.sample([pid, recorder.pid], 2):
        os.kill(victim, signal.SIGKILL)
    recorder.wait()
    bench.check(complete=False)
    if recorder.returncode == -signal.SIGKILL:
        expect(bench.meta('closed') == 0 and bench.meta('complete') == 0, 'it says that it is whole')
        bench.end(bench.attach(bench.trace), [0])
    bench.check_flood(complete=True)
    bench.count('pairs killed')


@scenario
def a_recorder_dies_at_a_write(bench):
    """kill -9 before the n-th call that changes the file: what is committed is there, the rest in memory."""
    call = random.randint(1, 120)
    recorder = bench.record('count', 60000, bench.mark, fault=f'kill:{call}')
    recorder.wait(timeout=300)
    if recorder.returncode == -signal.SIGKILL:
        bench.count('deaths at a write')
        if bench.one('SELECT count(*) FROM ring', -1) < 0:  # it did not come to be a trace
            return
        bench.check(complete=False)
        again = bench.attach(bench.trace)
        said = again.communicate(timeout=300)[1]
        if 'no longer in memory' in said or 'nothing to go on with' in said or 'cannot go on' in said:
            # It had not started the program, or had closed the file and ended in all but name.
            expect(not bench.mark.exists() or bench.meta('closed') == 1, f'call {call}: {said}')
            return
        expect(again.returncode == 0, f'call {call}: {again.returncode}: {said}')
        # Until then the ring may have run full.
        bench.check_flood(complete=bench.meta('lost') == 0)
        if bench.meta('lost') == 0:
            expect(bench.one('SELECT count(*) FROM message') == 60000, f'call {call}: messages are missing')


@scenario
def a_write_fails(bench):
    """The n-th call fails, once or for ever: it is said, and once is made up for."""
    call, kind = random.randint(1, 150), random.choice(['eio', 'enospc'])
    forever = random.random() < 0.2
    recorder = bench.record('count', 60000, bench.mark, fault=f'{kind}:{call}' + ':forever' * forever)
    said = bench.end(recorder, [2, 3, 7])
    bench.count('writes that fail')
    if recorder.returncode == 2:
        expect('actorscope: ' in said, 'it does not say why')
        expect(not bench.mark.exists(), 'the program was started')
        return
    if recorder.returncode == 3:
        expect('could not be finished' in said, f'it does not say so: {said}')
        expect(bench.meta('complete') == 0, 'it says that it is whole')
        return
    bench.check_flood(complete=False)
    if bench.meta('complete') == 1:
        expect(bench.one('SELECT count(*) FROM message') == 60000, 'messages are missing')


@scenario
def the_disk_is_full(bench):
    """The file cannot grow for a while, and then it can."""
    recorder = bench.record('count', 150000, bench.mark, limit=random.randint(120, 2000) << 10)
    time.sleep(random.random() * 0.4)
    try:
        resource.prlimit(recorder.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    except ProcessLookupError:
        pass
    said = bench.end(recorder, [2, 7])
    bench.count('full disks')
    if recorder.returncode == 2:
        expect('cannot write' in said, said)
        return
    bench.check_flood(complete=False)
    if bench.meta('complete') == 0:
        expect('gaps' in said and bench.meta('lost') > 0, f'it does not say what is missing: {said}')


@scenario
def a_recorder_stops(bench):
    """SIGSTOP: the program goes on, and what it could not write is counted and told in its place."""
    recorder = bench.record('count', 600000, bench.mark)
    bench.until_segments(1, recorder)
    recorder.send_signal(signal.SIGSTOP)
    time.sleep(random.choice([0.05, 0.3, 1.5]))
    recorder.send_signal(signal.SIGCONT)
    bench.end(recorder, [7])
    bench.check_flood(complete=False)
    # 7 definitions and spawns, 3 events a message, and the LOST ones themselves
    stored, lost = bench.meta('events'), bench.meta('lost')
    told = 7 + 3 * 600000 - lost
    expect(told <= stored <= told + lost, f'{stored} stored and {lost} lost of {7 + 3 * 600000}')
    expect(lost > 0 or stored == 7 + 3 * 600000, 'events are neither stored nor lost')
    bench.count('recorders stopped')
    bench.count('events lost while stopped', lost)


@scenario
def children_are_forked(bench):
    """Children of fork() leave the parent's ring alone."""
    recorder = bench.record('forks', 200)
    bench.end(recorder, [7])
    bench.check(complete=True)
    expect(bench.one('SELECT count(*) FROM message') == 2000, 'messages are missing')
    bench.count('forks', 200)


@scenario
def signals_and_threads_storm(bench):
    """Handlers write into writes, and threads come and go."""
    recorder = bench.record('storm', 500)
    bench.end(recorder, [7])
    bench.check(complete=True)
    expect(bench.one('SELECT count(*) FROM message') == 50000, 'messages are missing')
    expect(bench.one('SELECT count(*) FROM ring') <= 3, 'rings are not used again')
    bench.count('threads in a signal storm', 500)


@scenario
def a_deadlock_in_a_flood(bench):
    """Events are dropped, but not those that show a deadlock."""
    recorder = bench.record('drown', 300000, options=['--on-full=drop'])
    said = bench.end(recorder, [7])
    found = subprocess.run([bench.actorscope, 'check', bench.trace], capture_output=True, text=True)
    expect(found.returncode == 1 and re.search('^deadlock', found.stdout, re.MULTILINE),
           f'check: exit {found.returncode}: {found.stdout}{found.stderr}\n{said}')
    expect('ann' in found.stdout and 'ben' in found.stdout, found.stdout)
    bench.check(complete=False)
    bench.count('deadlocks in a flood')
    bench.count('events dropped around them', bench.meta('lost'))


@scenario
def a_file_is_damaged(bench):
    """Flipped bits and cut ends: no reader crashes, and what is missing is not called complete."""
    if not (bench.folder / 'good.db').exists():
        bench.end(bench.record('talk', 3000), [7])
        os.rename(bench.trace, bench.folder / 'good.db')
    good = (bench.folder / 'good.db').read_bytes()
    events = 7 + 6 * 3000 + 4
    damaged = bytearray(good)
    if random.random() < 0.5:
        place = random.randrange(0, len(good), 4096) + random.choice([-1, 0, 1])
        del damaged[max(place, 0):]
    else:
        page = random.randrange(0, len(good), 4096)
        for _ in range(random.randint(1, 64)):
            damaged[page + random.randrange(4096)] ^= 1 << random.randrange(8)
    bench.trace.write_bytes(damaged)
    for verb in (['check', '--json'], ['stats'], ['show', '--last=5']):
        run = subprocess.run([bench.actorscope, *verb, bench.trace], capture_output=True, text=True,
                             timeout=60, errors='replace')
        expect(run.returncode in (0, 1, 2), f'{verb}: exit {run.returncode}: {run.stderr[-2000:]}')
        expect('Sanitizer' not in run.stderr and 'runtime error' not in run.stderr, run.stderr[-2000:])
        if verb[0] == 'check' and run.returncode != 2 and '"complete": true' in run.stdout:
            told = re.search(r'"events": (\d+)', run.stdout)
            expect(not told or int(told[1]) == events, f'{told and told[1]} events are called complete')
    bench.trace.unlink()
    bench.count('files damaged')


def main(actorscope, program, fault, seconds=None):
    seed = int(os.environ.get('SOAK_SEED', '0')) or random.randrange(1 << 32)
    random.seed(seed)
    started, rounds, broken = time.monotonic(), 0, 0
    wanted = os.environ.get('SOAK_ONLY', '')
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(actorscope, program, fault, pathlib.Path(name).resolve())
        while not rounds or seconds and time.monotonic() - started < float(seconds):
            for run in SCENARIOS:
                if wanted not in run.__name__:
                    continue
                try:
                    run(bench)
                except (Broken, subprocess.TimeoutExpired) as problem:
                    broken += 1
                    print(f'BROKEN {run.__name__} (seed {seed}, round {rounds}): {problem}', flush=True)
                good = bench.folder / 'good.db'
                kept = good.read_bytes() if good.exists() else None
                bench.clean()
                if kept:
                    good.write_bytes(kept)
            rounds += 1
        for figure, number in bench.figures.items():
            print(f'{number:>14,}  {figure}')
    print(f'{rounds} rounds in {time.monotonic() - started:.0f} s, {broken} promises broken')
    return 1 if broken else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
