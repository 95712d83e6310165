#!/usr/bin/env python3
"""Completes command lines as a user at a prompt would.

usage: check-completion.py BASH-SCRIPT ZSH-SCRIPT
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

# A line that ends at the cursor, words of which some must be offered, and one that must not be.
LINES = [
    ('actorscope |', ['record', 'check', 'stats', 'merge'], '--json'),
    ('actorscope st|', ['stats'], 'check'),
    ('actorscope stats --|', ['--json', '--from', '--slowest', '--help'], '--format'),
    ('actorscope export --format |', ['chrome', 'otlp', 'shiviz'], 'json'),
    ('actorscope check --format |', ['sarif', 'markdown'], 'chrome'),
    ('actorscope check --fail-on dead|', ['deadlock', 'deadline-cycle'], 'stall'),
    ('actorscope record --on-full = |', ['wait', 'drop'], 'auto'),
    ('actorscope record -|', ['-o', '--output', '--force'], '--json'),
    ('actorscope check tra|', ['trace.db'], 'other.txt'),
    ('actorscope merge -o |', ['trace.db', 'other.txt'], '--force'),
]


def complete(script, words, folder):
    line = ' '.join(f"'{word}'" for word in words)
    program = (f'source "$1"; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _actorscope; '
               'printf "%s\\n" "${COMPREPLY[@]}"')
    return subprocess.run(['bash', '-c', program, 'bash', script], cwd=folder, capture_output=True, text=True,
                          check=True).stdout.split()


def main(bash_script, zsh_script):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file in ('trace.db', 'other.txt'):
            (folder / file).touch()
        for line, wanted, unwanted in LINES:
            offered = complete(bash_script, line.split('|')[0].split(' '), folder)
            if not set(wanted) <= set(offered) or unwanted in offered:
                sys.exit(f'{line} offers {offered}')
    if shutil.which('zsh'):
        subprocess.run(['zsh', '-n', zsh_script], check=True)
    else:
        print('no zsh: its script is not checked')
    print(f'{len(LINES)} lines completed')


if __name__ == '__main__':
    main(*(pathlib.Path(argument).resolve() for argument in sys.argv[1:]))
