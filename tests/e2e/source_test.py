"""Sources: what a push does, and what a bad one does not."""

import os
import subprocess

from tests.e2e import harness
from tests.e2e.harness import release_files


class LocalSourceTest(harness.OrreryTestCase):

    def test_push_is_served_after_sync(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        self.commit(repository, release_files("kafka", 1, "2.0.0"))
        self.orrery("source", "sync", "u")
        status = self.source_status("u")
        self.assertEqual((status["packages"], status["releases"],
                          status["state"]), (1, 2, "ok"))
        self.assertEqual(status["commit"],
                         self.git(repository, "rev-parse", "HEAD"))
        releases = self.orrery("versions", "kafka", "-o", "json").json
        self.assertEqual(
            [(r["release"], r["version"], r["source"])
             for r in releases["releases"]],
            [(1, "2.0.0", "u"), (0, "1.0.0", "u")])

    def test_head_is_resolved_once_and_recorded(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        self.assertEqual(self.source_status("u")["ref"], "refs/heads/main")
        self.git(repository, "branch", "-m", "main", "trunk")
        done = self.orrery("source", "sync", "u", code=1)
        self.assertIn("refs/heads/main", done.err)
        status = self.source_status("u")
        self.assertEqual((status["state"], status["releases"]), ("failed", 1))
        # Since when survives a restart.
        since = status["stalled_since"]
        self.server.stop()
        self.server = self.start_server()
        self.assertIn("source u has not advanced since %s" % since[:19],
                      self.orrery("versions", "kafka").err)
        self.assertEqual(self.orrery("show", "kafka", "-o", "json")
                         .json["release"], 0)

    def test_bad_release_is_refused_with_its_place_and_blocks_nothing(self):
        files = release_files("kafka", 0)
        files["repo/packages/S/spark/0/package.json"] = \
            '{\n  "packagingVersion": "4.0",\n  "name": 5\n}\n'
        repository = self.make_repository(files=files)
        self.add_source("u", repository)
        status = self.source_status("u")
        self.assertEqual(status["releases"], 1)
        self.assertTrue(status["refused"])
        name_fault = [r for r in status["refused"] if r["pointer"] == "/name"]
        self.assertEqual(len(name_fault), 1, status["refused"])
        self.assertEqual(name_fault[0]["rule"], "schema-package")
        self.assertEqual(name_fault[0]["path"],
                         "repo/packages/S/spark/0/package.json")
        self.assertEqual(name_fault[0]["line"], 3)

    def test_release_whose_new_bytes_are_refused_disappears(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        path = "repo/packages/K/kafka/0/package.json"
        self.commit(repository, {path: "{"})
        self.orrery("source", "sync", "u")
        status = self.source_status("u")
        self.assertEqual(status["releases"], 0)
        self.assertEqual(status["refused"][0]["rule"], "json-parse")
        self.orrery("show", "kafka", code=3)

    def test_removal_of_many_releases_waits_for_consent(self):
        files = {}
        for release in range(40):
            files.update(release_files("kafka", release, "1.%d" % release))
        repository = self.make_repository(files=files)
        self.add_source("u", repository)
        self.commit(repository, {
            "repo/packages/K/kafka/%d/package.json" % r: None
            for r in range(12)})
        done = self.orrery("source", "sync", "u", code=4)
        self.assertIn("--accept-removals", done.err)
        status = self.source_status("u")
        self.assertEqual((status["state"], status["releases"]), ("held", 40))
        self.assertIn("source u has not advanced since",
                      self.orrery("search", "kafka").err)
        self.orrery("source", "sync", "u", "--accept-removals")
        status = self.source_status("u")
        self.assertEqual((status["state"], status["releases"]), ("ok", 28))
        self.assertIsNone(status["stalled_since"])
        self.assertEqual(self.orrery("search", "kafka").err, "")

    def test_rewritten_history_freezes_a_source_until_it_is_accepted(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        self.git(repository, "checkout", "-q", "--orphan", "other")
        self.commit(repository, release_files("kafka", 1), "orphan")
        self.git(repository, "branch", "-q", "-f", "main", "other")
        done = self.orrery("source", "sync", "u", code=17)
        self.assertIn("git.rewrite", done.err)
        status = self.source_status("u")
        self.assertEqual((status["state"], status["releases"]), ("frozen", 1))
        # The log is fresh, the source is not: whoever looks is told so.
        self.assertEqual(status["stalled_since"], status["last_success_time"])
        line = "source u has not advanced since %s, frozen: git.rewrite" % \
            status["stalled_since"]
        for command in (("search", "kafka"), ("versions", "kafka"),
                        ("outdated",)):
            self.assertIn(line, self.orrery(*command).err)
        self.assertIn(line, self.orrery("install", "kafka", "--dry-run",
                                        code=None).err)
        self.orrery("source", "accept", "u", "--tip", "main", code=64)
        self.orrery("source", "accept", "u", "--tip",
                    self.git(repository, "rev-parse", "other"))
        status = self.source_status("u")
        self.assertEqual((status["state"], status["releases"]), ("ok", 2))

    def test_the_way_back_from_a_rewrite_needs_nobody(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        first = self.git(repository, "rev-parse", "main")
        logged = self.server.get("/log/checkpoint").data.split(b"\n")[1]
        self.git(repository, "checkout", "-q", "--orphan", "other")
        orphan = self.commit(repository, release_files("kafka", 1), "orphan")
        self.git(repository, "branch", "-q", "-f", "main", "other")
        for _ in range(2):
            done = self.orrery("source", "sync", "u", code=17)
            self.assertIn("git.rewrite", done.err)
        self.git(repository, "branch", "-q", "-f", "main", first)
        for _ in range(2):
            self.orrery("source", "sync", "u")
        status = self.source_status("u")
        self.assertEqual((status["state"], status["releases"],
                          status["commit"], status["error"]),
                         ("ok", 1, first, None))
        self.assertEqual(self.orrery("versions", "kafka").err, "")
        self.assertEqual(
            self.server.get("/log/checkpoint").data.split(b"\n")[1], logged)
        # Accepted, it brings what is new, and no revision of what is the same.
        self.git(repository, "branch", "-q", "-f", "main", "other")
        self.orrery("source", "sync", "u", code=17)
        self.orrery("source", "accept", "u", "--tip", orphan)
        listed = self.orrery("versions", "kafka", "-o", "json").json
        self.assertEqual(
            [(one["release"], one["revision"], one["state"])
             for one in listed["releases"]],
            [(1, 1, "current"), (0, 1, "current")])

    def test_hostile_names_inside_one_release_refuse_only_it(self):
        repository = self.make_repository(files={
            **release_files("kafka", 0), **release_files("spark", 0),
            **release_files("hdfs", 0), "odd/keep": ""})
        link = "repo/packages/S/spark/0/config.json"
        os.symlink("/etc/passwd", os.path.join(repository, link))
        big = "repo/packages/H/hdfs/0/config.json"
        self.commit(repository, {big: "{" + " " * (1 << 20) + "}"})
        self.add_source("u", repository)
        status = self.source_status("u")
        self.assertEqual(status["releases"], 1)
        self.assertEqual(
            {(r["rule"], r["path"]) for r in status["refused"]},
            {("content.path", link), ("limits", big)})

    def test_submodules_are_never_followed(self):
        repository = self.make_repository(files={
            **release_files("kafka", 0), **release_files("spark", 3),
            ".gitmodules": '[submodule "x"]\n\tpath = tools/x\n'
                           "\turl = ssh://git@nowhere.invalid/x.git\n"})
        commit = self.git(repository, "rev-parse", "HEAD")
        for path in ("tools/x", "repo/packages/S/spark/3/sub"):
            self.git(repository, "update-index", "--add", "--cacheinfo",
                     "160000,%s,%s" % (commit, path))
        self.git(repository, "commit", "-q", "-m", "submodules")
        self.add_source("u", repository)
        status = self.source_status("u")
        self.assertEqual(status["releases"], 1)
        self.assertEqual([(r["rule"], r["path"]) for r in status["refused"]],
                         [("content.path", "repo/packages/S/spark/3/sub")])

    def test_json_that_hurts_parsers_refuses_only_its_release(self):
        good = release_files("kafka", 0)
        path = "repo/packages/S/spark/%d/package.json"
        bad = {
            0: "[" * 100000 + "]" * 100000,
            1: '{"name": "spark"',
            2: b'{"name": "sp\x00ark"}',
            3: b'{"name": "sp\xffark"}',
            4: '{"name": %s}' % ("9" * 5000),
            5: "[]",
        }
        repository = self.make_repository(
            files={**good, **{path % n: text for n, text in bad.items()}})
        self.add_source("u", repository)
        status = self.source_status("u")
        self.assertEqual(status["releases"], 1)
        self.assertEqual({r["path"] for r in status["refused"]},
                         {path % n for n in bad})

    def test_source_that_cannot_work_is_not_stored(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        page = self.path("no-repository")
        os.mkdir(page)
        self.orrery("source", "add", "a", page, code=1)
        done = self.orrery("source", "add", "b", repository, "--ref", "mian",
                           code=1)
        self.assertIn("main", done.err)
        sources = self.orrery("source", "list", "-o", "json").json
        self.assertEqual(sources["sources"], [])
        self.orrery("source", "add", "b", repository, "--ref", "mian",
                    "--no-check")

    def test_wrong_subdir_is_said_and_names_the_right_one(self):
        repository = self.make_repository(files={
            "deep/" + path: text
            for path, text in release_files("kafka", 0).items()})
        done = self.orrery("source", "add", "u", repository)
        self.assertIn("deep", done.err)
        self.orrery("source", "sync", "u")
        status = self.source_status("u")
        self.assertEqual(status["packages"], 0)
        self.assertIn("repo/packages", status["error"])
        done = self.orrery("search", "kafka")
        self.assertIn("u", done.err)

    def test_subdir_is_followed(self):
        repository = self.make_repository(files={
            "deep/" + path: text
            for path, text in release_files("kafka", 0).items()})
        self.add_source("u", repository, "--subdir", "deep")
        self.assertEqual(self.source_status("u")["packages"], 1)

    def test_better_priority_wins_whatever_the_release_number(self):
        first = self.make_repository("one", release_files("kafka", 0, "1.0.0"))
        second = self.make_repository("two", release_files("kafka", 9, "9.0.0"))
        self.add_source("one", first, "--priority", "1")
        self.add_source("two", second)
        shown = self.orrery("show", "kafka", "-o", "json").json
        self.assertEqual((shown["source"], shown["version"]), ("one", "1.0.0"))
        versions = self.orrery("versions", "kafka", "-o", "json").json
        self.assertEqual([r["source"] for r in versions["releases"]],
                         ["one", "two"])

    def test_removed_source_takes_its_packages_along(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        self.orrery("source", "remove", "u", code=64)
        self.orrery("source", "remove", "u", "--yes")
        self.orrery("show", "kafka", code=3)
        self.orrery("source", "status", "u", code=3)

    def test_index_outlives_the_repository_and_a_restart(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        self.server.stop()
        os.rename(repository, repository + ".gone")
        self.server = self.start_server()
        self.assertEqual(
            self.orrery("show", "kafka", "-o", "json").json["version"], "1.0.0")
        self.orrery("source", "sync", "u", code=1)
        self.assertEqual(self.source_status("u")["releases"], 1)

    def test_packages_hold_nothing_of_when_they_were_seen(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        before = self.server.get("/v1/packages").data
        self.git(repository, "commit", "-q", "--allow-empty", "-m", "nothing")
        self.orrery("source", "sync", "u")
        self.assertEqual(self.server.get("/v1/packages").data, before)

    def test_notify_without_a_secret_is_forbidden(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        for path, headers in (
                ("u", {}), ("nobody", {}),
                ("u", {"Content-Type": "application/x-www-form-urlencoded"})):
            response = self.server.request(
                "POST", "/v1/sources/%s:notify" % path, b"{}", headers)
            self.assertEqual(response.status, 403)


class NoLocalSourcesTest(harness.OrreryTestCase):
    server_flags = ("--allow-local-sources=false",)

    def test_local_remotes_are_refused(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        for url in (repository, "file://" + repository,
                    "http://git.example/u.git", "https://127.0.0.1/u.git",
                    "ssh://git@localhost/u.git"):
            done = self.orrery("source", "add", "u", url, "--no-check", code=17)
            self.assertIn("git.url", done.err)
        self.assertEqual(
            self.orrery("source", "list", "-o", "json").json["sources"], [])


class DataDirectoryTest(harness.OrreryTestCase):

    def test_second_server_on_a_directory_exits_4(self):
        second = subprocess.run(
            [harness.ORRERYD, "--data-dir", self.server.data_dir,
             "--http-listen", "127.0.0.1:0", "--grpc-listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=60, check=False)
        self.assertEqual(second.returncode, 4, second.stderr)
        self.assertIn(str(self.server.process.pid), second.stderr)
        # The first one is not disturbed.
        self.assertEqual(self.server.get("/readyz").status, 200)


if __name__ == "__main__":
    harness.main()
