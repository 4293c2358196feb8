"""An orreryd whose time and memory are looked at from outside."""

import http.client
import json
import os
import re
import subprocess
import time
import urllib.parse

WORKSPACE = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
ORRERYD = os.path.join(WORKSPACE, ".bazel/bin/server/orreryd")


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class MeasuredServer:
    """Started on loopback and a free port, ended by its own pid."""

    def __init__(self, data_dir, *flags):
        self.data_dir = data_dir
        self.flags = flags
        self.process = None
        self.connection = None

    def start(self):
        """Seconds until it is ready."""
        os.makedirs(self.data_dir, exist_ok=True)
        address = os.path.join(self.data_dir, "run/http.addr")
        if os.path.exists(address):
            os.remove(address)
        began = time.perf_counter()
        with open(self.data_dir + ".log", "ab") as log:
            self.process = subprocess.Popen(
                [ORRERYD, "--data-dir", self.data_dir, "--http-listen",
                 "127.0.0.1:0", "--grpc-listen", "127.0.0.1:0", *self.flags],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(f"orreryd ended: see {self.data_dir}.log")
            try:
                with open(address, encoding="ascii") as file:
                    self.address = file.read().strip()
                self.connection = self.connect()
                if self.request("GET", "/readyz")[0] == 200:
                    return time.perf_counter() - began
            except OSError:
                pass
            time.sleep(0.002)

    def connect(self):
        host, port = self.address.rsplit(":", 1)
        return http.client.HTTPConnection(host, int(port), timeout=3600)

    def request(self, verb, path, body=None, connection=None):
        """Status and bytes of the answer."""
        connection = connection or self.connection
        connection.request(verb, path,
                           None if body is None else json.dumps(body),
                           {"content-type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()

    def call(self, verb, path, body=None):
        """The JSON of a successful answer."""
        status, answer = self.request(verb, path, body)
        if status != 200:
            raise RuntimeError(f"{verb} {path}: {status} {answer!r}")
        return json.loads(answer)

    def add_source(self, name, repository, ref="main", **more):
        self.call("POST", "/v1/sources",
                  {"name": name, "url": os.path.abspath(repository),
                   "ref": ref, "mode": "mutable", **more})

    def sync(self, name):
        """Seconds until the tip is served, and the source."""
        began = time.perf_counter()
        source = self.call("POST", f"/v1/sources/{name}:sync",
                           {"accept_removals": True})
        return time.perf_counter() - began, source

    def search(self, query):
        """Seconds and the answer."""
        path = "/v1/packages:search?query=" + urllib.parse.quote(query)
        began = time.perf_counter()
        answer = self.call("GET", path)
        return time.perf_counter() - began, answer

    def cpu_ms(self):
        """User and system, of all its threads."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        ticks = int(fields[11]) + int(fields[12])
        return ticks * 1000 / os.sysconf("SC_CLK_TCK")

    def last_batch(self):
        """Leaves of the log, and bytes of the catalog that the last names."""
        size = int(self.request("GET", "/log/checkpoint")[1].split(b"\n")[1])
        tile, width = divmod(size - 1, 256)
        width += 1
        groups = []
        while not groups or tile > 0:
            groups.insert(0, ("x" if groups else "") + f"{tile % 1000:03}")
            tile //= 1000
        path = "/log/tile/entries/" + "/".join(groups) + (
            f".p/{width}" if width < 256 else "")
        entries = self.request("GET", path)[1]
        catalogs = re.findall(rb"\ncatalog sha256:[0-9a-f]{64} (\d+)\n",
                              entries)
        return size, int(catalogs[-1])

    def memory(self, which="VmRSS"):
        """MiB; VmHWM is the most it ever was."""
        with open(f"/proc/{self.process.pid}/status",
                  encoding="ascii") as file:
            return int(re.search(which + r":\s+(\d+)", file.read())[1]) / 1024

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None
