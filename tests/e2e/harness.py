"""Starts the built programs as a user would and looks at them from outside.

Servers listen on loopback, on free ports, and are stopped by their own pid.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree

# Of the workspace this file was laid into: `bazel test` and `bazel run` alike.
RUNFILES = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
ORRERYD = os.path.join(RUNFILES, "server/orreryd")
ORRERY = os.path.join(RUNFILES, "cli-plugin/orrery")
EXAMPLE = os.path.join(RUNFILES, "examples/universe")
RELATIONS = os.path.join(RUNFILES, "examples/relations")
TEST_DATA = os.environ.get("ORRERY_TEST_DATA", "")

needs_test_data = unittest.skipUnless(
    TEST_DATA, "ORRERY_TEST_DATA is not set: the real Universe is not here")

# How long a test waits for what should take moments.
PATIENCE = 60


def wait_for(what, condition, patience=PATIENCE):
    """The first true value of condition()."""
    deadline = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError("waited %d s for %s" % (patience, what))
        time.sleep(0.05)


def git(repository, *arguments):
    """Runs git in a repository; its output without white space around it."""
    return subprocess.run(
        ["git", "-C", repository, "-c", "user.name=test", "-c",
         "user.email=test@example.org", "-c", "commit.gpgsign=false",
         *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        check=True).stdout.strip()


def universe_repository():
    """The real Universe as one commit, in a folder that goes with the test."""
    repository = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
    subprocess.run(
        ["tar", "-C", repository, "--zstd", "-xf",
         os.path.join(TEST_DATA, "universe-packages.tar.zst")], check=True)
    git(repository, "init", "-q", "-b", "main")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "universe")
    return repository


class Result:
    """What a command left: exit code, stdout, stderr."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return "exit %d\n--- stdout\n%s\n--- stderr\n%s" % (
            self.code, self.out, self.err)


class Server:
    """An orreryd with a data directory of its own."""

    def __init__(self, data_dir, *flags, http="127.0.0.1:0"):
        self.data_dir = data_dir
        self.flags = flags
        self.http_listen = http
        self.process = None
        # Added to what it inherits.
        self.environment = {}

    def launch(self):
        self.log = open(self.data_dir + ".log", "ab")
        self.process = subprocess.Popen(
            [ORRERYD, "--data-dir", self.data_dir, "--http-listen",
             self.http_listen, "--grpc-listen", "127.0.0.1:0",
             "--log-format", "json", *self.flags],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            env={**os.environ, **self.environment})

    def start(self):
        self.launch()
        address = os.path.join(self.data_dir, "run/http.addr")

        def ready():
            if self.process.poll() is not None:
                raise AssertionError("orreryd ended with %d: %s" % (
                    self.process.returncode, self.log_text()[-2000:]))
            # The file of an earlier run is removed at start.
            with contextlib.suppress(OSError):
                with open(address, encoding="ascii") as file:
                    self.address = file.read().strip()
                return self.get("/readyz").status == 200
            return False

        wait_for("orreryd to be ready", ready)
        return self

    @property
    def url(self):
        return "http://" + self.address

    @property
    def grpc_address(self):
        with open(os.path.join(self.data_dir, "run/grpc.addr"),
                  encoding="ascii") as file:
            return file.read().strip()

    def log_text(self):
        with open(self.data_dir + ".log", encoding="utf-8",
                  errors="replace") as file:
            return file.read()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=PATIENCE)
        self.log.close()

    def request(self, method, path, body=None, headers=None):
        """The HTTPResponse, also for statuses that are errors; body in .data."""
        data = None
        headers = dict(headers or {})
        if body is not None:
            data = body if isinstance(body, bytes) else \
                json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(self.url + path, data=data,
                                         method=method, headers=headers)
        try:
            response = urllib.request.urlopen(request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            response = error
        response.data = response.read()
        return response

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def get_json(self, path):
        return json.loads(self.get(path).data)


@contextlib.contextmanager
def ssh_agent(*keys):
    """An agent that holds these keys; yields the environment that names it."""
    with tempfile.TemporaryDirectory() as folder:
        socket = os.path.join(folder, "agent")
        with subprocess.Popen(["ssh-agent", "-D", "-a", socket],
                              stdout=subprocess.DEVNULL) as agent:
            try:
                wait_for("ssh-agent", lambda: os.path.exists(socket))
                named = {"SSH_AUTH_SOCK": socket}
                for key in keys:
                    subprocess.run(["ssh-add", "-q", key], check=True,
                                   env={**os.environ, **named})
                yield named
            finally:
                agent.terminate()


class OrreryTestCase(unittest.TestCase):
    """A scratch folder, a server in it, and the command pointed at it."""

    server_flags = ()
    maxDiff = None

    def setUp(self):
        self.scratch = tempfile.mkdtemp(dir=os.environ.get("TEST_TMPDIR"))
        self.addCleanup(shutil.rmtree, self.scratch, ignore_errors=True)
        self.home = self.path("home")
        os.mkdir(self.home)
        self.server = self.start_server()

    def path(self, *names):
        return os.path.join(self.scratch, *names)

    def start_server(self, name="data", flags=None):
        server = Server(self.path(name),
                        *(self.server_flags if flags is None else flags))
        self.addCleanup(server.stop)
        return server.start()

    def orrery(self, *arguments, code=0, env=None, stdin=None, cwd=None):
        """Runs the command; fails unless it exits with `code` (None: any)."""
        environment = {
            "PATH": "/usr/bin:/bin", "HOME": self.home, "LANG": "C.UTF-8",
            "ORRERY_SERVER": self.server.url, **(env or {})}
        done = subprocess.run(
            [ORRERY, *arguments], env=environment, input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=180, check=False, cwd=cwd)
        result = Result(done.returncode, done.stdout, done.stderr)
        if code is not None:
            self.assertEqual(result.code, code, "orrery %s: %r" % (
                " ".join(arguments), result))
        return result

    def pin(self, *lines, folder="trust", **changes):
        """The served trust files in a folder, the policy with more lines, and
        `names`, `tlog_policy` or `policy` put through a function; the
        policy's path."""
        folder = self.path(folder)
        os.makedirs(folder, exist_ok=True)
        for name in ("policy", "tlog-policy", "names"):
            text = self.server.get("/v1/trust/" + name).data.decode()
            if name == "policy":
                text += "".join(line + "\n" for line in lines)
            change = changes.get(name.replace("-", "_"))
            with open(os.path.join(folder, name), "w",
                      encoding="ascii") as file:
                file.write(change(text) if change else text)
        return os.path.join(folder, "policy")

    def git(self, repository, *arguments):
        return git(repository, *arguments)

    def make_repository(self, name="repository", files=None):
        """A git repository with one commit of `files` (path -> text)."""
        repository = self.path(name)
        os.makedirs(repository)
        self.git(repository, "init", "-q", "-b", "main")
        self.commit(repository, files or {}, "first")
        return repository

    def example_repository(self, name="example"):
        repository = self.path(name)
        shutil.copytree(EXAMPLE, repository, symlinks=False)
        subprocess.run(["chmod", "-R", "u+w", repository], check=True)
        self.git(repository, "init", "-q", "-b", "main")
        self.git(repository, "add", "-A")
        self.git(repository, "commit", "-q", "-m", "examples")
        return repository

    def commit(self, repository, files, message="change"):
        """Writes, or with None removes, files and commits them."""
        for path, text in files.items():
            full = os.path.join(repository, path)
            if text is None:
                os.remove(full)
                continue
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "wb") as file:
                file.write(text if isinstance(text, bytes) else text.encode())
        self.git(repository, "add", "-A")
        self.git(repository, "commit", "-q", "--allow-empty", "-m", message)
        return self.git(repository, "rev-parse", "HEAD")

    def add_source(self, name, url, *flags):
        """Its releases may change, as they do in most tests."""
        if "--mode" not in flags:
            flags += ("--mode", "mutable")
        self.orrery("source", "add", name, url, *flags)
        self.orrery("source", "sync", name)

    def ended_operation(self, service):
        """The last of the service, once it has ended."""
        def ended():
            listed = self.orrery("operation", "list", "-o", "json").json
            for operation in listed["operations"]:
                if operation["service"] == service:
                    return operation["state"] != "running" and operation
        return wait_for("the end of %s" % service, ended, patience=180)

    def living(self):
        """Processes whose environment names a task of this server."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/environ" % pid, "rb") as file:
                    if self.path("data").encode() in file.read():
                        found.append(int(pid))
            except OSError:
                pass
        return [pid for pid in found if pid != os.getpid()]

    def source_status(self, name):
        return self.orrery("source", "status", name, "-o", "json").json


def release_files(name, release, version="1.0.0", **members):
    """The files of a release that can be indexed but not run."""
    directory = "repo/packages/%s/%s/%d/" % (name[0].upper(), name, release)
    package = {
        "packagingVersion": "4.0", "name": name, "version": version,
        "maintainer": "ops@example.org", "description": "The %s package." % name,
        "tags": ["demo"], **members}
    return {directory + "package.json": json.dumps(package, indent=2) + "\n"}


def echod_files(release=0, version=None, template_changes=None, config=None):
    """A release that answers HTTP, with options of several types."""
    files = release_files("echod", release, version or "1.%d.0" % release,
                          upgradesFrom=["*"], downgradesTo=["*"])
    directory = "repo/packages/E/echod/%d/" % release
    files[directory + "config.json"] = json.dumps(config or {
        "type": "object", "properties": {"service": {
            "type": "object", "properties": {
                "name": {"type": "string", "default": "echod"},
                "count": {"type": "integer", "default": 1, "minimum": 0},
                "text": {"type": "string", "default": "hi"},
                "port": {"type": "integer", "default": 0, "minimum": 0,
                         "maximum": 65535}}}}}, indent=2) + "\n"
    app = {
        "id": "{{service.name}}",
        "cmd": "exec python3 -m http.server --bind $HOST $PORT0",
        "cpus": 0.1, "mem": 32, "instances": "@count@",
        "env": {"TEXT": "{{service.text}}"},
        "portDefinitions": [
            {"port": "@port@", "protocol": "tcp", "name": "http"}],
        "healthChecks": [{
            "protocol": "HTTP", "path": "/", "portIndex": 0,
            "gracePeriodSeconds": 30, "intervalSeconds": 5,
            "maxConsecutiveFailures": 3}],
        **(template_changes or {})}
    text = json.dumps(app, indent=2)
    text = text.replace('"@count@"', "{{service.count}}")
    text = text.replace('"@port@"', "{{service.port}}")
    files[directory + "marathon.json.mustache"] = text + "\n"
    return files


class _Recorder(unittest.TextTestResult):
    """Writes down every case for the test.xml that Bazel reads."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.cases = []

    def addSuccess(self, test):
        super().addSuccess(test)
        self.cases.append((test, "passed", ""))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.cases.append((test, "failure", self.failures[-1][1]))

    def addError(self, test, err):
        super().addError(test, err)
        self.cases.append((test, "error", self.errors[-1][1]))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.cases.append((test, "skipped", reason))


def main():
    """Runs the tests of the calling module."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(
        sys.modules["__main__"])
    result = unittest.TextTestRunner(
        resultclass=_Recorder, verbosity=2).run(suite)
    report = ElementTree.Element("testsuite")
    for test, outcome, text in result.cases:
        case = ElementTree.SubElement(
            report, "testcase", classname=type(test).__name__,
            name=getattr(test, "_testMethodName", str(test)))
        if outcome != "passed":
            ElementTree.SubElement(case, outcome, message=text[:200]).text = text
    if "XML_OUTPUT_FILE" in os.environ:
        ElementTree.ElementTree(report).write(os.environ["XML_OUTPUT_FILE"])
    sys.exit(0 if result.wasSuccessful() else 1)
