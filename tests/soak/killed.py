"""Processes that are killed, and power that fails."""
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import time

from bench import Broken, a_moment, check_accounts, expect, kill, scenario
import power


@scenario('programs killed in full run', 100)
def a_program_is_killed(bench):
    """kill -9 of a program that floods its ring: all that it published is stored."""
    recorder = bench.record('flood')
    pid = bench.until_segments(1, recorder)
    a_moment(0.05)
    os.kill(pid, signal.SIGKILL)
    bench.end(recorder, [137])
    bench.check_flood(complete=True)
    bench.count('programs killed in full run')


@scenario('programs killed soon', 10000)
def programs_are_killed_soon(bench):
    """kill -9 in the first milliseconds, in which sessions, rings and definitions are made."""
    for turn in range(3 if bench.quick else 20):
        recorder = bench.record('flood', options=['--rows=off'])
        pid = bench.child(recorder)
        a_moment(random.choice([0.002, 0.008]))
        expect(pid and kill(pid), 'the program was not there to be killed')
        said = bench.end(recorder, [3, 137])
        bench.count('programs killed soon')
        if recorder.returncode == 3:  # it had not attached yet
            expect('nothing was recorded' in said and not bench.trace.exists(), said)
            bench.count('... of them before they wrote anything')
            continue
        bench.check(complete=True)
        if turn == 0:
            code, out, said = bench.read('check', '--json', bench.trace)
            expect(code == 0 and '"complete": true' in out, f'check: {code}: {out[-500:]}{said}')
        bench.clean()


@scenario('recorders killed', 1000)
def recorders_are_killed(bench):
    """kill -9 of one recorder after the other: the last one has it all, once."""
    recorder = bench.record('count', 200000, bench.mark)
    pid = bench.until_segments(1, recorder)
    for _ in range(random.randint(1, 6)):
        a_moment(0.03)
        if recorder.poll() is not None:
            break
        recorder.kill()
        recorder.wait()  # not for its standard error: the program has that, too
        bench.count('recorders killed')
        recorder = bench.attach(bench.trace)
        if pid == 0:
            pid = bench.until_segments(1, recorder)
    said = bench.end(recorder, [0, 2, 7])
    if recorder.returncode == 2:  # the one before had done its work when it was killed
        expect('no longer in memory' in said and bench.meta('closed') == 1, said)
    if bench.meta('closed') == 0:  # it was killed after the program had ended
        bench.end(bench.attach(bench.trace), [0])
    # Whoever comes next may come late, and the ring has run full.
    bench.check_flood(complete=bench.meta('lost') == 0)
    if check_accounts(bench, 200000) == 0:
        expect(bench.one('SELECT count(*) FROM message') == 200000, 'messages are missing')


@scenario('pairs killed', 100)
def both_are_killed(bench):
    """What was in memory is stored later, from there."""
    recorder = bench.record('flood')
    pid = bench.until_segments(1, recorder)
    a_moment(0.05)
    for victim in random.sample([pid, recorder.pid], 2):
        kill(victim)
    recorder.communicate()
    bench.check(complete=False)
    if recorder.returncode == -signal.SIGKILL:
        expect(bench.meta('closed') == 0 and bench.meta('complete') == 0, 'it says that it is whole')
        bench.end(bench.attach(bench.trace), [0])
    bench.check_flood(complete=True)
    bench.count('pairs killed')


@scenario('recorders that died at a write', 2000, often=5)
def a_recorder_dies_at_a_write(bench):
    """kill -9 before the n-th call that changes the file: what is committed is there, the rest in memory."""
    call = random.randint(1, 120)
    recorder = bench.record('count', 60000, bench.mark, fault=f'kill:{call}')
    recorder.wait(timeout=300)
    if recorder.returncode != -signal.SIGKILL:
        return
    bench.count('recorders that died at a write')
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


# --- power

def check_after_power_failed(bench, where, written):
    """Whole batches from the first on, or no trace yet."""
    try:
        with sqlite3.connect(bench.trace) as db:
            intact = db.execute('PRAGMA integrity_check').fetchone()[0]
            events, count, last = db.execute(
                'SELECT coalesce(sum(count), 0), count(*), coalesce(max(id), 0) FROM segment').fetchone()
            stored = db.execute('SELECT coalesce(sum(stored), 0) FROM ring').fetchone()[0]
            meta = dict(db.execute('SELECT key, value FROM meta'))
    except sqlite3.Error as problem:
        expect(not written, f'call {where}: {problem}')
        return
    finally:
        if 'db' in locals():
            db.close()
    expect(intact == 'ok', f'call {where}: {intact}')
    expect(events == stored == meta.get('events', 0) and count == last, f'call {where}: there is a hole')
    expect(meta['closed'] == meta['complete'], f'call {where}: {meta}')
    if meta['complete'] == 1:
        expect(events == 7 + 3 * bench.power_messages, f'call {where}: {events} are called complete')
    if random.random() < 0.1:
        code, out, said = bench.read('check', '--json', bench.trace)
        expect(code == 0 and f'"complete": {"true" if meta["complete"] else "false"}' in out,
               f'call {where}: check: {code}: {said}')


@scenario('failures of power', 2000)
def the_power_fails(bench):
    """The disk at some moment, with any of the sectors that were not synced: a trace with whole batches."""
    log = bench.folder / 'log'
    bench.power_messages = random.choice([20000, 100000]) if bench.quick else random.choice([20000, 300000])
    bench.end(bench.record('count', bench.power_messages, bench.mark, fault=f'log:{log}'), [7])
    calls = [call for call in power.read_log(log) if not call[2].endswith('-shm')]
    bench.clean()
    points = sorted(random.choices(range(len(calls)), k=20 if bench.quick else 100) +
                    [at for at, call in enumerate(calls) if call[0] in 'sut'])
    disk, written = power.Disk(str(bench.folder)), False
    for at, call in enumerate(calls):
        disk.step(call)
        written |= call[2].endswith('-wal')
        while points and points[0] == at:
            points.pop(0)
            for name, content in disk.after_power_failed().items():
                pathlib.Path(name).write_bytes(content)
            check_after_power_failed(bench, at, written)
            bench.clean()
            bench.count('failures of power')


def synced_since(log, at):
    """The calls so far, when the trace's log was synced after number `at` of them."""
    try:
        calls = power.read_log(log)
    except ValueError:  # one is being written
        return None
    return calls if any(call[0] == 's' and call[2].endswith('-wal') for call in calls[at:]) else None


@scenario('quiet recordings whose power failed', 20)
def the_power_fails_beside_a_quiet_program(bench):
    """What was stored is on the disk soon, although little came after it."""
    log = bench.folder / 'log'
    recorder = bench.start('record', '--sync=1', '-o', bench.trace, '--', bench.program, 'wait-talk', 1,
                           fault=f'log:{log}', stdin=subprocess.PIPE)
    bench.until_segments(1, recorder)
    at, calls = len(power.read_log(log)), None
    while not calls:
        expect(recorder.poll() is None, 'it ended')
        time.sleep(0.01)
        calls = synced_since(log, at)
    recorder.communicate()  # with the end of its input the program ends, too
    bench.clean()
    disk = power.Disk(str(bench.folder))
    for call in calls:
        if not call[2].endswith('-shm'):
            disk.step(call)
    for name, content in disk.after_power_failed().items():
        pathlib.Path(name).write_bytes(content)
    expect(bench.check(complete=False) >= 1 and bench.meta('complete') == 0, 'the event is not on the disk')
    bench.clean()
    bench.count('quiet recordings whose power failed')
