"""A registry that signs and logs what it may not: a client refuses the package
or the log by its code, and nothing else (trust.md §25)."""

import hashlib
import os

from tests.e2e import harness
from tests.e2e.forged_mirror import digest_of, tree_hash
from tests.e2e.log_client import (CHECKPOINT, HOUR, Client, ClientTestCase,
                                  flip, release_of, replaced)


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
                # By no place, and by no later run.
                client.refuse(code, "spark", *Client.mirrors(bad, bad))
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

    def auditor(self):
        client = Client(self.world, self.folder())
        client.command = ("log", "audit")
        return client, ("--mirror", "corp=" + self.corp)

    def test_an_audit_fails_over_a_lying_index(self):
        for name, code, forge in self.index_rows():
            # Wrong for who has seen that checkpoint, and the auditor has not.
            if name == "a time before the last checkpoint":
                continue
            with self.subTest(name):
                client, corp = self.auditor()
                client.refuse(code, *corp, *Client.mirrors(
                    self.mirror(forge.files(self.now))))

    def test_a_node_of_the_tree_is_no_leaf(self):
        hashes = self.world.public.hashes()
        node = b"\1" + hashes[0] + hashes[1]
        honest = self.world.public.files(self.now)
        client, corp = self.auditor()
        bad = Client.mirrors(self.mirror(
            {**honest, "leaf/" + hashes[1].hex(): node}))
        refusal = client.refuse("log.inclusion", *corp, *bad)
        self.assertEqual(refusal["leaf"], 1)
        # Under its own hash nothing in the log leads to it.
        client.accept(*corp, *Client.mirrors(self.mirror(
            {**honest, "leaf/" + hashlib.sha256(node).hexdigest(): node})))

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


if __name__ == "__main__":
    harness.main()
