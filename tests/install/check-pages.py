#!/usr/bin/env python3
"""Checks the manual pages: every verb has one, none is empty, and groff has nothing to say.

usage: check-pages.py ACTORSCOPE PAGE...
"""
import pathlib
import re
import shutil
import subprocess
import sys

PARTS = {'1': ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'SEE ALSO'], '3': ['NAME', 'SYNOPSIS', 'SEE ALSO']}


def complaints(page):
    text = page.read_text()
    for part in PARTS[page.suffix[1:]]:
        if f'.SH {part}\n' not in text:
            yield f'has no {part}'
    if re.search(r'__\w+\(|__attribute__|/\*\s*private\s*\*/$', text, re.MULTILINE):
        yield 'shows what is private'
    if shutil.which('groff'):
        run = subprocess.run(['groff', '-man', '-Tutf8', '-ww', '-z', page], capture_output=True, text=True)
        if run.returncode or run.stderr:
            yield run.stderr


def main(actorscope, pages):
    text = subprocess.run([actorscope, '--help'], capture_output=True, text=True, check=True).stdout
    verbs = re.findall(r'^  ([a-z]+) {2,}\S', text, re.MULTILINE)
    wrong = [f'actorscope {verb} has no page' for verb in verbs
             if not any(page.name == f'actorscope-{verb}.1' for page in pages)]
    wrong += [f'{page.name}: {what}' for page in pages for what in complaints(page)]
    print('\n'.join(wrong))
    print(f'{len(pages)} pages, {len(verbs)} verbs, {len(wrong)} wrong')
    return 1 if wrong or not pages or not verbs else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1], [pathlib.Path(page) for page in sys.argv[2:]]))
