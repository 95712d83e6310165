#!/usr/bin/env python3
"""Traces of other versions, and files that somebody made to do harm: what each reader says to them, and what
that costs.

usage: check-strangers.py ACTORSCOPE PROGRAM GOLDEN [bounds]
"""
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile

SECONDS, KIB = 2, 256 << 10

READERS = [['check'], ['check', '--json'], ['stats'], ['stats', '--json'], ['show', '--limit=50'],
           *(['export', '--format=' + name] for name in ('chrome', 'csv', 'dot', 'mermaid', 'otlp', 'shiviz')),
           ['sql', '--csv', None, 'SELECT count(*) FROM message'], ['sql', '--csv', None, 'SELECT count(*) FROM event']]


def fail(text):
    sys.exit(f'check-strangers: {text}')


class Strangers:
    def __init__(self, actorscope, program, golden, folder, bounds):
        self.actorscope, self.program, self.folder, self.bounds = actorscope, program, folder, bounds
        self.golden = pathlib.Path(golden)
        self.trace, self.out, self.said = folder / 't.db', folder / 'out', folder / 'said'
        self.worst = {'seconds': 0.0, 'KiB': 0}
        self.turn = 0

    def read(self, reader, name):
        """Exit status, output, errors; within bounds."""
        arguments = [self.trace if part is None else part for part in reader]
        if None not in reader:
            arguments.append(self.trace)
        with open(self.out, 'wb') as out, open(self.said, 'wb') as said:
            process = subprocess.Popen([self.actorscope, *arguments], stdin=subprocess.DEVNULL, stdout=out, stderr=said)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        said = self.said.read_text(errors='replace')
        if process.returncode not in (0, 1, 2) or 'Sanitizer' in said or 'runtime error' in said:
            fail(f'{name}: {reader}: exit {process.returncode}: {said[-2000:]}')
        seconds = used.ru_utime + used.ru_stime
        if self.bounds and (seconds > SECONDS or used.ru_maxrss > KIB):
            fail(f'{name}: {reader}: {seconds:.1f} s, {used.ru_maxrss >> 10} MiB')
        self.worst = {'seconds': max(self.worst['seconds'], seconds), 'KiB': max(self.worst['KiB'], used.ru_maxrss)}
        return process.returncode, self.out.read_bytes(), said

    def refused(self, name, text):
        """With a reason."""
        for reader in (['check'], ['stats', '--json'], ['export', '--format=csv'], READERS[-1]):
            code, _, said = self.read(reader, name)
            if code != 2 or not re.search(text, said):
                fail(f'{name}: {reader}: exit {code}: {said}')

    def survived(self, name):
        """By check, and by two others in turn."""
        self.turn += 2
        for reader in (READERS[1], *(READERS[2 + (self.turn + i) % (len(READERS) - 2)] for i in range(2))):
            self.read(reader, name)

    # --- versions

    def golden_files(self):
        """What earlier versions recorded says the same to all readers, and is left as it is."""
        for path in sorted(self.golden.iterdir()):
            shutil.copy(path, self.trace)
            for reader in READERS:
                code, out, said = self.read(reader, path.name)
                if code != 0:
                    fail(f'{path.name}: {reader}: exit {code}: {said}')
                if reader == ['check', '--json'] and (b'"complete": true' not in out or b'"events": 131' not in out):
                    fail(f'{path.name}: {out}')
                if '--format=csv' in reader and out.count(b'\n') != 21:
                    fail(f'{path.name}: {out}')
                if reader[0] == 'sql' and int(out.split()[-1]) != (20 if 'message' in reader[-1] else 131):
                    fail(f'{path.name}: {out}')
            if self.trace.read_bytes() != path.read_bytes():
                fail(f'{path.name}: reading has changed it')

    def other_headers(self):
        newest = sorted(self.golden.iterdir())[-1].read_bytes()
        self.trace.write_bytes(newest[:60] + bytes([0x7f] * 4) + newest[64:])
        said = self.read(['check'], 'a version to come')[2]
        versions = re.search(r'reads versions (\d+) to (\d+)', said)
        if not versions:
            fail(f'it does not say which versions it reads: {said}')
        cases = [(60, number, 'version|format') for number in (int(versions[1]) - 1, int(versions[2]) + 1, 0xffffffff)]
        cases += [(68, number, 'not a trace|no trace') for number in (0, 0x61637474)]
        for at, number, text in cases:
            self.trace.write_bytes(newest[:at] + number.to_bytes(4, 'big') + newest[at + 4:])
            self.refused(f'{number:#x} at byte {at}', text)
        self.trace.write_bytes(b'')
        self.refused('nothing', str(self.trace))
        self.trace.write_bytes(bytes(range(256)) * 64)
        self.refused('garbage', str(self.trace))

    # --- harm

    def changed(self, *statements, writable=False):
        """The newest golden file after some SQL."""
        shutil.copy(sorted(self.golden.iterdir())[-1], self.trace)
        with sqlite3.connect(self.trace, isolation_level=None) as db:
            db.execute('PRAGMA synchronous = OFF')
            db.execute('BEGIN')
            if writable:
                db.execute('PRAGMA writable_schema = 1')
            for statement in statements:
                if isinstance(statement, tuple):
                    db.execute(*statement)
                else:
                    db.execute(statement)
            db.execute('COMMIT')
        db.close()

    def hostile_schemas(self):
        endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT '
        for table in ('meta', 'ring', 'segment'):
            self.changed(f'ALTER TABLE {table} RENAME TO old', f'CREATE VIEW {table} AS SELECT * FROM old')
            self.refused(f'{table} is a view', 'damaged')
        self.changed('DROP TABLE segment', 'CREATE VIRTUAL TABLE segment USING fts5(id, batch, ring, count, first_ns, last_ns, data)')
        self.refused('segment is a virtual table', 'damaged')
        self.changed('DROP TABLE segment', f'CREATE VIEW segment AS {endless} i AS id, 1 AS batch, 0 AS ring, 1 AS count, '
                     '0 AS first_ns, 0 AS last_ns, zeroblob(99) AS data FROM n')
        self.refused('segments without end', 'damaged')
        deep = '1' + '+1' * 900
        self.changed('ALTER TABLE segment RENAME TO old', f'CREATE TABLE segment(id INTEGER PRIMARY KEY, data CHECK({deep}))')
        self.refused('a deep CHECK', 'damaged')
        self.changed('CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM segment; END',
                     "CREATE INDEX x ON meta(hex(value) || 'x')")
        self.survived('a trigger and an index')
        self.changed(*(f'CREATE TABLE t{i}(a, b, c)' for i in range(10000)))
        self.survived('10 000 tables')
        for view in ('message', 'ask', 'wait', 'actor', 'send'):
            self.changed(f'DROP VIEW {view}', f'CREATE VIEW {view} AS {endless} i AS id FROM n')
            self.survived(f'{view} without end')
        self.changed('DROP TABLE message_row', f'CREATE VIEW message_row AS {endless} i AS id FROM n')
        self.survived('rows of messages without end')
        for name, root in (('segment', 1), ('meta', 1), ('segment', 99999), ('ring', 0)):
            self.changed(f"UPDATE sqlite_schema SET rootpage = {root} WHERE name = '{name}'", writable=True)
            self.survived(f'{name} begins at page {root}')
        self.changed("UPDATE sqlite_schema SET sql = 'CREATE TABLE meta(key, value' WHERE name = 'meta'", writable=True)
        self.refused('a schema that cannot be read', 'damaged|malformed')

    def hostile_contents(self):
        big = 40 << 20
        for table, column in (('segment', 'data'), ('keyframe', 'state'), ('summary', 'data')):
            self.changed(f'UPDATE {table} SET {column} = zeroblob({big})')
            self.survived(f'{table}.{column} of {big >> 20} MiB')
        self.changed(('UPDATE meta SET value = ? WHERE key = ?', ('x' * big, 'program')))
        self.survived('a long command')
        numbers = [2 ** 63 - 1, -1, 2 ** 62]
        for key in ('events', 'messages', 'first_ns', 'last_ns', 'wall_start', 'lost', 'payload_limit'):
            for number in numbers:
                self.changed(('UPDATE meta SET value = ? WHERE key = ?', (number, key)))
                self.survived(f'{key} is {number}')
        for column in ('count', 'batch', 'ring', 'first_ns', 'last_ns'):
            for number in numbers:
                self.changed(('UPDATE segment SET {} = ?'.format(column), (number,)))
                self.survived(f'segment.{column} is {number}')
        self.changed('INSERT INTO segment(batch, ring, count, first_ns, last_ns, data) WITH RECURSIVE n(i) AS (SELECT 2 '
                     'UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i, i % 60000, 65536, i, i, x\'01\' FROM n')
        self.survived('200 000 segments of nothing')
        for table in ('keyframe', 'summary'):
            self.changed(f'UPDATE {table} SET events = 4611686018427387904' if table == 'summary' else
                         f'UPDATE {table} SET messages = 4611686018427387904')
            self.survived(f'{table} with impossible numbers')

    def hostile_names(self):
        """No text of a program's comes to a terminal as more than text."""
        self.trace.unlink()
        run = subprocess.run([self.actorscope, 'record', '-q', '-o', self.trace, '--', self.program, 'names'],
                             stderr=subprocess.PIPE)
        if run.returncode != 7:
            fail(f'names: exit {run.returncode}: {run.stderr}')
        for reader in READERS:
            code, out, said = self.read(reader, 'names')
            if code == 2:
                fail(f'names: {reader}: {said}')
            wrong = re.search(rb'[\x00-\x08\x0b-\x1f\x7f]', out.replace(b'\r\n', b'\n') if any('csv' in part for part in reader if part) else out)
            if wrong:
                fail(f'names: {reader} prints {wrong[0]}: {out[max(wrong.start() - 40, 0):][:80]}')


def main(actorscope, program, golden, bounds=None):
    with tempfile.TemporaryDirectory() as name:
        strangers = Strangers(actorscope, program, golden, pathlib.Path(name).resolve(), bounds)
        strangers.golden_files()
        strangers.other_headers()
        strangers.hostile_schemas()
        strangers.hostile_contents()
        strangers.hostile_names()
        print(f'at most {strangers.worst["seconds"]:.2f} s and {strangers.worst["KiB"] >> 10} MiB')


if __name__ == '__main__':
    main(*sys.argv[1:])
