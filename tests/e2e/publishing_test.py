"""Two maintainers publish by git push, as docs/publishing.md says."""

import hashlib
import os
import re
import subprocess

from tests.e2e import harness
from tests.e2e.git_servers import HttpRemote, SshRemote
from tests.e2e.harness import echod_files

PAGE = os.path.join(harness.RUNFILES, "docs/publishing.md")


def blocks_of_page():
    """Who runs what, in the order of the page."""
    with open(PAGE, encoding="utf-8") as file:
        return re.findall(r"^```sh (\w+)\n(.*?)^```$", file.read(),
                          re.MULTILINE | re.DOTALL)


class Person:
    """Somebody with a home, an ssh key and the commands of the page."""

    def __init__(self, case, name):
        self.case, self.name = case, name
        self.home = case.path("home-" + name)
        os.makedirs(os.path.join(self.home, ".ssh"))
        self.key = os.path.join(self.home, ".ssh/id_ed25519")
        self.make_key(self.key)
        self.bin = os.path.join(self.home, "bin")
        os.mkdir(self.bin)
        os.symlink(harness.ORRERY, os.path.join(self.bin, "orrery"))
        with open(os.path.join(self.home, ".gitconfig"), "w",
                  encoding="ascii") as file:
            file.write("[user]\nname = %s\nemail = %s@example.org\n"
                       "[init]\ndefaultBranch = main\n" % (name, name))
        self.environment = {}

    @staticmethod
    def make_key(path, kind="ed25519"):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "key",
                        "-f", path], check=True)

    def run(self, script, code=0, cwd=None):
        done = subprocess.run(
            ["bash", "-euc", script], cwd=cwd or self.home,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=120, check=False,
            env={"PATH": self.bin + ":/usr/bin:/bin", "HOME": self.home,
                 "LANG": "C.UTF-8", "ORRERY_SERVER": self.case.server.url,
                 "GIT_TERMINAL_PROMPT": "0", **self.environment})
        result = harness.Result(done.returncode, done.stdout, done.stderr)
        if code is not None:
            self.case.assertEqual(result.code, code, "%s: %s\n%r" % (
                self.name, script, result))
        return result

    def orrery(self, *words, code=0):
        return self.run("orrery " + " ".join(words), code=code,
                        cwd=self.checkout)

    @property
    def checkout(self):
        return os.path.join(self.home, "kafka")

    def push(self, message="change"):
        self.run("git add -A && git commit -q -m '%s' && "
                 "git push -q origin HEAD:main" % message, cwd=self.checkout)

    def pull(self):
        self.run("git pull -q --rebase origin main", cwd=self.checkout)

    def write(self, path, text):
        full = os.path.join(self.checkout, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def read(self, path):
        with open(os.path.join(self.checkout, path), "rb") as file:
            return file.read()


class PublishingCase(harness.OrreryTestCase):
    """An empty repository behind real git servers, and two maintainers."""

    def setUp(self):
        super().setUp()
        self.bare = self.path("git", "kafka.git")
        os.makedirs(self.bare)
        self.git(self.bare, "init", "-q", "--bare", "-b", "main")
        self.git(self.bare, "config", "http.receivepack", "true")
        self.http = HttpRemote(self.path("git"))
        self.addCleanup(self.http.stop)
        self.url = self.http.url + "/kafka.git"
        self.repo = self.url + " refs/heads/main"
        self.origin = self.read_origin()
        self.alice = Person(self, "alice")
        self.bob = Person(self, "bob")

    def read_origin(self):
        """The name in the log line of the served tlog-policy."""
        policy = self.server.get("/v1/trust/tlog-policy").data.decode()
        return re.search(r"^log ([^+]+)\+", policy, re.MULTILINE).group(1)

    def clone(self, person, url=None):
        person.run("git clone -q %s kafka" % (url or self.url))

    def keyset(self, person, *flags):
        return person.orrery(
            "package keyset . kafka", "--repo", "'%s'" % self.repo, "--log",
            self.origin, *flags)

    def signers(self, *people):
        return " ".join("--signer %s@example.org=%s.pub" % (p.name, p.key)
                        for p in people)

    def sign(self, person, statement, *flags):
        person.orrery("package sign", statement, "--key", person.key, *flags)

    def sync(self, name="kafka"):
        self.orrery("source", "sync", name)
        return self.source_status(name)

    def pending(self, status):
        return [(p["seq"], p["code"]) for p in status.get("pending", [])]

    def refused(self, status):
        return [(r["rule"], os.path.basename(r["path"]))
                for r in status.get("refused", [])]

    def log_lines(self):
        """The chains and releases of kafka as the catalog has them."""
        checkpoint = self.server.get("/log/checkpoint").data.decode()
        size = int(checkpoint.split("\n")[1])
        leaves = []
        for number in range((size + 255) // 256):
            width = min(256, size - 256 * number)
            name = "/log/tile/entries/%03d" % number
            data = self.server.get(
                name if width == 256 else name + ".p/%d" % width).data
            while data:
                length = int.from_bytes(data[:2], "big")
                leaves.append(data[2:2 + length])
                data = data[2 + length:]
        return leaves

    def leaves_of(self, kind):
        return [leaf for leaf in self.log_lines()
                if b"\nkind " + kind.encode() + b"\n" in leaf[:60]]


class PageTest(PublishingCase):
    """Every command of the page, from an empty repository to a service."""

    def setUp(self):
        super().setUp()
        self.ssh = SshRemote(self.path("ssh"))
        self.addCleanup(self.ssh.stop)
        self.alice.environment["GIT_SSH_COMMAND"] = (
            "ssh -F none -i %s -o IdentitiesOnly=yes -o UserKnownHostsFile=%s"
            % (self.ssh.user_key, self.ssh.known_hosts))
        subprocess.run(["cp", self.bob.key + ".pub",
                        os.path.join(self.alice.home, "bob.pub")], check=True)
        self.alice.make_key(os.path.join(self.alice.home, "ci"))
        folder = os.path.join(self.alice.home, "kafka-release")
        os.mkdir(folder)
        for path, text in echod_files(0).items():
            name = os.path.basename(path)
            with open(os.path.join(folder, name), "w",
                      encoding="utf-8") as file:
                file.write(text.replace('"echod"', '"kafka"'))
        self.operator = Person(self, "operator")

    def as_here(self, script):
        for there, here in (
                ("ssh://git@git.example/kafka.git", self.ssh.url(self.bare)),
                ("https://git.example/kafka.git", self.url),
                ("registry.example/main", self.origin)):
            script = script.replace(there, here)
        return script

    def run_block(self, who, script, code=0):
        people = {"alice": self.alice, "bob": self.bob,
                  "operator": self.operator, "anybody": self.operator}
        return people[who].run(self.as_here(script), code=code)

    def test_page(self):
        blocks = blocks_of_page()
        self.assertEqual([who for who, _ in blocks],
                         ["alice", "operator", "bob", "alice", "bob",
                          "anybody", "alice", "alice", "bob"])
        keyset, follow, bob_signs, release, bob_signs_again, look = blocks[:6]

        empty = self.run_block(follow[0], follow[1], code=None)
        self.assertNotEqual(empty.code, 0)
        self.run_block(*keyset)
        self.run_block(*follow)
        self.assertEqual(self.pending(self.sync()), [(1, "record.keyset")])
        self.run_block(*bob_signs)
        self.assertEqual(self.pending(self.sync()), [(1, "content.unlisted")])
        self.assertEqual(self.leaves_of("keyset"), [])

        self.run_block(*release)
        status = self.sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([(2, "record.threshold")], []))
        self.assertEqual(status["error"],
                         "every release waits for its record")
        self.assertEqual(len(self.leaves_of("keyset")), 1)
        self.assertEqual(status["releases"], 0)
        shown = self.run_block(*bob_signs_again)
        self.assertIn("000002.stmt", shown.out)
        self.assertIn("1 of 2 signed (alice@example.org)", shown.out)
        status = self.sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([], []))
        self.assertEqual(status["releases"], 1)
        self.assertEqual(len(self.leaves_of("release")), 1)
        seen = self.run_block(*look)
        self.assertIn("sshsig", self.orrery(
            "versions", "kafka", "-o", "json").out, seen)
        self.check_installed()
        self.check_later(blocks[6:])

    def check_installed(self):
        """By a policy that demands just this keyset."""
        digest = hashlib.sha256(
            self.alice.read("trust/kafka/000001.stmt")).hexdigest()
        folder = self.path("policy")
        os.mkdir(folder)
        for name in ("policy", "tlog-policy", "names"):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(self.server.get("/v1/trust/" + name).data)
                if name == "policy":
                    file.write(("require kafka evidence sshsig keyset "
                                "sha256:%s threshold 2\n" % digest).encode())
        policy = os.path.join(folder, "policy")
        verified = self.orrery("verify", "kafka", "--policy", policy, "-o",
                               "json").json
        self.assertEqual([(p["evidence"], p["principals"])
                          for p in verified["packages"]],
                         [("sshsig", ["alice@example.org",
                                      "bob@example.org"])])
        self.orrery("install", "kafka", "--yes", "--policy", policy)
        self.orrery("status", "kafka")

    def check_later(self, blocks):
        for who, script in blocks:
            self.run_block(who, script)
        status = self.sync()
        self.assertEqual((self.pending(status), self.refused(status)),
                         ([], []))
        self.assertEqual(len(self.leaves_of("yank")), 1)
        self.assertEqual(len(self.leaves_of("keyset")), 2)
        versions = self.orrery("versions", "kafka", "-o", "json").json
        self.assertEqual([(v["release"], v["state"])
                          for v in versions["releases"]], [(0, "yanked")])


if __name__ == "__main__":
    harness.main()
