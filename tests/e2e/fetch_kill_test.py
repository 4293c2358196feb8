"""kill -9 of the server while git fetches: the next start ends what was left
of it, and its next look works without help."""

import glob
import os
import subprocess
import time

from tests.e2e import harness
from tests.e2e.git_servers import HttpRemote, SlowLine, SshRemote
from tests.e2e.harness import release_files, wait_for


class FetchKillTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.repository = self.make_repository(files=release_files("kafka", 0))

    def line_to(self, port):
        line = SlowLine(port)
        self.addCleanup(line.stop)
        return line

    def gits(self):
        """Processes that work for the server, and their children."""
        facts = os.stat(self.server.data_dir)
        mark = b"ORRERY_GIT_OF=%d:%d" % (facts.st_dev, facts.st_ino)
        found = set()
        for path in glob.glob("/proc/[0-9]*/environ"):
            try:
                with open(path, "rb") as file:
                    if mark in file.read().split(b"\0"):
                        found.add(path)
            except OSError:
                pass
        return found

    def receiving(self):
        return glob.glob(os.path.join(self.server.data_dir, "clones", "*",
                                      "objects", "pack", "tmp_pack_*"))

    def kill_while_fetching(self, line, release, moment):
        self.commit(self.repository, {
            **release_files("kafka", release),
            "noise": os.urandom(100_000)})
        line.piece, line.pause = 2000, 0.1
        looking = subprocess.Popen(
            [harness.ORRERY, "source", "sync", "u"],
            env={"PATH": "/usr/bin:/bin", "HOME": self.home,
                 "ORRERY_SERVER": self.server.url},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        wait_for("git to run", self.gits)
        moment()
        left = self.gits()
        self.server.kill()
        looking.wait()
        self.server.start()
        self.assertFalse(left & self.gits())
        # An earlier release is never lost.
        self.assertEqual(self.source_status("u")["releases"], release)
        line.piece, line.pause = 1 << 16, 0
        self.orrery("source", "sync", "u")
        self.assertEqual(self.source_status("u")["releases"], release + 1)

    def kill_at_several_moments(self, line):
        moments = (
            lambda: None,
            lambda: wait_for("objects to come", self.receiving),
            lambda: (wait_for("objects to come", self.receiving),
                     time.sleep(1)),
        )
        for release, moment in enumerate(moments, start=1):
            self.kill_while_fetching(line, release, moment)

    def test_over_http(self):
        remote = HttpRemote(self.scratch)
        self.addCleanup(remote.stop)
        line = self.line_to(remote.port)
        self.add_source(
            "u", "http://127.0.0.1:%d/repository/.git" % line.port)
        self.kill_at_several_moments(line)

    def test_over_ssh(self):
        remote = SshRemote(self.path("ssh"))
        self.addCleanup(remote.stop)
        line = self.line_to(remote.port)
        known_hosts = self.path("known_hosts")
        with open(known_hosts, "w", encoding="ascii") as file:
            file.write("[127.0.0.1]:%d %s\n" % (
                line.port, remote.public_key("host")))
        url = remote.url(self.repository).replace(
            ":%d/" % remote.port, ":%d/" % line.port)
        self.add_source("u", url, "--ssh-key-file", remote.user_key,
                        "--known-hosts", known_hosts)
        self.kill_at_several_moments(line)


if __name__ == "__main__":
    harness.main()
