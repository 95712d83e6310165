#!/usr/bin/env python3
"""Installs the build into a folder of its own, and there builds and runs a user's programs.

They know pkg-config and nothing else of the project: the runtime as C11 and as C++17, shared and
static, and the event library alone.

usage: check-install.py BUILD SOURCE
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

WARNINGS = ['-Wall', '-Wextra', '-Werror']
LANGUAGES = {
    'C11': ['gcc', '-std=c11', '-pedantic'],
    'C++17': ['g++', '-std=c++17', '-Wno-missing-field-initializers', '-x', 'c++'],
}


def fail(text):
    sys.exit(f'check-install: {text}')


def run(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        fail(f'{" ".join(map(str, command))}\nexit {done.returncode}\n{done.stdout}{done.stderr}')
    return done.stdout


class Installed:
    def __init__(self, build, folder):
        run(['meson', 'install', '-C', build, '--no-rebuild', '--quiet', '--destdir', folder])
        files = sorted(path for path in folder.rglob('*') if path.is_file())
        self.files = {path.name: path for path in files}
        description = self.files['actorscope-runtime.pc'].read_text()
        prefix = re.search(r'^prefix=/(.*)$', description, re.MULTILINE)[1]
        self.prefix = folder / prefix
        self.libraries = self.files['libact-runtime.a'].parent
        self.environment = dict(os.environ, LD_LIBRARY_PATH=str(self.libraries),
                                PKG_CONFIG_PATH=str(self.files['actorscope-runtime.pc'].parent))

    def pkg_config(self, *arguments):
        return run(['pkg-config', f'--define-variable=prefix={self.prefix}', *arguments],
                   env=self.environment).split()

    def build_and_run(self, compiler, source, package, static, output):
        flags = self.pkg_config('--cflags', package)
        libraries = self.pkg_config('--libs', *(['--static'] if static else []), package)
        if static:  # ours from the archive; the system's as they come
            ours = {'-lact-runtime': 'libact-runtime.a', '-ltrc-event': 'libtrc-event.a'}
            libraries = [str(self.libraries / ours[x]) if x in ours else x for x in libraries]
        program = self.prefix / 'user-program'
        run([*compiler, *WARNINGS, *flags, str(source), '-x', 'none', '-o', str(program), *libraries])
        printed = run([str(program)], env=self.environment)
        if printed != output:
            fail(f'{source.name} printed {printed!r}, not {output!r}')
        needed = run(['readelf', '-d', str(program)])
        if ('libact-runtime.so' in needed) != (not static and package == 'actorscope-runtime'):
            fail(f'{source.name} was linked against the wrong libact-runtime:\n{needed}')


def check_files(installed, source):
    headers = {path.name for path in (source / 'runtime/include/act').glob('*.h')}
    missing = headers - {path.name for path in (installed.prefix / 'include/act').iterdir()}
    wanted = {'actorscope', 'actorscope-viewer', 'actorscope.so', 'libtrc-event.a', 'actorscope-event.pc',
              'actorscope.1', 'actorscope-record.1', '_actorscope', 'actorscope-viewer.1', 'act_send.3'}
    missing |= wanted - installed.files.keys()
    if missing:
        fail(f'not installed: {", ".join(sorted(missing))}')
    foreign = [name for name in installed.files if name.startswith(('chat-', 'test-')) and name != 'chat-rehearsal']
    if foreign:
        fail(f'should not be installed: {foreign}')


def check_demo(installed):
    """What the viewer offers at its first start: the chat, where it looks for it, and the command that records it."""
    viewer, chat = installed.files['actorscope-viewer'], installed.files.get('chat-rehearsal')
    where = os.path.relpath(chat, viewer.parent) if chat else 'nowhere'
    if not where.startswith('../') or where.encode() not in viewer.read_bytes():
        fail(f'the viewer does not look for its demo at {where}')
    command, trace = str(viewer.parent / 'actorscope'), str(installed.prefix / 'chat.db')
    run([command, 'record', '--quiet', '--seed=1', '-o', trace, '--', str(chat), 'hang'])
    found = subprocess.run([command, 'check', trace], capture_output=True, text=True)
    if found.returncode != 1 or 'deadlock' not in found.stdout:
        fail(f'the demo as installed has no deadlock: {found.stdout}{found.stderr}')


def check_exports(installed):
    """Nothing but the public names may be seen in the shared library."""
    listed = run(['nm', '-D', '--defined-only', str(installed.libraries / 'libact-runtime.so')])
    names = [line.split()[-1] for line in listed.splitlines()]
    strange = [n for n in names if not re.match(r'act_|[A-Z]\w+_(type|trace_number)$', n)]
    inner = [n for n in names if n in ('act__schedule', 'act__worker_run', 'trc_ring_write')]
    if strange or inner or 'act_system_run' not in names:
        fail(f'libact-runtime.so exports {strange + inner or names}')


def main(build, source):
    programs = source / 'tests/install'
    with tempfile.TemporaryDirectory() as name:
        installed = Installed(build, pathlib.Path(name).resolve())
        check_files(installed, source)
        check_demo(installed)
        check_exports(installed)
        checked = 0
        for language, compiler in LANGUAGES.items():
            if not shutil.which(compiler[0]):
                print(f'no {compiler[0]}: {language} is not checked')
                continue
            for package, program, output in (('actorscope-runtime', 'actors.c', 'Hello, user!\n'),
                                             ('actorscope-event', 'events.c', '2 events\n'),
                                             ('actorscope-event', 'tracing.c', 'not recorded\n')):
                for static in (False, True):
                    installed.build_and_run(compiler, programs / program, package, static, output)
                    checked += 1
        print(f'{checked} programs built and run')
        return 0 if checked else 1


if __name__ == '__main__':
    sys.exit(main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])))
