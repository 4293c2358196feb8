"""Real frameworks that are in the way of something, or something in theirs."""

import hashlib
import json
import os
import re
import shutil
import socket
import tarfile

from tests.e2e import harness
from tests.e2e.framework_case import (FRAMEWORKS, PRODUCER_3, PRODUCER_4,
                                      FrameworkTestCase)

PACKAGES = "repo/packages"
TARBALL = "zookeeper-3.9.5.tar.gz"


class Stranger:
    """A program of somebody else that listens on a port."""

    def __init__(self, port=0):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", port))
        self.socket.listen()
        self.port = self.socket.getsockname()[1]

    def go(self):
        self.socket.close()


class FailureTestCase(FrameworkTestCase):

    def await_pid(self, name):
        def pid():
            tasks = self.service(name)["tasks"]
            return tasks and tasks[0]["pid"]
        return harness.wait_for("a process of %s" % name, pid)

    def publish(self, package, release, version, change, base):
        """A release like `base`, which `change` has changed as files by name:
        JSON, and text for the template."""
        folder = os.path.join(self.repository, PACKAGES, package[0].upper(),
                              package)
        source = os.path.join(folder, str(base))
        target = os.path.join(folder, str(release))
        shutil.copytree(source, target)

        def edit(name, edit_text):
            path = os.path.join(target, name)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write(edit_text(text))

        def describe(text):
            package_json = json.loads(text)
            package_json.update(version=version, upgradesFrom=["*"],
                                downgradesTo=["*"])
            return json.dumps(package_json)
        edit("package.json", describe)
        for name, edit_text in change.items():
            edit(name, edit_text)
        self.commit(self.repository, {})
        self.orrery("source", "sync", "examples")

    def nothing_runs(self):
        self.assertEqual(self.services(), {})
        self.assertEqual(self.living(), [])


def gives_up(template):
    """The template of a service that has failed at its first end, and has 15
    seconds to pass its check."""
    for name, value in (("gracePeriodSeconds", 15), ("intervalSeconds", 1),
                        ("maxConsecutiveFailures", 1)):
        template = re.sub(r'("%s": )[^,\n]*' % name, r"\g<1>%d" % value,
                          template)
    return template.replace(
        '"instances": 1,',
        '"instances": 1, "backoffSeconds": 120, "maxLaunchDelaySeconds": 300,')


class KafkaFailureTest(FailureTestCase):
    frameworks = ("kafka",)

    def test_kafka_that_cannot_have_what_it_asks_for(self):
        refused = self.orrery("install", "kafka", "--set", "memory-mb=1000000",
                              "--yes", code=4)
        self.assertRegex(refused.err, "needs 1000000 MiB of memory, and "
                         "[0-9.]+ are free; nothing was started")
        stranger = Stranger()
        self.addCleanup(stranger.go)
        port = str(stranger.port)
        refused = self.orrery("install", "kafka", "--set", "port=" + port,
                              "--yes", code=4)
        self.assertRegex(refused.err,
                         r"port %s .*pid %d" % (port, os.getpid()))
        self.nothing_runs()

        # Somebody is faster, after the probe.
        stranger.go()
        self.orrery("install", "kafka", "--set", "port=" + port, "--yes",
                    "--no-wait")
        first = self.await_pid("kafka")
        stranger = Stranger(stranger.port)
        self.addCleanup(stranger.go)

        def another():
            service = self.service("kafka")
            self.assertEqual(service["state"], "deploying")
            return service["tasks"][0]["pid"] != first and service
        harness.wait_for("the first Kafka to end", another)
        stranger.go()
        self.wait_running("kafka")
        self.assertEqual(self.output("kafka", "bootstrap"),
                         "127.0.0.1:" + port)
        self.produce(PRODUCER_4, 0, 10)

        # An upgrade is told of by the last line of its log, and taken back.
        self.publish("kafka", 1200, "4.4.1", {
            "marathon.json.mustache":
            lambda text: text.replace("$RETENTION_HOURS", "never")}, base=1100)
        failed = self.orrery("upgrade", "kafka", "--yes", code=1)
        self.assertIn("exit code 1; stdout ends: ", failed.err)
        self.assertRegex(
            failed.err, "Invalid value never for configuration "
            "log.retention.hours.*; kafka 4.4.0 runs again")
        self.assertEqual(self.service("kafka")["version"], "4.4.0")
        self.assert_messages(10)


class ZooKeeperFailureTest(FailureTestCase):
    frameworks = ("zookeeper", "kafka")

    def test_kafka_outlives_a_zookeeper_that_is_killed_at_its_start(self):
        self.orrery("install", "kafka@=3.8.1", "--yes", "--no-wait")
        self.wait_running("zookeeper")
        self.await_pid("kafka")
        self.kill("zookeeper")
        self.wait_running("kafka")
        self.assertEqual(self.ended_operation("kafka")["state"], "succeeded")
        self.produce(PRODUCER_3, 0, 10)
        self.assert_messages(10)

    def test_port_that_is_taken_after_the_plan(self):
        stranger = Stranger()
        stranger.go()
        self.orrery("install", "kafka@=3.8.1", "--set",
                    "port=%d" % stranger.port, "--yes", "--no-wait")
        stranger = Stranger(stranger.port)
        self.addCleanup(stranger.go)
        failed = self.ended_operation("kafka")
        self.assertEqual(failed["state"], "failed")
        self.assertRegex(failed["error"]["message"],
                         r"port %d .*pid %d" % (stranger.port, os.getpid()))
        # ZooKeeper came for it alone.
        harness.wait_for("ZooKeeper to go", lambda: not self.services())
        self.nothing_runs()
        self.assertTrue(os.path.isdir(self.volume("zookeeper")))

    def test_artifact_that_was_cut_in_the_store_starts_nothing(self):
        with open(os.path.join(FRAMEWORKS, TARBALL), "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        stored = self.path("data/artifacts/sha256", digest)
        size = os.path.getsize(stored)
        os.chmod(stored, 0o600)
        os.truncate(stored, 1000)
        refused = self.orrery("install", "zookeeper", "--yes", code=4)
        self.assertIn("has 1000 bytes, and artifacts.json says %d; if that is "
                      "right, the stored file is damaged" % size, refused.err)
        # As long as it was, but not what it was.
        os.truncate(stored, size)
        failed = self.orrery("install", "zookeeper", "--yes", code=1)
        self.assertIn("the stored artifact %s was damaged" % digest,
                      failed.err)
        self.nothing_runs()
        self.orrery("artifact", "remove", digest, "--yes")
        self.fetch_frameworks()
        self.orrery("install", "zookeeper", "--yes")

    def test_zookeeper_that_says_imok_for_ever_is_not_ready(self):
        archive = self.without_snappy()
        with open(archive, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        self.orrery("artifact", "add", archive)

        def repin(text):
            text = re.sub(r'("size": )\d+', r"\g<1>%d" %
                          os.path.getsize(archive), text)
            return re.sub(r"[0-9a-f]{64}", digest, text)
        self.publish("zookeeper", 200, "3.9.6", {
            "marathon.json.mustache": gives_up, "resource.json": repin,
            "artifacts.json": repin}, base=100)
        self.orrery("install", "kafka@=3.8.1", "--yes", "--no-wait")
        harness.wait_for("imok", self.says_imok)
        service = self.service("zookeeper")
        self.assertEqual(service["state"], "deploying")
        self.assertIn("waits for its health check command",
                      service["waiting_for"][0])
        failed = self.ended_operation("zookeeper")
        self.assertRegex(failed["error"]["message"],
                         "health check command .*printf srvr .* failed")
        self.assertIn("zookeeper, which it needs, did not come up",
                      self.ended_operation("kafka")["error"]["message"])
        self.nothing_runs()
        self.assertTrue(os.path.isdir(self.volume("zookeeper")))
        self.assertFalse(os.path.exists(self.volume("kafka")))

    def says_imok(self):
        try:
            with socket.create_connection(
                    ("127.0.0.1", self.ports("zookeeper")[0]), 5) as client:
                client.sendall(b"ruok")
                return client.recv(4) == b"imok"
        except OSError:
            return False

    def volume(self, service):
        return self.path("data/local/volumes", service)

    def without_snappy(self):
        """The tarball of ZooKeeper without what its main thread needs."""
        path = self.path(TARBALL)
        with tarfile.open(os.path.join(
                FRAMEWORKS, TARBALL)) as whole, \
                tarfile.open(path, "w:gz", compresslevel=1) as part:
            for member in whole:
                if "snappy" not in member.name:
                    part.addfile(member, whole.extractfile(member)
                                 if member.isreg() else None)
        return path


if __name__ == "__main__":
    harness.main()
