"""What the packages of frameworks ask for and cannot have is said before
anything starts. None of it needs their files.

Some of the tests hide Java, or put another in its place, in a mount namespace
of their own.
"""

import json
import os
import shutil
import subprocess

from tests.e2e import harness
from tests.e2e.disk_test import MARK, enter_namespace

PACKAGES = os.path.join(harness.EXAMPLE, "repo/packages")
# The search path of instances.
INSTANCE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
OLD_JAVA = """#!/bin/sh
echo 'java.specification.version = 11' >&2
"""
# The least memory of each release, in MiB.
LEAST_MEMORY = {
    "cassandra@=5.0.8": 896, "kafka@=3.8.1": 512, "kafka@=3.9.2": 512,
    "kafka@=4.3.1": 512, "kafka@=4.4.0": 512, "kafka-connect@=4.3.1": 320,
    "spark@=3.5.9": 256, "spark-worker@=3.5.9": 1280,
    "zookeeper@=3.9.5": 96}
# So that no other package is asked for.
ALONE = {"kafka@=3.8.1": "zookeeper.connect=zk:1",
         "kafka@=3.9.2": "zookeeper.connect=zk:1",
         "kafka-connect@=4.3.1": "bootstrap=kafka:1",
         "spark-worker@=3.5.9": "master-url=spark://spark:1"}


def releases():
    """Package, version and options of each framework there is."""
    for directory, _, names in sorted(os.walk(PACKAGES)):
        if "artifacts.json" not in names:
            continue
        found = []
        for name in ("package.json", "config.json"):
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                found.append(json.load(file))
        package, config = found
        yield ("%s@=%s" % (package["name"], package["version"]),
               config["properties"])


def beyond(schema):
    """Values that are just out of bounds."""
    if "minimum" in schema:
        yield schema["minimum"] - 1
    if "maximum" in schema:
        yield schema["maximum"] + 1
    if "pattern" in schema:
        yield "a\"b"


class FrameworkRefusalsTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.add_source("examples", self.example_repository())

    def refused(self, code, *words):
        done = self.orrery("install", *words, "--yes", code=code)
        self.assertEqual(
            self.orrery("list", "-o", "json").json["services"], [])
        return done.err

    def test_options_out_of_range(self):
        tried = 0
        for item, options in releases():
            alone = ["--set", ALONE[item]] if item in ALONE else []
            for name, schema in options.items():
                for value in beyond(schema):
                    with self.subTest(item=item, option=name, value=value):
                        self.assertIn(name, self.refused(
                            4, item, *alone, "--set",
                            "%s=%s" % (name, json.dumps(value))))
                        tried += 1
        self.assertGreater(tried, 100)

    def test_memory_below_the_least(self):
        least = {item: options["memory-mb"]["minimum"]
                 for item, options in releases()}
        self.assertEqual(least, LEAST_MEMORY)


class FrameworkJavaTest(FrameworkRefusalsTest):
    test_options_out_of_range = test_memory_below_the_least = None

    def start_server(self, name="data", flags=None):
        if not os.environ.get(MARK):
            self.skipTest("no mount namespace can be made here")
        while java := shutil.which("java", path=INSTANCE_PATH):
            self.cover(os.path.dirname(os.path.realpath(java)))
        return super().start_server(name, flags)

    def cover(self, folder):
        subprocess.run(["mount", "-t", "tmpfs", "none", folder], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)

    def test_no_java(self):
        self.assertIn("cluster local has no @java",
                      self.refused(4, "kafka"))

    def test_old_java(self):
        self.cover("/usr/local/bin")
        with open("/usr/local/bin/java", "w", encoding="utf-8") as file:
            file.write(OLD_JAVA)
        os.chmod("/usr/local/bin/java", 0o755)
        said = self.refused(4, "kafka@=3.8.1")
        self.assertIn("cluster local has @java 11", said)
        self.assertIn(">=17", said)


if __name__ == "__main__":
    enter_namespace()
    harness.main()
