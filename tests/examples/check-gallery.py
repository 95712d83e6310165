#!/usr/bin/env python3
"""Records each program of the gallery with many seeds and compares what check says with the truth.

A run that locks up is ended by the runtime, which sees in seeded mode that nothing can happen any more.
GALLERY_SEEDS in the environment is the number of seeds, 20 without it.

usage: check-gallery.py ACTORSCOPE FOLDER
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

# What runs that pass and runs that lock up must get: None for programs that cannot do it. Findings
# are joined by "+"; "deadlock A B" names the core.
LIKELY, NOTHING = {'likely'}, {'nothing'}
TABLE = {
    't01': (None, {'deadlock A'}),
    't02': (LIKELY, {'deadlock A B'}),
    't03': (NOTHING, None),
    't03b': (LIKELY, {'deadlock A B'}),
    't03c': (LIKELY, {'deadlock A B'}),
    't04': (NOTHING, None),
    't05': (LIKELY, {'deadlock A B'}),
    't06': (None, {'deadlock A B'}),
    't07': (NOTHING, None),
    't07b': ({'possible'}, {'deadlock A B'}),
    't08': (LIKELY, {'deadlock A B C'}),
    't08-control': (NOTHING, None),
    't09': (LIKELY, {'deadlock A B'}),
    't10': (NOTHING, None),
    't11': (NOTHING, None),
    't12': ({'possible'}, {'deadlock A B'}),
    't13': (NOTHING, None),
    't14': ({'deadline-cycle'}, None),
    't15': (NOTHING, None),
    't16': (None, {'deadlock A B C'}),
    't17': (NOTHING, None),
    't18': (None, {'deadlock A C'}),
    't19': (None, {'orphan-wait A'}),
    # Only what B remembers keeps it from locking up, and that is in no trace.
    't20': ({'likely', 'nothing'}, None),
    # Without a philosopher who had to wait for a fork, nothing shows that forks keep anybody waiting.
    't21': ({'likely', 'nothing'}, {'deadlock A B C fork-2 fork-3 fork-4'}),
    't21-control': (NOTHING, None),
}


def verdict(finding):
    if finding['verdict'] == 'certain':
        return ' '.join([finding['code'], *sorted(finding['actors'])])
    return finding['rank'] or finding['code']


def record(actorscope, program, seed, trace):
    """Whether the program locked up: a run with a seed then ends, and says so."""
    run = subprocess.run([actorscope, 'record', '--force', '-o', trace, '--', program, '--seed', str(seed)],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    stuck = 'nothing can happen any more' in run.stdout
    if run.returncode != (1 if stuck else 0):
        sys.exit(f'{program} --seed {seed}: exit {run.returncode}\n{run.stdout}')
    return stuck


def check(actorscope, trace):
    run = subprocess.run([actorscope, 'check', '--json', trace], capture_output=True, text=True, timeout=60)
    if run.returncode > 1:
        sys.exit(f'check: exit {run.returncode}\n{run.stderr}')
    return '+'.join(sorted(map(verdict, json.loads(run.stdout)['findings']))) or 'nothing'


def told(got):
    return ', '.join(f'{text} ({count})' for text, count in got.most_common()) or '-'


def main(actorscope, folder):
    seeds = int(os.environ.get('GALLERY_SEEDS', '20'))
    wrong = runs = 0
    with tempfile.TemporaryDirectory() as name:
        trace = pathlib.Path(name) / 'trace.db'
        for row, expected in TABLE.items():
            got = [collections.Counter(), collections.Counter()]
            for seed in range(1, seeds + 1):
                stuck = record(actorscope, str(pathlib.Path(folder) / row), seed, trace)
                got[stuck][check(actorscope, trace)] += 1
                runs += 1
            bad = sum(sum(n for text, n in g.items() if text not in (e or ())) for g, e in zip(got, expected))
            wrong += bad
            print(f'{row:12} passed: {told(got[0]):40} hung: {told(got[1])}{"  WRONG" if bad else ""}', flush=True)
    print(f'{runs} runs, {seeds} seeds each, {wrong} wrong verdicts')
    return 1 if wrong or not runs else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2]))
