#!/usr/bin/env python3
"""Naive philosophers lock up: the alarm says so while they do, and `check` afterwards names them all.

usage: check-dinner.py ACTORSCOPE PHILOSOPHERS
"""
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

NAMES = ['Plato', 'Hypatia', 'Kant', 'Simone', 'Laozi']


def dine(actorscope, philosophers, seed, trace):
    """Records one dinner. What the alarm said, or '' when all have eaten."""
    command = [actorscope, 'record', '--quiet', '-o', trace, '--', philosophers, '--naive',
               '--seed', str(seed)]
    said = ''
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          start_new_session=True) as recorder:
        for line in recorder.stderr:
            said += line
            if all(name in said for name in NAMES):
                os.killpg(recorder.pid, signal.SIGINT)
                break
        recorder.stderr.read()
    return said


def findings_of(actorscope, trace):
    run = subprocess.run([actorscope, 'check', '--json', trace], capture_output=True, text=True, timeout=60)
    if run.returncode not in (0, 1):
        sys.exit(f'check: exit {run.returncode}: {run.stderr}')
    return run.returncode, json.loads(run.stdout)['findings']


def main(actorscope, philosophers):
    hung = happy = 0
    wrong = []
    with tempfile.TemporaryDirectory() as name:
        for seed in range(1, 9):
            trace = pathlib.Path(name) / f'{seed}.db'
            said = dine(actorscope, philosophers, seed, trace)
            code, findings = findings_of(actorscope, trace)
            certain = [f for f in findings if f['verdict'] == 'certain']
            if said:
                hung += 1
                if code != 1 or not all(x in json.dumps(certain) for x in NAMES):
                    wrong.append(f'seed {seed} hung; check: exit {code}, {findings}')
            else:
                happy += 1
                if certain:
                    wrong.append(f'seed {seed} went well; check: exit {code}, {findings}')
    print('\n'.join(wrong))
    print(f'{hung} dinners hung, {happy} went well, {len(wrong)} were judged wrongly')
    return 1 if wrong or not hung or not happy else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2]))
