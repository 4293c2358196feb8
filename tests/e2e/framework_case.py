"""What tests of the example frameworks share.

They run from tarballs in $ORRERY_FRAMEWORKS, which tests/prepare_frameworks.sh
fills, and are asked by clients that nobody here wrote: the frameworks' own
tools, and Python packages in $ORRERY_FRAMEWORKS/clients. Without these the
tests are skipped.
"""

import json
import os
import signal
import subprocess
import unittest

from tests.e2e import harness

FRAMEWORKS = os.environ.get("ORRERY_FRAMEWORKS", "")
CLIENTS = os.path.join(FRAMEWORKS, "clients/bin")
FETCH = os.path.join(harness.RUNFILES, "examples/fetch-frameworks")
PRODUCER_3 = "kafka.tools.ConsoleProducer"
PRODUCER_4 = "org.apache.kafka.tools.ConsoleProducer"
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"


@unittest.skipUnless(FRAMEWORKS, "ORRERY_FRAMEWORKS is not set: what the "
                     "frameworks run from is not here")
class FrameworkTestCase(harness.OrreryTestCase):
    """A server with the example source and what `frameworks` run from."""

    frameworks = ()

    def setUp(self):
        super().setUp()
        self.fetch_frameworks()
        self.repository = self.example_repository()
        self.add_source("examples", self.repository)
        # What runs outlives the server, so it goes first.
        self.addCleanup(self.stop_services)

    def fetch_frameworks(self):
        subprocess.run(
            [FETCH, "--cache", FRAMEWORKS, *self.frameworks], check=True,
            stdout=subprocess.DEVNULL, timeout=300,
            env={"PATH": os.path.dirname(harness.ORRERY) + ":/usr/bin:/bin",
                 "HOME": self.home, "ORRERY_SERVER": self.server.url})

    def stop_services(self):
        for _ in range(4):
            names = self.services()
            if not names:
                return
            for name in names:
                self.orrery("uninstall", name, "--with-unused", "--yes",
                            code=None)
        self.fail("still there: %r" % self.services())

    def services(self):
        return {s["name"]: s for s in
                self.orrery("list", "-o", "json").json["services"]}

    def service(self, name):
        return self.orrery("status", name, "-o", "json").json

    def output(self, name, output):
        return {o["name"]: o["value"]
                for o in self.service(name)["outputs"]}[output]

    def pid(self, name):
        return self.service(name)["tasks"][0]["pid"]

    def sandbox(self, name):
        return self.service(name)["tasks"][0]["sandbox"]

    def ports(self, name):
        return [e["port"] for e in self.service(name)["endpoints"]]

    def wait_running(self, *names):
        def all_run():
            there = self.services()
            return all(there[name]["state"] == "running" for name in names)
        harness.wait_for("%s to run" % (names,), all_run, patience=120)

    def kill(self, name):
        """Waits until another process of the service runs."""
        killed = self.pid(name)
        os.kill(killed, signal.SIGKILL)

        def runs_again():
            service = self.service(name)
            return (service["state"] == "running" and
                    service["tasks"][0]["pid"] != killed)
        harness.wait_for("%s to run again" % name, runs_again, patience=120)

    def install(self, *words):
        result = self.orrery("install", *words, "--yes")
        self.wait_running(*self.services())
        return result

    def java(self, service, main, *words, stdin=None):
        """A tool of the framework, from what its service runs from."""
        done = subprocess.run(
            ["java", "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp",
             self.sandbox(service) + "/lib/*", main, *words],
            input=stdin, capture_output=True, text=True, timeout=120,
            check=False, cwd=self.scratch)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        return done.stdout

    def python(self, program, *words):
        """A program with the clients of Python packages."""
        done = subprocess.run(
            [os.path.join(CLIENTS, "python"), "-c", program, *words],
            capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        return done.stdout

    # Kafka

    def produce(self, main, first, last):
        self.java("kafka", main, "--bootstrap-server",
                  self.output("kafka", "bootstrap"), "--topic", "t",
                  "--producer-property", "acks=all",
                  stdin="".join("m%d\n" % i for i in range(first, last)))

    def assert_messages(self, count):
        out = self.java(
            "kafka", CONSUMER, "--bootstrap-server",
            self.output("kafka", "bootstrap"), "--topic", "t",
            "--from-beginning", "--max-messages", str(count), "--timeout-ms",
            "20000")
        self.assertEqual(out.split(), ["m%d" % i for i in range(count)])

    def read_as_group(self, count):
        """Reads on and commits; what was read."""
        return json.loads(self.python(
            "import json, sys\n"
            "from kafka import KafkaConsumer\n"
            "count = int(sys.argv[2])\n"
            "c = KafkaConsumer('t', bootstrap_servers=sys.argv[1],\n"
            "    group_id='g', auto_offset_reset='earliest',\n"
            "    enable_auto_commit=False, max_poll_records=100,\n"
            "    consumer_timeout_ms=20000)\n"
            "got = []\n"
            "while len(got) < count:\n"
            "  for batch in c.poll(20000, count - len(got)).values():\n"
            "    got += [m.value.decode() for m in batch]\n"
            "c.commit()\n"
            "c.close()\n"
            "print(json.dumps(got))\n",
            self.output("kafka", "bootstrap"), str(count)))
