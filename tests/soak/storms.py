"""Much at once: forks, signals, threads, messages, readers."""
import random
import re
import subprocess
import time

from bench import expect, scenario


@scenario('forks', 20000)
def children_are_forked(bench):
    """Children of fork() leave the parent's ring alone."""
    recorder = bench.record('forks', 200 if bench.quick else 1000)
    bench.end(recorder, [7])
    bench.check(complete=True)
    forks = bench.one('SELECT count(*) FROM message') // 10
    expect(forks == (200 if bench.quick else 1000), 'messages are missing')
    bench.count('forks', forks)


@scenario('threads in a storm of signals, 10 kHz', 100000)
def signals_and_threads_storm(bench):
    """Handlers write into writes, and threads come and go."""
    threads = 500 if bench.quick else 2000
    recorder = bench.record('storm', threads)
    bench.end(recorder, [7])
    bench.check(complete=True)
    expect(bench.one('SELECT count(*) FROM message') == 100 * threads, 'messages are missing')
    expect(bench.one('SELECT count(*) FROM ring') <= 3, 'rings are not used again')
    bench.count('threads in a storm of signals, 10 kHz', threads)


@scenario('deadlocks in a flood', 100)
def a_deadlock_in_a_flood(bench):
    """Events are dropped, but not those that show a deadlock."""
    recorder = bench.record('drown', 300000, options=['--on-full=drop'])
    said = bench.end(recorder, [7])
    code, out, error = bench.read('check', bench.trace)
    expect(code == 1 and re.search('^deadlock', out, re.MULTILINE), f'check: exit {code}: {out}{error}\n{said}')
    expect('ann' in out and 'ben' in out, out)
    bench.check(complete=False)
    bench.count('deadlocks in a flood')
    bench.count('events dropped around them', bench.meta('lost'))


@scenario('recordings under two readers', 20)
def two_readers_look_on(bench):
    """The recorder does not wait for them, and its log stays within bounds."""
    messages = 150000 if bench.quick else 2000000
    recorder = bench.record('count', messages, bench.mark)
    bench.until_segments(1, recorder)
    log, readers = bench.folder / 't.db-wal', [None, None]
    while recorder.poll() is None:
        for i, verb in enumerate((['stats'], ['show', '--limit=5'])):
            if readers[i] is None or readers[i].poll() is not None:
                expect(readers[i] is None or readers[i].returncode == 0, f'{verb}: {readers[i] and readers[i].returncode}')
                readers[i] = bench.start(*verb, bench.trace, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                bench.count('readers of a live file')
        try:
            bench.note('largest log under readers, KiB', log.stat().st_size >> 10)
        except FileNotFoundError:
            pass
        time.sleep(random.random() * 0.02)
    for reader in readers:
        reader.wait(300)
    bench.end(recorder, [7])
    bench.check_flood(complete=True)
    expect(bench.highest.get('largest log under readers, KiB', 0) < 64 << 10, 'the log grew without bounds')
    bench.count('recordings under two readers')
