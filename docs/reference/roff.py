"""The little roff that the reference pages need."""
import re


def escape(text):
    text = text.replace('\\', '\\e').replace('-', '\\-')
    return '\n'.join('\\&' + line if line.startswith(('.', "'")) else line for line in text.split('\n'))


def header(name, section, version, manual):
    return f'.TH "{escape(name)}" {section} "" "actorscope {version}" "{manual}"'


def _as_it_is(lines, font):
    return [f'\\f{font}{escape(line.expandtabs(8))}\\fR' if line.strip() else '.sp' for line in lines]


def code(lines):
    """Lines as they are, indented."""
    return ['.PP', '.RS 4', '.nf', *_as_it_is(lines, 'R'), '.fi', '.RE']


def signature(lines):
    """Lines as they are, bold."""
    return ['.PP', '.nf', *_as_it_is(lines, 'B'), '.fi']


def outdent(lines):
    used = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return [line[min(used, default=0):] for line in lines]


def paragraphs(lines):
    block = []
    for line in [*lines, '']:
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []


def is_verbatim(block):
    """Code and tables: what is indented as a whole or has columns."""
    return (all(line.startswith('    ') for line in block) or
            any(re.search(r'\S {3,}\S', line) for line in block))


def prose(lines):
    page = []
    for block in paragraphs(lines):
        page += code(outdent(block)) if is_verbatim(block) else ['.PP', *(escape(x.strip()) for x in block)]
    return page
