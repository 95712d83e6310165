#!/usr/bin/env python3
"""What check says of several runs, in each of its formats, and with a baseline.

Seeded runs of a program of the gallery either lock up or only foretell it; the first of each kind
that the seeds give are the traces.

usage: check-reports.py ACTORSCOPE PROGRAM
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

SEEDS = 40


def actorscope(*arguments, status=None):
    run = subprocess.run([sys.argv[1], *arguments], capture_output=True, text=True, timeout=60)
    if status is not None and run.returncode != status:
        sys.exit(f'{" ".join(arguments)}: exit {run.returncode}, not {status}\n{run.stdout}{run.stderr}')
    return run.stderr if status == 2 else run.stdout


def expect(condition, what):
    if not condition:
        sys.exit(f'line {sys._getframe(1).f_lineno}: {what}')


def record(seed, trace):
    run = subprocess.Popen([sys.argv[1], 'record', '--force', '-o', trace, '--', sys.argv[2], '--seed', str(seed)],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    for line in run.stdout:
        if '  certain  ' in line:
            run.send_signal(signal.SIGINT)
    run.wait(timeout=60)


def record_both():
    """Leaves passed.db and hung.db."""
    for seed in range(1, SEEDS + 1):
        record(seed, 'next.db')
        code = json.loads(actorscope('check', '--json', 'next.db'))['findings'][0]['code']
        os.replace('next.db', {'deadlock': 'hung.db', 'potential-deadlock': 'passed.db'}[code])
        if pathlib.Path('hung.db').exists() and pathlib.Path('passed.db').exists():
            return
    sys.exit(f'{SEEDS} seeds did not give both kinds of run')


def test_json():
    result = json.loads(actorscope('check', '--format', 'json', 'passed.db', 'hung.db', status=1))
    expect([run['file'] for run in result['runs']] == ['passed.db', 'hung.db'], result['runs'])
    expect(all(run['complete'] and run['events'] > 10 for run in result['runs']), result['runs'])
    expect(len(result['findings']) == 1, 'a deadlock and its prediction are one')
    finding = result['findings'][0]
    expect(finding['code'] == 'deadlock' and not finding['known'], finding)
    expect(finding['seen_in'] == [{'file': 'hung.db', 'code': 'deadlock'},
                                  {'file': 'passed.db', 'code': 'potential-deadlock'}], finding['seen_in'])
    expect(finding['actors'] == ['A', 'B'], finding['actors'])
    expect(all(edge['origin'].startswith('Go came from ') for edge in finding['edges']), finding['edges'])
    same = json.loads(actorscope('check', '--json', 'hung.db', 'hung.db', status=1))['findings']
    expect(len(same) == 1 and same[0]['fingerprint'] == finding['fingerprint'], same)


def test_text():
    text = actorscope('check', 'passed.db', 'hung.db', status=1)
    expect('this is from hung.db; less certain in passed.db' in text, text)
    expect(len(re.findall(r'^ +Go came from client "[xy]" \(\w+\.c:\d+\)$', text, re.M)) == 2, text)
    expect(re.search(r'^1 finding in \d+ events of \d+ actors in 2 runs$', text, re.M), text)


def test_markdown():
    text = actorscope('check', '--format', 'markdown', 'passed.db', 'hung.db', status=1)
    expect('### deadlock: a "A" and b "B" wait for each other\n' in text, text)
    rows = [line for line in text.splitlines() if line.startswith('|')]
    columns = {len(re.findall(r'(?<!\\)\|', row)) for row in rows}
    expect(len(rows) == 4 and columns == {7}, rows)
    expect('\\{' in text and '**cure:**' in text, text)


def test_sarif():
    result = json.loads(actorscope('check', '--format', 'sarif', 'passed.db', 'hung.db', status=1))
    expect(result['version'] == '2.1.0' and len(result['runs']) == 1, result)
    run = result['runs'][0]
    rules = [rule['id'] for rule in run['tool']['driver']['rules']]
    expect(len(run['results']) == 1, run['results'])
    finding = run['results'][0]
    expect(rules[finding['ruleIndex']] == finding['ruleId'] == 'deadlock', finding)
    expect(finding['level'] == 'error', finding)
    place = finding['locations'][0]['physicalLocation']
    expect(place['artifactLocation']['uri'].endswith('.c') and '..' not in place['artifactLocation']['uri'], place)
    expect(place['region']['startLine'] > 0, place)
    steps = finding['codeFlows'][0]['threadFlows'][0]['locations']
    expect(len(steps) == len(finding['relatedLocations']) == 2, steps)
    expect('suppressions' not in finding, finding)
    expect(run['invocations'][0]['toolExecutionNotifications'] == [], run['invocations'])


def test_baseline():
    actorscope('check', '--write-baseline', 'accepted.txt', 'passed.db', status=0)
    text = actorscope('check', '--baseline', 'accepted.txt', 'passed.db', status=0)
    expect(text.startswith('nothing new found (1 known one is not shown)'), text)
    # Who accepts a prediction does not accept that it comes true; the other way round it does.
    actorscope('check', '--baseline', 'accepted.txt', 'hung.db', status=1)
    actorscope('check', '--write-baseline', 'accepted.txt', 'hung.db', status=0)
    actorscope('check', '--baseline', 'accepted.txt', 'passed.db', 'hung.db', status=0)
    result = json.loads(actorscope('check', '--baseline', 'accepted.txt', '--format', 'sarif', 'hung.db', status=0))
    expect(result['runs'][0]['results'][0]['suppressions'][0]['kind'] == 'external', result)
    known = json.loads(actorscope('check', '--baseline', 'accepted.txt', '--json', 'hung.db', status=0))
    expect(known['findings'][0]['known'], known)


def test_bad_use():
    expect('there is no format' in actorscope('check', '--format', 'xml', 'hung.db', status=2), 'xml')
    expect('cannot read the baseline none.txt' in actorscope('check', '--baseline', 'none.txt', 'hung.db', status=2), '')
    pathlib.Path('bad.txt').write_text('# fine\n\nnot a finding\n')
    expect('line 3 of the baseline' in actorscope('check', '--baseline', 'bad.txt', 'hung.db', status=2), 'bad')
    expect('cannot write' in actorscope('check', '--write-baseline', 'no/where', 'hung.db', status=2), 'no/where')
    expect('none.db' in actorscope('check', 'hung.db', 'none.db', status=2), 'none.db')
    expect('a trace file is missing' in actorscope('check', status=2), 'no file')


def main():
    sys.argv[1:] = map(os.path.abspath, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        record_both()
        for test in (test_json, test_text, test_markdown, test_sarif, test_baseline, test_bad_use):
            test()
            print(f'{test.__name__}: ok')
        os.chdir('/')


if __name__ == '__main__':
    main()
