#!/usr/bin/env python3
"""Records programs, exports the traces, and reads what came out with readers that are not ours.

CSV goes to Python's csv and to sqlite3's .import, DOT to graphviz, JSON to Python's json, ShiViz logs
through the expression in their first line, Mermaid to the mermaid package where node has it.
A reader that is not installed is said to be missing.

usage: check-readers.py ACTORSCOPE PROGRAM...
"""
import collections
import csv
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

MERMAID = """
import { readFileSync } from 'fs';
const { default: mermaid } = await import('mermaid');
const { diagramType } = await mermaid.parse(readFileSync(process.argv[1], 'utf8'));
console.log(diagramType);
"""


def fail(text):
    sys.exit(f'check-readers: {text}')


def run(*command, **options):
    done = subprocess.run([str(x) for x in command], capture_output=True, text=True, **options)
    if done.returncode:
        fail(f'{" ".join(map(str, command))}\nexit {done.returncode}\n{done.stdout}{done.stderr}')
    return done.stdout


class Trace:
    def __init__(self, actorscope, path):
        self.actorscope, self.path = actorscope, path

    def ask(self, query):
        return json.loads(run(self.actorscope, 'sql', '--json', self.path, query))

    def number(self, query):
        return next(iter(self.ask(query)[0].values()))

    def export(self, form, *options):
        path = self.path.with_suffix('.' + form)
        run(self.actorscope, 'export', '--format', form, '-o', path, *options, self.path)
        return path


def read_csv(trace):
    path = trace.export('csv')
    with open(path, newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file, strict=True))
    messages = trace.number('SELECT count(*) AS n FROM message')
    if len(rows) != messages or any(None in row or None in row.values() for row in rows):
        fail(f'{path}: {len(rows)} rows of {messages} messages, or fields too many or too few')
    if shutil.which('sqlite3'):
        counted = run('sqlite3', ':memory:', '-cmd', '.import --csv ' + str(path) + ' message',
                      'SELECT count(*), count(id), sum(received_ns >= sent_ns) FROM message')
        if not counted.startswith(f'{messages}|{messages}|'):
            fail(f'{path}: sqlite3 counts {counted}')


def read_chrome(trace):
    events = json.loads(trace.export('chrome').read_text())
    events = events['traceEvents'] if isinstance(events, dict) else events
    depth = collections.Counter()
    flows = collections.defaultdict(list)
    for event in events:
        lane = event.get('pid'), event.get('tid')
        if event['ph'] not in 'BEXiMsftC' or not isinstance(event['pid'], int):
            fail(f'chrome: {event}')
        if event['ph'] != 'M' and not isinstance(event['ts'], (int, float)):
            fail(f'chrome: no time in {event}')
        if event['ph'] in 'BE':
            depth[lane] += 1 if event['ph'] == 'B' else -1
        if event['ph'] == 'X' and not event['dur'] >= 0:
            fail(f'chrome: no duration in {event}')
        if event['ph'] in 'sf':
            flows[event['cat'], event['id']].append((event['ts'], event['ph']))
        if min(depth.values(), default=0) < 0:
            fail(f'chrome: an end without a beginning: {event}')
    if any(depth.values()):
        fail('chrome: slices that never end')
    for name, ends in flows.items():
        if [ph for _, ph in sorted(ends, key=lambda end: (end[0], end[1] == 'f'))][:1] != ['s']:
            fail(f'chrome: flow {name} does not begin: {ends}')


def read_otlp(trace):
    spans = [span for resource in json.loads(trace.export('otlp').read_text())['resourceSpans']
             for scope in resource['scopeSpans'] for span in scope['spans']]
    by_id = {span['spanId']: span for span in spans}
    if len(by_id) != len(spans) or len(spans) != trace.number('SELECT count(*) AS n FROM ask'):
        fail(f'otlp: {len(spans)} spans, {len(by_id)} different ones')
    for span in spans:
        if not re.fullmatch('[0-9a-f]{32}', span['traceId']) or not re.fullmatch('[0-9a-f]{16}', span['spanId']):
            fail(f'otlp: ids of {span}')
        if 'parentSpanId' in span and by_id[span['parentSpanId']]['traceId'] != span['traceId']:
            fail(f'otlp: parent of {span}')
        if int(span['endTimeUnixNano']) < int(span['startTimeUnixNano']):
            fail(f'otlp: times of {span}')


def read_shiviz(trace):
    expression, _, log = trace.export('shiviz').read_text().split('\n', 2)
    pattern = re.compile(expression.replace('(?<', '(?P<'))
    own = collections.Counter()
    end = 0
    for match in pattern.finditer(log):
        clock, host = json.loads(match['clock']), match['host']
        if log[end:match.start()].strip():
            fail(f'shiviz: does not match: {log[end:match.start()]!r}')
        end = match.end()
        own[host] += 1
        if clock[host] != own[host]:
            fail(f'shiviz: event {own[host]} of {host} has the clock {clock}')
        if any(count > own[other] for other, count in clock.items()):
            fail(f'shiviz: {host} knows of the future: {clock}')
    if not own or log[end:].strip():
        fail(f'shiviz: does not match: {log[end:]!r}')


def read_dot(trace):
    path = trace.export('dot')
    if not shutil.which('dot'):
        return 'no graphviz: DOT is not read'
    graph = json.loads(run('dot', '-Tjson', path))
    if graph['directed'] is not True:
        fail(f'{path} is no directed graph')
    return None


def read_mermaid(trace):
    path = trace.export('mermaid')
    if not shutil.which('node'):
        return 'no node: Mermaid is not read'
    if subprocess.run(['node', '-e', "import('mermaid').catch(() => process.exit(9))"],
                      capture_output=True, check=False).returncode:
        return 'node has no mermaid: Mermaid is not read'
    if run('node', '--input-type=module', '-e', MERMAID, path).strip() != 'sequence':
        fail(f'{path} is no sequence diagram')
    return None


def main(actorscope, programs):
    missing = set()
    with tempfile.TemporaryDirectory() as name:
        for program in programs:
            path = pathlib.Path(name) / (program.name + '.db')
            subprocess.run([actorscope, 'record', '--quiet', '--seed=1', '-o', path, '--', program],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            trace = Trace(actorscope, path)
            for read in (read_csv, read_chrome, read_otlp, read_shiviz, read_dot, read_mermaid):
                missing.add(read(trace))
    missing.discard(None)
    print('\n'.join(sorted(missing)))
    print(f'{len(programs)} traces read')


if __name__ == '__main__':
    main(pathlib.Path(sys.argv[1]).resolve(), [pathlib.Path(x).resolve() for x in sys.argv[2:]])
