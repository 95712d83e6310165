#!/usr/bin/env python3
"""The same seed gives the same trace, whoever compiled the program, how, and for which machine.

Builds the runtime without its sockets and some programs several times: by gcc and clang, optimised and not,
with the switch in assembly and with ucontext, and for AArch64, which is run under qemu-user. Each program is
recorded with some seeds, and all builds must give what the first one gave, event for event. (Only of a call that
goes over several lines gcc names the first and clang the last.)

What is not installed is said and left out. For AArch64 that is gcc-aarch64-linux-gnu, libc6-dev-arm64-cross,
qemu-user, and libuv1-dev:arm64; AARCH64_ROOT in the environment may name a folder where the latter was unpacked.

usage: check-builds.py ACTORSCOPE SOURCE-ROOT
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(sys.argv[2])
sys.path.insert(0, str(ROOT / 'tests/examples'))
sys.dont_write_bytecode = True

from seeded import first_difference, record  # noqa: E402

PROGRAMS = {
    'bank': ['examples/bank/bank.c', 'examples/common.c'],
    'philosophers': ['examples/philosophers/philosophers.c', 'examples/common.c'],
    'pubsub': ['examples/pubsub/pubsub.c', 'examples/common.c'],
    'supervisor': ['examples/supervisor/supervisor.c', 'examples/common.c'],
    't08': ['examples/gallery/t08.c', 'examples/gallery/gallery.c', 'examples/common.c'],
    't18': ['examples/gallery/t18.c', 'examples/gallery/gallery.c', 'examples/common.c'],
}
RUNS = [('bank', 1), ('bank', 2), ('philosophers', 3), ('philosophers --naive', 1), ('pubsub', 4),
        ('supervisor', 5), ('t08', 6), ('t08', 7), ('t18', 8)]

FLAGS = ['-std=gnu11', '-D_GNU_SOURCE', '-I.', '-Iruntime/include', '-pthread']
CLANG = shutil.which('clang')
GCC_ARM, QEMU = shutil.which('aarch64-linux-gnu-gcc'), shutil.which('qemu-aarch64')
ARM_ROOT = os.environ.get('AARCH64_ROOT')


class Build:
    def __init__(self, name, compiler, flags, machine='x86_64', libraries=('-luv',), wrapper=''):
        self.name, self.compiler, self.flags = name, compiler, flags
        self.machine, self.libraries, self.wrapper = machine, libraries, wrapper


def builds():
    here = os.uname().machine
    yield Build('gcc -O0', 'gcc', ['-O0'], here)
    yield Build('gcc -O3', 'gcc', ['-O3'], here)
    yield Build('gcc -O0, ucontext', 'gcc', ['-O0', '-DACT__UCONTEXT'], here)
    if CLANG:
        yield Build('clang -O2', CLANG, ['-O2'], here)
    else:
        print('left out: clang is not installed')
    if GCC_ARM and QEMU and here != 'aarch64':
        yield from arm_builds()
    else:
        print('left out: AArch64; gcc-aarch64-linux-gnu or qemu-user is not installed')


def arm_builds():
    """Linked statically: qemu needs nothing of the other machine then."""
    flags, libraries = ['-O2', '-static'], ['-luv_a', '-ldl']
    if ARM_ROOT:
        flags.append(f'-idirafter{ARM_ROOT}/usr/include')
        libraries.insert(0, f'-L{ARM_ROOT}/usr/lib/aarch64-linux-gnu')
    probe = subprocess.run([GCC_ARM, *flags, '-xc', '-', '-o', '/dev/null', '-pthread', *libraries], text=True,
                           input='#include <uv.h>\nint main(void) { return uv_default_loop() == 0; }',
                           capture_output=True)
    if probe.returncode:
        print('left out: AArch64; libuv1-dev:arm64 is not installed')
        return
    yield Build('aarch64', GCC_ARM, flags, 'aarch64', libraries, QEMU)
    yield Build('aarch64, ucontext', GCC_ARM, [*flags, '-DACT__UCONTEXT'], 'aarch64', libraries, QEMU)


def run(*command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f'{" ".join(map(str, command))}\n{done.stderr}')


def sources(build):
    for path in [*(ROOT / 'runtime').glob('*.c'), *(ROOT / 'tracer/event').glob('*.c')]:
        yield path.relative_to(ROOT)
    if build.machine in ('x86_64', 'aarch64') and '-DACT__UCONTEXT' not in build.flags:
        yield pathlib.Path(f'runtime/context-{build.machine}.S')


def compile_all(build, folder, pool):
    """Source lines are named from the project's root, as everywhere."""
    folder.mkdir()
    units = [*sources(build), *map(pathlib.Path, sorted({s for p in PROGRAMS.values() for s in p}))]
    objects = {str(unit): folder / (str(unit).replace('/', '-') + '.o') for unit in units}
    ccache = [shutil.which('ccache')] if shutil.which('ccache') else []
    compiles = [pool.submit(run, *ccache, build.compiler, *FLAGS, *build.flags, '-c', unit, '-o', objects[str(unit)])
                for unit in units]
    for each in compiles:
        each.result()
    runtime = [objects[str(unit)] for unit in sources(build)]
    for name, own in PROGRAMS.items():
        run(build.compiler, *build.flags, *runtime, *(objects[source] for source in own),
            '-o', folder / name, '-pthread', *build.libraries)


def without_lines(result):
    return result[0], [re.sub(r'"line":\d+,', '', event) for event in result[1]]


def main(actorscope):
    wrong = compared = 0
    first = {}
    with tempfile.TemporaryDirectory() as name, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, build in enumerate(builds()):
            folder = pathlib.Path(name) / str(number)
            compile_all(build, folder, pool)
            for program, seed in RUNS:
                result = record(actorscope, f'{build.wrapper} {folder}/{program}', seed, f'{folder}/trace.db', True)
                expected = first.setdefault((program, seed), result)
                compared += expected is not result
                if build.compiler == CLANG:
                    result, expected = without_lines(result), without_lines(expected)
                if result != expected:
                    wrong += 1
                    print(f'{build.name}: {program}, seed {seed}: {first_difference(expected, result)}')
            print(f'{build.name}: {len(RUNS)} runs, {sum(len(result[1]) for result in first.values())} events')
    print(f'{compared} runs compared with the first build, {wrong} are different')
    return 1 if wrong or not compared else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
