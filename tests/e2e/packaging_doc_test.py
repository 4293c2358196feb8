"""docs/packaging.md as its reader follows it: what it writes becomes a package,
and the package a ZooKeeper that serves."""

import hashlib
import os
import re
import socket
import unittest

from tests.e2e import harness

PAGE = os.path.join(harness.RUNFILES, "docs/packaging.md")
FRAMEWORKS = os.environ.get("ORRERY_FRAMEWORKS", "")
TARBALL = "zookeeper-3.9.5.tar.gz"
PLACE = "repo/packages/Z/zookeeper/100/"
# How the page shortens the digest.
SHORT_DIGEST = "3a40…1de7"


def blocks():
    """By number of its section: what is in each fence of it."""
    with open(PAGE, encoding="utf-8") as page:
        sections = re.split(r"^## ", page.read(), flags=re.MULTILINE)[1:]
    return {section.split(".")[0]: re.findall(
        r"^```\w*\n(.*?)^```", section, flags=re.MULTILINE | re.DOTALL)
            for section in sections}


def ask_zookeeper(host, port):
    with socket.create_connection((host, port), timeout=10) as connection:
        connection.sendall(b"srvr")
        answer = b""
        while piece := connection.recv(4096):
            answer += piece
    return answer.decode()


def page_files(digest):
    """The files of the page's package, by name."""
    of = blocks()
    texts = {"package.json": of["2"][0], "resource.json": of["3"][1],
             "artifacts.json": of["3"][2], "config.json": of["4"][0],
             "marathon.json.mustache": of["5"][0],
             "relations.json": of["6"][0]}
    return {PLACE + name: text.replace(SHORT_DIGEST, digest)
            for name, text in texts.items()}


class LintTest(harness.OrreryTestCase):
    """Ways to break the page's package, after which no install can work."""

    # File, what stands there, what is written instead, its line of the lint.
    BREAKS = (
        ("marathon.json.mustache", '"{{service.name}}"', '"{{service.name}}',
         "marathon.json.mustache:2: error render-fails: "),
        ("marathon.json.mustache", "{{memory-mb}}", "{{memory-mbb}}",
         "marathon.json.mustache:5: warn template-unresolved: {{memory-mbb}} "
         "names no option, so it always prints nothing; did you mean "
         "{{memory-mb}}?"),
        ("marathon.json.mustache", "{{memory-mb}}", "{{memory-mb}",
         "marathon.json.mustache:5: warn template-unresolved: {{memory-mb}, "),
        ("marathon.json.mustache", "uris.archive", "uris.arhcive",
         "marathon.json.mustache:7: warn template-unresolved: "
         "{{resource.assets.uris.arhcive}} names no member of resource.json, "
         "so it always prints nothing; did you mean "
         "{{resource.assets.uris.archive}}?"),
        ("marathon.json.mustache", '"name": "admin"', '"name": "client"',
         "marathon.json.mustache:12: error render-refused: "
         "/portDefinitions(1)/name: port names must be unique; 'client' is "
         "there twice"),
        ("config.json", '"default": 256', '"default": 2',
         "config.json:16 /properties/memory-mb/default: error "
         "default-invalid: the default of /memory-mb is 2, its schema wants at "
         "least 96"),
        ("config.json", '"default": 256', '"default": "x"',
         "config.json:16 /properties/memory-mb/default: error "
         'default-invalid: the default of /memory-mb is "x", its schema wants '
         "an integer"),
    )

    def test_each_way_to_break_it_is_told_with_its_place(self):
        for number, (name, good, bad, line) in enumerate(self.BREAKS):
            files = page_files("0" * 64)
            self.assertIn(good, files[PLACE + name])
            files[PLACE + name] = files[PLACE + name].replace(good, bad, 1)
            with self.subTest(bad):
                lint = self.orrery("package", "lint", self.make_repository(
                    "broken%d" % number, files), code=None)
                self.assertEqual(lint.code, 1 if ": error " in lint.out else 0)
                self.assertIn(PLACE + line, lint.out)

    def test_examples_have_no_warnings(self):
        lint = self.orrery("package", "lint", self.example_repository(), "-o",
                           "json")
        self.assertEqual(lint.json["releases"], 13)
        self.assertEqual({finding["severity"]
                          for finding in lint.json["findings"]}, {"info"})


@unittest.skipUnless(
    FRAMEWORKS, "ORRERY_FRAMEWORKS is not set: the files of frameworks are not "
    "here")
class PackagingPageTest(harness.OrreryTestCase):

    def test_its_files_are_a_package_that_serves(self):
        archive = os.path.join(FRAMEWORKS, TARBALL)
        with open(archive, "rb") as file:
            digest = hashlib.sha256(file.read()).hexdigest()
        repository = self.make_repository(files=page_files(digest))
        lint = self.orrery("package", "lint", repository)
        self.assertIn("0 errors, 0 findings, 0 refused", lint.out)
        self.orrery("artifact", "add", archive)
        self.add_source("mine", repository)
        self.addCleanup(self.orrery, "uninstall", "zookeeper", "--yes",
                        code=None)
        installed = self.orrery("install", "zookeeper", "--yes")
        service = self.orrery("status", "zookeeper", "-o", "json").json
        endpoint = service["endpoints"][0]
        address = (endpoint["host"], endpoint["port"])
        self.assertIn("Mode: standalone", ask_zookeeper(*address))
        self.assertIn("ZooKeeper answers at %s:%d." % address, installed.err)


if __name__ == "__main__":
    harness.main()
