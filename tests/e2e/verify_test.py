"""`orrery verify`, against a real log and against files that lie."""

import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import time

from tests.e2e import harness
from tests.e2e.harness import ORRERY, echod_files, release_files
from tests.e2e.served_log import Log
from tests.e2e.tlog_tree import tile_name

# Calls by which a client changes its disk.
CHANGES = ("write", "fsync", "rename", "mkdir", "unlink")


class VerifyCase(harness.OrreryTestCase):
    """A mutable source with hello 0 and 1 and bye 0, all logged."""

    def setUp(self):
        super().setUp()
        self.repository = self.make_repository(files={
            **release_files("hello", 0), **release_files("hello", 1, "2.0.0"),
            **release_files("bye", 0)})
        self.add_source("u", self.repository)

    def verify(self, *arguments, code=0, **options):
        return self.orrery("verify", *arguments, "-o", "json", code=code,
                           **options)

    def refused(self, exit_code, refusal, *arguments, **options):
        """The one refusal object; nothing is on standard output."""
        result = self.verify(*arguments, code=exit_code, **options)
        self.assertEqual(result.out, "")
        lines = result.err.splitlines()
        self.assertEqual(len(lines), 1, result)
        found = json.loads(lines[0])
        self.assertEqual((found["refused"], found["exit"]),
                         (refusal, exit_code), result)
        return found

    def mirror(self, name="mirror"):
        """The tree of a mirror as the registry serves it now."""
        root = self.path(name)
        log = Log(self.server)
        paths = ["log/checkpoint"]
        level, count = 0, log.size
        while count:
            for tile in range((count + 255) // 256):
                width = min(256, count - tile * 256)
                end = tile_name(tile, width)
                paths.append("log/tile/%d/%s" % (level, end))
                if level == 0:
                    paths.append("log/tile/entries/" + end)
            level, count = level + 1, count // 256
        for leaf in log.leaves:
            for digest in re.findall("^file sha256:(..)([0-9a-f]{62}) ",
                                     leaf.decode(), re.M):
                paths.append("blob/sha256/%s/%s" % digest)
        for path in paths:
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb") as file:
                file.write(self.server.get("/" + path).data)
        return root

    def state(self, *names):
        return self.path("state", *names)

    def checkpoint_size(self):
        with open(self.state("local", "checkpoint"), encoding="utf-8") as file:
            return int(re.search("^size ([0-9]+)$", file.read(), re.M)[1])


def flip(path, offset=-1):
    with open(path, "rb") as file:
        content = bytearray(file.read())
    content[offset] ^= 1
    with open(path, "wb") as file:
        file.write(content)


def serve(folder):
    """A web server that nobody here wrote, over a folder; `asked` for paths."""
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

        def translate_path(self, path):
            self.server.asked.append(path)
            return super().translate_path(path)
    web = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=folder))
    web.asked = []
    threading.Thread(target=web.serve_forever, daemon=True).start()
    return web


class SuccessTest(VerifyCase):

    def test_fresh_server_on_this_machine_needs_nothing(self):
        result = self.orrery("verify", "hello")
        self.assertIn("no policy of your own: believing " + self.server.url,
                      result.err)
        answer = self.verify("hello", "bye@release=0", "hello@release=0#1")
        self.assertEqual(answer.err, "")
        log = Log(self.server)
        self.assertEqual(answer.json["ok"], True)
        registry, = answer.json["registries"]
        self.assertEqual(
            (registry["registry"], registry["origin"], registry["size"],
             registry["stale_by"], registry["first_use"]),
            ("local", log.origin, log.size, 0, False))
        self.assertEqual(
            [(one["package"], one["release"], one["revision"], one["version"],
              one["evidence"], one["state"], one["source"])
             for one in answer.json["packages"]],
            [("bye", 0, 1, "1.0.0", "observed", "current", "u"),
             ("hello", 1, 1, "2.0.0", "observed", "current", "u"),
             ("hello", 0, 1, "1.0.0", "observed", "current", "u")])
        trees = re.findall("^tree (h1:.*)$",
                           "".join(leaf.decode() for leaf in log.leaves), re.M)
        for package in answer.json["packages"]:
            self.assertIn(package["tree"], trees)

    def test_other_data_directory_on_the_same_address_is_a_first_use(self):
        self.assertTrue(self.verify("hello").json["registries"][0][
            "first_use"])
        self.assertFalse(self.verify("hello").json["registries"][0][
            "first_use"])
        self.server.stop()
        other = harness.Server(self.path("other"), http=self.server.address)
        self.addCleanup(other.stop)
        other.start()
        self.add_source("u", self.repository)
        self.assertTrue(self.verify("hello").json["registries"][0][
            "first_use"])

    def test_all_is_every_routed_name(self):
        policy = self.pin(policy=lambda text: text.replace(
            "names local *", "names local hello"))
        self.assertEqual(
            [one["package"] for one in
             self.verify("--all", "--policy", policy).json["packages"]],
            ["hello"])

    def test_new_revision_and_mode_are_told_once(self):
        self.verify("hello", "bye")
        self.commit(self.repository, release_files("hello", 1, "2.0.1"))
        self.orrery("source", "sync", "u")
        self.orrery("log", "checkpoint")
        self.verify("hello@release=7", code=13)
        answer = self.verify("bye").json
        self.assertEqual(
            [(one["registry"], one["package"], one["release"], one["from"],
              one["to"]) for one in answer["revisions"]],
            [("local", "hello", 1, 1, 2)])
        answer = self.verify("hello").json
        self.assertEqual(answer["packages"][0]["revision"], 2)
        self.assertEqual(answer["revisions"], [])
        self.assertEqual(self.verify("hello@release=1#1").json["packages"][0][
            "state"], "superseded")

    def test_unchanged_log_costs_one_request(self):
        web = serve(self.mirror())
        self.addCleanup(web.shutdown)
        policy = self.pin()
        place = "http://127.0.0.1:%d" % web.server_port
        arguments = ("hello", "--policy", policy, "--mirror", place)
        self.verify(*arguments)
        web.asked.clear()
        self.verify(*arguments)
        self.assertEqual(web.asked, ["/log/checkpoint"])


class MirrorTest(VerifyCase):

    def test_directory_and_web_server_serve_as_well_as_the_registry(self):
        mirror = self.mirror()
        policy = self.pin()
        web = serve(mirror)
        self.addCleanup(web.shutdown)
        self.server.stop()
        for number, place in enumerate(
                (mirror, "file://" + mirror, "local=" + mirror,
                 "http://127.0.0.1:%d" % web.server_port)):
            state = self.path("state%d" % number)
            answer = self.verify(
                "hello", "--policy", policy, "--state", state, "--mirror",
                place, env={"XDG_CACHE_HOME": self.path("c%d" % number)})
            self.assertEqual(answer.json["packages"][0]["release"], 1)
        self.refused(11, "log.unavailable", "hello", "--policy", policy,
                     "--state", self.path("state9"))

    def test_liar_is_passed_over_and_named_when_alone(self):
        good = self.mirror()
        policy = self.pin()
        kinds = {
            "log/checkpoint": (11, "log.signature", None),
            "log/tile/entries/000.p/%d" % Log(self.server).size:
                (11, "log.tile", -1),
            "log/tile/0/000.p/%d" % Log(self.server).size:
                (11, "log.tile", 5)}
        blob = next(os.path.join(folder, files[0])
                    for folder, _, files in os.walk(good + "/blob") if files)
        kinds[os.path.relpath(blob, good)] = (14, "content.digest", 0)
        for number, (path, (code, refusal, offset)) in enumerate(
                kinds.items()):
            bad = shutil.copytree(good, self.path("bad%d" % number))
            if offset is None:
                self.grow(os.path.join(bad, path))
            else:
                flip(os.path.join(bad, path), offset)
            common = ("hello", "bye", "hello@release=0", "--policy", policy)
            alone = self.verify(
                *common, "--state", self.path("s%d" % number), "--mirror",
                bad, code=None,
                env={"XDG_CACHE_HOME": self.path("c%d" % number)})
            self.assertEqual(alone.code, code, alone)
            self.assertEqual(alone.out, "")
            self.assertEqual({json.loads(line)["refused"]
                              for line in alone.err.splitlines()}, {refusal})
            self.verify(*common, "--state", self.path("s%d" % number),
                        "--mirror", bad, "--mirror", good)

    def grow(self, checkpoint):
        """Another size under the same signatures."""
        with open(checkpoint, encoding="utf-8") as file:
            lines = file.read().split("\n")
        lines[1] = str(int(lines[1]) + 1)
        with open(checkpoint, "w", encoding="utf-8") as file:
            file.write("\n".join(lines))

    def test_page_with_status_200_is_no_checkpoint(self):
        page = self.path("page")
        os.makedirs(page + "/log")
        with open(page + "/log/checkpoint", "w", encoding="ascii") as file:
            file.write("<html>Sign in</html>\n")
        policy = self.pin()
        self.refused(11, "log.syntax", "hello", "--policy", policy,
                     "--mirror", page)
        self.verify("hello", "--policy", policy, "--mirror", page, "--mirror",
                    self.server.url)

    def test_note_of_another_log_tells_whom_the_policy_expects(self):
        other = self.start_server("other", flags=())
        self.orrery("source", "add", "u", self.repository, "--server",
                    other.url)
        self.orrery("source", "sync", "u", "--server", other.url)
        policy = self.pin()
        expected, found = (
            re.match(r"log (\S+?\+[0-9a-f]{8})\+", server.get(
                "/v1/trust/tlog-policy").data.decode())[1]
            for server in (self.server, other))
        refused = self.refused(11, "log.origin", "hello", "--policy", policy,
                               "--mirror", other.url)
        self.assertEqual(refused["file"], os.path.join(
            os.path.dirname(policy), "tlog-policy"))
        for text in (expected, found, other.url, "orrery policy init"):
            self.assertIn(text, refused["detail"])

    def test_older_log_is_a_rollback(self):
        policy = self.pin()
        old = self.mirror("old")
        self.commit(self.repository, release_files("hello", 2))
        self.orrery("source", "sync", "u")
        self.verify("hello", "--policy", policy)
        self.refused(11, "log.rollback", "hello", "--policy", policy,
                     "--mirror", old)
        self.verify("hello", "--policy", policy)


class PrivateNameTest(VerifyCase):

    def test_name_of_another_registry_is_not_asked_of_this_one(self):
        """Two registries; the private one is down."""
        web = serve(self.mirror())
        self.addCleanup(web.shutdown)
        policy = self.pin(policy=lambda text: """policy 1
registry corp http://127.0.0.1:1
  tlog-policy tlog-policy
  names-file names
  witnesses timestamper
registry public http://127.0.0.1:%d
  tlog-policy tlog-policy
  names-file names
  witnesses timestamper
names corp acme-*
names public *
require * evidence observed
""" % web.server_port)
        found = self.refused(11, "log.unavailable", "acme-db", "--policy",
                             policy)
        self.assertEqual(found["registry"], "corp")
        self.assertEqual(web.asked, [])
        self.refused(13, "version.absent", "acmedb", "--policy", policy)
        self.verify("hello", "--policy", policy)
        with open(policy, "a", encoding="ascii") as file:
            file.write("deny package hello\n")
        result = self.verify("--all", "--policy", policy, code=11)
        self.assertEqual(
            [(one["registry"], one["refused"]) for one in
             map(json.loads, result.err.splitlines())],
            [("corp", "log.unavailable"), ("public", "name.denied")])
        self.assertGreater(len(web.asked), 3)
        for path in web.asked:
            self.assertNotRegex(path, "acme|hello")


class RefusalTest(VerifyCase):

    def test_each_policy_fault_has_its_code(self):
        cases = [
            (12, "record.evidence", "hello", {"policy": lambda text:
             text.replace("evidence observed", "evidence sshsig")}),
            (13, "name.denied", "hello",
             {"policy": lambda text: text + "deny package hello\n"}),
            (13, "name.denied", "hello@release=1",
             {"policy": lambda text: text + "deny release hello 1\n"}),
            (13, "name.routed", "hello", {"policy": lambda text:
             text.replace("names local *", "names local bye")}),
            (13, "version.absent", "hello", {"policy": lambda text:
             text.replace("names local *", "names local/other *")}),
            (13, "policy.syntax", "hello",
             {"policy": lambda text: text + "unknown word\n"}),
            (13, "policy.syntax", "hello", {"policy": lambda text: ""}),
            (13, "policy.syntax", "hello", {"policy": lambda text:
             text.replace("  witnesses timestamper\n", "")}),
            (13, "policy.syntax", "hello", {"tlog_policy": lambda text:
             re.sub("^log .*\n", "", text)}),
            (13, "name.reserved", "hello",
             {"names": lambda text: text + "reserve hello\n"}),
            (10, "trust.client", "hello",
             {"names": lambda text: text + "min-client 9.0.0\n"}),
            (10, "trust.syntax", "hello", {"tlog_policy": lambda text: "x\n"}),
            (13, "version.absent", "none", {}),
            (13, "version.absent", "hello@release=7", {}),
            (13, "version.absent", "hello@release=1#2", {}),
        ]
        for number, (code, refusal, package, changes) in enumerate(cases):
            with self.subTest(refusal=refusal, number=number):
                policy = self.pin(folder="p%d" % number, **changes)
                self.refused(code, refusal, package, "--policy", policy)

    def test_missing_files_are_no_absence_of_demands(self):
        missing = self.path("nowhere")
        found = self.refused(13, "policy.syntax", "hello", "--policy", missing)
        self.assertEqual(found["file"], missing)
        self.refused(13, "policy.syntax", "hello",
                     env={"ORRERY_POLICY": missing})
        policy = self.pin()
        os.remove(os.path.join(os.path.dirname(policy), "names"))
        found = self.refused(10, "trust.syntax", "hello", "--policy", policy)
        self.assertEqual(found["file"],
                         os.path.join(os.path.dirname(policy), "names"))

    def test_policy_of_the_user_comes_before_what_is_served(self):
        config = self.path("config")
        os.makedirs(config)
        os.rename(os.path.dirname(self.pin(policy=lambda text: text +
                                           "deny package hello\n")),
                  os.path.join(config, "orrery"))
        self.refused(13, "name.denied", "hello",
                     env={"XDG_CONFIG_HOME": config})

    def test_each_refused_package_is_a_line_and_the_first_decides(self):
        policy = self.pin(policy=lambda text: text +
                          "require bye evidence sshsig\n")
        result = self.verify("none", "hello", "bye", "--policy", policy,
                             code=12)
        self.assertEqual(result.out, "")
        self.assertEqual(
            [(one["package"], one["refused"]) for one in
             map(json.loads, result.err.splitlines())],
            [("bye", "record.evidence"), ("none", "version.absent")])
        words = self.orrery("verify", "bye", "--policy", policy, code=12)
        self.assertRegex(
            words.err, "^orrery: bye@release=0#1: record.evidence: .*line 8 ")

    def test_state_that_cannot_be_believed_is_no_first_use(self):
        policy = self.pin()
        arguments = ("hello", "--policy", policy, "--state", self.state())
        self.verify(*arguments)
        checkpoint = self.state("local", "checkpoint")
        with open(checkpoint, "rb") as file:
            good = file.read()

        def write(content):
            with open(checkpoint, "wb") as file:
                file.write(content)

        for content in (b"", good[:-1], good.replace(b"size ", b"size 1"),
                        good + b"x"):
            write(content)
            self.refused(20, "state.corrupt", *arguments)
        write(good)
        os.chmod(checkpoint, 0o620)
        self.refused(20, "state.corrupt", *arguments)
        os.chmod(checkpoint, 0o600)
        os.chmod(self.state("local"), 0o770)
        self.refused(20, "state.corrupt", *arguments)
        os.chmod(self.state("local"), 0o700)
        self.verify(*arguments)
        os.remove(checkpoint)
        self.refused(20, "state.corrupt", *arguments)
        self.assertEqual(
            self.refused(20, "state.write", "hello", "--policy", policy,
                         "--state", "/proc/self/x")["registry"], "local")

    def test_withdrawn_release_is_refused_and_the_next_is_taken(self):
        for path in release_files("hello", 1):
            self.commit(self.repository, {path: None})
        self.orrery("source", "sync", "u")
        self.refused(13, "version.withdrawn", "hello@release=1")
        self.assertEqual(self.verify("hello").json["packages"][0]["release"],
                         0)

    def test_time_is_what_it_is_said_to_be(self):
        now = int(time.time())
        found = self.refused(11, "log.future", "hello", "--as-of", "0")
        self.assertIn("1970-01-01", found["detail"])
        self.refused(11, "log.stale", "hello", "--as-of", str(now + 90000))
        self.verify("hello", "--as-of", str(now + 80000))
        offline = ("hello", "--offline", "--as-of")
        answer = self.verify(*offline, str(now + 90000))
        self.assertGreater(answer.json["registries"][0]["stale_by"], 3000)
        self.refused(16, "bundle.stale", *offline, str(now + 40 * 86400))
        self.orrery("verify", "hello", "--as-of", "yesterday", code=64)

    def test_server_elsewhere_needs_a_policy(self):
        found = self.refused(13, "policy.syntax", "hello", "--server",
                             "http://registry.example:7070")
        self.assertIn("orrery policy init http://registry.example:7070",
                      found["detail"])


class ServicesTest(VerifyCase):

    def test_what_runs_is_judged_by_the_policy_of_today(self):
        self.commit(self.repository, echod_files())
        self.orrery("source", "sync", "u")
        self.orrery("install", "echod", "--yes")
        policy = self.pin()
        answer = self.verify("--services", "--policy", policy).json
        self.assertEqual([(one["name"], one["package"], one["release"])
                          for one in answer["services"]],
                         [("echod", "echod", 0)])
        self.pin(policy=lambda text: text + "deny release echod 0\n")
        found = self.refused(13, "name.denied", "--services", "--policy",
                             policy)
        self.assertEqual((found["service"], found["package"],
                          found["release"]), ("echod", "echod", 0))
        words = self.orrery("verify", "--services", "--policy", policy,
                            code=13)
        self.assertRegex(words.err,
                         "(?m)^orrery: service echod runs echod@release=0.*: "
                         "name.denied: ")
        self.assertEqual(self.orrery("status", "echod", "-o", "json").json[
            "state"], "running")
        self.orrery("verify", "--services", "--offline", code=64)
        self.orrery("uninstall", "echod", "--yes")


class OfflineTest(VerifyCase):

    def verify_offline(self, *prefix):
        done = subprocess.run(
            [*prefix, ORRERY, "verify", "hello", "bye", "--offline", "-o",
             "json"],
            env={"PATH": "/usr/bin:/bin", "HOME": self.home,
                 "ORRERY_SERVER": self.server.url},
            stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)["packages"]

    def test_no_system_call_is_of_the_network(self):
        self.refused(11, "log.unavailable", "hello", "--offline")
        online = self.verify("hello", "bye").json
        self.server.stop()
        trace = self.path("trace")
        self.assertEqual(
            self.verify_offline("strace", "-f", "-e", "trace=%network", "-o",
                                trace), online["packages"])
        with open(trace, encoding="utf-8") as file:
            self.assertNotIn("AF_INET", file.read())

    def test_a_machine_without_a_network_will_do(self):
        # A root user in a changed root directory may not map users.
        alone = next((prefix for prefix in (["unshare", "-rn"],
                                            ["unshare", "-n"])
                      if subprocess.run([*prefix, "true"], check=False,
                                        stderr=subprocess.DEVNULL
                                        ).returncode == 0), None)
        if alone is None:
            self.skipTest("no network namespace may be made here")
        online = self.verify("hello", "bye").json
        self.server.stop()
        self.assertEqual(self.verify_offline(*alone), online["packages"])

    def test_what_was_never_seen_is_not_in_the_cache(self):
        policy = self.pin()
        self.verify("bye", "--policy", policy)
        found = self.refused(11, "log.unavailable", "hello", "--policy",
                             policy, "--offline")
        self.assertIn("offline: it was not fetched", found["detail"])
        shutil.rmtree(os.path.join(self.home, ".cache"))
        found = self.refused(11, "log.unavailable", "bye", "--policy", policy,
                             "--offline")
        self.assertIn("last refreshed", found["detail"])

    def test_a_mirror_that_is_not_there_is_named(self):
        policy = self.pin()
        for flags in ((), ("--offline",)):
            found = self.refused(11, "log.unavailable", "hello", "--policy",
                                 policy, "--mirror", "./nowhere", *flags,
                                 cwd=self.scratch)
            self.assertIn(self.path("nowhere") + ": there is no directory",
                          found["detail"])

    def test_tightened_trust_is_felt_at_once(self):
        tighter = {
            "policy": (12, "record.evidence", lambda text: text.replace(
                "evidence observed", "evidence sshsig")),
            "names": (13, "name.reserved",
                      lambda text: text + "reserve hello\n"),
            "tlog_policy": (11, "log.quorum", lambda text: text.replace(
                "quorum timestamper",
                "witness other sigsum.org+e4ade967+"
                "AZuUY6B08pW3QVHu8uvsrxWPcAv9nykap2Nb4oxCee+r\n"
                "group both all timestamper other\nquorum both"))}
        for name, (code, refusal, change) in tighter.items():
            for flags in ((), ("--offline",)):
                policy = self.pin()
                self.verify("hello", "--policy", policy, *flags)
                self.pin(**{name: change})
                with self.subTest(name=name, flags=flags):
                    self.refused(code, refusal, "hello", "--policy", policy,
                                 *flags)


class CrashTest(VerifyCase):

    def run_and_kill(self, policy, change, number, cache):
        """Whether the command ended before call `number` of that name."""
        done = subprocess.run(
            ["strace", "-f", "-o", "/dev/null", "-e",
             "inject=%s:signal=SIGKILL:when=%d" % (change, number), ORRERY,
             "verify", "hello", "--policy", policy, "--state", self.state()],
            env={"PATH": "/usr/bin:/bin", "HOME": self.home,
                 "ORRERY_SERVER": self.server.url, "XDG_CACHE_HOME": cache},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return done.returncode == 0

    def check_every_kill(self, prepare):
        """Kills at every change of the disk, until there is none left."""
        policy = self.pin()
        cache = self.path("cache")
        kills = 0
        for change in CHANGES:
            number = 1
            prepare()
            while not self.run_and_kill(policy, change, number, cache):
                if os.path.exists(self.state("local")):
                    self.assertGreater(self.checkpoint_size(), 0)
                self.verify("hello", "--policy", policy, "--state",
                            self.state(), env={"XDG_CACHE_HOME": cache})
                number += 1
                kills += 1
                prepare()
        return kills

    def test_killed_first_use_is_a_first_use_again(self):
        kills = self.check_every_kill(
            lambda: shutil.rmtree(self.state(), ignore_errors=True))
        self.assertGreater(kills, 5)

    def test_killed_refresh_leaves_the_old_or_the_new_checkpoint(self):
        policy = self.pin()
        self.verify("hello", "--policy", policy, "--state", self.state())
        old = self.checkpoint_size()
        shutil.copytree(self.state(), self.path("before"))
        self.commit(self.repository, release_files("hello", 2))
        self.orrery("source", "sync", "u")
        new = Log(self.server).size

        def prepare():
            if os.path.exists(self.state("local", "checkpoint")):
                self.assertIn(self.checkpoint_size(), (old, new))
            shutil.rmtree(self.state())
            shutil.copytree(self.path("before"), self.state())

        self.assertGreater(self.check_every_kill(prepare), 3)

    def test_those_at_once_all_pass(self):
        for flags in ((), ("--policy", self.pin())):
            children = [subprocess.Popen(
                [ORRERY, "verify", "hello", "--state", self.state(), *flags],
                env={"PATH": "/usr/bin:/bin", "HOME": self.home,
                     "ORRERY_SERVER": self.server.url},
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(4)]
            self.assertEqual([child.wait() for child in children], [0] * 4)


if __name__ == "__main__":
    harness.main()
