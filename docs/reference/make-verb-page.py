#!/usr/bin/env python3
"""Makes the manual page of the command, or of one of its verbs, from its --help.

usage: make-verb-page.py VERSION ACTORSCOPE [VERB]
"""
import re
import subprocess
import sys

import roff


def help_of(*command):
    return subprocess.run([*command, '--help'], capture_output=True, text=True, check=True).stdout.rstrip()


def verbs_of(text):
    return dict(re.findall(r'^  ([a-z]+) {2,}(\S.*)$', text, re.MULTILINE))


def definitions(block):
    """A list of options or verbs: a name, two spaces or more, and what it does."""
    page, column = [], None
    for line in block:
        match = re.match(r' +(\S(?:.*?\S)??)(?: {2,}(\S.*))?$', line)
        if column and line[:column].strip() == '':
            page.append(roff.escape(line.strip()))
            continue
        column = match.start(2) if match[2] else column
        page += ['.TP', f'.B {roff.escape(match[1])}', roff.escape(match[2] or '')]
    return page


def section(block, title_of_list):
    first = block[0]
    titled = re.match(r'(Usage|Exit status|Examples?): *(.*)', first)
    if titled and titled[1] == 'Usage':
        uses = [re.sub(r'^(Usage:| +)\s*', '', line) for line in block]
        return ['.SH SYNOPSIS', *roff.signature(uses)]
    if titled and titled[1].startswith('Example'):
        return ['.SH EXAMPLES', *roff.code(roff.outdent(block[1:]))]
    if titled:
        return ['.SH EXIT STATUS', *roff.prose([titled[2], *block[1:]])]
    if first.startswith('  '):
        title = [f'.SH {title_of_list}'] if title_of_list != 'OPTIONS' or '-' in first.split()[0] else []
        return [*title, *definitions(block)]
    if block[-1].startswith('  '):  # a sentence and its example
        split = next(i for i, line in enumerate(block) if line.startswith('  '))
        return [*roff.prose(block[:split]), *roff.code(roff.outdent(block[split:]))]
    return roff.prose(block)


def make_page(version, actorscope, verb=None):
    summary = help_of(actorscope)
    text = help_of(actorscope, verb) if verb else summary
    verbs = verbs_of(summary)
    name = f'actorscope-{verb}' if verb else 'actorscope'
    if verb and verb not in verbs:
        sys.exit(f'actorscope --help does not name the verb {verb}')
    what = verbs[verb] if verb else 'records actor programs and finds their deadlocks'
    usage, *rest = roff.paragraphs(text.splitlines())
    page = [roff.header(name, 1, version, 'actorscope'),
            '.SH NAME', f'{roff.escape(name)} \\- {roff.escape(what)}',
            *section(usage, ''), '.SH DESCRIPTION']
    for block in rest:
        page += section(block, 'OPTIONS' if verb else 'VERBS')
    others = [f'actorscope-{other}' for other in verbs if other != verb]
    page += ['.SH SEE ALSO'] + [f'.BR {roff.escape(x)} (1),' for x in others]
    page.append('.BR actorscope (1)' if verb else '.BR act (3)')
    return '\n'.join(page) + '\n'


if __name__ == '__main__':
    sys.stdout.write(make_page(*sys.argv[1:]))
