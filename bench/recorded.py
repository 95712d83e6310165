"""What recording does to real programs: asks, a chat server under load, beside what others' tracing
does to theirs."""

import glob
import os
import re
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, "build-bench")
ACTORSCOPE = os.path.join(BUILD, "tracer", "cli", "actorscope")

ASKS = 2000000
ERLANG_ASKS = 200000  # traced ones take long
CHAT_MESSAGES = 20000  # that people say; each is heard by eight
SERVER_SECONDS = 2  # to end


def remove(trace):
    for file in glob.glob(trace + "*"):
        os.remove(file)


def recorded(trace, command):
    return [ACTORSCOPE, "record", "--quiet", "--force", "-o", trace, "--", *command]


def asks(output_of, directory):
    """Asks a second of the runtime, alone and recorded; the program itself looks at the clock."""
    trace = os.path.join(directory, "asks.db")
    program = [os.path.join(BUILD, "bench", "bench-runtime"), "ask", str(ASKS)]
    alone = float(output_of(program))
    traced = float(output_of(recorded(trace, program)))
    remove(trace)
    return {"alone": alone, "traced": traced}


def build_erlang(output_of, directory):
    output_of(["erlc", "-o", directory, os.path.join(ROOT, "bench/peers/erlang/tracing.erl")])


def erlang_asks(output_of, directory):
    """The same with Erlang's own tracing of the messages to a file."""
    trace = os.path.join(directory, "asks.erlang")
    program = ["erl", "-noshell", "-pa", directory, "-run", "tracing", "main", str(ERLANG_ASKS)]
    alone = float(output_of(program))
    traced = float(output_of([*program, trace]))
    remove(trace)
    return {"alone": alone, "traced": traced}


def processor_seconds(process):
    """That all threads of a living process have used."""
    nanoseconds = 0
    for path in glob.glob(f"/proc/{process}/task/*/schedstat"):
        with open(path, encoding="ascii") as file:
            nanoseconds += int(file.read().split()[0])
    return nanoseconds / 1e9


def child_of(process):
    with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as file:
        return int(file.read().split()[0])


def chat(output_of, directory, trace=None):
    """Processor seconds that a chat server, and its recorder if it has one, take for the same
    load."""
    command = [os.path.join(BUILD, "examples", "chat", "chat-server"), "--port", "0"]
    if trace:
        command = recorded(trace, command)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            port = re.search(r":(\d+)$", process.stdout.readline().rstrip()).group(1)
            output_of([os.path.join(BUILD, "bench", "chat-load"), port, str(CHAT_MESSAGES)])
            server = child_of(process.pid) if trace else process.pid
            used = {"server": processor_seconds(server),
                    "recorder": processor_seconds(process.pid) if trace else 0}
        finally:
            process.terminate()
            try:
                process.wait(SERVER_SECONDS)
            except subprocess.TimeoutExpired:
                process.terminate()  # leaves out the rows that are not there yet
                process.wait()
    if trace:
        remove(trace)
    return used
