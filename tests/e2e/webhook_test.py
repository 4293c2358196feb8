"""Notifications of git servers, over real HTTP, and the looks they cause."""

import hashlib
import hmac
import http.client
import json
import os
import socket
import time

from tests.e2e import harness
from tests.e2e.git_servers import HttpRemote
from tests.e2e.harness import release_files, wait_for

SECRET = "Correct horse, battery staple"
BODY = b'{"ref": "refs/heads/main", "commits": []}'


def mac(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def hub(body):
    return [("X-Hub-Signature-256", "sha256=" + mac(body))]


class WebhookTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.secret_file = self.path("secret")
        with open(self.secret_file, "w", encoding="ascii") as file:
            file.write(SECRET + "\n")
        self.repository = self.make_repository(files=release_files("kafka", 0))
        self.remote = HttpRemote(self.scratch)
        self.addCleanup(self.remote.stop)

    def add(self, name, *flags):
        self.add_source(name, self.remote.url + "/repository/.git",
                        "--webhook-secret-file", self.secret_file, *flags)

    def notify(self, name, headers, body=BODY):
        """The status; each header goes out as often as it is there."""
        connection = http.client.HTTPConnection(self.server.address)
        connection.putrequest("POST", "/v1/sources/%s:notify" % name)
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
        for field, value in headers:
            connection.putheader(field, value)
        connection.endheaders(body)
        response = connection.getresponse()
        self.answer = response.read().decode()
        connection.close()
        return response.status

    def listings(self):
        return sum("info/refs" in path for path in self.remote.requests)

    def fetches(self):
        """Requests for objects: one more than listings at each fetch."""
        return sum("git-upload-pack" in path and "info/refs" not in path
                   for path in self.remote.requests)

    def resident(self):
        """Bytes of memory that the server has."""
        with open("/proc/%d/statm" % self.server.process.pid,
                  encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def quiet(self):
        """Waits until no look has begun for a while."""
        seen = [len(self.remote.requests), time.monotonic()]

        def still():
            if len(self.remote.requests) != seen[0]:
                seen[:] = [len(self.remote.requests), time.monotonic()]
            return time.monotonic() - seen[1] > 1.8

        wait_for("the remote to be left alone", still)

    def test_right_delivery_has_the_push_indexed(self):
        self.add("u")
        self.commit(self.repository, release_files("kafka", 1, "2.0.0"))
        self.assertEqual(self.notify("u", hub(BODY)), 202)
        wait_for("the push to be indexed",
                 lambda: self.source_status("u")["releases"] == 2)

    def test_each_dialect_by_its_own_rules(self):
        self.add("u")
        good, bad = mac(BODY), mac(BODY)[:-1] + "g"
        for headers, body, status in (
                ([("X-Hub-Signature-256", "sha256=" + good)], BODY, 202),
                ([("X-Hub-Signature-256", "sha256=" + bad)], BODY, 401),
                ([("X-Hub-Signature-256", "sha1=" + good)], BODY, 401),
                ([("X-Hub-Signature", "sha1=" + good)], BODY, 401),
                ([("X-Hub-Signature-256", "sha256=" + good)],
                 BODY.replace(b" ", b""), 401),
                ([("X-Gitea-Signature", good)], BODY, 202),
                ([("X-Gitea-Signature", bad)], BODY, 401),
                ([("X-Gitlab-Token", SECRET)], BODY, 202),
                ([("X-Gitlab-Token", SECRET + "!")], BODY, 401),
                ([("X-Hub-Signature-256", "sha256=" + good),
                  ("X-Hub-Signature-256", "sha256=" + bad)], BODY, 401),
                ([("X-Hub-Signature-256", "sha256=" + bad),
                  ("X-Hub-Signature-256", "sha256=" + good)], BODY, 401),
                ([("X-Gitea-Signature", good),
                  ("X-Hub-Signature-256", "sha256=" + bad)], BODY, 401),
                ([], BODY, 401)):
            with self.subTest(headers=headers):
                self.assertEqual(self.notify("u", headers, body), status)
                self.assertNotIn(good, self.answer)
        self.assertNotIn(SECRET, self.server.log_text())
        self.assertNotIn(SECRET, self.orrery(
            "source", "status", "u", "-o", "json").out)

    def test_without_a_secret_nobody_gets_in(self):
        self.add_source("open", self.remote.url + "/repository/.git")
        self.assertEqual(self.notify("open", hub(BODY)), 403)
        self.assertEqual(self.notify("nobody", hub(BODY)), 403)

    def test_secret_is_read_again_at_each_delivery(self):
        self.add("u")
        with open(self.secret_file, "w", encoding="ascii") as file:
            file.write("another\n")
        self.assertEqual(self.notify("u", hub(BODY)), 401)
        self.assertEqual(self.notify("u", [("X-Gitlab-Token", "another")]), 202)

    def test_body_is_bounded(self):
        self.add("u")
        self.assertEqual(
            self.notify("u", [("X-Gitlab-Token", SECRET)],
                        b"x" * (25 << 20)), 202)
        connection = http.client.HTTPConnection(self.server.address)
        connection.putrequest("POST", "/v1/sources/u:notify")
        connection.putheader("Content-Length", str((25 << 20) + 1))
        connection.endheaders()
        self.assertEqual(connection.getresponse().status, 413)
        connection.close()

    def test_bodies_of_many_that_prove_nothing_are_not_kept(self):
        self.add("u")
        size, count = 4 << 20, 100
        before = self.resident()
        senders = []
        for _ in range(count):
            host, port = self.server.address.split(":")
            sender = socket.create_connection((host, int(port)), timeout=60)
            self.addCleanup(sender.close)
            sender.sendall(
                b"POST /v1/sources/u:notify HTTP/1.1\r\nHost: localhost\r\n"
                b"X-Hub-Signature-256: sha256=%s\r\n"
                b"Content-Length: %d\r\n\r\n" % (b"0" * 64, size))
            sender.sendall(b"x" * (size - 1))
            senders.append(sender)
        for _ in range(20):
            self.assertEqual(self.server.get("/v1/packages/kafka").status, 200)
        self.assertEqual(self.notify("u", hub(BODY)), 202)
        # Of 400 MiB that came.
        self.assertLess(self.resident() - before, 60 << 20)
        for sender in senders:
            sender.sendall(b"x")
            self.assertIn(b" 401 ", sender.recv(4096))

    def test_delivery_that_its_head_condemns_is_not_read(self):
        self.add("u")
        host, port = self.server.address.split(":")
        for name, token, status in (("u", b"wrong", b" 401 "),
                                    ("nobody", SECRET.encode(), b" 403 ")):
            with socket.create_connection((host, int(port)),
                                          timeout=60) as sender:
                sender.sendall(
                    b"POST /v1/sources/%s:notify HTTP/1.1\r\n"
                    b"Host: localhost\r\nX-Gitlab-Token: %s\r\n"
                    b"Content-Length: 20000000\r\n\r\n%s" % (
                        name.encode(), token, b"x" * 5000))
                self.assertIn(status, sender.recv(4096))

    def test_replays_are_few_looks(self):
        self.add("u")
        self.quiet()
        listings, fetches = self.listings(), self.fetches()
        for _ in range(100):
            self.assertEqual(self.notify("u", hub(BODY)), 202)
        self.quiet()
        self.assertLessEqual(self.listings() - listings, 2)
        # A listing by protocol version 2 is a request of its own.
        self.assertLessEqual(self.fetches() - fetches, 2)

    def test_many_notifications_of_one_push_are_one_listing(self):
        self.git(self.repository, "branch", "dev")
        names = ["s%d" % i for i in range(14)]
        for i, name in enumerate(names):
            self.add(name, "--ref", "dev" if i < 2 else "main")
        self.git(self.repository, "checkout", "-q", "dev")
        self.quiet()
        listings = self.listings()
        self.commit(self.repository, release_files("kafka", 1, "2.0.0"))
        bodies = [
            # The list of changed files is empty, though one changed.
            json.dumps({"ref": "refs/heads/dev", "commits": [
                {"added": [], "modified": [], "removed": []}]}).encode(),
            json.dumps({"ref": "refs/tags/v1"}).encode(),
            json.dumps({"ref": "refs/heads/dev", "deleted": True,
                        "after": "0" * 40}).encode()]
        for i, name in enumerate(names):
            body = bodies[i % len(bodies)]
            self.assertEqual(self.notify(name, hub(body), body), 202)
        wait_for("dev to be indexed", lambda: all(
            self.source_status(name)["releases"] == 2 for name in names[:2]))
        self.quiet()
        # The fetch of dev lists once more, as part of itself.
        fetches = sum("info/refs" in path
                      for path in self.remote.requests) - listings
        self.assertLessEqual(fetches, 2)
        for name in names[2:]:
            self.assertEqual(self.source_status(name)["releases"], 1)


if __name__ == "__main__":
    harness.main()
