#!/usr/bin/env python3
"""Real faults on real recordings, again and again, and an account of what came of them.

Each scenario does one thing to a program, its recorder or its file, and then checks the promises: every
event that was written is stored or counted as lost, nothing is there twice, nothing crashes, and the file
says whether it is whole.

usage: soak.py ACTORSCOPE PROGRAM FAULT.so             each scenario once, shortly
       soak.py ACTORSCOPE PROGRAM FAULT.so SECONDS     all in turn, for so long
       soak.py ACTORSCOPE PROGRAM FAULT.so table       all in turn, each as often as the fault table wants it

SOAK_SEED repeats the random numbers of a run, SOAK_ONLY picks scenarios by parts of their names, with commas between.
"""
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from bench import Bench, Broken, SCENARIOS
import killed, refused, storms, damaged  # noqa: E401, F401 (they tell their scenarios)


class Soak:
    def __init__(self, bench, seed):
        self.bench, self.seed, self.rounds, self.broken = bench, seed, 0, 0
        self.started = time.monotonic()

    def run(self, function):
        try:
            function(self.bench)
        except (Broken, subprocess.TimeoutExpired) as problem:
            self.broken += 1
            print(f'BROKEN {function.__name__} (seed {self.seed}, round {self.rounds}): {problem}', flush=True)
        self.bench.clean()

    def round(self, scenarios):
        for function, _, _, often in scenarios:
            for _ in range(1 if self.bench.quick else often):
                self.run(function)
        self.rounds += 1

    def left(self, scenarios):
        return [entry for entry in scenarios if self.bench.figures.get(entry[1], 0) < entry[2]]

    def report(self, scenarios):
        wanted = {figure: target for _, figure, target, _ in scenarios}
        for figure, number in self.bench.figures.items():
            of = f' of {wanted[figure]:,}' if figure in wanted else ''
            print(f'{number:>14,}{of:<11}  {figure}')
        for figure, number in self.bench.highest.items():
            print(f'{number:>14,}{"":<11}  {figure}')
        print(f'{self.rounds} rounds in {time.monotonic() - self.started:.0f} s, {self.broken} promises broken',
              flush=True)


def main(actorscope, program, fault, until=None):
    seed = int(os.environ.get('SOAK_SEED', '0')) or random.randrange(1 << 32)
    random.seed(seed)
    wanted = os.environ.get('SOAK_ONLY', '').split(',')
    scenarios = [entry for entry in SCENARIOS if any(part in entry[0].__name__ for part in wanted)]
    with tempfile.TemporaryDirectory() as name:
        soak = Soak(Bench(actorscope, program, fault, pathlib.Path(name).resolve(), quick=until is None), seed)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            if until == 'table':
                while soak.left(scenarios):
                    soak.round(soak.left(scenarios))
                    if soak.rounds % 10 == 0:
                        soak.report(scenarios)
            else:
                soak.round(scenarios)
                while until and time.monotonic() - soak.started < float(until):
                    soak.round(scenarios)
        except KeyboardInterrupt:
            print('interrupted')
        soak.report(scenarios)
    return 1 if soak.broken else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
