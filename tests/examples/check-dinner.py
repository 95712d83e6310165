#!/usr/bin/env python3
"""Naive philosophers lock up: the run says so and ends, and `check` names them all.

usage: check-dinner.py ACTORSCOPE PHILOSOPHERS
"""
import json
import pathlib
import subprocess
import sys
import tempfile

NAMES = ['Plato', 'Hypatia', 'Kant', 'Simone', 'Laozi']


def dine(actorscope, philosophers, seed, trace):
    """Records one dinner. What was said on stderr, and whether all have eaten."""
    run = subprocess.run([actorscope, 'record', '--quiet', '-o', trace, '--', philosophers, '--naive',
                          '--seed', str(seed)], capture_output=True, text=True, timeout=60)
    return run.stderr, run.returncode == 0


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
            said, all_have_eaten = dine(actorscope, philosophers, seed, trace)
            code, findings = findings_of(actorscope, trace)
            certain = [f for f in findings if f['verdict'] == 'certain']
            if not all_have_eaten:
                hung += 1
                if not all(f'"{x}" waits at ' in said for x in NAMES):
                    wrong.append(f'seed {seed} hung; it was said: {said}')
                # One deadlock, in whose ring the forks stand.
                if (code != 1 or [f['code'] for f in certain] != ['deadlock'] or len(certain[0]['actors']) != 10 or
                        not set(NAMES) <= set(certain[0]['actors'])):
                    wrong.append(f'seed {seed} hung; check: exit {code}, {findings}')
            else:
                happy += 1
                if said or certain:
                    wrong.append(f'seed {seed} went well; check: exit {code}, {findings}')
    print('\n'.join(wrong))
    print(f'{hung} dinners hung, {happy} went well, {len(wrong)} were judged wrongly')
    return 1 if wrong or not hung or not happy else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2]))
