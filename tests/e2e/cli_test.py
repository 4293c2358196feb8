"""The command line where no fake can stand in: streams, start, shells."""

import json
import os
import subprocess
import time

from tests.e2e import harness
from tests.e2e.harness import release_files


class CommandTest(harness.OrreryTestCase):

    def test_stdout_is_one_document_and_errors_are_one_line(self):
        done = self.orrery("show", "nothing", "-o", "json", code=3)
        self.assertEqual(done.out, "")
        problem = json.loads(done.err)
        self.assertEqual(problem["reason"], "PACKAGE_NOT_FOUND")

    def test_flags_work_in_every_position(self):
        for arguments in (("-o", "json", "list"), ("list", "-ojson"),
                          ("list", "--output", "json"), ("list", "--json")):
            self.assertEqual(self.orrery(*arguments).json["services"], [])

    def test_unknown_words_are_usage_errors_with_the_nearest(self):
        self.assertIn("install", self.orrery("instal", code=64).err)
        self.assertIn("--output", self.orrery("list", "--outptu", "json",
                                              code=64).err)

    def test_unreachable_server_is_said_with_its_address(self):
        done = self.orrery("list", "--server", "http://127.0.0.1:9", code=1)
        self.assertIn("127.0.0.1:9", done.err)

    def test_version_starts_quickly(self):
        def run():
            began = time.monotonic()
            subprocess.run([harness.ORRERY, "version"], check=True,
                           stdout=subprocess.DEVNULL)
            return time.monotonic() - began

        # The goal is 15 ms; a loaded machine gets ten times that.
        self.assertLess(min(run() for _ in range(20)), 0.15)

    def test_doctor_says_that_apps_run_as_root(self):
        done = self.orrery("doctor", code=None)
        says = "as root" in done.out + done.err
        self.assertEqual(says, os.geteuid() == 0, done)

    def test_completion_of_package_names(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("orrery", self.orrery("completion", shell).out)
        script = self.path("completion.bash")
        with open(script, "w", encoding="utf-8") as file:
            file.write(self.orrery("completion", "bash").out)
        subprocess.run(["bash", "-n", script], check=True)

    def test_lint_needs_no_server(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.server.stop()
        self.orrery("package", "lint", repository, "--profile", "import")
        path = "repo/packages/K/kafka/0/package.json"
        self.commit(repository, {path: '{"packagingVersion": "4.0"}'})
        done = self.orrery("package", "lint", repository, "-o", "json", code=1)
        self.assertEqual(done.err, "")
        self.assertTrue(done.out)


if __name__ == "__main__":
    harness.main()
