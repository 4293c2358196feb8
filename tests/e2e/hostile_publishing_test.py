"""What a registry takes, waits for and refuses of what maintainers push."""

import base64
import hashlib
import http.client
import hmac
import json
import os
import re
import subprocess

from tests.e2e import harness
from tests.e2e.forged_mirror import (WEAK_KEYS, SshKey, armor, blob_of,
                                     ssh_string)
from tests.e2e.git_servers import HttpRemote
from tests.e2e.harness import release_files, wait_for
from tests.e2e.publishing_test import Person, PublishingCase

ZERO = "sha256:" + 64 * "0"
SECRET = "Correct horse, battery staple"


class StatementCase(PublishingCase):
    """Alice alone publishes kafka in a repository of this machine."""

    mode = "mutable"
    admit = "sshsig"

    def setUp(self):
        super().setUp()
        self.url = "file://" + self.bare
        self.repo = self.url + " refs/heads/main"
        self.mallory = Person(self, "mallory")
        self.clone(self.alice)

    def follow(self, name="kafka", admit=None, url=None):
        self.orrery("source", "add", name, url or self.bare, "--ref", "main",
                    "--mode", self.mode, "--admit", admit or self.admit)

    def put_release(self, number=0, **members):
        for path, text in release_files(
                "kafka", number, "2.%d.0" % number, **members).items():
            self.alice.write(path, text)

    def begin(self, *flags, people=None):
        """Keyset 1 and a release directory, in one push; not followed yet."""
        self.keyset(self.alice, self.signers(*(people or [self.alice])),
                    *flags)
        self.sign(self.alice, "trust/kafka/000001.stmt")
        self.put_release(0)

    def publish(self):
        """A logged keyset and a logged release."""
        self.begin()
        self.alice.orrery("package record . kafka")
        self.sign(self.alice, "trust/kafka/000002.stmt")
        self.alice.push()
        self.follow()
        status = self.sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([], []))
        self.assertEqual(len(self.leaves_of("release")), 1)

    def push_and_sync(self, name="kafka"):
        self.alice.push()
        return self.sync(name)

    def raw_sign(self, person, statement, namespace="release@orrery",
                 flags=""):
        """The armor that ssh-keygen makes, whoever may sign."""
        return person.run(
            "ssh-keygen -Y sign -q -n %s %s -f %s < %s" % (
                namespace, flags, person.key,
                os.path.join(self.alice.checkout, statement))).out

    def expect_refused(self, status, code, name):
        self.assertIn((code, name), self.refused(status), status)
        self.assertEqual(self.pending(status), [], status)

    def expect_pending(self, status, seq, code):
        self.assertEqual(self.pending(status), [(seq, code)], status)


class SignatureTest(StatementCase):
    """Section A of trust.md §25."""

    def setUp(self):
        super().setUp()
        self.begin("--signer bob@example.org=%s.pub" % self.bob.key,
                   "--threshold release=2")
        self.alice.push()
        self.follow()
        self.assertEqual(self.pending(self.sync()), [])
        self.alice.orrery("package record . kafka")
        self.statement = "trust/kafka/000002.stmt"

    def put(self, text, label=""):
        self.alice.write(self.statement + label + ".sig", text)

    def tearDown(self):
        self.assertEqual(self.leaves_of("release"), [])

    def test_without_signature_it_waits(self):
        status = self.push_and_sync()
        self.expect_pending(status, 2, "record.threshold")
        entry = status["pending"][0]
        self.assertEqual((entry["step"], entry["file"], entry["package"]),
                         ("4a", self.statement, "kafka"))

    def test_another_namespace_is_refused(self):
        for namespace in ("git", "file"):
            self.put(self.raw_sign(self.alice, self.statement, namespace))
            self.expect_refused(self.push_and_sync(), "record.namespace",
                                "000002.stmt.sig")

    def test_one_key_that_signs_twice_counts_once(self):
        self.put(self.raw_sign(self.alice, self.statement))
        self.put(self.raw_sign(self.alice, self.statement,
                               flags="-O hashalg=sha256"), ".again")
        self.expect_pending(self.push_and_sync(), 2, "record.threshold")

    def test_a_stranger_does_not_count_and_does_no_harm(self):
        self.put(self.raw_sign(self.mallory, self.statement), ".m")
        self.put(self.raw_sign(self.alice, self.statement))
        self.expect_pending(self.push_and_sync(), 2, "record.threshold")

    def test_a_signature_of_other_bytes_is_refused(self):
        self.put(self.raw_sign(self.alice, "trust/kafka/000001.stmt"))
        self.expect_refused(self.push_and_sync(), "record.signature",
                            "000002.stmt.sig")

    def test_broken_armors_are_refused(self):
        good = self.raw_sign(self.alice, self.statement)
        blob = blob_of(good)
        version = blob.index(b"\x00\x00\x00\x01")
        reserved = blob.index(ssh_string(b"release@orrery")) + 18
        cases = {
            "text after the footer": good + "more\n",
            "two armors": good + good,
            "carriage returns": good.replace("\n", "\r\n"),
            "version 0": armor(
                blob[:version] + b"\0\0\0\0" + blob[version + 4:]),
            "reserved": armor(
                blob[:reserved] + ssh_string(b"x") + blob[reserved + 4:]),
            "trailing bytes": armor(blob + b"\0"),
            "text before": "hello\n" + good,
            "spaces": good.replace("\n", " \n", 2),
            "nothing": "",
        }
        for name, text in cases.items():
            with self.subTest(name):
                self.put(text)
                self.expect_refused(self.push_and_sync(), "record.syntax",
                                    "000002.stmt.sig")

    def test_nine_signatures_are_refused(self):
        good = self.raw_sign(self.alice, self.statement)
        for number in range(9):
            self.put(good, ".s%d" % number)
        self.expect_refused(self.push_and_sync(), "record.syntax",
                            "000002.stmt")

    def test_broken_statements_are_refused(self):
        good = self.alice.read(self.statement)
        head = good.index(b"\nversion ")
        cases = {
            "last line end missing": good[:-1],
            "empty line": good[:head] + b"\n" + good[head:],
            "tab": good.replace(b"version ", b"version\t"),
            "NUL": good.replace(b"version 2", b"version \0"),
            "0x80": good.replace(b"version 2", b"version \x80"),
            "401 lines": good + 400 * b"requires a >=1\n",
            "long line": good + b"requires " + 1016 * b"x" + b"\n",
            "too large": good + 30000 * b"x",
            "unknown word": good + b"note hello\n",
            "carriage returns": good.replace(b"\n", b"\r\n"),
        }
        for name, text in cases.items():
            with self.subTest(name):
                self.alice.write(self.statement, text)
                status = self.push_and_sync()
                self.expect_refused(status, "record.syntax", "000002.stmt")

    def test_another_log_is_another_registry(self):
        good = self.alice.read(self.statement)
        self.alice.write(self.statement, good.replace(
            b"log " + self.origin.encode(), b"log other.example/x"))
        self.expect_refused(self.push_and_sync(), "record.origin",
                            "000002.stmt")

    def test_two_signatures_and_a_strangers_are_logged_without_his(self):
        self.put(self.raw_sign(self.alice, self.statement))
        self.put(self.raw_sign(self.bob, self.statement), ".bob")
        self.put(self.raw_sign(self.mallory, self.statement), ".m")
        status = self.push_and_sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([], []))
        [leaf] = self.leaves_of("release")
        self.assertEqual(leaf.count(b"BEGIN SSH SIGNATURE"), 2)
        # For tearDown: it is where it belongs.
        self.leaves_of = lambda kind: []


class TokenTest(StatementCase):
    """Keys in a token: what nobody touched it for is no signature."""

    def setUp(self):
        super().setUp()
        self.token = SshKey(is_token=True)
        self.alice.write("../token.pub", self.token.line() + "\n")
        self.begin("--signer carol@example.org=../token.pub")
        self.alice.push()
        self.follow()
        self.assertEqual(self.pending(self.sync()), [])
        self.alice.orrery("package record . kafka")
        self.statement = "trust/kafka/000002.stmt"

    def put(self, flags):
        self.alice.write(self.statement + ".carol.sig", self.token.sign(
            self.alice.read(self.statement), "release@orrery", flags=flags))

    def test_a_touch_is_asked_for(self):
        # Bit 2 is the PIN.
        for flags in (0, 4):
            self.put(flags)
            self.expect_refused(self.push_and_sync(), "record.signature",
                                "000002.stmt.carol.sig")
        self.assertEqual(self.leaves_of("release"), [])
        self.put(5)
        status = self.push_and_sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([], []))
        self.assertEqual(len(self.leaves_of("release")), 1)
        self.orrery("verify", "kafka")


class ChainTest(StatementCase):
    """Section B of trust.md §25, and statements that change."""

    def test_weak_keys_are_refused_with_their_line(self):
        self.begin()
        self.alice.push()
        statement = "trust/kafka/000001.stmt"
        text = self.alice.read(statement).decode()
        followed = False
        for key in WEAK_KEYS:
            with self.subTest(key):
                weak = ssh_string(b"ssh-ed25519") + ssh_string(
                    bytes.fromhex(key))
                self.alice.write(statement, re.sub(
                    r"ssh-ed25519 \S+", "ssh-ed25519 " +
                    base64.b64encode(weak).decode(), text))
                # R = 1 and S = 0, which by some such keys is a signature of
                # everything.
                forged = ssh_string(b"ssh-ed25519") + ssh_string(
                    b"\1" + bytes(63))
                self.alice.write(statement + ".sig", armor(
                    b"SSHSIG\0\0\0\1" + ssh_string(weak) +
                    ssh_string(b"keyset@orrery") + ssh_string(b"") +
                    ssh_string(b"sha512") + ssh_string(forged)))
                self.alice.push()
                if not followed:
                    self.follow()
                    followed = True
                status = self.sync()
                self.expect_refused(status, "record.key.weak", "000001.stmt")
                self.assertEqual(
                    status["refused"][0]["line"],
                    1 + [line.split(" ")[0]
                         for line in text.split("\n")].index("signer"))
        self.assertEqual(self.leaves_of("keyset"), [])

    def test_the_next_keyset_needs_the_one_before(self):
        self.publish()
        self.keyset(self.alice, self.signers(self.mallory),
                    "--drop alice@example.org")
        name = "trust/kafka/000003.stmt"
        self.alice.write(name + ".sig", self.raw_sign(
            self.mallory, name, "keyset@orrery"))
        self.expect_pending(self.push_and_sync(), 3, "record.keyset")
        self.assertEqual(len(self.leaves_of("keyset")), 1)

    def test_who_has_left_signs_no_more_and_what_she_signed_stays(self):
        self.publish()
        self.keyset(self.alice, self.signers(self.bob),
                    "--drop alice@example.org")
        name = "trust/kafka/000003.stmt"
        self.sign(self.alice, name)
        self.sign(self.bob_here(), name, "--label", "bob")
        self.put_release(1)
        self.alice.orrery("package record . kafka --release 1")
        four = "trust/kafka/000004.stmt"
        self.alice.write(four + ".sig", self.raw_sign(self.alice, four))
        status = self.push_and_sync()
        self.expect_pending(status, 4, "record.threshold")
        self.assertEqual(len(self.leaves_of("keyset")), 2)
        self.orrery("verify", "kafka@release=0")

    def bob_here(self):
        """Bob, in Alice's checkout."""
        os.symlink(self.alice.checkout, self.bob.checkout)
        return self.bob

    def test_a_logged_statement_that_changes_is_told_and_ignored(self):
        self.publish()
        name = "trust/kafka/000002.stmt"
        good = self.alice.read(name)
        before = self.log_lines()
        self.alice.write(name, good + b"\n")
        self.expect_refused(self.push_and_sync(), "record.fork", "000002.stmt")
        self.alice.write("README", "something else")
        self.expect_refused(self.push_and_sync(), "record.fork", "000002.stmt")
        self.alice.write(name, good)
        self.assertEqual(self.refused(self.push_and_sync()), [])
        self.assertEqual(self.log_lines(), before)

    def test_a_gap_waits_and_says_for_what(self):
        self.publish()
        self.put_release(1)
        self.alice.orrery("package record . kafka")
        self.sign(self.alice, "trust/kafka/000003.stmt")
        folder = os.path.join(self.alice.checkout, "trust/kafka")
        for end in ("", ".sig"):
            os.rename(os.path.join(folder, "000003.stmt" + end),
                      os.path.join(folder, "000004.stmt" + end))
        status = self.push_and_sync()
        self.assertEqual(
            [(p["seq"], p["code"], p["reason"]) for p in status["pending"]],
            [(3, "record.chain",
              "is not there, and the files of statement 4 wait for it"),
             (4, "record.chain", "waits for trust/kafka/000003.stmt")])
        self.assertEqual(self.refused(status), [])

    def test_what_is_behind_a_pending_statement_tells_for_what_it_waits(self):
        self.publish()
        self.keyset(self.alice, self.signers(self.bob), "--threshold keyset=2")
        self.put_release(1)
        self.alice.orrery("package record . kafka")
        self.sign(self.alice, "trust/kafka/000004.stmt")
        self.sign(self.alice, "trust/kafka/000003.stmt")
        status = self.push_and_sync()
        self.assertEqual(self.pending(status), [(3, "record.keyset"),
                                                (4, "record.chain")])
        self.assertEqual(status["pending"][1]["reason"],
                         "waits for trust/kafka/000003.stmt")
        self.assertEqual(self.refused(status), [])
        # Nor does it need another push than the one that was waited for.
        self.sign(self.bob_here(), "trust/kafka/000003.stmt", "--label", "bob")
        status = self.push_and_sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([], []))
        self.assertEqual(len(self.leaves_of("release")), 2)

    def test_a_link_is_no_statement_and_a_signature_alone_waits(self):
        self.publish()
        self.put_release(1)
        self.alice.orrery("package record . kafka")
        name = "trust/kafka/000003.stmt"
        self.sign(self.alice, name)
        folder = os.path.join(self.alice.checkout, "trust/kafka")
        for end in ("", ".sig"):
            with self.subTest("link to the file" + end):
                good = os.path.join(folder, "000003.stmt" + end)
                os.rename(good, os.path.join(folder, "elsewhere"))
                os.symlink("elsewhere", good)
                status = self.push_and_sync()
                self.expect_refused(status, "content.path",
                                    "000003.stmt" + end)
                os.remove(good)
                os.rename(os.path.join(folder, "elsewhere"), good)
        os.remove(os.path.join(folder, "000003.stmt"))
        status = self.push_and_sync()
        self.expect_pending(status, 3, "record.chain")
        self.assertEqual(
            status["pending"][0]["reason"],
            "is not there, and the files of statement 3 wait for it")

    def test_a_link_in_the_place_of_a_folder_is_told(self):
        self.publish()
        before = self.log_lines()
        self.put_release(1)
        self.alice.orrery("package record . kafka")
        self.sign(self.alice, "trust/kafka/000003.stmt")
        for path in ("trust", "trust/kafka"):
            with self.subTest(path):
                place = os.path.join(self.alice.checkout, path)
                hidden = os.path.join(self.alice.checkout, "elsewhere")
                os.rename(place, hidden)
                os.symlink("elsewhere" if path == "trust" else
                           "../elsewhere", place)
                for text in ("what else is pushed", "changes nothing of it"):
                    self.alice.write("README", text)
                    status = self.push_and_sync()
                    self.assertEqual(
                        [(r["step"], r["code"], r["file"], r["package"])
                         for r in status["refused"] if r["step"] == "4a"],
                        [("4a", "content.path", path,
                          "" if path == "trust" else "kafka")])
                    self.assertIn("is a link", status["refused"][0]["reason"])
                self.assertIn("%s: is a link, which is not followed" % path,
                              self.orrery("source", "status", "kafka").out)
                self.assertEqual(self.log_lines(), before)
                os.remove(place)
                os.rename(hidden, place)
        status = self.push_and_sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([], []))
        self.assertEqual(len(self.leaves_of("release")), 2)

    def test_a_wrong_predecessor_is_refused(self):
        self.publish()
        self.put_release(1)
        self.alice.orrery("package record . kafka")
        name = "trust/kafka/000003.stmt"
        text = re.sub(rb"prev sha256:\w+", b"prev " + ZERO.encode(),
                      self.alice.read(name))
        self.alice.write(name, text)
        self.alice.write(name + ".sig", self.raw_sign(self.alice, name))
        self.expect_refused(self.push_and_sync(), "record.chain",
                            "000003.stmt")

    def test_a_statement_in_the_folder_of_another_package_is_refused(self):
        self.publish()
        self.alice.write("trust/spark/000001.stmt",
                         self.alice.read("trust/kafka/000001.stmt"))
        self.alice.write("trust/spark/000001.stmt.sig",
                         self.alice.read("trust/kafka/000001.stmt.sig"))
        self.expect_refused(self.push_and_sync(), "record.chain",
                            "000001.stmt")

    def test_the_repo_line_that_would_pass_is_printed(self):
        self.alice.orrery(
            "package keyset . kafka", self.signers(self.alice), "--log",
            self.origin,
            "--repo 'https://git.example/kafka.git refs/heads/main'")
        self.sign(self.alice, "trust/kafka/000001.stmt")
        self.put_release()
        self.alice.push()
        self.follow()
        status = self.sync()
        self.expect_refused(status, "git.unauthorised", "000001.stmt")
        self.assertIn("repo " + self.repo, status["refused"][0]["reason"])
        self.begin_again()

    def test_a_first_keyset_for_another_log_is_said_again(self):
        self.alice.orrery(
            "package keyset . kafka", self.signers(self.alice), "--log",
            "registry.example/other", "--repo '%s'" % self.repo)
        self.sign(self.alice, "trust/kafka/000001.stmt")
        self.put_release()
        self.alice.push()
        self.follow()
        self.expect_refused(self.sync(), "record.origin", "000001.stmt")
        self.begin_again()

    def begin_again(self):
        """As docs/publishing.md says of a first keyset that is refused."""
        self.alice.run("git rm -q -r trust/kafka", cwd=self.alice.checkout)
        self.begin()
        self.alice.orrery("package record . kafka")
        self.sign(self.alice, "trust/kafka/000002.stmt")
        status = self.push_and_sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([], []))
        self.assertEqual(status["releases"], 1)

    def test_reports_outlive_a_restart_and_a_lost_index(self):
        self.begin()
        os.remove(os.path.join(self.alice.checkout,
                               "trust/kafka/000001.stmt.sig"))
        self.alice.push()
        self.follow()
        self.expect_pending(self.sync(), 1, "record.threshold")
        self.server.kill()
        # Nobody can look again.
        os.rename(self.bare, self.bare + ".away")
        self.server = self.start_server()
        self.expect_pending(self.source_status("kafka"), 1, "record.threshold")
        self.server.stop()
        os.rename(self.bare + ".away", self.bare)
        for end in ("", "-wal", "-shm"):
            path = os.path.join(self.server.data_dir, "index.db" + end)
            if os.path.exists(path):
                os.remove(path)
        self.server = self.start_server()
        self.expect_pending(self.sync(), 1, "record.threshold")
        self.sign(self.alice, "trust/kafka/000001.stmt")
        self.assertEqual(self.pending(self.push_and_sync()), [])
        self.assertEqual(len(self.leaves_of("keyset")), 1)


class ContentTest(StatementCase):
    """Section C of trust.md §25, and what the ratchet keeps out."""

    def record(self, number):
        self.alice.orrery("package record . kafka --release %d" % number)
        name = "trust/kafka/%06d.stmt" % self.next_seq()
        self.sign(self.alice, name)
        return name

    def next_seq(self):
        folder = os.path.join(self.alice.checkout, "trust/kafka")
        return max(int(name[:6]) for name in os.listdir(folder))

    def test_files_must_be_those_of_the_record(self):
        self.publish()
        self.put_release(1)
        name = self.record(1)
        directory = "repo/packages/K/kafka/1/"
        package = self.alice.read(directory + "package.json")
        self.alice.write(directory + "package.json", package + b"\n")
        status = self.push_and_sync()
        self.expect_refused(status, "content.digest", "000003.stmt")
        self.assertTrue(any("package.json" in r["reason"]
                            for r in status["refused"]))
        self.assertTrue(any(
            "remove the record and its signatures" in r["reason"]
            for r in status["refused"]))
        self.alice.run("git rm -q %s %s.sig" % (name, name),
                       cwd=self.alice.checkout)
        self.assertEqual(self.record(1), name)
        status = self.push_and_sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([], []))
        self.assertEqual(len(self.leaves_of("release")), 2)

    def test_what_is_put_back_is_taken(self):
        self.publish()
        self.put_release(1)
        name = self.record(1)
        directory = "repo/packages/K/kafka/1/"
        package = self.alice.read(directory + "package.json")
        logged = len(self.log_lines())
        self.alice.write(directory + "config.json", "{}\n")
        self.expect_refused(self.push_and_sync(), "content.unlisted",
                            "000003.stmt")
        os.remove(os.path.join(self.alice.checkout, directory + "config.json"))
        os.remove(os.path.join(self.alice.checkout,
                               directory + "package.json"))
        self.expect_pending(self.push_and_sync(), 3, "content.unlisted")
        self.assertEqual(len(self.log_lines()), logged)
        self.alice.write(directory + "package.json", package)
        status = self.push_and_sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([], []))
        self.assertEqual(len(self.leaves_of("release")), 2, name)

    def test_a_size_that_no_client_would_find_is_refused(self):
        self.publish()
        self.put_release(1)
        self.alice.orrery("package record . kafka --release 1")
        name = "trust/kafka/000003.stmt"
        statement = self.alice.read(name)
        wrong = re.sub(rb"(\nfile sha256:[0-9a-f]* [0-9]*)", rb"\g<1>0",
                       statement, count=1)
        self.assertNotEqual(wrong, statement)
        self.alice.write(name, wrong)
        self.alice.write(name + ".sig", self.raw_sign(self.alice, name))
        self.expect_refused(self.push_and_sync(), "content.size",
                            "000003.stmt")
        self.assertEqual(len(self.leaves_of("release")), 1)

    def test_a_symbolic_link_is_no_file(self):
        self.publish()
        self.put_release(1)
        self.record(1)
        path = os.path.join(self.alice.checkout,
                            "repo/packages/K/kafka/1/package.json")
        os.remove(path)
        os.symlink("../0/package.json", path)
        self.expect_refused(self.push_and_sync(), "content.path",
                            "000003.stmt")

    def test_an_unsigned_release_is_told_and_not_logged(self):
        self.publish()
        before = self.log_lines()
        self.put_release(1)
        status = self.push_and_sync()
        self.assertEqual(self.refused(status), [("record.evidence", "1")])
        self.assertEqual(status["refused"][0]["step"], "4b")
        self.put_release(0, website="https://example.org")
        status = self.push_and_sync()
        self.assertEqual(self.refused(status), [("record.evidence", "0"),
                                                ("record.evidence", "1")])
        self.assertIn("package.json differs", status["refused"][0]["reason"])
        self.assertIn("release 1", status["refused"][0]["reason"])
        self.assertEqual(status["releases"], 1)
        self.assertEqual(self.log_lines(), before)
        # What was signed is served on, and reverting clears the report.
        self.orrery("verify", "kafka")
        self.put_release(0)
        self.assertEqual(self.refused(self.push_and_sync()),
                         [("record.evidence", "1")])

    def test_a_signed_release_stays_when_its_directory_leaves(self):
        self.publish()
        self.put_release(1)
        self.record(1)
        self.push_and_sync()
        before = self.log_lines()
        self.alice.run("git rm -q -r repo/packages/K/kafka/0",
                       cwd=self.alice.checkout)
        status = self.push_and_sync()
        self.assertEqual(self.refused(status), [("record.evidence", "0")])
        self.assertEqual(status["releases"], 2)
        self.assertEqual(self.log_lines(), before)
        self.orrery("verify", "kafka@release=0")
        self.server.stop()
        for end in ("", "-wal", "-shm"):
            path = os.path.join(self.server.data_dir, "index.db" + end)
            if os.path.exists(path):
                os.remove(path)
        self.server = self.start_server()
        status = self.sync()
        self.assertEqual((status["releases"], self.refused(status)),
                         (2, [("record.evidence", "0")]))
        self.put_release(0)
        status = self.push_and_sync()
        self.assertEqual((status["releases"], self.refused(status)), (2, []))
        self.assertEqual(self.log_lines(), before)

    def test_moved_tags_and_unsigned_branches_log_nothing(self):
        self.publish()
        before = self.log_lines()
        self.alice.run("git tag kafka-0 HEAD~0 && git push -q origin kafka-0",
                       cwd=self.alice.checkout)
        self.clone(self.mallory)
        self.mallory.run(
            "orrery package record . kafka --release 0 || true; "
            "mkdir -p repo/packages/K/kafka/9 && "
            "cp repo/packages/K/kafka/0/* repo/packages/K/kafka/9/ && "
            "orrery package record . kafka --release 9 && "
            "git add -A && git commit -q -m evil && git tag -f kafka-0 && "
            "git push -q -f origin kafka-0 && git push -q origin HEAD:main",
            cwd=self.mallory.checkout)
        self.expect_pending(self.sync(), 3, "record.threshold")
        self.assertEqual(self.log_lines(), before)

    def test_a_second_source_has_no_say(self):
        self.publish()
        other = self.path("git", "other.git")
        os.makedirs(other)
        self.git(other, "init", "-q", "--bare", "-b", "main")
        self.clone(self.mallory, other)
        self.mallory.run(
            "orrery package keyset . kafka %s --log %s --repo "
            "'file://%s refs/heads/main' && "
            "orrery package sign trust/kafka/000001.stmt --key %s && "
            "mkdir -p repo/packages/K/kafka/7 && cp %s "
            "repo/packages/K/kafka/7/ && git add -A && git commit -q -m m && "
            "git push -q origin HEAD:main" % (
                self.signers(self.mallory), self.origin, other,
                self.mallory.key,
                os.path.join(self.alice.checkout,
                             "repo/packages/K/kafka/0/package.json")),
            cwd=self.mallory.checkout)
        before = self.log_lines()
        self.follow("other", admit="observed", url=other)
        status = self.sync("other")
        self.assertEqual(sorted(self.refused(status)), [
            ("git.source", "000001.stmt"), ("record.evidence", "7")])
        new = self.log_lines()[len(before):]
        self.assertFalse(any(b"package kafka" in leaf for leaf in new))
        self.orrery("verify", "kafka")

    def test_pins_that_disagree_are_told_of_the_statement(self):
        self.publish()
        self.put_release(1)
        url = "https://downloads.example/k.jar"
        folder = "repo/packages/K/kafka/1/"
        for name, document in (
                ("resource", {"assets": {"uris": {"jar": url}}}),
                ("artifacts", {"schema": 1, "assets": {"jar": {
                    "sha256": 64 * "a", "size": 6}}})):
            self.alice.write(folder + name + ".json", json.dumps(document))
        self.alice.orrery("package record . kafka --release 1")
        name = "trust/kafka/000003.stmt"
        text = self.alice.read(name).decode()
        self.assertNotIn("\nasset ", text)
        self.alice.write(name, text + "asset sha256:%s 6 jar %s\n" % (
            64 * "b", url))
        self.alice.write(name + ".sig", self.raw_sign(self.alice, name))
        status = self.push_and_sync()
        self.assertEqual(
            [(one["code"], one["step"], one["file"])
             for one in status["refused"]],
            [("content.identity", "4a", name),
             ("record.evidence", "4b", folder[:-1])])
        self.assertIn("artifacts.json pins asset jar",
                      status["refused"][0]["reason"])

    def test_a_copy_of_the_repository_waits_for_its_home(self):
        self.publish()
        copy = self.path("git", "copy.git")
        self.git(self.scratch, "clone", "-q", "--bare", self.bare, copy)
        self.follow("copy", url=copy)
        self.assertEqual(self.refused(self.sync("copy")),
                         [("record.evidence", "0")])
        self.put_release(1)
        self.record(1)
        self.alice.push()
        self.git(copy, "fetch", "-q", self.bare, "main:main")
        evidence = [("record.evidence", "0"), ("record.evidence", "1")]
        self.assertEqual(self.refused(self.sync("copy")),
                         [("git.source", "000003.stmt"), *evidence])
        # Soon, and though nobody asks the copy to look.
        self.sync()
        self.assertEqual(len(self.leaves_of("release")), 2)
        wait_for("the report to go", lambda: self.refused(
            self.source_status("copy")) == evidence)
        self.assertEqual(len(self.leaves_of("release")), 2)

    def test_a_record_of_an_immutable_release_is_refused(self):
        self.mode = "immutable"
        self.begin("--mode mutable")
        self.record(0)
        self.alice.push()
        self.follow()
        self.sync()
        self.put_release(0, website="https://example.org")
        self.record(0)
        self.expect_refused(self.push_and_sync(), "record.revision",
                            "000003.stmt")

    def test_a_mutable_release_gets_its_next_revision(self):
        self.begin("--mode mutable")
        self.record(0)
        self.alice.push()
        self.follow()
        self.sync()
        self.put_release(0, website="https://example.org")
        self.record(0)
        status = self.push_and_sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([], []))
        versions = self.orrery("versions", "kafka", "-o", "json").json
        self.assertEqual([(v["revision"], v["evidence"], v["state"])
                          for v in versions["releases"]],
                         [(2, "sshsig", "current"),
                          (1, "sshsig", "superseded")])


class HeldTest(StatementCase):
    """Keysets of names that were there before (trust.md §12.4)."""

    admit = "observed"

    def observe(self):
        self.put_release(0)
        self.alice.push()
        self.follow()
        self.assertEqual(self.sync()["releases"], 1)
        self.keyset(self.alice, self.signers(self.alice))
        self.sign(self.alice, "trust/kafka/000001.stmt")

    def test_a_keyset_of_an_observed_package_waits_for_the_operator(self):
        self.observe()
        status = self.push_and_sync()
        self.expect_pending(status, 1, "name.held")
        self.assertIn("orrery source admit kafka kafka",
                      status["pending"][0]["reason"])
        refused = self.orrery("source", "admit", "kafka", "spark", code=3)
        self.assertIn("kafka", refused.err)
        self.assertEqual(self.leaves_of("keyset"), [])
        self.orrery("source", "admit", "kafka", "kafka")
        self.assertEqual(self.pending(self.source_status("kafka")), [])
        self.assertEqual(len(self.leaves_of("keyset")), 1)
        # Endorsed, the release is a signed one.
        self.alice.orrery("package record . kafka")
        self.sign(self.alice, "trust/kafka/000002.stmt")
        self.push_and_sync()
        versions = self.orrery("versions", "kafka", "-o", "json").json
        self.assertEqual([(v["revision"], v["evidence"])
                          for v in versions["releases"]], [(1, "sshsig")])

    def test_another_keyset_than_the_admitted_one_is_held_again(self):
        self.observe()
        self.push_and_sync()
        # It is admitted and swapped before the look.
        os.rename(self.bare, self.bare + ".away")
        self.orrery("source", "admit", "kafka", "kafka", code=None)
        os.rename(self.bare + ".away", self.bare)
        name = "trust/kafka/000001.stmt"
        text = self.alice.read(name).replace(b"alice@", b"mallory@")
        self.alice.write(name, text)
        self.alice.write(name + ".sig", self.raw_sign(
            self.alice, name, "keyset@orrery"))
        self.expect_pending(self.push_and_sync(), 1, "name.held")
        self.assertEqual(self.leaves_of("keyset"), [])

    def test_names_let_the_keyset_in_that_they_bind(self):
        self.observe()
        digest = hashlib.sha256(
            self.alice.read("trust/kafka/000001.stmt")).hexdigest()
        names = os.path.join(self.server.data_dir, "trust/names")
        with open(names, "w", encoding="ascii") as file:
            file.write("no names\n")
        self.expect_pending(self.push_and_sync(), 1, "trust.syntax")
        for bound, code in ((64 * "0", "record.keyset"), (digest, None)):
            with open(names, "w", encoding="ascii") as file:
                file.write("orrery/names/v1\nbind kafka sha256:%s\n" % bound)
            status = self.sync()
            self.assertEqual([r for r, _ in self.refused(status)],
                             [code] if code else [])
        self.assertEqual(len(self.leaves_of("keyset")), 1)

    def test_names_are_heard_without_anybodys_asking_the_source(self):
        self.observe()
        self.expect_pending(self.push_and_sync(), 1, "name.held")
        digest = hashlib.sha256(
            self.alice.read("trust/kafka/000001.stmt")).hexdigest()
        with open(os.path.join(self.server.data_dir, "trust/names"), "a",
                  encoding="ascii") as file:
            file.write("bind kafka sha256:%s\n" % digest)
        # A look at any source sees that they have changed.
        self.add_source("other", self.make_repository("other", {}))
        self.expect_nothing_waits()

    def test_a_record_with_another_tree_than_observed_is_refused(self):
        self.observe()
        self.push_and_sync()
        self.orrery("source", "admit", "kafka", "kafka")
        self.put_release(0, website="https://example.org")
        self.alice.orrery("package record . kafka")
        self.sign(self.alice, "trust/kafka/000002.stmt")
        self.expect_refused_with(self.push_and_sync())

    def expect_refused_with(self, status):
        self.assertIn(("record.fork", "000002.stmt"), self.refused(status))
        self.assertEqual(self.leaves_of("release"), [])

    def test_a_keyset_waits_while_another_source_has_the_name(self):
        other = self.make_repository("other", release_files("kafka", 3))
        self.add_source("other", other)
        self.begin()
        self.alice.push()
        self.follow()
        status = self.sync()
        self.expect_pending(status, 1, "name.held")
        self.assertIn("source other has kafka too",
                      status["pending"][0]["reason"])

    def test_a_keyset_waits_while_a_refused_directory_has_the_name(self):
        other = self.make_repository("other", release_files("kafka", 3))
        self.add_source("other", other, "--admit", "sshsig")
        self.begin()
        self.alice.push()
        self.follow()
        self.expect_pending(self.sync(), 1, "name.held")

    def test_a_keyset_waits_while_a_source_was_never_read(self):
        self.orrery("source", "add", "later", "https://nowhere.invalid/x.git",
                    "--ref", "refs/heads/main", "--no-check")
        self.begin()
        self.alice.push()
        # Else its directory is observed meanwhile, which holds it for good.
        self.follow(admit="sshsig")
        status = self.sync()
        self.expect_pending(status, 1, "name.held")
        self.assertIn("later was not read yet", status["pending"][0]["reason"])
        self.orrery("source", "remove", "later", "--yes")
        self.expect_nothing_waits()

    def expect_nothing_waits(self):
        """Soon, and without anybody's doing."""
        harness.wait_for("the keyset", lambda: self.leaves_of("keyset"))
        harness.wait_for("the report", lambda: not self.pending(
            self.source_status("kafka")))
        self.assertEqual(len(self.leaves_of("keyset")), 1)

    def test_a_keyset_goes_on_when_the_other_source_was_read(self):
        other = self.make_repository("other", release_files("spark", 3))
        os.rename(other, other + ".away")
        self.orrery("source", "add", "later", other, "--ref",
                    "refs/heads/main", "--no-check")
        self.begin()
        self.alice.push()
        self.follow(admit="sshsig")
        self.expect_pending(self.sync(), 1, "name.held")
        os.rename(other + ".away", other)
        self.orrery("source", "sync", "later")
        self.expect_nothing_waits()

    def test_a_keyset_goes_on_when_the_other_source_gives_the_name_up(self):
        other = self.make_repository("other", release_files("kafka", 3))
        self.add_source("other", other, "--admit", "sshsig")
        self.begin()
        self.alice.push()
        self.follow(admit="sshsig")
        self.expect_pending(self.sync(), 1, "name.held")
        self.commit(other, {"repo/packages/K/kafka/3/package.json": None})
        self.orrery("source", "sync", "other", "--accept-removals")
        self.expect_nothing_waits()


class NotifyTest(StatementCase):
    """What became of a push reaches the one who pushed."""

    def setUp(self):
        super().setUp()
        self.secret_file = self.path("secret")
        with open(self.secret_file, "w", encoding="ascii") as file:
            file.write(SECRET + "\n")

    def notify(self):
        body = b'{"ref": "refs/heads/main"}'
        mac = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        connection = http.client.HTTPConnection(self.server.address)
        connection.request(
            "POST", "/v1/sources/kafka:notify", body,
            {"Content-Type": "application/json",
             "X-Hub-Signature-256": "sha256=" + mac})
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        self.assertEqual(response.status, 202)
        return answer["operation"]

    def ended(self, operation):
        def done():
            found = self.server.get_json("/v1/" + operation["name"])
            return found if found["done"] else None
        return wait_for("the look", done)

    def follow_notified(self, admit="sshsig"):
        self.orrery("source", "add", "kafka", self.bare, "--ref", "main",
                    "--admit", admit, "--webhook-secret-file",
                    self.secret_file)
        self.sync()

    def test_the_operation_tells_of_keys_and_signatures_that_are_none(self):
        token = SshKey(is_token=True)
        self.alice.write("../token.pub", token.line() + "\n")
        self.begin("--signer carol@example.org=../token.pub")
        self.alice.orrery("package record . kafka")
        statement = "trust/kafka/000002.stmt"
        self.alice.write(statement + ".carol.sig", token.sign(
            self.alice.read(statement), "release@orrery", flags=0))
        self.alice.push()
        self.follow_notified()

        def refused_statements():
            return [(one["code"], one["file"])
                    for one in self.ended(self.notify())["refused"]
                    if one["step"] == "4a"]
        self.assertEqual(refused_statements(), [
            ("record.signature", statement + ".carol.sig")])
        weak = ssh_string(b"ssh-ed25519") + ssh_string(
            bytes.fromhex(WEAK_KEYS[0]))
        keyset = self.keyset(self.alice, "--threshold release=2").out.strip()
        self.alice.write(keyset, re.sub(
            r"ssh-ed25519 \S+", "ssh-ed25519 " +
            base64.b64encode(weak).decode(),
            self.alice.read(keyset).decode(), count=1))
        os.rename(os.path.join(self.alice.checkout, keyset),
                  os.path.join(self.alice.checkout, statement))
        self.alice.push()
        self.assertEqual(refused_statements(),
                         [("record.key.weak", statement)])

    def test_the_operation_tells_of_a_published_release_that_changed(self):
        self.put_release(0)
        self.put_release(1)
        self.alice.push()
        self.follow_notified(admit="observed")
        package = "repo/packages/K/kafka/0/package.json"
        logged = self.alice.read(package)
        tree = self.orrery("versions", "kafka", "-o",
                           "json").json["releases"][-1]["tree"]
        self.put_release(0, website="https://example.org")
        for path, text in release_files("spark", 0).items():
            self.alice.write(path, text)
        self.alice.push()
        ended = self.ended(self.notify())
        [entry] = ended["refused"]
        self.assertEqual((entry["code"], entry["step"]),
                         ("git.immutable", "4b"))
        for told in ("kafka 0", "package.json", tree, ended["commit"],
                     "publish it as release 2"):
            self.assertIn(told, entry["reason"])
        self.assertEqual(self.source_status("kafka")["releases"], 3)
        self.alice.write(package, logged)
        self.alice.push()
        self.assertEqual(self.ended(self.notify()).get("refused", []), [])

    def test_the_operation_of_a_notification_tells_what_waits(self):
        self.begin()
        self.alice.orrery("package record . kafka")
        self.alice.push()
        self.follow_notified()
        operation = self.notify()
        self.assertFalse(operation["done"])
        ended = self.ended(operation)
        self.assertEqual(ended["commit"], self.alice.run(
            "git rev-parse HEAD", cwd=self.alice.checkout).out.strip())
        [entry] = ended["pending"]
        self.assertEqual(
            (entry["step"], entry["file"], entry["code"]),
            ("4a", "trust/kafka/000002.stmt", "record.threshold"))
        self.sign(self.alice, "trust/kafka/000002.stmt")
        self.alice.push()
        ended = self.ended(self.notify())
        self.assertEqual(ended.get("pending", []), [])
        self.put_release(0, website="https://example.org")
        self.alice.push()
        ended = self.ended(self.notify())
        self.assertEqual([(r["code"], r["step"]) for r in ended["refused"]],
                         [("record.evidence", "4b")])
        # Also when it was asked before a restart.
        operation = self.notify()
        self.server.stop()
        self.server = self.start_server()
        self.assertTrue(self.ended(operation)["done"])
        missing = self.server.get("/v1/sources/kafka/operations/x")
        self.assertEqual(missing.status, 404)


if __name__ == "__main__":
    harness.main()
