"""From one registry to another that no network reaches: what crosses are a
bundle, the pinned trust files and a copy of the git repository."""

import os
import subprocess

from tests.e2e import harness
from tests.e2e.harness import echod_files


class AirGapTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        program = self.path("greet.sh")
        with open(program, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nexec python3 -m http.server "
                       "--bind $HOST $PORT0\n")
        self.uri = self.orrery("artifact", "add", program, "-o",
                               "json").json["uri"]
        app = {"cmd": "exec ./greet.sh",
               "fetch": [{"uri": self.uri, "executable": True}]}
        self.repository = self.make_repository(files={
            **echod_files(0, template_changes=app),
            **echod_files(1, template_changes=app)})
        self.add_source("u", self.repository)
        self.policy = self.pin()

    def tearDown(self):
        self.orrery("uninstall", "echod", "--yes", code=None)
        super().tearDown()

    def export(self, *what):
        out = self.path("bundle.tar")
        self.orrery("mirror", "export", *what, "--with-assets", "--policy",
                    self.policy, "--out", out)
        crossed = self.path("crossed.git")
        subprocess.run(["git", "clone", "-q", "--mirror", self.repository,
                        crossed], check=True)
        self.server.stop()
        self.server = self.start_server("far")
        mirror = self.path("mirror")
        said = self.orrery("mirror", "import", out, "--to", mirror, "--policy",
                           self.policy)
        self.add_source("u", crossed)
        digest = self.uri.split(":")[2].split("/")[0]
        blob = os.path.join(mirror, "blob/sha256", digest[:2], digest[2:])
        self.assertIn("orrery artifact add " + blob, said.err)
        self.orrery("artifact", "add", blob)
        return mirror

    def install(self, mirror, **options):
        return self.orrery("install", "echod@release=1", "--yes", "--offline",
                           "--mirror", mirror, "--policy", self.policy,
                           **options)

    def test_what_a_bundle_brought_is_installed_there(self):
        self.install(self.export("echod"))
        [service] = self.orrery("list", "-o", "json").json["services"]
        self.assertEqual((service["name"], service["release"]), ("echod", 1))

    def test_plan_is_checked_against_every_release_that_it_chose_from(self):
        refused = self.install(self.export("echod@release=1"), code=11)
        self.assertIn("echod@release=0#1: log.unavailable: package.json", refused.err)
        self.assertEqual(self.orrery("list", "-o", "json").json["services"],
                         [])


if __name__ == "__main__":
    harness.main()
