"""Upgrades on this machine: what moves, why, what is held, and the way back."""

import json
import os
import re
import sqlite3
import urllib.request

from tests.e2e import harness
from tests.e2e.harness import release_files
from tests.e2e.relations_test import relations


def service_files(package, release, version, document=None, **changes):
    """A release that answers with its version, on a port of its own."""
    files = release_files(package, release, version, upgradesFrom=["*"],
                          downgradesTo=["*"])
    directory = "repo/packages/%s/%s/%d/" % (
        package[0].upper(), package, release)
    files[directory + "config.json"] = json.dumps({
        "type": "object", "properties": {
            "text": {"type": "string", "default": "hi"},
            "peer": {"type": "string", "default": ""}}})
    files[directory + "marathon.json.mustache"] = json.dumps(dict({
        "id": package,
        "cmd": "echo '%s {{text}} {{peer}}' > index.html; exec python3 -m "
               "http.server --bind $HOST $PORT0" % version,
        "cpus": 0.1, "mem": 32, "instances": 1,
        "portDefinitions": [{"port": 0, "name": "http"}],
        "healthChecks": [{"protocol": "HTTP", "path": "/", "portIndex": 0,
                          "gracePeriodSeconds": 30, "intervalSeconds": 1,
                          "maxConsecutiveFailures": 3}]}, **changes))
    if document is not None:
        files.update(relations(package, release, document))
    return files


class ServiceTestCase(harness.OrreryTestCase):
    """With what is asked of services that run."""

    def answer_of(self, service):
        status = self.orrery("status", service, "-o", "json").json
        endpoint = status["endpoints"][0]
        with urllib.request.urlopen("http://%s:%d/" % (
                endpoint["host"], endpoint["port"]),
                timeout=harness.PATIENCE) as answer:
            return answer.read().decode().strip()

    def version_of(self, service):
        return self.orrery("status", service, "-o", "json").json["version"]

    def pids_of(self, service):
        status = self.orrery("status", service, "-o", "json").json
        return [task["pid"] for task in status["tasks"]]

    def uninstall(self, *services):
        for service in services:
            self.orrery("uninstall", service, "--yes")

    def services(self):
        return [service["name"] for service in
                self.orrery("list", "-o", "json").json["services"]]


class UpgradeTest(ServiceTestCase):

    def test_only_what_is_asked_for_moves_and_what_is_held_is_said(self):
        files = service_files("db", 1, "1.0")
        files.update(service_files("db", 2, "2.0"))
        files.update(service_files("db", 3, "3.0"))
        files.update(service_files("app", 1, "1.0", {
            "requires": [{"package": "db"}]}))
        files.update(service_files("app", 2, "1.5", {
            "requires": [{"package": "db"}]}))
        files.update(service_files("app", 3, "2.0", {
            "requires": [{"package": "db", "versions": ">=2.0"}]}))
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "db@=1.0", "--yes")
        self.orrery("install", "app@=1.0", "--set", "text=mine", "--yes")
        before = self.pids_of("db")
        # A plan changes nothing.
        plan = self.orrery("upgrade", "app", "--dry-run", "-o", "json").json
        self.assertEqual([(s["action"], s["service"], s["from"]["version"],
                           s["version"]) for s in plan["steps"]],
                         [("update", "app", "1.0", "1.5")])
        self.assertEqual(plan["held"], [{
            "node": "app", "version": "1.5", "newest": "2.0",
            "reason": "app 2.0 needs db 2.0 and newer"}])
        self.assertEqual(self.answer_of("app"), "1.0 mine")
        done = self.orrery("upgrade", "app", "--yes")
        self.assertIn("app 1.0 (release 1) -> 1.5 (release 2)", done.err)
        self.assertIn("held back: app 1.5 (newest 2.0): app 2.0 needs db 2.0 "
                      "and newer", done.err)
        self.assertEqual(self.answer_of("app"), "1.5 mine")
        self.assertEqual(self.pids_of("db"), before)
        outdated = self.orrery("outdated", "-o", "json").json["services"]
        self.assertEqual([(s["node"], s["reachable"]["version"],
                           s["newest"]["version"], s["held"])
                          for s in outdated],
                         [("app", "1.5", "2.0",
                           "app 2.0 needs db 2.0 and newer"),
                          ("db", "3.0", "3.0", None)])
        # What must move does, by the least, and says why.
        done = self.orrery("upgrade", "app@>=2.0", "--yes")
        self.assertIn("update db on local: db 1.0 (release 1) -> 2.0 "
                      "(release 2) from source u, 1 instance\n"
                      "  because app 2.0 needs db 2.0 and newer\n", done.err)
        self.assertEqual(self.answer_of("app"), "2.0 mine")
        self.assertEqual(self.answer_of("db"), "2.0 hi")
        # What the other needs holds it, or goes only when that is said.
        done = self.orrery("upgrade", "app@>=2.0", "--hold", "app", "--yes")
        self.assertIn("app stays as it is", done.err)
        done = self.orrery("upgrade", "db@=1.0", "--allow-downgrade", "--hold",
                           "app", "--yes", code=4)
        self.assertIn("cannot upgrade db =1.0 on cluster local", done.err)
        self.assertIn("what would work", done.err)
        self.uninstall("app", "db")

    def test_release_that_a_better_source_hides_is_not_lost(self):
        self.add_source("s2", self.make_repository(
            "b", service_files("exec", 8, "1.3")), "--priority", "2")
        self.orrery("install", "exec", "--yes")
        self.add_source("s1", self.make_repository(
            "a", service_files("exec", 1, "1.3")), "--priority", "1")
        answer = self.orrery("resolve", "--update", "exec", "-o", "json").json
        self.assertEqual([(i["node"], i["action"], i["source"], i["release"])
                          for i in answer["items"]],
                         [("exec", "keep", "s2", 8)])
        self.assertEqual(answer["notes"], [])
        self.orrery("upgrade", "exec", "--set", "text=new", "--yes")
        self.assertEqual(self.answer_of("exec"), "1.3 new")
        self.uninstall("exec")

    def test_release_that_does_not_come_up_is_taken_back(self):
        files = service_files("app", 1, "1.0")
        files.update(service_files("app", 2, "2.0", cmd="exit 3",
                                   backoffSeconds=61))
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "app@=1.0", "--yes")
        done = self.orrery("upgrade", "app", "--yes", code=1)
        self.assertIn("app 1.0 runs again", done.err)
        self.assertEqual(self.version_of("app"), "1.0")
        self.assertEqual(self.answer_of("app"), "1.0 hi")
        note, = self.notes_on_outdated()
        self.assertEqual(note["code"], "failed-here")
        self.assertRegex(note["text"], r"^app 2\.0 \(release 2\) failed here at "
                         r"[0-9TZ:-]{20}: .*exit code 3.*app 1\.0 runs again")
        self.assertIn(note["text"], self.orrery("outdated").out)
        # Another release, or other bytes of this one, may come up.
        self.commit(self.path("repository"), service_files("app", 2, "2.0"))
        self.orrery("source", "sync", "u")
        self.assertEqual(self.notes_on_outdated(), [])
        self.uninstall("app")

    def notes_on_outdated(self):
        service, = self.orrery("outdated", "-o", "json").json["services"]
        return service["notes"]

    def test_size_of_a_volume_is_refused_before_anything_begins(self):
        files = service_files(
            "db", 1, "1.0", unreachableStrategy="disabled",
            upgradeStrategy={"minimumHealthCapacity": 0,
                             "maximumOverCapacity": 0},
            container={"type": "MESOS", "volumes": [{
                "containerPath": "data", "mode": "RW",
                "persistent": {"size": "@size@"}}]})
        directory = "repo/packages/D/db/1/"
        config = json.loads(files[directory + "config.json"])
        config["properties"]["size"] = {"type": "integer", "default": 1}
        files[directory + "config.json"] = json.dumps(config)
        files[directory + "marathon.json.mustache"] = files[
            directory + "marathon.json.mustache"].replace(
                '"@size@"', "{{size}}")
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "db", "--yes")
        pids = self.pids_of("db")
        before = self.orrery("operation", "list").out
        done = self.orrery("upgrade", "db", "--set", "size=2", "--set",
                           "text=new", "--yes", code=4)
        self.assertIn("/container/volumes/data: is 1 MiB and is to be 2 MiB, "
                      "which may not change on update", done.err)
        self.assertEqual(self.pids_of("db"), pids)
        self.assertEqual(self.orrery("operation", "list").out, before)
        # Without it the rest is done, by what was offered.
        offered = re.search("what can change alone: orrery ([^(]*)", done.err)
        self.assertEqual(offered[1].split(),
                         ["upgrade", "db", "--set", "text=new"])
        self.orrery(*offered[1].split(), "--yes")
        self.assertEqual(self.answer_of("db"), "1.0 new")
        self.uninstall("db")

    def stored(self):
        """All that the server keeps of services and operations, and says."""
        state = sqlite3.connect("file:%s?mode=ro" % os.path.join(
            self.server.data_dir, "state.db"), uri=True)
        try:
            rows = state.execute("SELECT * FROM entries ORDER BY key")
            return (rows.fetchall(), self.orrery("list", "-o", "json").out,
                    self.orrery("operation", "list", "-o", "json").out)
        finally:
            state.close()

    def test_plan_stores_nothing(self):
        files = service_files("app", 1, "1.0")
        for release in (2, 3):
            files.update(service_files("app", release, "%d.0" % release))
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "app@=1.0", "--yes")
        self.orrery("upgrade", "app@=2.0", "--yes")
        mirror = self.path("mirror.tar")
        self.orrery("mirror", "export", "app", "--out", mirror)
        before = self.stored()
        for command in (("upgrade", "app", "--dry-run"),
                        ("rollback", "app", "--dry-run"),
                        ("uninstall", "app", "--dry-run"),
                        ("install", "app", "--name", "other", "--dry-run"),
                        ("mirror", "verify", mirror)):
            self.orrery(*command)
            self.assertEqual(self.stored(), before, command)
        self.uninstall("app")

    def test_upgrade_outlives_a_kill_of_the_server(self):
        files = service_files("app", 1, "1.0")
        files.update(service_files("app", 2, "2.0"))
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "app@=1.0", "--yes")
        self.orrery("upgrade", "app", "--yes", "--no-wait")
        self.server.kill()
        self.server = self.start_server()
        harness.wait_for("app 2.0 to run",
                         lambda: self.version_of("app") == "2.0")
        self.assertEqual(self.answer_of("app"), "2.0 hi")
        self.uninstall("app")

    def test_lower_label_of_a_newer_release_wants_its_own_word(self):
        files = service_files("app", 1, "2.10.0")
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "app", "--yes")
        self.commit(self.path("repository"), service_files("app", 2, "2.4.1"))
        self.orrery("source", "sync", "u")
        done = self.orrery("upgrade", "app", "--yes", code=64)
        self.assertIn("\n  label goes down: 2.10.0 -> 2.4.1\n", done.err)
        self.assertEqual(self.version_of("app"), "2.10.0")
        self.orrery("upgrade", "app", "--yes", "--allow-label-downgrade")
        self.assertEqual(self.answer_of("app"), "2.4.1 hi")
        self.uninstall("app")

    def test_install_takes_the_flags_of_resolve_and_locks(self):
        files = service_files("app", 1, "1.0", {"requires": [{"anyOf": [
            {"package": "db", "bind": [
                {"output": "name", "option": "/peer"}]},
            {"package": "other"}]}]})
        files.update(service_files("db", 1, "1.0", {"outputs": {"name": {
            "type": "string", "value": [{"service": "id"}]}}}))
        files.update(service_files("other", 1, "1.0"))
        self.add_source("u", self.make_repository(files=files))
        lock = self.path("app.lock")
        self.orrery("install", "app", "--exclude", "db", "--lock", lock,
                    "--dry-run")
        self.assertFalse(os.path.exists(lock))
        plan = self.orrery("install", "app", "--exclude", "db", "--dry-run",
                           "-o", "json").json
        self.assertEqual([s["service"] for s in plan["steps"]],
                         ["other", "app"])
        self.assertEqual(plan["steps"][0]["reason"],
                         "app needs db | other")
        # What one command has locked another carries out.
        self.orrery("resolve", "app", "--lock", lock)
        self.commit(self.path("repository"), service_files("db", 2, "2.0"))
        self.orrery("source", "sync", "u")
        self.orrery("install", "app", "--lock", lock, "--locked", "--yes")
        self.assertEqual(self.answer_of("app"), "1.0 hi db")
        self.assertEqual(self.version_of("db"), "1.0")
        tree = self.orrery("show", "db@=1.0", "-o", "json").json["tree"]
        done = self.orrery("resolve", "db", "--tree", "db=" + tree, "-o",
                           "json").json
        self.assertEqual([i["version"] for i in done["items"]], ["1.0"])
        self.orrery("resolve", "db", "--tree", "db=h1:none", code=4)
        self.uninstall("app", "db")

    def test_source_that_is_gone_is_never_changed_in_silence(self):
        self.add_source("s", self.make_repository(
            "a", service_files("app", 1, "1.0")))
        self.orrery("install", "app", "--yes")
        self.orrery("source", "remove", "s", "--yes")
        done = self.orrery("upgrade", "app", "--yes", code=4)
        self.assertIn("source s, from which app came, is not configured; add "
                      "it again: orrery source add s ", done.err)
        self.assertNotIn("--allow-source-change", done.err)
        self.add_source("t", self.make_repository(
            "b", service_files("app", 5, "5.0")))
        done = self.orrery("upgrade", "app", "--yes", code=4)
        self.assertIn("or go on with what source t has of it: "
                      "--allow-source-change", done.err)
        shown = self.orrery("outdated", "-o", "json").json["services"][0]
        self.assertEqual((shown["version"], shown["reachable"]["version"]),
                         ("1.0", "1.0"))
        plan = self.orrery("upgrade", "app", "--allow-source-change",
                           "--dry-run", "-o", "json").json
        note, = [note for note in plan["notes"]
                 if note["code"] == "source-change"]
        self.assertIn("source t now, and came from s before", note["text"])
        self.assertIn(note["text"], plan["warnings"])
        self.orrery("upgrade", "app", "--allow-source-change", "--yes")
        self.assertEqual(self.answer_of("app"), "5.0 hi")
        self.uninstall("app")


if __name__ == "__main__":
    harness.main()
