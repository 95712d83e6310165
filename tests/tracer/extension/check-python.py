#!/usr/bin/env python3
"""Loads the extension into Python's sqlite3, as its documentation says, and asks about a recorded program.

usage: check-python.py EXTENSION ACTORSCOPE PROGRAM
"""
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

QUERIES = ['SELECT kind, sum(events) AS events FROM event_count GROUP BY kind ORDER BY kind',
           'SELECT receiver, type, count(*) AS n FROM message GROUP BY receiver_id, type ORDER BY receiver_id, type',
           'SELECT asker, duration_ns, outcome FROM ask ORDER BY id LIMIT 50',
           "SELECT time_ns, actor, text FROM event WHERE kind = 'spawn' ORDER BY time_ns, object"]


def main(extension, actorscope, program):
    db = sqlite3.connect(':memory:')
    if not hasattr(db, 'enable_load_extension'):
        print('this Python loads no extensions: skipped')
        sys.exit(77)
    db.row_factory = sqlite3.Row
    db.enable_load_extension(True)
    db.load_extension(str(extension))
    with tempfile.TemporaryDirectory() as folder:
        trace = pathlib.Path(folder) / 'trace.db'
        subprocess.run([actorscope, 'record', '--quiet', '--rows=off', '-o', trace, '--', program], check=True,
                       stdout=subprocess.DEVNULL)
        events = db.execute('SELECT actorscope_open(?)', [str(trace)]).fetchone()[0]
        assert events == db.execute('SELECT count(*) FROM event_row').fetchone()[0] > 0
        for query in QUERIES:
            ours = json.loads(subprocess.run([actorscope, 'sql', '--json', trace, query], check=True,
                                             capture_output=True).stdout)
            theirs = [dict(row) for row in db.execute(query)]
            if ours != theirs or not ours:
                sys.exit(f'{query}: {ours} from the command, {theirs} from the extension')
        db.close()
    print(f'{len(QUERIES)} questions about {events} events')


if __name__ == '__main__':
    main(*(pathlib.Path(argument).resolve() for argument in sys.argv[1:]))
