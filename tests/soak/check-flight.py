#!/usr/bin/env python3
"""`actorscope record --flight-recorder`: the file keeps to its size, whatever is recorded, and
whenever somebody looks or kills the recorder it has one beginning, from which all can be told.

usage: check-flight.py ACTORSCOPE PROGRAM FAULT [MESSAGES [KILLS]]
"""
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time

from flight import SIZE, actorscope, expect, expect_whole, fault, flight, look, program, record, size_of

MEMORY_MAX = 100 << 20
messages = int(sys.argv[4]) if len(sys.argv) > 4 else 30000
kills = int(sys.argv[5]) if len(sys.argv) > 5 else 6


def peak_of(process):
    """The most memory that a process has had."""
    try:
        for line in pathlib.Path(f'/proc/{process.pid}/status').read_text().splitlines():
            if line.startswith('VmHWM:'):
                return int(line.split()[1]) << 10
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def expect_deadlock(trace):
    """Of the two who have waited for each other since the beginning."""
    checked = subprocess.run([actorscope, 'check', '--json', str(trace)], capture_output=True, text=True)
    expect(checked.returncode == 1, f'check ended with {checked.returncode}: {checked.stderr}')
    report = json.loads(checked.stdout)
    found = report['findings'][0]
    expect((found['code'], found['verdict'], found['lowered']) == ('deadlock', 'certain', False), f'found {found}')
    names = sorted(edge['from_name'] if 'from_name' in edge else edge['from'] for edge in found['edges'])
    expect('ann' in str(found) and 'ben' in str(found), f'who waits is not named: {names}')
    return report['runs'][0]


def it_keeps_to_its_size(directory):
    trace = directory / 'long.db'
    recorder = flight(trace, 'bury', str(messages))
    largest = memory = 0
    while recorder.poll() is None:
        largest = max(largest, size_of(trace))
        memory = max(memory, peak_of(recorder))
        time.sleep(0.002)
    said = recorder.stderr.read()
    expect(recorder.returncode == 7, f'it ended with {recorder.returncode}: {said}')
    expect('were let go' in said and 'nothing lost' in said, f'it did not say what it did: {said}')
    expect(largest <= SIZE and size_of(trace) <= SIZE, f'it had {largest} bytes, then {size_of(trace)}')
    expect(memory <= MEMORY_MAX, f'the recorder had {memory} bytes of memory')
    found = expect_whole(trace)
    expect(found['written'] == found['stored'] and found['lost'] == found['corrupt'] == 0, f'not whole: {found}')
    expect(found['written'] > 3 * messages and found['let_go'] > 2 * found['there'], f'little was let go: {found}')
    run = expect_deadlock(trace)
    expect(run['complete'] and run['let_go'] > 0 and run['begins_ns'] > 0, f'check says {run}')
    return {'largest': largest, 'memory': memory, **found}


def it_is_looked_at(directory):
    """While somebody reads, the log has to wait, and may become as large as the file."""
    trace = directory / 'looked-at.db'
    recorder = flight(trace, 'bury', str(messages))
    seen = []
    while recorder.poll() is None:
        if not trace.exists():
            continue
        try:
            found = look(trace)
        except sqlite3.Error:
            continue  # it is being made, or closed
        expect(found['there'] + found['let_go'] == found['events'], f'seen while it grew: {found}')
        expect(size_of(trace) <= 2 * SIZE, f'it had {size_of(trace)} bytes while it was looked at')
        seen.append(found['let_go'])
        if len(seen) in (5, 50) and found['events'] > 100:
            expect_deadlock(trace)
    recorder.stderr.close()
    expect(seen and seen == sorted(seen), f'what was let go came back: {seen}')
    expect_whole(trace)
    expect_deadlock(trace)
    expect(size_of(trace) <= SIZE, f'at the end it has {size_of(trace)} bytes')
    return len(seen)


def it_is_killed(directory, call):
    """At a call that changes the file; another recorder goes on with it."""
    trace = directory / 'killed.db'
    environment = dict(os.environ, LD_PRELOAD=fault, FAULT=f'kill:{call}')
    recorder = flight(trace, 'bury', str(messages // 2), env=environment)
    recorder.wait()
    recorder.stderr.close()
    killed = recorder.returncode == -9
    if killed:
        found = expect_whole(trace)
        expect(size_of(trace) <= SIZE, f'killed at call {call}, it has {size_of(trace)} bytes')
        if found['events'] > 100:
            expect_deadlock(trace)
        other = record(f'--attach={trace}')
        other.wait()
        said = other.stderr.read()
        expect(other.returncode == 0, f'it could not be gone on with: {said}')
    expect(size_of(trace) <= SIZE, f'at the end it has {size_of(trace)} bytes')
    found = expect_whole(trace)
    expect(found['written'] == found['stored'], f'killed at call {call}: {found}')
    run = expect_deadlock(trace)
    expect(run['complete'] == (found['lost'] == 0), f'check says {run} of {found}')
    return killed


def what_does_not_go_together():
    for arguments, text in ((('--flight-recorder=1M', '--', program), '4M or more'),
                            (('--flight-recorder=9M', '--max-size=9M', '--', program), 'only one'),
                            (('--flight-recorder=9M', '--rows=auto', '--', program), 'rows')):
        refused = record(*arguments)
        refused.wait()
        said = refused.stderr.read()
        expect(refused.returncode == 2 and text in said, f'{arguments} ended with {refused.returncode}: {said}')


def main():
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        what_does_not_go_together()
        print('a long run:', it_keeps_to_its_size(directory))
        print('looked at:', it_is_looked_at(directory), 'times')
        killed = [call for call in range(150, 150 + 137 * kills, 137) if it_is_killed(directory, call)]
        expect(killed, 'no recorder was killed')
        print('killed at calls', killed)


main()
