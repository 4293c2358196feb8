"""Remotes over http and ssh, by the servers that people run."""

import os
import socket
import subprocess
import threading
import time

from tests.e2e import harness
from tests.e2e.git_servers import HttpRemote, SshRemote
from tests.e2e.harness import release_files


class HttpTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.repository = self.make_repository(
            files=release_files("kafka", 0))

    def serve(self, token=None):
        remote = HttpRemote(self.scratch, token)
        self.addCleanup(remote.stop)
        return remote

    def test_push_arrives_over_http(self):
        remote = self.serve()
        self.add_source("u", remote.url + "/repository/.git")
        self.assertEqual(self.source_status("u")["ref"], "refs/heads/main")
        self.commit(self.repository, release_files("kafka", 1, "2.0.0"))
        self.orrery("source", "sync", "u")
        status = self.source_status("u")
        self.assertEqual((status["releases"], status["state"]), (2, "ok"))
        self.assertEqual(status["remote_commit"], status["commit"])

    def test_failed_fetch_keeps_the_last_good_snapshot_and_says_so(self):
        remote = self.serve()
        self.add_source("u", remote.url + "/repository/.git")
        os.rename(self.repository, self.repository + ".gone")
        self.orrery("source", "sync", "u", code=1)
        status = self.source_status("u")
        self.assertEqual((status["state"], status["releases"]), ("failed", 1))
        self.assertIn("127.0.0.1", status["error"])
        self.orrery("show", "kafka")

    def test_token_is_sent_and_never_shown(self):
        remote = self.serve("s3cret-t0ken")
        url = remote.url + "/repository/.git"
        self.orrery("source", "add", "u", url, code=1)
        token_file = self.path("token")
        with open(token_file, "w", encoding="ascii") as file:
            file.write("s3cret-t0ken\n")
        self.add_source("u", url, "--token-file", token_file)
        self.assertEqual(self.source_status("u")["releases"], 1)
        shown = self.orrery("source", "list", "-o", "json").out
        self.assertNotIn("s3cret", shown + self.server.log_text())

    def test_address_that_is_no_repository_is_not_stored(self):
        remote = self.serve()
        done = self.orrery("source", "add", "u", remote.url + "/nothing",
                           code=1)
        self.assertIn("127.0.0.1", done.err)
        self.assertEqual(
            self.orrery("source", "list", "-o", "json").json["sources"], [])

    def test_silent_remote_fails_the_check_in_time_and_delays_nobody(self):
        self.add_source("good", self.repository)
        silent = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(silent.close)
        url = "http://127.0.0.1:%d/x.git" % silent.getsockname()[1]
        done = []
        began = time.monotonic()
        adding = threading.Thread(target=lambda: done.append(
            self.orrery("source", "add", "silent", url, code=1)))
        adding.start()
        self.commit(self.repository, release_files("kafka", 1))
        self.orrery("source", "sync", "good")
        self.assertLess(time.monotonic() - began, 8)
        adding.join()
        self.assertLess(time.monotonic() - began, 15)
        self.assertIn("127.0.0.1", done[0].err)

    def test_password_in_a_url_is_refused_and_not_repeated(self):
        done = self.orrery("source", "add", "u",
                           "https://me:hunter2@git.example/u.git", code=64)
        self.assertNotIn("hunter2", done.err + self.server.log_text())


class SshTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.repository = self.make_repository(files=release_files("kafka", 0))
        self.remote = SshRemote(self.path("ssh"))
        self.addCleanup(self.remote.stop)

    def flags(self, known_hosts=None):
        return ("--ssh-key-file", self.remote.user_key,
                "--known-hosts", known_hosts or self.remote.known_hosts)

    def test_push_arrives_over_ssh(self):
        self.add_source("u", self.remote.url(self.repository), *self.flags())
        self.commit(self.repository, release_files("kafka", 1, "2.0.0"))
        self.orrery("source", "sync", "u")
        self.assertEqual(self.source_status("u")["releases"], 2)

    def known_hosts(self, *lines):
        path = self.path("hosts")
        with open(path, "w", encoding="ascii") as file:
            file.write("".join(line + "\n" for line in lines))
        return path

    def fingerprint(self, name):
        return subprocess.run(
            ["ssh-keygen", "-l", "-f", self.path("ssh", name + ".pub")],
            stdout=subprocess.PIPE, text=True, check=True).stdout.split()[1]

    def add(self, hosts, code):
        return self.orrery("source", "add", "u",
                           self.remote.url(self.repository),
                           *self.flags(hosts), code=code)

    def test_host_is_found_among_other_keys_ports_and_hashed_names(self):
        self.remote.make_key("other")
        name = "[127.0.0.1]:%d " % self.remote.port
        hosts = self.known_hosts(
            "# a comment", "127.0.0.1 " + self.remote.public_key("other"),
            name + self.remote.public_key("other"),
            name + self.remote.public_key("host"))
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", hosts], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(hosts, encoding="ascii") as file:
            self.assertNotIn("127.0.0.1", file.read())
        self.add(hosts, 0)

    def test_unknown_host_is_refused_with_the_line_to_add(self):
        self.remote.make_key("other")
        # Known for another port only.
        hosts = self.known_hosts("127.0.0.1 " +
                                 self.remote.public_key("other"))
        done = self.add(hosts, 1)
        line = "[127.0.0.1]:%d %s" % (
            self.remote.port, self.remote.public_key("host"))
        self.assertIn("add this line to %s: %s" % (hosts, line), done.err)
        self.assertIn(self.fingerprint("host"), done.err)
        self.assertEqual(
            self.orrery("source", "list", "-o", "json").json["sources"], [])
        with open(hosts, "a", encoding="ascii") as file:
            file.write(line + "\n")
        self.add(hosts, 0)

    def test_host_with_another_key_is_refused_with_file_and_line(self):
        self.remote.make_key("other")
        hosts = self.known_hosts("# first", "[127.0.0.1]:%d %s" % (
            self.remote.port, self.remote.public_key("other")))
        done = self.add(hosts, 1)
        self.assertIn(self.fingerprint("host"), done.err)
        self.assertIn(hosts + ":2 expects another", done.err)
        self.assertIn("checking the host key", done.err)
        self.assertEqual(
            self.orrery("source", "list", "-o", "json").json["sources"], [])


if __name__ == "__main__":
    harness.main()
