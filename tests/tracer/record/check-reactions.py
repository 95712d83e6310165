#!/usr/bin/env python3
"""What `actorscope record --on-deadlock` does: a program that locks up is stopped, or a command is run.

usage: check-reactions.py ACTORSCOPE SHAPES
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time


def start(action):
    return subprocess.Popen([sys.argv[1], 'record', f'--on-deadlock={action}', '-o', 'trace.db', '--force', '--',
                             sys.argv[2], 'back'], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


def read_until(recorder, pattern):
    text = ''
    for line in recorder.stderr:
        text += line
        found = re.search(pattern, line)
        if found:
            return found
    sys.exit(f'"{pattern}" is not in: {text}')


def end(recorder):
    recorder.send_signal(signal.SIGINT)
    text = recorder.stderr.read()
    recorder.wait(timeout=60)
    if 'trace.db' not in text:
        sys.exit(f'no summary: {text}')


def state_of(pid):
    return pathlib.Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]


def test_stop():
    recorder = start('stop')
    pid = int(read_until(recorder, r'process (\d+) is stopped').group(1))
    # The signal is sent when this is said; each of its threads stops when it next looks.
    limit = time.monotonic() + 30
    while state_of(pid) != 'T':
        if time.monotonic() > limit:
            sys.exit(f'process {pid} is in state {state_of(pid)}, not stopped')
        time.sleep(0.001)
    # The signal lets it go on, and ends it.
    end(recorder)
    if pathlib.Path(f'/proc/{pid}').exists():
        sys.exit(f'process {pid} is still there')


def test_exec():
    # The recorder waits for it at its end.
    recorder = start('exec env > told.txt')
    read_until(recorder, r'  certain  ')
    end(recorder)
    told = pathlib.Path('told.txt').read_text()
    for line in (r'ACTORSCOPE_CODE=deadlock$', r'ACTORSCOPE_FINGERPRINT=[0-9a-f]{16}$', r'ACTORSCOPE_PID=\d+$',
                 r'ACTORSCOPE_FILE=trace.db$', r'ACTORSCOPE_TITLE=.* wait for each other$',
                 r'ACTORSCOPE_STORY=deadlock  certain  '):
        if not re.search('^' + line, told, re.M):
            sys.exit(f'"{line}" is not in: {told}')


def test_bad_use():
    run = subprocess.run([sys.argv[1], 'record', '--on-deadlock=panic', 'true'], capture_output=True, text=True)
    if run.returncode != 2 or "not 'panic'" not in run.stderr:
        sys.exit(f'exit {run.returncode}: {run.stderr}')


def main():
    sys.argv[1:] = [str(pathlib.Path(path).resolve()) for path in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for test in (test_stop, test_exec, test_bad_use):
            test()
            print(f'{test.__name__}: ok', flush=True)
        os.chdir('/')


if __name__ == '__main__':
    main()
