"""What services tell each other, and who is there only for others."""

import json
import os
import shutil

from tests.e2e import harness
from tests.e2e.harness import release_files
from tests.e2e.relations_test import relations
from tests.e2e.upgrade_test import ServiceTestCase, service_files

# The PATH that instances have.
INSTANCE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def web_files(release, version, requirements, options):
    """A release that answers with a number, twice, and a list."""
    files = service_files("web", release, version, {"requires": requirements},
                          env={"DB": "{{port}}"})
    directory = "repo/packages/W/web/%d/" % release
    files[directory + "config.json"] = json.dumps({
        "type": "object", "properties": options})
    app = json.loads(files[directory + "marathon.json.mustache"])
    del app["cmd"]
    app["args"] = ["/bin/sh", "-c", "echo \"{{port}} $DB $*\" > index.html; "
                   "exec python3 -m http.server --bind $HOST $PORT0", "@sh@"]
    files[directory + "marathon.json.mustache"] = json.dumps(app).replace(
        '"@sh@"', '"sh"{{#nodes}}, {{.}}{{/nodes}}')
    return files


OUTPUTS = {
    "port": {"type": "integer",
             "value": [{"address": "http", "part": "port"}]},
    "nodes": {"type": "list", "value": ["x", {"endpoints": "http"}]},
    "url": {"type": "string", "value": ["http://", {"address": "http"},
                                        "/", {"option": "/text"}]},
    "peer": {"type": "string", "value": [{"option": "/peer"}]}}


class WiringTest(ServiceTestCase):

    def port_of(self, service):
        status = self.orrery("status", service, "-o", "json").json
        return status["endpoints"][0]["port"]

    def test_late_outputs_fill_options_of_every_type(self):
        files = service_files("db", 1, "1.0", {"outputs": OUTPUTS})
        options = {"port": {"type": "integer", "minimum": 1,
                            "maximum": 65535},
                   "nodes": {"type": "array", "items": {"type": "string"}}}
        bind = [{"package": "db", "bind": [
            {"output": "port", "option": "/port"},
            {"output": "nodes", "option": "/nodes"}]}]
        files.update(web_files(1, "1.0", bind, options))
        options["port"]["maximum"] = 1024
        files.update(web_files(2, "2.0", bind, options))
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "web@=1.0", "--yes")
        port = self.port_of("db")
        self.assertEqual(self.answer_of("web"), "%d %d x 127.0.0.1:%d" % (
            port, port, port))
        # Of one that runs it is known beforehand, and judged.
        done = self.orrery("install", "web", "--name", "w2", "--yes", code=4)
        self.assertIn("/port: found %d, wanted at most 1024" % port, done.err)
        self.orrery("uninstall", "web", "--with-unused", "--yes")
        self.assertEqual(self.services(), [])
        # What comes up with it can be judged only then.
        done = self.orrery("install", "web@=2.0", "--yes", code=4)
        self.assertIn(", and option /port wants at most 1024", done.err)
        # The db came for it alone.
        harness.wait_for("db to go", lambda: not self.services())

    def test_what_a_provider_is_told_reaches_everyone_behind_it(self):
        files = service_files("zk", 1, "1.0", {"outputs": OUTPUTS})
        files.update(service_files("kafka", 1, "1.0", {
            "outputs": OUTPUTS, "requires": [{"package": "zk", "bind": [
                {"output": "url", "option": "/peer"}]}]}))
        files.update(service_files("app", 1, "1.0", {
            "requires": [{"package": "kafka", "bind": [
                {"output": "peer", "option": "/peer"}]}]}))
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "app", "--yes")
        url = "http://127.0.0.1:%d/" % self.port_of("zk")
        self.assertEqual(self.answer_of("app"), "1.0 hi %shi" % url)
        done = self.orrery("upgrade", "zk", "--set", "text=new", "--yes")
        self.assertIn("update app on local: app stays 1.0 (release 1) from "
                      "source u, 1 instance\n  because what others tell it may "
                      "change", done.err)
        url = "http://127.0.0.1:%d/" % self.port_of("zk")
        self.assertEqual(self.answer_of("kafka"), "1.0 hi %snew" % url)
        self.assertEqual(self.answer_of("app"), "1.0 hi %snew" % url)
        # Who is told the same is left alone.
        pids = self.pids_of("app")
        self.orrery("upgrade", "zk", "--set", "peer=unused", "--yes")
        self.assertEqual(self.pids_of("app"), pids)
        self.uninstall("app", "kafka", "zk")

    def test_a_secret_reaches_whom_it_is_for_and_is_shown_to_nobody(self):
        secret = "hunter2-of-the-vault"
        bind = lambda provider, output: [{"package": provider, "bind": [
            {"output": output, "option": "/peer"}]}]
        files = service_files("vault", 1, "1.0", {"outputs": {
            "key": {"type": "string", "value": [{"option": "/password"}]}}})
        files["repo/packages/V/vault/1/config.json"] = json.dumps({
            "type": "object", "properties": {
                "password": {"type": "string", "default": secret}}})
        files.update(service_files("relay", 1, "1.0", {
            "outputs": OUTPUTS, "requires": bind("vault", "key")}))
        files.update(service_files("app", 1, "1.0", {
            "requires": bind("relay", "peer")}))
        self.add_source("u", self.make_repository(files=files))
        reference = {"peer": {"$secret": "/peer"}}
        plan = self.orrery("install", "app", "--dry-run", "-o", "json").json
        self.assertEqual(
            {step["service"]: step["computed"] for step in plan["steps"]},
            {"vault": {}, "relay": reference, "app": reference})
        shown = [self.orrery("install", "app", "--yes"),
                 self.orrery("upgrade", "app", "--set", "text=new", "--yes")]
        self.assertEqual(self.answer_of("app"), "1.0 new " + secret)
        shown += [self.orrery(*words) for words in (
            ("status", "vault"), ("status", "relay"), ("status", "app"),
            ("list",), ("list", "-o", "json"),
            ("status", "relay", "-o", "json"))]
        for answer in shown:
            self.assertNotIn(secret, answer.out + answer.err)
        self.assertIn({"name": "peer", "value": "(secret)"},
                      shown[-1].json["outputs"])
        self.uninstall("app", "relay", "vault")

    def test_what_came_with_others_is_known_and_goes_along(self):
        files = service_files("disk", 1, "1.0")
        files.update(service_files("db", 1, "1.0", {
            "requires": [{"package": "disk"}]}))
        files.update(service_files("app", 1, "1.0", {
            "requires": [{"package": "db"}]}))
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "app", "--yes")
        plan = self.orrery("uninstall", "app", "--with-unused", "--dry-run",
                           "-o", "json").json
        self.assertEqual(
            [(s["action"], s["service"], s["after"]) for s in plan["steps"]],
            [("remove", "app", []), ("remove", "db", ["app"]),
             ("remove", "disk", ["db"])])
        done = self.orrery("uninstall", "app", "--yes")
        self.assertIn("warning: db was added for app, and nothing will need it "
                      "then; --with-unused takes it along", done.err)
        note = {"code": "orphan", "text":
                "db was added for app, and nothing needs it any more; it goes "
                "by: orrery uninstall db"}
        services = self.orrery("list", "-o", "json").json["services"]
        self.assertEqual([s["notes"][0]["code"] for s in services],
                         ["orphan", "orphan"])
        self.assertEqual(services[0]["notes"], [note])
        self.assertEqual(services[0]["added_for"], ["app"])
        self.assertIn("note: db was added", self.orrery("status", "db").out)
        outdated = self.orrery("outdated", "-o", "json").json["services"]
        self.assertEqual(outdated[0]["notes"], [note])
        answer = self.orrery("resolve", "--installed", "-o", "json").json
        self.assertIn(note, answer["items"][1]["notes"])
        # Somebody wants it now.
        done = self.orrery("install", "disk", "--yes")
        self.assertIn("because it was added for db, and is asked for now",
                      done.err)
        self.orrery("uninstall", "db", "--with-unused", "--yes")
        self.assertEqual(self.services(), ["disk"])
        self.uninstall("disk")

    def test_what_still_starts_goes_along_too(self):
        files = service_files("db", 1, "1.0", cmd="exec sleep 1000")
        files.update(service_files("app", 1, "1.0", {
            "requires": [{"package": "db"}]}))
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "app", "--yes", "--no-wait")
        harness.wait_for("a task of db", lambda: self.pids_of("db"))
        self.orrery("uninstall", "app", "--with-unused", "--yes")
        self.assertEqual(self.services(), [])
        harness.wait_for("its end", lambda: not self.living())

    def test_choice_between_services_of_a_package_is_noted(self):
        files = service_files("db", 1, "1.0")
        files.update(service_files("app", 1, "1.0", {
            "requires": [{"package": "db"}]}))
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "db", "--name", "db-a", "--yes")
        self.orrery("install", "db", "--name", "db-b", "--yes")
        answer = self.orrery("resolve", "app", "--installed", "-o",
                             "json").json
        self.assertEqual(answer["notes"], [{
            "code": "instance.ambiguous", "text":
            "several services are db: db-a, db-b; app uses db unless you say "
            "which: --bind app:db=SERVICE"}])
        answer = self.orrery("resolve", "app", "--installed", "--bind",
                             "app:db=db-b", "-o", "json").json
        self.assertEqual(answer["notes"], [])
        self.uninstall("db-a", "db-b")

    def test_locks_are_written_before_the_start_and_looked_at_in_any_case(self):
        files = service_files("db", 1, "1.0")
        files.update(service_files("app", 1, "1.0", {
            "requires": [{"package": "db"}]}))
        self.add_source("u", self.make_repository(files=files))
        # A plan whose lock cannot be kept is not begun.
        done = self.orrery("install", "app", "--lock",
                           self.path("none/app.lock"), "--yes", code=None)
        self.assertNotEqual(done.code, 0)
        self.assertEqual(self.services(), [])
        lock = self.path("app.lock")
        self.orrery("install", "app", "--lock", lock, "--yes")
        with open(lock, encoding="utf-8") as file:
            first = file.read()
        self.assertIn('"node": "db"', first)
        why = self.orrery("why", "db", "--lock", lock).out
        self.assertEqual(why, "app 1.0  (you ask for app)\n  db 1.0  (db)\n"
                              "db comes from source u\n")
        os.remove(lock)
        # Nothing is to be done, and the lock is written all the same.
        done = self.orrery("install", "app", "--lock", lock, "--yes")
        self.assertIn("already installed", done.err)
        self.assertTrue(os.path.exists(lock))
        self.orrery("install", "app", "--lock", lock, "--locked", "--yes")
        with open(lock, encoding="utf-8") as file:
            spoilt = file.read().replace("h1:", "h1:x")
        with open(lock, "w", encoding="utf-8") as file:
            file.write(spoilt)
        done = self.orrery("install", "app", "--lock", lock, "--locked",
                           "--yes", code=4)
        self.assertIn(lock + ": the lock does not hold any more:\n"
                      "lock.release: ", done.err)
        self.assertIn("h1:x", done.err)
        done = self.orrery("resolve", "app", "--installed", "--lock", lock,
                           "--locked", "-o", "json", code=4)
        faults = json.loads(done.out)["errors"]
        self.assertEqual([fault["pointer"] for fault in faults],
                         ["/nodes/0/tree", "/nodes/1/tree"])
        self.assertTrue(faults[0]["wanted"].startswith("h1:x"), faults)
        self.assertTrue(faults[0]["found"].startswith("h1:"), faults)
        done = self.orrery("upgrade", "app", "--lock", lock, "--locked",
                           "--yes", code=4)
        self.assertIn("lock.release: ", done.err)
        with open(lock, encoding="utf-8") as file:
            self.assertEqual(file.read(), spoilt)
        self.uninstall("app", "db")

    def test_java_of_the_instances_is_a_fact(self):
        files = {}
        for release, wanted in ((1, ">=8"), (2, ">=99")):
            files.update(release_files("tool", release, "%d.0" % release))
            files.update(relations("tool", release, {
                "platform": {"@java": wanted}}))
        files.update(release_files("old", 1))
        files.update(relations("old", 1, {
            "platform": {"@orchestrator": ">=0"}}))
        self.add_source("u", self.make_repository(files=files))
        self.orrery("resolve", "old")
        done = self.orrery("resolve", "tool@=2.0", code=4)
        if shutil.which("java", path=INSTANCE_PATH) is None:
            self.assertIn("cluster local has no @java", done.err)
            return
        self.assertRegex(done.err, "cluster local has @java [0-9]+\n")
        self.assertIn("bring @java to 99: adds tool 2.0", done.err)
        self.assertEqual([i["version"] for i in self.orrery(
            "resolve", "tool", "-o", "json").json["items"]], ["1.0"])

    def test_default_that_changed_is_in_the_plan(self):
        files = service_files("app", 1, "1.0")
        new = service_files("app", 2, "2.0")
        path = "repo/packages/A/app/2/config.json"
        config = json.loads(new[path])
        config["properties"]["text"]["default"] = "hello"
        config["properties"]["color"] = {"type": "string", "default": "red"}
        new[path] = json.dumps(config)
        template = "repo/packages/A/app/2/marathon.json.mustache"
        new[template] = new[template].replace("{{peer}}", "{{color}}")
        files.update(new)
        self.add_source("u", self.make_repository(files=files))
        self.orrery("install", "app@=1.0", "--yes")
        for name, text in (("mine", "mine"), ("same", "hi")):
            self.orrery("install", "app@=1.0", "--name", name, "--set",
                        "text=" + text, "--yes")
        plan = self.orrery("upgrade", "app", "--dry-run", "-o", "json").json
        self.assertEqual(plan["steps"][0]["default_changes"], [
            {"option": "/text", "from": "hi", "to": "hello"}])
        done = self.orrery("upgrade", "app", "--yes")
        self.assertIn("\n  default changed: /text hi -> hello\n", done.err)
        for name in ("mine", "same"):
            done = self.orrery("upgrade", name, "--yes")
            self.assertNotIn("default changed", done.err)
        self.assertEqual([self.answer_of(name)
                          for name in ("app", "mine", "same")],
                         ["2.0 hello red", "2.0 mine red", "2.0 hi red"])
        # The old default is back, and what was given stays.
        done = self.orrery("rollback", "app", "--yes")
        self.assertIn("\n  default changed: /text hello -> hi\n", done.err)
        self.orrery("rollback", "mine", "--yes")
        self.assertEqual([self.answer_of("app"), self.answer_of("mine")],
                         ["1.0 hi", "1.0 mine"])
        self.uninstall("app", "mine", "same")


if __name__ == "__main__":
    harness.main()
