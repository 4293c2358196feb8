"""A caching proxy that obeys the header fields never shows anything old."""

import http.client
import json
import os
import shutil
import socket
import subprocess
import threading
import unittest
import urllib.error
import urllib.request

from tests.e2e import harness
from tests.e2e.harness import release_files

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")

CONFIGURATION = """
%(user)s
pid %(scratch)s/nginx.pid;
error_log %(scratch)s/nginx.error.log;
daemon off;
events {}
http {
  access_log off;
  client_body_temp_path %(scratch)s/body;
  proxy_temp_path %(scratch)s/proxy;
  fastcgi_temp_path %(scratch)s/fastcgi;
  uwsgi_temp_path %(scratch)s/uwsgi;
  scgi_temp_path %(scratch)s/scgi;
  proxy_cache_path %(scratch)s/cache keys_zone=all:1m;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_cache all;
  proxy_cache_revalidate on;
  add_header X-Cache $upstream_cache_status always;
  server {
    listen 127.0.0.1:%(port)d;
    location / { proxy_pass http://%(address)s; }
  }
}
"""

NAMES = ("kafka", "spark", "hdfs")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@unittest.skipUnless(NGINX, "nginx is not installed")
class CacheTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.repository = self.make_repository(files=self.releases(0))
        self.add_source("u", self.repository)
        self.port = free_port()
        path = self.path("nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIGURATION % {
                # Workers of root would be somebody who cannot look in here.
                "user": "user root;" if os.getuid() == 0 else "",
                "scratch": self.scratch, "port": self.port,
                "address": self.server.address})
        nginx = subprocess.Popen([NGINX, "-c", path, "-p", self.scratch],
                                 stderr=subprocess.DEVNULL)
        self.addCleanup(nginx.wait)
        self.addCleanup(nginx.terminate)
        harness.wait_for("nginx", self.nginx_answers)

    def nginx_answers(self):
        try:
            return self.get("/healthz").status == 200
        except urllib.error.URLError:
            return False

    def releases(self, number):
        files = {}
        for name in NAMES:
            files.update(release_files(name, number, "1.%d" % number))
        return files

    def publish(self, number):
        self.commit(self.repository, self.releases(number))
        self.server.request("POST", "/v1/sources/u:sync", body={})

    def get(self, path, headers=None):
        """Through the proxy."""
        request = urllib.request.Request(
            "http://127.0.0.1:%d%s" % (self.port, path), headers=headers or {})
        try:
            response = urllib.request.urlopen(request,
                                              timeout=harness.PATIENCE)
        except urllib.error.HTTPError as error:
            response = error
        response.data = response.read()
        return response

    def test_what_is_published_is_there_at_once(self):
        paths = ["/v1/packages", *("/v1/packages/" + name for name in NAMES),
                 *("/v1/packages/%s/releases" % name for name in NAMES)]
        for path in paths:
            self.get(path)
        self.publish(1)
        for path in paths:
            through = self.get(path)
            self.assertEqual(through.data, self.server.get(path).data, path)
            self.assertIn(b'"1.1"', through.data, path)
            self.assertNotIn(through.headers["X-Cache"], ("HIT", "STALE"))

    def test_the_command_sees_the_names_of_one_push_together(self):
        environment = {"ORRERY_SERVER": "http://127.0.0.1:%d" % self.port}
        for name in NAMES:
            self.orrery("show", name, env=environment)
        self.publish(2)
        for name in NAMES:
            shown = self.orrery("show", name, "-o", "json",
                                env=environment).json
            self.assertEqual(shown["version"], "1.2")

    def test_one_command_is_answered_from_one_snapshot(self):
        environment = {"ORRERY_SERVER": "http://127.0.0.1:%d" % self.port}
        for number in (3, 4):
            self.publish(number)
            answer = self.orrery("resolve", *NAMES, "-o", "json",
                                 env=environment).json
            self.assertEqual(
                {item["node"]: item["version"] for item in answer["items"]},
                {name: "1.%d" % number for name in NAMES})

    def test_no_tag_has_two_bodies_and_no_304_hides_a_change(self):
        publications, reads = 100, 10_000
        bodies = {}
        faults = []
        counts = [0, 0, 0, 0]
        done = threading.Event()

        def read(reader, encoding):
            connection = http.client.HTTPConnection(
                "127.0.0.1", self.port, timeout=harness.PATIENCE)
            tag = None
            newest = -1
            while not done.is_set():
                headers = {"Accept-Encoding": encoding}
                if tag:
                    headers["If-None-Match"] = tag
                floor = self.published
                connection.request("GET", "/v1/packages/kafka/releases",
                                   headers=headers)
                answer = connection.getresponse()
                body = answer.read()
                tag = answer.headers["ETag"]
                if answer.status == 200:
                    if bodies.setdefault(tag, body) != body:
                        faults.append("%s has two bodies" % tag)
                    if encoding == "identity":
                        newest = json.loads(body)["releases"][0]["release"]
                elif answer.status != 304:
                    faults.append(answer.status)
                if encoding == "identity" and newest < floor:
                    faults.append("%d after %d was published" % (
                        newest, floor))
                counts[reader] += 1
            connection.close()

        self.published = 0
        readers = [
            threading.Thread(target=read, args=(reader, encoding))
            for reader, encoding in enumerate(
                ("identity", "identity", "gzip", "zstd"))]
        for reader in readers:
            reader.start()
        try:
            for number in range(1, publications + 1):
                self.publish(number)
                self.published = number
            harness.wait_for("%d reads" % reads,
                             lambda: faults or sum(counts) >= reads)
        finally:
            done.set()
            for reader in readers:
                reader.join()
        self.assertEqual(faults, [])
        self.assertGreater(len(bodies), publications)


if __name__ == "__main__":
    harness.main()
