"""The HTTP API as browsers, scripts and strangers meet it."""

import gzip
import http.client
import json
import socket
import urllib.parse

from tests.e2e import harness
from tests.e2e.harness import echod_files, release_files


class HttpApiTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.repository = self.make_repository(files={
            **echod_files(0), **release_files("kafka", 0)})
        self.add_source("u", self.repository)

    def raw(self, text):
        """What the server answers to these bytes, until it closes or pauses."""
        host, port = self.server.address.rsplit(":", 1)
        with socket.create_connection((host, int(port)), timeout=5) as stream:
            stream.sendall(text)
            answer = b""
            try:
                while True:
                    piece = stream.recv(65536)
                    if not piece:
                        break
                    answer += piece
                    if b"\r\n\r\n" in answer:
                        break
            except socket.timeout:
                pass
            return answer.decode("latin-1")

    def test_package_is_the_same_object_as_show(self):
        shown = self.orrery("show", "echod", "-o", "json").json
        fetched = self.server.get_json("/v1/packages/echod")
        self.assertEqual(fetched, shown)
        self.assertEqual(fetched["name"], "echod")
        self.assertEqual(fetched["package"]["packagingVersion"], "4.0")
        self.assertIsNone(
            self.server.get_json("/v1/packages/kafka")["config"])
        self.assertEqual(
            self.server.get_json("/v1/packages/echod/releases/0"), shown)

    def test_lists_are_paged(self):
        first = self.server.get_json("/v1/packages?page_size=1")
        self.assertEqual([p["name"] for p in first["packages"]], ["echod"])
        token = urllib.parse.quote(first["next_page_token"])
        second = self.server.get_json(
            "/v1/packages?page_size=1&page_token=" + token)
        self.assertEqual([p["name"] for p in second["packages"]], ["kafka"])
        self.assertIsNone(second["next_page_token"])
        self.assertEqual(
            self.server.get("/v1/packages?page_size=-1").status, 400)

    def test_unchanged_answer_is_304(self):
        first = self.server.get("/v1/packages/echod")
        tag = first.headers["ETag"]
        again = self.server.get("/v1/packages/echod", {"If-None-Match": tag})
        self.assertEqual((again.status, again.data), (304, b""))
        self.commit(self.repository, echod_files(1))
        self.orrery("source", "sync", "u")
        changed = self.server.get("/v1/packages/echod", {"If-None-Match": tag})
        self.assertEqual(changed.status, 200)
        self.assertNotEqual(changed.headers["ETag"], tag)

    def test_answers_are_compressed_on_demand(self):
        plain = self.server.get("/v1/packages/echod")
        packed = self.server.get("/v1/packages/echod",
                                 {"Accept-Encoding": "gzip"})
        self.assertEqual(packed.headers["Content-Encoding"], "gzip")
        self.assertEqual(gzip.decompress(packed.data), plain.data)
        zstd = self.server.get("/v1/packages/echod",
                               {"Accept-Encoding": "gzip;q=0.5, zstd"})
        self.assertEqual(zstd.headers["Content-Encoding"], "zstd")

    def test_errors_are_problem_documents(self):
        answer = self.server.get("/v1/packages/kafak")
        self.assertEqual(answer.status, 404)
        self.assertEqual(answer.headers["Content-Type"],
                         "application/problem+json")
        problem = json.loads(answer.data)
        self.assertEqual(problem["status"], 404)
        self.assertEqual(problem["reason"], "PACKAGE_NOT_FOUND")
        self.assertIn("kafka", json.dumps(problem))
        self.assertEqual(self.server.get("/v1/nothing").status, 404)
        wrong_verb = self.server.request("DELETE", "/v1/packages/kafka", {})
        self.assertEqual(wrong_verb.status, 405)

    def test_option_faults_are_in_the_problem(self):
        answer = self.server.request(
            "POST", "/v1/clusters/local/services",
            {"package": "echod", "options": {"service": {"count": -1}}})
        self.assertEqual(answer.status, 409)
        problem = json.loads(answer.data)
        self.assertEqual(problem["reason"], "OPTIONS_INVALID")
        self.assertEqual([e["pointer"] for e in problem["errors"]],
                         ["/service/count"])

    def test_web_page_cannot_drive_it(self):
        body = {"name": "x", "url": self.repository}
        foreign = {"Origin": "https://evil.example"}
        self.assertEqual(self.server.request(
            "POST", "/v1/sources", body, foreign).status, 403)
        self.assertEqual(self.server.request(
            "POST", "/v1/sources", json.dumps(body).encode(),
            {"Content-Type": "text/plain"}).status, 415)
        self.assertIn(self.server.request(
            "GET", "/v1/packages", headers={"Host": "evil.example"}).status,
            (403, 421))
        self.assertEqual(
            [s["name"] for s in self.server.get_json("/v1/sources")["sources"]],
            ["u"])

    def test_malformed_requests_are_answered_and_reads_go_on(self):
        for text in (b"GARBAGE\r\n\r\n", b"GET\r\n\r\n",
                     b"GET / HTTP/9.9\r\n\r\n",
                     b"GET /v1/packages HTTP/1.1\r\nHost: a\r\nHost: b\r\n"
                     b"Content-Length: x\r\n\r\n"):
            answer = self.raw(text)
            self.assertRegex(answer, r"^(HTTP/1\.1 (4|5)\d\d|$)", text)
        huge = b"GET / HTTP/1.1\r\nX: " + b"a" * 100000 + b"\r\n\r\n"
        self.assertRegex(self.raw(huge), r"^HTTP/1\.1 (431|400)")
        self.assertEqual(self.server.get("/readyz").status, 200)

    def test_oversized_body_is_refused(self):
        answer = self.raw(
            b"POST /v1/sources HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/json\r\n"
            b"Content-Length: 1000000000\r\n\r\n")
        self.assertRegex(answer, r"^HTTP/1\.1 413")

    def test_head_has_the_headers_of_get(self):
        address = self.server.address
        connection = http.client.HTTPConnection(address, timeout=10)
        connection.request("HEAD", "/v1/packages/echod")
        head = connection.getresponse()
        self.assertEqual(head.read(), b"")
        # The same connection serves the next request.
        connection.request("GET", "/v1/packages/echod")
        get = connection.getresponse()
        body = get.read()
        self.assertEqual(head.headers["Content-Length"], str(len(body)))
        self.assertEqual(head.headers["ETag"], get.headers["ETag"])
        connection.close()

    def test_metrics_health_and_openapi_answer(self):
        self.assertEqual(self.server.get("/healthz").status, 200)
        metrics = self.server.get("/metrics").data.decode()
        self.assertIn("orrery_snapshot_packages 2", metrics)
        self.assertIn("orrery_build_info{", metrics)
        document = self.server.get_json("/openapi.json")
        self.assertTrue(document["openapi"].startswith("3.1"))
        self.assertIn("/v1/packages/{package}", document["paths"])

    def test_artifacts_have_ranges_and_are_checked(self):
        content = b"0123456789" * 1000
        path = self.path("file.bin")
        with open(path, "wb") as file:
            file.write(content)
        uri = self.orrery("artifact", "add", path).out.strip()
        digest = uri.split(":")[2].split("/")[0]
        url = "/v1/artifacts/sha256/" + digest
        self.assertEqual(self.server.get(url + "/file.bin").data, content)
        part = self.server.get(url, {"Range": "bytes=10-14"})
        self.assertEqual((part.status, part.data), (206, b"01234"))
        self.assertEqual(part.headers["Content-Range"], "bytes 10-14/10000")
        past = self.server.get(url, {"Range": "bytes=20000-"})
        self.assertEqual(past.status, 416)
        wrong = self.server.request(
            "PUT", "/v1/artifacts/sha256/" + "0" * 64, b"other",
            {"Content-Type": "application/octet-stream"})
        self.assertIn(wrong.status, (400, 409, 422))
        listing = self.orrery("artifact", "list", "-o", "json").json
        self.assertEqual([a["sha256"] for a in listing["artifacts"]], [digest])
        self.orrery("artifact", "remove", digest, "--yes")
        self.assertEqual(self.server.get(url).status, 404)

    def test_logs_are_json_lines(self):
        self.server.get("/v1/packages/kafka",
                        {"X-Request-Id": "my-request-1"})

        def mine_in_log():
            lines = [json.loads(l) for l in self.server.log_text().splitlines()]
            return [l for l in lines if l.get("request_id") == "my-request-1"]

        # Lines of requests are written several times a second.
        mine = harness.wait_for("the line", mine_in_log)
        self.assertEqual(len(mine), 1)
        self.assertIn("ts", mine[0])
        self.assertIn("level", mine[0])


class ListenTest(harness.OrreryTestCase):

    def test_listening_beyond_loopback_needs_insecure(self):
        open_server = harness.Server(self.path("open"), http="0.0.0.0:0")
        with self.assertRaisesRegex(AssertionError, "--insecure"):
            open_server.start()


if __name__ == "__main__":
    harness.main()
