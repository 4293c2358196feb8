"""A full disk: said, nothing lost, and it goes on when there is room.

The data directory is a small tmpfs in a mount namespace of the test's own.
"""

import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
import unittest

from tests.e2e import harness
from tests.e2e.git_servers import HttpRemote
from tests.e2e.harness import release_files

# Set in the namespace.
MARK = "ORRERY_TEST_OWN_MOUNTS"
DISK_BYTES = 24 << 20


def enter_namespace():
    """Runs this program again where it may mount; stays here if it may not."""
    if os.environ.get(MARK) is not None:
        return
    probe = subprocess.run(
        ["unshare", "-rm", "sh", "-c", "mount -t tmpfs none /mnt"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        check=False)
    if probe.returncode != 0:
        os.environ[MARK] = ""
        return
    os.environ[MARK] = "1"
    os.execvp("unshare", ["unshare", "-rm", sys.executable, *sys.argv])


class FullDiskTest(harness.OrreryTestCase):

    def setUp(self):
        if not os.environ.get(MARK):
            self.skipTest("no mount namespace can be made here")
        super().setUp()

    def start_server(self, name="data", flags=None):
        disk = self.path("disk")
        os.mkdir(disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%d" % DISK_BYTES,
                        "none", disk], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        return super().start_server(os.path.join("disk", name), flags)

    def fill(self, leave=0):
        """Takes all room but `leave` bytes."""
        with open(self.path("disk", "filler"), "ab", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                pass
            size = file.tell()
            if leave:
                file.truncate(max(0, size - leave))

    def make_room(self):
        os.remove(self.path("disk", "filler"))

    def noisy_releases(self, name, count):
        """Files of releases whose bytes cannot be packed."""
        noise = random.Random(name)
        files = {}
        for release in range(count):
            files.update(release_files(
                name, release, "1.%d" % release,
                preInstallNotes="%x" % noise.getrandbits(20000)))
        return files

    def test_sync_on_a_full_disk_fails_and_works_when_there_is_room(self):
        repository = self.make_repository(
            files=self.noisy_releases("kafka", 20))
        self.add_source("u", repository)
        self.commit(repository, self.noisy_releases("spark", 400))
        self.fill()
        done = self.orrery("source", "sync", "u", code=1)
        self.assertIn("full", done.err)
        status = self.source_status("u")
        self.assertEqual((status["state"], status["releases"]),
                         ("failed", 20))
        self.assertIn("full", status["error"])
        self.orrery("show", "kafka")
        self.make_room()
        self.orrery("source", "sync", "u")
        status = self.source_status("u")
        self.assertEqual((status["state"], status["releases"]), ("ok", 420))

    def test_fetch_on_a_full_disk_fails_and_works_when_there_is_room(self):
        remote = HttpRemote(self.scratch)
        self.addCleanup(remote.stop)
        repository = self.make_repository(
            files=self.noisy_releases("kafka", 2))
        self.add_source("u", remote.url + "/repository/.git")
        self.commit(repository, {**release_files("spark", 0),
                                 "noise": os.urandom(1 << 20)})
        self.fill()
        done = self.orrery("source", "sync", "u", code=1)
        self.assertRegex(done.err, "full|No space left")
        status = self.source_status("u")
        self.assertEqual((status["state"], status["releases"]), ("failed", 2))
        self.orrery("show", "kafka")
        self.make_room()
        self.orrery("source", "sync", "u")
        status = self.source_status("u")
        self.assertEqual((status["state"], status["releases"]), ("ok", 3))

    def start_at(self, port):
        """Starts the server at a port and waits there: no file may say it."""
        self.server.http_listen = self.server.address = "127.0.0.1:%d" % port
        self.server.launch()

        def ready():
            with contextlib.suppress(OSError):
                return self.server.get("/readyz").status == 200

        harness.wait_for("orreryd to answer", ready)

    def test_start_on_a_full_disk_serves_what_is_stored(self):
        repository = self.make_repository(
            files=self.noisy_releases("kafka", 20))
        self.add_source("u", repository)
        self.commit(repository, release_files("spark", 0))
        port = int(self.server.address.rpartition(":")[2])
        for stop in (self.server.stop, self.server.kill):
            stop()
            self.fill()
            self.start_at(port)
            self.assertEqual(self.source_status("u")["releases"], 20)
            self.orrery("show", "kafka")
            self.make_room()
        self.orrery("source", "sync", "u")
        self.assertEqual(self.source_status("u")["releases"], 21)

    def test_first_start_on_a_full_disk_says_so_and_works_with_room(self):
        # What it says lies elsewhere.
        os.symlink(self.path("disk", "other"), self.path("other"))
        other = harness.Server(self.path("other"))
        self.addCleanup(other.stop)
        # With ever more room it comes ever further.
        for room in (0, 4096, 16384, 65536, 262144):
            os.mkdir(self.path("disk", "other"))
            self.fill(leave=room)
            other.launch()
            address = os.path.join(other.data_dir, "run/http.addr")
            harness.wait_for("it to end or to serve", lambda: os.path.exists(
                address) or other.process.poll() is not None)
            if other.process.poll() is not None:
                self.assertNotEqual(other.process.returncode, 0)
                said = other.log_text().splitlines()[-1]
                self.assertRegex(said, "full|No space left", room)
                self.assertIn(other.data_dir, said)
            other.stop()
            self.make_room()
            shutil.rmtree(self.path("disk", "other"))
        os.mkdir(self.path("disk", "other"))
        other.start()
        self.assertEqual(other.get("/readyz").status, 200)

    def test_sources_on_a_full_disk_are_added_or_not(self):
        repository = self.make_repository(
            files=self.noisy_releases("kafka", 1))
        self.fill()
        done = self.orrery("source", "add", "u", repository, code=None)
        self.assertNotEqual(done.code, 0)
        self.assertIn("full", done.err)
        self.assertEqual(
            self.orrery("source", "list", "-o", "json").json["sources"], [])
        self.make_room()
        self.add_source("u", repository)
        self.assertEqual(self.source_status("u")["releases"], 1)

    def test_artifact_on_a_full_disk_is_stored_when_there_is_room(self):
        archive = self.path("archive.tar.gz")
        with open(archive, "wb") as file:
            file.write(os.urandom(4 << 20))
        self.fill(leave=1 << 20)
        done = self.orrery("artifact", "add", archive, code=None)
        self.assertNotEqual(done.code, 0)
        self.assertIn("make room on the disk", done.err)

        def stored():
            return self.orrery("artifact", "list", "-o",
                               "json").json["artifacts"]
        self.assertEqual(stored(), [])
        self.make_room()
        self.orrery("artifact", "add", archive)
        self.assertEqual([one["size"] for one in stored()], [4 << 20])

    def test_service_starts_when_there_is_room(self):
        repository = self.make_repository(files=harness.echod_files())
        self.add_source("u", repository)
        self.fill()
        done = self.orrery("install", "echod", "--yes", code=None)
        self.assertNotEqual(done.code, 0)
        self.assertIn("full", done.err)
        self.make_room()
        self.orrery("install", "echod", "--yes")
        self.orrery("uninstall", "echod", "--yes")

    def test_service_that_is_starting_goes_on_when_there_is_room(self):
        repository = self.make_repository(files=harness.echod_files(
            template_changes={
                "cmd": "sleep 3; exec python3 -m http.server --bind $HOST "
                       "$PORT0"}))
        self.add_source("u", repository)
        self.orrery("install", "echod", "--yes", "--no-wait")
        self.fill()
        time.sleep(4)
        self.orrery("list")
        self.make_room()
        self.orrery("status", "echod")

        def running():
            shown = self.orrery("status", "echod", "-o", "json").json
            return shown.get("health") == "healthy" or \
                shown.get("state") == "running"

        harness.wait_for("echod to run", running)
        self.orrery("uninstall", "echod", "--yes")


if __name__ == "__main__":
    enter_namespace()
    harness.main()
