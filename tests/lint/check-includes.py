#!/usr/bin/env python3
"""Checks every #include against the table in docs/ARCHITECTURE.md."""
import pathlib
import re
import subprocess
import sys

# The headers by which each library of the table is known. Whatever is neither here nor in the tree
# counts as C or POSIX.
LIBRARIES = {
    'uv': r'uv\.h|uv/',
    'wslay': r'wslay/',
    'nettle': r'nettle/',
    'sqlite3': r'sqlite3',
    'zstd': r'zstd',
    'jansson': r'jansson',
    'gtk': r'gtk/|gdk/|gsk/|glib|gio/|gobject/|cairo|pango|graphene',
    'adwaita': r'adwaita',
    'cmocka': r'cmocka',
}


def read_table(text):
    rules = {}
    section = text.split('## Who may include whom', 1)[1].split('\n## ', 1)[0]
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        if len(cells) == 3 and cells[0] not in ('folder', '---'):
            folders, libraries = ([x.strip() for x in cell.split(',') if x.strip()] for cell in cells[1:])
            rules[cells[0]] = (set(folders), set(libraries))
    return rules


def folder_of(path, rules):
    fits = [f for f in rules if path == f or path.startswith(f + '/')]
    return max(fits, key=len) if fits else None


def main(root):
    rules = read_table((root / 'docs/ARCHITECTURE.md').read_text())
    names = subprocess.run(['git', '-C', root, 'ls-files', '-co', '--exclude-standard', '*.c', '*.h', '*.cc'],
                           capture_output=True, text=True, check=True).stdout.split()
    wrong = []
    checked = 0
    for name in names:
        if not (root / name).exists():
            continue
        own = folder_of(name, rules)
        if own is None:
            wrong.append(f'{name}: its folder is not in the table')
            continue
        folders, libraries = rules[own]
        for number, line in enumerate((root / name).read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            if not match:
                continue
            checked += 1
            header = match[2]
            if header.startswith('act/'):
                header = 'runtime/include/' + header
            target = folder_of(header, rules)
            if target:
                if target != own and target not in folders:
                    wrong.append(f'{name}:{number}: {own} may not include {target} ({match[2]})')
                continue
            if match[1] == '"':
                wrong.append(f'{name}:{number}: "{match[2]}" is not written from the project\'s root')
                continue
            for library, pattern in LIBRARIES.items():
                if re.match(pattern, header) and library not in libraries:
                    wrong.append(f'{name}:{number}: {own} may not use {library} ({header})')
    print('\n'.join(wrong))
    print(f'{checked} includes in {len(names)} files checked, {len(wrong)} wrong')
    return 1 if wrong or not checked else 0


if __name__ == '__main__':
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
