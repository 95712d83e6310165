#!/usr/bin/env python3
"""`actorscope record --flight-recorder` where it has to give way: a program that does not fit, readers
that take long, and together with the other options of `record`.

usage: check-flight-edges.py ACTORSCOPE PROGRAM FAULT
"""
import os
import pathlib
import signal
import sqlite3
import subprocess
import tempfile
import time

from flight import SIZE, actorscope, expect, expect_whole, flight, look, program, record, size_of


def until(holds, what, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        expect(time.monotonic() < end, f'it never came to pass that {what}')
        time.sleep(0.005)


def let_go_of(trace):
    try:
        return look(trace)['let_go']
    except sqlite3.Error:
        return 0  # it is being made


def meta(trace):
    with sqlite3.connect(f'file:{trace}?mode=ro', uri=True, timeout=30) as db:
        return dict(db.execute('SELECT key, value FROM meta'))


def check(trace):
    done = subprocess.run([actorscope, 'check', str(trace)], capture_output=True, text=True)
    expect(done.returncode in (0, 1), f'check ended with {done.returncode}: {done.stderr}')
    return done.stdout


def kept_open(trace, *options, what=('bury', '30000')):
    """What a recorder says goes into a file: it may say much, and is asked while it runs."""
    with open(f'{trace}.said', 'w') as said:
        return subprocess.Popen([actorscope, 'record', '-o', str(trace), '--flight-recorder=4M', *options, '--',
                                 program, *what], stderr=said)


def said_of(trace):
    return pathlib.Path(f'{trace}.said').read_text()


def the_present_does_not_fit(directory):
    """The names of all who live are more than the file may have."""
    trace = directory / 'crowd.db'
    recorder = flight(trace, 'crowd', '30000')
    said = recorder.communicate(timeout=120)[1]
    expect(recorder.returncode == 7, f'it ended with {recorder.returncode}: {said}')
    expect(said.count('does not fit in it') == 1, f'it did not say why it stores no more, once: {said}')
    expect('disk is full' not in said, f'it blames the disk: {said}')
    found, info = expect_whole(trace), meta(trace)
    expect(info['cut'] == 'flight-recorder' and info['closed'] == 1 and info['complete'] == 0, f'it says {info}')
    expect(found['written'] == found['stored'] and found['lost'] > 0, f'not all is counted: {found}')
    expect(found['stored'] + found['lost'] >= 120000, f'not all is counted: {found}')
    expect(size_of(trace) <= SIZE, f'it has {size_of(trace)} bytes')
    check(trace)


def somebody_reads_for_long(directory):
    """The log cannot be begun anew: events wait, and it goes on when the reader is done."""
    trace = directory / 'read.db'
    recorder = kept_open(trace, what=('bury', '60000'))
    until(lambda: let_go_of(trace) > 0, 'something is let go')
    reader = sqlite3.connect(f'file:{trace}?mode=ro', uri=True, timeout=30, isolation_level=None)
    reader.execute('BEGIN')
    before = reader.execute('SELECT count(*), min(id), max(id) FROM segment').fetchone()
    until(lambda: 'somebody has been reading' in said_of(trace), 'it says that somebody reads')
    expect(size_of(trace) <= 2 * SIZE, f'it had {size_of(trace)} bytes')
    expect(reader.execute('SELECT count(*), min(id), max(id) FROM segment').fetchone() == before,
           'the reader does not see what it saw')
    reader.execute('COMMIT')
    reader.close()
    recorder.wait(timeout=120)
    said = said_of(trace)
    expect(recorder.returncode == 7, f'it ended with {recorder.returncode}: {said}')
    expect('can be written again' in said, f'it does not say that it goes on: {said}')
    found = expect_whole(trace)
    expect(found['written'] == found['stored'] and found['corrupt'] == 0, f'not all is counted: {found}')
    expect((found['lost'] == 0) == (meta(trace)['complete'] == 1), f'a gap is not told: {found}')
    expect(size_of(trace) <= SIZE, f'at the end it has {size_of(trace)} bytes')


def a_reader_is_at_an_old_segment(directory):
    """What it is to read next has been let go of, and it reads it all the same."""
    trace = directory / 'old.db'
    recorder = kept_open(trace, what=('bury', '60000'))
    until(lambda: let_go_of(trace) > 0, 'something is let go')
    reader = subprocess.Popen([actorscope, 'show', str(trace)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    first = reader.stdout.read(1)  # and the pipe is soon full
    before = let_go_of(trace)
    until(lambda: let_go_of(trace) > before or 'somebody has been reading' in said_of(trace),
          'more is let go, or waits for the reader')
    out, complaints = reader.communicate(timeout=60)
    lines = (first + out).count(b'\n')
    expect(reader.returncode == 0, f'show ended with {reader.returncode}: {complaints}')
    expect(b'gone' not in complaints and b'damaged' not in complaints, f'show says {complaints}')
    expect(lines > 500, f'show has {lines} lines')
    recorder.wait(timeout=120)
    expect(recorder.returncode == 7, f'it ended with {recorder.returncode}: {said_of(trace)}')
    expect_whole(trace)


def without_rows(directory):
    """Which it does without anyhow; tables are made when they are asked for."""
    trace = directory / 'rows.db'
    recorder = kept_open(trace, '--rows=off')
    recorder.wait(timeout=120)
    expect(recorder.returncode == 7, f'it ended with {recorder.returncode}: {said_of(trace)}')
    found = expect_whole(trace)
    expect(found['let_go'] > 0 and size_of(trace) <= SIZE, f'it kept {found}')
    done = subprocess.run([actorscope, 'sql', '--csv', str(trace), 'SELECT count(*) AS n FROM message'],
                          capture_output=True, text=True)
    expect(done.returncode == 0 and int(done.stdout.split()[1]) > 500, f'sql: {done.stdout}{done.stderr}')


def with_children(directory):
    """Each process has a file, and each file its size."""
    trace = directory / 'brood.db'
    recorder = kept_open(trace, '--follow-children', what=('brood', '20000'))
    recorder.wait(timeout=120)
    said = said_of(trace)
    expect(recorder.returncode == 7, f'it ended with {recorder.returncode}: {said}')
    child, = sorted(directory.glob('brood.*.db'))
    found = expect_whole(child)
    expect(found['let_go'] > 0 and found['lost'] == 0, f'the child has {found}')
    expect(meta(child)['keep_to'] == meta(trace)['keep_to'] == SIZE, 'they keep to another size')
    expect(meta(child)['complete'] == meta(trace)['complete'] == 1, 'they are not whole')
    expect(size_of(child) <= SIZE, f'the child has {size_of(child)} bytes')


def attached(directory):
    """To a program that runs; the one who comes next keeps to the size without being told."""
    trace = directory / 'attached.db'
    running = subprocess.Popen([program, 'bury', '100000000'], env=dict(os.environ, ACTORSCOPE='allow'))
    try:
        until(lambda: list(pathlib.Path('/dev/shm').glob(f'actorscope-{os.geteuid()}-{running.pid}-*/ring-0')),
              'it makes a session')
        for options in ([f'--attach={running.pid}', '-o', str(trace), '--flight-recorder=4M'], [f'--attach={trace}']):
            before = let_go_of(trace) if trace.exists() else 0
            recorder = record(*options)
            until(lambda: recorder.poll() is not None or (trace.exists() and let_go_of(trace) > before),
                  'something is let go')
            recorder.send_signal(signal.SIGINT)
            said = recorder.communicate(timeout=120)[1]
            expect(recorder.returncode == 0 and 'goes on unrecorded' in said, f'it ended with {recorder.returncode}: {said}')
            expect_whole(trace)
            expect(meta(trace)['keep_to'] == SIZE and size_of(trace) <= SIZE, f'it has {size_of(trace)} bytes')
            check(trace)
    finally:
        running.kill()
        running.wait()


def begun_without_a_size(directory):
    """A trace whose recorder was killed cannot be made smaller than it is, so it is not tried."""
    trace = directory / 'larger.db'
    recorder = record('-o', str(trace), '--', program, 'bury', '100000000')
    until(lambda: trace.exists() and size_of(trace) > 3 * SIZE, 'it is large')
    pid = int(pathlib.Path(f'/proc/{recorder.pid}/task/{recorder.pid}/children').read_text().split()[0])
    try:
        os.kill(pid, signal.SIGSTOP)
        recorder.kill()
        recorder.wait()
        recorder.stderr.close()
        refused = record(f'--attach={trace}', '--flight-recorder=4M')
        said = refused.communicate(timeout=120)[1]
        expect(refused.returncode == 2 and 'began without' in said, f'it ended with {refused.returncode}: {said}')
    finally:
        os.kill(pid, signal.SIGKILL)
    last = record(f'--attach={trace}')
    said = last.communicate(timeout=120)[1]
    expect(last.returncode == 0, f'it cannot be gone on with: {said}')
    expect_whole(trace)


def main():
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name).resolve()
        for test in (the_present_does_not_fit, somebody_reads_for_long, a_reader_is_at_an_old_segment, without_rows,
                     with_children, attached, begun_without_a_size):
            began = time.monotonic()
            test(directory)
            print(f'{test.__name__}: {time.monotonic() - began:.1f} s', flush=True)


main()
