#!/usr/bin/env python3
"""What is said of a trace while it is still being recorded, and after its recorder was killed.

usage: check-unfinished.py ACTORSCOPE PROGRAM, which locks up always
"""
import os
import pathlib
import signal
import subprocess
import sys
import tempfile


def says(trace, *commands):
    """Each command, of the trace, says this and ends so."""
    for arguments, code, text in commands:
        run = subprocess.run([sys.argv[1], *arguments, trace], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                             text=True, timeout=60)
        if run.returncode != code or text not in run.stdout:
            sys.exit(f'{arguments}: exit {run.returncode}, not {code}, or without {text!r}:\n{run.stdout}')


READ = (
    (['check'], 1, 'deadlock  certain  a "A" waits for itself'),
    (['check'], 1, 'is still being recorded, or was cut off: verdicts as of its last event'),
    (['check', '--json'], 1, '"live": true'),
    (['stats'], 0, 'still recording, or cut off: figures as of the last event'),
    (['export', '--format=dot'], 0, 'a1 -> a1'),
    (['merge', '--force', '-o', 'merged.db', 'seeded.db'], 0, 'live.db: '),
    (['merge', '--force', '-o', 'merged.db', 'seeded.db'], 0, 'still being recorded, or cut off'),
)


def main():
    sys.argv[1:] = map(os.path.abspath, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        subprocess.run([sys.argv[1], 'record', '-q', '-o', 'seeded.db', '--', sys.argv[2], '--seed', '1'],
                       stderr=subprocess.DEVNULL, timeout=60)
        recorder = subprocess.Popen([sys.argv[1], 'record', '-o', 'live.db', '--', sys.argv[2]],
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        children = []
        try:
            # It waits for ever, and the alarm says so.
            if not any('  certain  ' in line for line in recorder.stdout):
                sys.exit('the recording ended without an alarm')
            tasks = pathlib.Path(f'/proc/{recorder.pid}/task').iterdir()
            children = [int(child) for task in tasks for child in (task / 'children').read_text().split()]
            says('live.db', *READ)
            recorder.kill()
            recorder.wait(timeout=60)
            says('live.db', *READ)
        finally:
            recorder.kill()
            for child in children:
                os.kill(child, signal.SIGKILL)
        os.chdir('/')


if __name__ == '__main__':
    main()
