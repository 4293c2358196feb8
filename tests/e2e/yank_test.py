"""What maintainers take back, and what an operator blocks: chosen no more, and
what runs is kept, with the reason wherever it shows (trust.md §10.4)."""

import glob
import json
import os
import re
import subprocess

from tests.e2e import harness
from tests.e2e.harness import echod_files, release_files
from tests.e2e.install_trust_test import TrustCase

REASON = "loses data on restart"


class SignedCase(TrustCase):
    """echod 0 and 1 signed by one maintainer, in a repository on this
    machine."""

    def setUp(self):
        harness.OrreryTestCase.setUp(self)
        self.key = self.path("key")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        self.key], check=True)
        self.repository = self.make_repository(files={
            **echod_files(0), **echod_files(1)})
        policy = self.server.get("/v1/trust/tlog-policy").data.decode()
        origin = re.search(r"^log ([^+]+)\+", policy, re.M)[1]
        url = "file://" + self.repository
        self.package("init", self.repository)
        self.publish("keyset", self.repository, "echod", "--signer",
                     "alice@example.org=%s.pub" % self.key, "--repo",
                     url + " refs/heads/main", "--log", origin)
        for release in ("0", "1"):
            self.publish("record", self.repository, "echod", "--release",
                         release)
        self.commit(self.repository, {})
        self.add_source("u", url)

    def package(self, *words):
        return self.orrery("package", *words).out.strip()

    def publish(self, *words):
        """Writes a statement and signs it."""
        self.package(*words[:1], *words[1:])
        newest = max(glob.glob(os.path.join(self.repository,
                                            "trust/echod/*.stmt")))
        self.package("sign", newest, "--key", self.key)

    def yank(self, release="1"):
        self.publish("yank", self.repository, "echod", release, "--reason",
                     REASON)
        self.commit(self.repository, {})
        self.orrery("source", "sync", "u")

    def tree_of(self, release):
        return next(one["tree"] for one in self.orrery(
            "versions", "echod", "-o", "json").json["releases"]
                    if one["release"] == release)

    def block(self, release):
        path = os.path.join(self.server.data_dir, "trust", "names")
        with open(path, "a", encoding="ascii") as file:
            file.write("block echod %d %s\n" % (release,
                                                self.tree_of(release)))


class YankTest(SignedCase):

    def test_yanked_release_is_offered_to_nobody(self):
        self.yank()
        first, second = self.orrery("versions", "echod", "-o",
                                    "json").json["releases"]
        self.assertEqual((first["release"], first["state"],
                          first["yank_reason"], first["evidence"]),
                         (1, "yanked", REASON, "sshsig"))
        self.assertEqual((second["state"], second.get("yank_reason")),
                         ("current", None))
        self.assertIn("echod 1 was yanked: " + REASON,
                      self.orrery("versions", "echod").err)
        self.assertEqual(
            self.orrery("show", "echod", "-o", "json").json["release"], 0)
        shown = self.orrery("show", "echod@=1.1.0")
        self.assertIn(REASON, shown.out)
        for words in (("search", "echod"), ("search",)):
            one, = self.orrery(*words, "-o", "json").json["packages"]
            self.assertEqual(one["release"], 0)
        planned = self.orrery("install", "echod", "--dry-run", "-o", "json")
        self.assertIn('"release": 0', planned.out)
        found = self.refused(13, "version.yanked", "install",
                             "echod@release=1", "--yes")
        self.assertIn(REASON, found["detail"])

    def test_what_runs_is_kept_and_says_why(self):
        self.orrery("install", "echod", "--yes")
        self.yank()
        status = self.orrery("status", "echod")
        self.assertIn("yanked: " + REASON, status.out + status.err)
        listed = self.orrery("list", "-o", "json").json["services"][0]
        self.assertEqual([note["code"] for note in listed["notes"]],
                         ["yanked"])
        outdated = self.orrery("outdated")
        self.assertIn(REASON, outdated.out + outdated.err)
        self.orrery("upgrade", "echod", "--yes")
        self.assertEqual(self.server.get_json(
            "/v1/clusters/local/services/echod")["release"], 1)
        # It may be told something new, with a warning.
        changed = self.orrery("upgrade", "echod", "--yes", "--set",
                              "service.text=ho")
        self.assertIn(REASON, changed.out + changed.err)
        self.server.stop()
        self.server.start()
        harness.wait_for("echod to run again", lambda: "running" in
                         self.orrery("status", "echod").out)
        self.set_server_policy("require echod yanked refuse")
        self.assertIn("not admitted by policy: version.yanked",
                      self.orrery("status", "echod").out)
        self.orrery("uninstall", "echod", "--yes")

    def test_newest_is_what_one_could_have(self):
        self.orrery("install", "echod@release=0", "--yes")
        self.yank()
        outdated, = self.orrery("outdated", "-o", "json").json["services"]
        self.assertEqual((outdated["reachable"]["release"],
                          outdated["newest"]["release"]), (0, 0))
        self.assertIn("version.yanked", outdated["held"])
        self.assertIn(REASON, outdated["held"])

    def test_nothing_but_yanked_releases_is_refused_with_the_reason(self):
        self.yank("0")
        self.yank("1")
        found = self.refused(13, "version.yanked", "install", "echod", "--yes")
        self.assertIn(REASON, found["detail"])
        shown = self.orrery("show", "echod").out
        self.assertIn("Yanked:       " + REASON, shown)
        self.assertNotIn("Install it", shown)

    def test_rollback_goes_to_what_was_yanked_and_says_why(self):
        self.orrery("install", "echod@release=0", "--yes")
        self.orrery("upgrade", "echod", "--yes")
        self.yank("0")
        back = ("rollback", "echod", "--yes")
        self.set_server_policy("require echod yanked refuse")
        found = self.refused(13, "version.yanked", *back)
        self.assertIn(REASON, found["detail"])
        self.set_server_policy()
        self.refused(13, "version.yanked", *back, "--policy",
                     self.pin("require echod yanked refuse"))
        self.assertIn(REASON, self.orrery(*back).err)
        self.assertEqual(self.server.get_json(
            "/v1/clusters/local/services/echod")["release"], 0)

    def test_lock_and_tree_still_name_it(self):
        lock = self.path("lock")
        self.orrery("resolve", "echod", "--lock", lock)
        tree = self.tree_of(1)
        self.yank()
        locked = ("install", "echod", "--lock", lock, "--locked", "--yes")
        planned = self.orrery(*locked, "--dry-run")
        self.assertIn(REASON, planned.out + planned.err)
        self.set_server_policy("require echod yanked refuse")
        self.refused(13, "version.yanked", *locked)
        self.set_server_policy()
        self.block(1)
        self.refused(12, "record.revoked", *locked)
        self.refused(12, "record.revoked", "install", "echod", "--tree",
                     "echod=" + tree, "--yes")
        self.assertEqual(self.services(), [])


class DependencyTest(SignedCase):
    """The release is what another package requires, and nothing else will
    do."""

    def setUp(self):
        super().setUp()
        consumer = self.make_repository("consumer", {
            **release_files("meta", 0),
            "repo/packages/M/meta/0/relations.json": json.dumps({
                "requires": [{"package": "echod", "versions": "=1.1.0"}]})})
        self.add_source("meta", consumer)

    def test_yanked(self):
        self.assertIn("echod", self.orrery("resolve", "meta").out)
        self.yank()
        found = self.refused(13, "version.yanked", "install", "meta", "--yes")
        self.assertIn(REASON, found["detail"])
        self.assertEqual(found["package"], "echod")
        self.assertEqual(self.services(), [])

    def test_blocked(self):
        self.block(1)
        found = self.refused(12, "record.revoked", "install", "meta", "--yes")
        self.assertEqual((found["package"], found["release"]), ("echod", 1))
        self.assertEqual(self.services(), [])


class BlockTest(SignedCase):

    def test_rollback_to_blocked_content_is_barred(self):
        self.orrery("install", "echod@release=0", "--yes")
        self.orrery("upgrade", "echod", "--yes")
        self.block(0)
        found = self.refused(12, "record.revoked", "rollback", "echod",
                             "--yes")
        self.assertEqual((found["package"], found["release"]), ("echod", 0))
        self.assertEqual(self.server.get_json(
            "/v1/clusters/local/services/echod")["release"], 1)

    def test_blocked_content_runs_on_and_is_marked(self):
        self.orrery("install", "echod", "--yes")
        self.block(1)
        self.assertIn("not admitted by policy: record.revoked",
                      self.orrery("status", "echod").out)
        self.assertIn("record.revoked", self.orrery("outdated").out)
        done = self.orrery("verify", "--services", code=None)
        self.assertEqual(done.code, 12)
        self.refused(12, "record.revoked", "upgrade", "echod", "--yes",
                     "--set", "service.text=ho")
        self.orrery("uninstall", "echod", "--yes")
        self.refused(12, "record.revoked", "install", "echod@release=1",
                     "--yes")
        self.orrery("install", "echod", "--yes")
        self.assertEqual(self.server.get_json(
            "/v1/clusters/local/services/echod")["release"], 0)


if __name__ == "__main__":
    harness.main()
