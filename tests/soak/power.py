"""What is on a disk after its power failed, from a log of all that was written (FAULT=log, fault.c).

What was synced is there. Of what was written to a file since its last sync, each sector of 512 bytes is there
or not; so is the removal of a file until its directory is synced. Files grow as far as what is there.
"""
import random

SECTOR = 512


def read_log(path):
    """All calls: (call, number, path, bytes)."""
    data, calls, at = path.read_bytes(), [], 0
    while at < len(data):
        end = data.index(b'\n', at)
        call, number, size, name = data[at:end].decode().split(' ', 3)
        calls.append((call, int(number), name, data[end + 1:end + 1 + int(size)]))
        at = end + 1 + int(size)
    return calls


def write(content, offset, data):
    if len(content) < offset + len(data):
        content.extend(bytes(offset + len(data) - len(content)))
    content[offset:offset + len(data)] = data


def apply(content, call):
    if call[0] == 'w':
        write(content, call[1], call[3])
    elif call[1] < len(content):
        del content[call[1]:]


def apply_partly(content, call, share):
    """Some of a write's sectors, a share of them."""
    if call[0] == 't':
        if random.random() < share:
            apply(content, call)
        return
    offset, data = call[1], call[3]
    begin = 0
    while begin < len(data):
        size = SECTOR - (offset + begin) % SECTOR
        if random.random() < share:
            write(content, offset + begin, data[begin:begin + size])
        begin += size


class Disk:
    """Goes through a log, call by call."""

    def __init__(self, folder):
        self.folder, self.synced, self.pending, self.removed = folder, {}, {}, set()

    def step(self, call):
        kind, _, name, _ = call
        if kind == 's' and name == self.folder:
            for gone in self.removed:
                self.synced.pop(gone, None)
            self.removed = set()
        elif kind == 's':
            content = self.synced.setdefault(name, bytearray())
            for earlier in self.pending.pop(name, []):
                apply(content, earlier)
        elif kind == 'u':
            self.pending.pop(name, None)
            self.removed.add(name)
        else:
            if name in self.removed:  # made anew
                self.removed.remove(name)
                self.synced.pop(name, None)
            self.pending.setdefault(name, []).append(call)

    def after_power_failed(self):
        """One of the many things that can be there: name -> content."""
        files = {}
        share = random.choice([0, 0.1, 0.5, 0.9, 1])
        for name in {*self.synced, *self.pending}:
            if name in self.removed and random.random() < 0.5:
                continue
            content = bytearray(self.synced.get(name, b''))
            for call in self.pending.get(name, []):
                apply_partly(content, call, share)
            files[name] = content
        return files
