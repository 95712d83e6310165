#!/usr/bin/env python3
"""`actorscope record --follow-children`: each process has a trace of its own, whole, whoever ends
first; the program's exit status is handed on.

usage: check-children.py ACTORSCOPE PROGRAM [CHILDREN]
"""
import json
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

actorscope, program = sys.argv[1:3]
children = int(sys.argv[3]) if len(sys.argv) > 3 else 40
TALK = 611  # events of `talk 100`


def fail(text):
    sys.exit(f'check-children: {text}')


def expect(holds, text):
    if not holds:
        fail(text)


def until(holds, what):
    for _ in range(6000):
        if holds():
            return
        time.sleep(0.01)
    fail(f'it never came to pass that {what}')


def record(trace, *arguments):
    # Not a pipe: the children have it, too, and may live longer.
    with open(f'{trace}.said', 'w') as said:
        return subprocess.Popen([actorscope, 'record', '-o', str(trace), '--follow-children', '--rows=off', '--',
                                 program, *arguments], stderr=said)


def end_of(recorder, trace):
    """What it said."""
    recorder.wait(timeout=60)
    return pathlib.Path(f'{trace}.said').read_text()


def meta(trace):
    """Nothing while the file cannot be asked."""
    try:
        with sqlite3.connect(f'file:{trace}?mode=ro', uri=True, timeout=30) as db:
            return dict(db.execute('SELECT key, value FROM meta'))
    except sqlite3.Error:
        return {}


def children_of(trace):
    return sorted(trace.parent.glob(f'{trace.stem}.*.db'))


def expect_child(trace, parent, what):
    found = meta(trace)
    number = int(trace.name.split('.')[1])
    with sqlite3.connect(f'file:{trace}?mode=ro', uri=True) as db:
        pids = {row[0] for row in db.execute('SELECT pid FROM ring')}
    expect(pids == {number}, f'{trace.name} is of processes {pids}')
    expect(found.get('closed') == found.get('complete') == 1, f'{trace.name} is not whole: {found}')
    expect(parent is None or found['parent_pid'] == parent, f'{trace.name} has another parent: {found}')
    expect(what in found['program'], f'{trace.name} is of another program: {found}')
    return found


def pid_of(trace):
    with sqlite3.connect(f'file:{trace}?mode=ro', uri=True) as db:
        return db.execute('SELECT min(pid) FROM ring').fetchone()[0]


def all_are_recorded(directory):
    trace = directory / 'family.db'
    recorder = record(trace, 'family', str(children))
    said = end_of(recorder, trace)
    expect(recorder.returncode == 7, f'it ended with {recorder.returncode}: {said}')
    expect(f'{children} processes' in said and 'not recorded' not in said, f'it said {said}')
    found = children_of(trace)
    expect(len(found) == children, f'{len(found)} of {children} children have a trace')
    for child in found:
        expect(expect_child(child, pid_of(trace), 'talk 100')['events'] == TALK, f'{child.name} lacks events')
    expect(meta(trace)['complete'] == 1, 'the parent is not whole')
    merged = directory / 'all.db'
    few = [str(trace), *map(str, found[:5])]
    done = subprocess.run([actorscope, 'merge', '--json', '-o', str(merged), *few], capture_output=True, text=True)
    expect(done.returncode == 0, f'they cannot be merged: {done.stderr}')
    expect(json.loads(done.stdout)['events'] == meta(trace)['events'] + 5 * TALK, f'merged: {done.stdout}')


def a_child_outlives_its_parent(directory):
    trace, go_on = directory / 'leave.db', directory / 'go-on'
    recorder = record(trace, 'leave', 'linger', str(go_on))
    until(lambda: meta(trace).get('closed') == 1 and children_of(trace), "the parent's trace is closed")
    expect(recorder.poll() is None, 'it did not wait for the child')
    go_on.touch()
    said = end_of(recorder, trace)
    expect(recorder.returncode == 7, f'it ended with {recorder.returncode}: {said}')
    expect(expect_child(*children_of(trace), None, 'linger')['events'] == TALK + 1, 'the child lacks events')


def a_child_may_take_its_time(directory):
    """Its parent has gone before it was known that there is a child."""
    trace, go_on = directory / 'late.db', directory / 'at-last'
    recorder = record(trace, 'leave', 'dawdle', str(go_on))
    said = pathlib.Path(f'{trace}.said')
    until(lambda: meta(trace).get('closed') == 1 and 'left processes behind' in said.read_text(),
          'the recorder says what it waits for')
    expect(recorder.poll() is None and not children_of(trace), 'it did not wait for the child')
    go_on.touch()
    said = end_of(recorder, trace)
    expect(recorder.returncode == 7 and '1 process ' in said, f'it ended with {recorder.returncode}: {said}')
    expect(expect_child(*children_of(trace), None, 'dawdle')['events'] == TALK, 'the child lacks events')


def nobody_has_to_wait_for_a_child(directory):
    trace, never = directory / 'sleeper.db', directory / 'not-now'
    recorder = record(trace, 'leave', 'dawdle', str(never))
    until(lambda: meta(trace).get('closed') == 1, "the parent's trace is closed")
    recorder.send_signal(signal.SIGTERM)
    said = end_of(recorder, trace)
    expect(recorder.returncode == 7 and not children_of(trace), f'it ended with {recorder.returncode}: {said}')
    never.touch()


def a_signal_ends_the_waiting(directory):
    trace, never = directory / 'signal.db', directory / 'never'
    recorder = record(trace, 'leave', 'linger', str(never))
    until(lambda: meta(trace).get('closed') == 1 and children_of(trace)
          and meta(children_of(trace)[0]).get('events'), 'the child is recorded')
    recorder.send_signal(signal.SIGTERM)
    said = end_of(recorder, trace)
    expect(recorder.returncode == 7, f'it ended with {recorder.returncode}: {said}')
    expect(meta(children_of(trace)[0])['closed'] == 1, "the child's trace is not closed")
    never.touch()


def a_killed_recorder_has_recorders_that_go_on(directory):
    trace, go_on = directory / 'killed.db', directory / 'then'
    recorder = record(trace, 'leave', 'linger', str(go_on))
    until(lambda: children_of(trace) and meta(children_of(trace)[0]).get('events'), 'the child is recorded')
    recorder.kill()
    recorder.wait()
    go_on.touch()
    until(lambda: meta(children_of(trace)[0]).get('closed') == 1, "the child's trace is closed")
    expect(expect_child(*children_of(trace), None, 'linger')['events'] == TALK + 1, 'the child lacks events')


with tempfile.TemporaryDirectory() as name:
    all_are_recorded(pathlib.Path(name))
    a_child_outlives_its_parent(pathlib.Path(name))
    a_child_may_take_its_time(pathlib.Path(name))
    nobody_has_to_wait_for_a_child(pathlib.Path(name))
    a_signal_ends_the_waiting(pathlib.Path(name))
    a_killed_recorder_has_recorders_that_go_on(pathlib.Path(name))
