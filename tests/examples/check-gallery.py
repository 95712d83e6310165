#!/usr/bin/env python3
"""Records each program of the gallery with many seeds and compares what check says with the truth.

A run that locks up is ended by the runtime, which sees in seeded mode that nothing can happen any more.
Alarms during the recording must be of the very deadlocks that check finds afterwards. A program that ends
some milliseconds after it locked up, as these do, may be gone before the alarm, which looks twice.

GALLERY_SEEDS in the environment is the number of seeds, 20 without it. With --markdown it prints the
table of docs/deadlocks.md (./run gallery).

usage: check-gallery.py [--markdown] ACTORSCOPE FOLDER
"""
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# What runs that pass and runs that lock up must get: None for programs that cannot do it. Findings
# are joined by "+"; "deadlock A B" names the core.
LIKELY, NOTHING = {'likely'}, {'nothing'}
TABLE = {
    't01': (None, {'deadlock A'}),
    't02': (LIKELY, {'deadlock A B'}),
    't03': (NOTHING, None),
    't03b': (LIKELY, {'deadlock A B'}),
    't03c': (LIKELY, {'deadlock A B'}),
    't04': (NOTHING, None),
    't05': (LIKELY, {'deadlock A B'}),
    't06': (None, {'deadlock A B'}),
    't07': (NOTHING, None),
    't07b': ({'possible'}, {'deadlock A B'}),
    't08': (LIKELY, {'deadlock A B C'}),
    't08-control': (NOTHING, None),
    't09': (LIKELY, {'deadlock A B'}),
    't10': (NOTHING, None),
    't11': (NOTHING, None),
    't12': ({'possible'}, {'deadlock A B'}),
    't13': (NOTHING, None),
    't14': ({'deadline-cycle'}, None),
    't15': (NOTHING, None),
    't16': (None, {'deadlock A B C'}),
    't17': (NOTHING, None),
    't18': (None, {'deadlock A C'}),
    't19': (None, {'orphan-wait A'}),
    # Only what B remembers keeps it from locking up, and that is in no trace.
    't20': ({'likely', 'nothing'}, None),
    # Without a philosopher who had to wait for a fork, nothing shows that forks keep anybody waiting.
    't21': ({'likely', 'nothing'}, {'deadlock A B C fork-2 fork-3 fork-4'}),
    't21-control': (NOTHING, None),
    't22': (LIKELY, {'deadlock A B C'}),
    't22-control': (NOTHING, None),
    't23': ({'kind-cycle'}, None),
    't23-control': (NOTHING, None),
    # As the coins fall; what runs in which all ask the same way have together stands below.
    't24': ({'likely', 'nothing'}, {'deadlock A B'}),
    't24-control': (NOTHING, None),
}

# These warn of what programs are like, and do not say that they can lock up.
HAZARDS = {'deadline-cycle', 'kind-cycle'}

# Of two runs that got nothing, in one of which A asked and in the other B; two that are alike get nothing.
TOGETHER = {'t24': 'possible', 't24-control': 'nothing'}


def verdict(finding):
    if finding['verdict'] == 'certain':
        return ' '.join([finding['code'], *sorted(finding['actors'])])
    return finding['rank'] or finding['code']


ALARM = re.compile(r'^actorscope: deadlock  certain.*\[([0-9a-f]{16})\]$', re.MULTILINE)


def record(actorscope, program, seed, trace):
    """Whether the program locked up: a run with a seed then ends, and says so. And the alarms."""
    run = subprocess.run([actorscope, 'record', '--force', '-o', trace, '--', program, '--seed', str(seed)],
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    stuck = 'nothing can happen any more' in run.stdout
    if run.returncode != (1 if stuck else 0):
        sys.exit(f'{program} --seed {seed}: exit {run.returncode}\n{run.stdout}')
    return stuck, set(ALARM.findall(run.stdout))


def check(actorscope, *traces):
    run = subprocess.run([actorscope, 'check', '--json', *traces], capture_output=True, text=True, timeout=60)
    if run.returncode > 1:
        sys.exit(f'check: exit {run.returncode}\n{run.stderr}')
    findings = json.loads(run.stdout)['findings']
    text = '+'.join(sorted(map(verdict, findings))) or 'nothing'
    return text, {finding['fingerprint'] for finding in findings if finding['code'] == 'deadlock'}


def who_asked(actorscope, trace):
    run = subprocess.run([actorscope, 'sql', '--csv', trace, "SELECT sender FROM message WHERE type = 'Ping'"],
                         capture_output=True, text=True, check=True, timeout=60)
    return run.stdout.split()[1]


class Row:
    """What the runs of one program got: of those that passed, and of those that locked up."""

    def __init__(self, name, expected):
        self.name, self.expected = name, expected
        self.got = [collections.Counter(), collections.Counter()]
        self.phantoms = self.silent = 0  # runs with an alarm and no such deadlock, and without the alarm
        self.kept = {}  # the first run without a finding, by who asked
        self.pairs = collections.Counter()  # what two runs got: (alike, text)

    def wrong(self):
        pairs = sum(count for (alike, text), count in self.pairs.items()
                    if text != ('nothing' if alike else TOGETHER[self.name]))
        return pairs + sum(count for got, expected in zip(self.got, self.expected)
                   for text, count in got.items() if text not in (expected or ()))

    def false(self):
        """Findings of runs of programs that cannot lock up."""
        return sum(count for text, count in self.got[0].items()
                   if self.expected[1] is None and text not in ('nothing', *HAZARDS))

    def missed(self):
        """Runs of programs that can, without a finding."""
        return sum(got['nothing'] for got in self.got if self.expected[1] is not None)

    def can(self):
        return 'never' if self.expected[1] is None else 'always' if self.expected[0] is None else 'sometimes'

    def try_together(self, actorscope, trace):
        who = who_asked(actorscope, trace)
        for other, kept in self.kept.items():
            self.pairs[who == other, check(actorscope, kept, trace)[0]] += 1
        if who not in self.kept:
            self.kept[who] = shutil.copy(trace, trace.with_name(f'{self.name}-{who.strip(chr(34))}.db'))


def try_program(actorscope, folder, row, seeds, trace):
    for seed in range(1, seeds + 1):
        stuck, alarms = record(actorscope, str(pathlib.Path(folder) / row.name), seed, trace)
        text, deadlocks = check(actorscope, trace)
        row.got[stuck][text] += 1
        row.phantoms += bool(alarms - deadlocks)
        row.silent += bool(deadlocks - alarms)
        if row.name in TOGETHER and text == 'nothing':
            row.try_together(actorscope, trace)


def told(got, form):
    return ', '.join(form.format(text, count) for text, count in got.most_common())


def told_of_pairs(row):
    return ', '.join(f'{"alike" if alike else "different"} {text} {count}'
                     for (alike, text), count in sorted(row.pairs.items()))


def print_text(row):
    bad = row.wrong() or row.phantoms
    print(f'{row.name:12} passed: {told(row.got[0], "{} ({})") or "-":40} '
          f'hung: {told(row.got[1], "{} ({})") or "-"}{"  WRONG" if bad else ""}'
          f'{f", {row.phantoms} false alarms" if row.phantoms else ""}'
          f'{f", {row.silent} ended before the alarm" if row.silent else ""}'
          f'{f"; two runs: {told_of_pairs(row)}" if row.pairs else ""}',
          flush=True)


def print_markdown(row):
    print(f'| {row.name} | {row.can()} | {told(row.got[0], "{} {}")} | {told(row.got[1], "{} {}")} |', flush=True)


def main(arguments):
    markdown = arguments[:1] == ['--markdown']
    actorscope, folder = arguments[markdown:]
    seeds = int(os.environ.get('GALLERY_SEEDS', '20'))
    rows = [Row(name, expected) for name, expected in TABLE.items()]
    if markdown:
        print('| program | can lock up | runs that passed | runs that locked up |\n|---|---|---|---|')
    with tempfile.TemporaryDirectory() as name:
        for row in rows:
            try_program(actorscope, folder, row, seeds, pathlib.Path(name) / 'trace.db')
            (print_markdown if markdown else print_text)(row)

    def total(count):
        return sum(map(count, rows))

    for row in rows:
        if row.pairs:
            print(f'\n{row.name}, two runs without a finding: {told_of_pairs(row)}')
    hung = total(lambda row: row.got[1].total())
    print(f'\n{len(rows) * seeds} runs, seeds 1 to {seeds} of each program, {hung} locked up. Of programs that cannot, '
          f'{total(Row.false)} runs got a finding; of those that can, {total(Row.missed)} got none. '
          f'{total(Row.wrong)} verdicts or cores were not those of the table; '
          f'{total(lambda row: row.phantoms)} runs had a false alarm, {total(lambda row: row.silent)} ended before the alarm.')
    return 1 if total(lambda row: row.wrong() + row.phantoms) or not seeds else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
