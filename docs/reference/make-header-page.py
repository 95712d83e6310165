#!/usr/bin/env python3
"""Makes the manual page of a public header from its comments.

A header opens with a comment "name.h - what it is for", goes on with declarations, each under its
comment, and ends with what follows the comment "private". Bodies of macros are left out.

usage: make-header-page.py HEADER NAME INCLUDE PACKAGE VERSION
"""
import pathlib
import re
import sys

import roff

SKIPPED = re.compile(r'#\s*(include|if|ifdef|ifndef|else|endif|undef|pragma)\b|extern "C" \{$')


def strip_comment(lines):
    """The text of a comment's lines, without its marks."""
    text = [re.sub(r'^\s*/?\*+/? ?', '', re.sub(r'\s*\*/\s*$', '', line)) for line in lines]
    while text and not text[0].strip():
        text.pop(0)
    return text


def read_items(lines):
    """Splits a header: (comment, declaration) lines. Blank lines end an item outside of braces."""
    items, comment, code = [], [], []
    inside, depth = False, 0

    def close():
        nonlocal comment, code
        if comment or code:
            items.append((strip_comment(comment), code))
        comment, code = [], []

    for line in lines:
        if inside or (depth == 0 and line.startswith('/*')):
            if not inside and (code or comment):
                close()
            comment.append(line)
            inside = '*/' not in line
        elif depth == 0 and not line.strip():
            close()
        elif not SKIPPED.match(line) and line != '}':
            code.append(line)
            depth += line.count('{') - line.count('}') if '#define' not in line else 0
    close()
    return items


def is_guard(line):
    return re.match(r'#define [A-Z_]+_H$', line)


def table_of(macro):
    """X(NAME, number, "text") lines of a list macro as (name, text)."""
    return [(name, ' '.join(re.findall(r'"((?:[^"\\]|\\.)*)"', rest)))
            for name, rest in re.findall(r'\bX\((\w+),?(.*?)\)\s*\\?$', macro, re.MULTILINE)]


def split_macros(lines):
    """Declarations, a list of lines each; a macro with its continued lines is one."""
    parts, part, depth, macro = [], [], 0, False
    for line in lines:
        starts = depth == 0 and line.startswith('#define')
        ended = macro and not part[-1].endswith('\\')
        if starts or ended:
            parts.append(part)
            part, macro = [], starts
        part.append(line)
        depth += 0 if macro else line.count('{') - line.count('}')
    return [part for part in parts + [part] if part and not is_guard(part[0])]


def show_macro(lines):
    match = re.match(r'#define (\w+\([^)]*\))', lines[0])
    if not match:
        return lines if len(lines) == 1 else [lines[0].rstrip('\\ ')]
    return [match[1]]


def show_declaration(lines):
    text = '\n'.join(lines)
    inline = re.match(r'(static inline .*?)\s*^\{', text, re.DOTALL | re.MULTILINE)
    text = inline[1] + ';' if inline else text
    text = re.sub(r'^\s*#.*\n', '', text, flags=re.MULTILINE)
    text = re.sub(r'\s*\{\s*[A-Z_]+\([A-Za-z_]+\)\s*\};', ';', text)
    text = re.sub(r'\s*\n?\s*__attribute__\(\(.*?\)\)\)', '', text)
    return text.split('\n')


def show(code):
    tables, signatures = [], []
    for part in split_macros(code):
        table = table_of('\n'.join(part)) if part[0].startswith('#define') else []
        for name, text in table:
            tables += ['.TP', f'.B {roff.escape(name)}', roff.escape(text or name)]
        if not table:
            signatures += show_macro(part) if part[0].startswith('#define') else show_declaration(part)
    return tables + (roff.signature(signatures) if signatures else [])


def names_of(items):
    names = []
    for _, code in items:
        for part in split_macros(code):
            text = re.sub(r'/\*.*?\*/', '', '\n'.join(part), flags=re.DOTALL)
            macro = re.match(r'#define ((?:act|trc)_\w+)\(', text)
            found = [macro[1]] if macro else [] if text.startswith('#') else re.findall(
                r'^(?!\s)[^(;{=]*?\b((?:act|trc)_\w+)\(', text, re.MULTILINE)
            names += [name for name in found if name not in names]
    return names


def make_page(header, name, include, package, version):
    items = read_items(header.read_text().splitlines())
    title, *about = items.pop(0)[0]
    match = re.match(r'\S+ - (.+)', title)
    if not match:
        sys.exit(f'{header}: its first comment does not say "{header.name} - what it is for"')
    private = next((i for i, (comment, _) in enumerate(items) if comment[:1] == ['private']), len(items))
    items = items[:private]
    names = [name] + [other for other in names_of(items) if other != name]
    page = [roff.header(name, 3, version, 'Actors in C'),
            '.SH NAME', f'{roff.escape(", ".join(names))} \\- {roff.escape(match[1])}',
            '.SH SYNOPSIS', '.nf', f'\\fB#include <{roff.escape(include)}>\\fR', '',
            f'cc ... $(pkg\\-config \\-\\-cflags \\-\\-libs {roff.escape(package)})', '.fi',
            *(['.SH DESCRIPTION', *roff.prose(about)] if any(about) else [])]
    body = []
    for comment, code in items:
        section = re.match(r'-{3} (.*?) -{3,}', comment[0]) if comment else None
        if section:
            body += [f'.SS {roff.escape(section[1].capitalize())}', *roff.prose(comment[1:])]
            continue
        shown = show(code)
        if shown and comment:
            body += [*shown, '.RS 4', *roff.prose(comment), '.RE']
        else:
            body += shown or roff.prose(comment)
    if body:
        page += ['.SH DECLARATIONS', *body]
    return '\n'.join([*page, '.SH SEE ALSO', '.BR act (3),', '.BR actorscope (1)']) + '\n'


if __name__ == '__main__':
    sys.stdout.write(make_page(pathlib.Path(sys.argv[1]), *sys.argv[2:]))
