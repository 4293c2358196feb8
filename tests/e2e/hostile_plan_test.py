"""Plans that go where nobody asked them to go: to an older release, to another
source, to bytes that nothing pins (trust.md §25 G7, G9, I17, I19)."""

import json

from tests.e2e import harness
from tests.e2e.harness import echod_files, release_files
from tests.e2e.install_trust_test import (SERVICES, Proxy, TrustCase,
                                          change_plan)

JAR = "https://downloads.example/echod.jar"
DIGEST = 64 * "a"


def asks(**flags):
    """A change of a request: it also says these words of the user."""
    def changed(body):
        document = json.loads(body)
        document.setdefault("resolution", {}).update(flags)
        return json.dumps(document).encode()
    return changed


class PlanCase(TrustCase):

    def setUp(self):
        harness.OrreryTestCase.setUp(self)

    def running(self, service="echod"):
        record = self.server.get_json(SERVICES + "/" + service)
        return record["source"], int(record["release"])

    def refused_through(self, asked, refusal, *arguments):
        """As TrustCase.refused, by a server that is told that the user had
        asked for more."""
        proxy = Proxy(self.server.url)
        self.addCleanup(proxy.close)
        proxy.asked = asked
        before = self.running()
        found = self.refused(13, refusal, *arguments, "--yes",
                             env={"ORRERY_SERVER": proxy.url})
        self.assertEqual(proxy.begun, [])
        self.assertEqual(self.running(), before)
        return found


class OlderReleaseTest(PlanCase):

    def test_nothing_goes_down_without_the_users_word(self):
        self.add_source("u", self.make_repository(files={
            **echod_files(0), **echod_files(1)}))
        self.orrery("install", "echod", "--yes")
        down = ("upgrade", "echod@release=0")
        # An honest server finds no way there, and says what would be one.
        done = self.orrery(*down, "--yes", code=4)
        self.assertIn("allow echod to go down", done.err)
        found = self.refused_through(asks(allow_downgrade=True),
                                     "version.rollback", *down)
        self.assertEqual((found["package"], found["release"]), ("echod", 0))
        self.assertIn("--allow-downgrade", found["detail"])
        self.orrery(*down, "--yes", "--allow-downgrade",
                    "--allow-label-downgrade")
        self.assertEqual(self.running(), ("u", 0))


class OtherSourceTest(PlanCase):

    def test_what_runs_stays_with_its_source(self):
        self.add_source("universe", self.make_repository(
            "universe", echod_files(0)))
        self.orrery("install", "echod", "--yes")
        self.add_source("frozen", self.make_repository(
            "frozen", echod_files(1)), "--priority", "10", "--mode",
            "immutable")
        # For who installs anew the better source counts.
        plan = self.orrery("install", "echod", "--name", "second", "--dry-run",
                           "-o", "json").json
        self.assertEqual([(step["source"], step["release"])
                          for step in plan["steps"]], [("frozen", 1)])
        self.orrery("upgrade", "echod", "--yes")
        self.assertEqual(self.running(), ("universe", 0))
        found = self.refused_through(asks(allow_source_change=True),
                                     "version.source", "upgrade", "echod")
        self.assertEqual((found["package"], found["release"]), ("echod", 1))
        self.assertIn("--allow-source-change", found["detail"])
        self.orrery("upgrade", "echod", "--yes", "--allow-source-change")
        self.assertEqual(self.running(), ("frozen", 1))


class LabelTest(PlanCase):

    def test_releases_go_by_their_number_whatever_their_labels_say(self):
        self.add_source("u", self.make_repository(files={
            **release_files("kafka", 0, "1.0.0"),
            **release_files("kafka", 1, "1.0.0"),
            **release_files("kafka", 2, "0.9.0")}))
        self.assertEqual(self.source_status("u")["refused"], [])
        listed = self.orrery("versions", "kafka", "-o", "json").json
        self.assertEqual([(one["release"], one["version"], one["state"])
                          for one in listed["releases"]],
                         [(2, "0.9.0", "current"), (1, "1.0.0", "current"),
                          (0, "1.0.0", "current")])
        for asked, release in (("kafka", 2), ("kafka@release=0", 0),
                               ("kafka@release=1", 1)):
            found = self.orrery("verify", asked, "-o", "json").json
            self.assertEqual(found["packages"][0]["release"], release)
        for asked, release in (("kafka", 2), ("kafka@=1.0.0", 1),
                               ("kafka@release=0", 0)):
            answer = self.orrery("resolve", asked, "-o", "json").json
            self.assertEqual([item["release"] for item in answer["items"]],
                             [release], asked)


class UnpinnedTest(PlanCase):
    """A policy with `pins required`."""

    def setUp(self):
        super().setUp()
        files = echod_files(template_changes={
            "fetch": [{"uri": "{{service.text}}"}]}, config={
                "type": "object", "properties": {"service": {
                    "type": "object", "properties": {
                        "name": {"type": "string", "default": "echod"},
                        "count": {"type": "integer", "default": 1},
                        "port": {"type": "integer", "default": 0},
                        "text": {"type": "string", "default": JAR}}}}})
        folder = "repo/packages/E/echod/0/"
        files[folder + "resource.json"] = json.dumps(
            {"assets": {"uris": {"jar": JAR}}})
        files[folder + "artifacts.json"] = json.dumps({
            "schema": 1, "assets": {"jar": {"sha256": DIGEST, "size": 6}}})
        self.add_source("u", self.make_repository(files=files))
        self.asked = ("install", "echod", "--policy",
                      self.pin("require echod pins required"), "--state",
                      self.path("state"))

    def test_a_job_with_what_nothing_pins_is_refused(self):
        proxy = Proxy(self.server.url)
        self.addCleanup(proxy.close)
        evil = "https://evil.example/miner.jar"
        for change, text in (
                ({"container": {"type": "DOCKER", "docker": {
                    "image": "docker.io/evil/miner:1"}}}, "evil/miner:1"),
                ({"container": {"docker": {
                    "image": "docker.io/evil/miner@sha256:" + DIGEST}}},
                 "evil/miner"),
                ({"fetch": [{"uri": JAR}, {"uri": evil}]}, evil),
                ({"uris": [evil]}, evil)):
            def inject(steps, shown):
                manifest = json.loads(steps[0]["manifest"])
                manifest.update(change)
                steps[0]["manifest"] = json.dumps(manifest)
                shown[0]["manifest"].update(change)
            with self.subTest(change):
                proxy.changes = {SERVICES: change_plan(inject)}
                found = self.refused(15, "plan.unpinned", *self.asked, "--yes",
                                     env={"ORRERY_SERVER": proxy.url})
                self.assertIn(text, found["detail"])
                self.assertEqual((found["check"], found["package"]),
                                 (16, "echod"))
                self.assertEqual((proxy.begun, self.services()), ([], []))

    def test_an_option_that_brings_in_a_uri_starts_nothing(self):
        plan = self.orrery(*self.asked, "--dry-run", "-o", "json").json
        self.assertEqual(plan["steps"][0]["manifest"]["fetch"][0]["uri"], JAR)
        self.assertNotIn("\nunpinned ", plan["evidence"])
        # `local` runs nothing unchecked, whatever the policy.
        done = self.orrery(*self.asked, "--yes", "--set",
                           "service.text=https://evil.example/miner.jar",
                           code=4)
        self.assertIn("'https://evil.example/miner.jar' has no digest",
                      done.err)
        self.assertEqual(self.services(), [])


if __name__ == "__main__":
    harness.main()
