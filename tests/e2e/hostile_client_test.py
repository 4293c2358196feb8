"""Clients that are many, slow or rude: others are served meanwhile."""

import os
import re
import resource
import socket
import subprocess
import sys
import time
import unittest

from tests.e2e import harness
from tests.e2e.harness import release_files

CROWD = os.path.join(harness.RUNFILES, "tests/e2e/crowd.py")
IDLE = 10000
# What the server keeps for itself; see MaxConnections in server/main.cc.
OWN_DESCRIPTORS = 1024
HARD_LIMIT = resource.getrlimit(resource.RLIMIT_NOFILE)[1]


class HostileClientTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.add_source("u", self.make_repository(
            files=release_files("kafka", 0)))

    def connect(self):
        host, port = self.server.address.rsplit(":", 1)
        stream = socket.create_connection((host, int(port)), timeout=60)
        self.addCleanup(stream.close)
        return stream

    def crowd(self, count, address):
        """Opens connections in another process; ends with the test."""
        process = subprocess.Popen(
            [sys.executable, CROWD, *address.rsplit(":", 1), str(count)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.assertEqual(process.stdout.readline().strip(), str(count))

    def status(self, name):
        with open("/proc/%d/status" % self.server.process.pid,
                  encoding="ascii") as file:
            return int(re.search(r"^%s:\s+(\d+)" % name, file.read(),
                                 re.MULTILINE).group(1))

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.server.process.pid))

    def assert_reads_go_on(self):
        begin = time.monotonic()
        for _ in range(20):
            self.assertEqual(self.server.get("/v1/packages/kafka").status, 200)
        self.assertLess(time.monotonic() - begin, 10)

    @unittest.skipIf(
        HARD_LIMIT < IDLE + OWN_DESCRIPTORS + 100,
        "the hard limit of descriptors is %d here" % HARD_LIMIT)
    def test_ten_thousand_idle_connections_are_cheap(self):
        before = self.status("VmRSS")
        threads = self.status("Threads")
        self.crowd(IDLE, self.server.address)
        harness.wait_for("the server to accept all",
                         lambda: self.descriptors() > IDLE)
        self.assert_reads_go_on()
        # In KiB: 10 for each.
        self.assertLess(self.status("VmRSS") - before, 10 * IDLE)
        self.assertEqual(self.status("Threads"), threads)

    def test_descriptors_and_threads_do_not_grow(self):
        self.assert_reads_go_on()
        before = (self.descriptors(), self.status("Threads"))
        for _ in range(300):
            self.assertEqual(
                self.server.get("/v1/packages/nothing").status, 404)
            self.connect().close()
        harness.wait_for("descriptors to be given back",
                         lambda: self.descriptors() <= before[0])
        self.assertEqual(self.status("Threads"), before[1])

    def test_out_of_descriptors_those_go_that_wait_longest(self):
        pid = self.server.process.pid
        most = self.descriptors() + 100
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (most, most))
        self.crowd(300, self.server.address)
        self.assert_reads_go_on()
        harness.wait_for("room to be made",
                         lambda: "no room for more" in self.server.log_text())
        before = self.cpu_seconds()
        time.sleep(1)
        self.assertLess(self.cpu_seconds() - before, 0.5)
        self.assertEqual(self.server.log_text().count("no room for more"), 1)

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.server.process.pid,
                  encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_slow_heads_bodies_and_readers_keep_nobody_waiting(self):
        slow = []
        for _ in range(50):
            head = self.connect()
            head.sendall(b"GET /v1/packages HTTP/1.1\r\nHost: local")
            body = self.connect()
            body.sendall(b"POST /v1/sources HTTP/1.1\r\nHost: localhost\r\n"
                         b"Content-Type: application/json\r\n"
                         b"Content-Length: 1000\r\n\r\n{")
            reader = self.connect()
            reader.sendall(b"GET /openapi.json HTTP/1.1\r\n"
                           b"Host: localhost\r\n\r\n" * 200)
            slow += [head, body, reader]
        for _ in range(3):
            for stream in slow[::3]:
                stream.sendall(b"x")
            self.assert_reads_go_on()

    def test_a_body_too_large_is_refused_before_it_comes(self):
        stream = self.connect()
        stream.sendall(b"POST /v1/sources HTTP/1.1\r\nHost: localhost\r\n"
                       b"Content-Type: application/json\r\n"
                       b"Content-Length: 99999999999\r\n\r\n")
        self.assertIn(b" 413 ", stream.recv(65536))
        self.assert_reads_go_on()


if __name__ == "__main__":
    harness.main()
