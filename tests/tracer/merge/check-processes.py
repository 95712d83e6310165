#!/usr/bin/env python3
"""Two real processes that ask each other, each recorded by itself: what they do together is in the
merged trace, and only there.

usage: check-processes.py ACTORSCOPE ACROSS
"""
import json
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

actorscope, across = sys.argv[1:]
ROUNDS = 200


def expect(holds, what):
    if not holds:
        sys.exit(f'line {sys._getframe(1).f_lineno}: {what}')


def run(*command, status=(0,)):
    done = subprocess.run([actorscope, *map(str, command)], capture_output=True, text=True, timeout=100)
    expect(done.returncode in status, f'{command}: exit {done.returncode}\n{done.stdout}{done.stderr}')
    return done.stdout


def record(folder, how):
    """The traces of both processes."""
    trace = folder / f'{how}.db'
    run('record', '-q', '-o', trace, '--follow-children', '--', across, ROUNDS, how)
    traces = [trace, *folder.glob(f'{how}.*.db')]
    expect(len(traces) == 2, traces)
    return traces


def merge(traces, *options):
    merged = traces[0].with_name('merged.db')
    return merged, json.loads(run('merge', '--force', '--json', *options, '-o', merged, *traces))


def check(trace):
    """Of the only run; and of its findings those that are certain."""
    found = json.loads(run('check', '--json', trace, status=(0, 1)))
    return found['runs'][0], [each for each in found['findings'] if each['verdict'] == 'certain']


def query(trace, text):
    with sqlite3.connect(f'file:{trace}?mode=ro', uri=True) as db:
        return db.execute(text).fetchall()


def what_went_between_them_is_matched(folder):
    traces = record(folder, 'part')
    merged, said = merge(traces, '--same-numbers')
    expect(said['matched_messages'] == 2 * ROUNDS, said)
    expect(said['early_ns'] == 0, said)
    events = [check(trace)[0]['events'] for trace in traces]
    seen, certain = check(merged)
    expect(seen['complete'] and seen['anomalies'] == 0, seen)
    expect(not certain, certain)
    expect([each['events'] for each in said['inputs']] == events, f'{said} of {events}')
    expect(query(merged, 'SELECT count(*) FROM message WHERE received_ns < sent_ns') == [(0,)],
           'a message was received before it was sent')
    expect(query(merged, 'SELECT count(*) FROM message WHERE done_ns IS NULL') == [(0,)], 'a message got lost')
    expect(len(query(merged, 'SELECT DISTINCT pid FROM ring')) == 2, 'the processes are not told apart')


def a_deadlock_across_processes_is_found(folder):
    traces = record(folder, 'hang')
    for trace in traces:
        expect(all(each['code'] != 'deadlock' for each in check(trace)[1]), f'{trace} alone has a deadlock')
    merged, said = merge(traces, '--same-numbers')
    expect(said['matched_messages'] == 2 * ROUNDS, said)
    certain = check(merged)[1]
    expect([each['code'] for each in certain] == ['deadlock'], certain)
    expect(sorted(certain[0]['actors']) == ['ann', 'ben'] and not certain[0]['lowered'], certain)


def without_numbers_nothing_is_claimed(folder):
    """Two runs beside each other, whose numbers mean different things."""
    traces = [record(folder, 'part')[0], record(folder, 'hang')[0]]
    merged, said = merge(traces)
    expect(said['matched_messages'] == 0, said)
    expect('ordered by their clocks alone' in run('merge', '--force', '-o', merged, *traces), 'it is not said')
    expect(all(each['code'] != 'deadlock' for each in check(merged)[1]), 'a deadlock of strangers')


for test in what_went_between_them_is_matched, a_deadlock_across_processes_is_found, \
        without_numbers_nothing_is_claimed:
    with tempfile.TemporaryDirectory() as name:
        test(pathlib.Path(name))
