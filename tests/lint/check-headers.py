#!/usr/bin/env python3
"""Compiles each header by itself: all as C11, those that users include also as C++17."""
import pathlib
import subprocess
import sys

COMMON = ['-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-D_GNU_SOURCE']


def compiles(command, header, root):
    flags = ['-I', str(root), '-I', str(root / 'runtime/include'), '-I', str(root / 'viewer')]
    run = subprocess.run(command + COMMON + flags + [str(header)], capture_output=True, text=True)
    if run.returncode:
        print(f'{header.relative_to(root)} does not stand alone:\n{run.stderr}')
    return run.returncode == 0


def main(root):
    good = True
    public = sorted((root / 'runtime/include/act').glob('*.h'))
    event = [root / 'tracer/event' / name for name in ('event.h', 'payload.h', 'ring.h', 'session.h')]
    others = [h for part in ('tracer', 'runtime') for h in sorted((root / part).rglob('*.h'))
              if h not in event and h not in public]
    for header in public:
        good &= compiles(['gcc', '-std=gnu11', '-x', 'c'], header, root)
        good &= compiles(['g++', '-std=gnu++17', '-x', 'c++'], header, root)
    for header in event:
        good &= compiles(['gcc', '-std=c11', '-x', 'c'], header, root)
        good &= compiles(['g++', '-std=c++17', '-x', 'c++'], header, root)
    for header in others:
        good &= compiles(['gcc', '-std=gnu11', '-x', 'c'], header, root)
    print(f'{len(public) + len(event) + len(others)} headers compiled')
    return 0 if good and public and event else 1


if __name__ == '__main__':
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
