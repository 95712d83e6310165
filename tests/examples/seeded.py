"""Recording a program with a seed."""
import json
import shlex
import subprocess
import sys


def record(actorscope, program, seed, trace, may_lock_up=False):
    """What the program (a command line) printed, and its events as lines of JSON."""
    command = [actorscope, 'record', '--force', '--payload=200', f'--seed={seed}', '-o', trace, '--']
    run = subprocess.run([*command, *shlex.split(program)], capture_output=True, text=True, timeout=60)
    locked_up = may_lock_up and 'nothing can happen any more' in run.stderr
    if run.returncode != (1 if locked_up else 0):
        sys.exit(f'{program}, seed {seed}: exit {run.returncode}\n{run.stderr}')
    show = subprocess.run([actorscope, 'show', '--json', trace], capture_output=True, text=True,
                          check=True, timeout=60)
    return run.stdout, show.stdout.splitlines()


def check(actorscope, trace):
    """The findings."""
    run = subprocess.run([actorscope, 'check', '--json', trace], capture_output=True, text=True, timeout=60)
    if run.returncode > 1:
        sys.exit(f'check: exit {run.returncode}\n{run.stderr}')
    return json.loads(run.stdout)['findings']


def first_difference(a, b):
    """Of two runs, as record() gives them."""
    if a[0] != b[0]:
        return f'printed {a[0]!r} and {b[0]!r}'
    number = next((i for i, (x, y) in enumerate(zip(a[1], b[1])) if x != y), min(len(a[1]), len(b[1])))
    rest = [lines[number] if number < len(lines) else '(the end)' for lines in (a[1], b[1])]
    return f'event {number + 1}:\n  {rest[0]}\n  {rest[1]}'
