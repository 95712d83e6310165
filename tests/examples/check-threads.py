#!/usr/bin/env python3
"""A program of threads and queues without the runtime: its deadlock is told while it hangs and found
again in the file; its cure ends and is found free of deadlocks.

usage: check-threads.py ACTORSCOPE THREADS
"""
import json
import pathlib
import signal
import subprocess
import sys
import tempfile


def fail(text):
    sys.exit(f'check-threads: {text}')


def check(actorscope, trace):
    run = subprocess.run([actorscope, 'check', '--json', trace], capture_output=True, text=True, timeout=60)
    if run.returncode not in (0, 1):
        fail(f'check: exit {run.returncode}: {run.stderr}')
    return run.returncode, json.loads(run.stdout)['findings']


def main(actorscope, threads):
    with tempfile.TemporaryDirectory() as name:
        trace = pathlib.Path(name) / 'hang.db'
        recorder = subprocess.Popen([actorscope, 'record', '-o', trace, '--', threads],
                                    stderr=subprocess.PIPE, text=True)
        for line in recorder.stderr:
            if 'deadlock' in line:
                break
        else:
            fail('no deadlock was told')
        recorder.send_signal(signal.SIGTERM)
        recorder.stderr.read()
        if recorder.wait(60) != 128 + signal.SIGTERM:
            fail(f'the recorder ended with {recorder.returncode}')
        code, findings = check(actorscope, trace)
        text = json.dumps(findings)
        if code != 1 or [f['code'] for f in findings] != ['deadlock']:
            fail(f'exit {code}: {text}')
        if not all(word in text for word in ('fetcher', 'parser', 'queue.c', 'queue_put')):
            fail(f'something is missing: {text}')

        trace = pathlib.Path(name) / 'drop.db'
        cure = subprocess.run([actorscope, 'record', '-q', '-o', trace, '--', threads, '--drop'],
                              capture_output=True, text=True, timeout=60)
        if cure.returncode or 'done' not in cure.stdout:
            fail(f'the cure ended with {cure.returncode}: {cure.stdout}{cure.stderr}')
        code, findings = check(actorscope, trace)
        if code or findings:
            fail(f'the cure is not free of findings: {findings}')


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2])
