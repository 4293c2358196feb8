"""Frameworks started by hand, with the manifests of an install plan: each as
soon as what it needs is ready, as many at a time as that lets through."""

import concurrent.futures
import os
import resource
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

# What others are told of a service, as its package's relations say.
OUTPUTS = {"zookeeper": "127.0.0.1:{0}", "kafka": "127.0.0.1:{0}",
           "spark": "spark://127.0.0.1:{0}"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Started:
    """An app that was unpacked and started, with its ports."""

    def __init__(self, step, cache, folder, known):
        self.app = step["manifest"]
        folder.mkdir()
        (folder / "data").mkdir()
        subprocess.run(["tar", "xzf", cache / tarball(step), "-C", folder],
                       check=True)
        self.ports = [free_port() for _ in self.app["portDefinitions"]]
        late = "".join(known[value["provider"]] for value in step["late"])
        self.environment = {
            "PATH": "/usr/bin:/bin", "HOME": str(folder), "PWD": str(folder),
            "HOST": "127.0.0.1",
            "MARATHON_APP_RESOURCE_MEM": str(float(self.app["mem"])),
            **{f"PORT{i}": str(port) for i, port in enumerate(self.ports)},
            **{name: late if "orrery-late-" in str(value) else str(value)
               for name, value in self.app.get("env", {}).items()}}
        self.folder = folder
        with open(folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["/bin/sh", "-c", self.app["cmd"]], cwd=folder, stdout=log,
                stderr=log, env=self.environment, start_new_session=True)

    def passes(self):
        """What its health check says."""
        [check] = self.app["healthChecks"]
        if check["protocol"] == "COMMAND":
            try:
                return subprocess.run(
                    ["/bin/sh", "-c", check["command"]["value"]],
                    cwd=self.folder, env=self.environment, check=False,
                    capture_output=True,
                    timeout=check["timeoutSeconds"]).returncode == 0
            except subprocess.TimeoutExpired:
                return False
        port = self.ports[check["portIndex"]]
        try:
            if check["protocol"] == "TCP":
                socket.create_connection(("127.0.0.1", port), 5).close()
                return True
            with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}{check['path']}",
                    timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def await_ready(self):
        while not self.passes():
            if self.process.poll() is not None:
                raise SystemExit(f"{self.app['id']} ended: see {self.folder}")
            time.sleep(0.05)

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


def tarball(step):
    return step["manifest"]["fetch"][0]["uri"].rsplit("/", 1)[1]


class Chains:
    """All steps of a plan; a context that ends with everything stopped."""

    def __init__(self, steps, cache, folder):
        self.steps, self.cache, self.folder = steps, cache, folder
        self.started = {}

    def __enter__(self):
        known = {}
        waits = {}

        def begin(step):
            for name in step["after"]:
                waits[name].result()
            name = step["service"]
            app = Started(step, self.cache, self.folder / name, known)
            self.started[name] = app
            app.await_ready()
            if name in OUTPUTS:
                known[name] = OUTPUTS[name].format(*app.ports)

        with concurrent.futures.ThreadPoolExecutor(len(self.steps)) as pool:
            for step in self.steps:
                waits[step["service"]] = pool.submit(begin, step)
        for wait in waits.values():
            wait.result()
        return self

    def __exit__(self, *_):
        for app in reversed(self.started.values()):
            app.stop()

    def ports(self):
        return {name: app.ports for name, app in self.started.items()}


def cpu_of_tools(steps, cache):
    """Seconds that tar and sha256sum compute over what the steps unpack."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for step in steps:
        file = cache / tarball(step)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["tar", "xzf", file, "-C", folder], check=True)
        subprocess.run(["sha256sum", file], check=True,
                       stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime
            - before.ru_stime)
