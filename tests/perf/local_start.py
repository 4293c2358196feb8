"""How fast the `local` target starts many small processes.

Prints seconds from the first install call until all run, for one app with N
instances and for N apps with one, the ratio of each to starting N bare `sleep`
processes by fork and exec in the same run, and what an idle instance costs.

    bazel run //tests/perf:local_start -- [N]
"""

import concurrent.futures
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from tests.e2e import harness

# Connections that install at the same time.
CLIENTS = 8


def bare_seconds(count):
    """Until `count` children have executed `sleep`."""
    begin = time.monotonic()
    children = [os.posix_spawn("/bin/sleep", ["sleep", "1000"], {})
                for _ in range(count)]
    seconds = time.monotonic() - begin
    for child in children:
        os.kill(child, signal.SIGKILL)
    for child in children:
        os.waitpid(child, 0)
    return seconds


def make_repository(path):
    directory = os.path.join(path, "repo/packages/S/sleeper/0")
    files = harness.release_files("sleeper", 0)
    files["repo/packages/S/sleeper/0/config.json"] = json.dumps({
        "type": "object", "properties": {"service": {
            "type": "object", "properties": {
                "name": {"type": "string", "default": "sleeper"},
                "count": {"type": "integer", "default": 1}}}}})
    files["repo/packages/S/sleeper/0/marathon.json.mustache"] = (
        '{"id": "{{service.name}}", "cmd": "exec sleep 100000", '
        '"cpus": 0.001, "mem": 1, "instances": {{service.count}}, '
        '"portDefinitions": []}')
    os.makedirs(directory)
    for name, text in files.items():
        with open(os.path.join(path, name), "w", encoding="utf-8") as file:
            file.write(text)
    harness.git(path, "init", "-q", "-b", "main")
    harness.git(path, "add", "-A")
    harness.git(path, "commit", "-q", "-m", "sleepers")


class Client:
    """A keep-alive connection."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.connection = http.client.HTTPConnection(host, int(port))

    def call(self, method, path, body=None):
        self.connection.request(
            method, path, None if body is None else json.dumps(body),
            {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        data = response.read()
        if response.status >= 300:
            raise AssertionError("%s %s: %d %s" % (
                method, path, response.status, data[:500]))
        return json.loads(data)


SERVICES = "/v1/clusters/local/services"


def install(client, name, count=1):
    client.call("POST", SERVICES, {
        "package": "sleeper", "service": name,
        "options": {"service": {"name": name, "count": count}}})


def wait_until_running(client, services, instances):
    """Asks for the list until it shows so many, all running."""
    while True:
        page, token = [], ""
        while True:
            answer = client.call("GET", "%s?page_size=1000&page_token=%s" % (
                SERVICES, token))
            page += answer["services"]
            token = answer.get("next_page_token")
            if not token:
                break
        tasks = [task for service in page for task in service["tasks"]]
        if len(page) == services and len(tasks) == instances and all(
                service["state"] == "running" for service in page) and all(
                    task["state"] == "running" for task in tasks):
            return
        failed = [service for service in page if service["state"] == "failed"]
        if failed:
            raise AssertionError(str(failed[0]["waiting_for"]))
        time.sleep(0.05)


def remove_all(client):
    for service in client.call("GET", SERVICES + "?page_size=1000")["services"]:
        client.call("DELETE", "%s/%s" % (SERVICES, service["name"]))
    while client.call("GET", SERVICES)["services"]:
        time.sleep(0.05)


def status_of(pid, key):
    with open("/proc/%d/status" % pid, encoding="ascii") as file:
        for line in file:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    return 0


def descriptors_of(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid, encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(server, count):
    pid = server.process.pid
    client = Client(server.address)
    bare = bare_seconds(count)
    print("bare fork and exec of %d sleeps: %.2f s" % (count, bare))

    rss = status_of(pid, "VmRSS")
    begin = time.monotonic()
    install(client, "many", count)
    wait_until_running(client, 1, count)
    seconds = time.monotonic() - begin
    print("one app of %d instances: %.2f s, %.1f x bare" % (
        count, seconds, seconds / bare))
    print("  orreryd: %.1f KiB an instance, %d threads, %d descriptors" % (
        (status_of(pid, "VmRSS") - rss) / count, status_of(pid, "Threads"),
        descriptors_of(pid)))
    before = cpu_seconds(pid)
    time.sleep(5)
    print("  idle: %.1f %% of one processor" % (
        (cpu_seconds(pid) - before) / 5 * 100))
    begin = time.monotonic()
    remove_all(client)
    print("  removed in %.2f s" % (time.monotonic() - begin))

    before = cpu_seconds(pid)
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        clients = [Client(server.address) for _ in range(CLIENTS)]
        list(pool.map(
            lambda i: [install(clients[i], "s%d" % n)
                       for n in range(i, count, CLIENTS)], range(CLIENTS)))
    accepted = time.monotonic() - begin
    wait_until_running(client, count, count)
    seconds = time.monotonic() - begin
    print("%d apps of one instance: %.2f s (all accepted after %.2f s), "
          "%.1f x bare" % (count, seconds, accepted, seconds / bare))
    print("  orreryd computed for %.2f s of that" % (
        cpu_seconds(pid) - before))
    begin = time.monotonic()
    remove_all(client)
    print("  removed in %.2f s" % (time.monotonic() - begin))


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    scratch = tempfile.mkdtemp()
    server = harness.Server(os.path.join(scratch, "data"))
    try:
        repository = os.path.join(scratch, "repository")
        make_repository(repository)
        server.start()
        for arguments in (["source", "add", "perf", repository],
                          ["source", "sync", "perf"]):
            subprocess.run(
                [harness.ORRERY, *arguments], check=True,
                stdout=subprocess.DEVNULL, env={
                    "HOME": scratch, "PATH": "/usr/bin:/bin",
                    "ORRERY_SERVER": server.url})
        measure(server, count)
        remove_all(Client(server.address))
    finally:
        server.stop()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
