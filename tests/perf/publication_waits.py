#!/usr/bin/python3
"""For what a publication waits on the disk, and how long until it is visible.

  publication_waits.py [--count N]

Adds N releases to a source in mode mutable, one a commit, and syncs after each;
then N more under strace. One line of JSON: `visible_ms`, the median from the
request to look until release and checkpoint are served (trust.md §24: a second
at most); `catalog_bytes`, that the last publication wrote for its catalog
alone, before they are packed; how many fsync, fdatasync, sync_file_range and msync calls an
accepted release costs orreryd, by the file that is waited for, and how long
each takes beside fdatasync of 4 KiB in the same folder. What threads do that
nobody waits for (they move the databases' logs into them, and sync the
databases themselves) is apart.
"""

import argparse
import collections
import json
import os
import re
import signal
import statistics
import subprocess
import tempfile
import time

from measured_server import MeasuredServer

CALLS = "fsync,fdatasync,sync_file_range,msync"
PACKAGE = ('{"packagingVersion":"3.0","name":"waits","version":"%d.0",'
           '"maintainer":"perf@example.org","description":"waits",'
           '"tags":["perf"]}\n')


def git(repository, *arguments):
    subprocess.run(
        ["git", "-C", repository, "-c", "user.name=perf", "-c",
         "user.email=perf@example.org", "-c", "commit.gpgsign=false",
         *arguments], check=True, stdout=subprocess.DEVNULL)


def add_release(repository, number):
    folder = os.path.join(repository, "repo/packages/W/waits", str(number))
    os.makedirs(folder)
    with open(os.path.join(folder, "package.json"), "w",
              encoding="ascii") as file:
        file.write(PACKAGE % number)
    with open(os.path.join(folder, "marathon.json.mustache"), "w",
              encoding="ascii") as file:
        file.write('{"id":"waits","cmd":"sleep 1","cpus":0.1,"mem":32}\n')
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "release %d" % number)


def disk_ms(folder):
    """fdatasync of what was just written."""
    spent = []
    with open(os.path.join(folder, "probe"), "wb") as file:
        for _ in range(20):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


def waits_in(trace, data_dir):
    """(file, ms) of each call."""
    pattern = re.compile(
        r"(?:fsync|fdatasync|sync_file_range)\(\d+<([^>]*)>.*<([0-9.]+)>$")
    # A call that others interrupt has two lines: path and time.
    begun = {}
    for line in trace.splitlines():
        thread = line.split(" ", 1)[0]
        if line.endswith("<unfinished ...>"):
            begun[thread] = line[:-len("<unfinished ...>")]
            continue
        if "resumed>" in line and thread in begun:
            line = begun.pop(thread) + line[line.index("resumed>") + 8:]
        found = pattern.search(line)
        if not found:
            continue
        name = os.path.relpath(found[1], data_dir)
        # Temporary files have names of their own each time.
        name = re.sub(r"\.tmp.*$|\.[0-9A-Za-z]{6}$", "", name)
        yield name, float(found[2]) * 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=10)
    count = parser.parse_args().count
    with tempfile.TemporaryDirectory() as folder:
        repository = os.path.join(folder, "source")
        os.mkdir(repository)
        git(repository, "init", "-q", "-b", "main")
        add_release(repository, 0)
        server = MeasuredServer(os.path.join(folder, "data"))
        server.start()
        try:
            print(json.dumps(measure(server, repository, folder, count)))
        finally:
            server.stop()


def visible(server, repository, number):
    """Milliseconds until the next release can be had and verified."""
    add_release(repository, number)
    size = server.last_batch()[0]
    began = time.perf_counter()
    server.sync("waits")
    checkpoint = server.request("GET", "/log/checkpoint")[1]
    spent = (time.perf_counter() - began) * 1000
    assert int(checkpoint.split(b"\n")[1]) == size + 2, checkpoint
    server.call("GET", "/v1/packages/waits/releases/%d" % number)
    return spent


def measure(server, repository, folder, count):
    server.add_source("waits", repository)
    server.sync("waits")
    visible_ms = statistics.median(
        visible(server, repository, number) for number in range(1, count + 1))
    log = os.path.join(folder, "trace")
    tracer = subprocess.Popen(
        ["strace", "-f", "-y", "-T", "-e", "trace=" + CALLS, "-o", log, "-p",
         str(server.process.pid)], stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    for number in range(count + 1, 2 * count + 1):
        add_release(repository, number)
        server.sync("waits")
    tracer.send_signal(signal.SIGINT)
    tracer.wait()
    with open(log, encoding="utf-8", errors="replace") as file:
        trace = file.read()
    calls = collections.defaultdict(list)
    for name, spent in waits_in(trace, server.data_dir):
        calls[name].append(spent)

    def by_file(is_background):
        return {name: round(len(spent) / count, 2)
                for name, spent in sorted(calls.items())
                if name.endswith(".db") == is_background}

    waited = [spent for name, spent in calls.items()
              if not name.endswith(".db")]
    return {"publications": count, "visible_ms": round(visible_ms, 2),
            "catalog_bytes": server.last_batch()[1],
            "waits": round(sum(map(len, waited)) / count, 2),
            "waited_ms": round(sum(map(sum, waited)) / count, 2),
            "disk_ms": round(disk_ms(server.data_dir), 2),
            "by_file": by_file(False), "background": by_file(True)}


if __name__ == "__main__":
    main()
