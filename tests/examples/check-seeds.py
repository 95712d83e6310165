#!/usr/bin/env python3
"""Records each example several times: the same seed must give the same trace, event for event.

Times and numbers of actors, messages and tokens are compared, too: in seeded mode the clock is
virtual. Other seeds must give other orders, or else the seed would do nothing. And `check` must find
nothing: a false alarm is a defect.

usage: check-seeds.py ACTORSCOPE EXAMPLE...
"""
import json
import pathlib
import subprocess
import sys
import tempfile


def record(actorscope, example, seed, folder):
    """The output of the example, and its events as lines of JSON."""
    trace = folder / 'trace.db'
    trace.unlink(missing_ok=True)
    run = subprocess.run([actorscope, 'record', f'--seed={seed}', '-o', trace, '--', example],
                         capture_output=True, text=True, timeout=60)
    if run.returncode:
        sys.exit(f'{example} --seed {seed}: exit {run.returncode}\n{run.stderr}')
    show = subprocess.run([actorscope, 'show', '--json', trace], capture_output=True, text=True,
                          check=True, timeout=60)
    check = subprocess.run([actorscope, 'check', trace], capture_output=True, text=True, timeout=60)
    if check.returncode:
        sys.exit(f'{example} --seed {seed}: check says\n{check.stdout}{check.stderr}')
    return run.stdout, show.stdout.splitlines()


def first_difference(a, b):
    number = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
    rest = [lines[number] if number < len(lines) else '(the end)' for lines in (a, b)]
    return f'event {number + 1}:\n  {rest[0]}\n  {rest[1]}'


def main(actorscope, examples):
    same = others = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for example in examples:
            print_1, trace_1 = record(actorscope, example, 7, folder)
            print_2, trace_2 = record(actorscope, example, 7, folder)
            kinds = {json.loads(line)['event'] for line in trace_1}
            if not {'spawn', 'start', 'send', 'receive', 'end'} <= kinds:
                print(f'{example}: only {sorted(kinds)} were recorded')
            elif (print_1, trace_1) != (print_2, trace_2):
                print(f'{example} --seed 7 ran in two ways, {first_difference(trace_1, trace_2)}')
            else:
                same += 1
            others += any(record(actorscope, example, seed, folder)[1] != trace_1 for seed in (8, 9))
    print(f'{same} of {len(examples)} examples repeat themselves; {others} run otherwise with other seeds')
    return 0 if same == len(examples) and others > len(examples) // 2 else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2:]))
