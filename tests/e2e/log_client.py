"""A client that verifies, and the logs, honest at first, that it meets."""

import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

from tests.e2e import harness
from tests.e2e.forged_mirror import Forge, Key, tree_hash, write_files

CHECKPOINT = "log/checkpoint"
ORIGIN = "registry.example/main"
EXITS = {"trust": 10, "log": 11, "index": 11, "record": 12, "policy": 13,
         "name": 13, "version": 13, "content": 14, "bundle": 16,
         "state": 20}
HOUR = 3600

POLICY = """policy 1
registry public https://registry.example/main
  tlog-policy public.tlog-policy
  names-file public.names
registry corp https://pkgs.corp.example
  tlog-policy corp.tlog-policy
  names-file corp.names
  witnesses timestamper
names corp acme-*
names public *
require * evidence observed
"""


def release_of(package, version="1.0.0", extra=None):
    return {"package.json": json.dumps(
        {"packagingVersion": "4.0", "name": package, "version": version,
         "maintainer": "m", "description": "d", "tags": []}).encode(),
            **(extra or {})}


def flip(data, place=-1):
    """One bit of it is another."""
    data = bytearray(data)
    data[place] ^= 1
    return bytes(data)


def replaced(data, old, new):
    assert old in data, (old, data)
    return data.replace(old, new)


class World:
    """Keys, honest logs, and a client's policy; made once."""

    def __init__(self, now):
        self.now = now
        self.log_key = Key.make(ORIGIN, 1)
        self.timestamper = Key.make("registry.example/timestamper", 4)
        self.witnesses = [Key.make("w%d.example/witness" % i, 4)
                          for i in (1, 2)]
        self.public = Forge(ORIGIN, self.log_key,
                            [self.timestamper, *self.witnesses])
        self.fill_public()
        self.corp_key = Key.make("pkgs.corp.example/log", 1)
        self.corp_timestamper = Key.make("pkgs.corp.example/timestamper", 4)
        self.corp = Forge(self.corp_key.name, self.corp_key,
                          [self.corp_timestamper])
        self.corp.source("inside")
        self.corp.observed("inside", "acme-db", 1, release_of("acme-db"))
        self.corp.index(now - HOUR)

    def fill_public(self):
        forge = self.public
        forge.source("universe")
        forge.source("frozen", mode="immutable", priority=10)
        self.old = release_of("hello-world", extra={"config.json": b"{}\n"})
        self.new = release_of("hello-world", extra={"config.json": b"{ }\n"})
        forge.observed("universe", "hello-world", 0, self.old)
        for release in (1, 2, 3):
            version = "1.%d" % release
            forge.observed("frozen", "chronos", release,
                           release_of("chronos", version), version=version)
        forge.observed("universe", "spark", 1, release_of("spark"))
        # Higher number, lower-looking label.
        forge.observed("universe", "spark", 2, release_of("spark", "0.9.0"),
                       version="0.9.0")
        forge.index(self.now - 3 * HOUR)
        forge.observed("universe", "hello-world", 0, self.new, revision=2,
                       replaces=tree_hash("hello-world", 0, self.old))
        forge.index(self.now - 2 * HOUR)

    def tlog_policy(self, log_key=None):
        return "\n".join([
            "log " + (log_key or self.log_key).vkey(),
            "witness timestamper " + self.timestamper.vkey(),
            "witness W1 " + self.witnesses[0].vkey(),
            "witness W2 " + self.witnesses[1].vkey(),
            "group outside 2 W1 W2", "quorum outside"]) + "\n"

    def write_policy(self, folder, text=POLICY, names=""):
        """The policy's path."""
        os.makedirs(folder, exist_ok=True)
        for name, data in (
                ("policy", text), ("public.tlog-policy", self.tlog_policy()),
                ("public.names", "orrery/names/v1\n" + names),
                ("corp.names", "orrery/names/v1\n"),
                ("corp.tlog-policy", "log %s\nwitness timestamper %s\n"
                 "quorum timestamper\n" % (self.corp_key.vkey(),
                                           self.corp_timestamper.vkey()))):
            with open(os.path.join(folder, name), "w",
                      encoding="ascii") as file:
                file.write(data)
        return os.path.join(folder, "policy")


class Client:
    """Somebody who verifies, with a home of its own."""
    command = ("verify",)

    def __init__(self, world, folder, seed=None):
        self.test = unittest.TestCase()
        self.root = folder
        os.makedirs(folder)
        self.home = os.path.join(self.root, "home")
        self.state = os.path.join(self.root, "state")
        self.cache = os.path.join(self.home, ".cache")
        # State where nothing says where it is to be.
        self.local = os.path.join(self.home, ".local")
        os.mkdir(self.home)
        if seed:
            shutil.copytree(seed.state, self.state)
        self.policy = world.write_policy(os.path.join(self.root, "policy"))
        self.trust = ["--policy", self.policy, "--state", self.state]

    def start(self, *arguments, environment=None):
        return subprocess.Popen(
            [harness.ORRERY, *self.command, "-o", "json", *self.trust,
             *arguments],
            env={"PATH": "/usr/bin:/bin", "HOME": self.home,
                 **(environment or {})},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

    def run(self, *arguments, environment=None):
        process = self.start(*arguments, environment=environment)
        out, err = process.communicate(timeout=harness.PATIENCE)
        return harness.Result(process.returncode, out, err)

    @staticmethod
    def mirrors(*folders):
        return [word for folder in folders
                for word in ("--mirror", "public=" + folder)]

    def accept(self, *arguments, **options):
        done = self.run(*arguments, **options)
        self.test.assertEqual(done.code, 0, done)
        return json.loads(done.out)

    def stored(self, registry="public"):
        path = os.path.join(self.state, registry, "checkpoint")
        with open(path, encoding="utf-8") as file:
            return file.read()

    def elsewhere(self):
        """All files but those of state and cache, with what they hold."""
        found = {}
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if os.path.join(
                folder, name) not in (self.state, self.cache, self.local)]
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    found[os.path.join(folder, name)] = file.read()
        return found

    def refuse(self, code, *arguments, **options):
        """The refusal object of a run that changes nothing elsewhere."""
        before = self.elsewhere()
        done = self.run(*arguments, **options)
        lines = done.err.splitlines()
        self.test.assertTrue(lines, done)
        refusal = json.loads(lines[0])
        self.test.assertEqual(refusal.get("refused"), code, done)
        exit_status = EXITS[code.split(".")[0]]
        self.test.assertEqual(
            (done.code, refusal["exit"], done.out),
            (exit_status, exit_status, ""), done)
        self.test.assertEqual(self.elsewhere(), before)
        return refusal


class ClientTestCase(unittest.TestCase):
    """Has a world, and clients in it that have seen its log."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.now = int(time.time())
        cls.world = World(cls.now)
        cls.scratch = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        cls.addClassCleanup(shutil.rmtree, cls.scratch, ignore_errors=True)
        cls.folders = 0
        cls.honest = cls.mirror(cls.world.public.files(cls.now - HOUR))
        cls.corp = cls.mirror(cls.world.corp.files(cls.now))
        cls.seed = Client(cls.world, cls.folder())
        cls.seed.accept("spark", *Client.mirrors(cls.honest))

    @classmethod
    def folder(cls):
        cls.folders += 1
        return os.path.join(cls.scratch, str(cls.folders))

    @classmethod
    def mirror(cls, files):
        return write_files(cls.folder(), files)

    def client(self):
        """It has seen the honest log, and keeps no files."""
        return Client(self.world, self.folder(), self.seed)

    def grown(self, forge=None):
        """The log, or another one, with one more batch."""
        forge = (forge or self.world.public).copy()
        forge.observed("universe", "late", 1, release_of("late"))
        forge.index(self.now - 60)
        return forge
