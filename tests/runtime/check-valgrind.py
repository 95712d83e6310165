#!/usr/bin/env python3
"""Programs under Valgrind: it knows whose stack is whose, so it has nothing to complain of.

Skipped where Valgrind is not installed, and where a sanitizer is in the program.

usage: check-valgrind.py SANITIZERS PROGRAM...     (SANITIZERS: "none" or which)
"""
import shlex
import shutil
import subprocess
import sys

SKIPPED = 77


def main(sanitizers, programs):
    valgrind = shutil.which('valgrind')
    if not valgrind or sanitizers != 'none':
        print(f'the programs have sanitizers: {sanitizers}' if valgrind else 'valgrind is not installed')
        return SKIPPED
    wrong = 0
    for program in programs:
        run = subprocess.run([valgrind, '--quiet', '--error-exitcode=99', '--leak-check=full', *shlex.split(program)],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
        if run.returncode or '==' in run.stdout.replace('==========', ''):
            wrong += 1
            print(f'{program}: exit {run.returncode}\n{run.stdout}')
    print(f'{len(programs)} programs, Valgrind complains of {wrong}')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2:]))
