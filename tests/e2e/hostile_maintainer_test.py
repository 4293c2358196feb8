"""What maintainers sign, and what others make of it, as a client meets it in
the log of a registry that lets everything in (trust.md §25 A, B, I)."""

import hashlib
import json
import os
import subprocess
import tempfile

from tests.e2e import harness
from tests.e2e.forged_mirror import (WEAK_KEYS, Forge, SshKey, armor, blob_of,
                                     bundle_of, digest_of, ssh_string,
                                     tree_hash)
from tests.e2e.log_client import (HOUR, POLICY, ClientTestCase, Client,
                                  release_of)

SIGNED = POLICY + (
    "require kafka evidence sshsig\nrequire spark evidence sshsig\n")

ALICE, BOB, CAROL = "alice@example.org", "bob@example.org", "carol@example.org"


def release_files(version="2.6.0", package="kafka"):
    return release_of(package, version)


class MaintainerTestCase(ClientTestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice, cls.bob, cls.carol, cls.mallory = (SshKey()
                                                      for _ in range(4))
        cls.token = SshKey(is_token=True)
        cls.base = Forge(cls.world.public.origin, cls.world.log_key,
                         [cls.world.timestamper, *cls.world.witnesses])
        cls.base.source("universe")
        cls.base.source("frozen", mode="immutable", priority=10)
        cls.signers = {ALICE: cls.alice, BOB: cls.bob}
        cls.first = cls.base.keyset("kafka", 1, cls.signers,
                                    [cls.alice, cls.bob])
        cls.base.released("kafka", 57, release_files(), [cls.alice],
                          version="2.6.0")
        cls.spark = cls.base.keyset("spark", 1, cls.signers,
                                    [cls.alice, cls.bob],
                                    thresholds=(2, 2, 1))
        cls.base.released("spark", 1, release_of("spark"),
                          [cls.alice, cls.bob])
        cls.base.index(cls.now - 2 * HOUR)

    def client(self, policy="", names=None):
        """Somebody new, who believes these keysets."""
        client = Client(self.world, self.folder())
        if names is None:
            names = "bind kafka %s\nbind spark %s\n" % (self.first, self.spark)
        self.world.write_policy(os.path.dirname(client.policy),
                                SIGNED + policy, names)
        return client

    def grown(self, forge=None):
        return (forge or self.base).copy()

    def served(self, forge):
        forge.index(self.now - HOUR)
        return Client.mirrors(self.mirror(forge.files(self.now)))

    def refused(self, code, forge, *packages, **client):
        return self.client(**client).refuse(code, *(packages or ("kafka",)),
                                            *self.served(forge))

    def accepted(self, forge, *packages, **client):
        return self.client(**client).accept(
            *(packages or ("kafka",)), *self.served(forge))["packages"]


class AcceptedTest(MaintainerTestCase):

    def test_signed_by_the_threshold(self):
        kafka, spark = self.accepted(self.grown(), "kafka", "spark")
        self.assertEqual((kafka["evidence"], kafka["principals"]),
                         ("sshsig", [ALICE]))
        self.assertEqual(spark["principals"], [ALICE, BOB])

    def test_ssh_keygen_accepts_what_is_made_here(self):
        with tempfile.TemporaryDirectory() as folder:
            message = b"orrery/record/v1\n"
            for name, data in (
                    ("as", ("%s namespaces=\"release@orrery\" %s\n" % (
                        ALICE, self.alice.line())).encode()),
                    ("sig", self.alice.sign(message,
                                            "release@orrery").encode())):
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(data)
            subprocess.run(
                ["ssh-keygen", "-Y", "verify", "-f", "as", "-I", ALICE, "-n",
                 "release@orrery", "-s", "sig"], cwd=folder, input=message,
                check=True, stdout=subprocess.DEVNULL)

    def test_release_stays_when_its_signer_leaves(self):
        forge = self.grown()
        forge.keyset("kafka", 2, {BOB: self.bob, CAROL: self.carol},
                     [self.alice, self.bob, self.carol])
        one, = self.accepted(forge)
        self.assertEqual(one["principals"], [ALICE])

    def test_touched_token_signs(self):
        forge = self.grown()
        forge.keyset("kafka", 2, {**self.signers, CAROL: self.token},
                     [self.alice, self.bob])
        forge.released("kafka", 58, release_files("2.7.0"), [self.token],
                       version="2.7.0")
        one, = self.accepted(forge)
        self.assertEqual((one["release"], one["principals"]), (58, [CAROL]))

    def test_observed_release_stays_what_it_was(self):
        forge = self.grown()
        forge.observed("universe", "hello", 0, release_of("hello"))
        forge.observed("universe", "hello", 1, release_of("hello", "1.1"),
                       version="1.1")
        forge.keyset("hello", 1, self.signers, [self.alice, self.bob])
        forge.released("hello", 1, release_of("hello", "1.1"), [self.bob],
                       version="1.1")
        told = self.accepted(forge, "hello", "hello@release=0")
        self.assertEqual(sorted((one["release"], one["evidence"])
                                for one in told),
                         [(0, "observed"), (1, "sshsig")])
        self.refused("name.unbound", forge.copy(), "hello",
                     policy="require hello evidence sshsig\n")

    def test_local_pin_is_an_anchor(self):
        self.accepted(self.grown(), names="",
                      policy="require kafka keyset %s\n" % self.first)
        self.accepted(self.grown(), names="",
                      policy="require kafka names open\n")


class SignatureTest(MaintainerTestCase):

    def release(self, by, package="kafka", number=58, **options):
        forge = self.grown()
        forge.released(package, number, release_of(package, "9.0"), by,
                       version="9.0", **options)
        return forge

    def wanted(self, code, forge, package="kafka", number=58):
        return self.refused(code, forge, "%s@release=%d" % (package, number))

    def test_without_a_signature(self):
        self.wanted("record.threshold", self.release(
            [], void="record.threshold"))

    def test_of_another_namespace(self):
        for name in ("git", "file", "keyset@orrery"):
            self.wanted("record.namespace", self.release(
                [lambda text, name=name: (self.alice, self.alice.sign(
                    text, name))]))

    def test_of_a_stranger(self):
        self.wanted("record.threshold", self.release([self.mallory]))

    def test_of_one_for_two(self):
        twice = [lambda text, hash_name=name: (
            self.alice, self.alice.sign(text, "release@orrery", hash_name))
                 for name in ("sha256", "sha512")]
        self.wanted("record.threshold", self.release(twice, "spark"),
                    "spark")

    def test_of_other_bytes(self):
        self.wanted("record.signature", self.release(
            [lambda text: (self.alice, self.alice.sign(
                text + b"x", "release@orrery"))]))

    def test_of_a_token_that_nobody_touched(self):
        forge = self.grown()
        forge.keyset("kafka", 2, {**self.signers, CAROL: self.token},
                     [self.alice, self.bob])
        forge.released("kafka", 58, release_files("2.7.0"), [
            lambda text: (self.token, self.token.sign(
                text, "release@orrery", flags=0))], version="2.7.0")
        self.wanted("record.signature", forge)

    def test_that_is_not_canonical(self):
        def spoilt(change):
            return [lambda text: (self.alice, change(self.alice.sign(
                text, "release@orrery")))]
        def changed(change):
            return lambda text: armor(change(blob_of(text)))
        # Behind the namespace; it is not even covered by the signature.
        reserved = ssh_string(b"release@orrery")
        for name, change in {
                "two armors": lambda text: text + text,
                "reserved not empty": changed(lambda blob: blob.replace(
                    reserved + ssh_string(b""), reserved + ssh_string(b"x"))),
                "trailing bytes": changed(lambda blob: blob + b"\0"),
                "text after the footer": lambda text: text + "x\n",
                "CRLF": lambda text: text.replace("\n", "\r\n"),
                "shorter lines": lambda text: text.replace(
                    "AAAA", "AA\nAA", 1),
                "white space": lambda text: text.replace("U1NI", "U1NI ", 1),
                "no last line end": lambda text: text[:-1],
                "version 0": lambda text: text.replace(
                    "U1NIU0lHAAAAAQ", "U1NIU0lHAAAAAA", 1)}.items():
            with self.subTest(name):
                self.wanted("record.syntax", self.release(
                    spoilt(change), void="record.syntax"))

    def test_too_many(self):
        self.wanted("record.syntax", self.release(
            [SshKey() for _ in range(9)], void="record.syntax"))

    def test_for_another_log(self):
        self.wanted("record.origin", self.release(
            [self.alice], origin="other.example/x", void="record.origin"))

    def test_by_a_key_that_is_denied_here(self):
        self.refused("record.revoked", self.grown(),
                     policy="deny key %s\n" % self.bob.fingerprint())

    def test_fewer_than_the_policy_asks(self):
        self.refused("record.threshold", self.grown(),
                     policy="require kafka threshold 2\n")

    def test_weak_keys_are_none(self):
        forged = b"\0\0\0\x0bssh-ed25519\0\0\0\x40" + b"\1" + bytes(63)
        for number, text in enumerate(WEAK_KEYS):
            key = SshKey()
            key.blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes.fromhex(text)
            by = [lambda text, key=key: (key, key.sign(
                text, "keyset@orrery", signature=forged))]
            forge = self.grown()
            first = forge.keyset("weak", 1, {ALICE: key}, by,
                                 thresholds=(1, 1, 1), void="record.key.weak")
            refusal = self.refused(
                "record.key.weak", forge, "weak", policy=(
                    "require weak evidence sshsig keyset %s\n" % first))
            self.assertEqual(refusal["package"], "weak", number)


class ChainTest(MaintainerTestCase):

    def test_new_keyset_by_the_new_keys_alone(self):
        forge = self.grown()
        forge.keyset("kafka", 2, {CAROL: self.carol, "mallory": self.mallory},
                     [self.carol, self.mallory])
        self.refused("record.keyset", forge)

    def test_who_adds_herself(self):
        forge = self.grown()
        forge.keyset("kafka", 2, {**self.signers, "mallory": self.mallory},
                     [self.alice, self.mallory])
        self.refused("record.keyset", forge)

    def test_who_was_removed_signs_no_more(self):
        forge = self.grown()
        forge.keyset("kafka", 2, {BOB: self.bob, CAROL: self.carol},
                     [self.alice, self.bob, self.carol])
        forge.released("kafka", 58, release_files("2.7.0"), [self.alice],
                       version="2.7.0")
        self.refused("record.threshold", forge, "kafka@release=58")
        # What was signed before is not touched.
        one, = self.accepted(forge.copy(), "kafka")
        self.assertEqual(one["release"], 57)

    def test_two_contents_of_one_revision(self):
        forge = self.grown()
        forge.released("kafka", 57, release_files("2.6.1"), [self.alice],
                       version="2.6.1", void="record.fork")
        refusal = self.refused("record.fork", forge)
        self.assertTrue(refusal["evidence"], refusal)

    def test_keyset_that_is_not_in_force(self):
        forge = self.grown()
        forge.released("kafka", 58, release_files("2.7.0"), [self.alice],
                       version="2.7.0", void="record.keyset",
                       keyset="keyset 1 " + digest_of(b"x"))
        self.refused("record.keyset", forge)

    def test_gap_in_the_chain(self):
        forge = self.grown()
        forge.released("kafka", 58, release_files("2.7.0"), [self.alice],
                       version="2.7.0", void="record.chain",
                       head=["seq 4", "prev " + digest_of(b"x")])
        self.refused("record.chain", forge)

    def test_nobody_answers_for_the_first_keyset(self):
        self.refused("name.unbound", self.grown(), names="")

    def test_another_first_keyset_is_answered_for(self):
        self.refused("record.keyset", self.grown(), names="bind kafka %s\n"
                     % digest_of(b"x"))
        self.refused("record.keyset", self.grown(), policy=(
            "require kafka keyset %s\n" % digest_of(b"x")))

    def test_first_keyset_below_its_own_threshold(self):
        forge = self.grown()
        first = forge.keyset("flink", 1, self.signers, [self.alice])
        forge.released("flink", 1, release_of("flink"), [self.alice])
        self.refused("record.keyset", forge, "flink", policy=(
            "require flink evidence sshsig keyset %s\n" % first))


class StateTest(MaintainerTestCase):

    def yanked(self):
        forge = self.grown()
        forge.released("kafka", 58, release_files("2.7.0"), [self.alice],
                       version="2.7.0")
        forge.yank("kafka", 58, [self.bob], reason="loses data on restart")
        return forge

    def test_yanked_release_is_not_chosen(self):
        one, = self.accepted(self.yanked())
        self.assertEqual(one["release"], 57)

    def test_yanked_release_is_refused_with_the_reason(self):
        refusal = self.refused("version.yanked", self.yanked(),
                               "kafka@release=58")
        self.assertIn("loses data on restart", refusal["detail"])

    def test_catalog_that_takes_a_yank_back_is_no_catalog(self):
        forge = self.yanked()
        catalog = forge.catalog()
        self.assertIn(b" yanked ", catalog)
        forge.index(self.now - HOUR, catalog=catalog.replace(
            b" yanked ", b" current "))
        mirror = Client.mirrors(self.mirror(forge.files(self.now)))
        client = self.client()
        client.refuse("index.mismatch", "kafka@release=58", *mirror)
        client.command = ("log", "audit")
        client.refuse("index.mismatch", *mirror, "--mirror",
                      "corp=" + self.corp)

    def test_yank_that_nobody_signed_who_may(self):
        forge = self.grown()
        forge.yank("kafka", 57, [self.mallory])
        self.refused("record.threshold", forge)

    def test_blocked_content_is_refused_whatever_names_it(self):
        tree = tree_hash("kafka", 57, release_files())
        names = "bind kafka %s\nblock kafka 57 %s\n" % (self.first, tree)
        for words in (("kafka",), ("kafka@release=57",),
                      ("kafka@release=57#1",)):
            self.refused("record.revoked", self.grown(), *words, names=names)

    def test_denied_package_and_release(self):
        self.refused("name.denied", self.grown(),
                     policy="deny package kafka\n")
        self.refused("name.denied", self.grown(),
                     policy="deny release kafka 57\n")

    def test_observed_leaf_after_the_keyset(self):
        forge = self.grown()
        forge.observed("universe", "kafka", 58, release_files("2.7.0"),
                       version="2.7.0", void="record.evidence")
        self.refused("record.evidence", forge)

    def test_release_of_an_observed_revision_with_another_tree(self):
        forge = self.grown()
        forge.observed("universe", "hello", 0, release_of("hello"))
        forge.keyset("hello", 1, self.signers, [self.alice, self.bob])
        forge.released("hello", 0, release_of("hello", "1.1"), [self.alice],
                       version="1.1", void="record.fork")
        self.refused("record.fork", forge, "hello")


class BundleTest(MaintainerTestCase):
    """Evidence crosses the air gap with the content (§18)."""

    def bundle(self, forge):
        forge.index(self.now)
        files = forge.files(self.now)
        path = self.folder()
        with open(path, "wb") as file:
            file.write(bundle_of({
                name: data for name, data in files.items()
                if not name.startswith(("leaf/", "catalog/"))}))
        return path

    def checker(self, **options):
        client = self.client(**options)
        client.command = ("mirror", "verify")
        return client

    def test_signatures_are_judged_there(self):
        told = self.checker().accept(self.bundle(self.grown()))["packages"]
        self.assertEqual([(one["package"], one["principals"])
                          for one in told],
                         [("kafka", [ALICE]), ("spark", [ALICE, BOB])])
        self.checker(names="").refuse("name.unbound",
                                      self.bundle(self.grown()))

    def test_yank_arrives_though_no_file_changed(self):
        client = self.checker()
        forge = self.grown()
        client.accept(self.bundle(forge))
        forge.yank("kafka", 57, [self.bob])
        told = client.accept(self.bundle(forge))["packages"]
        self.assertEqual([(one["package"], one["state"]) for one in told],
                         [("kafka", "yanked"), ("spark", "current")])
        client.command = ("mirror", "import")
        client.accept(self.bundle(forge.copy()), "--to",
                      os.path.join(client.root, "to"))
        client.command = ("verify",)
        client.refuse("version.yanked", "kafka", *client.mirrors(
            os.path.join(client.root, "to")))
        self.checker(policy="require kafka yanked refuse\n").refuse(
            "version.yanked", self.bundle(forge.copy()))


class ExcuseTest(MaintainerTestCase):
    """The way out after a registry's mistake: a leaf that `names` excuses."""

    def excused(self, forge):
        """The names that excuse the last leaf."""
        leaf = hashlib.sha256(b"\0" + forge.leaves[-1]).hexdigest()
        return "bind kafka %s\nexcuse %d sha256:%s\n" % (
            self.first, len(forge.leaves) - 1, leaf)

    def test_forged_yank_has_no_effect(self):
        forge = self.grown()
        forge.yank("kafka", 57, [self.mallory])
        names = self.excused(forge)
        self.refused("record.threshold", forge.copy())
        one, = self.accepted(forge, names=names)
        self.assertEqual((one["release"], one["principals"], one["state"]),
                         (57, [ALICE], "current"))

    def test_yank_that_is_right_stays(self):
        forge = self.grown()
        forge.yank("kafka", 57, [self.alice])
        self.refused("version.yanked", forge, names=self.excused(forge))

    def test_forged_release_is_not_there(self):
        forge = self.grown()
        forge.released("kafka", 58, release_files("2.7.0"), [self.mallory],
                       version="2.7.0")
        names = self.excused(forge)
        one, = self.accepted(forge.copy(), names=names)
        self.assertEqual(one["release"], 57)
        self.refused("version.absent", forge, "kafka@release=58", names=names)

    def test_behind_a_forged_keyset_the_one_before_goes_on(self):
        forge = self.grown()
        forge.keyset("kafka", 2, {CAROL: self.mallory, BOB: self.bob},
                     [self.mallory])
        names = self.excused(forge)
        forge.keyset("kafka", 3, self.signers, [self.alice, self.bob])
        forge.released("kafka", 58, release_files("2.7.0"), [self.bob],
                       version="2.7.0")
        self.refused("record.keyset", forge.copy())
        one, = self.accepted(forge, names=names)
        self.assertEqual((one["release"], one["principals"]), (58, [BOB]))


class AuditTest(MaintainerTestCase):

    def audit(self, forge, names=""):
        client = self.client(names=names)
        client.command = ("log", "audit")
        return client.run(*self.served(forge), "--mirror", "corp=" + self.corp)

    def test_verifies_every_signature(self):
        done = self.audit(self.grown())
        self.assertEqual(done.code, 0, done)
        registries = {one["registry"]: one
                      for one in json.loads(done.out)["registries"]}
        # Two keysets and two releases.
        self.assertEqual(registries["public"]["signed_records"], 4)

    def test_tells_each_record_that_nobody_signed_who_may(self):
        forge = self.grown()
        forge.released("kafka", 58, release_files("2.7.0"), [self.mallory],
                       version="2.7.0")
        release = len(forge.leaves) - 1
        forge.keyset("kafka", 2, {BOB: self.bob, CAROL: self.carol},
                     [self.bob])
        done = self.audit(forge)
        self.assertEqual(done.code, 12, done)
        self.assertEqual(
            [(one["refused"], one["leaf"]) for one in
             map(json.loads, done.err.splitlines())],
            [("record.threshold", release), ("record.keyset", release + 1)])


if __name__ == "__main__":
    harness.main()
