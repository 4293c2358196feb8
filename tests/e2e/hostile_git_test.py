"""What repositories give a registry that is followed by clients: what is
refused at the door, and what a client then still gets (trust.md §25 C, I)."""

import hashlib
import json
import os
import subprocess
import zlib

from tests.e2e import harness
from tests.e2e.harness import release_files
from tests.e2e.served_log import Log

# The first 320 bytes of the two files of Stevens et al., "The first collision
# for full SHA-1" (2017): what they begin with alike, and where they part.
ALIKE = bytes.fromhex("""
255044462d312e330a25e2e3cfd30a0a0a312030206f626a0a3c3c2f5769647468203220
3020522f4865696768742033203020522f547970652034203020522f5375627479706520
35203020522f46696c7465722036203020522f436f6c6f7253706163652037203020522f
4c656e6774682038203020522f42697473506572436f6d706f6e656e7420383e3e0a7374
7265616d0affd8fffe00245348412d3120697320646561642121212121852fec09233975
9c39b1a1c63c4c97e1fffe01
""")
PARTED = [bytes.fromhex(text) for text in ("""
7346dc9166b67e118f029ab621b2560ff9ca67cca8c7f85ba84c79030c2b3de218f86db3
a90901d5df45c14f26fedfb3dc38e96ac22fe7bd728f0e45bce046d23c570feb141398bb
552ef5a0a82be331fea48037b8b5d71f0e332edf93ac3500eb4ddc0decc1a864790c782c
76215660dd309791d06bd0af3f98cda4bc4629b1
""", """
7f46dc93a6b67e013b029aaa1db2560b45ca67d688c7f84b8c4c791fe02b3df614f86db1
690901c56b45c1530afedfb76038e972722fe7ad728f0e4904e046c230570fe9d41398ab
e12ef5bc942be33542a4802d98b5d70f2a332ec37fac3514e74ddc0f2cc1a874cd0c7830
5a21566461309789606bd0bf3f98cda8044629a1
""")]


class HostileGitTest(harness.OrreryTestCase):

    def versions(self, package):
        listed = self.orrery("versions", package, "-o", "json").json
        return [(r["release"], r["revision"], r["state"])
                for r in listed["releases"]]

    def verified(self, package, code=0):
        done = self.orrery("verify", package, "-o", "json", code=code)
        if code:
            return None
        found = done.json["packages"][0]
        return found["release"], found["revision"], found["state"]

    def refused(self, code, *arguments):
        done = self.orrery(*arguments, "-o", "json", code=17)
        self.assertEqual(done.out, "")
        self.assertEqual(json.loads(done.err)["refused"], code)

    def put_tree(self, repository, entries):
        """A commit in which kafka/1 holds such entries, names as they are."""
        def git(*arguments, data=b""):
            return subprocess.run(
                ["git", "-C", repository, "-c", "user.name=test", "-c",
                 "user.email=test@example.org", *arguments], input=data,
                check=True, stdout=subprocess.PIPE).stdout.strip().decode()

        def tree(lines):
            return git("mktree", "--missing", "-z", data=b"".join(
                b"%s %s %s\t%s\0" % (mode.encode(), kind.encode(),
                                     identity.encode(), name)
                for mode, kind, identity, name in lines))

        lines = []
        for mode, name, data in entries:
            kind = {"160000": "commit", "040000": "tree"}.get(mode, "blob")
            identity = data if kind == "commit" else \
                tree(data) if kind == "tree" else \
                git("hash-object", "-w", "--stdin", data=data)
            lines.append((mode, kind, identity, name))
        folder = tree(lines)
        git("read-tree", "--empty")
        git("read-tree", "HEAD")
        root = git("rev-parse", "HEAD^{tree}")
        for name, siblings in (
                (b"1", "repo/packages/K/kafka"), (b"kafka", "repo/packages/K"),
                (b"K", "repo/packages"), (b"packages", "repo"), (b"repo", "")):
            listed = git("ls-tree", "-z", root + (
                ":" + siblings if siblings else "")).encode()
            kept = [entry for entry in listed.split(b"\0")
                    if entry and entry.split(b"\t")[1] != name]
            kept.append(b"040000 tree %s\t%s" % (folder.encode(), name))
            folder = git("mktree", "--missing", "-z",
                         data=b"".join(entry + b"\0" for entry in kept))
        commit = git("commit-tree", "-p", "HEAD", "-m", "odd", folder)
        git("update-ref", "refs/heads/main", commit)

    def test_what_a_release_may_not_hold_is_refused_and_blocks_nothing(self):
        package = release_files("kafka", 1)[
            "repo/packages/K/kafka/1/package.json"].encode()
        commit = "8f1d4cf0a1a5b0e3c7d2f69b54e0a7713c9e2b68"
        blob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
        for number, extra in enumerate((
                [("120000", b"config.json", b"/etc/passwd")],
                [("160000", b"sub", commit)],
                [("100644", b"..", b"x")],
                [("100644", b".git", b"x")],
                [("040000", b".GIT", [("100644", "blob", blob, b"x")])],
                [("100644", b"a\\b", b"x")],
                [("100644", b"A", b"x"), ("100644", b"a", b"x")],
                [("100644", b"a b", b"x")],
                [("100644", b"x.", b"x")],
                [("100644", b"\xff", b"x")])):
            with self.subTest(extra[0]):
                name = "u%d" % number
                repository = self.make_repository(
                    name, files={**release_files("kafka", 0),
                                 **release_files("spark", 10 + number)})
                self.put_tree(repository, [
                    *extra, ("100644", b"package.json", package)])
                self.add_source(name, repository, "--mode", "immutable")
                status = self.source_status(name)
                rules = {r["rule"] for r in status["refused"]}
                self.assertEqual(rules - {"layout"}, {"content.path"}, status)
                for refused in status["refused"]:
                    self.assertTrue(refused["file"].startswith(
                        "repo/packages/K/kafka/1"), refused)
                self.assertEqual(status["releases"], 2)
                self.assertNotIn("%s 1 1 observed current" % name,
                                 Log(self.server).releases())
                self.orrery("source", "remove", name, "--yes")

    def test_object_with_other_bytes_than_its_id_refuses_the_source(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        before = Log(self.server)
        self.commit(repository, release_files("kafka", 1))
        identity = self.git(repository, "rev-parse",
                            "HEAD:repo/packages/K/kafka/1/package.json")
        path = os.path.join(repository, ".git/objects", identity[:2],
                            identity[2:])
        with open(path, "rb") as file:
            data = zlib.decompress(file.read())
        os.chmod(path, 0o600)
        with open(path, "wb") as file:
            file.write(zlib.compress(data.replace(b"1.0.0", b"6.6.6")))
        self.refused("git.object", "source", "sync", "u")
        # Not there at all: a fault of the look.
        os.remove(path)
        done = self.orrery("source", "sync", "u", code=1)
        self.assertIn("git.object", done.err)
        self.assertEqual(Log(self.server).leaves, before.leaves)
        self.assertEqual(self.verified("kafka"), (0, 1, "current"))
        self.git(repository, "hash-object", "-w",
                 "repo/packages/K/kafka/1/package.json")
        self.orrery("source", "sync", "u")
        self.assertEqual(self.verified("kafka"), (1, 1, "current"))

    def test_files_with_one_sha1_are_two_files(self):
        one, two = (ALIKE + rest for rest in PARTED)
        self.assertEqual(hashlib.sha1(one).digest(),
                         hashlib.sha1(two).digest())
        folder = "repo/packages/K/kafka/0/"
        repository = self.make_repository(files={
            **release_files("kafka", 0), folder + "one": one,
            folder + "two": two})
        self.add_source("u", repository, "--mode", "immutable")
        self.assertEqual(self.source_status("u")["refused"], [])
        log = b"".join(Log(self.server).leaves)
        for name, data in ((b"one", one), (b"two", two)):
            self.assertIn(b"\nfile sha256:%s 320 %s\n" % (
                hashlib.sha256(data).hexdigest().encode(), name), log)
        self.assertEqual(self.verified("kafka"), (0, 1, "current"))
        self.commit(repository, {folder + "one": two})
        self.orrery("source", "sync", "u")
        refused = self.source_status("u")["refused"]
        self.assertEqual([r["code"] for r in refused], ["git.immutable"])
        self.assertIn("(one differs)", refused[0]["reason"])

    def test_rewritten_history_changes_nothing_that_clients_get(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        before = Log(self.server)
        self.git(repository, "checkout", "-q", "--orphan", "other")
        self.commit(repository, release_files("kafka", 0, "6.6.6"), "evil")
        self.git(repository, "branch", "-q", "-f", "main", "other")
        self.refused("git.rewrite", "source", "sync", "u")
        self.assertEqual(Log(self.server).leaves, before.leaves)
        found = self.orrery("verify", "kafka", "-o", "json").json["packages"]
        self.assertEqual(found[0]["version"], "1.0.0")

    def test_tags_have_no_effect_at_all(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.git(repository, "tag", "kafka-0")
        self.add_source("u", repository)
        before = Log(self.server)
        self.git(repository, "checkout", "-q", "--orphan", "other")
        self.commit(repository, release_files("kafka", 0, "6.6.6"), "evil")
        self.git(repository, "tag", "-f", "kafka-0")
        self.git(repository, "tag", "-f", "main")
        self.orrery("source", "sync", "u")
        self.assertEqual(Log(self.server).leaves, before.leaves)

    def test_edit_of_an_immutable_release_is_reported_and_not_served(self):
        repository = self.make_repository(files={
            **release_files("chronos", 3), **release_files("kafka", 0)})
        self.add_source("u", repository, "--mode", "immutable")
        self.commit(repository, {**release_files("chronos", 3, "6.6.6"),
                                 **release_files("kafka", 1)})
        self.orrery("source", "sync", "u")
        refused = self.source_status("u")["refused"]
        self.assertEqual([r["rule"] for r in refused], ["git.immutable"])
        self.assertEqual(self.versions("chronos"), [(3, 1, "current")])
        self.assertEqual(self.verified("chronos"), (3, 1, "current"))
        self.assertEqual(self.verified("kafka"), (1, 1, "current"))

    def test_edit_of_a_mutable_release_is_a_revision_that_is_told(self):
        repository = self.make_repository(files=release_files("hello", 0))
        self.add_source("u", repository)
        self.assertEqual(self.verified("hello"), (0, 1, "current"))
        self.commit(repository, release_files("hello", 0, "1.0.1"))
        self.orrery("source", "sync", "u")
        answer = self.orrery("verify", "hello", "-o", "json").json
        self.assertEqual([(r["package"], r["release"], r["from"], r["to"])
                          for r in answer["revisions"]], [("hello", 0, 1, 2)])
        self.assertEqual(self.verified("hello@release=0#1"),
                         (0, 1, "superseded"))
        # It goes, and comes back with equal or other bytes.
        path = "repo/packages/H/hello/0/package.json"
        self.commit(repository, {path: None})
        self.orrery("source", "sync", "u", "--accept-removals")
        done = self.orrery("verify", "hello", "-o", "json", code=13)
        self.assertIn("version.withdrawn", done.err)
        self.commit(repository, release_files("hello", 0, "1.0.1"))
        self.orrery("source", "sync", "u")
        self.assertEqual(self.verified("hello"), (0, 2, "current"))
        self.commit(repository, {path: None})
        self.commit(repository, release_files("hello", 0, "1.0.2"))
        self.orrery("source", "sync", "u")
        self.assertEqual(self.versions("hello"), [
            (0, 3, "current"), (0, 2, "superseded"), (0, 1, "superseded")])
        kinds = Log(self.server).kinds()
        self.assertEqual((kinds.count("withdrawn"), kinds.count("restored")),
                         (2, 1))


    def test_release_that_has_left_is_refused_by_its_code(self):
        repository = self.make_repository(files={
            **release_files("kafka", 0, "0.5.0"), **release_files("kafka", 1)})
        self.add_source("u", repository)
        self.commit(repository, {
            "repo/packages/K/kafka/0/package.json": None})
        self.orrery("source", "sync", "u", "--accept-removals")
        for words in (("resolve", "kafka@release=0"),
                      ("resolve", "kafka@=0.5.0"),
                      ("install", "kafka@release=0", "--yes")):
            done = self.orrery(*words, "-o", "json", code=13)
            self.assertEqual(done.out, "")
            self.assertEqual(json.loads(done.err)["refused"],
                             "version.withdrawn", words)
        # What never was is no matter of trust.
        self.assertIn(self.orrery("resolve", "kafka@release=9",
                                  code=None).code, (3, 4))
        self.orrery("resolve", "kafka")

    def test_nothing_comes_past_a_better_source_that_was_never_read(self):
        self.add_source("u", self.make_repository(
            files=harness.echod_files()))
        self.orrery("source", "add", "corp", "https://127.0.0.1:1/corp.git",
                    "--priority", "1", "--no-check")
        done = self.orrery("install", "echod", "--yes", "-o", "json", code=11)
        refusal = json.loads(done.err)
        self.assertEqual(refusal["refused"], "log.unavailable")
        self.assertIn("corp", refusal["detail"])
        self.orrery("source", "remove", "corp", "--yes")
        self.orrery("install", "echod", "--yes", "--dry-run")


class ReservedNameTest(harness.OrreryTestCase):
    """Names that this registry keeps for somebody (trust.md §12.2)."""

    def write_names(self, *lines):
        with open(os.path.join(self.server.data_dir, "trust/names"), "w",
                  encoding="ascii") as file:
            file.write("\n".join(["orrery/names/v1", *lines, ""]))

    def refused(self):
        return [(entry["code"], entry["step"], entry["file"])
                for entry in self.source_status("u")["refused"]]

    def packages(self):
        return {line.split(b" ")[1].decode() for leaf in Log(
            self.server).leaves for line in leaf.split(b"\n")
                if line.startswith(b"package ")}

    def test_reserved_name_is_not_observed_until_it_is_open(self):
        self.write_names("reserve acme-*")
        self.add_source("u", self.make_repository(files={
            **release_files("acme-db", 0), **release_files("kafka", 0)}))
        self.assertEqual(self.refused(), [
            ("name.reserved", "4b", "repo/packages/A/acme-db/0")])
        self.assertEqual(self.packages(), {"kafka"})
        self.orrery("show", "acme-db", code=3)
        self.orrery("verify", "kafka")
        # Nobody asks its own source to look again.
        self.add_source("v", self.make_repository("v", {}))
        self.write_names("bind acme-db sha256:" + 64 * "0", "reserve acme-*")
        self.orrery("source", "sync", "v")
        harness.wait_for("acme-db", lambda: self.orrery(
            "show", "acme-db", code=None).code == 0)
        self.assertEqual((self.refused(), self.packages()),
                         ([], {"acme-db", "kafka"}))

    def test_what_was_observed_before_stays_and_becomes_nothing_else(self):
        repository = self.make_repository(files=release_files("kafka", 0))
        self.add_source("u", repository)
        before = Log(self.server).leaves
        self.write_names("reserve *")
        self.commit(repository, {**release_files("kafka", 0, "6.6.6"),
                                 **release_files("kafka", 1)})
        self.orrery("source", "sync", "u")
        self.assertEqual(self.refused(), [
            ("name.reserved", "4b", "repo/packages/K/kafka/%d" % number)
            for number in (0, 1)])
        self.assertEqual(Log(self.server).leaves, before)
        listed = self.orrery("versions", "kafka", "-o", "json").json
        self.assertEqual([(one["release"], one["version"])
                          for one in listed["releases"]], [(0, "1.0.0")])
        done = self.orrery("verify", "kafka", "-o", "json", code=13)
        self.assertEqual(json.loads(done.err)["refused"], "name.reserved")

    def test_names_that_cannot_be_read_let_nothing_new_in(self):
        self.write_names("reserve")
        self.add_source("u", self.make_repository(
            files=release_files("kafka", 0)))
        self.assertEqual(self.refused(), [
            ("trust.syntax", "4b", "repo/packages/K/kafka/0")])
        self.assertEqual(self.packages(), set())
        self.write_names()
        self.orrery("source", "sync", "u")
        self.assertEqual((self.refused(), self.packages()), ([], {"kafka"}))


class HostileUrlTest(harness.OrreryTestCase):
    server_flags = ("--allow-local-sources=false",)

    def test_urls_that_reach_something_else_are_refused_unasked(self):
        marker = self.path("ran")
        for url in ("file:///etc", "/etc", "ext::sh -c touch% " + marker,
                    "ssh://-oProxyCommand=touch%20" + marker + "/x",
                    "ssh://-x@host/x", "-oProxyCommand=x:y/z",
                    "http://git.example/u.git", "https://127.0.0.1/u.git",
                    "https://[::1]/u.git", "https://localhost/u.git",
                    "https://169.254.169.254/latest", "git://git.example/u",
                    "fd::17/x"):
            with self.subTest(url):
                done = self.orrery("source", "add", "u", "--no-check", "-o",
                                   "json", "--", url, code=None)
                # What cannot be a URL is a mistake of whoever wrote it.
                if done.code != 64:
                    self.assertEqual(
                        (done.code, json.loads(done.err)["refused"]),
                        (17, "git.url"), done)
        self.assertFalse(os.path.exists(marker))
        self.assertEqual(self.server.get("/log/checkpoint").status, 404)


if __name__ == "__main__":
    harness.main()
