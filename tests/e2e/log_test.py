"""The log, looked at by a program that knows only its specification."""

import hashlib
import os
import random
import re
import stat
import subprocess
import time

from tests.e2e import harness
from tests.e2e.harness import release_files
from tests.e2e.served_log import Log

IMMUTABLE = "public, max-age=31536000, immutable"


class LogTest(harness.OrreryTestCase):

    def log(self):
        return Log(self.server)

    def versions(self, package):
        """Lines like those of Log.releases()."""
        return ["%(source)s %(release)d %(revision)d %(evidence)s %(state)s" % r
                for r in self.orrery("versions", package, "-o",
                                     "json").json["releases"]]

    def test_first_start_makes_private_keys_and_public_trust_files(self):
        for name in ("log.key", "timestamper.key"):
            mode = os.stat(self.path("data", "keys", name)).st_mode
            self.assertEqual(stat.S_IMODE(mode), 0o600)
        self.assertEqual(self.server.get("/log/checkpoint").status, 404)
        served = {}
        for name in ("policy", "tlog-policy", "names"):
            response = self.server.get("/v1/trust/" + name)
            with open(self.path("data", "trust", name), "rb") as file:
                self.assertEqual(response.data, file.read())
            served[name] = response.data
        self.assertIn("registry local " + self.server.url,
                      served["policy"].decode())
        for path in ("/v1/trust/log.key", "/v1/trust/..%2Fkeys%2Flog.key",
                     "/keys/log.key"):
            self.assertEqual(self.server.get(path).status, 404)
        self.server.stop()
        self.server.start()
        for name, text in served.items():
            self.assertEqual(self.server.get("/v1/trust/" + name).data, text)

    def test_a_key_that_others_can_read_ends_the_start(self):
        self.server.stop()
        os.chmod(self.path("data", "keys", "log.key"), 0o644)
        with self.assertRaisesRegex(AssertionError, "can be read or written"):
            self.server.start()

    def test_what_git_has_is_observed_and_what_leaves_is_withdrawn(self):
        repository = self.make_repository(
            files={**release_files("kafka", 0), **release_files("kafka", 1)})
        self.add_source("u", repository)
        self.assertEqual(self.log().kinds(), [
            "source", "index", "observed", "observed", "index"])
        self.commit(repository, {
            "repo/packages/K/kafka/0/package.json": None,
            **release_files("kafka", 1, "2.0.0")})
        gone = self.commit(repository, release_files("kafka", 2))
        self.orrery("source", "sync", "u")
        log = self.log()
        self.assertEqual(log.kinds()[5:],
                         ["withdrawn", "observed", "observed", "index"])
        self.assertIn(b"commit %s\n" % gone.encode(), log.leaves[7])
        self.assertEqual(log.releases(), [
            "u 0 1 observed withdrawn", "u 1 1 observed superseded",
            "u 1 2 observed current", "u 2 1 observed current"])
        self.assertEqual(self.versions("kafka"), log.releases()[::-1])
        shown = self.server.get_json("/v1/packages/kafka/releases/1")
        self.assertEqual((shown["revision"], shown["state"],
                          shown["evidence"]), (2, "current", "observed"))
        trees = {(r["release"], r["revision"]): r["tree"] for r in
                 self.server.get_json("/v1/packages/kafka/releases")[
                     "releases"]}
        self.assertEqual(trees[1, 2], shown["tree"])
        self.assertIn(trees[1, 1].encode(), log.catalog)
        self.assertIn("1#2 ", self.orrery("versions", "kafka").out)
        # What is current is all that lists, search and counts know.
        status = self.source_status("u")
        self.assertEqual((status["packages"], status["releases"]), (1, 2))
        listed = self.server.get_json("/v1/packages")["packages"]
        self.assertEqual([(p["name"], p["release"]) for p in listed],
                         [("kafka", 2)])
        for digest in re.findall(rb"file sha256:([0-9a-f]{64})",
                                 b"".join(log.leaves)):
            digest = digest.decode()
            path = "/blob/sha256/%s/%s" % (digest[:2], digest[2:])
            self.assertEqual(hashlib.sha256(log.get(path)).hexdigest(), digest)

    def test_an_immutable_source_serves_what_was_logged(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository, "--mode", "immutable")
        commit = self.commit(repository, {
            **release_files("kafka", 0, "6.6.6"), **release_files("kafka", 1)})
        self.orrery("source", "sync", "u")
        versions = self.orrery("versions", "kafka", "-o", "json").json
        self.assertEqual([(r["release"], r["version"])
                          for r in versions["releases"]],
                         [(1, "1.0.0"), (0, "1.0.0")])
        status = self.source_status("u")
        self.assertEqual([(r["rule"], r["path"]) for r in status["refused"]],
                         [("git.immutable", "repo/packages/K/kafka/0")])
        self.assertRegex(
            status["refused"][0]["reason"],
            r"^kafka 0 is logged with (h1:\S{44}), commit %s has (?!\1)h1:\S{44} "
            r"\(package.json differs\); its source is immutable: publish it as "
            r"release 1" % commit)
        self.assertEqual(status["releases"], 2)
        self.assertEqual(self.log().releases(), [
            "u 0 1 observed current", "u 1 1 observed current"])
        # Back to what is logged.
        self.commit(repository, release_files("kafka", 0))
        self.orrery("source", "sync", "u")
        self.assertEqual(self.source_status("u")["refused"], [])

    def test_a_removed_source_is_retired_and_its_releases_stay_known(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        self.orrery("source", "remove", "u", "--yes")
        self.assertEqual(self.log().releases(), ["u 0 1 observed withdrawn"])
        self.assertEqual(self.versions("kafka"), ["u 0 1 observed withdrawn"])
        self.orrery("show", "kafka", code=3)
        self.add_source("u", repository)
        log = self.log()
        self.assertEqual(log.releases(), ["u 0 1 observed current"])
        self.assertEqual(log.kinds().count("observed"), 1)

    def test_paths_that_never_change_say_so(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        log = self.log()
        leaf = hashlib.sha256(b"\0" + log.leaves[2]).hexdigest()
        for path in ("/log/tile/0/000.p/4", "/log/tile/entries/000.p/4",
                     "/leaf/" + leaf):
            response = self.server.get(path)
            self.assertEqual(response.headers["Cache-Control"], IMMUTABLE)
        self.assertEqual(self.server.get("/leaf/" + leaf).data, log.leaves[2])
        checkpoint = self.server.get("/log/checkpoint")
        self.assertEqual(checkpoint.headers["Cache-Control"], "no-store")
        self.assertEqual(checkpoint.headers["Content-Type"],
                         "text/plain; charset=utf-8")
        blob = re.search(b"file sha256:([0-9a-f]{64})", log.leaves[2])[1]
        blob = blob.decode()
        self.assertEqual(self.server.get("/blob/sha256/%s/%s" % (
            blob[:2], blob[2:])).headers["Cache-Control"], IMMUTABLE)
        for path in ("/blob/sha256/%s/%s" % (blob[:1], blob[1:]),
                     "/blob/sha256/%s/%s" % (blob[:62], blob[62:]),
                     "/log/tile/0/000", "/log/tile/0/000.p/3",
                     "/log/tile/0/000.p/0", "/log/tile/0/0", "/log/tile/9/000",
                     "/catalog/" + "0" * 64, "/leaf/zz",
                     "/blob/sha256/00/11"):
            response = self.server.get(path)
            self.assertEqual(response.status, 404, path)
            self.assertNotIn("immutable",
                             response.headers.get("Cache-Control", ""))

    def test_a_log_without_its_index_goes_on_as_if_nothing_was(self):
        repository = self.make_repository(
            files={**release_files("kafka", 0), **release_files("zoo", 0)})
        self.add_source("u", repository)
        before = self.log()
        self.server.stop()
        for name in os.listdir(self.path("data")):
            if name.startswith("index.db"):
                os.remove(self.path("data", name))
        self.server.start()
        self.orrery("source", "sync", "u")
        self.assertEqual(self.log().leaves, before.leaves)
        self.assertEqual(self.source_status("u")["releases"], 2)

    def test_a_better_source_that_was_never_read_closes_the_worse_ones(self):
        repository = self.make_repository(files=harness.echod_files())
        self.add_source("u", repository)
        ours = {"name": "ours", "url": "https://127.0.0.1:1/ours.git",
                "ref": "refs/heads/main", "priority": 1, "skip_check": True}
        self.assertEqual(
            self.server.request("POST", "/v1/sources", ours).status, 200)
        refused = self.orrery("install", "echod", "--dry-run", code=None)
        self.assertNotEqual(refused.code, 0)
        self.assertIn("source ours comes before source u and was never read",
                      refused.err)
        policy = self.path("data", "trust", "policy")
        with open(policy, "a", encoding="ascii") as file:
            file.write("names local/u echod\n")
        self.orrery("install", "echod", "--dry-run")

    def test_kills_at_any_moment_never_fork_or_shorten_the_log(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        seen = self.log()
        seed = random.randrange(1 << 30)
        delay = random.Random(seed)
        for turn in range(1, 9):
            files = {}
            for release in range(40):
                files.update(release_files("kafka", release, "%d.0" % turn))
            self.commit(repository, files)
            syncing = subprocess.Popen(
                [harness.ORRERY, "source", "sync", "u"],
                env={"PATH": "/usr/bin:/bin", "HOME": self.home,
                     "ORRERY_SERVER": self.server.url},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            time.sleep(delay.uniform(0, 0.12))
            # What was shown last before the kill counts as well.
            seen = max(seen, self.log(), key=lambda log: log.size)
            self.server.kill()
            syncing.wait()
            self.server.start()
            after = self.log()
            self.assertEqual(after.leaves[:seen.size], seen.leaves,
                             "seed %d" % seed)
            self.orrery("source", "sync", "u")
            seen = self.log()
            self.assertEqual(
                len([line for line in seen.releases()
                     if line.endswith("current")]), 40, "seed %d" % seed)
            self.assertNotIn(b"\nvoid ", seen.catalog)


if __name__ == "__main__":
    harness.main()
