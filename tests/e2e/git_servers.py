"""Real git remotes on loopback: git's own http-backend, and Debian's sshd."""

import contextlib
import getpass
import http.server
import os
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time


class HttpRemote:
    """Serves the repositories below `root` by git http-backend; also to those
    who take it for their proxy. With `certificate` (a PEM file) by TLS."""

    def __init__(self, root, token=None, certificate=None):
        remote = self
        self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_GET(self):
                remote.requests.append(self.path)
                if token and self.headers.get("Authorization") != \
                        "Bearer " + token:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", "Bearer")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                self.answer(b"")

            def do_POST(self):
                remote.requests.append(self.path)
                if self.headers.get("Transfer-Encoding") == "chunked":
                    body = b""
                    while True:
                        size = int(self.rfile.readline().split(b";")[0], 16)
                        body += self.rfile.read(size)
                        self.rfile.readline()
                        if size == 0:
                            break
                else:
                    body = self.rfile.read(
                        int(self.headers.get("Content-Length", 0)))
                self.answer(body)

            def answer(self, body):
                path, _, query = self.path.partition("?")
                if path.startswith("http://"):
                    path = "/" + path.split("/", 3)[3]
                environment = {
                    "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
                    "GIT_PROJECT_ROOT": root, "GIT_HTTP_EXPORT_ALL": "1",
                    "GIT_CONFIG_COUNT": "1",
                    "GIT_CONFIG_KEY_0": "safe.directory",
                    "GIT_CONFIG_VALUE_0": "*",
                    "PATH_INFO": path, "QUERY_STRING": query,
                    "REQUEST_METHOD": self.command,
                    "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                    "HTTP_CONTENT_ENCODING":
                        self.headers.get("Content-Encoding", ""),
                    "HTTP_GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                    "CONTENT_LENGTH": str(len(body)),
                    "REMOTE_ADDR": "127.0.0.1"}
                done = subprocess.run(
                    ["git", "http-backend"], input=body, env=environment,
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
                head, _, content = done.stdout.partition(b"\r\n\r\n")
                status, headers = 200, []
                for line in head.decode().split("\r\n"):
                    name, _, value = line.partition(": ")
                    if name == "Status":
                        status = int(value.split()[0])
                    elif name:
                        headers.append((name, value))
                self.send_response(status)
                for name, value in headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.url = "http://127.0.0.1:%d" % self.port
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True)
            self.url = "https://127.0.0.1:%d" % self.port
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class ConnectProxy:
    """An HTTP proxy for TLS: CONNECT, and nothing else."""

    def __init__(self):
        proxy = self
        self.targets = []
        self.status = b"200 OK"

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                method, target, _ = self.rfile.readline().decode().split()
                while self.rfile.readline().strip():
                    pass
                assert method == "CONNECT", method
                proxy.targets.append(target)
                self.wfile.write(b"HTTP/1.1 " + proxy.status + b"\r\n\r\n")
                if not proxy.status.startswith(b"200"):
                    return
                host, port = target.rsplit(":", 1)
                with socket.create_connection((host, int(port))) as far:
                    back = threading.Thread(
                        target=self.pass_on, args=(far, self.connection))
                    back.start()
                    self.pass_on(self.connection, far)
                    back.join()

            @staticmethod
            def pass_on(source, target):
                with contextlib.suppress(OSError):
                    while True:
                        data = source.recv(65536)
                        if not data:
                            break
                        target.sendall(data)
                    target.shutdown(socket.SHUT_WR)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class FixedAnswer:
    """An HTTP server that answers every request alike."""

    def __init__(self, status, body=b"", headers=None):
        answers = self
        self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

            def do_GET(self):
                answers.requests.append((self.path, str(self.headers)))
                self.send_response(status)
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class FileServer:
    """Hands out the files below `root`, as a web server without git does."""

    def __init__(self, root):

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *arguments):
                super().__init__(*arguments, directory=root)

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self.url = "http://127.0.0.1:%d" % self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class SlowLine:
    """Passes connections on to a port of this host, in pieces, with a pause
    behind each; after `silent_after` bytes nothing more comes back."""

    def __init__(self, port, piece=1 << 16, pause=0, silent_after=None):
        self.target, self.piece, self.pause = port, piece, pause
        self.silent_after = silent_after
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = self.connect()
            if server is None:
                client.close()
                continue
            threading.Thread(target=self.forward, args=(client, server),
                             daemon=True).start()
            threading.Thread(target=self.back, args=(server, client),
                             daemon=True).start()

    def connect(self):
        """To the target, which may have no room at the moment; or None."""
        for _ in range(50):
            try:
                return socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                if self.stopped.wait(0.1):
                    break
        return None

    def forward(self, client, server):
        try:
            while True:
                data = client.recv(1 << 16)
                if not data:
                    break
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def back(self, server, client):
        sent = 0
        try:
            while True:
                data = server.recv(self.piece)
                if not data:
                    break
                if self.silent_after is not None and \
                        sent + len(data) > self.silent_after:
                    self.stopped.wait(600)
                    break
                client.sendall(data)
                sent += len(data)
                if self.stopped.wait(self.pause):
                    break
        except OSError:
            pass
        for end in (server, client):
            try:
                # The other thread still reads, which keeps it open.
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def stop(self):
        self.stopped.set()
        # Closing alone leaves a thread that accepts on.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SshRemote:
    """Debian's sshd for the user who runs the test."""

    def __init__(self, directory):
        os.makedirs(directory)
        self.directory = directory
        self.host_key = self.make_key("host")
        rsa_key = self.make_key("host_rsa", "rsa")
        self.user_key = self.make_key("user")
        authorized = os.path.join(directory, "authorized_keys")
        shutil.copy(self.user_key + ".pub", authorized)
        self.port = free_port()
        config = os.path.join(directory, "sshd_config")
        with open(config, "w", encoding="ascii") as file:
            file.write("\n".join([
                "ListenAddress 127.0.0.1:%d" % self.port,
                "HostKey " + rsa_key, "HostKey " + self.host_key,
                "AuthorizedKeysFile " + authorized,
                "PidFile none", "UsePAM no", "StrictModes no",
                "PasswordAuthentication no", "PermitRootLogin yes", ""]))
        if os.geteuid() == 0:
            # sshd of root insists on it.
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        self.process = subprocess.Popen(
            ["/usr/sbin/sshd", "-D", "-e", "-f", config],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=open(os.path.join(directory, "log"), "wb"))
        self.wait_until_it_listens()
        self.known_hosts = os.path.join(directory, "known_hosts")
        with open(self.known_hosts, "w", encoding="ascii") as hosts:
            hosts.write("[127.0.0.1]:%d %s\n" % (
                self.port, self.public_key("host")))

    def make_key(self, name, kind="ed25519"):
        path = os.path.join(self.directory, name)
        bits = ["-b", "2048"] if kind == "rsa" else []
        subprocess.run(["ssh-keygen", "-q", "-t", kind, *bits, "-N", "", "-C",
                        name, "-f", path], check=True)
        return path

    def public_key(self, name):
        """Type and key, as known_hosts has them."""
        with open(os.path.join(self.directory, name + ".pub"),
                  encoding="ascii") as file:
            return " ".join(file.read().split()[:2])

    def wait_until_it_listens(self):
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        with open(os.path.join(self.directory, "log"),
                  encoding="utf-8") as log:
            raise AssertionError("sshd does not listen: " + log.read())

    def url(self, path):
        return "ssh://%s@127.0.0.1:%d%s" % (getpass.getuser(), self.port, path)

    def stop(self):
        self.process.terminate()
        self.process.wait()
