"""examples/fetch-frameworks against a Maven that does as it is told."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import zipfile

from tests.e2e import harness

# Puts the files of $FAKE_JARS where the plugin would, or waits for its end.
MAVEN = """#!/bin/sh
for word; do
  case "$word" in -DoutputDirectory=*) out=${word#*=} ;; esac
done
mkdir -p "$out" && cp "$FAKE_JARS"/* "$out"
[ -z "$FAKE_HANGS" ] || exec sleep 60
echo run >> "$FAKE_JARS/../runs"
"""


class FetchFrameworksTest(unittest.TestCase):

    def setUp(self):
        self.scratch = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        self.root = self.path("checkout")
        self.jars = self.path("jars")
        os.makedirs(self.path("bin"))
        os.makedirs(self.jars)
        for name in ("a.jar", "b.jar"):
            self.write_jar(name, name)
        with open(self.path("bin/mvn"), "w", encoding="utf-8") as file:
            file.write(MAVEN)
        os.chmod(self.path("bin/mvn"), 0o755)
        self.make_checkout()
        self.assertEqual(self.fetch("--record").returncode, 0)
        shutil.rmtree(self.path("cache"))
        os.remove(self.path("runs"))

    def path(self, *names):
        return os.path.join(self.scratch, *names)

    def write_jar(self, name, text):
        with zipfile.ZipFile(os.path.join(self.jars, name), "w") as jar:
            jar.writestr(zipfile.ZipInfo("META-INF/LICENSE"), text)

    def make_checkout(self):
        examples = os.path.join(self.root, "examples")
        release = os.path.join(examples, "universe/repo/packages/D/demo/0")
        framework = os.path.join(examples, "frameworks/demo-1.0")
        os.makedirs(release)
        os.makedirs(framework)
        shutil.copy(os.path.join(harness.RUNFILES, "examples/fetch-frameworks"),
                    examples)
        shutil.copytree(
            os.path.join(harness.RUNFILES, "examples/frameworks/licenses"),
            os.path.join(examples, "frameworks/licenses"))
        for path, text in (
                (os.path.join(self.root, "LICENSE"), "Apache\n"),
                (os.path.join(framework, "pom.xml"), "<project/>\n"),
                (os.path.join(release, "artifacts.json"), "{}\n"),
                (os.path.join(release, "resource.json"), json.dumps(
                    {"assets": {"uris": {"archive": "artifact:sha256:%s/"
                                         "demo-1.0.tar.gz" % ("0" * 64)}}}))):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)

    def command(self, *words):
        return [os.path.join(self.root, "examples/fetch-frameworks"),
                "--no-store", "--cache", self.path("cache"), *words]

    def environment(self, **more):
        return {"PATH": self.path("bin") + ":/usr/bin:/bin",
                "HOME": self.scratch, "FAKE_JARS": self.jars, **more}

    def fetch(self, *words):
        return subprocess.run(
            self.command(*words), env=self.environment(), text=True,
            capture_output=True, timeout=60, check=False)

    def cached(self):
        return sorted(os.listdir(self.path("cache")))

    def digest(self):
        with open(self.path("cache/demo-1.0.tar.gz"), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def test_what_is_pinned_is_packed_once_and_to_the_same_bytes(self):
        self.assertEqual(self.fetch().returncode, 0)
        first = self.digest()
        with open(os.path.join(
                self.root, "examples/universe/repo/packages/D/demo/0",
                "artifacts.json"), encoding="utf-8") as file:
            pins = json.load(file)
        self.assertEqual(pins["assets"]["archive"]["sha256"], first)
        self.assertIn("the cache has it", self.fetch().stdout)
        with open(self.path("runs"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "run\n")
        os.remove(self.path("cache/demo-1.0.tar.gz"))
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(self.digest(), first)

    def test_another_a_missing_and_an_additional_file_are_refused(self):
        self.write_jar("a.jar", "changed")
        os.remove(os.path.join(self.jars, "b.jar"))
        self.write_jar("c.jar", "c")
        refused = self.fetch()
        self.assertEqual(refused.returncode, 1)
        self.assertIn("lib/a.jar has sha256", refused.stderr)
        self.assertIn("lib/b.jar is missing", refused.stderr)
        self.assertIn("lib/c.jar is not pinned", refused.stderr)
        self.assertEqual(self.cached(), [])

    def test_a_truncated_tarball_is_fetched_again(self):
        self.fetch()
        whole = self.digest()
        with open(self.path("cache/demo-1.0.tar.gz"), "r+b") as file:
            file.truncate(100)
        self.assertEqual(self.fetch().returncode, 0)
        self.assertEqual(self.digest(), whole)

    def test_an_interruption_leaves_nothing_and_the_next_run_goes_on(self):
        process = subprocess.Popen(
            self.command(), env=self.environment(FAKE_HANGS="1"),
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        harness.wait_for("the download", lambda: os.path.exists(
            self.path("cache")) and self.cached())
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(30), 130)
        self.assertIn("interrupted", process.stderr.read())
        self.assertEqual(self.cached(), [])
        self.assertEqual(self.fetch().returncode, 0)

    def test_a_name_that_is_none_lists_those_there_are(self):
        refused = self.fetch("demos")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("there are demo", refused.stderr)


if __name__ == "__main__":
    harness.main()
