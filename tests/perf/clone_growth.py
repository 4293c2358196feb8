"""How a clone and its syncs grow with the number of pushes."""

import os
import statistics
import subprocess
import threading
import time

from tests.e2e.git_servers import HttpRemote
from tests.e2e.harness import release_files


# A remote tidies up, too; so often after pushes.
PUSHES_PER_REPACK = 200


def run_git(*arguments):
    subprocess.run(["git", *arguments], check=True, stdout=subprocess.DEVNULL)


class Pusher:
    """Adds commits to main, each with one file of its own."""

    def __init__(self, repository):
        self.repository, self.count = repository, 0
        self.process = subprocess.Popen(
            ["git", "-C", repository, "fast-import", "--quiet", "--force"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def push(self, count):
        """Returns when all of them are there."""
        lines = []
        for i in range(self.count + 1, self.count + count + 1):
            (path, text), = release_files("p%d" % (i % 50), i).items()
            lines += ["commit refs/heads/main",
                      "committer t <t@example.org> %d +0000" % (1500000000 + i),
                      "data 1", "x"]
            if i == 1:
                lines.append("from refs/heads/main^0")
            lines += ["M 644 inline " + path, "data %d" % len(text), text]
        self.count += count
        self.process.stdin.write(
            ("\n".join(lines) + "\n\ncheckpoint\nprogress done\n").encode())
        self.process.stdin.flush()
        assert self.process.stdout.readline() == b"progress done\n"

    def stop(self):
        self.process.communicate()


def pack_facts(directory):
    """Bytes and number of packs below a directory."""
    sizes = [os.path.getsize(os.path.join(folder, name))
             for folder, _, names in os.walk(directory)
             for name in names if name.endswith(".pack")]
    return sum(sizes), len(sizes)


class Reader:
    """Reads a package over and over, and notes how long each took."""

    def __init__(self, server):
        self.server, self.seconds = server, []
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopped.wait(0.02):
            began = time.monotonic()
            assert self.server.get("/v1/packages/p0").status == 200
            self.seconds.append(time.monotonic() - began)

    def stop(self):
        self.stopped.set()
        self.thread.join()


def measure(case, pushes):
    """The ratios after so many pushes with a sync each, and as many at once."""
    repository = case.make_repository(files=release_files("p0", 0))
    for name in ("receive.autogc", "gc.auto"):
        run_git("-C", repository, "config", name, "0")
    remote = HttpRemote(case.scratch)
    case.addCleanup(remote.stop)
    url = remote.url + "/repository/.git"
    case.add_source("u", url)

    def sync():
        began = time.monotonic()
        response = case.server.request("POST", "/v1/sources/u:sync", {})
        assert response.status == 200, response.data
        return time.monotonic() - began

    quiet_reads = Reader(case.server)
    time.sleep(3)
    quiet_reads.stop()
    reader = Reader(case.server)
    case.addCleanup(reader.stop)
    pusher = Pusher(repository)
    case.addCleanup(pusher.stop)
    seconds, most_packs = [], 0
    for i in range(1, pushes + 1):
        pusher.push(1)
        seconds.append(sync())
        most_packs = max(most_packs, pack_facts(
            case.server.data_dir + "/clones")[1])
        if i % PUSHES_PER_REPACK == 0:
            run_git("-C", repository, "repack", "-q", "-a", "-d")
            print("%d pushes, %d ms a sync" % (i, 1000 * statistics.median(
                seconds[-PUSHES_PER_REPACK:])), flush=True)
    sample = min(50, pushes // 3)
    early = statistics.median(seconds[:sample])
    late = statistics.median(seconds[-sample:])

    fresh = case.path("fresh.git")
    run_git("clone", "-q", "--bare", "--no-local", repository, fresh)
    fresh_bytes, _ = pack_facts(fresh)
    # What is left to do is done after the look.
    time.sleep(2)
    clone_bytes, _ = pack_facts(case.server.data_dir + "/clones")

    pusher.push(pushes)
    run_git("-C", repository, "repack", "-q", "-a", "-d")
    began = time.monotonic()
    run_git("-C", fresh, "fetch", "-q", url, "+refs/heads/main:refs/heads/main")
    fetch = time.monotonic() - began
    big = sync()
    status = case.source_status("u")
    assert status["releases"] == 2 * pushes + 1, status["releases"]
    reads = sorted(reader.seconds)
    return {
        "bytes / fresh clone": clone_bytes / fresh_bytes,
        "packs at most": most_packs,
        "late sync / early sync": late / early,
        "late sync s": late,
        "sync of all at once / git fetch": big / fetch,
        "read / read while nothing happens": statistics.median(reads) /
                                             statistics.median(
                                                 quiet_reads.seconds),
        "read p99 s": reads[int(len(reads) * 0.99)],
        "read at most s": reads[-1],
    }
