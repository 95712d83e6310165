#!/usr/bin/env python3
"""Records each program several times: the same seed must give the same trace, event for event.

Times and numbers of actors, messages and tokens are compared, too: in seeded mode the clock is
virtual. Of examples, other seeds must give other orders, or else the seed would do nothing; and `check`
must find nothing: a false alarm is a defect. Programs after a "--" may lock up.

usage: check-seeds.py ACTORSCOPE EXAMPLE... [-- PROGRAM...]     (each may have arguments)
"""
import json
import pathlib
import sys
import tempfile

from seeded import check, first_difference, record


def repeats_itself(actorscope, program, trace, may_lock_up):
    """The run with seed 7, or None when there are two of them."""
    first, second = (record(actorscope, program, 7, trace, may_lock_up) for _ in range(2))
    kinds = {json.loads(line)['event'] for line in first[1]}
    if not {'spawn', 'start', 'send'} <= kinds:
        print(f'{program}: only {sorted(kinds)} were recorded')
        return None
    if first != second:
        print(f'{program}, seed 7, ran in two ways, {first_difference(first, second)}')
        return None
    return first


def main(actorscope, programs):
    cut = programs.index('--') if '--' in programs else len(programs)
    examples, others = programs[:cut], programs[cut + 1:]
    same = different = alarms = 0
    with tempfile.TemporaryDirectory() as name:
        trace = pathlib.Path(name) / 'trace.db'
        for example in examples:
            run = repeats_itself(actorscope, example, trace, False)
            findings = check(actorscope, trace)
            if findings:
                alarms += 1
                print(f'{example}, seed 7: check says {findings}')
            same += run is not None
            different += any(record(actorscope, example, seed, trace) != run for seed in (8, 9))
        same += sum(repeats_itself(actorscope, program, trace, True) is not None for program in others)
    count = len(examples) + len(others)
    print(f'{same} of {count} programs repeat themselves; of {len(examples)} examples, '
          f'{different} run otherwise with other seeds; {alarms} false alarms')
    return 0 if same == count and different > len(examples) // 2 and not alarms else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], sys.argv[2:]))
