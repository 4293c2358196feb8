"""The real Universe, whole, through the programs."""

import os
import subprocess

from tests.e2e import harness
from tests.e2e.harness import needs_test_data


@needs_test_data
class UniverseTest(harness.OrreryTestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.repository = harness.universe_repository()

    def setUp(self):
        super().setUp()
        self.url = self.path("universe.git")
        subprocess.run(["git", "clone", "-q", "--bare", self.repository,
                        self.url], check=True)
        self.add_source("universe", self.url)

    def test_counts_of_the_specification(self):
        status = self.source_status("universe")
        self.assertEqual(
            (status["packages"], status["releases"], status["hidden"],
             status["refused"]), (185, 1235, 10, []))
        packages = []
        token = ""
        while token is not None:
            page = self.server.get_json(
                "/v1/packages?page_size=100&page_token=" + token)
            packages += page["packages"]
            token = page["next_page_token"]
        self.assertEqual(len(packages), 175)
        # Of the 29 that are marked, dse is hidden.
        self.assertEqual(sum(p["selected"] for p in packages), 28)
        kafka = self.server.get_json("/v1/packages/kafka")
        self.assertEqual((kafka["release"], kafka["version"]),
                         (1200, "2.10.0-2.4.0"))
        releases = self.orrery("versions", "kafka", "-o", "json").json
        self.assertEqual(len(releases["releases"]), 57)
        self.assertEqual(releases["releases"][0]["release"], 1200)

    def test_search_forgives_and_ranks(self):
        def names(query):
            found = self.orrery("search", query, "-o", "json").json
            return [p["name"] for p in found["packages"]], \
                found["did_you_mean"]

        self.assertEqual(names("kafka")[0][0], "kafka")
        self.assertEqual(names("confluent kafka")[0][0], "confluent-kafka")
        self.assertIn("marathon-lb", names("marathon_lb")[0])
        self.assertIn("cassandra", names("casandra")[1])
        # Hidden packages are found by their exact name, and only so.
        self.assertNotIn("sqlserver", names("sql")[0])
        self.assertEqual(
            self.orrery("show", "sqlserver", "-o", "json").json["name"],
            "sqlserver")

    def test_a_package_alone_is_verified_as_among_all(self):
        everything = self.orrery("verify", "--all", "-o", "json").json
        self.assertEqual(everything["registries"][0]["first_use"], True)
        self.assertEqual(len(everything["packages"]), 185)
        for package in everything["packages"]:
            alone = self.orrery("verify", package["package"], "--offline",
                                "-o", "json").json
            self.assertEqual(alone["packages"], [package])
        again = self.orrery("verify", "--all", "--offline", "-o", "json").json
        self.assertEqual(again["packages"], everything["packages"])

    def test_restart_serves_without_git(self):
        before = self.server.get("/v1/packages?page_size=1000").data
        self.server.stop()
        os.rename(self.url, self.url + ".gone")
        self.server = self.start_server()
        self.assertEqual(
            self.server.get("/v1/packages?page_size=1000").data, before)

    def test_lint_agrees_that_nothing_is_refused(self):
        self.orrery("package", "lint", self.repository, "--profile",
                    "import")
        self.orrery("package", "lint", self.repository, "--profile",
                    "publish", code=1)


if __name__ == "__main__":
    harness.main()
