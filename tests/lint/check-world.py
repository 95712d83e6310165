#!/usr/bin/env python3
"""Checks that what is not deterministic enters the runtime in one place.

Clock reads, random numbers and libuv calls stand in runtime/world-uv.c, and libuv's handles of sockets
in runtime/net/; anywhere else in runtime/ they would escape the seeded mode.
"""
import pathlib
import re
import sys

FORBIDDEN = re.compile(r'\b(uv_[a-z_]+\s*\(|clock_gettime|gettimeofday|time\s*\(\s*NULL|getrandom|rand\s*\(|random\s*\(|nanosleep|usleep)')


def main(root):
    wrong = []
    files = [f for f in sorted((root / 'runtime').rglob('*.[ch]'))]
    for path in files:
        name = str(path.relative_to(root))
        if name == 'runtime/world-uv.c' or name.startswith('runtime/net/'):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            code = re.sub(r'/\*.*?\*/', '', line)
            if re.match(r'\s*(\*|/\*|//)', code):
                continue
            found = FORBIDDEN.search(code)
            if found:
                wrong.append(f'{name}:{number}: {found[0].strip()} belongs behind runtime/world.h')
    print('\n'.join(wrong))
    print(f'{len(files)} files checked, {len(wrong)} wrong')
    return 1 if wrong or not files else 0


if __name__ == '__main__':
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
