"""kill -9 at any moment, damaged and foreign stores: old or new, never half."""

import contextlib
import os
import random
import shutil
import sqlite3
import subprocess
import time

from tests.e2e import harness
from tests.e2e.harness import release_files


def many_releases(count, version="1.0.0"):
    files = {}
    for release in range(count):
        files.update(release_files("kafka", release, version))
    return files


class KillTest(harness.OrreryTestCase):

    def restart(self):
        self.server.start()

    def releases(self):
        status = self.source_status("u")
        return status.get("releases", 0)

    def test_kill_during_syncs_leaves_the_old_or_the_new_index(self):
        small, large = 30, 230
        repository = self.make_repository(files=many_releases(small))
        self.add_source("u", "file://" + repository)
        few = self.git(repository, "rev-parse", "HEAD")
        self.commit(repository, many_releases(large, "2.0.0"))
        many = self.git(repository, "rev-parse", "HEAD")
        seed = random.randrange(1 << 30)
        delay = random.Random(seed)
        served = small
        for turn in range(8):
            tree = (many if turn % 2 == 0 else few) + "^{tree}"
            commit = self.git(repository, "commit-tree", "-p", "main", "-m",
                              "turn", self.git(repository, "rev-parse", tree))
            self.git(repository, "update-ref", "refs/heads/main", commit)
            syncing = subprocess.Popen(
                [harness.ORRERY, "source", "sync", "u", "--accept-removals"],
                env={"PATH": "/usr/bin:/bin", "HOME": self.home,
                     "ORRERY_SERVER": self.server.url},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            time.sleep(delay.uniform(0, 0.15))
            self.server.kill()
            syncing.wait()
            self.restart()
            wanted = large if turn % 2 == 0 else small
            # Polling may have begun already.
            self.assertIn(self.releases(), (served, wanted), "seed %d" % seed)
            versions = self.orrery("versions", "kafka", "-o", "json").json
            self.assertEqual(len({r["version"] for r in versions["releases"]
                                  if r["release"] < small and
                                  r["state"] == "current"}), 1, versions)
            self.orrery("source", "sync", "u", "--accept-removals")
            self.assertEqual(self.releases(), wanted, "seed %d" % seed)
            served = wanted

    def test_kill_while_sources_come_and_go_keeps_what_was_said(self):
        repository = self.make_repository(files=many_releases(60))
        seed = random.randrange(1 << 30)
        delay = random.Random(seed)
        known = set()
        for turn in range(6):
            name = "s%d" % turn
            command = ["source", "add", name, repository, "--mode",
                       "mutable"]
            if turn % 3 == 2:
                name = "s%d" % (turn - 1)
                command = ["source", "remove", name, "--yes"]
            changing = subprocess.Popen(
                [harness.ORRERY, *command],
                env={"PATH": "/usr/bin:/bin", "HOME": self.home,
                     "ORRERY_SERVER": self.server.url},
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            time.sleep(delay.uniform(0, 0.06))
            self.server.kill()
            answered = changing.wait() == 0
            self.restart()
            listed = {s["name"] for s in self.orrery(
                "source", "list", "-o", "json").json["sources"]}
            changed = known ^ {name}
            self.assertIn(listed, (known, changed), "seed %d" % seed)
            if answered:
                self.assertEqual(listed, changed, "seed %d" % seed)
            known = listed
            for source in known:
                self.orrery("source", "sync", source)
                self.assertEqual(self.source_status(source)["releases"], 60)
        # What was removed left nothing that is offered.
        done = self.orrery("versions", "kafka", "-o", "json", code=None)
        releases = done.json["releases"] if done.code == 0 else []
        self.assertLessEqual({r["source"] for r in releases
                              if r["state"] == "current"}, known)

    def test_kill_during_the_first_start_is_followed_by_a_start(self):
        for turn in range(6):
            data = self.path("first%d" % turn)
            process = subprocess.Popen(
                [harness.ORRERYD, "--data-dir", data, "--http-listen",
                 "127.0.0.1:0", "--grpc-listen", "127.0.0.1:0"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL)
            time.sleep(0.01 * turn)
            process.kill()
            process.wait()
            server = self.start_server("first%d" % turn)
            self.assertEqual(server.get("/readyz").status, 200)
            server.stop()


class StoreTest(harness.OrreryTestCase):

    def database(self, name="index.db"):
        return os.path.join(self.server.data_dir, name)

    def change(self, sql, name="index.db"):
        self.server.stop()
        with contextlib.closing(sqlite3.connect(self.database(name))) as store:
            store.execute(sql)
            store.commit()

    def serve_two(self):
        repository = self.make_repository(files={
            **release_files("kafka", 0), **release_files("spark", 0),
            "repo/packages/S/solr/0/package.json": "{"})
        self.add_source("u", repository)
        return repository

    def refusal(self):
        """What a start that must fail says."""
        done = subprocess.run(
            [harness.ORRERYD, "--data-dir", self.server.data_dir,
             "--http-listen", "127.0.0.1:0", "--grpc-listen", "127.0.0.1:0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr

    def test_verdicts_of_other_rules_are_made_again_without_the_remote(self):
        repository = self.serve_two()
        before = self.source_status("u")
        self.assertEqual(before["rejudged_releases"], 0)
        # As an older server left it.
        self.change("UPDATE source SET rules_version = 1")
        os.rename(repository, repository + ".gone")
        self.server.start()
        after = harness.wait_for("the verdicts", lambda: (
            lambda s: s if s["rejudged_releases"] else None)(
                self.source_status("u")))
        self.assertEqual(after["rejudged_releases"], 3)
        self.assertEqual((after["releases"], after["refused"]),
                         (before["releases"], before["refused"]))
        self.assertRegex(self.orrery("source", "status", "u").out,
                         r"re-judged: +3\n")
        self.server.stop()
        self.server.start()
        self.assertEqual(self.source_status("u")["rejudged_releases"], 0)
        self.assertNotIn("re-judged", self.orrery("source", "status", "u").out)

    def test_store_of_a_newer_version_is_refused_and_left_alone(self):
        self.serve_two()
        for name in ("index.db", "state.db"):
            self.change("PRAGMA user_version = 4711", name)
            with open(self.database(name), "rb") as file:
                before = file.read()
            said = self.refusal()
            self.assertIn(name, said)
            self.assertIn("schema 4711", said)
            with open(self.database(name), "rb") as file:
                self.assertEqual(file.read(), before)
            self.change("PRAGMA user_version = 1", name)

    def test_damaged_index_is_set_aside_and_read_from_git_again(self):
        repository = self.serve_two()
        self.server.stop()
        with open(self.database(), "r+b") as file:
            file.write(b"no database " * 1000)
        os.rename(repository, repository + ".away")
        self.server.start()
        self.assertTrue(os.path.exists(self.database("index.db.damaged")))
        self.assertIn("index.db.damaged", self.server.log_text())
        self.orrery("show", "kafka", code=3)
        os.rename(repository + ".away", repository)
        self.orrery("source", "sync", "u")
        self.assertEqual(self.source_status("u")["releases"], 2)

    def test_damaged_state_is_refused_with_what_to_do(self):
        self.serve_two()
        self.server.stop()
        path = self.database("state.db")
        shutil.copy(path, path + ".good")
        with open(path, "r+b") as file:
            file.write(b"no database " * 100)
        said = self.refusal()
        self.assertIn("state.db", said)
        self.assertIn("backup", said)
        with open(path, "rb") as file:
            self.assertIn(b"no database", file.read(100))
        os.replace(path + ".good", path)
        self.server.start()
        self.assertEqual(self.source_status("u")["releases"], 2)


if __name__ == "__main__":
    harness.main()
