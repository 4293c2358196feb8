#!/usr/bin/python3
"""What it costs to take in a push with one signed release, and one without.

  signed_ingest.py [--packages N]     releases that are there before (200)

Two sources of one orreryd have the same releases; one of them signs each new
one. Pushes to both alternate, and each is looked at at once. One line of JSON:
medians of the milliseconds of a look, and of orreryd's CPU in it.
"""

import argparse
import json
import os
import statistics
import subprocess
import tempfile

from measured_server import WORKSPACE, MeasuredServer

ORRERY = os.path.join(WORKSPACE, ".bazel/bin/cli-plugin/orrery")
PUSHES = 15


def run(*words, cwd=None):
    return subprocess.run(words, cwd=cwd, check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True).stdout.strip()


class Publisher:
    """A repository, with a key of its own where it signs."""

    def __init__(self, folder, name, packages):
        self.root = os.path.join(folder, name)
        os.makedirs(self.root)
        self.name = name
        run("git", "init", "-q", "-b", "main", cwd=self.root)
        for number in range(packages):
            self.release("package-%d" % number, 0)
        self.commit()

    def release(self, package, number):
        folder = os.path.join(self.root, "repo/packages", package[0].upper(),
                              package, str(number))
        os.makedirs(folder)
        for file, document in (
                ("package.json", {
                    "packagingVersion": "4.0", "name": package,
                    "version": "1.%d.0" % number, "maintainer": "m@x.org",
                    "description": "One of many.", "tags": ["demo"]}),
                ("config.json", {"type": "object", "properties": {
                    "n": {"type": "integer", "default": number}}})):
            with open(os.path.join(folder, file), "w",
                      encoding="utf-8") as out:
                json.dump(document, out)

    def commit(self):
        run("git", "add", "-A", cwd=self.root)
        run("git", "-c", "user.name=p", "-c", "user.email=p@x.org", "commit",
            "-q", "-m", "push", cwd=self.root)


class SigningPublisher(Publisher):

    def begin(self, package, origin):
        self.package, self.key = package, self.root + ".key"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
        self.sign(run(ORRERY, "-q", "package", "keyset", self.root, package,
                      "--signer", "p=%s.pub" % self.key, "--log", origin,
                      "--repo", "file://%s refs/heads/main" % self.root))

    def sign(self, statement):
        run(ORRERY, "-q", "package", "sign", statement, "--key", self.key)

    def release(self, package, number):
        super().release(package, number)
        if package == getattr(self, "package", None):
            self.sign(run(ORRERY, "-q", "package", "record", self.root,
                          package))


def measure(server, publishers):
    looks = {name: [] for name in publishers}
    cpu = {name: 0.0 for name in publishers}
    for number in range(1, PUSHES + 1):
        for name, publisher in publishers.items():
            publisher.release("framework", number)
            publisher.commit()
            before = server.cpu_ms()
            seconds, source = server.sync(name)
            cpu[name] += server.cpu_ms() - before
            looks[name].append(seconds * 1000)
            assert not source.get("pending") and not source.get("refused"), \
                source
    return looks, cpu


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packages", type=int, default=200)
    packages = parser.parse_args().packages
    with tempfile.TemporaryDirectory() as folder:
        server = MeasuredServer(os.path.join(folder, "data"))
        server.start()
        try:
            policy = server.request("GET", "/v1/trust/tlog-policy")[1]
            origin = policy.decode().split()[1].split("+")[0]
            publishers = {
                "unsigned": Publisher(folder, "unsigned", packages),
                "signed": SigningPublisher(folder, "signed", packages)}
            publishers["signed"].begin("framework", origin)
            # Of another name: a signed one has one home.
            unsigned = publishers["unsigned"].release
            publishers["unsigned"].release = (
                lambda package, number: unsigned(package + "-too", number))
            for name, publisher in publishers.items():
                publisher.release("framework", 0)
                publisher.commit()
                server.add_source(name, publisher.root)
                server.sync(name)
            looks, cpu = measure(server, publishers)
        finally:
            server.stop()
    median = {name: statistics.median(ms) for name, ms in looks.items()}
    print(json.dumps({
        "releases": packages, "pushes": PUSHES,
        "unsigned_ms": round(median["unsigned"], 2),
        "signed_ms": round(median["signed"], 2),
        "ratio": round(median["signed"] / median["unsigned"], 2),
        "unsigned_cpu_ms": round(cpu["unsigned"] / PUSHES, 2),
        "signed_cpu_ms": round(cpu["signed"] / PUSHES, 2),
        "cpu_ratio": round(cpu["signed"] / max(cpu["unsigned"], 1), 2)}))


if __name__ == "__main__":
    main()
