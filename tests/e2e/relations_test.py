"""Relations: read from releases and overlays, shown, and resolved."""

import json
import os
import re
import shutil
import struct
import subprocess
import urllib.request

from tests.e2e import harness
from tests.e2e.harness import release_files


def relations(package, release, document):
    """A relations.json; a text is written as it is."""
    path = "repo/packages/%s/%s/%d/relations.json" % (
        package[0].upper(), package, release)
    text = document if isinstance(document, str) else json.dumps(document)
    return {path: text}


def config(package, release, **options):
    path = "repo/packages/%s/%s/%d/config.json" % (
        package[0].upper(), package, release)
    return {path: json.dumps({"type": "object", "properties": {
        name: {"type": kind} for name, kind in options.items()}})}


class RelationsTest(harness.OrreryTestCase):

    def resolve(self, *arguments, code=0):
        return self.orrery("resolve", *arguments, "-o", "json", code=code).json

    def nodes(self, *arguments):
        return [(item["node"], item["version"])
                for item in self.resolve(*arguments)["items"]]

    def test_own_relations_are_shown_found_and_resolved(self):
        files = {}
        files.update(release_files("kafka", 1, "2.0"))
        files.update(config("kafka", 1, uri="string"))
        files.update(relations("kafka", 1, {"requires": [
            {"package": "zookeeper", "versions": ">=3",
             "bind": [{"output": "connect", "option": "/uri"}],
             "when": [{"option": "/uri", "set": False}]}]}))
        files.update(release_files("zookeeper", 2, "3.5"))
        files.update(relations("zookeeper", 2, {"outputs": {"connect": {
            "type": "string", "value": [{"service": "dns"}, ":2181"]}}}))
        files.update(release_files("zookeeper", 3, "4.0-rc1"))
        self.add_source("u", self.make_repository(files=files))
        shown = self.orrery("show", "kafka", "-o", "json").json
        self.assertEqual(shown["requirements"],
                         ["zookeeper >=3 if option:/uri unset"])
        self.assertEqual(shown["relations_origin"],
                         "u:K/kafka/1/relations.json")
        self.assertRegex(shown["tree"], "^h1:[A-Za-z0-9+/]{43}=$")
        self.assertEqual((shown["revision"], shown["state"]), (1, "current"))
        found = self.orrery("show", "zookeeper", "--dependents", "-o",
                            "json").json["dependents"]
        self.assertEqual(found, [{
            "package": "kafka", "requirement":
            "zookeeper >=3 if option:/uri unset", "releases": [1],
            "source": "u"}])
        answer = self.resolve("kafka", "--no-cluster")
        self.assertEqual([(i["node"], i["version"], i["why"])
                          for i in answer["items"]],
                         [("zookeeper", "3.5", ["kafka"]),
                          ("kafka", "2.0", ["request:0"])])
        self.assertEqual(answer["items"][1]["bindings"], [{
            "option": "/uri", "provider": "zookeeper", "output": "connect",
            "known": "planning", "overridden": False}])
        why = self.orrery("why", "zookeeper", "--for", "kafka",
                          "--no-cluster").out
        self.assertEqual(why, "kafka 2.0  (you ask for kafka)\n"
                              "  zookeeper 3.5  (zookeeper >=3 if "
                              "option:/uri unset)\n"
                              "zookeeper comes from source u\n")

    def test_refused_relations_are_told_and_the_release_is_not_chosen(self):
        files = {}
        files.update(release_files("app", 2, "2.0"))
        files.update(relations("app", 2, {"requires": [
            {"package": "db", "bind": [
                {"output": "host", "option": "/hots"}]}]}))
        files.update(config("app", 2, host="string"))
        files.update(release_files("app", 1, "1.0"))
        self.add_source("u", self.make_repository(files=files))
        self.assertEqual(self.nodes("app"), [("app", "1.0")])
        refused = self.orrery("show", "app", "-o",
                              "json").json["refused_relations"]
        self.assertEqual(refused, [
            "relations.option: u:A/app/2/relations.json#/requires/0/bind/0/"
            "option: app 2 has no option /hots, did you mean /host"])
        self.assertEqual(
            self.source_status("u")["findings"]["relations.option"], 1)
        refusal = self.resolve("app@=2.0", code=4)
        self.assertEqual(refusal["status"], "unsatisfiable")
        self.assertIn("its relations cannot be read", refusal["text"])

    def test_overlay_covers_releases_of_its_base_until_it_goes(self):
        files = {}
        for release in (57, 100, 1200):
            files.update(release_files("kafka", release, "1.%d" % release))
        files.update(relations("kafka", 57, {}))
        files.update(release_files("zk", 1))
        base = self.make_repository(files=files)
        overlay = self.make_repository(
            "overlay", relations("kafka", 1200, {
                "releases": "*", "requires": [{"package": "zk"}]}))
        done = self.orrery("source", "add", "x", overlay, "--overlay", "u",
                           code=3)
        self.assertIn('there is no source "u"', done.err)
        self.add_source("u", base)
        self.add_source("x", overlay, "--overlay", "u")
        status = self.source_status("x")
        self.assertEqual((status["overlay_of"], status["overlays"],
                          status["releases"], status["state"]),
                         ("u", 1, 0, "ok"))
        self.assertEqual(self.nodes("kafka"),
                         [("zk", "1.0.0"), ("kafka", "1.1200")])
        self.assertEqual(self.nodes("kafka@release=100"),
                         [("zk", "1.0.0"), ("kafka", "1.100")])
        # Its own file counts.
        self.assertEqual(self.nodes("kafka@release=57"), [("kafka", "1.57")])
        # A faulty push takes what it says away, and says why.
        self.commit(overlay, relations("kafka", 1200, '{"requires": [{}]}'))
        for _ in range(2):
            self.orrery("source", "sync", "x")
            status = self.source_status("x")
            self.assertEqual((status["refused"][0]["rule"],
                              status["overlays"]), ("relations.target", 0))
            self.assertEqual(self.nodes("kafka"), [("kafka", "1.1200")])
            self.server.stop()
            self.server = self.start_server()
        self.commit(overlay, relations("kafka", 1200, {
            "releases": "*", "requires": [{"package": "zk"}]}))
        self.orrery("source", "sync", "x")
        self.assertEqual(self.source_status("x")["refused"], [])
        self.assertEqual(self.nodes("kafka"),
                         [("zk", "1.0.0"), ("kafka", "1.1200")])
        self.orrery("source", "remove", "x", "--yes")
        self.assertEqual(self.nodes("kafka"), [("kafka", "1.1200")])

    def test_what_an_overlay_added_is_no_release_that_left(self):
        self.add_source("u", self.make_repository(
            files=release_files("kafka", 57, "1.0")))
        self.add_source("better", self.make_repository(
            "better", release_files("kafka", 3, "1.0")), "--priority", "1")
        self.add_source("x", self.make_repository("x", dict(
            relations("kafka", 57, {"singleton": True}),
            **relations("kafka", 58, {"singleton": True}))), "--overlay", "u")
        self.assertEqual(self.source_status("x")["overlays"], 2)
        self.orrery("source", "remove", "x", "--yes")
        for release in (57, 58):
            done = self.orrery("resolve", "kafka@release=%d" % release, code=4)
            self.assertIn("no release of kafka fits release=%d" % release,
                          done.err)

    def test_accepted_file_of_an_immutable_overlay_outlives_a_faulty_push(self):
        files = {}
        for release in (100, 1200):
            files.update(release_files("kafka", release, "1.%d" % release))
        files.update(release_files("zk", 1))
        overlay = self.make_repository(
            "overlay", relations("kafka", 1200, {
                "releases": "*", "requires": [{"package": "zk"}]}))
        self.add_source("u", self.make_repository(files=files))
        self.add_source("x", overlay, "--overlay", "u", "--mode", "immutable")
        self.commit(overlay, relations("kafka", 1200, '{"requires": [{}]}'))
        for _ in range(2):
            self.orrery("source", "sync", "x")
            status = self.source_status("x")
            self.assertEqual((status["refused"][0]["rule"],
                              status["overlays"]), ("relations.target", 1))
            self.assertEqual(self.nodes("kafka"),
                             [("zk", "1.0.0"), ("kafka", "1.1200")])
            self.assertIn("relations.target: x:K/kafka/1200/relations.json#",
                          self.orrery("show", "kafka", "-o", "json").json[
                              "refused_relations"][0])
            self.server.stop()
            self.server = self.start_server()
        # What was never accepted covers nothing.
        self.commit(overlay, relations("kafka", 100, '{"requires": [{}]}'))
        self.orrery("source", "sync", "x")
        self.assertEqual(self.nodes("kafka@release=100"),
                         [("zk", "1.0.0"), ("kafka", "1.100")])
        self.assertEqual(self.source_status("x")["overlays"], 1)

    def test_exit_codes_and_words_of_what_cannot_be(self):
        files = release_files("kafka", 1)
        files.update(relations("kafka", 1, {"requires": [
            {"package": "zk"}, {"capability": "sql"}]}))
        files.update(release_files("zk", 1))
        files.update(release_files("lone", 1))
        files.update(relations("lone", 1, {"requires": [{"package": "zk"}]}))
        self.add_source("u", self.make_repository(files=files))
        done = self.orrery("resolve", "kafka", code=4)
        self.assertEqual(done.out, "")
        self.assertIn("kafka 1.0.0 needs sql, and nobody provides it",
                      done.err)
        done = self.orrery("resolve", "kafak", code=3)
        self.assertIn("there is no package kafak", done.err)
        self.assertIn("did you mean kafka", done.err)
        # The nearest name would not do: it needs sql.
        self.assertIn("what would work\n  a. do not ask for kafak: changes "
                      "nothing", done.err)
        answer = self.resolve("lone", "--steps", "1", code=1)
        self.assertEqual((answer["status"], answer["limit"]),
                         ("gave_up", "steps"))
        self.orrery("resolve", "lone", "--steps", "many", code=64)
        self.orrery("resolve", "lone", "--steps", "30000001", code=64)
        self.orrery("resolve", "kafka", "--exclude", "@kind", code=64)
        self.orrery("resolve", "kafka@release=1#1", code=4)
        self.orrery("resolve", "kafka@release=1#0", code=64)
        self.orrery("resolve", "kafka@>= 1", code=64)
        self.orrery("resolve", "Kafka", code=64)

    def test_what_nobody_has_is_a_finding_and_overlays_are_judged(self):
        files = release_files("app", 1)
        files.update(relations("app", 1, {"requires": [
            {"package": "ghost"}, {"capability": "nobody"},
            {"package": "db", "features": ["fast"]}]}))
        files.update(release_files("db", 1))
        self.add_source("u", self.make_repository(files=files))
        shown = self.orrery("show", "app", "-o", "json").json
        self.assertEqual(
            [(f["rule"], f["pointer"], f["text"]) for f in shown["findings"]
             if f["rule"].startswith("relations.")],
            [("relations.unprovided", "/requires/0",
              'nobody provides "ghost"'),
             ("relations.unprovided", "/requires/1",
              'nobody provides "nobody"'),
             ("relations.feature", "/requires/2",
              'no release of db has feature "fast"')])
        overlay = self.make_repository("overlay", dict(
            relations("db", 9, {}), **relations("db", 1, {
                "requires": [{"package": "app", "when": [
                    {"option": "/cuont", "set": False}]}]})))
        self.add_source("x", overlay, "--overlay", "u")
        status = self.source_status("x")
        self.assertEqual([(r["rule"], r["path"]) for r in status["refused"]],
                         [("relations.option",
                           "repo/packages/D/db/1/relations.json")])
        self.assertEqual(status["findings"], {
            "overlay-dangling": 1, "relations.option": 1})
        shown = self.orrery("show", "db", "-o", "json").json
        self.assertIn("overlay-dangling",
                      [f["rule"] for f in shown["findings"]])
        # The base gets it.
        self.commit(self.path("repository"), release_files("db", 9))
        self.orrery("source", "sync", "u")
        self.assertEqual(self.source_status("x")["findings"],
                         {"relations.option": 1})

    def call(self, method, message):
        """A gRPC call by hand: the status code, and that it was answered."""
        frame = self.path("frame")
        with open(frame, "wb") as file:
            file.write(b"\0" + struct.pack(">I", len(message)) + message)
        done = subprocess.run(
            ["curl", "-sS", "--http2-prior-knowledge", "-D", "-", "-o",
             self.path("reply"), "-H", "Content-Type: application/grpc", "-H",
             "TE: trailers", "--data-binary", "@" + frame,
             "http://%s/orrery.catalog.v1.%s" % (
                 self.server.grpc_address, method)],
            stdout=subprocess.PIPE, timeout=harness.PATIENCE, check=True)
        return int(re.search(rb"grpc-status: (\d+)", done.stdout).group(1))

    def test_capability_that_nobody_has_is_refused_in_every_form(self):
        def text_field(number, text):
            return bytes([number << 3 | 2, len(text)]) + text

        # Whether something was named before or not.
        for files in (release_files("kafka", 1), None):
            if files is not None:
                self.add_source("u", self.make_repository(files=files))
            for item in ("cap:nosuch", "cap:nosuch@>=1"):
                for items in ([item], ["kafka", item], [item, "kafka"]):
                    done = self.orrery("resolve", *items, "--no-cluster",
                                       code=3)
                    self.assertIn("nosuch", done.err)
                    body = {"items": items}
                    answer = self.server.request("POST", "/v1/resolve", body)
                    self.assertEqual(answer.status, 200)
                    self.assertEqual(json.loads(answer.data)["status"],
                                     "unsatisfiable")
                    self.assertEqual(self.server.request(
                        "POST", "/v1/why",
                        {"node": "kafka", "request": body}).status, 409)
                    request = b"".join(text_field(2, i.encode())
                                       for i in items)
                    self.assertEqual(
                        self.call("ResolutionService/Resolve", request), 0)
                    # FAILED_PRECONDITION
                    self.assertEqual(
                        self.call("ResolutionService/Why",
                                  text_field(1, b"kafka") +
                                  text_field(2, request)), 9)
                self.orrery("install", item, "--yes", code=64)
        self.assertIsNone(self.server.process.poll())

    def test_refusal_says_what_would_work_in_words_and_as_data(self):
        files = release_files("mixed", 1, "0.9.0")
        files.update(release_files("mixed", 2, "1.0.0-rc1"))
        files.update(release_files("app", 1))
        files.update(relations("app", 1, {
            "requires": [{"package": "mixed"}],
            "platform": {"@edition": "enterprise"}}))
        self.add_source("u", self.make_repository(files=files))
        refusal = self.resolve("mixed@>0.9", code=4)
        self.assertEqual([(f["kind"], f["text"], f["effect"], f["added"])
                          for f in refusal["fixes"]], [
            ("prerelease", "allow pre-releases of mixed",
             "adds mixed 1.0.0-rc1", 1),
            ("range", "ask for mixed", "adds mixed 0.9.0", 1),
            ("drop", "do not ask for mixed >0.9", "changes nothing", 0)])
        self.assertEqual(
            [(i["node"], i["version"]) for i in self.resolve(
                "mixed@>0.9", "--pre=mixed")["items"]],
            [("mixed", "1.0.0-rc1")])
        done = self.orrery("install", "app", "--yes", code=4)
        self.assertIn(
            "what would work\n"
            "  a. bring @edition to enterprise: adds app 1.0.0; adds mixed "
            "0.9.0\n"
            "  b. do not ask for app: changes nothing", done.err)
        done = self.orrery("resolve", "mixd", code=3)
        self.assertIn("  a. ask for mixed: adds mixed 0.9.0\n", done.err)

    def test_source_of_better_priority_wins_direct_and_as_dependency(self):
        first = release_files("exec", 1, "1.2")
        second = release_files("exec", 1, "1.9")
        second.update(release_files("meta", 1))
        second.update(relations("meta", 1, {"requires": [
            {"package": "exec"}]}))
        self.add_source("s2", self.make_repository("b", second), "--priority",
                        "2")
        self.add_source("s1", self.make_repository("a", first), "--priority",
                        "1")
        self.assertEqual(self.nodes("exec"), [("exec", "1.2")])
        self.assertEqual(self.nodes("meta"),
                         [("exec", "1.2"), ("meta", "1.0.0")])
        why = self.orrery("why", "exec", "--for", "meta", "--no-cluster").out
        self.assertIn("exec comes from source s1, the best of s1, s2\n", why)
        # Only the worse one has what is asked for, and the answer says so.
        answer = self.resolve("exec@>=1.5")
        self.assertEqual(answer["items"][0]["version"], "1.9")
        self.assertEqual(answer["items"][0]["notes"], [{
            "code": "passed-over", "text":
            "exec comes from source s2; s1, the better source, has exec too "
            "and was passed over"}])

    def test_equal_priority_is_decided_by_name_however_sources_came(self):
        first = release_files("exec", 1, "1.2")
        first.update(release_files("alpha", 1))
        first.update(relations("alpha", 1, {"provides": [
            {"capability": "sql"}]}))
        second = release_files("exec", 1, "1.9")
        second.update(release_files("beta", 1))
        second.update(relations("beta", 1, {"provides": [
            {"capability": "sql"}]}))
        first = self.make_repository("a", first)
        second = self.make_repository("b", second)
        for names in (("s1", "s2"), ("s2", "s1")):
            for name in names:
                self.add_source(name, first if name == "s1" else second)
            self.assertEqual(self.nodes("exec"), [("exec", "1.2")])
            self.assertEqual(self.nodes("cap:sql"), [("alpha", "1.0.0")])
            for name in names:
                self.orrery("source", "remove", name, "--yes")


class InstallTest(harness.OrreryTestCase):
    """A package of the examples with what it needs, on this machine."""

    def setUp(self):
        super().setUp()
        self.add_source("examples", self.example_repository())

    def services(self):
        return [s["name"] for s in
                self.orrery("list", "-o", "json").json["services"]]

    def answer_of(self, service):
        status = self.orrery("status", service, "-o", "json").json
        endpoint = status["endpoints"][0]
        with urllib.request.urlopen("http://%s:%d/" % (
                endpoint["host"], endpoint["port"]),
                timeout=harness.PATIENCE) as answer:
            return answer.read().decode()

    def test_one_command_starts_everything_and_wires_it(self):
        plan = self.orrery("install", "relay", "--dry-run", "-o", "json").json
        self.assertEqual([(s["service"], s["after"]) for s in plan["steps"]],
                         [("echod", []), ("greeter", []),
                          ("relay", ["echod", "greeter"])])
        relay = plan["steps"][2]
        self.assertEqual(relay["computed"]["greeter"]["name"], "greeter")
        self.assertEqual(
            [(late["option"], late["provider"], late["output"])
             for late in relay["late"]],
            [("/echo/address", "echod", "address"),
             ("/greeter/url", "greeter", "url")])
        self.assertEqual(self.services(), [])
        self.orrery("install", "relay", "--yes")
        self.assertEqual(self.services(), ["echod", "greeter", "relay"])
        self.assertEqual(self.answer_of("relay"),
                         "greeter says: Hello from Orrery, again\n")
        why = self.orrery("why", "echod").out
        self.assertIn("relay 1.0.0  (installed)\n  echod 1.0.0  (echod)\n",
                      why)
        # Nobody loses what its options point to.
        done = self.orrery("uninstall", "greeter", "--yes", code=4)
        self.assertIn("greeter is used by relay", done.err)
        # A second one uses what is there.
        self.orrery("install", "relay", "--name", "relay-2", "--yes")
        self.assertEqual(self.services(),
                         ["echod", "greeter", "relay", "relay-2"])
        self.assertEqual(self.answer_of("relay-2"),
                         "greeter says: Hello from Orrery, again\n")
        outdated = self.orrery("outdated", "-o", "json").json["services"]
        self.assertEqual([s["node"] for s in outdated],
                         ["echod", "greeter", "relay", "relay@relay-2"])
        for service in ("relay", "relay-2", "greeter", "echod"):
            self.orrery("uninstall", service, "--yes")

    def test_option_of_the_user_leaves_the_requirement_out(self):
        plan = self.orrery("install", "relay", "--set",
                           "greeter.url=http://127.0.0.1:1/", "--dry-run",
                           "-o", "json").json
        self.assertEqual([s["service"] for s in plan["steps"]],
                         ["echod", "relay"])

    def test_what_cannot_be_met_starts_nothing(self):
        files = release_files("app", 1)
        files.update(relations("app", 1, {"requires": [
            {"package": "echod", "versions": ">=9"}]}))
        self.add_source("more", self.make_repository(files=files))
        done = self.orrery("install", "app", "--yes", code=4)
        self.assertIn("app 1.0.0 needs echod >=9, and no release fits",
                      done.err)
        self.assertEqual(self.services(), [])

    def test_who_waits_for_another_says_so_and_can_be_uninstalled(self):
        files = harness.echod_files()
        files.update(release_files("slow", 1))
        files["repo/packages/S/slow/1/marathon.json.mustache"] = json.dumps({
            "id": "slow", "cmd": "exec sleep 1000", "cpus": 0.1, "mem": 32,
            "instances": 1, "portDefinitions": [{"port": 0, "name": "http"}],
            "healthChecks": [{"protocol": "HTTP", "path": "/", "portIndex": 0,
                              "gracePeriodSeconds": 300}]})
        files.update(relations("echod", 0, {"requires": [
            {"package": "slow"}]}))
        self.add_source("more", self.make_repository(files=files),
                        "--priority", "1")
        self.orrery("install", "echod", "--yes", "--no-wait")
        harness.wait_for("echod to wait", lambda: "slow, which it needs" in
                         self.orrery("status", "echod", "-o",
                                     "json").json["waiting_for"])
        self.orrery("uninstall", "echod", "--yes")
        self.orrery("uninstall", "slow", "--yes")
        self.assertEqual(self.services(), [])

    def test_order_outlives_a_restart_of_the_server(self):
        self.orrery("install", "relay", "--yes", "--no-wait")
        self.server.kill()
        self.server = self.start_server()
        harness.wait_for("relay to run", lambda: self.orrery(
            "status", "relay", "-o", "json").json["state"] == "running")
        self.assertEqual(self.answer_of("relay"),
                         "greeter says: Hello from Orrery, again\n")
        for service in ("relay", "greeter", "echod"):
            self.orrery("uninstall", service, "--yes")


class UniverseRelationsTest(harness.OrreryTestCase):
    """The overlay of the examples over the real Universe."""

    @harness.needs_test_data
    def test_real_packages_bring_what_they_need(self):
        overlay = self.path("overlay")
        shutil.copytree(harness.RELATIONS, overlay, symlinks=False)
        self.git(overlay, "init", "-q", "-b", "main")
        self.git(overlay, "add", "-A")
        self.git(overlay, "commit", "-q", "-m", "relations")
        self.add_source("universe", harness.universe_repository())
        self.add_source("relations", overlay, "--overlay", "universe")
        status = self.source_status("relations")
        self.assertEqual(status["refused"], [])
        for letter in sorted(os.listdir(os.path.join(overlay,
                                                     "repo/packages"))):
            for package in os.listdir(
                    os.path.join(overlay, "repo/packages", letter)):
                shown = self.server.get_json("/v1/packages/" + package)
                self.assertEqual(shown["refused_relations"], [], package)
        answer = self.orrery("resolve", "kafka", "--no-cluster", "-o",
                             "json").json
        self.assertEqual([(i["node"], i["release"]) for i in answer["items"]],
                         [("kafka-zookeeper", 600), ("kafka", 1200)])
        self.assertEqual(
            [(b["option"], b["provider"], b["output"])
             for b in answer["items"][1]["bindings"]],
            [("/kafka/kafka_zookeeper_uri", "kafka-zookeeper", "connect")])

        def nodes(*arguments):
            answer = self.orrery("resolve", *arguments, "--no-cluster", "-o",
                                 "json").json
            return [item["node"] for item in answer["items"]]

        self.assertEqual(nodes("kong"), ["marathon-lb", "postgresql", "kong"])
        self.assertEqual(nodes("kong", "--exclude", "postgresql"),
                         ["cassandra", "marathon-lb", "kong"])
        # Where the cluster has a ZooKeeper, nothing else is needed.
        self.assertEqual(nodes("kafka", "--exclude", "kafka-zookeeper"),
                         ["kafka"])
        self.assertEqual(nodes("datastax-dse"),
                         ["datastax-dse", "datastax-ops"])
        self.assertEqual(nodes("koding"), ["marathon-lb", "koding"])
        dependents = self.orrery("show", "kafka-zookeeper", "--dependents",
                                 "-o", "json").json["dependents"]
        self.assertIn("kafka", [d["package"] for d in dependents])


if __name__ == "__main__":
    harness.main()
