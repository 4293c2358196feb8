#!/usr/bin/python3
"""Indexing the real Universe: cold, from the store, and commit by commit.

  universe_index.py DATA      the folder with universe-packages.tar.zst and
                              universe-history.bundle

Cold: from the request to sync to the answer that the tip is served, validation
included, beside `git cat-file --batch` reading the same blobs in the same run.
Commit by commit: one sync for each commit of the history, fetches not counted
(the repository is read in place). Each ends with the index on the disk, so the
time of such a flush is printed beside it; and because late commits of the
history change more at once than early ones, so are the commits that change one
release, by quarter.

Growth: the same changes of one release in a repository of one package and in
all of the Universe.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time

from measured_server import MeasuredServer, percentile

BLOBS = 4968
COMMITS = 1599
# Small, and of one release.
GROWTH_PACKAGE = "M/memsql"


def git(repository, *arguments, **more):
    return subprocess.run(
        ["git", "-C", repository, "-c", "user.name=perf", "-c",
         "user.email=perf@example.org", *arguments], check=True,
        capture_output=True, **more).stdout


def universe(data, folder):
    repository = os.path.join(folder, "universe")
    os.mkdir(repository)
    subprocess.run(["tar", "-C", repository, "--zstd", "-xf",
                    os.path.join(data, "universe-packages.tar.zst")],
                   check=True)
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "universe")
    git(repository, "gc", "-q")
    return repository


def cat_file_seconds(repository):
    lines = git(repository, "ls-tree", "-r", "HEAD",
                "repo/packages").splitlines()
    assert len(lines) == BLOBS, len(lines)
    names = b"\n".join(line.split()[2] for line in lines) + b"\n"
    began = time.perf_counter()
    subprocess.run(["git", "-C", repository, "cat-file", "--batch"],
                   input=names, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def cold(data, folder, rounds):
    repository = universe(data, folder)
    for turn in range(rounds):
        reference = min(cat_file_seconds(repository) for _ in range(3))
        server = MeasuredServer(os.path.join(folder, f"cold-{turn}"))
        try:
            server.start()
            server.add_source("universe", repository)
            seconds, source = server.sync("universe")
            assert source["releases"] == 1235, source
            for package in server.call("GET", "/v1/packages?page_size=1000")[
                    "packages"]:
                server.call("GET", "/v1/packages/" + package["name"])
            memory = server.memory()
            server.stop()
            again = server.start()
            print(f"cold index {1000 * seconds:.0f} ms, git cat-file "
                  f"{1000 * reference:.0f} ms, ratio "
                  f"{seconds / reference:.1f}; start {1000 * again:.0f} ms; "
                  f"after load {memory:.0f} MiB")
        finally:
            server.stop()


def changed_releases(repository, branch):
    """How many releases each first-parent commit changes, oldest first."""
    out = git(repository, "log", "--first-parent", "--reverse", "--no-renames",
              "-m", "--raw", "--format=format:commit", branch, "--", "repo/packages")
    counts = []
    for commit in out.decode(errors="replace").split("commit\n")[1:]:
        paths = (line.split("\t")[1].split("/") for line in commit.splitlines()
                 if line.startswith(":"))
        counts.append(len({tuple(path[2:5]) for path in paths
                           if len(path) == 6}))
    return counts


def flushes(folder, count=200):
    """Milliseconds to write 64 KiB to a file and flush it to the disk."""
    times = []
    with open(os.path.join(folder, "flushed"), "wb", buffering=0) as file:
        for _ in range(count):
            began = time.perf_counter()
            file.write(os.urandom(1 << 16))
            os.fdatasync(file.fileno())
            times.append(1000 * (time.perf_counter() - began))
    return times


def replay(repository, folder):
    """Milliseconds that the sync of each commit took, oldest first."""
    commits = git(repository, "rev-list", "--reverse", "--first-parent",
                  "universe-data", "--", "repo/packages").decode().split()
    ref = os.path.join(repository, "refs/heads/walk")
    server = MeasuredServer(os.path.join(folder, "walk"))
    times = []
    try:
        server.start()
        for i, commit in enumerate(commits):
            with open(ref, "w", encoding="ascii") as file:
                file.write(commit + "\n")
            if i == 0:
                server.add_source("history", repository, "walk")
            seconds, _ = server.sync("history")
            times.append(1000 * seconds)
        print(f"after the history {server.memory():.0f} MiB")
    finally:
        server.stop()
    return times


def history(data, folder):
    repository = os.path.join(folder, "history")
    subprocess.run(["git", "clone", "-q", "--bare", "-b", "universe-data",
                    os.path.join(data, "universe-history.bundle"),
                    repository], check=True)
    report("a flush of 64 KiB", flushes(folder))
    times = replay(repository, folder)
    changed = changed_releases(repository, "universe-data")
    assert len(times) == len(changed), (len(times), len(changed))
    report("history, all commits", times)
    for quarter in range(4):
        begin, end = (len(times) * i // 4 for i in (quarter, quarter + 1))
        some = list(zip(times, changed))[begin:end]
        report(f"quarter {quarter + 1}, all commits", times[begin:end])
        report(f"quarter {quarter + 1}, one release",
               [took for took, count in some if count == 1])
    print("the longest: " + ", ".join(
        f"{took:.0f} ms with {count} releases"
        for took, count in sorted(zip(times, changed))[-1:-11:-1]))


def growth(data, folder, changes=200):
    """The same changes of one release, alone and in the whole Universe."""
    whole = os.path.join(folder, "whole")
    os.mkdir(whole)
    whole = universe(data, whole)
    alone = os.path.join(folder, "alone")
    package = os.path.join("repo/packages", GROWTH_PACKAGE)
    shutil.copytree(os.path.join(whole, package),
                    os.path.join(alone, package))
    git(alone, "init", "-q", "-b", "main")
    git(alone, "add", "-A")
    git(alone, "commit", "-qm", "alone")
    medians = []
    for what, repository in (("one package", alone), ("all", whole)):
        path = os.path.join(repository, package, "0", "package.json")
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        server = MeasuredServer(os.path.join(folder, "growth-" + what))
        times = []
        try:
            server.start()
            server.add_source("growth", repository)
            server.sync("growth")
            for i in range(changes):
                document["description"] = f"change {i}"
                with open(path, "w", encoding="utf-8") as file:
                    json.dump(document, file)
                git(repository, "commit", "-qam", "change")
                times.append(1000 * server.sync("growth")[0])
        finally:
            server.stop()
        report(f"one release of {what}", times)
        medians.append(percentile(times, 0.5))
    print(f"ratio {medians[1] / medians[0]:.2f}")


def report(what, times):
    print(f"{what}: {len(times)}, median {percentile(times, 0.5):.1f} ms, p99 "
          f"{percentile(times, 0.99):.1f} ms, longest {max(times):.0f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="orrery-universe.")
    try:
        cold(arguments.data, folder, arguments.rounds)
        history(arguments.data, folder)
        growth(arguments.data, folder)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
