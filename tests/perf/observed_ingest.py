#!/usr/bin/python3
"""What the log costs where sources are taken in (trust.md §24).

  observed_ingest.py DATA    the folder with universe-packages.tar.zst and
                             universe-history.bundle

One line of JSON a row: milliseconds, orreryd's CPU, and the ratio of both to
the same without. The whole Universe is taken in by a new data directory, and by
one that has lost its index and has the log: there every release is compared
with the log, and nothing is logged. The history is taken in by one look that walks
all its commits, of a source that admits observed releases, and of one that admits
none: its releases are read and judged, and neither logged nor served.
"""

import argparse
import glob
import json
import os
import subprocess
import tempfile
import time

from measured_server import MeasuredServer
from universe_index import git, universe

ROUNDS = 3


class Spent:
    """Milliseconds of a piece of work, and what orreryd did in them."""

    def __init__(self, server):
        self.server = server
        self.cpu = server.cpu_ms() if server.process else 0
        self.began = time.perf_counter()

    def end(self):
        return ((time.perf_counter() - self.began) * 1000,
                self.server.cpu_ms() - self.cpu)


def row(what, logged, without, server):
    size, catalog = server.last_batch()
    print(json.dumps({
        "what": what, "ms": round(logged[0]), "without_ms": round(without[0]),
        "ratio": round(logged[0] / without[0], 2), "cpu_ms": round(logged[1]),
        "without_cpu_ms": round(without[1]),
        "cpu_ratio": round(logged[1] / without[1], 2), "leaves": size,
        "catalog_bytes": catalog}), flush=True)


def cold(data, folder):
    repository = universe(data, folder)
    logged, without = [], []
    for turn in range(ROUNDS):
        server = MeasuredServer(os.path.join(folder, "cold-%d" % turn))
        spent = Spent(server)
        server.start()
        server.add_source("u", repository)
        server.sync("u")
        logged.append(spent.end())
        size = server.last_batch()[0]
        server.stop()
        for path in glob.glob(os.path.join(server.data_dir, "index.db*")):
            os.remove(path)
        spent = Spent(server)
        server.start()
        _, source = server.sync("u")
        without.append(spent.end())
        assert source["releases"] == 1235, source
        assert server.last_batch()[0] == size
        if turn == ROUNDS - 1:
            row("the Universe", min(logged), min(without), server)
        server.stop()


def walk(server, repository, ref, commits, admit):
    """The first commit, and then the look that finds all others."""
    for commit in (commits[0], commits[-1]):
        with open(ref, "w", encoding="ascii") as file:
            file.write(commit + "\n")
        if commit == commits[0]:
            server.add_source("h", repository, "walk", admit=admit)
        spent = Spent(server)
        server.sync("h")
    return spent.end()


def history(data, folder):
    repository = os.path.join(folder, "history")
    subprocess.run(["git", "clone", "-q", "--bare", "-b", "universe-data",
                    os.path.join(data, "universe-history.bundle"),
                    repository], check=True)
    commits = git(repository, "rev-list", "--reverse", "--first-parent",
                  "universe-data", "--", "repo/packages").decode().split()
    ref = os.path.join(repository, "refs/heads/walk")
    spent = {"none": [], "observed": []}
    for turn in range(ROUNDS):
        for admit, took in spent.items():
            server = MeasuredServer(
                os.path.join(folder, "%s-%d" % (admit, turn)))
            server.start()
            try:
                took.append(walk(server, repository, ref, commits, admit))
                if turn == ROUNDS - 1 and admit == "observed":
                    row("its history, %d commits" % len(commits),
                        min(spent["observed"]), min(spent["none"]), server)
            finally:
                server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data")
    data = parser.parse_args().data
    with tempfile.TemporaryDirectory() as folder:
        cold(data, folder)
        history(data, folder)


if __name__ == "__main__":
    main()
