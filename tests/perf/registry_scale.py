#!/usr/bin/python3
"""Index, start, memory and search of synthetic registries.

  registry_scale.py REPOSITORY...     made by synthetic_registry.py

Prints one line a figure and a last table of how they grow. 10,000 queries by a
fixed seed in classes, one after another over one connection; times are what
the client sees. Then 100 commits that change one release each, with a sync after
each one.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

from measured_server import MeasuredServer, percentile

SEED = 20141112
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-"


def git(repository, *arguments, **more):
    return subprocess.run(["git", "-C", repository, *arguments], check=True,
                          capture_output=True, text=True, **more).stdout


def sample(repository, count):
    """The package.json of release 0 of some packages."""
    with open(os.path.join(repository, "names.txt"), encoding="ascii") as file:
        names = file.read().split()
    chosen = random.Random(SEED).choices(names, k=count)
    wanted = "".join(
        f"main:repo/packages/{name[0].upper()}/{name}/0/package.json\n"
        for name in chosen)
    out = git(repository, "cat-file", "--batch=%(objectsize)", input=wanted)
    documents = []
    while out:
        size, out = out.split("\n", 1)
        documents.append(json.loads(out[:int(size)]))
        out = out[int(size) + 1:]
    return documents


def typo(rng, name):
    place = rng.randrange(len(name))
    kind = rng.randrange(4)
    if kind == 0:
        return name[:place] + rng.choice(LETTERS[:26]) + name[place:]
    if kind == 1:
        return name[:place] + name[place + 1:]
    if kind == 2:
        return name[:place] + rng.choice(LETTERS[:26]) + name[place + 1:]
    place = rng.randrange(len(name) - 1)
    return name[:place] + name[place + 1] + name[place] + name[place + 2:]


def queries(repository, count):
    """Class and text of each query."""
    rng = random.Random(SEED)
    documents = sample(repository, count)

    def words(document):
        return document["description"].strip(".").lower().split()

    def prefix(document):
        whole = rng.choice([document["name"]] + document["tags"])
        return whole[:rng.randint(1, 8)]

    classes = {
        "exact name": lambda d: d["name"],
        "prefix": prefix,
        "one word": lambda d: rng.choice(words(d)),
        "two words": lambda d: " ".join(rng.sample(words(d), 2)),
        "typo": lambda d: typo(rng, d["name"]),
    }
    for i, document in enumerate(documents):
        kind = list(classes)[i % len(classes)]
        yield kind, classes[kind](document)


def push_changes(repository, count):
    """Has branch `live` go on by commits that change one release each; says
    when one is there."""
    for i, document in enumerate(sample(repository, count)):
        name = document["name"]
        document["description"] += f" Change {i}."
        text = json.dumps(document)
        message = f"change {i}"
        git(repository, "fast-import", "--quiet", "--force", input=(
            "commit refs/heads/live\n"
            f"committer Perf <perf@example.org> {1700000000 + i} +0000\n"
            f"data {len(message)}\n{message}\nfrom refs/heads/live^0\n"
            f"M 100644 inline repo/packages/{name[0].upper()}/{name}/0/"
            f"package.json\ndata {len(text)}\n{text}\n"))
        yield


def measure_syncs(server, repository, count=100):
    """Milliseconds of the sync after each change."""
    times = []
    for _ in push_changes(repository, count):
        seconds, _ = server.sync("synthetic")
        times.append(1000 * seconds)
    return times


def measure(repository, count, keep):
    figures = {}
    folder = keep or tempfile.mkdtemp(prefix="orrery-scale.")
    data = os.path.join(folder, os.path.basename(repository) + ".data")
    server = MeasuredServer(data)
    try:
        stored = os.path.exists(os.path.join(data, "index.db"))
        server.start()
        if not stored:
            git(repository, "update-ref", "refs/heads/live", "main")
            server.add_source("synthetic", repository, "live")
            seconds, source = server.sync("synthetic")
            figures["releases"] = source["releases"]
            figures["cold index, s"] = seconds
            figures["peak while indexing, MiB"] = server.memory("VmHWM")
            figures["after indexing, MiB"] = server.memory()
        server.stop()
        figures["index.db, MiB"] = os.path.getsize(
            os.path.join(data, "index.db")) / 2**20
        figures["start, s"] = server.start()
        figures["after start, MiB"] = server.memory()
        took = {}
        slowest = {}
        for kind, text in queries(repository, count):
            seconds, _ = server.search(text)
            took.setdefault(kind, []).append(1000 * seconds)
            slowest[kind] = max(slowest.get(kind, (0, "")), (seconds, text))
        for kind, times in took.items():
            figures[f"{kind} p50, ms"] = percentile(times, 0.5)
            figures[f"{kind} p99, ms"] = percentile(times, 0.99)
            print(f"  slowest {kind}: {1000 * slowest[kind][0]:.1f} ms, "
                  f"{slowest[kind][1]!r}")
        figures["after queries, MiB"] = server.memory()
        syncs = measure_syncs(server, repository)
        figures["sync of one release p50, ms"] = percentile(syncs, 0.5)
        figures["sync of one release p99, ms"] = percentile(syncs, 0.99)
        figures["after syncs, MiB"] = server.memory()
        figures["peak, MiB"] = server.memory("VmHWM")
    finally:
        server.stop()
        if not keep:
            shutil.rmtree(folder)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository", nargs="+")
    parser.add_argument("--queries", type=int, default=10000)
    parser.add_argument("--keep", metavar="FOLDER",
                        help="where the indexes are kept for the next run")
    arguments = parser.parse_args()
    columns = []
    for repository in arguments.repository:
        columns.append(measure(repository.rstrip("/"), arguments.queries,
                               arguments.keep))
    for figure in columns[-1]:
        print(f"{figure:28}" + "".join(
            f"{column.get(figure, float('nan')):12.2f}" for column in columns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
