#!/usr/bin/env python3
"""Runs an example and compares what it prints, in any order, with regular expressions, one a line.

usage: check-output.py PROGRAM LINE...
"""
import re
import subprocess
import sys


def check(command, patterns):
    run = subprocess.run(command, capture_output=True, text=True, timeout=50)
    lines = run.stdout.splitlines()
    wrong = [] if run.returncode == 0 and not run.stderr else [f'exit {run.returncode}: {run.stderr}']
    left = list(patterns)
    for line in lines:
        fits = next((p for p in left if re.fullmatch(p, line)), None)
        if fits is None:
            wrong.append(f'not expected: {line}')
        else:
            left.remove(fits)
    wrong += [f'missing: {p}' for p in left]
    for text in wrong:
        print(' '.join(command), text, sep=': ')
    return not wrong


def refuses(program, arguments):
    run = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=50)
    good = run.returncode == 2 and not run.stdout and 'Usage' in run.stderr
    if not good:
        print(f'{program} {arguments}: exit {run.returncode}, {run.stdout}{run.stderr}')
    return good


def main(program, patterns):
    good = check([program], patterns)
    good &= check([program, '--seed', '1'], patterns)
    for arguments in (['--seed'], ['--seed', '0'], ['--seed', '7x'], ['--sed', '7'], ['-1', '--seed', '7']):
        good &= refuses(program, arguments)
    return 0 if good and patterns else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2:]))
