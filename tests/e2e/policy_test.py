"""`orrery policy` and `orrery log`."""

import hashlib
import json
import os
import re
import shutil

from tests.e2e import harness
from tests.e2e.harness import release_files
from tests.e2e.served_log import Log
from tests.e2e.verify_test import VerifyCase, flip

PATTERNS = """policy 1
registry corp http://127.0.0.1:1
  tlog-policy corp.tlog-policy
  names-file corp.names
  witnesses timestamper
registry public http://127.0.0.1:2
  tlog-policy tlog-policy
  names-file names
  witnesses timestamper
names corp acme/ acme-*
names public *
require * evidence observed
require kafka evidence sshsig
require kafka-* min-age 72h
deny package kafka
"""


class PolicyTest(VerifyCase):

    def test_init_pins_what_a_server_serves(self):
        self.orrery("policy", "init", self.server.url, code=64)
        path = os.path.join(self.home, ".config/orrery/policy")
        self.assertFalse(os.path.exists(path))
        answer = self.orrery("policy", "init", self.server.url, "--yes", "-o",
                             "json").json
        self.assertEqual(answer["policy"], path)
        for name in ("tlog-policy", "names"):
            served = self.server.get("/v1/trust/" + name).data
            with open(os.path.join(os.path.dirname(path), name),
                      "rb") as file:
                self.assertEqual(file.read(), served)
            self.assertEqual(
                answer[name.replace("-", "_") + "_sha256"],
                "sha256:" + hashlib.sha256(served).hexdigest())
        with open(path, encoding="ascii") as file:
            self.assertIn("registry local %s\n" % self.server.url, file.read())
        self.assertEqual(self.orrery("verify", "hello").err, "")
        self.orrery("policy", "init", self.server.url, "--yes", code=4)

    def test_init_refuses_what_anybody_could_have_answered(self):
        done = self.orrery("policy", "init", "http://registry.example",
                           "--yes", code=64)
        self.assertIn("https://", done.err)

    def test_check_tells_the_line_that_decides(self):
        policy = self.pin()
        folder = os.path.dirname(policy)
        for name in ("tlog-policy", "names"):
            shutil.copy(os.path.join(folder, name),
                        os.path.join(folder, "corp." + name))
        with open(policy, "w", encoding="ascii") as file:
            file.write(PATTERNS)
        names = ["acme", "acme-", "acmex-db", "acme-db", "acme/db",
                 "acme/db-x", "xacme-db", "kafka", "kafka-zookeeper"]
        answer = self.orrery("policy", "check", policy, *names, "-o",
                             "json").json
        found = {}
        for package in answer["packages"]:
            found[package["package"]] = {
                one["setting"]: (one["value"], one.get("line"))
                for one in package.get("decided", ())}
        self.assertEqual(
            {name: found[name].get("registry") for name in names},
            {"acme": ("public", 11), "acme-": None, "acmex-db": ("public", 11),
             "acme-db": ("corp", 10), "acme/db": ("corp", 10),
             "acme/db-x": ("corp", 10), "xacme-db": ("public", 11),
             "kafka": ("public", 11), "kafka-zookeeper": ("public", 11)})
        self.assertEqual(found["kafka"]["deny"], ("package", 15))
        self.assertNotIn("deny", found["kafka-zookeeper"])
        self.assertEqual(found["kafka"]["evidence"], ("sshsig", 13))
        self.assertEqual(found["kafka"]["min-age"], ("0s", None))
        self.assertEqual(found["kafka-zookeeper"]["evidence"],
                         ("observed", 12))
        self.assertEqual(found["kafka-zookeeper"]["min-age"], ("259200s", 14))
        text = self.orrery("policy", "check", policy, "acme-db").out
        self.assertIn("registry corp  (line 10: names corp acme/ acme-*)",
                      text)

    def test_check_tells_file_and_line_of_a_fault(self):
        policy = self.pin(policy=lambda text: text + "names local *\n")
        done = self.orrery("policy", "check", policy, "-o", "json", code=13)
        fault = json.loads(done.err)
        self.assertEqual((fault["refused"], fault["file"], fault["line"]),
                         ("policy.syntax", policy, 8))
        policy = self.pin(names=lambda text: text + "unknown x\n")
        done = self.orrery("policy", "check", policy, "-o", "json", code=10)
        fault = json.loads(done.err)
        self.assertEqual(
            (fault["refused"], fault["file"], fault["line"]),
            ("trust.syntax", os.path.join(os.path.dirname(policy), "names"),
             2))


class LogTest(VerifyCase):

    def test_checkpoint_is_the_note_that_was_checked(self):
        note = self.orrery("log", "checkpoint").out
        self.assertEqual(note.split("\n")[:3], Log(self.server).text.split(
            "\n")[:3])
        self.server.stop()
        self.assertEqual(self.orrery("log", "checkpoint", "--offline").out,
                         note)

    def test_audit_reads_all_that_is_served(self):
        for number in range(3):
            self.commit(self.repository, release_files("more", number))
            self.orrery("source", "sync", "u")
        answer = self.orrery("log", "audit", "-o", "json").json
        registry, = answer["registries"]
        log = Log(self.server)
        self.assertEqual(
            (registry["leaves"], registry["size"], registry["tiles"],
             registry["excused"], registry["signed_records"]),
            (log.size, log.size, 1, [], 0))
        self.assertEqual(registry["catalogs"], sum(
            b"\nkind index\n" in leaf for leaf in log.leaves))

    def test_audit_tells_each_file_that_is_another(self):
        mirror = self.mirror()
        log = Log(self.server)
        catalog = hashlib.sha256(log.catalog).hexdigest()
        self.write(mirror, "catalog/" + catalog, log.catalog)
        leaves = {}
        for index, leaf in enumerate(log.leaves):
            name = "leaf/" + hashlib.sha256(b"\0" + leaf).hexdigest()
            self.write(mirror, name, leaf)
            leaves[index] = name
        audit = ("log", "audit", "--mirror", mirror, "-o", "json")
        self.orrery(*audit)
        flip(os.path.join(mirror, leaves[1]))
        flip(os.path.join(mirror, "catalog", catalog))
        done = self.orrery(*audit, code=11)
        self.assertEqual(done.out, "")
        self.assertEqual(
            [(one["refused"], one.get("leaf")) for one in
             map(json.loads, done.err.splitlines())],
            [("log.inclusion", 1), ("index.digest", None)])

    def write(self, root, path, content):
        full = os.path.join(root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(content)

    def test_fork_is_kept_and_told_until_it_is_acknowledged(self):
        """Two logs with the same keys: a data directory that was copied."""
        policy = self.pin()
        self.server.stop()
        shutil.copytree(self.server.data_dir, self.path("copy"))
        self.server.http_listen = self.server.address
        self.server.start()
        copy = harness.Server(self.path("copy"))
        self.addCleanup(copy.stop)
        copy.start()
        other = self.make_repository("other", release_files("two", 0))
        self.orrery("source", "add", "v", other, "--server", copy.url)
        self.orrery("source", "sync", "v", "--server", copy.url)
        self.commit(self.repository, release_files("one", 0))
        self.orrery("source", "sync", "u")
        self.verify("one", "--policy", policy)
        forked = ("one", "--policy", policy, "--mirror", copy.url)
        found = self.refused(11, "log.fork", *forked)
        self.assertRegex(found["evidence"], "fork-[0-9a-f]{16}")
        self.assertEqual(self.refused(11, "log.fork", *forked)["evidence"],
                         found["evidence"])
        kept = os.path.join(self.home, ".local/state/orrery/trust/local",
                            found["evidence"])
        self.assertEqual(sorted(os.listdir(kept))[:2],
                         ["new.note", "old.note"])
        with open(os.path.join(kept, "report"), encoding="ascii") as file:
            self.assertRegex(file.read(), "(?s)^orrery/fork/v1\nregistry "
                             "local\norigin .*url %s\n" % re.escape(copy.url))
        honest = ("one", "--policy", policy)
        self.assertEqual(self.verify(*honest).json["evidence"],
                         [{"registry": "local", "id": found["evidence"]}])
        for command in (("verify", *honest),
                        ("log", "checkpoint", "--policy", policy)):
            self.assertIn("orrery log ack " + found["evidence"],
                          self.orrery(*command).err)
        self.orrery("log", "ack", "fork-0000000000000000", code=3)
        self.orrery("log", "ack", found["evidence"])
        self.orrery("log", "ack", found["evidence"][len("fork-"):])
        self.assertEqual(self.verify(*honest).json["evidence"], [])
        self.assertTrue(os.path.exists(os.path.join(kept, "old.note")))


if __name__ == "__main__":
    harness.main()
