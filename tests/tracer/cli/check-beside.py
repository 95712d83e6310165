#!/usr/bin/env python3
"""Programs that wait for each other by locks and threads beside their actors: check says what it
cannot know, once, and says nothing of the kind of a program that has none of this.

usage: check-beside.py ACTORSCOPE BESIDE
"""
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

actorscope, beside = sys.argv[1:]


def expect(holds, what):
    if not holds:
        sys.exit(f'line {sys._getframe(1).f_lineno}: {what}')


def record(trace, mode, hangs):
    run = subprocess.Popen([actorscope, 'record', '-q', '-o', trace, '--', beside, mode],
                           stdout=subprocess.PIPE, text=True)
    said = run.stdout.readline()
    expect(said == ('hangs\n' if hangs else ''), said)
    if hangs:
        run.send_signal(signal.SIGTERM)
    run.stdout.read()
    expect(run.wait(timeout=60) == (128 + signal.SIGTERM if hangs else 0), f'{mode} ended with {run.returncode}')


def check(trace, mode, *options):
    run = subprocess.run([actorscope, 'check', *options, trace], capture_output=True, text=True, timeout=60)
    expect(run.returncode == 0, f'{mode}: exit {run.returncode}\n{run.stdout}{run.stderr}')
    return run.stdout


def test(trace, mode, expected, hangs=True):
    """`expected`: what is unknown, and how the text tells that."""
    record(trace, mode, hangs)
    unknown = json.loads(check(trace, mode, '--json'))['runs'][0]['not_recorded']
    expect([u['of'] for u in unknown] == [e[0] for e in expected], unknown)
    expect(all(1 <= u['count'] <= e[1] for u, e in zip(unknown, expected)), unknown)
    for options in (), ('--format', 'markdown'), ('--format', 'sarif'):
        text = check(trace, mode, *options).replace('\\', '')
        expect(text.count('not recorded: ') == len(expected), text)
        expect(text.count('neither found nor ruled out') == min(len(expected), 1), text)
    text = check(trace, mode)
    lines = re.findall('^not recorded: (.*)$', text, re.M)
    for line, (_, _, pattern) in zip(lines, expected):
        expect(re.fullmatch(pattern, line), line)
        expect(line in [u['text'] for u in unknown], unknown)


with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    SINCE = r'\(since [0-9.]+ \w+, and 1 actor waited for it\)'
    test(folder / 'calls.db', 'calls', [(
        'outside', 2,
        r'what 2 actors waited for outside \(a lock, a thread, a file\?\), 2 times, last at beside\.c:\d+ in save\(\); '
        rf'at the end still: store "left" {SINCE}, store "right" {SINCE}')])
    test(folder / 'handler.db', 'handler', [(
        'handlers', 1,
        rf'whether store "(left|right)" {SINCE} computed at the end or waited for a lock or a thread')])
    test(folder / 'threads.db', 'threads', [(
        'threads', 2, 'what threads that are no actors wait for; they send to actors')], hangs=False)
    test(folder / 'nothing.db', 'nothing', [], hangs=False)
