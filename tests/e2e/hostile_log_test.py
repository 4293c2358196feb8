"""What hostile mirrors, registries and networks give a client: each is refused
with its code, changes nothing, and keeps nobody from going on (trust.md §25).
"""

import base64
import contextlib
import fcntl
import gzip
import hashlib
import http.server
import json
import os
import struct
import subprocess
import threading
import time

from tests.e2e import harness
from tests.e2e.forged_mirror import (Forge, Key, digest_of, sha256, tree_hash,
                                     tree_root)
from tests.e2e.log_client import (HOUR, POLICY, Client, ClientTestCase,
                                  release_of)

CHECKPOINT = "log/checkpoint"
ENTRIES = "log/tile/entries/000.p/13"
HASHES = "log/tile/0/000.p/13"


def flip(data, place=-1):
    """One bit of it is another."""
    data = bytearray(data)
    data[place] ^= 1
    return bytes(data)


def replaced(data, old, new):
    assert old in data, (old, data)
    return data.replace(old, new)


def entry(leaf):
    return struct.pack(">H", len(leaf)) + leaf


class MirrorTest(ClientTestCase):
    """The registry is honest; what hands its files on is not."""

    def rows(self):
        """Name, code, what becomes of the files of a log that has grown."""
        world, now = self.world, self.now
        grown = self.grown()
        text = grown.text()
        good = grown.checkpoint(now).decode()
        log_line = world.log_key.sign(text)
        stranger = Key.make(world.log_key.name, 1)

        def note(data):
            return {CHECKPOINT: data if isinstance(data, bytes)
                    else data.encode()}

        def signed(changed, time=now):
            return note(grown.checkpoint(time, text=changed))

        size = len(grown.leaves)
        yield "size edited", "log.signature", note(
            replaced(good, "\n%d\n" % size, "\n%d\n" % (size + 1)))
        root = base64.b64encode(tree_root(grown.hashes())).decode()
        yield "root edited", "log.signature", note(
            replaced(good, root, base64.b64encode(b"\1" * 32).decode()))
        yield "wrong signature next to a good one", "log.signature", note(
            replaced(good, log_line, log_line + world.log_key.line(bytes(64))))
        yield "signed anew with other keys", "log.signature", note(
            text + "\n" + stranger.sign(text) +
            Key.make("w1.example/witness", 4).cosign(text, now))
        yield "signed by nobody", "log.signature", note(
            text + "\n" + world.witnesses[0].cosign(text, now))
        yield "another origin", "log.origin", signed(
            replaced(text, grown.origin, "other.example/main"))
        yield "one witness of two", "log.quorum", note(
            text + "\n" + log_line + world.timestamper.cosign(text, now) +
            world.witnesses[0].cosign(text, now))
        yield "one witness twice", "log.quorum", note(
            text + "\n" + log_line + world.witnesses[0].cosign(text, now) +
            world.witnesses[0].cosign(text, now - 1))
        line = world.witnesses[1].cosign(text, now)
        raw = base64.b64decode(line.split(" ")[2])
        yield "time inside a cosignature altered", "log.quorum", note(replaced(
            good, line, "\u2014 %s %s\n" % (
                world.witnesses[1].name, base64.b64encode(
                    raw[:4] + struct.pack(">Q", now + 60) +
                    raw[12:]).decode())))
        yield "ten minutes ahead", "log.future", signed(text, now + 600)
        yield "25 hours old", "log.stale", signed(text, now - 25 * HOUR)
        old = world.public
        yield "the same log, signed earlier", "log.time", note(
            old.checkpoint(now - 2 * HOUR))
        yield "an older size, signed now", "log.rollback", note(
            old.checkpoint(now, 9))
        yield "an empty log", "log.rollback", signed(
            "%s\n0\n%s\n" % (grown.origin,
                             base64.b64encode(sha256(b"")).decode()))
        for name, changed in (
                ("a fourth line", text + "extension\n"),
                ("an empty extension line", text + "\n"),
                ("a size with a zero in front", replaced(
                    text, "\n%d\n" % size, "\n0%d\n" % size)),
                ("a size with a sign", replaced(
                    text, "\n%d\n" % size, "\n+%d\n" % size)),
                ("a size beyond 63 bits", replaced(
                    text, "\n%d\n" % size, "\n9223372036854775808\n")),
                ("a root of 31 bytes", replaced(
                    text, root, base64.b64encode(b"\1" * 31).decode())),
                ("a root with loose bits", replaced(
                    text, root, root[:-2] + chr(ord(root[-2]) + 1) + "="))):
            yield name, "log.syntax", signed(changed)
        for name, data in (
                ("nothing", b""), ("a page", b"<html>all is well</html>\n"),
                ("CRLF", good.replace("\n", "\r\n").encode()),
                ("NUL", good.encode() + b"\0"), ("text behind", good + "x\n"),
                ("no text", good.split("\n\n")[1]),
                ("more than a note may have", good + "x" * 200000),
                ("65 signatures", good + "".join(
                    Key.make("x", 1).sign(text) for _ in range(62))),
                ("no UTF-8", good.encode() + b"\xff\n")):
            yield name + " for a checkpoint", "log.syntax", note(data)

        files = grown.files(now)
        entries, hashes = files[ENTRIES], files[HASHES]
        leaves = grown.leaves
        yield "a bit of the entries", "log.tile", {
            ENTRIES: flip(entries, 900)}
        yield "a bit of the hashes", "log.tile", {HASHES: flip(hashes)}
        yield "an entry more", "log.tile", {ENTRIES: entries + entry(b"x")}
        yield "an entry less", "log.tile", {
            ENTRIES: entries[:-len(entry(leaves[-1]))]}
        yield "a byte more", "log.tile", {ENTRIES: entries + b"\0"}
        yield "an entry without bytes", "log.tile", {
            ENTRIES: entries[:-len(entry(leaves[-1]))] + entry(b"")}
        yield "a length beyond the bundle", "log.tile", {
            ENTRIES: b"\xff\xff" + entries[2:]}
        yield "two entries change places", "log.tile", {
            ENTRIES: b"".join(map(entry, [leaves[1], leaves[0], *leaves[2:]]))}
        yield "a node for an entry", "log.tile", {ENTRIES: b"".join(
            map(entry, [b"\1" + sha256(b"a") + sha256(b"b"), *leaves[2:],
                        b"", b""][:size]))}
        # A pair of tiles that agree with each other.
        other = self.world.public.copy()
        other.observed("universe", "evil", 1, release_of("evil"))
        other.index(now - 60)
        forged = other.files(now)
        yield "both tiles are of another log", "log.tile", {
            ENTRIES: forged[ENTRIES], HASHES: forged[HASHES]}
        yield "a short tile in full", "log.tile", {
            ENTRIES: None, HASHES: None, "log/tile/0/000": hashes,
            "log/tile/entries/000": entries}
        yield "the entries are not there", "log.unavailable", {
            ENTRIES: None}
        # Two replicas: a new checkpoint, tiles of the old size.
        before = self.world.public.files(now)
        yield "the tiles of an older replica", "log.unavailable", {
            **{path: None for path in files if path.startswith("log/tile")},
            **{path: data for path, data in before.items()
               if path.startswith("log/tile")}}
        for name, page in (("HTML", b"<html>all is well</html>\n"),):
            yield name + " for everything", "log.syntax", {
                path: page for path in files}

    def test_each_is_refused_and_an_honest_mirror_goes_on(self):
        files = self.grown().files(self.now)
        good = self.mirror(files)
        for name, code, changes in self.rows():
            with self.subTest(name):
                client = self.client()
                before = client.stored()
                bad = self.mirror({path: data for path, data in
                                   {**files, **changes}.items()
                                   if data is not None})
                client.refuse(code, "spark", *Client.mirrors(bad))
                # Accepted before all of its leaves are read.
                if code not in ("log.tile", "log.unavailable"):
                    self.assertEqual(client.stored(), before)
                # Another mirror is asked, in the same run.
                client.accept("late", *Client.mirrors(bad, good))
                self.assertIn("\nsize 13\n", client.stored())

    def test_a_forked_log_ends_the_run_and_leaves_evidence(self):
        fork = Forge(self.world.public.origin, self.world.log_key,
                     self.world.public.cosigners,
                     self.world.public.leaves[:9])
        fork.observed("universe", "evil", 1, release_of("evil"))
        shorter = fork.copy()
        fork.index(self.now - 60)
        fork.observed("universe", "evil", 2, release_of("evil"))
        fork.index(self.now - 60)
        good = self.mirror(self.grown().files(self.now))
        shorter.index(self.now - 60)
        for other in (fork, shorter):
            client = self.client()
            before = client.stored()
            bad = self.mirror(other.files(self.now))
            refusal = client.refuse("log.fork", "spark",
                                    *Client.mirrors(bad, good))
            self.assertEqual(client.stored(), before)
            evidence = os.path.join(client.state, "public",
                                    refusal["evidence"])
            with open(os.path.join(evidence, "old.note"),
                      encoding="utf-8") as file:
                self.assertEqual(file.read(), before.split("\n\n", 1)[1])
            with open(os.path.join(evidence, "new.note"), "rb") as file:
                self.assertEqual(file.read(),
                                 other.files(self.now)[CHECKPOINT])
            answer = client.accept("late", *Client.mirrors(good))
            self.assertEqual(len(answer["evidence"]), 1, answer)

    def test_a_full_tile_serves_for_a_part_of_it_that_is_gone(self):
        small = self.world.public.copy()
        for release in range(1, 100):
            small.observed("universe", "many", release, release_of(
                "many", "%d" % release), version="%d" % release)
        small.index(self.now - 60)
        large = small.copy()
        for release in range(100, 300):
            large.observed("universe", "many", release, release_of(
                "many", "%d" % release), version="%d" % release)
        large.index(self.now - 60)
        files = {**large.files(self.now),
                 CHECKPOINT: small.checkpoint(self.now)}
        answer = self.client().accept("many",
                                      *Client.mirrors(self.mirror(files)))
        self.assertEqual(answer["packages"][0]["release"], 99)
        # What is behind that part is nobody's business.
        full = "log/tile/0/000"
        self.client().accept("many", *Client.mirrors(self.mirror(
            {**files, full: flip(files[full])})))
        self.client().refuse("log.tile", "many", *Client.mirrors(self.mirror(
            {**files, full: flip(files[full], 9)})))

    def test_unknown_signatures_are_passed_over(self):
        grown = self.grown()
        text = grown.text()
        strange = "".join(Key.make("x%d" % i, 1).sign(text)
                          for i in range(16))
        strange += "\u2014 pq %s\n" % base64.b64encode(bytes(5000)).decode()
        files = grown.files(self.now)
        files[CHECKPOINT] += strange.encode()
        self.client().accept("late", *Client.mirrors(self.mirror(files)))

    def test_each_bit_that_decides_in_deep_tiles_is_looked_at(self):
        deep = self.world.public.copy()
        for release in range(1, 600):
            deep.observed("universe", "many", release, {
                "package.json": release_of("many", "%d" % release)[
                    "package.json"]}, version="%d" % release)
        deep.index(self.now - 60)
        files = deep.files(self.now)
        tiles = sorted(path for path in files
                       if path.startswith("log/tile/"))
        self.assertIn("log/tile/1/000.p/2", tiles)
        for path in tiles:
            with self.subTest(path):
                client = self.client()
                bad = self.mirror({**files, path: flip(files[path], 40)})
                client.refuse("log.tile", "many", *Client.mirrors(bad))
                cached = [os.path.join(folder, name) for folder, _, names in
                          os.walk(client.cache) for name in names]
                self.assertEqual(cached, [])
                client.accept("many", *Client.mirrors(self.mirror(files)))


class RegistryTest(ClientTestCase):
    """The registry signs whatever it likes."""

    def record_rows(self):
        """Name, code of the void leaf, and what is logged, of hello-world."""
        def row(code):
            """A log that goes on, and how to log what breaks a rule."""
            forge = self.world.public.copy()
            return forge, lambda statement: forge.append(statement, code)

        tree = [tree_hash("hello-world", 0, files)
                for files in (self.world.old, self.world.new)]
        third = release_of("hello-world", extra={"config.json": b"[]\n"})

        def observed(forge, *lines, head=None, package="hello-world",
                     source="universe"):
            return forge.in_chain("observed", source, package, *lines,
                                  head=head)

        def content(forge, revision=3, replaces=tree[1], files=None,
                    release=0, **options):
            return forge.content("hello-world", release, files or third,
                                 revision=revision, replaces=replaces,
                                 **options)

        for name, code, options in (
                ("revision 4 without 3", "record.revision", {"revision": 4}),
                ("it replaces another tree", "record.revision",
                 {"replaces": tree[0]}),
                ("it replaces itself", "record.revision",
                 {"files": self.world.new}),
                ("another tree for a logged revision", "record.fork",
                 {"revision": 2, "replaces": tree[0]}),
                ("a logged revision again", "record.fork",
                 {"revision": 2, "replaces": tree[0],
                  "files": self.world.new}),
                ("a tree that its files do not have", "record.syntax",
                 {"tree": tree[0]}),
                ("a first revision that replaces", "record.syntax",
                 {"revision": 1, "release": 5}),
                ("a later revision that replaces nothing", "record.syntax",
                 {"replaces": None}),
                ("a label with a space", "record.syntax",
                 {"version": "1 0"})):
            forge, log = row(code)
            log(observed(forge, *content(forge, **options)))
            yield name, code, forge
        for path in ("../x", "a/../x", ".git/config", "a/.GIT/b", "/etc/x",
                     "a\\b", "a//b", "a/", "x.", "a b", "\xe4", "a/./b",
                     "x" * 201, "/".join("x" * 17)):
            forge, log = row("record.syntax")
            log(observed(forge, *content(
                forge, files={**third, path: b"x"})))
            yield "path %s" % path[:20], "record.syntax", forge
        for name, extra in (
                ("two paths that fold to one", {"A": b"x", "a": b"x"}),
                ("a path that is a folder of another", {"a": b"x",
                                                        "a/b": b"x"})):
            forge, log = row("record.syntax")
            log(observed(forge, *content(forge, files={**third, **extra})))
            yield name, "record.syntax", forge
        forge, log = row("record.revision")
        log(observed(forge, *forge.content(
            "chronos", 3, release_of("chronos", "9"), revision=2,
            replaces=tree_hash("chronos", 3, release_of("chronos", "1.3"))),
                     package="chronos", source="frozen"))
        yield "revision 2 in an immutable source", "record.revision", forge, \
            "chronos"
        forge, log = row("record.chain")
        log(observed(forge, *content(forge),
                     head=["seq 7", "prev sha256:" + "1" * 64]))
        yield "a record is missing before it", "record.chain", forge
        forge, log = row("record.chain")
        log(observed(forge, *content(forge),
                     head=["seq 3", "prev sha256:" + "1" * 64]))
        yield "it follows another record", "record.chain", forge
        forge, log = row("record.chain")
        log(forge.leaves[2][:-1])
        yield "a record again", "record.chain", forge
        forge, log = row("record.fork")
        log(observed(forge, *content(forge),
                     head=["seq 2", "prev sha256:" + "1" * 64]))
        yield "another record for one of its chain", "record.fork", forge
        forge, log = row("record.chain")
        log(replaced(observed(forge, *content(forge)), forge.source_line(
            "universe"), "source universe sha256:" + "2" * 64))
        yield "a source record that is not in force", "record.chain", forge
        forge, log = row("record.origin")
        log(replaced(observed(forge, *content(forge)),
                     "log " + forge.origin, "log other.example/x"))
        yield "a record for another log", "record.origin", forge
        forge, log = row("record.threshold")
        log(forge.statement(
            "release", "package hello-world", "seq 1", "prev sha256:" +
            "0" * 64, "keyset 1 sha256:" + "0" * 64, *content(
                forge, release=9, revision=1, replaces=None)))
        yield "a release that nobody signed", "record.threshold", forge
        for name, change in (
                ("an unknown kind", lambda t: replaced(
                    t, "kind observed", "kind obtained")),
                ("an unknown line", lambda t: t + "colour red\n"),
                ("a line twice", lambda t: replaced(
                    t, "version 1.0.0\n", "version 1.0.0\nversion 1.0.0\n")),
                ("lines in another order", lambda t: replaced(
                    t, "release 0\nrevision 3\n",
                    "revision 3\nrelease 0\n")),
                ("two spaces", lambda t: replaced(t, "release 0",
                                                  "release  0")),
                ("a space at the end", lambda t: replaced(
                    t, "release 0\n", "release 0 \n")),
                ("a tab", lambda t: replaced(t, "release 0", "release\t0")),
                ("NUL", lambda t: t + "\0\n"),
                ("no ASCII", lambda t: replaced(t, "1.0.0", "1.0.\x80")),
                ("CRLF", lambda t: replaced(t, "release 0\n",
                                            "release 0\r\n")),
                ("a number with a zero in front", lambda t: replaced(
                    t, "release 0", "release 00")),
                ("a number beyond 63 bits", lambda t: replaced(
                    t, "release 0", "release 9223372036854775808")),
                ("a line of 1025 bytes", lambda t: t + "requires " +
                 "x" * 1016 + "\n"),
                ("401 lines", lambda t: t + "".join(
                    "requires %05d\n" % i for i in range(
                        401 - t.count("\n")))),
                ("65 requirements", lambda t: t + "".join(
                    "requires %05d\n" % i for i in range(65))),
                ("a byte-order mark", lambda t: "\xef\xbb\xbf" + t)):
            forge, log = row("record.syntax")
            log(change(observed(forge, *content(forge))))
            yield name, "record.syntax", forge
        forge, log = row("record.syntax")
        statement = observed(forge, *content(forge)).encode()
        forge.append_leaf(statement[:-1] + b"\n\n" + b"x" * (33 << 10),
                          "record.syntax")
        yield "a leaf of 33 KB", "record.syntax", forge
        forge, log = row("record.syntax")
        forge.append_leaf(statement, "record.syntax")
        yield "no empty line at the end", "record.syntax", forge
        forge, log = row("record.syntax")
        place = statement.index(b"release 0")
        forge.append_leaf(statement[:place] + b"\n" + statement[place:],
                          "record.syntax")
        yield "an empty line too early", "record.syntax", forge
        forge, log = row("record.syntax")
        armor = ("-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n"
                 "-----END SSH SIGNATURE-----\n")
        for count in (1, 9):
            forge, log = row("record.syntax")
            forge.append_leaf(statement + b"\n" + armor.encode() * count,
                              "record.syntax")
            yield "%d signatures" % count, "record.syntax", forge

    def test_a_package_with_a_void_leaf_is_refused_and_no_other(self):
        for name, code, forge, *package in self.record_rows():
            with self.subTest(name):
                package = package[0] if package else "hello-world"
                forge.index(self.now - 60)
                mirror = Client.mirrors(
                    self.mirror(forge.files(self.now)))
                client = self.client()
                refusal = client.refuse(code, package, *mirror)
                self.assertEqual((refusal["package"], refusal["leaf"]),
                                 (package, 11))
                client.accept("spark", *mirror)
                # Nor offline, from what was kept.
                client.refuse(code, package, "--offline")
                client.accept("spark", "--offline")
                # The way out that is left to the operator.
                excused = Client(self.world, self.folder(), self.seed)
                self.world.write_policy(
                    os.path.dirname(excused.policy),
                    names="excuse 11 sha256:%s\n" %
                    forge.hashes()[11].hex())
                excused.accept(package, *mirror)

    def test_two_records_that_contradict_are_kept_as_evidence(self):
        forge = self.world.public.copy()
        forge.append(forge.in_chain(
            "observed", "universe", "hello-world", *forge.content(
                "hello-world", 0, release_of("hello-world", "6.6.6"),
                version="6.6.6"), head=["seq 1", "prev " + digest_of(b"")]),
            "record.fork")
        forge.index(self.now - 60)
        files = forge.files(self.now)
        client = self.client()
        mirror = Client.mirrors(self.mirror(files))
        refusal = client.refuse("record.fork", "hello-world", *mirror)
        folder = os.path.join(client.state, "public", refusal["evidence"])
        kept = {}
        for name in ("a.leaf", "b.leaf", "new.note"):
            with open(os.path.join(folder, name), "rb") as file:
                kept[name] = file.read()
        self.assertEqual(
            (sorted([kept["a.leaf"], kept["b.leaf"]]), kept["new.note"]),
            (sorted([forge.leaves[2], forge.leaves[11]]), files[CHECKPOINT]))

    def index_rows(self):
        """Name, code, a log whose last leaf or its catalog is wrong."""
        honest = self.grown()
        catalog = self.world.public.copy()
        catalog.observed("universe", "late", 1, release_of("late"))
        true = catalog.catalog()

        def log(**options):
            forge = self.world.public.copy()
            forge.observed("universe", "late", 1, release_of("late"))
            forge.index(**{"time": self.now - 60, **options})
            return forge

        def lied(old, new):
            return log(catalog=replaced(true, old, new))

        line = [text for text in true.split(b"\n")
                if text.startswith(b"release universe 2 1")][0]
        yield "the newest release is hidden", "index.mismatch", lied(
            line + b"\n", b"")
        yield "a superseded one is current", "index.mismatch", lied(
            b" superseded ", b" current ")
        yield "a requirement is added", "index.mismatch", lied(
            line, line + b"\nrequires evil")
        yield "the mode is another", "index.mismatch", lied(
            b" immutable ", b" mutable ")
        yield "a size that is not its place", "index.mismatch", log(size=11)
        yield "a time ahead of the checkpoint", "index.mismatch", log(
            time=self.now + HOUR)
        yield "a time before the last checkpoint", "index.mismatch", log(
            time=self.now - 2 * HOUR)
        yield "a time that goes back", "index.mismatch", log(
            time=self.now - 5 * HOUR)
        for name, last in (("an observation", honest.leaves[11]),
                           ("no record", b"x"), ("an index of another log",
                           replaced(honest.leaves[12], b"registry.example",
                                    b"another1.example"))):
            forge = self.world.public.copy()
            forge.append_leaf(honest.leaves[11])
            forge.append_leaf(last)
            yield name + " at the end", "index.missing", forge

    def test_a_lying_index_refuses_all_of_the_log(self):
        for name, code, forge in self.index_rows():
            with self.subTest(name):
                client = self.client()
                bad = self.mirror(forge.files(self.now))
                client.refuse(code, "spark", *Client.mirrors(bad))
                if name != "a time before the last checkpoint":
                    fresh = Client(self.world, self.folder())
                    fresh.refuse(code, "spark", *Client.mirrors(bad))
                # The registry mends it with its next batch.
                mended = forge.copy()
                if code == "index.missing" or "size" in name or \
                        "time" in name:
                    continue
                mended.observed("universe", "later", 1, release_of("later"))
                mended.index(self.now)
                client.accept("later", *Client.mirrors(
                    self.mirror(mended.files(self.now))))

    def content_rows(self):
        """Name, code, a release, and what is served in place of its files."""
        package = release_of("evil")
        data = package["package.json"]
        yield "a bit of a file", "content.digest", package, {
            "package.json": flip(data)}
        yield "a byte less", "content.size", package, {
            "package.json": data[:-1]}
        yield "a byte more", "content.size", package, {
            "package.json": data + b"x"}
        yield "a page in its place", "content.size", package, {
            "package.json": b"<html>all is well</html>\n"}
        yield "another package's file", "content.identity", release_of(
            "good"), {}
        yield "another label", "content.identity", release_of(
            "evil", "6.6.6"), {}
        yield "no JSON", "content.identity", {"package.json": b"{"}, {}
        yield "no package.json", "content.identity", {
            "config.json": b"{}"}, {}
        yield "requirements that its record does not tell", \
            "content.identity", {**package, "relations.json": b'{"requires":'
                                 b'[{"package":"zk"}]}'}, {}

    def test_files_that_are_not_the_logged_ones_are_refused(self):
        for name, code, files, served in self.content_rows():
            with self.subTest(name):
                forge = self.world.public.copy()
                forge.observed("universe", "evil", 1, files)
                forge.index(self.now - 60)
                good = forge.files(self.now)
                bad = dict(good)
                for path, data in served.items():
                    digest = hashlib.sha256(files[path]).hexdigest()
                    bad["blob/sha256/%s/%s" % (digest[:2],
                                               digest[2:])] = data
                client = self.client()
                bad = self.mirror(bad)
                client.refuse(code, "evil", *Client.mirrors(bad))
                client.accept("spark", *Client.mirrors(bad))
                if served:
                    client.accept("evil", *Client.mirrors(
                        bad, self.mirror(good)))


class WebTest(ClientTestCase):
    """Mirrors that answer, in some way or other."""

    def serve(self, files, answer=None):
        """Its URL, and what was asked of it; `answer` handles a request or
        says that it does not."""
        asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                asked.append(self.path[1:])
                with contextlib.suppress(OSError):
                    if answer is not None and answer(self):
                        return
                    data = files.get(self.path[1:])
                    self.send_response(404 if data is None else 200)
                    self.send_header("Content-Length", "%d" % len(data or b""))
                    self.end_headers()
                    self.wfile.write(data or b"")

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return "http://127.0.0.1:%d" % server.server_port, asked

    def test_answers_that_are_no_files(self):
        grown = self.grown()
        files = grown.files(self.now)
        elsewhere, asked_elsewhere = self.serve(files)
        sent = []

        def status(code, **headers):
            def answer(request):
                request.send_response(code)
                for name, value in headers.items():
                    request.send_header(name, value)
                request.send_header("Content-Length", "0")
                request.end_headers()
                return True
            return answer

        def body(data, *headers, repeat=1, length=None):
            def answer(request):
                if length is None and repeat == 1:
                    size = len(data)
                else:
                    size = length
                request.send_response(200)
                for name, value in headers:
                    request.send_header(name, value)
                if size is not None:
                    request.send_header("Content-Length", "%d" % size)
                request.end_headers()
                for _ in range(repeat):
                    request.wfile.write(data)
                    sent.append(len(data))
                return True
            return answer

        bomb = gzip.compress(bytes(64 << 20))
        for name, codes, answer in (
                ("a page for everything", ("log.syntax",),
                 body(b"<html>all is well</html>\n")),
                ("500", ("log.unavailable",), status(500)),
                ("204", ("log.unavailable", "log.syntax"), status(204)),
                ("401", ("log.unavailable",), status(401)),
                ("a way elsewhere", ("log.unavailable",),
                 status(302, Location=elsewhere + "/log/checkpoint")),
                ("a body that is cut off", ("log.unavailable",),
                 body(files[CHECKPOINT][:50], length=600)),
                ("a body without end", ("log.syntax",),
                 body(b"x" * (1 << 16), repeat=1 << 14)),
                ("a body that grows when it is unpacked",
                 ("log.syntax", "log.unavailable"),
                 body(bomb, ("Content-Encoding", "gzip"))),
                ("an unknown coding", ("log.syntax", "log.unavailable"),
                 body(b"x", ("Content-Encoding", "none-such")))):
            with self.subTest(name):
                del sent[:]
                url, _ = self.serve(files, answer)
                client = self.client()
                before = client.stored()
                done = client.run("spark", *Client.mirrors(url))
                code = json.loads(done.err)["refused"]
                self.assertIn(code, codes, done)
                self.assertEqual((done.code, client.stored()), (11, before))
                self.assertLess(sum(sent), 64 << 20)
                client.accept("late", *Client.mirrors(url, elsewhere))
        self.assertNotIn("log/checkpoint/log/checkpoint", asked_elsewhere)

    def test_no_more_of_a_file_is_fetched_than_is_signed(self):
        forge = self.world.public.copy()
        forge.observed("universe", "evil", 1, release_of("evil"))
        forge.index(self.now - 60)
        files = forge.files(self.now)
        sent = []

        def answer(request):
            if not request.path.startswith("/blob/"):
                return False
            request.send_response(200)
            request.end_headers()
            for _ in range(1 << 14):
                request.wfile.write(b"x" * (1 << 16))
                sent.append(1 << 16)
            return True

        url, asked = self.serve(files, answer)
        client = self.client()
        client.refuse("content.size", "evil", *Client.mirrors(url))
        self.assertLess(sum(sent), 32 << 20)
        # Who is refused by what is signed costs no download.
        del asked[:]
        self.world.write_policy(os.path.dirname(client.policy),
                                POLICY + "deny package evil\n")
        client.refuse("name.denied", "evil", *Client.mirrors(url))
        self.assertEqual([path for path in asked
                          if path.startswith("blob/")], [])

    def test_names_of_another_registry_are_not_told(self):
        url, asked = self.serve(self.world.public.files(self.now))
        client = self.client()
        client.accept("acme-db", "spark", *Client.mirrors(url),
                      "--mirror", "corp=" + self.corp)
        self.assertEqual([path for path in asked if "acme" in path], [])
        del asked[:]
        client.refuse("version.absent", "acme-none", *Client.mirrors(url),
                      "--mirror", "corp=" + self.corp)
        self.assertEqual(asked, [])

    def test_a_server_on_this_machine_is_believed_once_and_no_further(self):
        world = self.world
        files = world.public.files(self.now)
        trust = {"v1/trust/policy": b"policy 1\nregistry local http://"
                 b"127.0.0.1:7070\n tlog-policy tlog-policy\n names-file "
                 b"names\nnames local *\nrequire * evidence observed\n",
                 "v1/trust/tlog-policy": world.tlog_policy().encode(),
                 "v1/trust/names": b"orrery/names/v1\n"}
        page = b"<html>all is well</html>\n"
        for path, code in (("policy", "policy.syntax"),
                           ("tlog-policy", "trust.syntax"),
                           ("names", "trust.syntax")):
            for data in (page, b"", b"\xef\xbb\xbf" + page):
                with self.subTest(path=path, data=data[:9]):
                    url, _ = self.serve({**files, **trust,
                                         "v1/trust/" + path: data})
                    client = self.client()
                    client.trust = []
                    client.refuse(code, "spark",
                                  environment={"ORRERY_SERVER": url})
        url, _ = self.serve({**files, **trust})
        client = self.client()
        client.trust = []
        answer = client.accept("spark", environment={"ORRERY_SERVER": url})
        self.assertTrue(answer["registries"][0]["first_use"])
        # The same keys: the same log, wherever it is.
        fork = Forge(world.public.origin, world.log_key,
                     world.public.cosigners, world.public.leaves[:9])
        fork.index(self.now - 60)
        fork.observed("universe", "evil", 2, release_of("evil"))
        fork.index(self.now - 60)
        url, _ = self.serve({**fork.files(self.now), **trust})
        client.refuse("log.fork", "spark", environment={"ORRERY_SERVER": url})

    def test_what_is_no_file_in_a_folder_is_not_waited_for(self):
        for make in (os.mkfifo, os.mkdir,
                     lambda path: os.symlink("/dev/zero", path)):
            folder = self.mirror(self.world.public.files(self.now))
            os.remove(os.path.join(folder, CHECKPOINT))
            make(os.path.join(folder, CHECKPOINT))
            client = self.client()
            client.refuse("log.unavailable", "spark",
                          *Client.mirrors(folder))
            client.accept("spark", *Client.mirrors(folder, self.honest))


class PolicyTest(ClientTestCase):
    """What the operator's files say, and files that say nothing."""

    def write(self, client, name, text):
        path = os.path.join(os.path.dirname(client.policy), name)
        if text is None:
            os.remove(path)
            return
        with open(path, "w", encoding="latin-1") as file:
            file.write(text)

    def demand_rows(self):
        """Code, lines of policy or names, what is asked for."""
        tree = tree_hash("hello-world", 0, self.world.new)
        kafka = "hello-world"
        yield "record.evidence", "require %s evidence sshsig\n" % kafka, kafka
        yield "record.evidence", POLICY.replace(
            "require * evidence observed\n", ""), kafka
        yield "version.revised", "require * revisions refuse\n", kafka
        yield "name.denied", "deny package %s\n" % kafka, kafka
        yield "name.denied", "deny release spark 1\n", "spark@release=1"
        yield "version.absent", "", "nobody"
        yield "version.absent", "", "spark@release=7"
        yield "version.absent", "", "spark@release=1#2"
        yield "name.routed", POLICY.replace(
            "names public *\n", "names public hello-*\n"), "spark"
        yield "version.absent", POLICY.replace(
            "names public *\n", "names public/frozen *\n"), "spark"
        yield "name.reserved", ("names", "reserve %s\n" % kafka), kafka
        yield "name.reserved", ("names", "reserve *\n"), kafka
        yield "record.revoked", ("names", "block hello-world 0 %s\n" % tree), \
            kafka
        yield "trust.client", ("names", "min-client 99.0.0\n"), kafka
        for line in ("min-client 1", "min-client 0.1.0\nmin-client 0.1.0",
                     "colour red", "revoke-key SHA256:%s from-size 1" %
                     ("A" * 43), "bind-scope acme/ sha256:" + "0" * 64,
                     "block kafka 57", "reserve A", "excuse 1 x",
                     " min-client 0.1.0", "bind kafka  sha256:" + "0" * 64):
            yield "trust.syntax", ("names", line + "\n"), kafka
        for line in ("colour red", "require * colour red",
                     "names public spark\nnames corp spark",
                     "require spark", "deny key SHA256:x",
                     "require spark sk-pin", "approve plan x",
                     "require spark min-age 1", "names nobody x",
                     "registry public https://other.example",
                     "policy 1", "require spark evidence best",
                     "require * keyset sha256:" + "0" * 64,
                     "require spark evidence observed evidence sshsig"):
            yield "policy.syntax", line + "\n", kafka

    def test_what_the_policy_does_not_admit_is_refused_by_every_path(self):
        honest = Client.mirrors(self.honest)
        for code, line, package in self.demand_rows():
            with self.subTest(code=code, line=line, package=package):
                client = self.client()
                # All that is kept of an easier policy counts for nothing.
                client.accept("--all", *honest,
                              "--mirror", "corp=" + self.corp)
                client.accept("--all", "--offline")
                folder = os.path.dirname(client.policy)
                if isinstance(line, tuple):
                    self.world.write_policy(folder, names=line[1])
                elif line.startswith("policy 1\nregistry"):
                    self.world.write_policy(folder, line)
                else:
                    self.world.write_policy(folder, POLICY + line)
                client.refuse(code, package, *honest)
                client.refuse(code, package, "--offline")
                self.world.write_policy(folder)
                client.accept("spark", *honest)

    def test_a_missing_file_is_never_no_demand(self):
        for name, code in (("policy", "policy.syntax"),
                           ("public.tlog-policy", "trust.syntax"),
                           ("public.names", "trust.syntax")):
            for text in (None, "", "\0", "\xef\xbb\xbf", "x" * (2 << 20)):
                with self.subTest(name=name, text=text and text[:3]):
                    client = self.client()
                    self.write(client, name, text)
                    client.refuse(code, "spark", *Client.mirrors(self.honest))
                    client.refuse(code, "spark", "--offline")

    def test_tlog_policy_must_fit_the_log_and_the_policy(self):
        world = self.world
        text = world.tlog_policy()
        weak = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffff" \
            "ffffff7f"
        material = b"\1" + bytes.fromhex(weak)
        weak_id = sha256(world.log_key.name.encode() + b"\n" + material)[:4]
        weak_key = "%s+%s+%s" % (world.log_key.name, weak_id.hex(),
                                 base64.b64encode(material).decode())
        other = Key.make("other.example/log", 1)
        log = "log " + world.log_key.vkey() + "\n"
        for name, code, changed in (
                ("of another registry", "state.corrupt",
                 world.tlog_policy(log_key=other)),
                ("another key of that name", "log.signature",
                 world.tlog_policy(log_key=Key.make(world.log_key.name, 1))),
                ("without a log", "policy.syntax", replaced(text, log, "")),
                ("a weak key", "trust.syntax", replaced(
                    text, log, "log " + weak_key + "\n")),
                ("an id that is not the key's", "trust.syntax", replaced(
                    text, world.log_key.id.hex(), "00000000")),
                ("a log key that cosigns", "trust.syntax", replaced(
                    text, world.log_key.vkey(), world.timestamper.vkey())),
                ("one key twice", "trust.syntax", replaced(
                    text, world.witnesses[1].vkey(),
                    world.witnesses[0].vkey())),
                ("two quorums", "trust.syntax", text + "quorum none\n"),
                ("no quorum", "trust.syntax", replaced(
                    text, "quorum outside\n", "")),
                ("an unknown member", "trust.syntax", replaced(
                    text, "2 W1 W2", "2 W1 W3")),
                ("more than there are", "trust.syntax", replaced(
                    text, "2 W1 W2", "3 W1 W2")),
                ("none of them", "trust.syntax", replaced(
                    text, "2 W1 W2", "0 W1 W2")),
                ("nobody but the timestamper", "policy.syntax", replaced(
                    text, "quorum outside", "quorum timestamper")),
                ("nobody at all", "policy.syntax", replaced(
                    text, "quorum outside", "quorum none")),
                ("another witness", "log.quorum", replaced(
                    text, world.witnesses[1].vkey(),
                    Key.make("w2.example/witness", 4).vkey()))):
            with self.subTest(name):
                client = self.client()
                self.write(client, "public.tlog-policy", changed)
                client.refuse(code, "spark", *Client.mirrors(self.honest))
                client.run("spark", "--offline")
                self.write(client, "public.tlog-policy", text)
                client.accept("spark", *Client.mirrors(self.honest))

    def test_a_name_is_asked_of_its_registry_alone(self):
        forge = self.world.public.copy()
        forge.observed("universe", "acme-db", 99, release_of("acme-db"))
        forge.index(self.now - 60)
        public = self.mirror(forge.files(self.now))
        client = self.client()
        answer = client.accept("acme-db", *Client.mirrors(public),
                               "--mirror", "corp=" + self.corp)
        self.assertEqual([(p["registry"], p["release"]) for p in
                          answer["packages"]], [("corp", 1)])
        # Whoever cannot be reached is not replaced.
        client.refuse("log.unavailable", "acme-db", *Client.mirrors(public),
                      "--mirror", "corp=" + self.folder())

    def test_revisions_states_and_labels(self):
        client = self.client()
        honest = Client.mirrors(self.honest)
        for package, wanted in (
                ("spark", ("universe", 2, 1, "0.9.0")),
                ("spark@release=1", ("universe", 1, 1, "1.0.0")),
                ("hello-world", ("universe", 0, 2, "1.0.0")),
                ("hello-world@release=0#1", ("universe", 0, 1, "1.0.0")),
                ("chronos", ("frozen", 3, 1, "1.3"))):
            found = client.accept(package, *honest)["packages"][0]
            self.assertEqual((found["source"], found["release"],
                              found["revision"], found["version"]), wanted)
            self.assertEqual(found["evidence"], "observed")
        gone = self.world.public.copy()
        tree = tree_hash("hello-world", 0, self.world.new)
        gone.presence("withdrawn", "universe", "hello-world", 0, 2, tree)
        gone.source("frozen", mode="immutable", priority=10, admit="none")
        gone.index(self.now - 60)
        mirror = Client.mirrors(self.mirror(gone.files(self.now)))
        for package in ("hello-world", "hello-world@release=0#2", "chronos"):
            client.refuse("version.withdrawn", package, *mirror)
        back = gone.copy()
        back.presence("restored", "universe", "hello-world", 0, 2, tree)
        back.index(self.now - 30)
        answer = client.accept("hello-world", *Client.mirrors(
            self.mirror(back.files(self.now))))
        self.assertEqual(answer["packages"][0]["revision"], 2)

    def test_a_better_source_is_offered_first(self):
        forge = self.world.public.copy()
        forge.observed("frozen", "hello-world", 7, release_of("hello-world"))
        forge.index(self.now - 60)
        answer = self.client().accept("hello-world", *Client.mirrors(
            self.mirror(forge.files(self.now))))
        self.assertEqual((answer["packages"][0]["source"],
                          answer["packages"][0]["release"]), ("frozen", 7))

    def test_clocks(self):
        client = self.client()
        honest = Client.mirrors(self.honest)
        for moment, code in ((0, "log.future"),
                             (self.now - 2 * HOUR, "log.future"),
                             (self.now + 30 * HOUR, "log.stale")):
            refusal = client.refuse(code, "spark", *honest, "--as-of",
                                    "%d" % moment)
            self.assertIn(time.strftime("%Y-%m-%d", time.gmtime(moment)),
                          refusal["detail"])
        # Offline, the grace counts instead.
        client.accept("spark", *honest)
        day = 24 * HOUR
        answer = client.accept("spark", "--offline", "--as-of",
                               "%d" % (self.now + 29 * day))
        self.assertGreater(answer["registries"][0]["stale_by"], 27 * day)
        client.refuse("bundle.stale", "spark", "--offline", "--as-of",
                      "%d" % (self.now + 32 * day))


class StateTest(ClientTestCase):
    """What the client keeps, and who else writes there."""

    def test_a_state_that_is_not_as_it_was_written_is_no_first_use(self):
        def damage(change):
            def apply(path):
                with open(path, "rb") as file:
                    data = file.read()
                with open(path, "wb") as file:
                    file.write(change(data))
            return apply

        for name, change in (
                ("a bit of the note", damage(lambda d: flip(d, -9))),
                ("a bit of the size", damage(lambda d: replaced(
                    d, b"\nsize 11\n", b"\nsize 10\n"))),
                ("cut off", damage(lambda d: d[:-20])),
                ("empty", damage(lambda d: b"")),
                ("more", damage(lambda d: d + b"\n")),
                ("gone", os.remove),
                ("writable by others", lambda p: os.chmod(p, 0o666)),
                ("a folder that others write", lambda p: os.chmod(
                    os.path.dirname(p), 0o777)),
                ("a link", lambda p: (os.rename(p, p + "x"),
                                      os.symlink(p + "x", p)))):
            with self.subTest(name):
                client = self.client()
                change(os.path.join(client.state, "public", "checkpoint"))
                client.refuse("state.corrupt", "spark",
                              *Client.mirrors(self.honest))
                client.refuse("state.corrupt", "spark", "--offline")

    def test_a_folder_that_cannot_be_written_is_said(self):
        client = self.client()
        grown = self.mirror(self.grown().files(self.now))
        blocked = os.path.join(client.root, "file")
        with open(blocked, "w", encoding="ascii"):
            pass
        client.trust[-1] = os.path.join(blocked, "state")
        client.refuse("state.write", "spark", *Client.mirrors(grown))

    def test_two_at_once_go_forward_only(self):
        client = self.client()
        logs = [self.grown()]
        for i in range(5):
            logs.append(logs[-1].copy())
            logs[-1].observed("universe", "more", i, release_of("more"))
            logs[-1].index(self.now - 30)
        mirrors = [self.mirror(log.files(self.now)) for log in logs]
        running = [client.start("spark", *Client.mirrors(mirror))
                   for mirror in mirrors * 3]
        for process in running:
            _, err = process.communicate(timeout=60)
            if process.returncode:
                self.assertIn('"log.rollback"', err)
        self.assertIn("\nsize %d\n" % len(logs[-1].leaves), client.stored())

    def test_a_lock_that_is_held_is_waited_for_and_then_said(self):
        client = self.client()
        path = os.path.join(client.state, "public", "lock")
        with open(path, "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = client.start("spark", *Client.mirrors(self.honest))
            with self.assertRaises(subprocess.TimeoutExpired):
                process.communicate(timeout=1)
        _, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)

    def test_what_the_cache_keeps_is_checked_again(self):
        client = self.client()
        client.accept("--all", *Client.mirrors(self.honest),
                      "--mirror", "corp=" + self.corp)
        for folder, _, names in os.walk(client.cache):
            for name in names:
                path = os.path.join(folder, name)
                with self.subTest(path):
                    with open(path, "rb") as file:
                        data = file.read()
                    for changed in (flip(data), data[:-1], data + b"x", b""):
                        with open(path, "wb") as file:
                            file.write(changed)
                        done = client.run("--all", "--offline")
                        self.assertNotEqual(done.code, 0, done)
                        refusals = [json.loads(line)["refused"] for line in
                                    done.err.splitlines()]
                        self.assertLessEqual(set(refusals), {
                            "log.tile", "content.digest", "content.size",
                            "log.unavailable"}, done)
                    # Online nobody need know.
                    client.accept("--all", *Client.mirrors(self.honest),
                                  "--mirror", "corp=" + self.corp)
                    client.accept("--all", "--offline")


if __name__ == "__main__":
    harness.main()
