"""What the scenarios of the soak work with: a folder, a recorder to start, questions to the trace."""
import os
import random
import resource
import signal
import sqlite3
import subprocess
import time

SCENARIOS = []


def scenario(figure, target, often=1):
    """A scenario counts what it has done as `figure`; `target` is how often the fault table wants it. It is
    run so often in each round of a soak."""
    def keep(function):
        SCENARIOS.append((function, figure, target, often))
        return function
    return keep


class Broken(Exception):
    """A promise was not kept."""


def expect(holds, text):
    if not holds:
        raise Broken(text)


class Bench:
    def __init__(self, actorscope, program, fault, folder, quick):
        self.actorscope, self.program, self.fault, self.folder = actorscope, program, fault, folder
        self.trace, self.mark, self.kept = folder / 't.db', folder / 'mark', folder / 'kept'
        self.quick = quick      # a test, not a soak
        self.figures = {}       # name -> how often
        self.highest = {}       # name -> the highest number seen
        self.answers = {}       # of readers, when nothing was wrong

    def clean(self):
        for path in self.folder.iterdir():
            if not path.is_dir():
                path.unlink()

    def count(self, name, number=1):
        self.figures[name] = self.figures.get(name, 0) + number

    def note(self, name, number):
        self.highest[name] = max(self.highest.get(name, 0), number)

    # --- processes

    def start(self, *arguments, fault=None, limit=None, **options):
        """actorscope, with a fault and a limit on its files' size."""
        environment = dict(os.environ)
        if fault:
            # What is used after it was freed, or before it was written, is not what was there.
            environment.update(LD_PRELOAD=str(self.fault), FAULT=fault, MALLOC_PERTURB_='165')

        def narrow():
            if limit:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))

        options.setdefault('stderr', subprocess.PIPE)
        return subprocess.Popen([self.actorscope, *map(str, arguments)], env=environment, preexec_fn=narrow,
                                text=True, errors='replace', **options)

    def record(self, *arguments, fault=None, limit=None, options=()):
        return self.start('record', '-o', self.trace, *options, '--', self.program, *arguments, fault=fault,
                          limit=limit)

    def attach(self, what):
        return self.start('record', '--attach', what)

    def end(self, recorder, codes):
        said = recorder.communicate(timeout=300)[1]
        expect(recorder.returncode in codes, f'the recorder ended with {recorder.returncode}: {said}')
        self.check_said(said)
        return said

    def check_said(self, said):
        expect('Sanitizer' not in said and 'runtime error' not in said, said[-2000:])

    def child(self, recorder):
        """The process that a recorder has started; 0 when it has ended without."""
        children = f'/proc/{recorder.pid}/task/{recorder.pid}/children'
        while recorder.poll() is None:
            try:
                with open(children) as file:
                    text = file.read()
                if text:
                    return int(text.split()[0])
            except OSError:
                pass
        return 0

    def read(self, *arguments, fault=None, timeout=60):
        """A reader's exit status, and what it says. No reader may crash, whatever the file is."""
        process = self.start(*arguments, fault=fault, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        try:
            out, said = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise Broken(f'{arguments}: it takes too long') from None
        expect(process.returncode in (0, 1, 2), f'{arguments}: exit {process.returncode}: {said[-2000:]}')
        self.check_said(said)
        return process.returncode, out, said

    # --- the trace

    def query(self, sql):
        try:
            with sqlite3.connect(f'file:{self.trace}?mode=ro', uri=True, timeout=30) as db:
                return db.execute(sql).fetchall()
        except sqlite3.Error:
            return []

    def one(self, sql, default=0):
        rows = self.query(sql)
        return rows[0][0] if rows and rows[0][0] is not None else default

    def meta(self, key):
        return self.one(f"SELECT value FROM meta WHERE key = '{key}'")

    def until_segments(self, count, recorder):
        """Waits until there are so many; the number of the recorded process, 0 when all is over."""
        while self.one('SELECT count(*) FROM segment') < count:
            if recorder.poll() is not None:
                return 0
            time.sleep(0.002)
        return self.one('SELECT pid FROM ring')

    def check(self, complete):
        """The file itself and its accounts."""
        expect(self.one('PRAGMA integrity_check', '') == 'ok', 'the file is damaged')
        events = self.one('SELECT sum(count) FROM segment')
        expect(events == self.meta('events'), f'{events} events, but {self.meta("events")} are told')
        expect(events == self.one('SELECT sum(stored) FROM ring'), 'the rings tell another number')
        if complete:
            expect(self.meta('closed') == 1 and self.meta('complete') == 1, 'it is not complete')
        if self.meta('complete') == 1:
            expect(self.one('SELECT count(*) FROM ring WHERE written != stored OR lost > 0 OR corrupt > 0') == 0,
                   'it is not complete, but says so')
        self.count('events', events)
        return events

    def check_flood(self, complete):
        """The flood's messages, of which none may be missing in the middle."""
        events = self.check(complete)
        if self.meta('closed') == 1:
            expect(self.meta('rows_behind') == 0, 'rows are missing')
        first, last, count = self.query('SELECT min(id), max(id), count(*) FROM message')[0]
        if self.meta('closed') == 1 and count and self.meta('lost') == 0:
            expect(last - first + 1 == count, f'{last - first + 1 - count} messages are missing')
            expect(count == (events - 7 + 2) // 3, f'{count} messages in {events} events')
        return events


def a_moment(seconds):
    time.sleep(random.random() * seconds)


def kill(pid):
    """False when it has ended already."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


# 7 definitions and spawns, 3 events a message, and the LOST ones themselves
def check_accounts(bench, messages):
    stored, lost = bench.meta('events'), bench.meta('lost')
    told = 7 + 3 * messages - lost
    expect(told <= stored <= told + lost, f'{stored} stored and {lost} lost of {7 + 3 * messages}')
    expect(lost > 0 or stored == 7 + 3 * messages, 'events are neither stored nor lost')
    return lost
