#!/usr/bin/env python3
"""`actorscope record --only` and `--skip`: what is left out and counted, what stays, what is said of it; and
that filtered traces of the gallery get the same certain verdicts as whole ones.

usage: check-filters.py ACTORSCOPE SHAPES EXAMPLES THREADS
"""
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

SEEDS = int(os.environ.get('FILTER_SEEDS', '2'))
GALLERY = ['t01', 't02', 't03', 't03b', 't05', 't06', 't07', 't07b', 't08', 't09', 't11', 't12', 't13', 't14',
           't15', 't16', 't17', 't18', 't19', 't20']


def fail(text):
    sys.exit(f'check-filters: {text}')


def expect(holds, text):
    if not holds:
        fail(text)


def query(trace, sql):
    try:
        with sqlite3.connect(f'file:{trace}?mode=ro', uri=True, timeout=30) as db:
            return [row[0] for row in db.execute(sql)]
    except sqlite3.Error:
        return []


def meta(trace, key):
    return (query(trace, f"SELECT value FROM meta WHERE key = '{key}'") + [None])[0]


def until(holds, what):
    for _ in range(6000):
        if holds():
            return
        time.sleep(0.01)
    fail(f'it never came to pass that {what}')


class Tool:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder

    def record(self, name, filters, command, code=0):
        """The trace, and what was said."""
        trace = self.folder / f'{name}.db'
        run = subprocess.run([self.path, 'record', '--force', '-o', trace, *filters, '--', *command],
                             capture_output=True, text=True, timeout=120)
        expect(run.returncode == code, f'{filters} {command}: exit {run.returncode}: {run.stderr}')
        return trace, run.stderr

    def check(self, trace):
        run = subprocess.run([self.path, 'check', '--json', trace], capture_output=True, text=True, timeout=60)
        expect(run.returncode < 2, f'check {trace}: {run.stderr}')
        return json.loads(run.stdout)

    def says(self, verb, trace):
        run = subprocess.run([self.path, verb, trace], capture_output=True, text=True, timeout=60)
        return run.stdout + run.stderr


def whole_or_not_at_all(tool, pipeline):
    """The same run with and without: what is missing is counted, and nothing of it is there."""
    whole, _ = tool.record('whole', ['--seed=7'], [pipeline])
    some, said = tool.record('some', ['--seed=7', '--skip', 'type:number to:sum*'], [pipeline])
    types = 'SELECT count(*) FROM message WHERE type '
    left_out = meta(some, 'left_out')
    expect(left_out > 0 and f'{left_out} messages left out' in said, f'{left_out} left out: {said}')
    expect(meta(whole, 'messages') == meta(some, 'messages') + left_out, 'messages are missing')
    expect(query(some, types + "= 'Number' AND receiver LIKE 'sum%'") == [0], 'some are there')
    expect(query(some, types + "= 'Number'") != [0], 'others are not')
    expect(meta(some, 'filters') == '--skip type:number to:sum*\n', 'the filters are not kept')
    expect(meta(some, 'chosen') == f'{left_out}\n', 'nobody knows which rule did it')
    expect(meta(some, 'complete') == 1 and query(some, 'SELECT sum(written - stored) FROM ring') == [0],
           'the accounts are wrong')
    expect(query(some, 'SELECT count(*) FROM message WHERE received_ns IS NULL OR done_ns IS NULL') == [0],
           'messages are there in part')
    run = tool.check(some)['runs'][0]
    expect(run['anomalies'] == 0, f"{run['anomalies']} anomalies")
    expect((run['filters'], run['left_out'], run['actors_left_out']) == (meta(some, 'filters')[:-1], left_out, 1),
           f'check says {run}')
    for verb in 'check', 'stats', 'show':
        expect('recorded with filters' in tool.says(verb, some), f'{verb} does not say it')
        expect('filters' not in tool.says(verb, whole), f'{verb} says it of a whole trace')
    only, _ = tool.record('only', ['--seed=7', '--only', 'type:Number', '--only', 'kind:nobody'], [pipeline])
    expect(query(only, types + "<> 'Number' AND payload NOT LIKE '%$cut%'") == [0], 'fields are there')
    expect(meta(only, 'chosen').split()[1] == '0', 'a rule that matches nothing has chosen')


def questions_lose_their_fields(tool, shapes):
    trace, _ = tool.record('later', ['--skip', 'type:*'], [shapes, 'later'])
    expect(query(trace, 'SELECT outcome FROM ask') == ['replied'], 'the question is not there')
    expect(meta(trace, 'bare') >= 1, 'what lost its fields is not counted')


def what_matched_nothing_is_told(tool, pipeline):
    _, said = tool.record('typo', ['--seed=7', '--skip', 'type:Numbr', '--only', 'actor:* -kind:x'], [pipeline])
    expect('--skip type:Numbr matched no message: there was the message type Number' in said, said)
    expect('--only' not in said, said)
    for filters, text in (['--skip', 'Tick'], 'FIELD:NAME'), (['--only='], 'has no terms'), \
            (['--skip', 'kind:'], 'lacks a name'), (['--skip', 'type:a\ntype:b'], 'one line'):
        _, said = tool.record('bad', filters, [pipeline], code=2)
        expect(text in said and '--help' in said, said)
        expect(not (tool.folder / 'bad.db').exists(), 'a trace was made')


def by_hand(tool, threads):
    """Who waits for space in a queue of which not all is known is not called stuck, and that is said."""
    trace = tool.folder / 'threads.db'
    for filters, found in ((['--skip', 'type:Url'], False), (['--skip', 'type:None'], True)):
        recorder = subprocess.Popen([tool.path, 'record', '--force', '-o', trace, *filters, '--', threads],
                                    stderr=subprocess.PIPE, text=True)
        until(lambda: query(trace, "SELECT count(*) FROM wait WHERE outcome = 'open'") == [2] and
              (not found or tool.says('check', trace).startswith('deadlock')), 'both wait')
        recorder.send_signal(signal.SIGINT)
        recorder.communicate(timeout=60)
        expect(found or not certain(tool.check(trace)), f'{filters}: {tool.says("check", trace)}')
        expect(('nor is who waits for space' in tool.says('check', trace)) != found, 'it is not said')
        expect(query(trace, "SELECT count(*) > 0 FROM message WHERE type = 'Url'") == [found], 'Url')


def allowed_program(tool, shapes):
    """Filters come with the recorder, to actors that have long been there."""
    trace = tool.folder / 'allowed.db'
    program = subprocess.Popen([shapes, 'playing'], env=dict(os.environ, ACTORSCOPE='allow'))

    def attach(*arguments):
        return subprocess.Popen([tool.path, 'record', *arguments], stderr=subprocess.PIPE, text=True)

    try:
        session = f'actorscope-{os.geteuid()}-{program.pid}-*/ring-0'
        until(lambda: list(pathlib.Path('/dev/shm').glob(session)), 'it makes a session')
        stored = 0
        for more in ['-o', trace, '--attach', str(program.pid), '--skip', 'to:forgetful*'], \
                ['--attach', str(program.pid)]:
            recorder = attach(*more)
            until(lambda: sum(query(trace, 'SELECT count FROM segment')) > stored + 100, 'it records')
            recorder.send_signal(signal.SIGINT)
            code, said = recorder.wait(60), recorder.stderr.read()
            expect(code == 0 and 'goes on unrecorded' in said, f'exit {code}: {said}')
            stored = sum(query(trace, 'SELECT count FROM segment'))
        expect(query(trace, 'SELECT DISTINCT type FROM message') == ['Tick'], 'a Ball is there')
        expect(meta(trace, 'left_out') > 30, 'they are not counted')
        expect(meta(trace, 'complete') == 0 and meta(trace, 'lost') > 0, 'nobody says that the beginning is missing')
        expect(sorted(query(trace, 'SELECT kind FROM actor WHERE id > 0')) == ['beginner', 'forgetful', 'player'],
               'the actors have no names')
        recorder = attach('--attach', str(program.pid), '--skip', 'type:Tick')
        code, said = recorder.wait(60), recorder.stderr.read()
        expect(code == 2 and 'with other filters' in said, f'exit {code}: {said}')
    finally:
        program.kill()
        program.wait()


def certain(report):
    return sorted((finding['code'], *sorted(finding['actors']), finding['unavoidable_since_ns'])
                  for finding in report['findings'] if finding['verdict'] == 'certain')


def gallery(tool, examples):
    """What is certain of a whole trace and of a filtered one of the same run is the same; of orphans some may
    be missing, but nothing is ever added. What is foretold is lowered where something is missing."""
    for name in GALLERY:
        for seed in range(1, SEEDS + 1):
            command = [examples / name, '--seed', str(seed)]
            traces = []
            for filters in [], ['--skip', 'type:*'], ['--only', 'to:B'], ['--skip', 'from:A', '--skip', 'to:A']:
                trace = tool.folder / 'gallery.db'
                subprocess.run([tool.path, 'record', '-q', '--rows=off', '--force', '-o', trace, *filters, '--',
                                *command], capture_output=True, timeout=60)
                traces.append((filters, tool.check(trace)))
            truth = certain(traces[0][1])
            for filters, report in traces[1:]:
                got = certain(report)
                missing = [finding for finding in truth if finding not in got]
                expect(all(finding in truth for finding in got), f'{name} {seed} {filters}: {got}, not {truth}')
                expect(all(finding[0] == 'orphan-wait' for finding in missing),
                       f'{name} {seed} {filters}: {missing} is missed')
                expect(report['runs'][0]['anomalies'] == 0, f'{name} {seed} {filters}: anomalies')
                if report['runs'][0]['actors_left_out'] > 0:
                    expect(all(finding['lowered'] for finding in report['findings']
                               if finding['verdict'] == 'predicted'), f'{name} {seed} {filters}: not lowered')


def main(actorscope, shapes, examples, threads):
    examples = pathlib.Path(examples)
    with tempfile.TemporaryDirectory() as name:
        tool = Tool(actorscope, pathlib.Path(name).resolve())
        whole_or_not_at_all(tool, examples / 'pipeline')
        questions_lose_their_fields(tool, shapes)
        what_matched_nothing_is_told(tool, examples / 'pipeline')
        by_hand(tool, threads)
        allowed_program(tool, shapes)
        gallery(tool, examples)


if __name__ == '__main__':
    main(*sys.argv[1:])
