#!/usr/bin/env python3
"""Makes the completion of the command for bash or zsh, from its --help and that of its verbs.

usage: make-completion.py bash|zsh ACTORSCOPE
"""
import re
import subprocess
import sys

# Values that the help tells of in sentences; each must be in it.
VALUES = {
    ('check', '--format'): ['text', 'json', 'markdown', 'sarif'],
    ('check', '--fail-on'): ['deadlock', 'orphan-wait', 'potential-deadlock', 'deadline-cycle', 'stall',
                             'handle-cycle', 'kind-cycle', 'none'],
    ('export', '--format'): ['chrome', 'csv', 'dot', 'mermaid', 'otlp', 'shiviz'],
    ('record', '--on-full'): ['wait', 'drop'],
}


class Option:
    def __init__(self, verb, match, text):
        self.short, self.long, joint, self.argument, self.what = match.groups()
        self.joined = joint == '='
        self.values = VALUES.get((verb, self.long), [])
        if self.argument and '|' in self.argument:
            self.values = [value for value in self.argument.split('|') if value.islower()]
        missing = [value for value in self.values if not re.search(rf'\b{value}\b', text)]
        if missing:
            sys.exit(f'make-completion: {verb} --help does not tell of {", ".join(missing)}')

    def takes_file(self):
        return bool(self.argument) and not self.values and 'FILE' in self.argument

    def names(self):
        return [name for name in (self.short, self.long) if name]


class Verb:
    def __init__(self, name, what, text):
        self.name, self.what = name, what
        pattern = re.compile(r'^ {2,6}(?:(-\w), )?(--[a-z-]+)(?:([= ])([A-Za-z|]+))?(?: {2,}| )(\S.*)$', re.MULTILINE)
        self.options = [Option(name, match, text) for match in pattern.finditer(text)]
        if name == 'version' or '--help' not in [option.long for option in self.options]:
            match = pattern.match('  -h, --help  this text')
            self.options.append(Option(name, match, text))


def help_of(*command):
    return subprocess.run([*command, '--help'], capture_output=True, text=True, check=True).stdout


def verbs_of(actorscope):
    found = re.findall(r'^  ([a-z]+) {2,}(\S.*)$', help_of(actorscope), re.MULTILINE)
    return [Verb(name, what, help_of(actorscope, name)) for name, what in found]


def bash(verbs):
    lines = ['# bash completion for actorscope', '', '_actorscope()', '{',
             '\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}',
             '\tlocal words=', '', '\tCOMPREPLY=()',
             '\tif [ "$word" = = ]; then', '\t\tword=',
             '\telif [ "$before" = = ]; then', '\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}', '\tfi',
             '\tif [ "$COMP_CWORD" = 1 ]; then',
             f'\t\tmapfile -t COMPREPLY < <(compgen -W "{" ".join(v.name for v in verbs)} --help --version" -- "$word")',
             '\t\treturn', '\tfi', '\tcase $verb$before in']
    for verb in verbs:
        for option in verb.options:
            for name in option.names() if option.values else []:
                lines.append(f'\t{verb.name}{name}) words="{" ".join(option.values)}" ;;')
    lines += ['\tesac', '\tif [ -z "$words" ] && [[ $word == -* ]]; then', '\t\tcase $verb in']
    for verb in verbs:
        words = ' '.join(name for option in verb.options for name in option.names())
        lines.append(f'\t\t{verb.name}) words="{words}" ;;')
    lines += ['\t\tesac', '\tfi', '\tif [ -n "$words" ]; then',
              '\t\tmapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")', '\telse',
              '\t\tcompopt -o filenames 2>/dev/null',
              '\t\tmapfile -t COMPREPLY < <(compgen -f -- "$word")', '\tfi', '}', '',
              'complete -F _actorscope actorscope']
    return lines


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_option(option):
    what = re.sub(r'([\[\]:\\])', r'\\\1', option.what)
    action = ''
    if option.argument:
        values = f'({" ".join(option.values)})' if option.values else '_files' if option.takes_file() else ''
        action = f':{option.argument.lower().replace("|", " or ")}:{values}'
    joint = '=' if option.argument else ''
    names = option.names()
    if len(names) == 1:
        return quoted(f'{names[0]}{joint}[{what}]{action}')
    return quoted(f'({" ".join(names)})') + f'{{{names[0]},{names[1]}{joint}}}' + quoted(f'[{what}]{action}')


def zsh(verbs):
    lines = ['#compdef actorscope', '', '_actorscope()', '{', '\tlocal -a verbs', '\tverbs=(']
    lines += ['\t\t' + quoted(f'{verb.name}:{verb.what}') for verb in verbs]
    lines += ['\t)', '\tif (( CURRENT == 2 )); then', "\t\t_describe 'verb' verbs", '\t\treturn', '\tfi',
              '\tlocal verb=$words[2]', '\twords=("${(@)words[2,-1]}")', '\t(( CURRENT-- ))', '\tcase $verb in']
    for verb in verbs:
        rest = "'*::program:_normal'" if verb.name == 'record' else "'*:file:_files'"
        lines.append(f'\t{verb.name})')
        lines.append('\t\t_arguments ' + ' \\\n\t\t\t'.join([*map(zsh_option, verb.options), rest]))
        lines.append('\t\t;;')
    return [*lines, '\tesac', '}', '', '_actorscope "$@"']


if __name__ == '__main__':
    print('\n'.join({'bash': bash, 'zsh': zsh}[sys.argv[1]](verbs_of(sys.argv[2]))))
