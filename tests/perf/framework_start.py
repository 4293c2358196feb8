#!/usr/bin/env python3
"""Real frameworks by `orrery install` beside the same started by hand.

  bazel build //server:orreryd //cli-plugin:orrery
  ~/.cache/orrery/frameworks/clients/bin/python tests/perf/framework_start.py

Alternates five times: the tarball unpacked and the package's command run in a
shell, and the package installed on a fresh orreryd that has the artifact. The
time ends with the first good answer to a Kafka client. Goals: 1.15 times the
time by hand, or 0.5 s more; CPU of orreryd 1.5 times that of tar and sha256sum
over the same files; its RSS grows by 20 MiB at most.
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time

from kafka import KafkaConsumer

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ORRERYD = ROOT / ".bazel/bin/server/orreryd"
ORRERY = ROOT / ".bazel/bin/cli-plugin/orrery"
TICKS = os.sysconf("SC_CLK_TCK")
CASES = {"kafka 4.4.0": "kafka@=4.4.0",
         "zookeeper + kafka 3.8.1": "kafka@=3.8.1"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def await_broker(bootstrap):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            KafkaConsumer(bootstrap_servers=bootstrap,
                          request_timeout_ms=5000).topics()
            return
        except Exception:  # The client has many words for "not yet".
            time.sleep(0.05)
    raise SystemExit(f"{bootstrap} does not answer")


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
        self.environment = {**os.environ, "ORRERY_SERVER":
                            "http://" + address.read_text().strip()}
        repository = scratch / "universe"
        shutil.copytree(ROOT / "examples/universe", repository)
        git = ["git", "-C", str(repository), "-c", "user.name=p", "-c",
               "user.email=p@localhost"]
        for words in (["init", "-q", "-b", "main"], ["add", "-A"],
                      ["commit", "-qm", "x"]):
            subprocess.run(git + words, check=True)
        subprocess.run([ROOT / "examples/fetch-frameworks", "--cache", cache,
                        "zookeeper", "kafka"], check=True,
                       env=self.environment, stdout=subprocess.DEVNULL)
        self.orrery("source", "add", "examples", f"file://{repository}",
                    "--ref", "main")
        self.orrery("source", "sync", "examples")

    def orrery(self, *words):
        return subprocess.run([ORRERY, *words], check=True,
                              env=self.environment, capture_output=True,
                              text=True).stdout

    def cpu(self):
        words = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = words.rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    def stop(self):
        for service in ("kafka", "zookeeper"):
            subprocess.run([ORRERY, "uninstall", service, "--yes"],
                           env=self.environment, capture_output=True)
        self.process.terminate()
        self.process.wait()
        self.log.close()


def by_orrery(item, cache):
    with tempfile.TemporaryDirectory() as scratch:
        server = Server(pathlib.Path(scratch), cache)
        try:
            cpu, rss = server.cpu(), server.rss()
            begin = time.monotonic()
            server.orrery("install", item, "--yes")
            [kafka] = [s for s in json.loads(
                server.orrery("list", "-o", "json"))["services"]
                if s["name"] == "kafka"]
            await_broker({o["name"]: o["value"]
                          for o in kafka["outputs"]}["bootstrap"])
            return (time.monotonic() - begin, server.cpu() - cpu,
                    server.rss() - rss)
        finally:
            server.stop()


def manifests(item, cache):
    """What the plan would run, providers first."""
    with tempfile.TemporaryDirectory() as scratch:
        server = Server(pathlib.Path(scratch), cache)
        try:
            plan = json.loads(server.orrery("install", item, "--dry-run", "-o",
                                            "json"))
            return [step["manifest"] for step in plan["steps"]]
        finally:
            server.stop()


def start_by_hand(app, cache, folder, known):
    """Unpacks and starts one; its ports."""
    folder.mkdir()
    (folder / "data").mkdir()
    tarball = app["fetch"][0]["uri"].rsplit("/", 1)[1]
    subprocess.run(["tar", "xzf", cache / tarball, "-C", folder], check=True)
    ports = [free_port() for _ in app["portDefinitions"]]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder),
                   "HOST": "127.0.0.1", "PWD": str(folder),
                   "MARATHON_APP_RESOURCE_MEM": str(float(app["mem"])),
                   **{f"PORT{i}": str(p) for i, p in enumerate(ports)},
                   **{name: known if "orrery-late-" in str(value) else
                      str(value) for name, value in app["env"].items()}}
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(["/bin/sh", "-c", app["cmd"]], cwd=folder,
                                   env=environment, stdout=log, stderr=log,
                                   start_new_session=True)
    return process, ports


def by_hand(apps, cache):
    with tempfile.TemporaryDirectory() as scratch:
        processes = []
        try:
            begin = time.monotonic()
            known = ""
            for i, app in enumerate(apps):
                process, ports = start_by_hand(
                    app, cache, pathlib.Path(scratch) / str(i), known)
                processes.append(process)
                known = f"127.0.0.1:{ports[0]}"
                while i + 1 < len(apps):
                    # ZooKeeper serves when its AdminServer says so.
                    done = subprocess.run(
                        ["curl", "-fs", "-o", "/dev/null",
                         f"http://127.0.0.1:{ports[1]}/commands/srvr"])
                    if done.returncode == 0:
                        break
                    time.sleep(0.05)
            await_broker(known)
            return time.monotonic() - begin
        finally:
            for process in reversed(processes):
                os.killpg(process.pid, signal.SIGTERM)
                process.wait()


def cpu_of_tools(apps, cache):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for app in apps:
        tarball = cache / app["fetch"][0]["uri"].rsplit("/", 1)[1]
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["tar", "xzf", tarball, "-C", folder], check=True)
        subprocess.run(["sha256sum", tarball], check=True,
                       stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime
            - before.ru_stime)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", type=pathlib.Path, default=pathlib.Path(
        os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
        / "orrery/frameworks")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    for title, item in CASES.items():
        apps = manifests(item, arguments.cache)
        hand, ours = [], []
        for _ in range(arguments.runs):
            hand.append(by_hand(apps, arguments.cache))
            ours.append(by_orrery(item, arguments.cache))
        tools = statistics.median(cpu_of_tools(apps, arguments.cache)
                                  for _ in range(3))
        wait = statistics.median(hand)
        seconds, cpu, rss = (statistics.median(column)
                             for column in zip(*ours))
        print(f"{title}: by hand {wait:.2f} s, orrery {seconds:.2f} s, "
              f"{seconds / wait:.2f}x, {seconds - wait:+.2f} s; CPU of orreryd "
              f"{cpu:.2f} s, tar and sha256sum {tools:.2f} s, "
              f"{cpu / tools:.2f}x; RSS {rss:+.1f} MiB", flush=True)


if __name__ == "__main__":
    main()
