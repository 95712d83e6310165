"""A flight recorder and what its file says of itself: what its tests share."""
import os
import sqlite3
import subprocess
import sys

SIZE = 4 << 20
actorscope, program, fault = sys.argv[1:4]


def fail(text):
    sys.exit(f'{os.path.basename(sys.argv[0])}: {text}')


def expect(holds, text):
    if not holds:
        fail(text)


def record(*arguments, **options):
    return subprocess.Popen([actorscope, 'record', *arguments], stderr=subprocess.PIPE, text=True, **options)


def flight(trace, *arguments, **options):
    return record('-o', str(trace), '--force', '--flight-recorder=4M', '--', program, *arguments, **options)


def size_of(trace):
    """Of the file and its log."""
    total = 0
    for path in (trace, f'{trace}-wal'):
        try:
            total += os.stat(path).st_size
        except FileNotFoundError:
            pass
    return total


def look(trace):
    """What the file says of itself, all at one moment."""
    with sqlite3.connect(f'file:{trace}?mode=rw', uri=True, timeout=30, isolation_level=None) as db:
        db.execute('BEGIN')
        there, let_go, events, keyframes = db.execute(
            "SELECT (SELECT coalesce(sum(count), 0) FROM segment), (SELECT coalesce(sum(events), 0) FROM let_go), "
            "(SELECT value FROM meta WHERE key = 'events'), (SELECT count(*) FROM keyframe)").fetchone()
        written, stored, lost, corrupt = db.execute(
            'SELECT sum(written), sum(stored), sum(lost), sum(corrupt) FROM ring').fetchone()
        version, = db.execute('PRAGMA user_version').fetchone()
        db.execute('COMMIT')
    return {'there': there, 'let_go': let_go, 'events': events or 0, 'keyframes': keyframes, 'version': version,
            'written': written or 0, 'stored': stored or 0, 'lost': lost or 0, 'corrupt': corrupt or 0}


def expect_whole(trace):
    """There are all events but those that were let go, and then there is a keyframe."""
    found = look(trace)
    expect(found['there'] + found['let_go'] == found['events'] == found['stored'], f'accounts do not agree: {found}')
    expect(found['let_go'] == 0 or (found['keyframes'] > 0 and found['version'] == 3), f'no beginning: {found}')
    return found
