#!/usr/bin/python3
"""Reading while a sync takes in 1,000 changed releases.

  read_during_sync.py REPOSITORY      made by synthetic_registry.py

32 keep-alive connections of another process read packages one after another, as
fast as they get them, from the quiet server and again while each sync takes in
a commit that goes on from the last, with the content of `main` and of
`changed-1000` by turns. Prints the ratio of the p99.
"""

import argparse
import multiprocessing
import os
import random
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from measured_server import MeasuredServer, percentile

SEED = 20141112


class Reader:
    """One connection with one request under way."""

    def __init__(self, address, names, seed):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.names = names
        self.rng = random.Random(seed)
        self.answer = b""

    def ask(self):
        name = self.rng.choice(self.names)
        self.answer = b""
        self.began = time.perf_counter()
        self.socket.sendall(
            f"GET /v1/packages/{name} HTTP/1.1\r\nhost: localhost\r\n\r\n"
            .encode())

    def receive(self):
        """Whether the answer is whole."""
        self.answer += self.socket.recv(1 << 18)
        head, end, body = self.answer.partition(b"\r\n\r\n")
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode())
        length = head.lower().split(b"content-length:")[1].split(b"\r\n")[0]
        return len(body) >= int(length)


def read(address, names, connections, ready, stop, result):
    readers = [Reader(address, names, SEED + i) for i in range(connections)]
    waiting = selectors.DefaultSelector()
    for reader in readers:
        waiting.register(reader.socket, selectors.EVENT_READ, reader)
        reader.ask()
    times = []
    ready.set()
    while not stop.is_set():
        for key, _ in waiting.select():
            reader = key.data
            if reader.receive():
                times.append(1000 * (time.perf_counter() - reader.began))
                reader.ask()
    result.put(times)


class Load:
    def __init__(self, server, names, connections):
        self.ready = multiprocessing.Event()
        self.stopped = multiprocessing.Event()
        self.result = multiprocessing.Queue()
        self.process = multiprocessing.Process(
            target=read, args=(server.address, names, connections, self.ready,
                               self.stopped, self.result))
        self.process.start()
        self.ready.wait()

    def stop(self):
        self.stopped.set()
        times = self.result.get()
        self.process.join()
        return times


def git(repository, *arguments):
    return subprocess.run(
        ["git", "-C", repository, "-c", "user.name=perf", "-c",
         "user.email=perf@example.org", *arguments], check=True,
        capture_output=True, text=True).stdout.strip()


def go_on(repository, branch):
    commit = git(repository, "commit-tree", "-p", "refs/heads/live", "-m",
                 branch, branch + "^{tree}")
    git(repository, "update-ref", "refs/heads/live", commit)


def measure(server, repository, arguments):
    with open(os.path.join(repository, "names.txt"), encoding="ascii") as file:
        names = random.Random(SEED).sample(file.read().split(), 500)
    load = Load(server, names, arguments.connections)
    time.sleep(arguments.seconds)
    quiet = load.stop()
    load = Load(server, names, arguments.connections)
    syncs = []
    began = time.monotonic()
    end = began + arguments.seconds
    branch = "changed-1000"
    while time.monotonic() < end:
        go_on(repository, branch)
        seconds, _ = server.sync("synthetic")
        syncs.append(seconds)
        branch = "main" if branch != "main" else "changed-1000"
    busy = load.stop()
    # The last sync goes on to its end.
    busy_seconds = time.monotonic() - began
    for what, times, seconds in (("quiet", quiet, arguments.seconds),
                                 ("during syncs", busy, busy_seconds)):
        print(f"{what:13} {len(times) / seconds:8.0f} reads a "
              f"second, p50 {percentile(times, 0.5):.2f} ms, p99 "
              f"{percentile(times, 0.99):.2f} ms")
    print(f"{len(syncs)} syncs of 1,000 changed releases, median "
          f"{percentile(syncs, 0.5):.2f} s")
    print(f"read p99 during syncs is "
          f"{percentile(busy, 0.99) / percentile(quiet, 0.99):.2f} times that "
          f"of the quiet server")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="orrery-reads.")
    server = MeasuredServer(os.path.join(folder, "data"))
    try:
        git(arguments.repository, "update-ref", "refs/heads/live", "main")
        server.start()
        server.add_source("synthetic", arguments.repository, "live")
        server.sync("synthetic")
        measure(server, arguments.repository, arguments)
    finally:
        server.stop()
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
