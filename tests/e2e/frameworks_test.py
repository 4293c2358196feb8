"""The example frameworks, run for real through `orrery` alone.

There is no network but the loopback.
"""

import json
import os
import re
import signal
import socket
import subprocess
import unittest
import urllib.request

from tests.e2e import harness
from tests.e2e.framework_case import (CLIENTS, PRODUCER_3, PRODUCER_4,
                                      FrameworkTestCase)

SPARK_PI = """
import org.apache.spark.{SparkConf, SparkContext}
object SparkPi {
  def main(words: Array[String]): Unit = {
    val context = new SparkContext(new SparkConf().setAppName("SparkPi"))
    val count = 20000 * words(0).toInt
    val inside = context.parallelize(1 to count, words(0).toInt).map { _ =>
      val x = math.random * 2 - 1
      val y = math.random * 2 - 1
      if (x * x + y * y <= 1) 1 else 0
    }.reduce(_ + _)
    println("Pi is roughly " + 4.0 * inside / count)
    context.stop()
  }
}
"""


class NetworkTest(unittest.TestCase):

    def test_there_is_the_loopback_only(self):
        names = [name for _, name in socket.if_nameindex()]
        if os.environ.get("TEST_TMPDIR") is None or len(names) > 1:
            self.skipTest("nothing takes the network away here: %r" % names)
        self.assertEqual(names, ["lo"])


class KafkaWithZooKeeperTest(FrameworkTestCase):
    frameworks = ("zookeeper", "kafka")

    def test_life_of_kafka_3(self):
        installed = self.install("kafka@=3.8.1")
        bootstrap = self.output("kafka", "bootstrap")
        self.assertIn(bootstrap, installed.err + installed.out)
        zookeeper = self.pid("zookeeper")
        ports = self.ports("zookeeper") + self.ports("kafka")
        self.produce(PRODUCER_3, 0, 1000)
        self.assert_messages(1000)
        self.assertEqual(
            self.java("kafka", "org.apache.kafka.tools.GetOffsetShell",
                      "--bootstrap-server", bootstrap, "--topic", "t").strip(),
            "t:0:1000")
        self.assertEqual(self.read_as_group(600),
                         ["m%d" % i for i in range(600)])

        refused = self.orrery("uninstall", "zookeeper", "--yes", code=None)
        self.assertNotEqual(refused.code, 0)
        self.assertIn("kafka", refused.err)

        upgraded = self.orrery("upgrade", "kafka", "--yes")
        self.assertIn("3.9.2", upgraded.err)
        self.assertEqual(self.service("kafka")["version"], "3.9.2")
        stays = self.orrery("upgrade", "kafka", "--yes")
        self.assertIn("4.4.0", stays.err)
        self.assertEqual(self.service("kafka")["version"], "3.9.2")
        self.assertEqual(self.read_as_group(200),
                         ["m%d" % i for i in range(600, 800)])
        self.produce(PRODUCER_3, 1000, 1500)

        self.orrery("rollback", "kafka", "--yes")
        self.assertEqual(self.service("kafka")["version"], "3.8.1")
        self.assert_messages(1500)
        self.assertEqual(self.read_as_group(100),
                         ["m%d" % i for i in range(800, 900)])
        self.assertEqual(self.pid("zookeeper"), zookeeper)

        # ZooKeeper believes for a while in a broker that was killed.
        self.kill("kafka")
        self.assert_messages(1500)
        self.server.kill()
        os.kill(self.pid_of_record("kafka"), signal.SIGKILL)
        os.kill(zookeeper, signal.SIGKILL)
        self.server.start()
        self.wait_running("kafka", "zookeeper")
        self.assertEqual(self.ports("zookeeper") + self.ports("kafka"), ports)
        self.assert_messages(1500)

        gone = self.orrery("uninstall", "kafka", "--with-unused", "--yes",
                           "-o", "json").json
        self.assertEqual(self.services(), {})
        removed = [item["path"] for item in gone["removed"]
                   if item["kind"] == "service"]
        self.assertEqual(removed, ["kafka", "zookeeper"])
        kept = [item for item in gone["kept"] if item["kind"] == "volume"]
        self.assertEqual(len(kept), 2)
        for item in kept:
            self.assertIn(item["path"], item["remove_command"])
        self.install("kafka@=3.8.1")
        self.assert_messages(1500)

    def pid_of_record(self, name):
        """Of a service whose server is not there to be asked."""
        folder = self.path("data/local/instances")
        for instance in os.listdir(folder):
            if not instance.startswith(name + "."):
                continue
            task = os.path.join(folder, instance, "task.json")
            ended = os.path.join(folder, instance, "exit.json")
            if os.path.exists(task) and not os.path.exists(ended):
                with open(task, encoding="utf-8") as file:
                    return int(re.search(r'"pid": ?(\d+)',
                                         file.read()).group(1))
        self.fail("no instance of %s" % name)


class KafkaConnectTest(FrameworkTestCase):
    frameworks = ("kafka", "kafka-connect")

    def test_life_of_kafka_4_with_connect(self):
        self.install("kafka@=4.3.1")
        self.produce(PRODUCER_4, 0, 600)
        self.assertEqual(self.read_as_group(300),
                         ["m%d" % i for i in range(300)])
        self.orrery("upgrade", "kafka", "--yes")
        self.assertEqual(self.service("kafka")["version"], "4.4.0")
        self.produce(PRODUCER_4, 600, 1000)
        self.assertEqual(self.read_as_group(100),
                         ["m%d" % i for i in range(300, 400)])
        self.install("kafka-connect")
        self.pass_lines_through_connect()
        self.orrery("rollback", "kafka", "--yes")
        self.assertEqual(self.service("kafka")["version"], "4.3.1")
        self.assert_messages(1000)
        refused = self.orrery("uninstall", "kafka", "--yes", code=None)
        self.assertIn("kafka-connect", refused.err)

    def pass_lines_through_connect(self):
        url = self.output("kafka-connect", "rest-url")
        into, out = self.path("in.txt"), self.path("out.txt")
        lines = "".join("line%d\n" % i for i in range(100))
        with open(into, "w", encoding="utf-8") as file:
            file.write(lines)
        for name, kind, path, topics in (("in", "Source", into, "topic"),
                                         ("out", "Sink", out, "topics")):
            body = {"name": name, "config": {
                "connector.class": "org.apache.kafka.connect.file."
                                   "FileStream%sConnector" % kind,
                "file": path, topics: "lines", "tasks.max": "1"}}
            request = urllib.request.Request(
                url + "/connectors", json.dumps(body).encode(),
                {"Content-Type": "application/json"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                self.assertEqual(answer.status, 201)

        def arrived():
            if not os.path.exists(out):
                return False
            with open(out, encoding="utf-8") as file:
                return file.read() == lines
        harness.wait_for("the lines to come out", arrived, patience=60)


class AllAtOnceTest(FrameworkTestCase):
    frameworks = ("kafka", "cassandra", "spark")

    def test_one_plan_whose_branches_start_together(self):
        self.orrery("install", "kafka", "spark", "cassandra", "--yes",
                    "--no-wait")
        there = harness.wait_for("three to start at once", self.three_start)
        self.assertEqual(sorted(there),
                         ["cassandra", "kafka", "spark", "spark-worker"])
        self.assertEqual(there["spark-worker"]["waiting_for"][0],
                         "spark, which it needs")
        shown = self.orrery("status").out
        self.assertRegex(shown, r"(?m)^cassandra \(cassandra 5\.0\.8, .*\n"
                         "waiting: instance 0 waits for its health check TCP ")
        self.wait_running(*there)
        self.produce(PRODUCER_4, 0, 10)
        self.assert_messages(10)
        self.ask_cassandra()
        self.compute_pi()
        self.kill("cassandra")
        self.assertIn("200", self.cqlsh("select count(*) from o.t"))

    def three_start(self):
        """All services, while three of them have begun and none is there."""
        there = self.services()
        first = [there[name] for name in ("kafka", "spark", "cassandra")]
        return all(service["state"] == "deploying" and
                   any(task["health"] == "unknown" and task["pid"]
                       for task in service["tasks"])
                   for service in first) and there

    def cqlsh(self, statement):
        host, port = self.output("cassandra", "contact-points").split(":")
        done = subprocess.run(
            [os.path.join(CLIENTS, "cqlsh"), host, port,
             "--connect-timeout=60", "--request-timeout=60", "-e", statement],
            capture_output=True, text=True, timeout=120, check=False,
            env={"HOME": self.home, "PATH": "/usr/bin:/bin"})
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def ask_cassandra(self):
        self.python(
            "import sys\n"
            "from cassandra.cluster import Cluster\n"
            "host, port = sys.argv[1].split(':')\n"
            "s = Cluster([host], port=int(port), connect_timeout=60,\n"
            "            control_connection_timeout=60).connect()\n"
            "s.default_timeout = 60\n"
            "s.execute(\"create keyspace o with replication = \"\n"
            "    \"{'class':'SimpleStrategy','replication_factor':1}\")\n"
            "s.execute('create table o.t(k int primary key, v text)')\n"
            "for i in range(200):\n"
            "  s.execute('insert into o.t (k, v) values (%s, %s)',\n"
            "            (i, 'v%d' % i))\n"
            "assert s.execute('select count(*) from o.t').one()[0] == 200\n",
            self.output("cassandra", "contact-points"))
        self.assertIn("v7", self.cqlsh("select * from o.t where k=7"))

    def compute_pi(self):
        spark = self.sandbox("spark")
        source, jar = self.path("SparkPi.scala"), self.path("sparkpi.jar")
        with open(source, "w", encoding="utf-8") as file:
            file.write(SPARK_PI)
        subprocess.run(
            ["java", "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp",
             spark + "/jars/*", "scala.tools.nsc.Main", "-usejavacp", "-d",
             jar, source], check=True, timeout=180, cwd=self.scratch)
        master = self.output("spark", "master-url")
        done = subprocess.run(
            [spark + "/bin/spark-submit", "--master", master,
             "--driver-memory", "512m",
             "--conf", "spark.driver.host=127.0.0.1",
             "--conf", "spark.driver.bindAddress=127.0.0.1",
             "--conf", "spark.ui.enabled=false",
             "--conf", "spark.executor.memory=512m", "--class", "SparkPi",
             jar, "4"],
            capture_output=True, text=True, timeout=180, check=False,
            cwd=self.scratch,
            env={"PATH": "/usr/bin:/bin", "HOME": self.home,
                 "SPARK_LOCAL_IP": "127.0.0.1"})
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        self.assertRegex(done.stdout, r"(?m)^Pi is roughly 3\.1")
        with urllib.request.urlopen(
                self.output("spark", "web-ui") + "/json/", timeout=10) as page:
            state = json.load(page)
        self.assertEqual(state["aliveworkers"], 1)
        self.assertEqual([app["state"] for app in state["completedapps"]],
                         ["FINISHED"])


if __name__ == "__main__":
    harness.main()
