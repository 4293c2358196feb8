"""Services on the `local` target, from install to uninstall."""

import glob
import json
import os
import re
import signal
import socket
import subprocess
import urllib.request

from tests.e2e import harness
from tests.e2e.harness import echod_files, wait_for


class ServiceTestCase(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.repository = self.make_repository(
            files={**echod_files(0), **echod_files(1)})
        self.add_source("u", self.repository)

    def tearDown(self):
        # Whatever a test leaves running goes with it: before the clean-ups,
        # which stop the servers.
        if self.server.process.poll() is not None:
            self.server = self.start_server()
        listing = self.orrery("list", "-o", "json").json
        for service in listing["services"]:
            self.orrery("uninstall", service["name"], "--yes")

    def status(self, service):
        return self.orrery("status", service, "-o", "json").json

    def fetch(self, service):
        endpoint = self.status(service)["endpoints"][0]
        url = "http://%s:%d/" % (endpoint["host"], endpoint["port"])
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read()

    def assert_nothing_left(self, service="echod"):
        self.assertEqual(self.orrery("list", "-o", "json").json["services"], [])
        self.orrery("status", service, code=3)


class InstallTest(ServiceTestCase):

    def test_install_waits_until_it_answers(self):
        done = self.orrery("install", "echod", "--yes")
        self.assertIn("echod", done.err)
        self.assertIn(b"Directory listing", self.fetch("echod"))
        services = self.orrery("list", "-o", "json").json["services"]
        self.assertEqual(len(services), 1)
        self.assertEqual(
            {k: services[0][k] for k in ("name", "package", "release",
                                         "version", "cluster", "state",
                                         "instances")},
            {"name": "echod", "package": "echod", "release": 1,
             "version": "1.1.0", "cluster": "local", "state": "running",
             "instances": 1})
        status = self.status("echod")
        self.assertEqual(status["waiting_for"], [])
        self.assertEqual(len(status["tasks"]), 1)

    def test_range_selects_the_release(self):
        self.orrery("install", "echod@=1.0.0", "--yes")
        self.assertEqual(self.status("echod")["release"], 0)
        self.orrery("install", "echod@release=1", "--name", "two", "--yes")
        self.assertEqual(self.status("two")["release"], 1)
        self.orrery("install", "echod@=7", "--name", "three", "--yes", code=4)

    def test_same_install_again_does_nothing(self):
        self.orrery("install", "echod@release=0", "--yes")
        pid = self.status("echod")["tasks"][0]["pid"]
        for again in ("echod", "echod@release=0"):
            self.orrery("install", again, "--yes")
        self.assertEqual(self.status("echod")["tasks"][0]["pid"], pid)
        done = self.orrery("install", "echod@release=1", "--yes", code=4)
        self.assertIn("orrery upgrade echod", done.err)
        done = self.orrery("install", "echod", "--yes", "--set",
                           "service.text=other", code=4)
        self.assertIn("--name", done.err)

    def test_without_a_terminal_and_yes_nothing_is_done(self):
        self.orrery("install", "echod", code=64)
        self.assert_nothing_left()

    def test_options_reach_the_task_as_they_were_written(self):
        options = self.path("options.json")
        with open(options, "w", encoding="utf-8") as file:
            json.dump({"service": {"text": "from file", "count": 2}}, file)
        self.orrery("install", "echod", "--yes", "--options", options,
                    "--set", "service.text=1.10")
        status = self.status("echod")
        self.assertEqual(status["options"],
                         {"service": {"text": "1.10", "count": 2}})
        self.assertEqual(len(status["tasks"]), 2)
        with open("/proc/%d/environ" % status["tasks"][0]["pid"], "rb") as file:
            environment = file.read().split(b"\0")
        self.assertIn(b"TEXT=1.10", environment)
        self.assertFalse(
            [e for e in environment if e.startswith(b"TEST_")],
            "the server's own environment leaked")

    def test_every_fault_of_the_options_is_a_line(self):
        done = self.orrery("install", "echod", "--yes",
                           "--set", "service.count=-1",
                           "--set", "service.port=70000", code=4)
        lines = [l for l in done.err.splitlines() if "/service/" in l]
        self.assertEqual(len(lines), 2, done)
        self.assertIn("/service/count", lines[0])
        self.assertIn("-1", lines[0])
        self.assertIn("/service/port", lines[1])
        self.assert_nothing_left()

    def test_unknown_option_is_refused_with_the_nearest(self):
        done = self.orrery("install", "echod", "--yes",
                           "--set", "service.tetx=x", code=64)
        self.assertIn("service.text", done.err)
        self.assert_nothing_left()
        self.orrery("install", "echod", "--yes", "--allow-unknown-options",
                    "--set", "service.tetx=x")

    def test_unknown_package_is_refused_with_the_nearest(self):
        done = self.orrery("install", "echdo", "--yes", code=3)
        self.assertIn("echod", done.err)

    def test_bad_options_files_name_file_and_place(self):
        cases = {"empty": "", "twice": '{"a": 1,\n "a": 2}', "text": "{a}",
                 "list": "[]"}
        for name, text in cases.items():
            path = self.path(name + ".json")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            done = self.orrery("install", "echod", "--yes", "--options", path,
                               code=64)
            self.assertIn(name + ".json", done.err)
        done = self.orrery("install", "echod", "--yes", "--options",
                           self.scratch, code=64)
        self.assertIn("directory", done.err)
        self.assert_nothing_left()

    def test_template_that_fails_starts_nothing(self):
        files = echod_files(2)
        path = "repo/packages/E/echod/2/marathon.json.mustache"
        files[path] = '{\n  "id": "x",\n  {{#service.text}}\n}\n'
        self.commit(self.repository, files)
        self.orrery("source", "sync", "u")
        done = self.orrery("install", "echod", "--yes", code=4)
        self.assertIn("line 3", done.err)
        self.assert_nothing_left()

    def test_app_that_breaks_marathons_rules_starts_nothing(self):
        self.commit(self.repository, echod_files(
            2, template_changes={"args": ["x"]}))
        self.orrery("source", "sync", "u")
        done = self.orrery("install", "echod", "--yes", code=4)
        self.assertIn("cmd", done.err)
        self.assert_nothing_left()

    def test_taken_port_names_its_holder(self):
        self.commit(self.repository, echod_files(
            2, template_changes={"requirePorts": True}))
        self.orrery("source", "sync", "u")
        with socket.create_server(("127.0.0.1", 0)) as stranger:
            port = stranger.getsockname()[1]
            done = self.orrery("install", "echod", "--yes", "--set",
                               "service.port=%d" % port, code=4)
            self.assertIn(str(port), done.err)
            self.assertIn(str(os.getpid()), done.err)
        self.assert_nothing_left()
        self.orrery("install", "echod", "--yes", "--set",
                    "service.port=%d" % port)
        done = self.orrery("install", "echod", "--name", "e2", "--yes", "--set",
                           "service.port=%d" % port, code=4)
        self.assertIn("service echod", done.err)

    def test_artifact_from_the_store_is_unpacked_and_run(self):
        script = self.path("greet.sh")
        with open(script, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\necho from the artifact\n"
                       "exec python3 -m http.server --bind $HOST $PORT0\n")
        uri = self.orrery("artifact", "add", script).out.strip()
        self.assertRegex(uri, r"^artifact:sha256:[0-9a-f]{64}/greet\.sh$")
        self.commit(self.repository, echod_files(2, template_changes={
            "cmd": "exec ./greet.sh",
            "fetch": [{"uri": uri, "executable": True}]}))
        self.orrery("source", "sync", "u")
        self.orrery("install", "echod", "--yes")
        self.assertIn("from the artifact", self.orrery("logs", "echod").out)

    def test_artifact_with_another_digest_starts_nothing(self):
        wrong = "artifact:sha256:" + "0" * 64 + "/greet.sh"
        self.commit(self.repository, echod_files(2, template_changes={
            "fetch": [{"uri": wrong, "executable": True}]}))
        self.orrery("source", "sync", "u")
        done = self.orrery("install", "echod", "--yes", "--timeout", "60s",
                           code=None)
        self.assertIn(done.code, (1, 4))
        self.assertIn("0" * 64, done.err)
        self.assert_nothing_left()

    def test_crashing_service_says_how_it_ended(self):
        self.commit(self.repository, echod_files(2, template_changes={
            "cmd": "echo no such luck >&2; exit 3"}))
        self.orrery("source", "sync", "u")
        self.orrery("install", "echod", "--yes", "--no-wait")
        waiting = wait_for("the exit to be told", lambda: [
            w for w in self.status("echod")["waiting_for"] if "3" in w])
        self.assertTrue(waiting)
        done = self.orrery("install", "echod", "--yes", code=4)
        self.assertIn("operation", done.err)

    def test_timeout_says_that_the_server_goes_on(self):
        self.commit(self.repository, echod_files(2, template_changes={
            "cmd": "sleep 600"}))
        self.orrery("source", "sync", "u")
        done = self.orrery("install", "echod", "--yes", "--timeout", "2s",
                           code=7)
        self.assertIn("echod", done.err)

    def test_uninstall_gives_a_receipt(self):
        self.orrery("install", "echod", "--yes")
        pid = self.status("echod")["tasks"][0]["pid"]
        self.orrery("uninstall", "echo", "--yes", code=3)
        receipt = self.orrery("uninstall", "echod", "--yes", "-o", "json").json
        self.assertEqual(set(receipt), {"removed", "kept"})
        self.assertTrue(receipt["removed"])
        for kept in receipt["kept"]:
            self.assertEqual(set(kept), {"kind", "path", "remove_command"})
        self.assert_nothing_left()
        self.assertFalse(os.path.exists("/proc/%d" % pid))

    def test_logs_are_read_and_followed(self):
        self.commit(self.repository, echod_files(2, template_changes={
            "cmd": "echo one; echo two >&2; "
                   "exec python3 -m http.server --bind $HOST $PORT0"}))
        self.orrery("source", "sync", "u")
        self.orrery("install", "echod", "--yes")
        logs = self.orrery("logs", "echod").out
        self.assertIn("one", logs)
        self.assertIn("two", logs)


    def test_only_the_exact_name_is_uninstalled(self):
        for name in ("kafka", "kafka-2", "kafka/eu"):
            self.orrery("install", "echod", "--yes", "--name", name)
        for name in ("Kafka", "/kafka", "kafka/"):
            self.orrery("install", "echod", "--yes", "--name", name, code=64)
        others = {name: self.status(name)["tasks"][0]["pid"]
                  for name in ("kafka-2", "kafka/eu")}
        refused = self.orrery("uninstall", "kaf", "--yes", code=3)
        self.assertIn("kafka", refused.err)
        self.orrery("uninstall", "kafka", "--set", "x=y", code=64)
        self.assertEqual(self.status("kafka")["state"], "running")
        self.orrery("uninstall", "kafka", "--yes")
        for name, pid in others.items():
            self.assertEqual(self.status(name)["tasks"][0]["pid"], pid)

    def test_https_check_takes_any_certificate(self):
        certificate = self.path("certificate.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj",
             "/CN=elsewhere.example", "-keyout", certificate, "-out",
             certificate + ".crt"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        program = self.path("server.py")
        with open(program, "w", encoding="ascii") as file:
            file.write(
                "import http.server, ssl, sys\n"
                "context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)\n"
                "context.load_cert_chain(sys.argv[3], sys.argv[4])\n"
                "server = http.server.HTTPServer((sys.argv[1], "
                "int(sys.argv[2])),\n"
                "    http.server.SimpleHTTPRequestHandler)\n"
                "server.socket = context.wrap_socket(server.socket, "
                "server_side=True)\n"
                "server.serve_forever()\n")
        self.commit(self.repository, echod_files(2, template_changes={
            "cmd": "exec python3 %s $HOST $PORT0 %s.crt %s" % (
                program, certificate, certificate),
            "healthChecks": [{
                "protocol": "HTTPS", "path": "/", "portIndex": 0,
                "gracePeriodSeconds": 30, "intervalSeconds": 5}]}))
        self.orrery("source", "sync", "u")
        self.orrery("install", "echod", "--yes")
        self.assertEqual(self.status("echod")["state"], "running")


class RestartTest(ServiceTestCase):

    def planned(self, verb):
        """The versions between which a plan moves echod."""
        plan = self.orrery(verb, "echod", "--dry-run", "-o", "json").json
        step, = plan["steps"]
        return step["from"]["version"], step["version"]

    def test_one_unreadable_record_stops_nothing_else(self):
        for name in ("good", "bad"):
            self.orrery("install", "echod", "--yes", "--name", name)
        pids = {name: self.status(name)["tasks"][0]["pid"]
                for name in ("good", "bad")}
        self.server.kill()
        record = self.path("data", "local/apps/bad/app.json")
        with open(record, "r+b") as file:
            file.truncate(100)
        self.server = self.start_server()
        self.assertEqual(self.status("good")["state"], "running")
        status = self.status("bad")
        self.assertEqual(status["state"], "failed")
        self.assertIn("local/apps/bad' cannot be run",
                      " ".join(status["waiting_for"]))
        for name, pid in pids.items():
            self.assertEqual(self.status(name)["tasks"][0]["pid"], pid)
        self.orrery("uninstall", "bad", "--yes")
        self.assertFalse(os.path.exists("/proc/%d" % pids["bad"]))
        self.orrery("install", "echod", "--yes", "--name", "bad")

    def test_uninstall_goes_on_after_the_server_was_killed(self):
        self.commit(self.repository, echod_files(2, template_changes={
            "cmd": "trap '' TERM; python3 -m http.server --bind $HOST $PORT0 & "
                   "while :; do sleep 1; done",
            "taskKillGracePeriodSeconds": 2}))
        self.orrery("source", "sync", "u")
        self.orrery("install", "echod", "--yes")
        pid = self.status("echod")["tasks"][0]["pid"]
        self.orrery("uninstall", "echod", "--yes", "--no-wait")
        self.server.kill()
        self.server = self.start_server()
        wait_for("the removal", lambda: self.orrery(
            "status", "echod", code=None).code == 3)
        self.assertFalse(os.path.exists("/proc/%d" % pid))
        self.assert_nothing_left()

    def test_services_outlive_a_killed_server_and_are_adopted(self):
        self.orrery("install", "echod", "--yes")
        before = self.status("echod")
        self.server.kill()
        self.server = self.start_server()
        after = wait_for("adoption", lambda: (
            lambda s: s if s["state"] == "running" else None)(
                self.status("echod")))
        self.assertEqual(after["tasks"][0]["pid"], before["tasks"][0]["pid"])
        self.assertEqual(after["endpoints"], before["endpoints"])
        self.fetch("echod")

    def test_task_that_is_killed_comes_back_on_its_port(self):
        self.orrery("install", "echod", "--yes")
        before = self.status("echod")
        os.kill(before["tasks"][0]["pid"], signal.SIGKILL)

        def back():
            status = self.status("echod")
            return status if status["state"] == "running" and \
                status["tasks"][0]["pid"] != before["tasks"][0]["pid"] \
                else None

        after = wait_for("the relaunch", back)
        self.assertEqual(after["endpoints"], before["endpoints"])

    def test_install_goes_on_after_the_server_was_killed(self):
        self.commit(self.repository, echod_files(2, template_changes={
            "cmd": "sleep 3; exec python3 -m http.server --bind $HOST $PORT0"}))
        self.orrery("source", "sync", "u")
        self.orrery("install", "echod", "--yes", "--no-wait")
        self.server.kill()
        self.server = self.start_server()
        wait_for("the installation to end",
                 lambda: self.status("echod")["state"] == "running")

    def test_plan_is_the_same_wherever_it_is_made(self):
        given = {"text": "mine", "count": 1, "name": "n"}

        def plan(names):
            path = self.path("options.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump({"service": {name: given[name] for name in names}},
                          file)
            planned = self.orrery("install", "echod", "--options", path,
                                  "--dry-run", "-o", "json").json
            return planned["id"], planned["steps"], re.findall(
                "^use .*$", planned["evidence"], re.M)

        names = sorted(given)
        first, shuffled = plan(names), plan(names[::-1])
        # The label of the options has the user's order, the digest has none.
        self.assertNotEqual(shuffled[0], first[0])
        self.assertEqual(len(first[2]), 1)
        self.assertEqual(shuffled[2], first[2])
        for locale, zone in (("C", "UTC"), ("de_DE.UTF-8", "Asia/Kolkata"),
                             ("tr_TR.UTF-8", "America/St_Johns")):
            self.server.stop()
            for name in glob.glob(self.path("data", "index.db*")):
                os.remove(name)
            self.server.environment = {"LC_ALL": locale, "TZ": zone}
            self.server.start()
            self.orrery("source", "sync", "u")
            self.assertEqual(plan(names), first, (locale, zone))

    def test_release_that_left_the_catalogue_still_runs_and_goes(self):
        other = self.make_repository("other", echod_files(5))

        def directory_gone():
            self.commit(self.repository, {
                **{path: None for release in (0, 1)
                   for path in echod_files(release)}, **echod_files(2)})
            self.orrery("source", "sync", "u")

        def source_gone():
            self.orrery("source", "remove", "u", "--yes")

        def source_renamed():
            source_gone()
            self.add_source("again", self.repository)

        def other_source():
            self.orrery("source", "remove", "again", "--yes")
            self.add_source("t", other)

        self.orrery("install", "echod@release=0", "--yes")
        self.orrery("upgrade", "echod", "--yes")
        missing = "source u, from which echod came, is not configured; add " \
                  "it again: orrery source add u "
        for leave, upgraded in (
                (directory_gone, None), (source_gone, ""),
                (source_renamed, "; or go on with what source again has"),
                (other_source, "; or go on with what source t has")):
            if leave is source_renamed:
                self.add_source("u", self.repository)
            leave()
            listed = self.orrery("list", "-o", "json").json["services"]
            self.assertEqual([(s["name"], s["version"]) for s in listed],
                             [("echod", "1.1.0")])
            self.assertEqual(self.status("echod")["version"], "1.1.0")
            self.orrery("logs", "echod")
            self.assertIn(b"Directory listing", self.fetch("echod"))
            outdated = self.orrery("outdated", "-o", "json").json["services"]
            self.assertEqual([s["version"] for s in outdated], ["1.1.0"])
            if upgraded is None:
                self.assertEqual(self.planned("upgrade"), ("1.1.0", "1.2.0"))
            else:
                done = self.orrery("upgrade", "echod", "--yes", code=4)
                self.assertIn(missing + self.repository + upgraded, done.err)
            self.assertEqual(self.planned("rollback"), ("1.1.0", "1.0.0"))
        self.orrery("rollback", "echod", "--yes")
        self.assertEqual(self.status("echod")["version"], "1.0.0")
        self.assertIn(b"Directory listing", self.fetch("echod"))
        done = self.orrery("upgrade", "echod", "--yes", code=4)
        self.assertIn(missing + "file://" + self.repository, done.err)
        self.orrery("uninstall", "echod", "--yes")
        self.assert_nothing_left()

    def test_source_remove_lists_the_services_and_wants_a_word(self):
        self.orrery("install", "echod", "--yes")
        done = self.orrery("source", "remove", "u", code=64)
        self.assertIn("go on running: echod", done.err)
        self.assertEqual(len(self.orrery("source", "list", "-o", "json")
                             .json["sources"]), 1)
        done = self.orrery("source", "remove", "u", "--yes")
        self.assertIn("orrery source add u " + self.repository, done.out)


if __name__ == "__main__":
    harness.main()
