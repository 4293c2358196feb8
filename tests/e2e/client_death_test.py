"""However the client goes while a service is installed, nothing stays locked."""

import concurrent.futures
import fcntl
import json
import os
import pty
import signal
import subprocess
import termios
import time

from tests.e2e import harness
from tests.e2e.harness import echod_files, wait_for

ROUNDS = 20


class ClientDeathTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.repository = self.make_repository(files=echod_files(
            template_changes={
                "cmd": "sleep 2; exec python3 -m http.server --bind $HOST "
                       "$PORT0"}))
        self.add_source("u", self.repository)

    def tearDown(self):
        for service in self.orrery("list", "-o", "json").json["services"]:
            self.orrery("uninstall", service["name"], "--yes")

    def client(self, name, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen(
            [harness.ORRERY, "install", "echod", "--yes", "--name", name],
            env={"PATH": "/usr/bin:/bin", "HOME": self.home,
                 "ORRERY_SERVER": self.server.url},
            stdout=options["stderr"], text=True, **options)
        wait_for("the operation on " + name, lambda: self.server.get(
            "/v1/clusters/local/services/" + name).status == 200)
        return process

    def interrupted_once(self, name):
        client = self.client(name)
        client.send_signal(signal.SIGINT)
        _, said = client.communicate(timeout=30)
        self.assertIn(client.returncode, (7, 130), said)
        self.assertIn("the server goes on", said)

    def interrupted_twice(self, name):
        client = self.client(name)
        client.send_signal(signal.SIGINT)
        client.send_signal(signal.SIGINT)
        client.communicate(timeout=5)
        self.assertIn(client.returncode, (7, 130, -signal.SIGINT))

    def killed(self, name):
        client = self.client(name)
        client.kill()
        client.communicate()

    def terminal_closed(self, name):
        master, slave = pty.openpty()

        def take_terminal():
            os.setsid()
            fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

        client = self.client(name, stdin=slave, stderr=slave,
                             preexec_fn=take_terminal)
        os.close(slave)
        os.close(master)
        client.wait(timeout=30)

    def busy_or_done(self, name):
        for change in (("install", "echod", "--name", name),
                       ("upgrade", name)):
            again = self.orrery(*change, "--yes", "--no-wait", code=None)
            if again.code == 0:
                continue
            self.assertEqual(again.code, 4, again)
            for word in ("operation", "under way on service " + name, "since",
                         "orrery status " + name, "orrery operation watch ",
                         "orrery operation abort "):
                self.assertIn(word, again.err)

    def ends(self, name):
        def ended():
            status = self.orrery("status", name, "-o", "json", code=None)
            return status.code == 3 or status.json["state"] == "running"

        wait_for(name + " to run or to be gone", ended)
        self.orrery("install", "echod", "--yes", "--name", name)
        self.orrery("uninstall", name, "--yes")

    def test_every_way_to_go_leaves_a_service_that_can_be_used(self):
        ways = (self.interrupted_once, self.interrupted_twice, self.killed,
                self.terminal_closed)

        def one_round(number):
            name = "s%d" % number
            ways[number % len(ways)](name)
            self.busy_or_done(name)
            self.ends(name)

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(one_round, range(ROUNDS)))

    def test_server_that_is_killed_takes_the_operation_up_again(self):
        for number in range(3):
            name = "k%d" % number
            client = self.client(name)
            time.sleep(0.7 * number)
            self.server.kill()
            self.server.start()
            self.busy_or_done(name)
            client.kill()
            client.communicate()
            self.ends(name)

    def test_operation_is_aborted_for_good(self):
        name = "a"
        self.orrery("install", "echod", "--yes", "--name", name, "--no-wait")
        listed = self.orrery("operation", "list", "--running", "-o", "json")
        operation = listed.json["operations"][0]["name"]
        wait_for("a task", lambda: self.server.get_json(
            "/v1/clusters/local/services/" + name)["tasks"])
        aborted = self.orrery("operation", "abort", operation)
        self.assertIn("aborted; a stays as it is, echod 1.0.0", aborted.out)
        self.server.kill()
        self.server.start()
        shown = self.orrery("operation", "show", operation, "-o", "json").json
        self.assertEqual((shown["state"], shown["error"]["reason"]),
                         ("failed", "OPERATION_ABORTED"))
        # It is a service as any other: it comes up by itself, and can go.
        wait_for("what is left to run", lambda: self.orrery(
            "status", name, "-o", "json").json["state"] == "running")
        self.orrery("uninstall", name, "--yes")
        self.assertEqual(self.orrery("list", "-o", "json").json["services"], [])

        again = self.orrery("operation", "abort", operation, code=4)
        self.assertIn("has ended already", again.err)
        unknown = self.orrery("operation", "abort", "nope", code=3)
        self.assertIn("no operation 'nope'", unknown.err)

    def test_aborted_uninstall_is_done_by_the_next_one(self):
        self.commit(self.repository, {
            **harness.release_files("stubborn", 0),
            "repo/packages/S/stubborn/0/marathon.json.mustache": json.dumps({
                "id": "stubborn", "cpus": 0.1, "mem": 32, "instances": 1,
                "cmd": "trap '' TERM; while :; do sleep 0.2; done",
                "taskKillGracePeriodSeconds": 4})})
        self.orrery("source", "sync", "u")
        self.orrery("install", "stubborn", "--yes")
        self.orrery("uninstall", "stubborn", "--yes", "--no-wait")
        wait_for("the end to begin", lambda: self.orrery(
            "status", "stubborn", "-o", "json").json["state"] == "removing")
        listed = self.orrery("operation", "list", "--running", "-o", "json")
        aborted = self.orrery("operation", "abort",
                              listed.json["operations"][0]["name"])
        self.assertIn("the cluster is taking stubborn away", aborted.out)
        listed = self.orrery("list", "-o", "json").json["services"]
        self.assertEqual([service["name"] for service in listed],
                         ["stubborn"])
        self.orrery("uninstall", "stubborn", "--yes")
        self.assertEqual(self.orrery("list", "-o", "json").json["services"], [])

    def test_abort_before_the_beginning_leaves_nothing(self):
        self.commit(self.repository, {
            **harness.release_files("user", 0),
            "repo/packages/U/user/0/relations.json": json.dumps({
                "requires": [{"package": "echod"}]}),
            "repo/packages/U/user/0/marathon.json.mustache": json.dumps({
                "id": "user", "cmd": "sleep 1000", "cpus": 0.1, "mem": 32,
                "instances": 1})})
        self.orrery("source", "sync", "u")
        self.orrery("install", "user", "--yes", "--no-wait")
        listed = self.orrery("operation", "list", "--running", "-o", "json")
        waiting = [operation["name"]
                   for operation in listed.json["operations"]
                   if operation["service"] == "user"]
        aborted = self.orrery("operation", "abort", waiting[0])
        self.assertIn("aborted; nothing of user is left", aborted.out)
        self.orrery("status", "user", code=3)
        wait_for("echod to run", lambda: self.orrery(
            "status", "echod", "-o", "json").json["state"] == "running")


if __name__ == "__main__":
    harness.main()
