"""Bundles that lie, are cut, have more in them or less: each is refused with
its code, and nothing is written (trust.md §18, §25)."""

import base64
import hashlib
import os
import re
import struct
import subprocess
import tarfile

from tests.e2e import harness
from tests.e2e.forged_mirror import (bundle_of, manifest_of, member,
                                     write_files)
from tests.e2e.log_client import (CHECKPOINT, HOUR, POLICY, Client,
                                  ClientTestCase, flip, release_of, replaced)

DAY = 24 * HOUR


def blob_path(data):
    digest = hashlib.sha256(data).hexdigest()
    return "blob/sha256/%s/%s" % (digest[:2], digest[2:])


class Importer(Client):
    """Somebody on the other side: checks bundles, and imports what passes."""
    command = ("mirror", "verify")

    def write(self, data):
        path = os.path.join(self.root, "b.tar")
        with open(path, "wb") as file:
            file.write(data)
        return path

    def bundle(self, files, **options):
        return self.write(bundle_of(files, **options))

    def importing(self, path, *arguments, to="to"):
        return (path, "--to", os.path.join(self.root, to), *arguments)

    def refuse_both(self, code, data, *arguments):
        """By `verify` and by `import`; there is no mirror afterwards."""
        path = self.write(data)
        refusal = self.refuse(code, path, *arguments)
        self.command = ("mirror", "import")
        self.refuse(code, *self.importing(path, *arguments))
        self.test.assertFalse(os.path.exists(os.path.join(self.root, "to")))
        self.command = ("mirror", "verify")
        return refusal


class BundleTestCase(ClientTestCase):

    def client(self, seed=True):
        return Importer(self.world, self.folder(), self.seed if seed else None)

    def files(self, forge=None, time=None):
        """Of a bundle of everything: a mirror's, without single leaves and
        with the newest catalog alone."""
        forge = forge or self.world.public
        files = forge.files(self.now - HOUR if time is None else time)
        newest = re.search(b"^catalog sha256:([0-9a-f]*) ", forge.leaves[-1],
                           re.M)[1].decode()
        return {path: data for path, data in files.items()
                if not path.startswith("leaf/") and (
                    not path.startswith("catalog/") or
                    path.endswith(newest))}


class AcceptedTest(BundleTestCase):

    def test_all_that_it_carries_is_told(self):
        client = self.client()
        told = client.accept(client.bundle(self.files()))
        self.assertEqual(told["ok"], True)
        self.assertEqual(
            [(one["package"], one["release"], one["revision"], one["state"])
             for one in told["packages"]],
            [("chronos", 1, 1, "current"), ("chronos", 2, 1, "current"),
             ("chronos", 3, 1, "current"),
             ("hello-world", 0, 1, "superseded"),
             ("hello-world", 0, 2, "current"),
             ("spark", 1, 1, "current"), ("spark", 2, 1, "current")])

    def test_only_whole_releases_are_told(self):
        client = self.client()
        files = {path: data for path, data in self.files().items()
                 if not path.startswith("blob/") or b"spark" in data}
        told = client.accept(client.bundle(files))
        self.assertEqual([one["package"] for one in told["packages"]],
                         ["spark", "spark"])

    def test_single_leaves_and_earlier_catalogs_may_be_in_it(self):
        client = self.client()
        client.accept(client.bundle(
            self.world.public.files(self.now - HOUR)))

    def test_what_is_imported_serves_as_a_mirror(self):
        client = self.client(seed=False)
        path = client.bundle(self.files())
        client.command = ("mirror", "import")
        told = client.accept(*client.importing(path))
        mirror = os.path.join(client.root, "to")
        self.assertEqual(told["to"], mirror)
        found = {}
        for folder, _, names in os.walk(mirror):
            for name in names:
                whole = os.path.join(folder, name)
                with open(whole, "rb") as file:
                    found[os.path.relpath(whole, mirror)] = file.read()
                self.assertEqual(os.stat(whole).st_mode & 0o777, 0o644)
        self.assertEqual(found, self.files())
        # Once more changes nothing.
        client.accept(*client.importing(path))
        client.command = ("mirror", "verify")
        client.accept(mirror)
        client.command = ("verify",)
        client.accept("spark", "chronos@release=1", *client.mirrors(mirror))

    def test_age_is_told_within_the_grace(self):
        client = self.client(seed=False)
        files = self.files(time=self.now - 30 * DAY)
        # No leaf is newer than the checkpoint.
        forge = self.world.public.copy()
        told = client.accept(client.bundle(self.files(forge, self.now)),
                             "--as-of", str(self.now + 30 * DAY))
        self.assertEqual(told["registries"][0]["stale_by"], 29 * DAY)
        self.assertEqual(len(files), len(self.files()))

    def test_newer_bundle_goes_on_from_what_was_imported(self):
        client = self.client(seed=False)
        client.command = ("mirror", "import")
        client.accept(*client.importing(client.bundle(self.files())))
        grown = self.grown()
        told = client.accept(*client.importing(
            client.bundle(self.files(grown, self.now))))
        self.assertIn("late", [one["package"] for one in told["packages"]])
        client.command = ("verify",)
        client.accept("late", *client.mirrors(os.path.join(client.root,
                                                           "to")))


class RefusedTest(BundleTestCase):

    def rows(self):
        """Name, code, the bytes of a bundle."""
        files = self.files()
        first = sorted(files)[0]
        manifest = member("bundle.manifest", manifest_of(files))
        members = [member(path, files[path]) for path in sorted(files)]
        rest = b"".join(members)
        end = bytes(1024)

        def archive(*parts):
            return b"".join(parts) + end

        bad = "bundle.manifest"
        for name, extra in {
                "up": member("../x", b"x"),
                "absolute": member("/tmp/x", b"x"),
                "dot": member("./x", b"x"),
                "symbolic link": member(first, type=tarfile.SYMTYPE,
                                        linkname="/etc/passwd"),
                "hard link": member(first, type=tarfile.LNKTYPE,
                                    linkname="bundle.manifest"),
                "device": member(first, type=tarfile.CHRTYPE),
                "block device": member(first, type=tarfile.BLKTYPE),
                "pipe": member(first, type=tarfile.FIFOTYPE),
                "directory": member("log", type=tarfile.DIRTYPE),
                "sparse": member(first, type=tarfile.GNUTYPE_SPARSE),
                "long name": member("././@LongLink", b"x",
                                    type=tarfile.GNUTYPE_LONGNAME),
                "extension": member("PaxHeaders/x", b"13 path=../x\n",
                                    type=tarfile.XHDTYPE),
                "global extension": member("x", b"13 path=../x\n",
                                           type=tarfile.XGLTYPE),
                "unlisted": member("log/x", b"x")}.items():
            yield name + " first", bad, archive(manifest, extra, rest)
            yield name + " last", bad, archive(manifest, rest, extra)
            yield name + " instead", bad, archive(manifest, extra,
                                                  *members[1:])
        yield "unlisted before the list", bad, archive(
            member("log/x", b"x"), manifest, rest)
        yield "duplicate", bad, archive(manifest, members[0], rest)
        yield "duplicate with other bytes", bad, archive(
            manifest, member(first, flip(files[first])), rest)
        yield "missing", bad, archive(manifest, *members[1:])
        yield "other order", bad, archive(manifest, *reversed(members))
        yield "wrong digest", bad, archive(
            manifest, member(first, flip(files[first])), *members[1:])
        yield "shorter", bad, archive(
            manifest, member(first, files[first][:-1]), *members[1:])
        yield "cut", bad, (manifest + rest)[:-700]
        yield "no end", bad, manifest + rest
        yield "two archives", bad, archive(manifest, rest) + archive(
            manifest, rest)
        yield "empty", bad, b""
        yield "zeros", bad, bytes(10240)
        yield "no tar", bad, b"<html>" * 1000
        yield "two lists", bad, archive(manifest, manifest, rest)
        yield "header with a wrong sum", bad, archive(
            manifest, flip(members[0][:512], 0), members[0][512:],
            *members[1:])
        yield "GNU tar's own format", bad, archive(
            replaced(manifest, b"ustar\x0000", b"ustar  \x00"), rest)
        for name, line in {
                "up": "%s  ../x\n" % hashlib.sha256(b"x").hexdigest(),
                "absolute": "%s  /x\n" % hashlib.sha256(b"x").hexdigest(),
                "no file of a mirror":
                    "%s  readme\n" % hashlib.sha256(b"x").hexdigest(),
                "twice": manifest_of({first: files[first]}).decode(),
                "no digest": "x  log/checkpoint\n"}.items():
            listed = line.encode() + manifest_of(files)
            yield "list: " + name, bad, bundle_of(files, listed)
        yield "a million lines", bad, bundle_of({}, b"".join(
            b"%064x  leaf/%064x\n" % (i, i) for i in range(100001)))
        yield "another blob", bad, bundle_of({**files, blob_path(b"x"): b"x"})
        yield "another catalog", bad, bundle_of(
            {**files, "catalog/" + hashlib.sha256(b"x").hexdigest(): b"x"})
        yield "another leaf", bad, bundle_of(
            {**files, "leaf/" + hashlib.sha256(b"\0x").hexdigest(): b"x"})
        yield "tile beyond the log", bad, bundle_of(
            {**files, "log/tile/0/001.p/1": bytes(32)})
        yield "tile of a level that is not", bad, bundle_of(
            {**files, "log/tile/1/000.p/1": bytes(32)})
        yield "proof file", bad, bundle_of(
            {**files, "proof/spark/2.tlog-proof": b"x"})
        yield "blob of another name", bad, bundle_of(
            {**files, blob_path(b"y"): b"x"})

    def test_whatever_is_not_as_listed(self):
        for name, code, data in self.rows():
            with self.subTest(name):
                client = self.client()
                if " " in name:
                    client.refuse(code, client.write(data))
                else:
                    client.refuse_both(code, data)

    def log_rows(self):
        """The same of files that are listed as they are."""
        public, now = self.world.public, self.now
        files = self.files()
        size = len(public.leaves)
        entries = "log/tile/entries/000.p/%d" % size
        hashes = "log/tile/0/000.p/%d" % size

        def less(path):
            return {name: data for name, data in files.items() if name != path}

        spark = next(path for path in sorted(files)
                     if path.startswith("blob/") and
                     b'"hello-world"' in files[path])
        yield "no checkpoint", "bundle.gap", less(CHECKPOINT)
        yield "no entries", "bundle.gap", less(entries)
        yield "no hashes", "bundle.gap", less(hashes)
        yield "a file of a release", "bundle.gap", less(spark)
        yield "bit of a hash", "log.tile", {
            **files, hashes: flip(files[hashes], 5)}
        yield "bit of an entry", "log.tile", {
            **files, entries: flip(files[entries])}
        yield "both agree", "log.tile", {
            **files, entries: flip(files[entries], -2),
            hashes: files[hashes][:-32] + hashlib.sha256(
                b"\0" + flip(public.leaves[-1], -2)).digest()}
        yield "one entry more", "log.tile", {
            **files, entries: files[entries] + struct.pack(">H", 1) + b"x"}
        yield "interior node as an entry", "log.tile", {
            **files, entries: files[entries][:-len(public.leaves[-1]) - 2] +
            struct.pack(">H", 65) + b"\1" + bytes(64)}
        yield "older tile that lies", "log.tile", {
            **files, "log/tile/0/000.p/3": bytes(96)}
        yield "web page", "log.syntax", {
            path: b"<html>" if path == CHECKPOINT else data
            for path, data in files.items()}
        yield "size edited", "log.signature", {
            **files, CHECKPOINT: replaced(files[CHECKPOINT],
                                          b"\n%d\n" % size,
                                          b"\n%d\n" % (size + 1))}
        yield "another origin", "log.origin", {
            **files, CHECKPOINT: public.checkpoint(
                now, text=replaced(public.text(), public.origin, "x.example"))}
        yield "cosigned by one", "log.quorum", {
            **files, CHECKPOINT: (public.text() + "\n" + public.log_key.sign(
                public.text()) + self.world.witnesses[0].cosign(
                    public.text(), now)).encode()}
        yield "ten minutes ahead", "log.future", {
            **files, CHECKPOINT: public.checkpoint(now + 600)}

    def test_whatever_its_log_says_wrong(self):
        for name, code, files in self.log_rows():
            with self.subTest(name):
                client = self.client()
                client.refuse_both(code, bundle_of(files))
                # Nothing of it was kept.
                client.accept(client.bundle(self.files()))

    def test_fork_keeps_the_evidence(self):
        client = self.client()
        public = self.world.public
        forge = public.copy()
        forge.leaves = forge.leaves[:-1]
        forge.observed("universe", "spark", 9, release_of("spark", "9.9.9"),
                       version="9.9.9")
        forge.index(self.now - 2 * HOUR)
        forge.index(self.now - HOUR)
        refusal = client.refuse_both("log.fork", bundle_of(
            self.files(forge, self.now)))
        self.assertTrue(os.path.exists(os.path.join(
            client.state, "public", refusal["evidence"], "new.note")))
        client.accept(client.bundle(self.files()))

    def test_older_state_is_no_way_back(self):
        client = self.client(seed=False)
        old = self.files()
        new = self.files(self.grown(), self.now)
        client.accept(client.bundle(new))
        self.assertIn(
            "older than what was seen here: it has 11 leaves of the log, and "
            "13 were seen; take one that was exported since",
            client.refuse_both("log.rollback", bundle_of(old))["detail"])
        # Nor for the directory, whatever the state.
        path = client.bundle(new)
        client.command = ("mirror", "import")
        client.accept(*client.importing(path))
        other = self.client(seed=False)
        other.command = ("mirror", "import")
        refusal = other.refuse("log.rollback", other.bundle(old), "--to",
                               os.path.join(client.root, "to"))
        self.assertIn("older than the directory: it has 11 leaves of the log, "
                      "and the directory has 13", refusal["detail"])

    def test_past_the_grace_it_is_stale(self):
        client = self.client(seed=False)
        refusal = client.refuse_both(
            "bundle.stale", bundle_of(self.files(time=self.now)),
            "--as-of", str(self.now + 32 * DAY))
        self.assertEqual(refusal["check"], 5)

    def test_releases_that_the_policy_bars_are_told_each(self):
        client = self.client()
        self.world.write_policy(
            os.path.dirname(client.policy), POLICY +
            "deny package spark\nrequire chronos evidence sshsig\n")
        path = client.bundle(self.files())
        for command in (("mirror", "verify"), ("mirror", "import")):
            client.command = command
            arguments = client.importing(path) if command[1] == "import" \
                else (path,)
            done = client.run(*arguments)
            self.assertEqual((done.code, done.out), (12, ""), done)
            self.assertEqual(
                re.findall('"refused":"([a-z.]*)"', done.err),
                ["record.evidence"] * 3 + ["name.denied"] * 2)
        self.assertFalse(os.path.exists(os.path.join(client.root, "to")))

    def test_names_routed_elsewhere_are_not_looked_at(self):
        client = self.client()
        self.world.write_policy(
            os.path.dirname(client.policy),
            replaced(POLICY, "names corp acme-*", "names corp acme-* spark"))
        told = client.accept(client.bundle(self.files()))
        self.assertNotIn("spark", [one["package"]
                                   for one in told["packages"]])

    def test_tree_with_a_changed_file(self):
        client = self.client()
        files = self.files()
        blob = next(path for path in files if path.startswith("blob/"))
        refusal = client.refuse("content.digest", write_files(
            os.path.join(client.root, "tree"),
            {**files, blob: flip(files[blob], 0)}))
        self.assertTrue(refusal["file"].endswith(blob), refusal)


class SignatureTest(BundleTestCase):
    """The exporter's signature, by ssh-keygen and not by us."""

    def setUp(self):
        super().setUp()
        self.keys = self.folder()
        os.mkdir(self.keys)
        for name in ("exporter", "other"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                            "-f", self.key(name)], check=True)

    def key(self, name):
        return os.path.join(self.keys, name)

    def signer(self, name="exporter"):
        return ("--signer", self.key(name) + ".pub")

    def sign(self, message, name="exporter", namespace="bundle@orrery"):
        return subprocess.run(
            ["ssh-keygen", "-q", "-Y", "sign", "-n", namespace, "-f",
             self.key(name)], input=message, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, check=True).stdout

    def bundle(self, *second, files=None):
        """With these members after the manifest."""
        files = files or self.files()
        return b"".join([
            member("bundle.manifest", manifest_of(files)), *second,
            *(member(path, files[path]) for path in sorted(files)),
            bytes(1024)])

    def signature(self, armor):
        return member("bundle.manifest.sig", armor)

    def test_counts_where_the_exporter_is_known_and_only_there(self):
        good = self.sign(manifest_of(self.files()))
        client = self.client()
        path = client.write(self.bundle(self.signature(good)))
        client.accept(path)
        client.accept(path, *self.signer())
        client.accept(path, *self.signer("other"), *self.signer())
        for armor in (b"", b"garbage", self.sign(b"x", "other")):
            client.accept(client.write(self.bundle(self.signature(armor))))

    def test_whatever_the_exporter_did_not_sign_is_refused(self):
        files = self.files()
        manifest = manifest_of(files)
        good = self.sign(manifest)
        less = dict(files)
        less.pop(max(path for path in files if path.startswith("blob/")))
        first = min(files)
        for name, data in {
                "none": self.bundle(),
                "empty": self.bundle(self.signature(b"")),
                "garbage": self.bundle(self.signature(b"garbage")),
                "another key": self.bundle(
                    self.signature(self.sign(manifest, "other"))),
                "another namespace": self.bundle(self.signature(
                    self.sign(manifest, namespace="release@orrery"))),
                "another manifest": self.bundle(
                    self.signature(self.sign(manifest_of(less)))),
                "genuine, of other files": self.bundle(
                    self.signature(good), files=less),
                "a byte changed": self.bundle(self.signature(
                    good.replace(b"U1NIU0lH", b"U1NIU0lI"))),
                "text after it": self.bundle(self.signature(good + b"x")),
                "two armors": self.bundle(self.signature(good + good)),
                "too large": self.bundle(
                    self.signature(good + bytes(1 << 17)))}.items():
            with self.subTest(name):
                self.client().refuse_both("bundle.manifest", data,
                                          *self.signer())
        for name, data in {
                "two": self.bundle(self.signature(good),
                                   self.signature(good)),
                "first": self.signature(good) + self.bundle(),
                "after a file": self.bundle().replace(
                    member(first, files[first]),
                    member(first, files[first]) + self.signature(good), 1),
                "last": self.bundle()[:-1024] + self.signature(good) +
                        bytes(1024)}.items():
            for signer in ((), self.signer()):
                with self.subTest(name, signer=bool(signer)):
                    self.client().refuse_both("bundle.manifest", data,
                                              *signer)

    def test_keys_that_are_none(self):
        client = self.client()
        path = client.write(self.bundle())
        for file in (self.key("exporter"), self.key("nothing"), path):
            done = client.run(path, "--signer", file)
            self.assertEqual((done.code, done.out), (64, ""), done)
        done = client.run(write_files(self.folder(), self.files()),
                          *self.signer())
        self.assertEqual((done.code, done.out), (64, ""), done)
        self.assertIn("a directory", done.err)


class DifferenceTest(BundleTestCase):

    def difference(self, since):
        """A bundle of a grown log that goes on from `since` leaves."""
        forge = self.grown()
        files = self.files(forge, self.now)
        tile = b"".join(forge.hashes()[:since])
        return {**files, "log/tile/0/000.p/%d" % since: tile}

    def test_goes_on_from_what_the_client_has_seen(self):
        client = self.client()
        client.accept(client.bundle(self.difference(11)))

    def test_wrong_base_is_a_gap_with_both_sizes(self):
        client = self.client(seed=False)
        refusal = client.refuse_both("bundle.gap",
                                     bundle_of(self.difference(11)))
        self.assertIn("from 11 leaves to 13, and 0 were seen",
                      refusal["detail"])

    def test_entries_may_be_those_of_the_directory(self):
        client = self.client(seed=False)
        forge = self.world.public.copy()
        for number in range(300):
            forge.observed("universe", "many", number,
                           release_of("many", "1.%d" % number),
                           version="1.%d" % number)
        forge.index(self.now - HOUR)
        whole = self.files(forge, self.now - HOUR)
        old = len(forge.leaves)
        client.command = ("mirror", "import")
        client.accept(*client.importing(client.bundle(whole)))
        forge.observed("universe", "late", 1, release_of("late"))
        forge.index(self.now - 60)
        files = self.files(forge, self.now)
        del files["log/tile/entries/000"]
        files = {path: data for path, data in files.items()
                 if not path.startswith("blob/") or b'"late"' in data}
        files["log/tile/0/001.p/%d" % (old - 256)] = b"".join(
            forge.hashes()[256:old])
        path = client.bundle(files)
        client.accept(*client.importing(path))
        mirror = os.path.join(client.root, "to")
        client.command = ("verify",)
        client.accept("late", "many@release=7", *client.mirrors(mirror))
        other = self.client(seed=False)
        other.command = ("mirror", "import")
        refusal = other.refuse("bundle.gap", *other.importing(path))
        self.assertIn("from %d leaves to %d, and 0 were seen" % (
            old, len(forge.leaves)), refusal["detail"])


if __name__ == "__main__":
    harness.main()
