#!/usr/bin/env python3
"""`actorscope record --attach`: recorders that are killed and followed by others, programs that are
recorded for a while, and what people are told when it cannot be done.

usage: check-attach.py ACTORSCOPE PROGRAM
"""
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time


def fail(text):
    sys.exit(f'check-attach: {text}')


def expect(holds, text):
    if not holds:
        fail(text)


def query(trace, sql):
    """The first column; nothing while the file cannot be asked."""
    try:
        with sqlite3.connect(f'file:{trace}?mode=ro', uri=True, timeout=30) as db:
            return [row[0] for row in db.execute(sql)]
    except sqlite3.Error:
        return []


def meta(trace, key):
    return query(trace, f"SELECT value FROM meta WHERE key = '{key}'")[0]


def until(holds, what):
    for _ in range(6000):
        if holds():
            return
        time.sleep(0.01)
    fail(f'it never came to pass that {what}')


class Recorder:
    actorscope = program = None

    def __init__(self, *arguments, **options):
        self.process = subprocess.Popen([self.actorscope, 'record', *arguments],
                                        stderr=subprocess.PIPE, text=True, **options)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def end(self):
        said = self.process.communicate(timeout=120)[1]
        return self.process.returncode, said


def refused(arguments, text):
    code, said = Recorder(*arguments).end()
    expect(code == 2 and text in said, f'{arguments}: exit {code}, {said}')


def killed_recorders(folder):
    """The second goes on while the program runs, the third when it has ended: nothing is lost, nothing
    is there twice."""
    trace = folder / 'killed.db'
    first = Recorder('-o', trace, '--', Recorder.program, 'flood')
    until(lambda: sum(query(trace, 'SELECT count FROM segment')) > 10000, 'it records')
    pid = query(trace, 'SELECT pid FROM ring')[0]
    refused(['--attach', str(pid)], 'records it')
    os.kill(pid, signal.SIGSTOP)
    first.kill()
    second = Recorder('--attach', str(pid))
    before = len(query(trace, 'SELECT id FROM segment'))
    os.kill(pid, signal.SIGCONT)
    until(lambda: len(query(trace, 'SELECT id FROM segment')) > before + 2, 'it goes on')
    os.kill(pid, signal.SIGSTOP)
    second.kill()
    os.kill(pid, signal.SIGKILL)  # with what is in its ring
    third = Recorder('--attach', trace)
    code, said = third.end()
    expect(code == 0 and 'nothing lost' in said, f'exit {code}: {said}')
    expect((meta(trace, 'closed'), meta(trace, 'complete')) == (1, 1), 'it is not complete')
    expect('flood' in meta(trace, 'program'), 'the command is forgotten')
    written, stored = query(trace, 'SELECT written FROM ring')[0], query(trace, 'SELECT stored FROM ring')[0]
    expect(written == stored == sum(query(trace, 'SELECT count FROM segment')),
           f'{written} written, {stored} stored')
    ids = query(trace, 'SELECT id FROM message ORDER BY id')
    expect(ids == list(range(ids[0], ids[0] + len(ids))), 'messages are missing')
    expect(len(ids) == (written - 7 + 2) // 3, f'{len(ids)} messages of {written} events')
    refused(['--attach', str(pid)], 'not there')
    refused(['--attach', trace], 'no longer in memory')


def a_recorder_dies_before_its_program_begins(folder):
    """Who goes on waits for a program that has not written anything yet."""
    trace = folder / 'early.db'
    script = f'until [ -e {folder}/go ]; do sleep 0.01; done; exec {Recorder.program} talk 5'
    first = Recorder('-o', trace, '--', 'sh', '-c', script)
    children = pathlib.Path(f'/proc/{first.process.pid}/task/{first.process.pid}/children')
    until(children.read_text, 'it starts')
    name = pathlib.Path(f'/proc/{children.read_text().split()[0]}/comm')
    until(lambda: name.read_text() != pathlib.Path(f'/proc/{first.process.pid}/comm').read_text(), 'it is sh')
    first.kill()
    second = Recorder('--attach', trace)
    (folder / 'go').touch()
    code, said = second.end()
    expect(code == 0 and 'nothing lost' in said, f'exit {code}: {said}')
    messages = query(trace, 'SELECT id FROM message')
    expect(len(messages) == 5, f'there are {len(messages)} messages: {said}')


def allowed_program(folder):
    """Recorded for a while, left alone, and recorded again into the same file."""
    trace = folder / 'allowed.db'
    program = subprocess.Popen([Recorder.program, 'flood'], env=dict(os.environ, ACTORSCOPE='allow'))
    try:
        session = f'actorscope-{os.geteuid()}-{program.pid}-*/ring-0'
        until(lambda: list(pathlib.Path('/dev/shm').glob(session)), 'it makes a session')
        stored = 0
        for attach in (['-o', trace, '--attach', str(program.pid)], ['--attach', trace]):
            recorder = Recorder(*attach)
            until(lambda: sum(query(trace, 'SELECT count FROM segment')) > stored + 10000, 'it records')
            recorder.process.send_signal(signal.SIGINT)
            code, said = recorder.end()
            expect(code == 0 and 'goes on unrecorded' in said, f'exit {code}: {said}')
            expect(program.poll() is None, 'the program ended with its recorder')
            stored = sum(query(trace, 'SELECT count FROM segment'))
            expect(meta(trace, 'events') == stored, 'the accounts are wrong')
            expect((meta(trace, 'closed'), meta(trace, 'complete')) == (1, 0), 'gaps are not told')
            expect(meta(trace, 'lost') > 0, 'nothing is lost?')
            expect(query(trace, 'SELECT name FROM actor WHERE id > 0') == ['ann', 'ben'],
                   'the actors have no names')
        refused(['-o', folder / 'other.db', '--attach', str(program.pid)], 'has the beginning')
    finally:
        program.kill()
        program.wait()


def a_program_removes_what_it_allowed(folder):
    program = subprocess.Popen([Recorder.program, 'talk', '1'], env=dict(os.environ, ACTORSCOPE='allow'))
    expect(program.wait(60) == 7, 'it did not run')
    left = [path for path in pathlib.Path('/dev/shm').iterdir()
            if str(path).startswith(f'/dev/shm/actorscope-{os.geteuid()}-{program.pid}-')]
    expect(not left, f'it left {left}')


def main(actorscope, program):
    Recorder.actorscope, Recorder.program = actorscope, program
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name).resolve()
        killed_recorders(folder)
        a_recorder_dies_before_its_program_begins(folder)
        allowed_program(folder)
        a_program_removes_what_it_allowed(folder)
        refused(['--attach', 'nonsense'], 'nonsense')
        refused(['--sync=soon', '--', 'true'], 'number of seconds')
        refused(['--attach', '1'], 'ACTORSCOPE=allow')
        refused(['--attach', str(os.getpid()), '--', 'true'], 'none to start')


if __name__ == '__main__':
    main(sys.argv[1], sys.argv[2])
