"""A schema that points somewhere: nobody goes there."""

import ctypes
import os
import socket

from tests.e2e import harness

IN_OPEN = 0x20


class OpenWatch:
    """Whether anybody opens a file."""

    def __init__(self, path):
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if libc.inotify_add_watch(self.descriptor, path.encode(), IN_OPEN) < 0:
            raise OSError(ctypes.get_errno(), "inotify", path)

    def opened(self):
        try:
            return bool(os.read(self.descriptor, 4096))
        except BlockingIOError:
            return False


class SchemaReferenceTest(harness.OrreryTestCase):

    def setUp(self):
        super().setUp()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.setblocking(False)
        self.addCleanup(self.listener.close)
        self.secret = self.path("schema.json")
        with open(self.secret, "w", encoding="ascii") as file:
            file.write('{"x": {"type": "string"}}')
        self.watch = OpenWatch(self.secret)
        self.addCleanup(os.close, self.watch.descriptor)
        self.here = "http://127.0.0.1:%d/s.json" % \
            self.listener.getsockname()[1]

    def assert_nobody_went_there(self):
        with self.assertRaises(BlockingIOError):
            self.listener.accept()
        self.assertFalse(self.watch.opened())

    def release(self, number, reference, name="pointed", **members):
        """An echod with an option beside its own, `service.<name>`."""
        config = {"type": "object", **members, "properties": {
            "service": {"type": "object", "properties": {
                "name": {"type": "string", "default": "echod"},
                "count": {"type": "integer", "default": 1},
                "text": {"type": "string", "default": "hi"},
                "port": {"type": "integer", "default": 0},
                name: {"$ref": reference}}}}}
        return harness.echod_files(number, config=config)

    def test_remote_references_are_found_and_never_followed(self):
        references = [self.here, "http://169.254.169.254/x",
                      "file://" + self.secret,
                      "artifact:sha256:" + 64 * "0", "other.json#/x"]
        files = {}
        for number, reference in enumerate(references):
            files.update(self.release(number, reference))
            files["repo/packages/E/echod/%d/other.json" % number] = "{}"
        repository = self.make_repository(files=files)
        self.add_source("u", repository)
        self.assertEqual(self.source_status("u")["findings"]["config-ref"],
                         len(references))
        for number, reference in enumerate(references):
            wanted = "echod@release=%d" % number
            lint = self.orrery("package", "lint", os.path.join(
                repository, "repo/packages/E/echod/%d" % number), code=None)
            self.assertIn("config-ref", lint.out + lint.err, reference)
            self.assertIn("/properties/service/properties/pointed/$ref",
                          lint.out + lint.err)
            self.orrery("show", wanted)
            # Under a property that the user sets, and under one he does not.
            for options in ((), ("--set", "service.pointed=x"),
                            ("--set", "service.text=x")):
                done = self.orrery("install", wanted, "--dry-run", *options,
                                   code=None)
                self.assertNotEqual(done.code, 0, reference)
                self.assertIn("/pointed/$ref", done.err)
                self.assertIn("copy it into definitions", done.err)
        self.assert_nobody_went_there()

    def test_local_references_work_and_the_dialect_is_ignored(self):
        repository = self.make_repository(files=self.release(
            0, "#/definitions/node", **{
                "$schema": self.here,
                "id": "file://" + self.secret,
                "definitions": {"node": {"type": "object", "properties": {
                    "size": {"type": "integer"},
                    "next": {"$ref": "#/definitions/node"}}}}}))
        self.add_source("u", repository)
        self.orrery("show", "echod")
        options = self.path("options.json")
        for size, code in (("1", 0), ('"1"', 4)):
            with open(options, "w", encoding="ascii") as file:
                file.write('{"service": {"pointed": {"next": {"next": '
                           '{"size": %s}}}}}' % size)
            done = self.orrery("install", "echod", "--dry-run", "--options",
                               options, code=code)
            if code:
                self.assertIn("/service/pointed/next/next/size", done.err)
        self.assert_nobody_went_there()


if __name__ == "__main__":
    harness.main()
