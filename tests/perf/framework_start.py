#!/usr/bin/env python3
"""Real frameworks by `orrery install` beside the same started by hand.

  bazel build //server:orreryd //cli-plugin:orrery
  ~/.cache/orrery/frameworks/clients/bin/python tests/perf/framework_start.py

Alternates five times: tarballs unpacked and the packages' commands run in a
shell, and the packages installed on a fresh orreryd that has the artifacts. The
time ends with the first good answer to a client outside. Exits with 1 when a
row misses its goal.
"""

import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from kafka import KafkaConsumer

from framework_chains import Chains, cpu_of_tools

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ORRERYD = ROOT / ".bazel/bin/server/orreryd"
ORRERY = ROOT / ".bazel/bin/cli-plugin/orrery"
TICKS = os.sysconf("SC_CLK_TCK")
ALL = "all frameworks"
CASES = {"kafka 4.4.0": ["kafka@=4.4.0"],
         "zookeeper + kafka 3.8.1": ["kafka@=3.8.1"],
         ALL: ["kafka@=3.8.1", "kafka-connect", "spark", "cassandra"]}
MOST_WAIT, WAIT_SLACK_S, MOST_CPU, MOST_RSS_MIB = 1.15, 0.5, 1.5, 20
# What a client of version 5 of CQL asks first.
CQL_OPTIONS = bytes.fromhex("050000000500000000")


def asks_kafka(port, *_):
    KafkaConsumer(bootstrap_servers=f"127.0.0.1:{port}",
                  request_timeout_ms=5000).topics()


def asks_cassandra(port, *_):
    with socket.create_connection(("127.0.0.1", port), 5) as client:
        client.sendall(CQL_OPTIONS)
        # SUPPORTED, from the server.
        if client.recv(5)[4] != 0x06:
            raise OSError("no answer to OPTIONS")


def fetch(url):
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def asks_spark(_, web):
    if fetch(f"http://127.0.0.1:{web}/json/")["aliveworkers"] != 1:
        raise OSError("no worker yet")


def asks_connect(port):
    fetch(f"http://127.0.0.1:{port}/connectors")


CLIENTS = {"kafka": asks_kafka, "cassandra": asks_cassandra,
           "spark": asks_spark, "kafka-connect": asks_connect}


def await_answers(ports):
    """A good answer of each service that has clients."""
    for name, client in CLIENTS.items():
        deadline = time.monotonic() + 120
        while name in ports:
            try:
                client(*ports[name])
                break
            # Clients have many words for "not yet".
            except Exception as error:
                if time.monotonic() > deadline:
                    raise SystemExit(f"{name} does not answer") from error
                time.sleep(0.05)


class Server:
    """An orreryd with the example source and the artifacts."""

    def __init__(self, scratch, cache):
        self.data = scratch / "data"
        self.data.mkdir()
        self.log = open(scratch / "log", "wb")
        self.process = subprocess.Popen(
            [ORRERYD, "--data-dir", self.data, "--http-listen", "127.0.0.1:0",
             "--grpc-listen", "127.0.0.1:0"], stdout=self.log, stderr=self.log)
        address = self.data / "run/http.addr"
        while not (address.exists() and address.read_text().strip()):
            time.sleep(0.02)
        self.environment = {
            **os.environ, "ORRERY_SERVER":
            "http://" + address.read_text().strip(),
            "PATH": f"{ORRERY.parent}:{os.environ['PATH']}"}
        repository = scratch / "universe"
        shutil.copytree(ROOT / "examples/universe", repository)
        git = ["git", "-C", str(repository), "-c", "user.name=p", "-c",
               "user.email=p@localhost"]
        for words in (["init", "-q", "-b", "main"], ["add", "-A"],
                      ["commit", "-qm", "x"]):
            subprocess.run(git + words, check=True)
        subprocess.run([ROOT / "examples/fetch-frameworks", "--cache", cache],
                       check=True, env=self.environment,
                       stdout=subprocess.DEVNULL)
        self.orrery("source", "add", "examples", f"file://{repository}",
                    "--ref", "main")
        self.orrery("source", "sync", "examples")

    def __enter__(self):
        return self

    def orrery(self, *words):
        return subprocess.run([ORRERY, *words], check=True,
                              env=self.environment, capture_output=True,
                              text=True).stdout

    def services(self):
        return json.loads(self.orrery("list", "-o", "json"))["services"]

    def cpu(self):
        words = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = words.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def tasks_memory(self):
        """Sum of PSS of what it runs, MiB."""
        kib = 0
        for service in self.services():
            for task in service["tasks"]:
                rollup = pathlib.Path(f"/proc/{task['pid']}/smaps_rollup")
                kib += int(rollup.read_text().split("Pss:")[1].split()[0])
        return kib / 1024

    def __exit__(self, *_):
        while there := [service["name"] for service in self.services()]:
            for name in there:
                subprocess.run(
                    [ORRERY, "uninstall", name, "--with-unused", "--yes"],
                    env=self.environment, capture_output=True, check=False)
        self.process.terminate()
        self.process.wait()
        self.log.close()


def by_orrery(items, cache):
    """Seconds until all answer, CPU seconds and RSS growth of orreryd, and the
    memory of what runs then."""
    with tempfile.TemporaryDirectory() as scratch, \
            Server(pathlib.Path(scratch), cache) as server:
        cpu, rss = server.cpu(), server.rss()
        begin = time.monotonic()
        server.orrery("install", *items, "--yes")
        await_answers({
            service["name"]: [e["port"] for e in service["endpoints"]]
            for service in server.services()})
        seconds = time.monotonic() - begin
        return (seconds, server.cpu() - cpu, server.rss() - rss,
                server.tasks_memory())


def planned_steps(items, cache):
    with tempfile.TemporaryDirectory() as scratch, \
            Server(pathlib.Path(scratch), cache) as server:
        return json.loads(server.orrery(
            "install", *items, "--dry-run", "-o", "json"))["steps"]


def by_hand(steps, cache):
    with tempfile.TemporaryDirectory() as scratch:
        begin = time.monotonic()
        with Chains(steps, cache, pathlib.Path(scratch)) as chains:
            await_answers(chains.ports())
            return time.monotonic() - begin


def row(title, text, goal, meets):
    print(f"{title}: {text} (goal {goal}): {'ok' if meets else 'MISSED'}",
          flush=True)
    return meets


def measure(title, items, cache, runs):
    """Prints the rows of a case; whether all goals are met."""
    steps = planned_steps(items, cache)
    hand, ours = [], []
    for _ in range(runs):
        hand.append(by_hand(steps, cache))
        ours.append(by_orrery(items, cache))
    wait = statistics.median(hand)
    seconds, cpu, rss, memory = (statistics.median(column)
                                 for column in zip(*ours))
    slack = 0 if title == ALL else WAIT_SLACK_S
    rows = [row(title, f"ready after {seconds:.2f} s, by hand {wait:.2f} s, "
                f"{seconds / wait:.2f}x, {seconds - wait:+.2f} s",
                f"{MOST_WAIT}x" + (f" or +{slack} s" if slack else ""),
                seconds <= max(MOST_WAIT * wait, wait + slack))]
    if title == ALL:
        print(f"{title}: memory of the tasks {memory:.0f} MiB (PSS)")
    else:
        tools = statistics.median(cpu_of_tools(steps, cache)
                                  for _ in range(runs))
        rows += [
            row(title, f"CPU of orreryd {cpu:.2f} s, tar and sha256sum "
                f"{tools:.2f} s, {cpu / tools:.2f}x", f"{MOST_CPU}x",
                cpu <= MOST_CPU * tools),
            row(title, f"RSS of orreryd {rss:+.1f} MiB",
                f"+{MOST_RSS_MIB} MiB", rss <= MOST_RSS_MIB)]
    return all(rows)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path(
        os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
        / "orrery/frameworks")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("cases", nargs="*", metavar="CASE",
                        help=f"of {', '.join(CASES)}; all")
    arguments = parser.parse_args()
    met = [measure(title, items, arguments.cache, arguments.runs)
           for title, items in CASES.items()
           if not arguments.cases or title in arguments.cases]
    sys.exit(0 if all(met) else 1)


if __name__ == "__main__":
    main()
