"""Recordings to which the system refuses something: writes, room, memory, time."""
import random
import re
import resource
import signal
import subprocess
import time

from bench import a_moment, check_accounts, expect, scenario


@scenario('writes that fail', 1200, often=4)
def a_write_fails(bench):
    """The n-th call that changes the file fails, writes half, or does not sync: it is made up for."""
    turn = bench.figures.get('writes that fail', random.randrange(600) if bench.quick else 0)
    kind, call = ['eio', 'enospc', 'short', 'sync'][turn % 4], 1 + turn // 4 % 150
    recorder = bench.record('count', 60000, bench.mark, fault=f'{kind}:{call}')
    said = bench.end(recorder, [2, 7])
    bench.count('writes that fail')
    if recorder.returncode == 2:
        expect('actorscope: ' in said, f'{kind}:{call}: it does not say why')
        expect(not bench.mark.exists(), f'{kind}:{call}: the program was started')
        return
    bench.check_flood(complete=False)
    if bench.meta('complete') == 1:
        expect(bench.one('SELECT count(*) FROM message') == 60000, f'{kind}:{call}: messages are missing')


@scenario('writes that fail for ever', 50)
def writes_fail_for_ever(bench):
    """It is said, and the file does not say that it is whole."""
    kind, call = random.choice(['eio', 'enospc', 'short', 'sync']), random.randint(1, 120)
    recorder = bench.record('count', 20000, bench.mark, fault=f'{kind}:{call}:forever')
    said = bench.end(recorder, [2, 3, 7])
    bench.count('writes that fail for ever')
    what = f'{kind}:{call}:forever'
    if recorder.returncode == 2:
        expect('actorscope: ' in said, f'{what}: it does not say why')
        expect(not bench.mark.exists(), f'{what}: the program was started')
    elif recorder.returncode == 3:
        expect('could not be finished' in said, f'{what}: it does not say so: {said}')
        expect(bench.meta('complete') == 0, f'{what}: it says that it is whole')
    elif (bench.folder / 't.db-journal').exists():  # all was in the file, only its header was to be changed
        code, out, said = bench.read('check', '--json', bench.trace)
        expect(code == 0 and '"events": 60007' in out, f'{what}: check: {code}: {out[-500:]}{said}')
    else:
        bench.check_flood(complete=False)


@scenario('full disks', 100)
def the_disk_is_full(bench):
    """The file cannot grow for a while, and then it can."""
    recorder = bench.record('count', 150000, bench.mark, limit=random.randint(120, 2000) << 10)
    a_moment(0.4)
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


@scenario('slow disks', 50)
def the_disk_is_slow(bench):
    """Each write takes 50 to 500 ms: events wait in the ring, and are counted when that is full."""
    delay, messages = (20, 20000) if bench.quick else (random.choice([50, 200, 500]), 400000)
    recorder = bench.record('count', messages, bench.mark, fault=f'slow:{delay}',
                            options=['--rows=off', '--on-full=drop'])
    said = bench.end(recorder, [7])
    bench.check(complete=False)
    bench.note('longest run of a program beside a slow disk, ms',
               (bench.meta('last_ns') - bench.meta('first_ns')) // 1000000)
    expect(check_accounts(bench, messages) == 0 or 'gaps' in said, said)
    bench.count('slow disks')


def stop(bench, seconds):
    recorder = bench.record('count', 600000, bench.mark)
    bench.until_segments(1, recorder)
    recorder.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    stopped_for_long = bench.mark.exists()
    recorder.send_signal(signal.SIGCONT)
    bench.end(recorder, [7])
    bench.check_flood(complete=False)
    bench.count('events lost while stopped', check_accounts(bench, 600000))
    return stopped_for_long


@scenario('recorders stopped', 100)
def a_recorder_stops(bench):
    """SIGSTOP: the program goes on, and what it could not write is counted and told in its place."""
    stop(bench, random.choice([0.05, 0.3, 1.5]))
    bench.count('recorders stopped')


@scenario('recorders stopped for 30 s', 3)
def a_recorder_stops_for_long(bench):
    if bench.quick:
        return
    expect(stop(bench, 30), 'the program did not go on')
    bench.count('recorders stopped for 30 s')


# --- memory

@scenario('recorders out of memory', 1000)
def a_recorder_runs_out_of_memory(bench):
    """The n-th allocation fails, once or with all that follow: it goes on, or says so and ends."""
    for _ in range(2 if bench.quick else 5):
        call = int(10 ** random.uniform(0, 4))
        forever = ':forever' * (random.random() < 0.3)
        recorder = bench.record('count', 3000, bench.mark, fault=f'oom:{call}{forever}')
        said = bench.end(recorder, [1, 2, 3, 7])
        bench.count('recorders out of memory')
        what = f'oom:{call}{forever}'
        if recorder.returncode == 7:
            bench.check_flood(complete=True)
        else:
            expect(said != '', f'{what}: it ends without a word')
            expect(bench.meta('complete') == 0, f'{what}: it says that it is whole')
        bench.clean()


READERS = [['check'], ['check', '--json'], ['stats'], ['stats', '--json'], ['show'],
           ['sql', None, 'SELECT type, count(*), sum(received_ns - sent_ns) FROM message GROUP BY type'],
           ['sql', None, 'SELECT count(*) FROM event'],
           ['export', '--format=chrome'], ['export', '--format=csv'], ['export', '--format=dot'],
           ['export', '--format=mermaid'], ['export', '--format=otlp'], ['export', '--format=shiviz']]


def arguments_of(reader, trace):
    return [trace if part is None else part for part in reader] if None in reader else [*reader, trace]


def keep_a_talk(bench, name, messages):
    """A good trace that stays for the scenarios of one kind."""
    kept = bench.kept / name
    if not kept.exists():
        bench.kept.mkdir(exist_ok=True)
        bench.end(bench.record('talk', messages), [7])
        bench.trace.rename(kept)
    return kept


@scenario('readers out of memory', 2000)
def readers_run_out_of_memory(bench):
    trace = keep_a_talk(bench, 'small.db', 300)
    for i in random.sample(range(len(READERS)), 4 if bench.quick else len(READERS)):
        reader = READERS[i]
        if i not in bench.answers:
            bench.answers[i] = bench.read(*arguments_of(reader, trace))
        call = int(10 ** random.uniform(0, 4.3))
        forever = ':forever' * (random.random() < 0.3)
        code, out, said = bench.read(*arguments_of(reader, trace), fault=f'oom:{call}{forever}')
        what = f'{reader} oom:{call}{forever}'
        if code == 2:
            expect(said != '', f'{what}: it ends without a word')
        else:
            expect((code, out) == bench.answers[i][:2], f'{what}: another answer than with memory')
        bench.count('readers out of memory')


# --- time

NEGATIVE = """SELECT (SELECT count(*) FROM message WHERE received_ns < sent_ns OR done_ns < received_ns OR space_wait_ns < 0)
    + (SELECT count(*) FROM ask WHERE duration_ns < 0) + (SELECT count(*) FROM wait WHERE duration_ns < 0)
    + (SELECT count(*) FROM segment WHERE last_ns < first_ns) + (SELECT count(*) FROM actor WHERE ended_ns < spawned_ns)"""


def check_times(bench):
    expect(bench.one(NEGATIVE, -1) == 0, 'rows have negative times')
    for reader in READERS:
        code, out, said = bench.read(*arguments_of(reader, bench.trace))
        expect(code == 0, f'{reader}: exit {code}: {said}')
        if 'csv' not in reader[-1] and 'sql' not in reader:
            wrong = re.search(r'^.*[\s:(]-\d+(\.\d+)? ?(ns|us|µs|ms|s)?\b.*$', out, re.MULTILINE)
            expect(not wrong, f'{reader}: a negative time: {wrong and wrong[0]}')
        expect(not re.search(r'\b1844674407\d{10}\b|\b584 (y|a)', out), f'{reader}: a time that wrapped around')


@scenario('clocks that were set', 40)
def the_clock_is_set(bench):
    """The wall clock is set by an hour: the trace's times do not know of it."""
    step = random.choice([3600, -3600])
    recorder = bench.start('record', '-o', bench.trace, '--', bench.program, 'wait-talk', 2000,
                           fault=f'clock:{step}', stdin=subprocess.PIPE)
    before = time.time()
    while not bench.meta('clock_steps'):
        expect(recorder.poll() is None, 'it ended')
        time.sleep(0.01)
    recorder.stdin.write('go')
    said = bench.end(recorder, [7])
    bench.check(complete=True)
    told = str(bench.meta('clock_steps')).split()
    expect(len(told) == 2 and abs(int(told[1]) / 1e9 - step) < 60, f'the step is told as {told}')
    expect(f'set {"back" if step < 0 else "forward"} by' in said, f'the step is not said: {said}')
    expect(abs(bench.meta('wall_start') / 1e9 - before) < 60, 'its beginning is not that of the clock then')
    check_times(bench)
    bench.count('clocks that were set')


@scenario('clocks that ran backwards', 40)
def times_run_backwards(bench):
    """A counter that is behind on some processors, or jumps: order is kept, no time is negative."""
    bench.end(bench.record('backwards', 2000), [7])
    bench.check(complete=True)
    expect(bench.meta('times_back') > 100, 'times that ran backwards are not counted')
    expect(bench.one('SELECT count(*) FROM ask WHERE outcome = \'replied\'') == 2000, 'asks are missing')
    check_times(bench)
    bench.count('clocks that ran backwards')
