#!/usr/bin/env python3
"""Records programs with seeds and compares the runs.

The same seed must give no difference. Of a program that locks up with one seed and not with another,
the first difference must be the one that decides it: at one of the actors that wait for each other,
and all others that differ must follow from it.

usage: check-compare.py ACTORSCOPE FOLDER CHAT
"""
import json
import pathlib
import subprocess
import sys
import tempfile

SEEDS = range(1, 61)

# Who meets the two messages whose order decides, where one order is all that it takes.
DECIDED_BY = {'t02': {'A', 'B'}, 't03c': {'A', 'B'}, 't05': {'G'}, 't09': {'A', 'B'}}
DIFFERENT_SEEDS = ['philosophers', 'bank', 'pool']


def record(actorscope, program, seed, trace):
    """Whether the run came to its end; with a seed, one that locks up is ended."""
    run = subprocess.run([actorscope, 'record', '-q', '--force', f'--seed={seed}', '-o', trace, '--', program],
                         capture_output=True, text=True, timeout=60)
    if run.returncode > 1:
        sys.exit(f'{program}, seed {seed}: exit {run.returncode}\n{run.stderr}')
    return run.returncode == 0


def compare(actorscope, a, b):
    run = subprocess.run([actorscope, 'compare', '--json', a, b], capture_output=True, text=True, timeout=60)
    result = json.loads(run.stdout)
    if run.returncode != (0 if result['same'] else 1) or run.stderr:
        sys.exit(f'compare: exit {run.returncode}\n{run.stderr}')
    return result


def pass_and_hang(actorscope, program, folder):
    """Recordings of a run that passes and of one that locks up."""
    traces = {}
    for seed in SEEDS:
        trace = folder / 'one.db'
        passed = record(actorscope, program, seed, trace)
        if passed not in traces:
            traces[passed] = trace.rename(folder / f'{program.name}-{passed}.db')
        if len(traces) == 2:
            return traces[True], traces[False]
    sys.exit(f'{program.name}: all of {len(SEEDS)} seeds end the same way')


def is_decided(program, result, actors):
    first = [d for d in result['differences'] if d['first']]
    if len(first) != 1 or first[0]['kind'] != 'order' or first[0]['a']['actor'] not in actors:
        print(f'{program}: first differ', *(d['title'] for d in first), sep='\n  ')
        return False
    return True


def main(actorscope, examples, chat):
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        a, b = folder / 'a.db', folder / 'b.db'
        for program in [chat, *(examples / name for name in DIFFERENT_SEEDS)]:
            for trace, seed in ((a, 7), (b, 7)):
                record(actorscope, program, seed, trace)
            if not compare(actorscope, a, b)['same']:
                print(f'{program.name}: seed 7 differs from itself')
                wrong += 1
            record(actorscope, program, 8, b)
            result = compare(actorscope, a, b)
            if result['same'] or result['first_differences'] == 0:
                print(f'{program.name}: no difference between seeds 7 and 8')
                wrong += 1
        for name, actors in DECIDED_BY.items():
            result = compare(actorscope, *pass_and_hang(actorscope, examples / name, folder))
            wrong += not is_decided(name, result, actors)
    print(f'{wrong} wrong')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], *map(pathlib.Path, sys.argv[2:])))
