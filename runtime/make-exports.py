#!/usr/bin/env python3
"""Prints a linker's version script: what the public headers declare is exported, and no more.

usage: make-exports.py HEADER...
"""
import pathlib
import re
import sys


def declared(text):
    text = re.sub(r'/\*.*?\*/', '', text, flags=re.DOTALL)
    text = re.sub(r'^[ \t]*#.*?(?<!\\)$', '', text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r'\bstatic inline\b.*?^}', '', text, flags=re.DOTALL | re.MULTILINE)
    functions = set(re.findall(r'\b(act_\w+)\s*\(', text))
    messages = re.findall(r'^ACT_(?:MESSAGE|SIGNAL)\((\w+)', text, flags=re.MULTILINE)
    return functions | {message + end for message in messages for end in ('_type', '_trace_number')}


def main(headers):
    names = sorted(set().union(*(declared(pathlib.Path(header).read_text()) for header in headers)))
    print('{\n\tglobal:')
    for name in names:
        print(f'\t\t{name};')
    print('\tlocal:\n\t\t*;\n};')


if __name__ == '__main__':
    main(sys.argv[1:])
