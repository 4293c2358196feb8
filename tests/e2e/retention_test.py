"""Rounds that fail, plan or change nothing leave bounded traces.

ORRERY_ROUNDS says how many; the soak (CONTRIBUTING.md) makes ten thousand.
"""

import concurrent.futures
import hashlib
import json
import os
import time

from tests.e2e import harness
from tests.e2e.git_servers import FixedAnswer
from tests.e2e.harness import echod_files, wait_for

ROUNDS = int(os.environ.get("ORRERY_ROUNDS", "60"))
# What the server keeps of operations that have ended.
KEPT_OPERATIONS = 1000
SERVICES = "/v1/clusters/local/services"


class RetentionTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        answer = FixedAnswer(200, b"other bytes")
        self.addCleanup(answer.stop)
        uri = answer.url + "/program"
        release = "repo/packages/E/echod/1/"
        pin = {"sha256": hashlib.sha256(b"these bytes").hexdigest(),
               "size": 11}
        self.repository = self.make_repository(files={
            **echod_files(0),
            # Its download always has another digest, so it fails at once.
            **echod_files(1, template_changes={"fetch": [{"uri": uri}]}),
            release + "resource.json": json.dumps(
                {"assets": {"uris": {"program": uri}}}),
            release + "artifacts.json": json.dumps(
                {"schema": 1, "assets": {"program": pin}})})
        self.add_source("u", self.repository)

    def call(self, method, path, body=None, status=200):
        answer = self.server.request(method, path, body)
        self.assertEqual(answer.status, status, answer.data)
        return json.loads(answer.data)

    def install(self, service, release, **more):
        return self.call("POST", SERVICES, {
            "package": "echod", "range": "release=%d" % release,
            "service": service, **more})

    def failed_installation(self, number):
        started = self.install("f%d" % (number % 8), 1)
        name = started["operation"]["name"]
        ended = wait_for("the operation to fail", lambda: (
            lambda o: o if o["state"] == "failed" else None)(
                self.call("GET", "/v1/operations/" + name)))
        self.assertIn("sha256", json.dumps(ended["error"]))

    def round(self, number):
        self.install("planned%d" % number, 0, validate_only=True)
        self.assertNotIn("operation", {
            name for name, value in self.install("runs", 0).items() if value})

    def stored_bytes(self):
        return sum(os.path.getsize(os.path.join(folder, name))
                   for folder, _, names in os.walk(self.server.data_dir)
                   for name in names if not name.endswith(("-wal", "-shm")))

    def listing_time(self):
        times = []
        for _ in range(20):
            began = time.monotonic()
            self.call("GET", SERVICES)
            self.call("GET", "/v1/operations")
            times.append(time.monotonic() - began)
        return sorted(times)[len(times) // 2]

    def rounds(self, count):
        # Eight services, so that none waits for its own last round.
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            lanes = [pool.submit(lambda lane=lane: [
                self.failed_installation(number) for number in range(lane, count, 8)])
                for lane in range(8)]
            for number in range(count):
                self.round(number)
            for lane in lanes:
                lane.result()

    def test_what_is_kept_does_not_grow_with_the_rounds(self):
        self.orrery("install", "echod@release=0", "--name", "runs", "--yes")
        pid = self.orrery("status", "runs", "-o",
                          "json").json["tasks"][0]["pid"]
        self.rounds(min(ROUNDS, KEPT_OPERATIONS + 200))
        bytes_before, time_before = self.stored_bytes(), self.listing_time()
        self.rounds(ROUNDS)
        # Each failure within the bound is kept as a row of some KB.
        room = (1 << 20) + 8192 * min(ROUNDS, KEPT_OPERATIONS)
        self.assertLess(self.stored_bytes(), bytes_before + room)
        self.assertLess(self.listing_time(), 3 * time_before + 0.05)
        print("%d rounds: %d then %d bytes, listing %.1f then %.1f ms" % (
            ROUNDS, bytes_before, self.stored_bytes(), 1e3 * time_before,
            1e3 * self.listing_time()))
        listed = self.orrery("list", "-o", "json").json["services"]
        self.assertEqual([s["name"] for s in listed], ["runs"])
        kept, token = 0, ""
        while True:
            page = self.call("GET", "/v1/operations?page_size=100" + (
                "&page_token=" + token if token else ""))
            kept += len(page["operations"])
            token = page.get("next_page_token")
            if not token:
                break
        self.assertLessEqual(kept, KEPT_OPERATIONS + 8)
        status = self.orrery("status", "runs", "-o", "json").json
        self.assertEqual(status["tasks"][0]["pid"], pid)
        self.orrery("uninstall", "runs", "--yes")


if __name__ == "__main__":
    harness.main()
