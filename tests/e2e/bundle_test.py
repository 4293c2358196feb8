"""`orrery mirror`: what a registry has, in a file, on the other side of an air
gap."""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tarfile

from tests.e2e import harness
from tests.e2e.fault_test import Faults
from tests.e2e.harness import release_files
from tests.e2e.verify_test import VerifyCase, serve


def relations_file(name, release, **members):
    return {"repo/packages/%s/%s/%d/relations.json" % (
        name[0].upper(), name, release): json.dumps(members) + "\n"}


def resource_file(name, release, **members):
    return {"repo/packages/%s/%s/%d/resource.json" % (
        name[0].upper(), name, release): json.dumps(members) + "\n"}


class BundleCase(VerifyCase):

    def setUp(self):
        super().setUp()
        self.policy = self.pin()
        self.out = self.path("b.tar")

    def mirror_command(self, *arguments, code=0, **options):
        return self.orrery("mirror", *arguments, "--policy", self.policy, "-o",
                           "json", code=code, **options)

    def export(self, *arguments, code=0, out=None, **options):
        return self.mirror_command("export", *arguments, "--out",
                                   out or self.out, code=code, **options)

    def export_for_people(self, *arguments):
        return self.orrery("mirror", "export", *arguments, "--policy",
                           self.policy, "--out", self.out)

    def no_export(self, exit_code, refusal, *arguments):
        """It is refused, and there is no file."""
        self.drop()
        before = sorted(os.listdir(self.scratch))
        done = self.export(*arguments, code=exit_code)
        self.assertEqual(done.out, "")
        found = json.loads(done.err.splitlines()[0])
        self.assertEqual(found["refused"], refusal, done)
        self.assertEqual(sorted(os.listdir(self.scratch)), before)
        return found

    def drop(self):
        with contextlib.suppress(FileNotFoundError):
            os.remove(self.out)

    def members(self):
        with tarfile.open(self.out) as tar:
            return {one.name: tar.extractfile(one).read()
                    for one in tar.getmembers()}

    def there(self, *words, state="there", **options):
        """On the other side: another state, another cache."""
        return self.mirror_command(
            *words, "--state", self.path(state),
            env={"XDG_CACHE_HOME": self.path(state + "-cache")}, **options)

    def verify_there(self, mirror, *packages, state="there"):
        return self.verify(
            *packages, "--policy", self.policy, "--state", self.path(state),
            "--mirror", mirror,
            env={"XDG_CACHE_HOME": self.path(state + "-cache2")}).json


class ExportTest(BundleCase):

    def test_other_tools_read_it(self):
        told = self.export("hello@release=1").json
        tree = self.path("tree")
        os.mkdir(tree)
        listed = subprocess.run(
            ["tar", "tvf", self.out, "--utc", "--full-time"],
            stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
        self.assertEqual(len(listed), told["members"] + 1)
        for line in listed:
            self.assertRegex(line, r"^-rw-r--r-- 0/0 +[0-9]+ "
                             r"1970-01-01 00:00:00 [a-z]")
        names = [line.split()[-1] for line in listed]
        self.assertEqual(names, ["bundle.manifest", *sorted(names[1:])])
        subprocess.run(["tar", "xf", self.out, "-C", tree], check=True)
        subprocess.run(["sha256sum", "--quiet", "--strict", "-c",
                        "bundle.manifest"], cwd=tree, check=True)
        self.assertEqual(os.path.getsize(self.out), told["bytes"])

    def test_exporter_signs_by_key_or_agent_and_other_tools_agree(self):
        key = self.path("exporter")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        key], check=True)
        self.export("--all", "--sign", key)
        with open(self.out, "rb") as file:
            by_key = file.read()
        with tarfile.open(self.out) as tar:
            self.assertEqual(tar.getnames()[:2],
                             ["bundle.manifest", "bundle.manifest.sig"])
        members = self.members()
        signature = self.path("sig")
        with open(signature, "wb") as file:
            file.write(members["bundle.manifest.sig"])
        with open(key + ".pub", encoding="ascii") as file:
            public = file.read()
        with open(self.path("signers"), "w", encoding="ascii") as file:
            file.write("exporter@example.org " + public)
        subprocess.run(
            ["ssh-keygen", "-Y", "verify", "-f", self.path("signers"), "-I",
             "exporter@example.org", "-n", "bundle@orrery", "-s", signature],
            input=members["bundle.manifest"], check=True,
            stdout=subprocess.DEVNULL)
        self.there("verify", self.out, "--signer", key + ".pub")
        self.there("import", self.out, "--to", self.path("to"), "--signer",
                   key + ".pub")
        self.assertFalse(os.path.exists(self.path("to",
                                                  "bundle.manifest.sig")))
        with harness.ssh_agent(key) as agent:
            self.export("--all", "--sign", "agent", env=agent)
            with open(self.out, "rb") as file:
                self.assertEqual(file.read(), by_key)
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                            "-f", key + "2"], check=True)
            subprocess.run(["ssh-add", "-q", key + "2"], check=True,
                           env={**os.environ, **agent})
            self.drop()
            done = self.export("--all", "--sign", "agent", env=agent, code=64)
            self.assertIn("2 keys", done.err)
            self.export("--all", "--sign", key + ".pub", env=agent)
        self.drop()
        self.export("--all", "--sign", self.path("nothing"), code=64)
        self.assertFalse(os.path.exists(self.out))

    def test_has_the_whole_log_and_the_files_of_what_is_named(self):
        told = self.export("hello@release=1").json
        one, = told["packages"]
        self.assertEqual(
            (one["package"], one["release"], one["revision"], one["records"],
             one["files"], one["missing"]), ("hello", 1, 1, 2, 1, []))
        size = told["size"]
        names = set(self.members())
        blobs = {name for name in names if name.startswith("blob/")}
        self.assertEqual(len(blobs), 1)
        self.assertEqual(
            {name for name in names - blobs if "catalog/" not in name},
            {"bundle.manifest", "log/checkpoint", "log/tile/0/000.p/%d" % size,
             "log/tile/entries/000.p/%d" % size})
        self.assertEqual(len(names), 6)

    def test_same_checkpoint_gives_the_same_bytes(self):
        mirror = self.mirror()
        again = self.path("again.tar")
        for words in (("--all",), ("hello", "bye"),
                      ("bye", "hello@release=0", "hello@release=1", "bye")):
            self.export(*words, "--mirror", mirror)
            self.export(*words, "--mirror", mirror, out=again,
                        env={"XDG_CACHE_HOME": self.path("cold")})
            with open(self.out, "rb") as one, open(again, "rb") as other:
                self.assertEqual(one.read(), other.read())

    def test_name_alone_is_every_release_that_may_be_chosen(self):
        self.assertEqual(
            [(one["package"], one["release"])
             for one in self.export("hello").json["packages"]],
            [("hello", 0), ("hello", 1)])
        self.commit(self.repository, {
            "repo/packages/H/hello/0/package.json": None})
        self.orrery("source", "sync", "u")
        told = self.export("--all").json
        self.assertEqual(
            [(one["package"], one["release"]) for one in told["packages"]],
            [("bye", 0), ("hello", 1)])
        self.assertEqual(
            [(one["package"], one["release"], one["refused"])
             for one in told["left_out"]],
            [("hello", 0, "version.withdrawn")])
        self.assertRegex(self.export_for_people("--all").err,
                         "left out: .*version.withdrawn")
        self.no_export(13, "version.withdrawn", "hello@release=0")

    def test_what_is_not_there_gives_no_file(self):
        self.no_export(13, "version.absent", "nothing")
        self.no_export(13, "version.absent", "hello@release=7")
        mirror = self.mirror()
        blob = next(os.path.join(folder, files[0]) for folder, _, files
                    in os.walk(mirror + "/blob") if files)
        size = os.path.getsize(blob)
        os.remove(blob)
        self.no_export(11, "log.unavailable", "--all", "--mirror", mirror)
        with open(blob, "wb") as file:
            file.write(bytes(size))
        self.no_export(14, "content.digest", "--all", "--mirror", mirror)
        with open(self.out, "wb") as file:
            file.write(b"older")
        self.export("--all", "--mirror", mirror, code=14)
        with open(self.out, "rb") as file:
            self.assertEqual(file.read(), b"older")

    def test_wrong_words_are_a_usage_error(self):
        for words in ((), ("hello", "--all"), ("--all", "--since", "x"),
                      ("--all", "--since", "1000"), ("hello@1",),
                      ("--all", "--registry", "corp")):
            self.export(*words, code=64)
            self.assertFalse(os.path.exists(self.out))
        self.mirror_command("export", "--all", code=64)
        self.mirror_command("import", self.out, code=64)

    def test_without_policy_and_server_the_way_out_is_named(self):
        self.export("--all")
        self.server.stop()
        for words in (("import", self.out, "--to", self.path("there")),
                      ("verify", self.out)):
            for flags in ((), ("--offline",)):
                done = self.orrery("mirror", *words, *flags, "-o", "json",
                                   code=11, env={"HOME": self.path("nobody")})
                refusal = json.loads(done.err)
                self.assertEqual(refusal["refused"], "log.unavailable")
                self.assertIn("say --policy FILE", refusal["detail"])
        self.assertFalse(os.path.exists(self.path("there")))

    def test_what_a_package_requires_is_not_forgotten(self):
        self.commit(self.repository, {
            **release_files("app", 0), **relations_file("app", 0, requires=[
                {"package": "hello", "versions": ">=2"}])})
        self.orrery("source", "sync", "u")
        for words in (("app",), ("app@release=0", "hello@release=0")):
            self.assertIn(("hello", 1), [
                (one["package"], one["release"])
                for one in self.export(*words).json["packages"]])
        told = self.export("app", "--no-deps").json
        self.assertEqual([(one["package"], one["missing"])
                          for one in told["packages"]],
                         [("app", ["hello >=2"])])
        self.assertIn("hello >=2, which app@release=0#1 requires",
                      self.export_for_people("app", "--no-deps").err)
        # The policy decides what may meet it.
        with open(self.policy, "a", encoding="ascii") as file:
            file.write("deny release hello 1\n")
        found = self.no_export(16, "bundle.gap", "app")
        self.assertEqual((found["package"], found["release"]), ("app", 0))
        self.assertIn("hello >=2", found["detail"])

    def test_what_cannot_go_is_listed(self):
        self.commit(self.repository, {
            **release_files("web", 0), **resource_file(
                "web", 0, assets={
                    "uris": {"zip": "https://example.org/web.zip"},
                    "container": {"docker": {
                        "image": "docker.io/example/web:1"}}},
                images={"icon-small": "https://example.org/icon.png"})})
        self.orrery("source", "sync", "u")
        one, = self.export("web").json["packages"]
        self.assertEqual(one["elsewhere"], [
            "icon https://example.org/icon.png",
            "image docker.io/example/web:1",
            "uri https://example.org/web.zip"])
        self.assertIn("not in the bundle: image docker.io/example/web:1",
                      self.export_for_people("web").err)


class ImportTest(BundleCase):

    def test_a_machine_without_a_network_will_do(self):
        self.export("hello@release=1")
        self.server.stop()
        alone = next((prefix for prefix in (["unshare", "-rn"],
                                            ["unshare", "-n"])
                      if subprocess.run([*prefix, "true"], check=False,
                                        stderr=subprocess.DEVNULL
                                        ).returncode == 0), [])
        mirror = self.path("served")
        for words in (("verify", self.out), ("import", self.out, "--to",
                                             mirror), ("verify", mirror)):
            done = subprocess.run(
                [*alone, harness.ORRERY, "mirror", *words, "--policy",
                 self.policy, "--state", self.path("there"), "-o", "json"],
                env={"PATH": "/usr/bin:/bin", "HOME": self.path("nobody")},
                stdout=subprocess.PIPE, check=True, text=True)
            one, = json.loads(done.stdout)["packages"]
            self.assertEqual((one["package"], one["release"]), ("hello", 1))
        if not alone:
            self.skipTest("no network namespace may be made here")

    def test_directory_and_web_server_serve_what_was_imported(self):
        self.export("hello", "bye")
        self.server.stop()
        mirror = self.path("srv", "mirror")
        self.there("import", self.out, "--to", mirror)
        web = serve(mirror)
        self.addCleanup(web.shutdown)
        for place in (mirror, "http://127.0.0.1:%d" % web.server_port):
            told = self.verify_there(place, "hello", "bye",
                                     "hello@release=0")
            self.assertEqual(len(told["packages"]), 3)
        self.assertEqual(sorted(os.listdir(mirror)), ["blob", "catalog",
                                                      "log"])

    def test_a_directory_with_other_files_is_no_mirror(self):
        self.export("hello")
        there = self.path("volume")
        for folder in ("lost+found", "blob", ".import"):
            os.makedirs(os.path.join(there, folder))
        notes = os.path.join(there, "notes")
        with open(notes, "w", encoding="ascii") as file:
            file.write("mine")
        done = self.there("import", self.out, "--to", there, code=4)
        self.assertIn("is no mirror, and notes is in it", done.err)
        self.assertEqual(sorted(os.listdir(there)),
                         [".import", "blob", "lost+found", "notes"])
        self.assertEqual(os.listdir(os.path.join(there, "blob")), [])
        os.remove(notes)
        self.there("import", self.out, "--to", there)
        # Beside a mirror anything may lie.
        with open(notes, "w", encoding="ascii") as file:
            file.write("mine")
        self.there("import", self.out, "--to", there)

    def test_difference_goes_on_from_what_was_imported(self):
        size = self.export("hello").json["size"]
        mirror = self.path("mirror")
        self.there("import", self.out, "--to", mirror)
        self.commit(self.repository, release_files("late", 0))
        self.orrery("source", "sync", "u")
        self.export("late", "--since", str(size))
        self.there("verify", self.out)
        self.there("import", self.out, "--to", mirror)
        self.verify_there(mirror, "late", "hello@release=0")
        done = self.there("import", self.out, "--to", self.path("empty"),
                          state="other", code=16)
        found = json.loads(done.err)
        self.assertEqual(found["refused"], "bundle.gap")
        self.assertIn("from %d leaves" % size, found["detail"])
        self.assertIn("0 were seen", found["detail"])
        self.assertFalse(os.path.exists(self.path("empty")))

    def test_overlay_goes_along_and_what_it_says_later_arrives(self):
        def say(**members):
            return relations_file("hello", 1, **members)

        def blob_of(files):
            text, = files.values()
            digest = hashlib.sha256(text.encode()).hexdigest()
            return "blob/sha256/%s/%s" % (digest[:2], digest[2:])
        first = say(requires=[{"package": "bye"}])
        overlay = self.make_repository("overlay", first)
        self.add_source("x", overlay, "--overlay", "u")
        told = self.export("hello@release=1").json
        self.assertEqual(
            [(one["package"], one["release"]) for one in told["packages"]],
            [("bye", 0), ("hello", 1)])
        self.assertIn(blob_of(first), self.members())
        mirror = self.path("mirror")
        self.there("import", self.out, "--to", mirror)
        second = say(requires=[])
        self.commit(overlay, second)
        self.orrery("source", "sync", "x")
        told = self.export("hello@release=1", "--since",
                           str(told["size"])).json
        self.assertEqual([one["package"] for one in told["packages"]],
                         ["hello"])
        self.there("import", self.out, "--to", mirror)
        self.there("verify", mirror)
        os.remove(os.path.join(mirror, blob_of(second)))
        done = self.there("verify", mirror, code=16)
        self.assertEqual(json.loads(done.err.splitlines()[0])["refused"],
                         "bundle.gap")

    def test_artifacts_go_along_when_asked_to(self):
        program = self.path("program.tgz")
        with open(program, "wb") as file:
            file.write(os.urandom(3 << 20))
        uri = self.orrery("artifact", "add", program, "-o",
                          "json").json["uri"]
        with open(program, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        blob = "blob/sha256/%s/%s" % (digest[:2], digest[2:])
        self.commit(self.repository, {
            **release_files("web", 0), **resource_file(
                "web", 0, assets={"uris": {"program": uri}})})
        self.orrery("source", "sync", "u")
        done = self.export_for_people("web")
        self.assertNotIn(blob, self.members())
        self.assertIn("not in the bundle: artifact " + digest, done.err)
        done = self.export("web", "--with-assets")
        self.assertEqual(done.json["packages"][0]["artifacts"],
                         ["sha256:" + digest])
        self.assertEqual(done.err, "")
        mirror = self.path("mirror")
        done = self.orrery(
            "mirror", "import", self.out, "--policy", self.policy, "--state",
            self.path("there"), "--to", mirror)
        self.assertIn("artifact add %s/%s" % (mirror, blob), done.err)
        with open(program, "rb") as one, open(os.path.join(mirror, blob),
                                              "rb") as other:
            self.assertEqual(one.read(), other.read())
        # From a directory as well as from the registry.
        again = self.path("again.tar")
        self.export("web", "--with-assets", "--mirror", mirror, out=again)
        with open(self.out, "rb") as one, open(again, "rb") as other:
            self.assertEqual(one.read(), other.read())
        self.orrery("artifact", "remove", digest, "--yes")
        self.no_export(11, "log.unavailable", "web", "--with-assets")

    def test_hole_in_a_mirror_is_found(self):
        self.commit(self.repository, {
            **release_files("app", 0),
            "repo/packages/A/app/0/config.json": '{"type":"object"}\n'})
        self.orrery("source", "sync", "u")
        self.export("--all")
        mirror = self.path("mirror")
        self.there("import", self.out, "--to", mirror)
        told = self.there("verify", mirror).json
        self.assertEqual([one["package"] for one in told["packages"]],
                         ["app", "bye", "hello", "hello"])
        config = hashlib.sha256(b'{"type":"object"}\n').hexdigest()
        os.remove(os.path.join(mirror, "blob/sha256", config[:2], config[2:]))
        found = json.loads(self.there("verify", mirror, code=16).err)
        self.assertEqual(found["refused"], "bundle.gap")
        self.assertIn("app@release=0#1", found["detail"])


class CrashTest(BundleCase):

    def rounds(self, folder, command, kinds=("kill", "torn")):
        """Runs it with a fault at one change after the other, until there
        are no more; yields after each."""
        faults = Faults(self.path(), folder)
        for kind in kinds:
            for number in range(1, 400):
                faults.set(number, kind)
                subprocess.run(
                    command, env={
                        "PATH": "/usr/bin:/bin", "HOME": self.home,
                        **faults.environment}, check=False,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                call = faults.take()
                yield call
                if not call:
                    break
            else:
                self.fail("there is no end to its calls")

    def test_killed_export_leaves_what_was_there(self):
        folder = self.path("out")
        os.mkdir(folder)
        out = os.path.join(folder, "b.tar")
        mirror = self.mirror()
        self.export("hello@release=1", "--mirror", mirror)
        with open(self.out, "rb") as file:
            whole = file.read()
        for call in self.rounds(folder, [
                harness.ORRERY, "mirror", "export", "hello@release=1",
                "--policy", self.policy, "--mirror", mirror, "--out", out]):
            if os.path.exists(out):
                with open(out, "rb") as file:
                    self.assertEqual(file.read(), whole, call)
                os.remove(out)

    def test_killed_import_leaves_a_mirror_that_is_whole_or_none(self):
        self.export("hello@release=1")
        folder = self.path("served")
        mirror = os.path.join(folder, "mirror")
        os.mkdir(folder)
        seen = set()
        for call in self.rounds(folder, [
                harness.ORRERY, "mirror", "import", self.out, "--policy",
                self.policy, "--to", mirror]):
            is_whole = os.path.exists(os.path.join(mirror, "log/checkpoint"))
            seen.add(is_whole)
            if is_whole:
                self.verify_there(mirror, "hello")
                if not call:
                    self.assertFalse(os.path.exists(
                        os.path.join(mirror, ".import")))
            shutil.rmtree(mirror, ignore_errors=True)
        self.assertEqual(seen, {True, False})


if __name__ == "__main__":
    harness.main()
