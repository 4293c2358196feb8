"""What becomes of services that do not come up, or do not go."""

import json
import os
import signal

from tests.e2e import harness

LISTEN = ("exec python3 -c \"import os, socket, time; s = socket.socket(); "
          "s.bind((os.environ['HOST'], int(os.environ['PORT0']))); "
          "s.listen(); time.sleep(3600)\"")
SERVE = "exec python3 -m http.server --bind $HOST $PORT0"
# It is looked at often, so that the tests are short.
CHECK = {"protocol": "HTTP", "path": "/", "portIndex": 0,
         "gracePeriodSeconds": 1, "intervalSeconds": 1, "timeoutSeconds": 1,
         "maxConsecutiveFailures": 1}


def package(name, release, command, **template):
    """A release that runs `command`."""
    files = harness.release_files(name, release, "%d.0" % (release + 1),
                                  upgradesFrom=["*"], downgradesTo=["*"])
    app = {"id": name, "cmd": command, "cpus": 0.1, "mem": 32, "instances": 1,
           "portDefinitions": [
               {"port": 0, "protocol": "tcp", "name": "http"}],
           "healthChecks": [CHECK], **template}
    files["repo/packages/%s/%s/%d/marathon.json.mustache" % (
        name[0].upper(), name, release)] = json.dumps(app)
    return files


class FrameworkFaultsTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.repository = self.make_repository(files={
            **package("exits", 0, "echo no licence was found; exit 3"),
            **package("silent", 0, "exec sleep 3600"),
            **package("listens", 0, LISTEN),
            **package("stays", 0, "trap '' TERM; echo here; while :; do "
                      "python3 -m http.server --bind $HOST $PORT0; done",
                      taskKillGracePeriodSeconds=1,
                      healthChecks=[{**CHECK, "gracePeriodSeconds": 30}]),
            **package("slow", 0, "n=$(cat data/n || echo 0); "
                      "echo $((n + 1)) > data/n; [ $n -ge 3 ] || exit 1; "
                      + SERVE, container={"type": "MESOS", "volumes": [
                          {"containerPath": "data", "mode": "RW",
                           "persistent": {"size": 1}}]},
                      upgradeStrategy={"minimumHealthCapacity": 0,
                                       "maximumOverCapacity": 0},
                      unreachableStrategy="disabled"),
            **package("grows", 0, SERVE),
            **package("grows", 1,
                      "echo the new one has no disk; exec sleep 3600")})
        self.add_source("faults", self.repository)

    def begin(self, name):
        return self.orrery("install", name, "--yes", "--no-wait")

    def test_what_does_not_come_up_is_taken_away_and_says_why(self):
        for name in ("exits", "silent", "listens"):
            self.begin(name)
        exits = self.ended_operation("exits")
        self.assertEqual(exits["state"], "failed")
        self.assertIn("exit code 3", exits["error"]["message"])
        self.assertIn("no licence was found", exits["error"]["message"])
        kept = {item["kind"]: item["path"]
                for item in exits["receipt"]["kept"]}
        with open(os.path.join(kept["sandbox"], "logs/stdout"),
                  encoding="utf-8") as log:
            self.assertIn("no licence was found", log.read())
        silent = self.ended_operation("silent")
        self.assertIn("cannot be connected to", silent["error"]["message"])
        self.assertEqual(self.ended_operation("listens")["state"], "failed")
        self.assertEqual(
            self.orrery("list", "-o", "json").json["services"], [])
        harness.wait_for("everything to end", lambda: not self.living())

    def test_up_to_three_ends_of_its_own_are_no_failure(self):
        self.orrery("install", "slow", "--yes")
        self.assertEqual(self.orrery(
            "status", "slow", "-o", "json").json["state"], "running")
        self.orrery("uninstall", "slow", "--yes")

    def test_what_ignores_sigterm_is_gone_after_its_time(self):
        self.orrery("install", "stays", "--yes")
        self.orrery("uninstall", "stays", "--yes")
        self.assertEqual(self.living(), [])

    def test_an_upgrade_that_does_not_come_up_goes_back(self):
        self.orrery("install", "grows@=1.0", "--yes")
        failed = self.orrery("upgrade", "grows", "--yes", code=None)
        self.assertNotEqual(failed.code, 0)
        self.assertIn("cannot be connected to", failed.err)
        self.assertIn("stdout ends: the new one has no disk; grows 1.0 runs "
                      "again", failed.err)
        service = self.orrery("status", "grows", "-o", "json").json
        self.assertEqual((service["version"], service["state"]),
                         ("1.0", "running"))
        back = self.orrery("rollback", "grows", "--yes", code=None)
        self.assertIn("cannot go back", back.err)
        os.kill(service["tasks"][0]["pid"], signal.SIGKILL)
        self.orrery("uninstall", "grows", "--yes")


if __name__ == "__main__":
    harness.main()
