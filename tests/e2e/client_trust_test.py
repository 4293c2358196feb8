"""What a client's own files say, and what becomes of them: no check is passed
over because one is missing, old, damaged or was looser before (trust.md §12).
"""

import base64
import contextlib
import fcntl
import functools
import http.server
import json
import os
import subprocess
import threading
import time

from tests.e2e import harness
from tests.e2e.forged_mirror import Key, sha256, tree_hash
from tests.e2e.log_client import (HOUR, POLICY, Client, ClientTestCase, flip,
                                  release_of, replaced)


@contextlib.contextmanager
def late_server(folder, moment):
    """The address of a web server that gives tiles from that time on."""
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def do_GET(self):
            if "/tile/" in self.path:
                time.sleep(max(0, moment - time.time()))
            super().do_GET()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(
            Handler, directory=folder)) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield "http://127.0.0.1:%d" % web.server_port
        web.shutdown()


def signer(key):
    """As a refusal names it."""
    return "%s+%s" % (key.name, key.id.hex())


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
                     # The same pattern for another registry, or a block
                     # without one of its files.
                     "names corp *",
                     "registry other https://other.example\n"
                     "  names-file public.names\n  witnesses timestamper",
                     "registry other https://other.example\n"
                     "  tlog-policy public.tlog-policy",
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

    def test_names_of_yesterday_are_named(self):
        tree = tree_hash("spark", 2, release_of("spark", "0.9.0"))
        for code, line in (("name.reserved", "reserve spark\n"),
                           ("record.revoked", "block spark 2 %s\n" % tree)):
            client = self.client()
            folder = os.path.dirname(client.policy)
            self.world.write_policy(folder, names=line)
            refusal = client.refuse(code, "spark@release=2",
                                    *Client.mirrors(self.honest))
            self.assertEqual((refusal["registry"], refusal["file"]),
                             ("public", os.path.join(folder, "public.names")))

    def test_what_is_no_file_is_never_no_demand(self):
        for name, code in (("policy", "policy.syntax"),
                           ("public.tlog-policy", "trust.syntax"),
                           ("public.names", "trust.syntax")):
            for kind, make in (("a folder", os.mkdir),
                               ("a loop", lambda p: os.symlink(p, p)),
                               ("a pipe", os.mkfifo)):
                with self.subTest(name=name, kind=kind):
                    client = self.client()
                    path = os.path.join(os.path.dirname(client.policy), name)
                    os.remove(path)
                    make(path)
                    for flags in (Client.mirrors(self.honest), ["--offline"]):
                        refusal = client.run("spark", *flags)
                        found = json.loads(refusal.err.splitlines()[0])
                        self.assertEqual((found["refused"], found["file"]),
                                         (code, path))

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
        """Each refusal names its file, and of keys those it saw and wanted."""
        world = self.world
        text = world.tlog_policy()
        weak = "ecffffffffffffffffffffffffffffffffffffffffffffffffffffff" \
            "ffffff7f"
        material = b"\1" + bytes.fromhex(weak)
        weak_id = sha256(world.log_key.name.encode() + b"\n" + material)[:4]
        weak_key = "%s+%s+%s" % (world.log_key.name, weak_id.hex(),
                                 base64.b64encode(material).decode())
        other = Key.make("other.example/log", 1)
        same = Key.make(world.log_key.name, 1)
        stranger = Key.make("w2.example/witness", 4)
        log = "log " + world.log_key.vkey() + "\n"
        for name, code, changed, *told in (
                ("of another registry", "state.corrupt",
                 world.tlog_policy(log_key=other), world.log_key.name,
                 other.name, "--state"),
                ("another key of that name", "log.signature",
                 world.tlog_policy(log_key=same), signer(world.log_key),
                 signer(same), "orrery policy init"),
                ("without a log", "policy.syntax", replaced(text, log, ""),
                 "public.tlog-policy"),
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
                    text, world.witnesses[1].vkey(), stranger.vkey()),
                 signer(world.witnesses[1]), signer(stranger),
                 "orrery policy init")):
            with self.subTest(name):
                client = self.client()
                self.write(client, "public.tlog-policy", changed)
                refusal = client.refuse(code, "spark",
                                        *Client.mirrors(self.honest))
                folder = os.path.dirname(client.policy)
                file = {"policy.syntax": client.policy,
                        "state.corrupt": os.path.join(client.state, "public")}
                self.assertEqual(
                    (refusal["registry"], refusal["file"]),
                    ("public", file.get(code, os.path.join(
                        folder, "public.tlog-policy"))))
                if code.endswith(".syntax"):
                    self.assertIn("line", refusal)
                for word in told:
                    self.assertIn(word, refusal["detail"])
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

    def test_a_registry_that_is_down_hides_no_verdict_on_others(self):
        client = self.client()
        self.world.write_policy(os.path.dirname(client.policy),
                                POLICY + "deny package spark\n")
        done = client.run("--all", *Client.mirrors(self.honest),
                          "--mirror", "corp=" + self.folder())
        refusals = [json.loads(line) for line in done.err.splitlines()]
        self.assertEqual({(r.get("registry"), r.get("refused"))
                          for r in refusals},
                         {("corp", "log.unavailable"),
                          ("public", "name.denied")}, done)
        self.assertIn(done.code, (11, 13))

    def test_offline_a_registry_that_was_never_read_is_no_empty_one(self):
        client = Client(self.world, self.folder())
        client.accept("spark", *Client.mirrors(self.honest))
        client.accept("spark", "--offline")
        refusal = client.refuse("log.unavailable", "acme-db", "--offline")
        self.assertEqual(refusal["registry"], "corp")
        self.assertIn("not in the offline cache", refusal["detail"])
        refusal = client.refuse("log.unavailable", "--all", "--offline")
        self.assertEqual(refusal["registry"], "corp")

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


    def test_a_state_that_is_past_all_grace_remembers(self):
        client = self.client()
        before = client.stored()
        moment = self.now + 60 * 24 * HOUR
        older = self.world.public.copy()
        del older.leaves[9:]
        for forge, code in ((older, "log.rollback"),
                            (self.world.public, None)):
            mirror = Client.mirrors(self.mirror(forge.files(moment)))
            asked = ("spark", *mirror, "--as-of", "%d" % moment)
            if code:
                client.refuse(code, *asked)
                self.assertEqual(client.stored(), before)
            else:
                answer = client.accept(*asked)
                self.assertEqual(
                    [(one["size"], one["stale_by"], one["first_use"])
                     for one in answer["registries"]], [(11, 0, False)])

    def test_a_run_has_one_present(self):
        """The checkpoint goes stale while its tiles are on their way."""
        world = self.world
        forge = world.public.copy()
        forge.observed("universe", "late", 1, release_of("late"))
        moment = int(time.time())
        forge.index(moment)
        client = self.client()
        world.write_policy(os.path.dirname(client.policy), replaced(
            POLICY, "  names-file public.names\n",
            "  names-file public.names\n  max-age 8s\n"))
        with late_server(self.mirror(forge.files(moment)), moment + 9) as url:
            client.accept("late", *Client.mirrors(url))
            client.refuse("log.stale", "late", *Client.mirrors(url))


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

    def test_a_log_that_was_read_before_is_judged_as_at_first(self):
        client = self.client()
        mirrors = (*Client.mirrors(self.honest),
                   "--mirror", "corp=" + self.corp)
        client.accept("--all", *mirrors)
        path = os.path.join(client.state, "public", "sound")
        with open(path, encoding="ascii") as file:
            sound = file.read()
        self.assertIn("\nrules ", sound)
        os.remove(path)
        anew = client.accept("--all", "--offline")["packages"]
        self.assertIn("spark", [package["package"] for package in anew])
        for package in anew:
            self.assertEqual([package], client.accept(
                package["package"], "--offline")["packages"])
        self.assertEqual(anew,
                         client.accept("--all", "--offline")["packages"])

        def write(text):
            with open(path, "w", encoding="ascii") as file:
                file.write(text)

        for name, change in (
                ("other rules", lambda: write(sound.replace(
                    "rules ", "rules 1"))),
                ("another log", lambda: write(sound[:-9] + sound[-2:])),
                ("empty", lambda: write("")),
                ("gone", lambda: os.remove(path)),
                ("writable by others", lambda: os.chmod(path, 0o666)),
                ("a folder", lambda: (os.remove(path), os.mkdir(path)))):
            with self.subTest(name):
                change()
                if name == "a folder":
                    client.refuse("state.write", "spark", "--offline")
                    os.rmdir(path)
                client.accept("spark", "--offline")
                with open(path, encoding="ascii") as file:
                    self.assertEqual(file.read(), sound)
                self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)

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
