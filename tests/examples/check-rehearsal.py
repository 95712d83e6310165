#!/usr/bin/env python3
"""The chat without a socket: a seed hangs the room, in one and the same way, and `check` says of it what
it says of a recording of the real server (docs/chat.md), and that the guest's sleep holds up the stage.

usage: check-rehearsal.py ACTORSCOPE CHAT-REHEARSAL
"""
import pathlib
import sys
import tempfile

from seeded import check, first_difference, record

SEED = 7
# What is played, what is printed in the end, and what check finds.
PLAYS = [
    ('hang', 'late got no answer', [('deadlock', ['lobby', 'slow']), ('stall', ['slow'])]),
    ('hang --backpressure=drop-slow', 'late was let in', [('stall', ['slow'])]),
    ('friendly', 'all of it was heard', [('potential-deadlock', ['ann', 'lobby'])]),
    ('friendly --backpressure=drop-slow', 'all of it was heard', []),
]


def main(actorscope, rehearsal):
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        trace = pathlib.Path(name) / 'trace.db'
        for play, words, expected in PLAYS:
            run = record(actorscope, f'{rehearsal} {play}', SEED, trace)
            found = [(f['code'], sorted(f['actors'])) for f in check(actorscope, trace)]
            again = record(actorscope, f'{rehearsal} {play}', SEED, trace)
            why = ''
            if words not in run[0]:
                why = f'printed {run[0]}'
            elif found != expected:
                why = f'check says {found}'
            elif again != run:
                why = f'ran in two ways, {first_difference(run, again)}'
            if why:
                wrong += 1
                print(f'{play}: {why}')
    print(f'{len(PLAYS)} rehearsals, {wrong} wrong')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2]))
