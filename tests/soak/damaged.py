"""Files with flipped bits and cut ends: no reader crashes, and what is missing is not called complete."""
import random
import re

from bench import expect, scenario
from refused import READERS, arguments_of, keep_a_talk

TALK = 3000
EVENTS = 7 + 6 * TALK + 4


def check(bench):
    code, out, _ = bench.read('check', '--json', bench.trace)
    if code != 2 and '"complete": true' in out:
        told = re.search(r'"events": (\d+)', out)
        expect(not told or int(told[1]) == EVENTS, f'{told and told[1]} events are called complete')


def flip(content):
    """Some bits of one page."""
    page = random.randrange(0, len(content), 4096)
    for _ in range(random.randint(1, 64)):
        content[min(page + random.randrange(4096), len(content) - 1)] ^= 1 << random.randrange(8)


@scenario('files with flipped bits', 10000)
def a_file_is_damaged(bench):
    good = keep_a_talk(bench, 'good.db', TALK).read_bytes()
    for _ in range(2 if bench.quick else 20):
        damaged = bytearray(good)
        flip(damaged)
        bench.trace.write_bytes(damaged)
        check(bench)
        bench.read(*arguments_of(random.choice(READERS), bench.trace))
        bench.count('files with flipped bits')


@scenario('files cut off', 1000)
def a_file_is_cut(bench):
    """At every page, a byte before, and a byte after."""
    good = keep_a_talk(bench, 'good.db', TALK).read_bytes()
    cuts = sorted({max(at + by, 0) for at in range(0, len(good), 4096) for by in (-1, 0, 1)})
    for cut in random.sample(cuts, 2) if bench.quick else cuts:
        bench.trace.write_bytes(good[:cut])
        check(bench)
        bench.count('files cut off')


def keep_an_open_trace(bench):
    """A trace whose recorder was killed, with its log."""
    kept = bench.kept / 'open.db'
    if not kept.exists():
        bench.kept.mkdir(exist_ok=True)
        recorder = bench.record('talk', TALK, fault='kill:160')
        recorder.communicate()
        bench.trace.rename(kept)
        (bench.folder / 't.db-wal').rename(bench.kept / 'open.db-wal')
    return kept.read_bytes(), (bench.kept / 'open.db-wal').read_bytes()


@scenario('logs with flipped bits or cut off', 2000)
def a_log_is_damaged(bench):
    """What is behind the damage is not there; the trace was not closed, so it is not complete either way."""
    good, log = keep_an_open_trace(bench)
    for _ in range(2 if bench.quick else 20):
        damaged = bytearray(log)
        if random.random() < 0.5:
            del damaged[max(random.randrange(0, len(log), 4120) + 32 + random.choice([-1, 0, 1]), 0):]
        else:
            flip(damaged)
        bench.trace.write_bytes(good)
        (bench.folder / 't.db-wal').write_bytes(damaged)
        code, out, _ = bench.read('check', '--json', bench.trace)
        expect(code == 2 or '"complete": false' in out, 'it is called complete')
        if code != 2:
            expect(bench.one('PRAGMA integrity_check', '') == 'ok', 'the file is damaged by its log')
        bench.clean()
        bench.count('logs with flipped bits or cut off')
