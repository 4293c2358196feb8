"""Files that cannot be written, and kills at each write: no log is lost or
forked, and no client goes back."""

import contextlib
import json
import os
import shutil

from tests.e2e import harness
from tests.e2e.harness import release_files
from tests.e2e.log_client import Client, ClientTestCase
from tests.e2e.served_log import Log

LIBRARY = os.path.join(harness.RUNFILES, "tests/e2e/libfailing_calls.so")


class Faults:
    """The n-th change of some files by a program fails, in some way."""

    def __init__(self, folder, *roots):
        self.plan = os.path.join(folder, "fault-plan")
        self.mark = os.path.join(folder, "fault-mark")
        self.environment = {
            "LD_PRELOAD": LIBRARY, "ASAN_OPTIONS": "verify_asan_link_order=0",
            "FAULT_ROOTS": ":".join(roots),
            "FAULT_PLAN": self.plan, "FAULT_MARK": self.mark}

    def set(self, number, kind, call=""):
        with open(self.plan + ".new", "w", encoding="ascii") as file:
            file.write("%d %s %s\n" % (number, kind, call))
        os.rename(self.plan + ".new", self.plan)

    def take(self):
        """The call that met the fault; empty when there were fewer."""
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.plan)
        try:
            with open(self.mark, encoding="ascii") as file:
                call = file.read()
            os.remove(self.mark)
            return call
        except FileNotFoundError:
            return ""


class LogAppendTest(harness.OrreryTestCase):

    def start_server(self, name="data", flags=None):
        data = self.path(name)
        witness = self.path("witness")
        self.faults = Faults(self.scratch, data + "/log.db", data + "/keys",
                             witness)
        server = harness.Server(data, "--checkpoint-witness", witness)
        server.environment = self.faults.environment
        self.addCleanup(server.stop)
        return server.start()

    def setUp(self):
        super().setUp()
        self.repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", self.repository)
        self.release = 0
        self.seen = Log(self.server)

    def look(self, place):
        """What is served now goes on from all that ever was."""
        log = Log(self.server)
        self.assertEqual(log.leaves[:self.seen.size], self.seen.leaves, place)
        self.assertNotIn(b"\nvoid ", log.catalog, place)
        self.seen = log

    def sync(self):
        return self.server.request("POST", "/v1/sources/u:sync", {})

    def append(self, number, kind):
        """A sync that meets a fault, and what helps itself afterwards."""
        self.release += 1
        self.commit(self.repository, release_files("kafka", self.release))
        self.faults.set(number, kind)
        with contextlib.suppress(OSError):
            self.sync()
        call = self.faults.take()
        place = "%s at call %d, %s" % (kind, number, call)
        if kind in ("kill", "torn") and call:
            self.server.process.wait(timeout=harness.PATIENCE)
            self.server.log.close()
            self.server.start()
        self.look(place)
        self.faults.set(0, "none")
        self.assertEqual(self.sync().status, 200, place)
        self.look(place)
        self.assertIn("u %d 1 observed current" % self.release,
                      self.seen.releases(), place)
        return call

    def each_call(self, kind):
        calls = []
        while call := self.append(len(calls) + 1, kind):
            calls.append(call)
        # The states of both signers, and the witness file.
        self.assertGreaterEqual(calls.count("pwrite"), 3, calls)
        self.assertIn("rename", calls)
        # Those states and the log, which SQLite writes.
        self.assertGreaterEqual(calls.count("fdatasync"), 3, calls)
        self.assertIn("pwrite64", calls)

    def test_kill_at_each_write_of_an_append(self):
        self.each_call("kill")

    def test_kill_in_the_middle_of_each_write_of_an_append(self):
        self.each_call("torn")

    def test_each_write_of_an_append_that_fails_once(self):
        self.each_call("error")

    def test_disk_that_is_full_from_each_write_of_an_append_on(self):
        self.each_call("full")

    def test_each_write_of_an_append_that_is_cut_short(self):
        self.each_call("short")


    def is_dead_or_beyond(self, size):
        with contextlib.suppress(OSError):
            note = self.server.get("/log/checkpoint").data
            if int(note.split(b"\n")[1]) > size:
                return True
        return self.server.process.poll() is not None

    def test_kill_at_each_write_of_the_start_that_publishes(self):
        calls = []
        while True:
            self.release += 1
            self.commit(self.repository, release_files("kafka", self.release))
            # Logged, and no signer knows of it.
            self.faults.set(1, "kill", "pwrite")
            with contextlib.suppress(OSError):
                self.sync()
            self.assertEqual(self.faults.take(), "pwrite")
            self.server.process.wait(timeout=harness.PATIENCE)
            self.server.log.close()
            size = self.seen.size
            self.faults.set(len(calls) + 1, "kill")
            with contextlib.suppress(AssertionError):
                self.server.start()
            harness.wait_for("a death or a checkpoint",
                             lambda: self.is_dead_or_beyond(size))
            call = self.faults.take()
            if not call:
                break
            self.server.log.close()
            self.server.start()
            calls.append(call)
            self.assertEqual(self.sync().status, 200, calls)
            self.look(calls)
        self.assertIn("pwrite", calls)
        self.assertIn("pwrite64", calls)


class RefreshTest(ClientTestCase):

    def each_call(self, kind, is_first_use):
        """The calls of a refresh, each of which met the fault once."""
        grown = self.grown()
        newer = Client.mirrors(self.mirror(grown.files(self.now)))
        older = Client.mirrors(self.mirror(
            self.world.public.files(self.now)))
        calls = []
        while True:
            client = self.client()
            if is_first_use:
                shutil.rmtree(client.state)
            faults = Faults(self.scratch, client.state, client.cache)
            faults.set(len(calls) + 1, kind)
            done = client.run("late", *newer, environment=faults.environment)
            call = faults.take()
            place = "%s at call %d, %s: %s" % (kind, len(calls) + 1, call,
                                               done)
            has_used = done.code == 0
            if has_used:
                self.assertEqual(json.loads(done.out)["registries"][0][
                    "size"], len(grown.leaves), place)
            elif kind in ("kill", "torn"):
                self.assertEqual(done.code, -9, place)
            else:
                self.assertEqual(json.loads(done.err)["refused"],
                                 "state.write", place)
            # What was used is never gone back from, whatever was interrupted.
            after = client.run("spark", *older)
            if has_used or after.code != 0:
                self.assertEqual(json.loads(after.err).get("refused"),
                                 "log.rollback", place)
            client.accept("late", *newer)
            client.refuse("log.rollback", "spark", *older)
            client.accept("late", "--offline")
            left = [name for name in os.listdir(os.path.join(
                client.state, "public")) if name not in (
                    "checkpoint", "lock", "replayed", "sound", "told")]
            self.assertLessEqual(len(left), 1, place)
            if not call:
                return calls
            calls.append(call)

    def test_each_write_of_a_refresh(self):
        for kind in ("kill", "torn", "error", "full", "short"):
            for is_first_use in (False, True):
                with self.subTest(kind=kind, is_first_use=is_first_use):
                    calls = self.each_call(kind, is_first_use)
                    # The checkpoint, and files of the cache.
                    self.assertGreaterEqual(calls.count("rename"), 2, calls)
                    self.assertIn("fsync", calls)


if __name__ == "__main__":
    harness.main()
