#!/usr/bin/python3
"""What a client's verification costs over the log of the real Universe.

  verify_client.py DATA      the folder with universe-packages.tar.zst

One line of JSON a row, CPU time of one core (user and system, the best of
five), without the start of the program, which is the first row. `raw_ms` is
OpenSSL's SHA-256 over the bytes that the row hashes, as a tree's leaves and
nodes or as files, in the same run. The last row counts what a refresh of an
unchanged log asks for.
"""

import argparse
import glob
import hashlib
import http.client
import http.server
import json
import os
import re
import resource
import subprocess
import tempfile
import threading
import time

from measured_server import WORKSPACE, MeasuredServer
from universe_index import universe

ORRERY = os.path.join(WORKSPACE, ".bazel/bin/cli-plugin/orrery")
ROUNDS = 5
PLAN = 20


def cpu_ms(command, environment, prepare=lambda: None):
    """Of the best of some runs, and the output of the last."""
    best = None
    for _ in range(ROUNDS):
        prepare()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([ORRERY, *command], env=environment, check=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = (after.ru_utime + after.ru_stime - before.ru_utime -
                 before.ru_stime) * 1000
        best = spent if best is None else min(best, spent)
    return best, done.stdout


def raw_ms(pieces):
    """SHA-256 of each piece."""
    best = None
    for _ in range(ROUNDS):
        began = time.process_time()
        for piece in pieces:
            hashlib.sha256(piece).digest()
        spent = (time.process_time() - began) * 1000
        best = spent if best is None else min(best, spent)
    return best


class Counter(http.server.BaseHTTPRequestHandler):
    """Passes requests on to the registry and counts them."""

    target = None
    requests = 0
    bytes = 0

    def do_GET(self):
        connection = http.client.HTTPConnection(Counter.target)
        connection.request("GET", self.path)
        answer = connection.getresponse()
        body = answer.read()
        Counter.requests += 1
        Counter.bytes += len(body)
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        connection.close()

    def log_message(self, *arguments):
        pass


def leaves_of(server, size):
    """The bytes of the entries, and a node for each of them."""
    entries, nodes = [], []
    for tile in range((size + 255) // 256):
        width = min(256, size - tile * 256)
        path = "/log/tile/entries/%03d" % tile + (
            ".p/%d" % width if width < 256 else "")
        bundle = server.request("GET", path)[1]
        while bundle:
            length = int.from_bytes(bundle[:2], "big")
            entries.append(b"\0" + bundle[2:2 + length])
            nodes.append(b"\1" + bytes(64))
            bundle = bundle[2 + length:]
    return entries, nodes


def row(what, ms, raw=None, **more):
    found = {"what": what, "ms": round(ms, 2), **more}
    if raw is not None:
        found.update(raw_ms=round(raw, 2), ratio=round(ms / raw, 2))
    print(json.dumps(found), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data")
    data = parser.parse_args().data
    with tempfile.TemporaryDirectory() as folder:
        server = MeasuredServer(os.path.join(folder, "data"))
        server.start()
        try:
            measure(server, universe(data, folder), folder)
        finally:
            server.process.terminate()
            server.process.wait()


def measure(server, repository, folder):
    url = "http://" + server.address
    environment = {"PATH": "/usr/bin:/bin", "HOME": folder,
                   "ORRERY_SERVER": url}

    def orrery(*command, **options):
        return cpu_ms(command, environment, **options)

    def forget():
        """That the log was replayed."""
        for path in glob.glob(os.path.join(
                folder, ".local/state/orrery/trust/*/*/sound")):
            os.remove(path)

    for command in (("source", "add", "u", repository, "--yes"),
                    ("source", "sync", "u")):
        subprocess.run([ORRERY, *command], env=environment, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    start, _ = orrery("version")
    row("start of the program", start)
    everything = json.loads(orrery("verify", "--all", "-o", "json")[1])
    size = everything["registries"][0]["size"]
    names = [one["package"] for one in everything["packages"]]
    entries, nodes = leaves_of(server, size)
    raw_log = raw_ms(entries + nodes)

    replay, _ = orrery("log", "checkpoint", "--offline", prepare=forget)
    row("replay of the whole log, offline", replay - start, raw_log,
        leaves=size)
    checkpoint, _ = orrery("log", "checkpoint", "--offline")
    row("the same log when it was replayed before", checkpoint - start,
        raw_log, leaves=size)
    plan, _ = orrery("verify", "--offline", *names[:PLAN])
    row("%d packages of it and their files" % PLAN, plan - start,
        packages=PLAN)
    everywhere, _ = orrery("verify", "--offline", "--all")
    row("every package and its files", everywhere - start,
        packages=len(names))
    audit, _ = orrery("log", "audit")
    row("audit: every tile, entry, leaf and catalog, over HTTP", audit - start,
        raw_log, leaves=size)

    Counter.target = server.address
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Counter)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    policy = re.sub("http://\\S+", "http://127.0.0.1:%d" % web.server_port,
                    server.request("GET", "/v1/trust/policy")[1].decode())
    for name in ("tlog-policy", "names"):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(server.request("GET", "/v1/trust/" + name)[1])
    with open(os.path.join(folder, "policy"), "w", encoding="ascii") as file:
        file.write(policy)
    environment["ORRERY_POLICY"] = os.path.join(folder, "policy")
    orrery("verify", names[0])
    Counter.requests = Counter.bytes = 0
    spent, _ = orrery("verify", names[0])
    row("refresh of an unchanged log, one package", spent - start,
        requests=Counter.requests / ROUNDS, bytes=Counter.bytes / ROUNDS)
    web.shutdown()


if __name__ == "__main__":
    main()
