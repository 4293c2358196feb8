"""Mirrors, networks and web servers that lie to a client: each is refused with
its code, changes nothing, and keeps nobody from going on (trust.md §25)."""

import base64
import contextlib
import gzip
import http.server
import json
import os
import struct
import threading

from tests.e2e import harness
from tests.e2e.forged_mirror import Forge, Key, sha256
from tests.e2e.log_client import (CHECKPOINT, HOUR, POLICY, Client,
                                  ClientTestCase, flip, release_of, replaced)
from tests.e2e.tlog_tree import tree_root

ENTRIES = "log/tile/entries/000.p/13"
HASHES = "log/tile/0/000.p/13"


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
        yield "a page for everything", "log.syntax", {
            path: b"<html>all is well</html>\n" for path in files}

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


if __name__ == "__main__":
    harness.main()
