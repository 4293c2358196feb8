"""Limits of memory by control groups, where this machine lets us make them."""

import contextlib
import os
import stat
import unittest
from unittest import mock

from tests.e2e import harness
from tests.e2e.harness import echod_files, wait_for


def make_group():
    """A group with the memory controller, as a delegation makes one."""
    root = None
    with open("/proc/self/mounts", encoding="ascii") as mounts:
        for line in mounts:
            _, place, kind = line.split()[:3]
            if kind == "cgroup2":
                root = place
    if root is None:
        raise unittest.SkipTest("there are no control groups v2 here")
    with open(os.path.join(root, "cgroup.controllers"),
              encoding="ascii") as file:
        controllers = file.read().split()
    missing = {"cpu", "memory", "pids"}.difference(controllers)
    if missing:
        raise unittest.SkipTest("the control groups v2 here do not control " +
                                ", ".join(sorted(missing)))
    group = os.path.join(root, "orrery-test-%d" % os.getpid())
    try:
        with open(os.path.join(root, "cgroup.subtree_control"), "w",
                  encoding="ascii") as file:
            file.write("+cpu +memory +pids")
        os.mkdir(group)
        os.mkdir(os.path.join(group, "supervisor"))
    except OSError as error:
        raise unittest.SkipTest("no control group can be made: %s" % error)
    return group


class LimitsTest(harness.OrreryTestCase):

    def setUp(self):
        self.group = make_group()
        self.addCleanup(self.remove_group)
        super().setUp()

    def remove_group(self):
        for folder, _, _ in os.walk(self.group, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(folder)

    def start_server(self, name="data", flags=None):
        """In the group from its first instruction on."""
        program = self.path("orreryd-in-a-group")
        with open(program, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\necho $$ > %s/supervisor/cgroup.procs\n"
                       "exec %s \"$@\"\n" % (self.group, harness.ORRERYD))
        os.chmod(program, stat.S_IRWXU)
        with mock.patch.object(harness, "ORRERYD", program):
            return super().start_server(name, flags)

    def test_app_that_takes_too_much_memory_ends_with_that_reason(self):
        repository = self.make_repository(files=echod_files(
            template_changes={
                "cmd": "exec python3 -c 'b = bytearray(300 << 20)'"}))
        self.add_source("u", repository)
        self.orrery("install", "echod", "--yes", "--no-wait")
        wait_for("the reason", lambda: "memory" in " ".join(
            self.orrery("status", "echod", "-o",
                        "json").json["waiting_for"]))
        self.orrery("uninstall", "echod", "--yes")


if __name__ == "__main__":
    harness.main()
