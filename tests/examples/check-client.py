#!/usr/bin/env python3
"""What chat-client prints: what others say, made safe for a terminal; and its usage.

usage: check-client.py CHAT-SERVER CHAT-CLIENT
"""
import re
import subprocess
import sys

server_path, client_path = sys.argv[1:]


def expect(output, line):
    """Reads until `line` comes."""
    heard = []
    while heard[-1:] != [line]:
        text = output.readline()
        if not text:
            sys.exit(f'{line!r} was not heard, but {heard!r}')
        heard.append(text.rstrip('\n'))


def client(port, user):
    return subprocess.Popen([client_path, '--port', port, '--user', user], encoding='utf-8',
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE)


for program in server_path, client_path:
    run = subprocess.run([program, '--help'], capture_output=True, encoding='utf-8', check=True)
    assert run.stdout.startswith('Usage: ') and not run.stderr, run
    run = subprocess.run([program, '--nonsense'], capture_output=True, encoding='utf-8')
    assert run.returncode == 2 and 'Usage: ' in run.stderr and not run.stdout, run

server = subprocess.Popen([server_path, '--port', '0'], encoding='utf-8', stdout=subprocess.PIPE)
port = re.search(r':(\d+)$', server.stdout.readline().rstrip()).group(1)
ann = client(port, 'ann')
expect(ann.stdout, '* ann joined')
bob = client(port, 'bob')
expect(ann.stdout, '* bob joined')
bob.communicate('\x1b[31mred \x9b2J \u00dc\u2603\n')
expect(ann.stdout, 'bob: ?[31mred ?2J \u00dc\u2603')
expect(ann.stdout, '* bob left')
ann.communicate()
server.terminate()
sys.exit(ann.returncode or bob.returncode or server.wait())
